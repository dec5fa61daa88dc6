// SPDX-License-Identifier: MIT
// The user's own acts: followed and remembered for the active output and its class of load.
#pragma once

#include "sink.hpp"
#include "step.hpp"

namespace soundwarden::engine {

void wish_volume(Sink &sink, Step &step, double volume);
void wish_mute(Sink &sink, Step &step, bool mute);

/// The shift, dB <= 0, that takes back a rise of a volume in the guard's path from `before` to `after`.
double rescale_between(double before, double after);

} // namespace soundwarden::engine
