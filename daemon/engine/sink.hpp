// SPDX-License-Identifier: MIT
// The state of one raw sink: what is known of it, the guard in front of it, and who holds its route's volume.
#pragma once

#include "classify/classify.hpp"
#include "engine/effect.hpp"
#include "level_bounds.hpp"
#include "memory.hpp"
#include "model/answer.hpp"
#include "model/classification.hpp"
#include "model/decision.hpp"
#include "model/limiter_mode.hpp"
#include "model/socket.hpp"
#include "policy/decide.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace soundwarden::engine {

/// What an output's rules hang on: worked out once for each policy and facts, whatever is plugged in.
struct Ground {
    std::shared_ptr<const policy::PolicySet> set;
    Posture posture;
    SocketFacts socket; ///< without what is plugged in
    classify::Description seen;
    policy::Profile profile;
    policy::OutputNames names;
    OutputKind trusted_kind; ///< what the socket is without the user's own word
    policy::Subject subject;
    std::optional<classify::Called> called{}; ///< the model that the device's name looks like
    std::optional<Decibels> settling_ceiling{};
    bool needs_guard = false;
};

/// One place where sound leaves through this sink: a route of it, or the sink itself where it has none.
struct Output {
    std::string raw_key; ///< what the id was made of
    OutputId id;
    std::string name;
    std::optional<std::uint32_t> route; ///< RouteFacts::index
    std::string route_name;
    std::vector<std::uint32_t> channels; ///< the group of the sink's channels it is, from 1; empty: all
    Availability availability = Availability::unknown; ///< by the route and by what is sensed of the card
    std::string jacks{};       ///< classify::jack_state: another text is an edge
    Fingerprint fingerprint{}; ///< of what hangs there now
    Duration settle{};         ///< how long its facts keep coming in
    std::shared_ptr<const Ground> ground{};
    OutputFacts facts;
    Volts class_full_scale;
    Classification classification;
    Decision decision;
    std::optional<Ear> ear{};  ///< OutputView::ear
    std::optional<Decibels> settling_ceiling;
    bool needs_guard = false;
    bool locked = false;     ///< a locked rule bounds it, with one load or another
    LimiterMode mode = LimiterMode::guard;
    double release_ms = 50.0;
    bool hold_device = false;
    bool encoded = true;     ///< encoded streams may reach it while it has no guard
    bool asks = false;       ///< what hangs there matters, and is to be asked
    bool eased = false;      ///< an answer gives it more than it would get without
    bool left_alone = false; ///< the user's word: allowed, whatever is plugged in

    Load load() const { return classification.loads.empty() ? Load::unknown : classification.loads.front().load; }
    LoadClass load_class() const { return class_of(load()); }
    VolumeKey volume_key() const { return {id, load_class()}; }
};

/// Counts rewrites, so that two programs that both insist do not write for ever.
class RateLimit {
  public:
    /// Whether one more is due; at most 10 in 2 s.
    bool admit(Time now) {
        while (!times_.empty() && now - times_.front() > window) times_.pop_front();
        if (times_.size() >= most) return false;
        times_.push_back(now);
        return true;
    }
    void clear() { times_.clear(); }

  private:
    static constexpr std::size_t most = 10;
    static constexpr Duration window = std::chrono::seconds(2);
    std::deque<Time> times_;
};

/// A volume of ours on its way to the guard's node, whose echo is still to come.
struct OwnVolume {
    double volume = 1.0;
    bool mute = false;
    Time at{};
};

struct Guard {
    GuardOrder order;        ///< the last one
    std::uint64_t taken = 0; ///< generation that the data thread has confirmed
    LevelBounds gain;
    LevelBounds ceiling; ///< at the sink, its software gain included
    double rise = 0.0;   ///< of the last order
    /// A-weighted level over 30 s at the sink, dB re a full-scale sine; kept while facts come in. +infinity: no limit.
    double ear_limit = open_db;
    bool linked = false;
    bool settled = false;
    bool limiter_acts = false; ///< LimiterActs::acts
    bool opened = false; ///< has been settled at least once since it was made
    bool limit_taken_over = false;  ///< its gain was lowered by the limit left inside the sink
    bool limit_lifted = false;      ///< and that limit was told to go
    Time settle_until{};
    std::optional<std::pair<OutputId, Load>> certain; ///< what it was settled for, where that is certain
    double published = silence_db;                    ///< as PublishCeiling last said; open_db: none, silence_db: block
    std::optional<Time> publish_at;
    double volume = 1.0; ///< on the main node
    bool mute = false;
    std::deque<OwnVolume> echoes;
    std::vector<std::uint32_t> channels{}; ///< as MakeGuard::channels
    std::optional<Time> unlinked_at; ///< it was in front of its sink, and is not any more since then
    std::string description;
    std::string icon;
    RateLimit assertions;

    bool order_in_force() const { return taken >= order.generation; }
};

/// Who the active route's volume belongs to now ("Where the user's volume lives" in architecture.md).
struct RouteHold {
    enum class State : std::uint8_t {
        users,    ///< as found; never raised by us
        raised,   ///< 1.0 by us, the user's volume is in the guard
        put_back, ///< lowered by us again, because something can reach the sink past the guard
    };
    State state = State::users;
    double expected = 1.0; ///< what we wrote last
    bool pending = false;  ///< not read back yet
    bool mute_pending = false;
    std::optional<Time> retry_at;
    int tries = 0;
    std::optional<double> reached;     ///< the card does not take 1.0; this is as near as it gets
    std::pair<std::uint64_t, std::uint32_t> put_back_at{}; ///< serial of the sink, index of the route that was put back
    std::optional<double> compensated; ///< the guard's gain was lowered for a raise from this value
    std::optional<Time> rewrite_at;    ///< a slider is being dragged: back to 1.0 when it rests
    std::optional<Time> rewritten;
    std::optional<Time> fight_until; ///< somebody else insists: hands off until then
    bool first_sight = true;         ///< never settled with this route in this run
    Time activated{};
    RateLimit rewrites;

    /// The route's volume as told, or as written and not heard of yet: the lower, 1.0 at most, so that no rise is
    /// overlooked.
    double lowest(double told) const {
        const double least = told < 1.0 ? told : 1.0;
        return (pending || reached) && expected < least ? expected : least;
    }

    bool held() const { return state == State::raised && !pending && !rewrite_at; }
};

/// The way out after ShutDown.
enum class Leaving : std::uint8_t { no, silencing, handing_over, storing, gone };

/// What the sink is left with: together never louder than what the guard gave.
struct ExitPlan {
    std::optional<double> limit;  ///< inside the sink, amplitude below 1
    std::optional<double> volume; ///< of the active route
    std::optional<bool> mute;
    std::optional<double> sink_volume; ///< of the sink's own node, where there is no route
};

/// The sink is muted by us until its guard stands in front of it.
struct MutedFirst {
    bool user = false; ///< the user's own mute
    Time until{};      ///< then it is undone in any case; once it is: then nothing is waited for any longer
    std::optional<bool> undone{}; ///< what was written last
};

/// A plug that rattles: too many edges in a short time.
struct Contact {
    std::deque<Time> edges; ///< the last few
    std::optional<Time> bad_until;
};

/// What other programs did to the limits inside the sink, lately.
struct Tampering {
    unsigned count = 0;
    unsigned shown = 0; ///< count when it was reported last
    Time last{};
    Time reported{};
};

/// Links past the guard that the warden removed.
struct Trespasses {
    std::map<std::string, std::uint32_t> times; ///< by offender
    std::uint32_t unreported = 0;
    std::optional<Time> reported;
};

struct Sink {
    SinkFacts facts;
    std::vector<Output> outputs;
    bool guard_wanted = false; ///< by what its outputs may be
    bool encoded = true;       ///< as AdmitEncoded last said
    bool declared = false;     ///< guarded, as DeclareSink last said; the user's wishes heeded
    std::optional<Guard> guard;
    RouteHold route;
    std::optional<MutedFirst> muted;
    std::optional<bool> hushed;   ///< muted by us for a panic, with the user's own mute
    std::map<std::string, bool> hushed_routes; ///< likewise, routes that play no more
    bool limited = false;         ///< we left a limit inside the sink
    std::optional<float> clamp;   ///< the last ClampSink for this node
    Tampering tampering;
    Contact contact;
    std::uint64_t generation = 0; ///< of the last order, over all guards of this sink
    std::string failure;          ///< why the guard could not be made; empty: nothing failed
    std::optional<Time> make_again_at;
    Duration backoff{};

    Trespasses trespasses;

    Leaving leaving = Leaving::no;
    Time leaving_until{};
    ExitPlan exit;
    bool releasing = false; ///< leaving because the user ended protection, and the daemon stays
    int release_tries = 0;

    /// Something can reach the sink past the guard.
    bool exposed() const { return !guard || !guard->linked || facts.foreign_links > 0; }
    /// The output the sink plays to now; none while a card has no active route. Of channel groups, which all play at once, the
    /// one that is allowed least.
    const Output *active() const;
    const RouteFacts *active_route() const;
    /// The channels that are outputs by somebody's word, from 1; empty: all of them. The others pass a guard as they are.
    std::vector<std::uint32_t> guarded_channels() const;
    /// An ALSA route whose volume we hold at 1.0; otherwise the device's volume stays the user's knob.
    bool pinned() const;
    /// The lowest ceiling of any load at the active output and at every other that may become active; `of_all`: also at those where
    /// nothing is plugged in.
    std::optional<Decibels> strictest_settling_ceiling(bool of_all = false) const;
};

} // namespace soundwarden::engine
