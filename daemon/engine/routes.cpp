// SPDX-License-Identifier: MIT
// The volume of the active route, behind the guard: at 1.0 while the guard holds the user's, and the user's otherwise.
#include "orders.hpp"
#include "model/fault.hpp"
#include "policy/decide.hpp"
#include "report.hpp"
#include "volumes.hpp"
#include "wishes.hpp"

#include <algorithm>

namespace soundwarden::engine {
namespace {

using State = RouteHold::State;

constexpr double full = 1.0;
constexpr Duration restore_window = std::chrono::seconds(1);
// WirePlumber's second write of an activated route can overtake ours unseen: asked again soon, then with growing pauses.
constexpr Duration first_retry_after = std::chrono::milliseconds(20);
constexpr int most_tries = 6; // the last one 0.6 s after the first
constexpr Duration hands_off_time = std::chrono::seconds(10);
constexpr Duration drag_time = std::chrono::milliseconds(300);
constexpr double least_rescale_db = -200.0; // from silence: the rise begins at the guard's own floor

RouteKey route_key(const Sink &sink) {
    const RouteFacts *route = sink.active_route();
    return {sink.facts.key, route == nullptr ? std::string() : route->name};
}

/// WirePlumber writes each activated route twice, with what it has stored; a plug's facts come in meanwhile.
bool restore_expected(const Sink &sink, const Step &step) {
    return !sink.guard->settled || step.now - sink.route.activated < restore_window;
}

void write_route(Sink &sink, Step &step, double volume) {
    RouteHold &hold = sink.route;
    WriteRoute effect{sink.facts.key, sink.facts.active->index, volume, std::nullopt};
    if (sink.facts.active->mute && hold.state == State::raised) effect.mute = false;
    hold.expected = volume;
    hold.mute_pending = effect.mute.has_value();
    hold.pending = hold.mute_pending || !same_volume(sink.facts.active->volume, volume);
    hold.retry_at.reset();
    if (hold.pending) hold.retry_at = step.now + first_retry_after * (1 << std::min(hold.tries, most_tries));
    hold.rewrite_at.reset();
    hold.rewritten = step.now;
    step.emit(effect);
}

/// Marked first: after a crash the next run must not take our 1.0 for the user's volume.
void mark_route(Sink &sink, Step &step) {
    const RouteKey key = route_key(sink);
    const auto own = step.memory.own_volumes.find(key);
    const double volume =
        own == step.memory.own_volumes.end() ? plug_volume(sink, *sink.active(), step.memory) : own->second;
    const auto mark = step.memory.marks.find(key);
    if (mark != step.memory.marks.end() && same_volume(mark->second, volume)) return;
    step.memory.marks[key] = volume;
    step.emit(RememberMark{key.first, key.second, volume});
}

void raise_route(Sink &sink, Step &step) {
    mark_route(sink, step);
    sink.route.state = State::raised;
    sink.route.tries = 0;
    sink.route.reached.reset();
    write_route(sink, step, full);
}

/// Another program changed what we hold, and not for the user: ours again, within reason.
void rewrite(Sink &sink, Step &step) {
    RouteHold &hold = sink.route;
    if (hold.rewrites.admit(step.now)) {
        write_route(sink, step, hold.expected);
        return;
    }
    hold.fight_until = step.now + hands_off_time;
    hold.pending = false;
    hold.retry_at.reset();
    hold.rewrite_at.reset();
    clamp_to_settling(sink, step, 0.0, settle_time(sink, step));
    step.report(Level::warning, "volume", sink.facts.key,
                "another program keeps rewriting the volume of " + sink.active()->name +
                    "; held at the settling level for 10 s");
}

/// What the user had must not be louder than the least that was seen before the route was settled for the first time.
void lower_own_volume(Sink &sink, Step &step, double seen) {
    double &own = step.memory.own_volumes[route_key(sink)];
    if (seen >= own) return;
    own = seen;
    const double volume = plug_volume(sink, *sink.active(), step.memory);
    if (volume < sink.guard->volume) set_guard_volume(sink, step, volume, sink.guard->mute);
}

void heed_held_volume(Sink &sink, Step &step, double volume) {
    RouteHold &hold = sink.route;
    if (restore_expected(sink, step)) {
        if (hold.first_sight) lower_own_volume(sink, step, volume);
        rewrite(sink, step);
    } else if (volume > full) {
        rewrite(sink, step);
    } else {
        wish_volume(sink, step, volume);
        // A slider that is being dragged is followed at once, the route returns when it rests.
        if (hold.rewritten && step.now - *hold.rewritten < drag_time)
            hold.rewrite_at = *hold.rewritten + drag_time;
        else
            write_route(sink, step, full);
    }
}

void heed_volume(Sink &sink, Step &step, double volume) {
    RouteHold &hold = sink.route;
    const bool ours = hold.state != State::users &&
                      (same_volume(volume, hold.expected) || (hold.reached && same_volume(volume, *hold.reached)));
    if (ours) {
        if (same_volume(volume, hold.expected)) hold.reached.reset(); // late, but taken
        hold.pending = hold.mute_pending;
        if (!hold.pending) hold.retry_at.reset();
        return;
    }
    if (hold.fight_until) return;
    switch (hold.state) {
    case State::users: lower_own_volume(sink, step, volume); break;
    case State::put_back:
        if (volume > hold.expected)
            rewrite(sink, step);
        else
            hold.expected = volume; // lower is safe, and the user's business
        break;
    case State::raised: heed_held_volume(sink, step, volume); break;
    }
}

void heed_mute(Sink &sink, Step &step, bool mute) {
    RouteHold &hold = sink.route;
    if (!mute) {
        hold.mute_pending = false;
        hold.pending =
            hold.state != State::users && !hold.reached && !same_volume(sink.facts.active->volume, hold.expected);
        if (!hold.pending) hold.retry_at.reset();
        if (hold.state == State::users) wish_mute(sink, step, false);
        return;
    }
    if (hold.fight_until) return;
    if (hold.state != State::raised) {
        wish_mute(sink, step, true);
        return;
    }
    // Whoever mutes a route that shows as not muted while the guard is, presses the key again: sound back.
    if (!restore_expected(sink, step)) wish_mute(sink, step, !sink.guard->mute);
    rewrite(sink, step);
}

void retry(Sink &sink, Step &step) {
    RouteHold &hold = sink.route;
    if (++hold.tries < most_tries) {
        write_route(sink, step, hold.expected);
        return;
    }
    hold.retry_at.reset();
    hold.pending = false;
    hold.mute_pending = false;
    hold.reached = sink.facts.active->volume;
    step.report(Level::warning, "volume", sink.facts.key,
                sink.active()->name + ": the card does not take the volume written to it");
}

/// The guard's gain goes down by what the route will go up. False: that has to be in force first.
bool compensated(Sink &sink, Step &step) {
    RouteHold &hold = sink.route;
    const double now = hold.lowest(sink.facts.active->volume);
    const double from = std::min(hold.compensated.value_or(full), full);
    if (now < from && !same_volume(now, from) && sink.guard->gain.upper(step.now) != silence_db) {
        clamp_to_settling(sink, step, rescale_between(now, from), settle_time(sink, step));
        hold.compensated = now;
    }
    return sink.guard->order_in_force();
}

} // namespace

double rescale_between(double before, double after) {
    if (after <= before) return 0.0;
    if (before <= 0.0) return least_rescale_db;
    return std::max(least_rescale_db, decibels(before / after).value);
}

void take_up_route(Sink &sink, Step &step) {
    sink.route = RouteHold{};
    sink.route.activated = step.now;
    if (!sink.pinned() || !sink.facts.active) return;
    const RouteKey key = route_key(sink);
    const double seen = std::min(sink.facts.active->volume, full);
    const auto own = step.memory.own_volumes.find(key);
    sink.route.first_sight = own == step.memory.own_volumes.end();
    if (!sink.route.first_sight) return;
    const auto mark = step.memory.marks.find(key);
    const bool left_by_us = mark != step.memory.marks.end() && same_volume(seen, full);
    step.memory.own_volumes[key] = left_by_us ? std::min(mark->second, full) : seen;
}

void hold_route_at_once(Sink &sink, Step &step) {
    if (sink.pinned() && sink.active() != nullptr && sink.facts.active) raise_route(sink, step);
}

void heed_route(Sink &sink, const RouteState &before, Step &step) {
    const RouteState now = *sink.facts.active;
    if (sink.active() == nullptr) return;
    if (!sink.pinned()) {
        const Decibels start = sink.active()->decision.start_level.value_or(policy::start_level);
        const bool louder = now.volume > before.volume && now.volume > amplitude(start);
        if (louder && restore_expected(sink, step) && sink.route.rewrites.admit(step.now)) lower_knob(sink, step);
        return;
    }
    // Our own mute and its end are nobody's wish; that the raised route shows none is what was waited for.
    const bool ours = sink.muted && (now.mute || sink.route.state != State::raised);
    if (now.mute != before.mute && !ours) heed_mute(sink, step, now.mute);
    if (!same_volume(now.volume, before.volume)) heed_volume(sink, step, now.volume);
}

void put_route_back(Sink &sink, Step &step) {
    RouteHold &hold = sink.route;
    if (!sink.facts.active || sink.active() == nullptr || hold.state != State::raised) return;
    const auto own = step.memory.own_volumes.find(route_key(sink));
    const double user = own == step.memory.own_volumes.end() ? full : own->second;
    hold.state = State::put_back;
    hold.put_back_at = {sink.facts.serial, sink.facts.active->index};
    hold.tries = 0;
    hold.reached.reset();
    hold.compensated.reset();
    // Never a rise, also where WirePlumber has just been faster with something lower.
    write_route(sink, step, std::min({user, sink.guard ? sink.guard->volume : user, sink.facts.active->volume, full}));
}

void tend_route(Sink &sink, Step &step) {
    RouteHold &hold = sink.route;
    if (!sink.guard || sink.leaving != Leaving::no || !sink.pinned() || !sink.facts.active || sink.active() == nullptr)
        return;
    if (hold.fight_until) {
        if (step.now < *hold.fight_until) return;
        hold.fight_until.reset();
        hold.rewrites.clear();
        hold.compensated.reset();
        hold.state = State::users;
    }
    if (sink.exposed())
        put_route_back(sink, step);
    else if (hold.state != State::raised && compensated(sink, step))
        raise_route(sink, step);
    if (hold.rewrite_at && step.now >= *hold.rewrite_at) write_route(sink, step, full);
    if (hold.retry_at && step.now >= *hold.retry_at) retry(sink, step);
}

void lower_knob(Sink &sink, Step &step) {
    const Output *output = sink.active();
    if (sink.pinned() || output == nullptr || !sink.facts.active || !output->decision.start_level || fault(Fault::knob_not_lowered)) return;
    const double start = amplitude(*output->decision.start_level);
    if (sink.facts.active->volume <= start || same_volume(sink.facts.active->volume, start)) return;
    step.emit(WriteRoute{sink.facts.key, sink.facts.active->index, start, std::nullopt});
}

} // namespace soundwarden::engine
