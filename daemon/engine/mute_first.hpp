// SPDX-License-Identifier: MIT
// A stream that plays into the raw sink while its guard is made would be heard unguarded until the session manager has moved
// it. Where nothing of ours in the session manager holds it, the sink is muted first (reference: guard-pair.md §4).
#pragma once

#include "sink.hpp"
#include "step.hpp"

#include <optional>

namespace soundwarden::engine {

/// Before a guard is made: the marker on disk, then the mute. Nothing where nobody plays past it, or the session manager's
/// part shuts the sink anyway.
void mute_first(Sink &sink, Step &step);

/// A mute that an earlier run (or an earlier life of this sink) left.
void take_over_mute(Sink &sink, Step &step);

/// Undoes it when nothing reaches the sink past the guard any more, or after 2 s: never silent for ever.
void tend_mute(Sink &sink, Step &step);

/// Undoes it now, on the way out.
void undo_mute(Sink &sink, Step &step);

/// The user's own mute of the route (or of the node without one).
bool user_mute(const Sink &sink);
/// The mute that the sink, or its active route, shows now, whoever set it.
bool shown_mute(const Sink &sink);

} // namespace soundwarden::engine
