// SPDX-License-Identifier: MIT
// The user's volume: in the guard, per (output, class of load); the route behind it at 1.0 (architecture.md, "Where the
// user's volume lives").
#pragma once

#include "sink.hpp"
#include "step.hpp"

namespace soundwarden::engine {

/// From the last change of a volume until it is stored.
inline constexpr Duration save_after = std::chrono::seconds(1);

/// Two amplitudes that a card or a client may have rounded.
bool same_volume(double a, double b);

/// The user's volume for this output in the guard (amplitude), as a plug gives it: start level and memory heeded.
double plug_volume(const Sink &sink, const Output &output, const Memory &memory);
bool plug_mute(const Sink &sink, const Output &output, const Memory &memory);

/// The active route is new to us (first sight, switch, sink made anew): whose volume it is is open again.
void take_up_route(Sink &sink, Step &step);

/// Writes the active route's volume at once: it was held at 1.0 before the switch, so it is again in the same step.
void hold_route_at_once(Sink &sink, Step &step);

/// The active route's volume or mute was changed: our own write read back, WirePlumber's restore, or the user's wish.
void heed_route(Sink &sink, const RouteState &before, Step &step);

/// Raises, puts back and retries, as links, confirmations and time have it. At the end of each step.
void tend_route(Sink &sink, Step &step);

/// Bluetooth and USB devices with buttons of their own: only ever lowered, at a plug, to the start level.
void lower_knob(Sink &sink, Step &step);

/// Sets the guard's volume, where it is not there already.
void set_guard_volume(Sink &sink, Step &step, double volume, bool mute);

/// The guard's node has a new volume: our own echo, WirePlumber's restore, or the user's slider.
void heed_guard_volume(Sink &sink, const GuardVolume &event, Step &step);

/// Leaves the route where an application that comes past the guard finds no more than the user's own volume.
void put_route_back(Sink &sink, Step &step);

/// Hands volumes that rested for a second (all: any) to the store.
void save_volumes(Step &step, bool all);

} // namespace soundwarden::engine
