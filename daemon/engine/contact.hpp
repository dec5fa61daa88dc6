// SPDX-License-Identifier: MIT
// Plugs that rattle: a contact that opens and closes again and again.
#pragma once

#include "sink.hpp"
#include "step.hpp"

namespace soundwarden::engine {

/// More than three edges of its jacks within 2 s: for the next 5 s the clamp holds, and the single edges are not reported.
bool rattles(const Sink &sink, Time now);

/// Counts an edge (`contact`: of a jack), reports a contact that has begun to rattle, once, and gives how long to settle behind it:
/// `usual`, or longer.
Duration hold_after_edge(Sink &sink, bool contact, Duration usual, Step &step);

} // namespace soundwarden::engine
