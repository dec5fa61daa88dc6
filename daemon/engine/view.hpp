// SPDX-License-Identifier: MIT
// The state as others see it.
#pragma once

#include "engine/engine.hpp"
#include "engine/snapshot.hpp"
#include "memory.hpp"
#include "sink.hpp"

#include <map>
#include <vector>

namespace soundwarden::engine {

/// faults: those of the machinery, as events reported them.
Snapshot make_snapshot(const std::map<SinkKey, Sink> &sinks, const Memory &memory, const std::vector<Reason> &faults,
                       bool pipewire_lost);

} // namespace soundwarden::engine
