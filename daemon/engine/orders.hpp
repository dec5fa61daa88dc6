// SPDX-License-Identifier: MIT
// Orders to the guard: down at an edge, settle, up by a ramp; and what is published of the ceiling.
#pragma once

#include "sink.hpp"
#include "step.hpp"

namespace soundwarden::engine {

/// Makes the guard: silent, under the settling ceiling, with this volume on its main node.
void make_guard(Sink &sink, Step &step, double volume, bool mute);

/// An edge: in this very step down to the settling level, under the settling ceiling; settling starts anew and lasts at
/// least `hold`. rescale_db <= 0 takes back what the user's volume in front of the guard gains in the same step.
/// Safety: the guard's gain and ceiling only ever fall here.
void clamp_to_settling(Sink &sink, Step &step, double rescale_db, Duration hold);

/// While it settles: a limit that was left inside the sink goes as soon as the guard in front is lower by as much. Who plays through both
/// of them waits in silence.
void take_over_limit(Sink &sink, Step &step);

/// When the time is over and everything is in place: up to what the decision allows.
void try_settle(Sink &sink, Step &step);

/// The active output is allowed something else from now on, and nothing was plugged: down at once, up from where it is.
void open_up(Sink &sink, Step &step);

/// The dose wants another level at the ear: the governor goes there by its own slow pace; nothing else moves.
void follow_dose(Sink &sink, Step &step);

/// The sink's software gain changed: the ceiling in front of it follows, down at once, up by the ramp.
void follow_software_gain(Sink &sink, Step &step);

/// Publishes a raised ceiling once it is in force.
void publish_when_due(Sink &sink, Step &step);

/// Notes an output that played at its full level with a certain load: it may come back quickly within a minute.
void note_certain(const Sink &sink, Step &step);

/// The guard's gain goes to silence by the 5 ms ramp.
void silence(Sink &sink, Step &step);

/// Silent until open_again(), ceiling and all; what is published is "block". Nothing settles meanwhile (Memory::panic).
void hold_silent(Sink &sink, Step &step);
void open_again(Sink &sink, Step &step);

/// How long after an edge this sink settles: as the policy says, and longer where its codec takes its time.
Duration settle_time(const Sink &sink, const Step &step);

/// The gain, dB, at which this sink's guard is held while it settles.
double settling_level(const Sink &sink, const Memory &memory);

} // namespace soundwarden::engine
