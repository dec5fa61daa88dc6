// SPDX-License-Identifier: MIT
#include "outcome.hpp"

#include "model/fault.hpp"
#include "policy/physics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace soundwarden::policy {
namespace {

constexpr double quiet_peak_spl = 75.0; // 65 dB(A) and 10 dB of crest
constexpr double insisted_below_headphones_db = 12.0;
constexpr Decibels default_target{100.0};
constexpr Decibels nothing_at_all{-std::numeric_limits<double>::infinity()};
constexpr Ohms usual_speaker{4.0}; // the lowest in common use draws the most power

/// Only where something for the ears can be meant at all: not for displays, built-in speakers or virtual sinks.
bool starts_quietly(OutputKind kind, Load load) {
    if (kind == OutputKind::virtual_output || kind == OutputKind::internal_speaker) return false;
    if (class_of(load) == LoadClass::ears) return true;
    const bool nothing_said = load == Load::unknown || load == Load::nothing || load == Load::internal_speaker ||
                              (load == Load::display && kind != OutputKind::hdmi && kind != OutputKind::spdif);
    return nothing_said && kind != OutputKind::hdmi && kind != OutputKind::spdif;
}

Decibels target_cap(Decibels target, const Case &at, Load load, Outcome &out) {
    const Cap cap = cap_for_target(target, at.output, at.class_full_scale, load, at.load_facts, Detail::total);
    out.cap_from_target = true;
    out.assumed = cap.sum.assumed;
    return cap.value;
}

/// Not above what the loudspeaker is rated for (reference/sensing.md §6.5, SpeakerAmpExternal).
void cap_to_rating(Outcome &out, const Case &at) {
    if (!at.load_facts.rating_watts) return;
    const double volts = at.output.full_scale.value_or(speaker_out_full_scale).value;
    const double amplifier_watts = volts * volts / at.load_facts.impedance.value_or(usual_speaker).value;
    const double db = 10.0 * std::log10(*at.load_facts.rating_watts / amplifier_watts);
    if (db >= 0.0) return;
    out.verdict = Verdict::limit;
    out.cap = Decibels{db};
    out.reason = "speaker-rating";
    if (!at.output.full_scale) out.assumed.emplace_back("full-scale");
    if (!at.load_facts.impedance) out.assumed.emplace_back("impedance");
}

Decibels default_override_max(const Outcome &out, const Case &at) {
    if (at.output.kind == OutputKind::speaker_out) return std::min(speaker_override_max, out.cap.value_or(Decibels{}) + override_room);
    if (out.verdict == Verdict::block)
        return cap_for_target(default_target, at.output, at.class_full_scale, Load::headphones, {}, Detail::total).value -
               Decibels{insisted_below_headphones_db};
    return std::min(Decibels{0.0}, out.cap.value_or(Decibels{}) + override_room);
}

const Rule &no_rule() {
    static const Rule rule = [] {
        Rule strict;
        strict.name = "no-rule";
        strict.gives.verdict = Verdict::limit;
        strict.gives.target = default_target;
        strict.gives.governor = true;
        strict.gives.ask = true;
        strict.gives.reason = "no-rule";
        strict.gives.message = "No rule says what this output may get, so it gets what in-ear phones may get.";
        return strict;
    }();
    return rule;
}

void apply_limit(Outcome &out, const Gives &gives, const Case &at, Load load) {
    if (gives.cap) out.cap = std::min(*gives.cap, Decibels{0.0});
    else out.cap = target_cap(gives.target.value_or(default_target), at, load, out) - gives.below;
    if (!gives.governor || !gives.target) return;
    out.governor = governor_for(*gives.target, at, load);
    if (gives.cap && out.assumed.empty())
        out.assumed = spl_at_full_scale(at.output, at.class_full_scale, load, at.load_facts, Detail::total).assumed;
}

} // namespace

Outcome outcome_of(const Rule *rule, const Case &at, WeightedLoad weighted) {
    const Rule &word = rule == nullptr ? no_rule() : *rule;
    const Gives &gives = word.gives;
    const Load load = rule == nullptr ? Load::in_ear : weighted.load;
    Outcome out;
    out.load = weighted.load;
    out.probability = weighted.probability;
    out.rule = rule;
    out.verdict = weighted.load == Load::unknown && fault(Fault::unknown_load_allowed) ? Verdict::allow : gives.verdict;
    out.start_low = gives.start_low;
    out.ask = gives.ask;
    out.reason = gives.reason;
    out.message = gives.message;
    out.locked = word.locked;
    if (gives.verdict == Verdict::limit) apply_limit(out, gives, at, load);
    if (gives.verdict == Verdict::allow && gives.to_rating) cap_to_rating(out, at);
    if (gives.verdict == Verdict::block) out.cap = quiet_cap(at.output, at.class_full_scale, load);
    if (gives.start_level) {
        if (*gives.start_level < Decibels{0.0}) out.start_level = gives.start_level;
    } else if (starts_quietly(at.output.kind, weighted.load)) {
        out.start_level = start_level;
    }
    out.override_max = gives.override_max.value_or(default_override_max(out, at));
    out.override_for_max = gives.override_for_max.value_or(std::chrono::minutes(30));
    return out;
}

Decibels governor_for(Decibels target, const Case &at, Load load) {
    const Decibels limit = target - spl_at_full_scale(at.output, at.class_full_scale, load, at.load_facts, Detail::total).total;
    const Cap as_cap = cap_for_target(target, at.output, at.class_full_scale, load, at.load_facts, Detail::total);
    return as_cap.bounded_by.empty() ? limit : std::min(limit, as_cap.value - programme_crest);
}

bool stricter(const Outcome &a, const Outcome &b) {
    if (a.verdict != b.verdict) return a.verdict > b.verdict;
    if (a.cap != b.cap) return a.cap.value_or(Decibels{}) < b.cap.value_or(Decibels{});
    if (a.governor != b.governor) return a.governor.value_or(Decibels{1000.0}) < b.governor.value_or(Decibels{1000.0});
    return a.start_low && !b.start_low;
}

void bound(Outcome &outcome, const Outcome &by) {
    const auto lower = [](const std::optional<Decibels> &a, const std::optional<Decibels> &b) {
        if (!a || !b) return a ? a : b;
        return std::optional(std::min(*a, *b));
    };
    if (stricter(by, outcome)) {
        outcome.rule = by.rule;
        outcome.reason = by.reason;
        outcome.message = by.message;
        outcome.cap_from_target = by.cap_from_target;
        outcome.assumed = by.assumed;
    }
    outcome.verdict = std::max(outcome.verdict, by.verdict);
    outcome.cap = lower(outcome.cap, by.cap);
    outcome.governor = lower(outcome.governor, by.governor);
    outcome.start_low = outcome.start_low || by.start_low;
    outcome.start_level = lower(outcome.start_level, by.start_level);
    if (by.verdict == Verdict::block) outcome.override_max = nothing_at_all;
    if (by.verdict == Verdict::limit) outcome.override_max = std::min({outcome.override_max, by.override_max, by.cap.value_or(Decibels{})});
    outcome.override_for_max = std::min(outcome.override_for_max, by.override_for_max);
    outcome.locked = outcome.locked || by.verdict != Verdict::allow || by.start_low;
}

Decibels quiet_cap(const OutputFacts &facts, Volts class_full_scale, Load load) {
    return {std::min(0.0, quiet_peak_spl - spl_at_full_scale(facts, class_full_scale, load, {}, Detail::total).total.value)};
}

} // namespace soundwarden::policy
