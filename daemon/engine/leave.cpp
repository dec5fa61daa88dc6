// SPDX-License-Identifier: MIT
#include "leave.hpp"

#include "orders.hpp"
#include "report.hpp"
#include "volumes.hpp"

#include <algorithm>

namespace soundwarden::engine {
namespace {

constexpr Duration silence_time = std::chrono::milliseconds(250);   // at most, for the guard to take the order
constexpr Duration fall_time = std::chrono::milliseconds(10);       // the 5 ms ramp and some room
constexpr Duration read_back_time = std::chrono::milliseconds(300); // at most, for the sink to take limit and volume
// WirePlumber writes what it stores one second after it changed, and forgets it when it is ended before: at a logout it is
// the next to go.
constexpr Duration store_time = std::chrono::milliseconds(1300);
constexpr double least_gain_db = -60.0; // quieter than that nobody would find the sound again
// Where a route is left and stored: whoever plays next without us (after a removal above all) starts no louder than
// session managers start a card they have never seen (0.4³).
constexpr double stored_volume = 0.064;
constexpr double muted_limit = 0.03;    // where only a limit can stand for a mute

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

double own_volume(const Sink &sink, Step &step) {
    const RouteFacts *route = sink.active_route();
    const auto own =
        route == nullptr ? step.memory.own_volumes.end() : step.memory.own_volumes.find({sink.facts.key, route->name});
    return own == step.memory.own_volumes.end() ? std::min(sink.guard->volume, 1.0)
                                                : std::min(own->second, sink.guard->volume);
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
    step.emit(RememberVolume{output->id, output->load_class(), sink.guard->volume});
}

void hand_over(Sink &sink, Step &step) {
    sink.leaving = Leaving::handing_over;
    sink.leaving_until = step.now + read_back_time;
    if (sink.exit.limit) step.emit(LimitSink{sink.facts.key, *sink.exit.limit});
    if (sink.exit.volume && sink.facts.active)
        step.emit(WriteRoute{sink.facts.key, sink.facts.active->index, *sink.exit.volume, sink.exit.mute, sink.pinned()});
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

} // namespace

void begin_leaving(Sink &sink, Step &step) {
    plan_exit(sink, step);
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
        if (sink.guard->order_in_force()) sink.leaving_until = std::min(sink.leaving_until, step.now + fall_time);
        if (step.now >= sink.leaving_until) hand_over(sink, step);
    }
    if (sink.leaving != Leaving::handing_over) return;
    const bool confirmed = read_back(sink);
    if (!confirmed && step.now < sink.leaving_until) return;
    if (confirmed && sink.exit.volume) forget_marks(sink, step);
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
