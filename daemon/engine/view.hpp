// SPDX-License-Identifier: MIT
// The state as others see it.
#pragma once

#include "engine/engine.hpp"
#include "engine/snapshot.hpp"
#include "memory.hpp"
#include "sink.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace soundwarden::engine {

/// faults: those of the machinery, as events reported them.
Snapshot make_snapshot(const std::map<SinkKey, Sink> &sinks, const Memory &memory, const std::map<std::uint32_t, CardFacts> &cards,
                       const std::vector<Reason> &faults, bool pipewire_lost, bool fail_safe);

} // namespace soundwarden::engine
