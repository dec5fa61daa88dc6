// SPDX-License-Identifier: MIT
// The way out: silence, a limit and the user's volume in the sink itself, and only then the guard goes. Never louder.
#pragma once

#include "sink.hpp"
#include "step.hpp"

#include <optional>

namespace soundwarden::engine {

/// The guard goes silent and the plan for the sink is made.
void begin_leaving(Sink &sink, Step &step);

/// The user ends protection: silence, the route down to what a released sink is left at, then the guard goes and the sink
/// is free. Also where a guard is wanted and could not be made.
void begin_release(Sink &sink, Step &step);

/// The guard stays after all, as after an edge.
void abandon_release(Sink &sink, Step &step);

/// The next stage, when its confirmation or its time has come.
void go_on_leaving(Sink &sink, Step &step);

std::optional<Time> leaving_deadline(const Sink &sink);

} // namespace soundwarden::engine
