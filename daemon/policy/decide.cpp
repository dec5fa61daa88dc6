// SPDX-License-Identifier: MIT
#include "policy/policy.hpp"

#include <algorithm>
#include <cmath>

namespace soundwarden::policy {
namespace {

// EN 50332-2: a player gives at most 150 mV with programme noise, which stands at −10 dB re full scale.
constexpr double player_limit_volts = 0.150;
constexpr double programme_below_full_scale_db = 10.0;
constexpr double in_ear_below_headphones_db = 8.0;
// Strict posture, while settling: in-ears of 137 dB/V instead of headphones of 116.5 dB/V.
constexpr double worst_in_ear_below_headphones_db = 20.5;
constexpr double passive_below_headphones_db = 12.0;

constexpr double headphone_sensitivity = 116.5; // dB SPL at 1 V, the most sensitive that EN 50332-2 permits
constexpr double in_ear_sensitivity = 124.7;
constexpr double governed_spl = 110.0; // dB SPL of a 0 dBFS sine, where only the governor limits
constexpr double governed_in_ear_spl = 118.0;
constexpr Volts speaker_out_full_scale{20.0};
constexpr double quiet_peak_spl = 75.0; // 65 dB(A) and 10 dB of crest

constexpr double ask_when_caps_differ_db = 6.0;
// Whether a guard is needed hangs on verdicts only; any voltage gives the same answer.
constexpr Volts any_full_scale{2.0};

bool is_for_ears(Load load) { return class_of(load) == LoadClass::ears; }

Volts full_scale_of(const OutputFacts &facts, Volts class_full_scale) {
    return facts.full_scale.value_or(class_full_scale);
}

/// Kinds whose analog level nobody knows: the cap speaks of SPL at full scale, not of volts.
bool is_governed_kind(OutputKind kind) {
    return kind == OutputKind::hdmi || kind == OutputKind::spdif || kind == OutputKind::usb_fixed ||
           kind == OutputKind::bluetooth;
}

/// One cell made into numbers for one output and one load.
struct Outcome {
    Load load = Load::unknown;
    double probability = 0.0;
    Cell cell;
    Verdict verdict = Verdict::allow;
    std::optional<Decibels> cap; // limit: its cap; block: the 65 dB(A) cap that stands in while unsure
};

Outcome outcome(const OutputFacts &facts, Volts class_full_scale, WeightedLoad weighted) {
    Outcome out{weighted.load, weighted.probability, cell(facts.kind, weighted.load), Verdict::allow, std::nullopt};
    if (out.cell.stereo_only && facts.channels > 2) out.cell = Cell{.reason = "allowed"};
    out.verdict = out.cell.verdict;
    const Caps caps = default_caps(full_scale_of(facts, class_full_scale));
    switch (out.cell.cap_from) {
    case CapFrom::headphones: out.cap = caps.headphones; break;
    case CapFrom::in_ear: out.cap = caps.in_ear; break;
    case CapFrom::passive: out.cap = caps.headphones - Decibels{passive_below_headphones_db}; break;
    case CapFrom::fixed: out.cap = out.cell.fixed; break;
    case CapFrom::none: break;
    }
    if (out.verdict == Verdict::block) out.cap = quiet_cap(facts, class_full_scale, weighted.load);
    return out;
}

/// Block before limit, lower caps before higher, `low` before plain allow.
bool stricter(const Outcome &a, const Outcome &b) {
    if (a.verdict != b.verdict) return a.verdict > b.verdict;
    if (a.cap != b.cap) return a.cap.value_or(Decibels{}) < b.cap.value_or(Decibels{});
    return a.cell.start_low && !b.cell.start_low;
}

std::vector<Outcome> plausible_outcomes(const OutputFacts &facts, Volts class_full_scale,
                                        const std::vector<WeightedLoad> &loads, Posture posture) {
    std::vector<Outcome> outcomes;
    for (const WeightedLoad &weighted : loads)
        if (weighted.probability >= plausible_from(posture))
            outcomes.push_back(outcome(facts, class_full_scale, weighted));
    if (!outcomes.empty()) return outcomes;
    // Nothing stands out (or nothing was handed in): every load counts, and the unknown one.
    for (const WeightedLoad &weighted : loads) outcomes.push_back(outcome(facts, class_full_scale, weighted));
    outcomes.push_back(outcome(facts, class_full_scale, {Load::unknown, 1.0}));
    return outcomes;
}

/// Silence needs a classification that says so itself; a possibility on the side only limits.
bool may_block(const std::vector<Outcome> &outcomes, Confidence confidence) {
    if (confidence != Confidence::certain && confidence != Confidence::high) return false;
    double blocked = 0.0;
    for (const Outcome &out : outcomes)
        if (out.verdict == Verdict::block) blocked += out.probability;
    return blocked >= 0.5;
}

bool caps_differ(const std::vector<Outcome> &outcomes) {
    double lowest = 0.0;
    double highest = -1000.0;
    for (const Outcome &out : outcomes) {
        lowest = std::min(lowest, out.cap.value_or(Decibels{}).value);
        highest = std::max(highest, out.cap.value_or(Decibels{}).value);
    }
    return highest - lowest > ask_when_caps_differ_db;
}

/// Only where something for the ears can be meant at all: not for displays, built-in speakers or virtual sinks.
bool starts_quietly(OutputKind kind, Load load) {
    if (is_for_ears(load)) return kind != OutputKind::virtual_output && kind != OutputKind::internal_speaker;
    if (column_of(kind, load) != Load::unknown) return false;
    return kind != OutputKind::virtual_output && kind != OutputKind::internal_speaker && kind != OutputKind::hdmi &&
           kind != OutputKind::spdif;
}

RuleRef rule_of(OutputKind kind, Load load) {
    return {std::string(name_of(kind)) + "/" + std::string(name_of(column_of(kind, load))), "builtin", 0};
}

void note_assumptions(Decision &decision, const OutputFacts &facts, const Outcome &chosen) {
    const bool by_spl = is_governed_kind(facts.kind);
    const bool from_volts = chosen.cell.cap_from == CapFrom::headphones || chosen.cell.cap_from == CapFrom::in_ear ||
                            chosen.cell.cap_from == CapFrom::passive || decision.reason == "block-unsure";
    if (from_volts && !by_spl && !facts.full_scale) decision.assumed.emplace_back("full-scale");
    if (by_spl && decision.verdict == Verdict::limit) decision.assumed.emplace_back("spl-at-full-scale");
}

} // namespace

Caps default_caps(Volts full_scale) {
    const double programme_volts = full_scale.value * std::pow(10.0, -programme_below_full_scale_db / 20.0);
    const double headphones = std::min(0.0, 20.0 * std::log10(player_limit_volts / programme_volts));
    return {{headphones}, {headphones - in_ear_below_headphones_db}};
}

Decibels quiet_cap(const OutputFacts &facts, Volts class_full_scale, Load load) {
    const bool in_ear = load == Load::in_ear;
    if (is_governed_kind(facts.kind))
        return {std::min(0.0, quiet_peak_spl - (in_ear ? governed_in_ear_spl : governed_spl))};
    const Volts volts = facts.kind == OutputKind::speaker_out ? facts.full_scale.value_or(speaker_out_full_scale)
                                                              : full_scale_of(facts, class_full_scale);
    const double spl = (in_ear ? in_ear_sensitivity : headphone_sensitivity) + 20.0 * std::log10(volts.value);
    return {std::min(0.0, quiet_peak_spl - spl)};
}

double plausible_from(Posture posture) { return posture == Posture::strict ? 0.02 : 0.15; }

Decision decide(const OutputFacts &facts, Volts class_full_scale, const Classification &classification,
                Posture posture) {
    // Channels without meaning: nothing is guarded until somebody says "phones here", so nothing may be promised.
    if (facts.pro_audio) {
        Decision unprotected;
        unprotected.ask = true;
        unprotected.reason = "pro-audio";
        unprotected.rule = {"pro-audio/unknown", "builtin", 0};
        return unprotected;
    }
    std::vector<Outcome> outcomes = plausible_outcomes(facts, class_full_scale, classification.loads, posture);
    Decision decision;
    const bool differ = caps_differ(outcomes);
    const bool block = may_block(outcomes, classification.confidence);
    for (Outcome &out : outcomes) {
        if (out.verdict == Verdict::block && !block) {
            out.verdict = Verdict::limit;
            out.cell.reason = "block-unsure";
        }
        decision.governor = decision.governor || out.cell.governor;
        decision.ask = decision.ask || out.cell.ask;
        if (starts_quietly(facts.kind, out.load)) decision.start_level = start_level;
    }
    const Outcome &chosen = *std::min_element(outcomes.begin(), outcomes.end(), stricter);
    decision.verdict = chosen.verdict;
    if (chosen.verdict == Verdict::limit) decision.cap = chosen.cap;
    if (chosen.verdict == Verdict::block) decision.governor = false;
    decision.start_low = chosen.cell.start_low;
    decision.reason = chosen.cell.reason;
    decision.rule = rule_of(facts.kind, chosen.load);
    // Nobody can be asked about what is not there.
    const bool nothing = classification.loads.size() == 1 && classification.loads.front().load == Load::nothing;
    decision.ask = (decision.ask || differ) && !nothing;
    note_assumptions(decision, facts, chosen);
    return decision;
}

std::optional<Decibels> settling_ceiling(const OutputFacts &facts, Volts class_full_scale,
                                         const std::vector<WeightedLoad> &priors, Posture posture) {
    std::vector<Outcome> outcomes = plausible_outcomes(facts, class_full_scale, priors, posture);
    outcomes.push_back(outcome(facts, class_full_scale, {Load::unknown, 1.0}));
    std::optional<Decibels> lowest;
    for (const Outcome &out : outcomes) {
        std::optional<Decibels> cap = out.cap;
        if (cap && posture == Posture::strict && out.cell.cap_from == CapFrom::in_ear)
            cap = default_caps(full_scale_of(facts, class_full_scale)).headphones -
                  Decibels{worst_in_ear_below_headphones_db};
        if (cap && (!lowest || *cap < *lowest)) lowest = cap;
    }
    return lowest;
}

bool needs_guard(const OutputFacts &facts, const std::vector<WeightedLoad> &priors, Posture posture) {
    if (facts.pro_audio || facts.kind == OutputKind::virtual_output) return false;
    std::vector<Outcome> outcomes = plausible_outcomes(facts, any_full_scale, priors, posture);
    outcomes.push_back(outcome(facts, any_full_scale, {Load::unknown, 1.0}));
    return std::any_of(outcomes.begin(), outcomes.end(),
                       [](const Outcome &out) { return out.verdict != Verdict::allow || out.cell.start_low; });
}

} // namespace soundwarden::policy
