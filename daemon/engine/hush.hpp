// SPDX-License-Identifier: MIT
// Panic: a sink to silence, by its guard or, where there is none, by its mute; and back.
#pragma once

#include "sink.hpp"
#include "step.hpp"

namespace soundwarden::engine {

/// Silent at once (5 ms) until unhush(), whatever is plugged or asked for.
void hush(Sink &sink, Step &step);

/// The channels of a guarded sink that pass its guard as they are.
void hush_besides(Sink &sink, Step &step);

/// Another route plays, or the sink was made anew: silent too, and the one before gets its mute back when it plays again.
void follow_hush(Sink &sink, const SinkFacts &before, Step &step);

/// Back: a guard rises by its ramp, a mute of ours goes.
void unhush(Sink &sink, Step &step);

/// A mute that an earlier run left: it goes on where the panic does, else it is taken back.
void take_over_hush(Sink &sink, Step &step);

} // namespace soundwarden::engine
