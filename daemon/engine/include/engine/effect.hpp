// SPDX-License-Identifier: MIT
// What the engine wants done. Adapters carry these out in order, in the same main-loop step as the event that caused them.
#pragma once

#include "engine/event.hpp"
#include "model/limiter_mode.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace soundwarden::engine {

/// Where a guard's gain and ceiling shall go. Linear values are already rounded toward zero.
struct GuardOrder {
    std::uint64_t generation = 0;
    float gain = 0.0F;            ///< amplitude
    float ceiling = std::numeric_limits<float>::infinity(); ///< amplitude; +infinity: none
    float rise_db_per_s = 0.0F;   ///< 0: may only fall
    Decibels rescale{0.0};        ///< <= 0: at once, for a rise of the user's volume in the same step
    /// The highest A-weighted level over 30 s, dB re a full-scale sine; +infinity: the governor rests.
    Decibels governor{std::numeric_limits<double>::infinity()};
    LimiterMode mode = LimiterMode::guard;
    float release_seconds = 0.05F; ///< of the limiter
    bool operator==(const GuardOrder &) const = default;
};

/// Tells the session manager's part what a sink is to be: guarded (nothing reaches it but by its guard, also when we are gone)
/// or free. Comes before MakeGuard. `hidden`: out of other clients' sight (posture strict), until it is free.
struct DeclareSink { SinkKey sink; bool guarded = false; bool hidden = false; };
/// Make the pair in front of a sink. The order is in force from its first cycle; the volume is set before it is linked.
struct MakeGuard {
    SinkKey sink;
    GuardOrder order;
    double volume = 1.0; ///< of the main node, amplitude
    bool mute = false;
    std::string description;
    std::string icon;
    std::vector<std::uint32_t> channels{}; ///< of the sink, from 1, that it guards; the others pass as they are. Empty: all
    bool hold_device = false; ///< keeps the sink running, and so its card open, also while nothing plays
};
/// `released`: the user ended protection, which is said on the main node before it goes.
struct DropGuard { SinkKey sink; bool released = false; };
struct OrderGuard { SinkKey sink; GuardOrder order; };
/// The user's volume on the guard's main node (amplitude, all channels alike; relations between channels are kept by the adapter).
struct SetGuardVolume { SinkKey sink; double volume = 1.0; bool mute = false; };
struct NameGuard { SinkKey sink; std::string description; std::string icon; };
/// Publishes `soundwarden.ceiling-db` on the main node: dBFS, nothing for "none", `blocked` for "block".
struct PublishCeiling { SinkKey sink; std::optional<Decibels> ceiling; bool blocked = false; };
/// The active route's volume (amplitude), and its mute where given. `save`: the session manager is to store it.
struct WriteRoute { SinkKey sink; std::uint32_t route = 0; double volume = 1.0; std::optional<bool> mute; bool save = false; };
/// The volume of the sink's own node (amplitude, all channels), where it has no route.
struct LowerSink { SinkKey sink; double volume = 1.0; };
/// Mutes the active route, or the node where the sink has none; nobody is to store it.
struct MuteSink { SinkKey sink; bool mute = false; };
/// The sink is muted by us, with the user's own mute; nothing: no longer.
struct RememberMute { SinkKey sink; std::optional<bool> mute; };
/// Limit inside the sink for when no guard is in front: full scale gives no more than `level` (amplitude); 1.0 takes it away.
struct LimitSink { SinkKey sink; double level = 1.0; };
/// Bound inside the sink, guard or not: no sample from anybody above `ceiling` (amplitude before the sink's own volume, which
/// is held at 1.0 with it; 0: nothing passes; +infinity: no bound). Comes before the order that it goes with.
struct ClampSink {
    SinkKey sink;
    float ceiling = std::numeric_limits<float>::infinity();
    std::vector<std::uint32_t> channels{}; ///< as MakeGuard::channels
};
struct RememberVolume { OutputId output; LoadClass load_class = LoadClass::unknown; double volume = 1.0; };
struct RememberMark { SinkKey sink; std::string route; std::optional<double> volume; }; ///< nothing: forget the mark
struct RememberLeftAlone { OutputId output; bool left_alone = false; };
/// An answer to keep, or nothing: forget it (for no output: all of them). `age`: since it was given; `plugs`: how often it was used since.
struct RememberAnswer { OutputId output; std::optional<Answer> answer; Duration age{}; std::uint32_t plugs = 0; };
/// `panic` holds, or no longer; outlives the run.
struct RememberPanic { bool on = false; };
/// A sink without a guard is muted for a panic, with the user's own mute; nothing: no longer.
struct RememberPanicMute { SinkKey sink; std::optional<bool> mute; };
/// What the session manager's part does with a sink whose guard went away: silent for so long, then at this level or its last ceiling.
struct OrphanRules { Duration silence{}; Decibels level; };
/// Whether encoded streams, which nothing can limit, may reach this sink while it has no guard. (With one they never do.)
struct AdmitEncoded { SinkKey sink; bool admitted = true; };
/// A release was given up: what it leaves could not be made low. The guard holds again.
struct ReleaseFailed { SinkKey sink; std::string sentence; };
/// One short cue in the guard of this sink, in front of its limiter. `peak`: amplitude of its highest sample, before the user's
/// volume and the gain.
struct PlayCue { SinkKey sink; float peak = 0.0F; };

enum class Level : std::uint8_t { debug, info, warning, error };
/// One line for the journal. `what` is a stable token ("edge", "decision", …).
struct Report { Level level = Level::info; std::string what; SinkKey sink; std::string text; };
/// Everything that had to be left in a safe state is: end.
struct Finish { int exit_code = 0; };

using Effect = std::variant<DeclareSink, MakeGuard, DropGuard, OrderGuard, SetGuardVolume, NameGuard, PublishCeiling, WriteRoute,
                            LowerSink, MuteSink, RememberMute, LimitSink, ClampSink, RememberVolume, RememberMark, RememberLeftAlone,
                            RememberAnswer, RememberPanic, RememberPanicMute, OrphanRules, AdmitEncoded, ReleaseFailed, PlayCue, Report, Finish>;
using Effects = std::vector<Effect>;

} // namespace soundwarden::engine

template <> struct soundwarden::Names<soundwarden::engine::Level> {
    using E = soundwarden::engine::Level;
    static constexpr std::array<std::pair<E, std::string_view>, 4> table{{
        {E::debug, "debug"},
        {E::info, "info"},
        {E::warning, "warning"},
        {E::error, "error"},
    }};
};
