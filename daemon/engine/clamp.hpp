// SPDX-License-Identifier: MIT
// The bound inside the sink, behind the guard and behind whatever comes past it (architecture.md, layer 4).
#pragma once

#include "sink.hpp"
#include "step.hpp"

#include <optional>

namespace soundwarden::engine {

/// The clamp for a guard that is ordered to this ceiling at the sink (dB; open_db: none), where it is not there already.
/// Safety: it falls in the step in which the guard falls, before it, and rises only with an order that lets the guard rise.
/// The guard's own samples never reach beyond it: both are the same float.
void clamp_sink(Sink &sink, Step &step, double ceiling_db);

/// Another program changed what stands inside the sink: counted, and reported at most every 10 s.
void heed_tampering(Sink &sink, Tamper what, Step &step);

/// A minute after the last time it is no longer shown.
void forget_tampering(Sink &sink, const Step &step);
std::optional<Time> tampering_deadline(const Sink &sink);

} // namespace soundwarden::engine
