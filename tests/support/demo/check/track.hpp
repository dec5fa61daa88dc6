// SPDX-License-Identifier: MIT
// What the timeline says about the recording: when the guard stood in front of the sink, which ceiling was in force at each
// frame, when it settled and how fast it might rise, and what the user wanted.
#pragma once

#include "take.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace soundwarden::check {

inline constexpr Nanoseconds millisecond = 1'000'000;
/// "From edge + 10 ms + 1 quantum".
inline constexpr Nanoseconds promised_reaction = 10 * millisecond;
/// Machines are loaded: up to here a late reaction is told and judged from where it came, beyond it has failed.
inline constexpr Nanoseconds longest_reaction = 50 * millisecond;
/// The daemon's "decided" is the time at which its line was read: what it did in that step was done a little earlier.
inline constexpr Nanoseconds reading_delay = 50 * millisecond;

/// What the limiter holds and releases is over after that: 20 ms and ten time constants of 50 ms, which leave 0.0004 dB of
/// any reduction.
inline constexpr Nanoseconds limiter_rest = 500 * millisecond;

inline constexpr double slow_rise_db_per_s = 6.0;
inline constexpr double known_rise_db_per_s = 30.0;

struct Span {
    Frame from = 0;
    Frame to = 0;
    bool contains(Frame frame) const { return frame >= from && frame < to; }
};

/// Something was plugged in or out while a guard was there.
struct Edge {
    Nanoseconds t_ns = 0;
    Frame frame = 0;
    bool in = false;
    bool settled_before = false;      ///< the earlier settling was over
    std::optional<Nanoseconds> decided; ///< the end of settling; nothing: another edge came first
    Frame settled_at = 0;             ///< the frame of `decided`, or of the next edge
    double gain_before = 0.0;         ///< sample at the sink / sample played
    std::optional<Frame> clamped;     ///< the first frame that was turned down; nothing: it was already low
    Nanoseconds judged_from_ns = 0;   ///< t_ns + the reaction, at least 10 ms, + 1 quantum
};

/// From here on the gain may rise, until the next edge.
struct Rise {
    Nanoseconds t_ns = 0;
    double db_per_s = slow_rise_db_per_s;
};

/// A part in which the level had come to rest.
struct Steady {
    Span span;
    std::string phase;
    std::string route;      ///< of the card, active in it
    bool for_ears = false;
    std::optional<double> volume; ///< amplitude that the user should have there; nothing: unknown

    /// The gain that goes with it where this ceiling is in force.
    double wanted_gain(float ceiling) const { return volume.value_or(0.0) * std::min(1.0, static_cast<double>(ceiling)); }
};

struct Phase {
    std::string name;
    Span span;
};

struct Track {
    std::vector<Span> guarded;
    std::vector<Edge> edges;
    std::vector<Rise> rises;
    std::vector<Nanoseconds> settlings; ///< their beginnings: edges, and guards that were made
    std::vector<Steady> steady;
    std::vector<Steady> limited;     ///< the parts in which the music, at the user's volume, asks for more than the ceiling
    std::vector<Phase> phases;
    std::vector<std::pair<Nanoseconds, Nanoseconds>> relinked; ///< the links into the sink were just changed
    std::vector<Span> volume_moves;  ///< just after the user or another program moved a volume, while guarded
    std::vector<float> ceiling;      ///< for each frame, amplitude; infinity: none was published
    /// The ceiling again where the limiter cannot have been at work, so that a ratio of two samples is the gain of the slider
    /// and the cap; negative elsewhere. Where it may have been at work a ratio is that gain or less.
    std::vector<float> idle;
    std::optional<Frame> stopped;    ///< SIGTERM to the daemon
    std::optional<double> last_ceiling; ///< amplitude published last before that

    const Phase *phase(const std::string &name) const;
    bool is_guarded(Frame frame) const;
};

Track make_track(const Take &take);

} // namespace soundwarden::check
