// SPDX-License-Identifier: MIT
#include "clamp.hpp"

#include "model/fault.hpp"

#include <cmath>

namespace soundwarden::engine {
namespace {

constexpr Duration tell_limit_every = std::chrono::seconds(10);
constexpr Duration shown_for = std::chrono::seconds(60);
// A route's volume is written to its sink as well, more than once for each activation.
constexpr Duration route_echo = std::chrono::seconds(1);

bool route_writes_expected(const Sink &sink, const Step &step) {
    if (!sink.guard || !sink.guard->settled || sink.route.pending) return true;
    if (step.now - sink.route.activated < route_echo) return true;
    return sink.route.rewritten && step.now - *sink.route.rewritten < route_echo;
}

const char *text_of(Tamper what) {
    switch (what) {
    case Tamper::limit: return "the bound on its own volume was raised";
    case Tamper::volume: return "its own volume was changed";
    case Tamper::unseen: break;
    }
    return "it was written to, its clamp may have been replaced";
}

} // namespace

void clamp_sink(Sink &sink, Step &step, double ceiling_db) {
    const float ceiling = amplitude_toward_zero({ceiling_db});
    if (sink.clamp == ceiling || fault(Fault::sink_clamp_unwritten)) return;
    sink.clamp = ceiling;
    step.emit(ClampSink{sink.facts.key, ceiling, sink.guarded_channels()});
}

void heed_tampering(Sink &sink, Tamper what, Step &step) {
    if (!sink.clamp || std::isinf(*sink.clamp)) return;
    if (what == Tamper::volume && sink.facts.active && sink.facts.active->volume > 1.0) return; // see routes.cpp
    if (what == Tamper::unseen && route_writes_expected(sink, step)) return;
    Tampering &seen = sink.tampering;
    ++seen.count;
    seen.last = step.now;
    if (seen.shown > 0 && step.now - seen.reported < tell_limit_every) return;
    seen.shown = seen.count;
    seen.reported = step.now;
    step.report(Level::warning, "tampering", sink.facts.key,
                std::string("another program changed the sink: ") + text_of(what) + "; put back (" +
                    std::to_string(seen.count) + " so far)");
}

void forget_tampering(Sink &sink, const Step &step) {
    if (sink.tampering.count > 0 && step.now >= sink.tampering.last + shown_for) sink.tampering = {};
}

std::optional<Time> tampering_deadline(const Sink &sink) {
    if (sink.tampering.count == 0) return std::nullopt;
    return sink.tampering.last + shown_for;
}

} // namespace soundwarden::engine
