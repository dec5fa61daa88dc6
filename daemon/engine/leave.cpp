// SPDX-License-Identifier: MIT
#include "leave.hpp"

#include "hush.hpp"
#include "model/fault.hpp"
#include "mute_first.hpp"
#include "orders.hpp"
#include "report.hpp"
#include "volumes.hpp"

#include <algorithm>
#include <utility>

namespace soundwarden::engine {
namespace {

constexpr Duration silence_time = std::chrono::milliseconds(250);   // at most, for the guard to take the order
constexpr Duration fall_time = std::chrono::milliseconds(10);       // the 5 ms ramp and some room
constexpr Duration taken_within = std::chrono::milliseconds(300); // at most, for the sink to take limit and volume
// WirePlumber writes what it stores one second after it changed, and forgets it when it is ended before: at a logout it is
// the next to go.
constexpr Duration store_time = std::chrono::milliseconds(1300);
constexpr double least_gain_db = -60.0; // quieter than that nobody would find the sound again
// Where a route is left and stored: whoever plays next without us (after a removal above all) starts no louder than
// session managers start a card they have never seen (0.4³).
constexpr double stored_volume = 0.064;
constexpr double muted_limit = 0.03;    // where only a limit can stand for a mute
// A card may round what it is told; this is 0.5 dB.
constexpr double rounding = 1.06;
constexpr int most_release_tries = 5;

/// The limit that stays in the sink, dB; open_db: none.
double limit_db(const Sink &sink) {
    const Guard &guard = *sink.guard;
    const Output *output = sink.active();
    if (guard.settled && output != nullptr) {
        if (output->decision.verdict == Verdict::allow) return open_db;
        return guard.ceiling.target();
    }
    return guard.published;
}

/// The user's volume on the way out, with what the guard's gain took beyond the limit that stays. From the gain's lower
/// bound.
double volume_left(const Sink &sink, double limit, Step &step) {
    const Guard &guard = *sink.guard;
    const double gain = guard.opened ? guard.gain.lower(step.now) : settling_level(sink, step.memory);
    const double kept = limit == silence_db ? 0.0 : std::max(gain, least_gain_db) - std::min(limit, 0.0);
    return std::min(guard.volume, 1.0) * amplitude({std::min(kept, 0.0)});
}

/// The active route's volume from before us (U), as this run or an earlier one met it.
std::optional<double> route_volume_before(const Sink &sink, const Memory &memory) {
    const RouteFacts *route = sink.active_route();
    if (route == nullptr) return std::nullopt;
    const auto own = memory.own_volumes.find({sink.facts.key, route->name});
    if (own != memory.own_volumes.end()) return own->second;
    const auto mark = memory.marks.find({sink.facts.key, route->name});
    return mark == memory.marks.end() ? std::nullopt : std::optional{mark->second};
}

double own_volume(const Sink &sink, Step &step) {
    return std::min(route_volume_before(sink, step.memory).value_or(1.0), sink.guard->volume);
}

void plan_exit(Sink &sink, Step &step) {
    const Guard &guard = *sink.guard;
    const double limit = limit_db(sink);
    if (limit < 0.0) sink.exit.limit = static_cast<double>(amplitude_toward_zero({limit}));
    const double volume = volume_left(sink, limit, step);
    if (!sink.facts.active) { // no route to write: the limit takes it all
        double level = sink.exit.limit.value_or(1.0) * volume;
        if (guard.mute) level = std::min(level, muted_limit);
        if (level < 1.0) sink.exit.limit = level;
        return;
    }
    const bool raised = sink.route.state == RouteHold::State::raised;
    // Never opened: nothing was heard through us, and the user finds the volume from before us.
    if (sink.pinned() && !guard.opened && !raised) return;
    const double found = sink.route.lowest(sink.facts.active->volume);
    const double route =
        sink.pinned() ? std::min(guard.opened ? found * volume : own_volume(sink, step), stored_volume) : found * volume;
    if (raised || !same_volume(route, sink.facts.active->volume)) sink.exit.volume = route;
    if (guard.mute) {
        sink.exit.mute = true;
        if (!sink.exit.volume) sink.exit.volume = route;
    }
}

/// The user's own volume would be lost where the route is left lower.
void keep_volume(const Sink &sink, Step &step) {
    const Output *output = sink.active();
    if (output == nullptr || !sink.pinned() || !sink.exit.volume || *sink.exit.volume >= sink.guard->volume) return;
    if (same_volume(*sink.exit.volume, sink.guard->volume) || !sink.guard->opened) return;
    if (step.memory.volumes.contains(output->volume_key())) return;
    step.memory.volumes[output->volume_key()] = sink.guard->volume;
    step.emit(RememberVolume{output->id, output->load_class(), sink.guard->volume});
}

/// What the guard makes of the user's volume, amplitude: nothing that is left may be louder. A guard that is silent for a
/// moment, or by its verdict, counts as one that settles: what is released must be heard again.
double volume_heard(const Sink &sink, Step &step) {
    const Guard &guard = *sink.guard;
    const double gain = std::max(guard.gain.lower(step.now), settling_level(sink, step.memory));
    return std::min(guard.volume, 1.0) * amplitude({std::min(gain, 0.0)});
}

/// min(U, 0.064), and no louder than it was.
void plan_release(Sink &sink, Step &step) {
    sink.exit = {};
    // Before the first settling nothing was heard through us: only the user's volume counts, which may be the route's own.
    const bool was_heard = sink.guard && (sink.guard->opened || !sink.route.first_sight);
    const double chosen = sink.guard ? std::min(sink.guard->volume, 1.0) : 1.0;
    const double heard = was_heard ? volume_heard(sink, step) : sink.pinned() ? 1.0 : chosen;
    if (sink.facts.routes.empty()) {
        sink.exit.sink_volume = std::min(sink.facts.software_gain * heard, stored_volume);
        return;
    }
    if (!sink.facts.active) return; // nothing plays there
    const double found = sink.route.lowest(sink.facts.active->volume);
    double volume = std::min(found * heard, stored_volume);
    if (sink.pinned()) volume = std::min({volume, chosen, route_volume_before(sink, step.memory).value_or(1.0)});
    sink.exit.volume = volume;
    if (sink.guard && sink.guard->mute) sink.exit.mute = true;
}

void hand_over(Sink &sink, Step &step) {
    sink.leaving = Leaving::handing_over;
    sink.leaving_until = step.now + taken_within;
    if (sink.exit.limit) step.emit(LimitSink{sink.facts.key, *sink.exit.limit});
    if (sink.exit.volume && sink.facts.active)
        step.emit(WriteRoute{sink.facts.key, sink.facts.active->index, *sink.exit.volume, sink.exit.mute, sink.pinned()});
    if (sink.exit.sink_volume) step.emit(LowerSink{sink.facts.key, *sink.exit.sink_volume});
}

/// The route (or the node) is as low as it shall be left. A node that has never played does not show what was written to it
/// (1.x), but holds it: only a route is waited for without end.
bool lowered(const Sink &sink) {
    if (sink.exit.sink_volume) return sink.facts.software_gain <= *sink.exit.sink_volume * rounding;
    if (!sink.exit.volume || !sink.facts.active) return true;
    return sink.facts.active->volume <= *sink.exit.volume * rounding;
}

/// Both the limit and the volume have to be seen in force: the limit alone bounds what plays when the volume is at 1.0.
bool read_back(const Sink &sink) {
    if (sink.exit.limit && !(sink.facts.left_limit && *sink.facts.left_limit <= *sink.exit.limit * 1.001)) return false;
    if (!sink.exit.volume || !sink.facts.active) return true;
    const bool mute = !sink.exit.mute || sink.facts.active->mute == *sink.exit.mute;
    return mute && same_volume(sink.facts.active->volume, *sink.exit.volume);
}

void forget_marks(Sink &sink, Step &step) {
    for (auto it = step.memory.marks.begin(); it != step.memory.marks.end();) {
        if (it->first.first != sink.facts.key) {
            ++it;
            continue;
        }
        step.emit(RememberMark{it->first.first, it->first.second, std::nullopt});
        it = step.memory.marks.erase(it);
    }
}

void end_release(Sink &sink, Step &step) {
    forget_marks(sink, step);
    std::erase_if(step.memory.own_volumes, [&](const auto &entry) { return entry.first.first == sink.facts.key; });
    undo_mute(sink, step);
    const bool limited = std::exchange(sink.limited, false) || sink.facts.left_limit.value_or(1.0) < 1.0;
    sink.guard.reset();
    sink.route = RouteHold{};
    sink.leaving = Leaving::no;
    sink.releasing = false;
    if (step.memory.panic) hush(sink, step); // muted before the guard goes
    step.emit(DropGuard{sink.facts.key, true});
    if (limited) step.emit(LimitSink{sink.facts.key, 1.0});
    step.emit(DeclareSink{sink.facts.key, false});
    step.report(Level::warning, "release", sink.facts.key,
                guard_description(sink) + ": free, nothing limits it any more; volume left at " +
                    db_text(decibels(sink.exit.volume.value_or(sink.exit.sink_volume.value_or(1.0))).value));
}

/// Once more, for as long as there is hope.
void go_on_releasing(Sink &sink, Step &step) {
    const bool down = lowered(sink);
    if (!down && step.now < sink.leaving_until) return;
    if (down || sink.exit.sink_volume) {
        end_release(sink, step);
    } else if (++sink.release_tries < most_release_tries) {
        hand_over(sink, step);
    } else {
        step.emit(ReleaseFailed{sink.facts.key, guard_description(sink) + " stays guarded: its volume cannot be turned down"});
        step.report(Level::error, "release", sink.facts.key,
                    guard_description(sink) + ": given up, the card does not take the volume written to it");
        abandon_release(sink, step);
    }
}

} // namespace

void begin_release(Sink &sink, Step &step) {
    plan_release(sink, step);
    sink.releasing = true;
    sink.release_tries = 0;
    sink.failure.clear();
    sink.make_again_at.reset();
    sink.leaving = Leaving::silencing;
    sink.leaving_until = step.now;
    if (!sink.guard) return;
    keep_volume(sink, step);
    silence(sink, step);
    sink.leaving_until = step.now + silence_time;
}

void abandon_release(Sink &sink, Step &step) {
    sink.leaving = Leaving::no;
    sink.releasing = false;
    step.memory.released.erase(sink.facts.key);
    take_up_route(sink, step);
    if (sink.guard)
        clamp_to_settling(sink, step, 0.0, settle_time(sink, step));
    else
        sink.make_again_at = step.now;
}

void begin_leaving(Sink &sink, Step &step) {
    if (!fault(Fault::stop_leaves_the_volume)) plan_exit(sink, step);
    keep_volume(sink, step);
    silence(sink, step);
    sink.leaving = Leaving::silencing;
    sink.leaving_until = step.now + silence_time;
    step.report(Level::info, "shutdown", sink.facts.key,
                guard_description(sink) + ": left with a limit of " +
                    (sink.exit.limit ? db_text(decibels(*sink.exit.limit).value) : "none"));
}

void go_on_leaving(Sink &sink, Step &step) {
    if (sink.leaving == Leaving::storing && step.now >= sink.leaving_until) sink.leaving = Leaving::gone;
    if (sink.leaving == Leaving::silencing) {
        if (sink.guard && sink.guard->order_in_force()) sink.leaving_until = std::min(sink.leaving_until, step.now + fall_time);
        if (step.now >= sink.leaving_until) hand_over(sink, step);
    }
    if (sink.leaving != Leaving::handing_over) return;
    if (sink.releasing) {
        go_on_releasing(sink, step);
        return;
    }
    const bool confirmed = read_back(sink);
    if (!confirmed && step.now < sink.leaving_until) return;
    if (confirmed && sink.exit.volume) forget_marks(sink, step);
    undo_mute(sink, step);
    step.emit(DropGuard{sink.facts.key});
    sink.guard.reset();
    sink.leaving = sink.exit.volume && sink.pinned() ? Leaving::storing : Leaving::gone;
    sink.leaving_until = step.now + store_time;
}

std::optional<Time> leaving_deadline(const Sink &sink) {
    if (sink.leaving == Leaving::no || sink.leaving == Leaving::gone) return std::nullopt;
    return sink.leaving_until;
}

} // namespace soundwarden::engine
