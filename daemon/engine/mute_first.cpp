// SPDX-License-Identifier: MIT
#include "mute_first.hpp"

#include "model/fault.hpp"

namespace soundwarden::engine {
namespace {

constexpr Duration longest_mute = std::chrono::seconds(2);
constexpr Duration mute_told_within = std::chrono::milliseconds(300); // at most: not every node tells of a mute it has taken

bool guarded_for_certain(const Sink &sink) {
    if (!sink.guard) return !sink.declared; // free: nothing is waited for
    // With the raise the user's mute has moved to the guard.
    return !sink.exposed() && (!sink.pinned() || !sink.facts.active || sink.route.state == RouteHold::State::raised);
}

/// A pinned route's mute lives in the guard as long as there is one.
bool mute_afterwards(const Sink &sink) { return sink.muted->user && !(sink.guard && sink.pinned()); }

void forget(Sink &sink, Step &step) {
    sink.muted.reset();
    step.memory.muted.erase(sink.facts.key);
    step.emit(RememberMute{sink.facts.key, std::nullopt});
}

} // namespace

bool shown_mute(const Sink &sink) { return sink.facts.active ? sink.facts.active->mute : sink.facts.node_mute; }

bool user_mute(const Sink &sink) {
    if (sink.hushed) return *sink.hushed;
    return sink.muted ? sink.muted->user : shown_mute(sink);
}

void mute_first(Sink &sink, Step &step) {
    if (step.memory.part_present || sink.facts.foreign_links == 0 || step.observing() || fault(Fault::heard_while_guard_is_made)) return;
    if (!sink.facts.routes.empty() && !sink.facts.active) return; // nothing to mute, and nothing plays there
    const bool user = user_mute(sink);
    sink.muted = MutedFirst{user, step.now + longest_mute};
    step.memory.muted[sink.facts.key] = user;
    step.emit(RememberMute{sink.facts.key, user}); // on disk first: a crash must not leave a sink dead
    step.emit(MuteSink{sink.facts.key, true});
    step.report(Level::info, "mute", sink.facts.key, "muted until the guard is in front of it");
}

void take_over_mute(Sink &sink, Step &step) {
    const auto left = step.memory.muted.find(sink.facts.key);
    if (left != step.memory.muted.end()) sink.muted = MutedFirst{left->second, step.now + longest_mute};
}

void tend_mute(Sink &sink, Step &step) {
    if (!sink.muted) return;
    MutedFirst &muted = *sink.muted;
    if (!muted.undone) {
        const bool guarded = guarded_for_certain(sink);
        if (!guarded && step.now < muted.until) return;
        muted.undone = mute_afterwards(sink);
        muted.until = step.now + mute_told_within;
        if (!fault(Fault::mute_never_undone)) step.emit(MuteSink{sink.facts.key, *muted.undone});
        step.report(guarded ? Level::info : Level::warning, "mute", sink.facts.key,
                    guarded ? "undone" : "undone, though something still plays past the guard");
        return;
    }
    if (shown_mute(sink) == *muted.undone || step.now >= muted.until) forget(sink, step);
}

void undo_mute(Sink &sink, Step &step) {
    if (!sink.muted) return;
    step.emit(MuteSink{sink.facts.key, sink.muted->user || sink.exit.mute.value_or(false)});
    forget(sink, step);
}

} // namespace soundwarden::engine
