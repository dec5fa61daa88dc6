// SPDX-License-Identifier: MIT
#include "hush.hpp"

#include "mute_first.hpp"
#include "orders.hpp"

#include <string>

namespace soundwarden::engine {
namespace {

void forget_panic(Sink &sink, Step &step) {
    sink.hushed.reset();
    step.memory.panicked.erase(sink.facts.key);
    step.emit(RememberPanicMute{sink.facts.key, std::nullopt});
}

void mute(Sink &sink, Step &step) {
    if (sink.hushed && shown_mute(sink)) return;
    if (!sink.hushed) {
        const bool user = user_mute(sink);
        sink.hushed = user;
        step.memory.panicked[sink.facts.key] = user;
        step.emit(RememberPanicMute{sink.facts.key, user}); // on disk first: a crash must not leave a sink dead
    }
    step.emit(MuteSink{sink.facts.key, true});
}

std::string route_name(const SinkFacts &facts) {
    for (const RouteFacts &route : facts.routes)
        if (facts.active && route.index == facts.active->index) return route.name;
    return {};
}

} // namespace

void hush(Sink &sink, Step &step) {
    if (sink.leaving != Leaving::no) return;
    if (sink.guard) {
        hold_silent(sink, step);
        hush_besides(sink, step);
        return;
    }
    // One that waits for its guard is kept shut by the session manager's part, or muted already.
    if (sink.declared && sink.failure.empty()) return;
    mute(sink, step);
}

void hush_besides(Sink &sink, Step &step) {
    if (sink.guard && !sink.guard->channels.empty() && !sink.pinned()) mute(sink, step);
}

void follow_hush(Sink &sink, const SinkFacts &before, Step &step) {
    const std::string was = route_name(before);
    const std::string is = route_name(sink.facts);
    if (was != is && sink.hushed && !was.empty()) {
        sink.hushed_routes[was] = *sink.hushed;
        sink.hushed.reset();
    }
    if (const auto known = sink.hushed_routes.extract(is)) {
        if (!step.memory.panic) {
            step.emit(MuteSink{sink.facts.key, known.mapped()});
            return;
        }
        sink.hushed = known.mapped();
        step.memory.panicked[sink.facts.key] = known.mapped();
        step.emit(RememberPanicMute{sink.facts.key, known.mapped()});
    }
    if (step.memory.panic) hush(sink, step);
}

void unhush(Sink &sink, Step &step) {
    if (sink.guard && sink.leaving == Leaving::no) open_again(sink, step);
    if (!sink.hushed) return;
    // A pinned route's mute lives in the guard as long as there is one.
    if (!(sink.guard && sink.pinned())) step.emit(MuteSink{sink.facts.key, *sink.hushed});
    forget_panic(sink, step);
}

void take_over_hush(Sink &sink, Step &step) {
    const auto left = step.memory.panicked.find(sink.facts.key);
    if (left == step.memory.panicked.end()) return;
    sink.hushed = left->second;
    if (!step.memory.panic) unhush(sink, step);
}

} // namespace soundwarden::engine
