// SPDX-License-Identifier: MIT
#include "policy/decide.hpp"

#include "deciding.hpp"
#include "model/fault.hpp"

#include <algorithm>

namespace soundwarden::policy {
namespace {

// Strict posture, while settling: in-ears of 137 dB/V (reference/sensing.md §3.1) instead of 124.5.
constexpr double worst_in_ear_below_in_ear_db = 12.5;
constexpr double ask_when_caps_differ_db = 6.0;

/// Silence needs a classification that says so itself; a possibility on the side only limits.
bool may_block(const std::vector<Outcome> &outcomes, Confidence confidence) {
    if (confidence != Confidence::certain && confidence != Confidence::high) return false;
    double blocked = 0.0;
    for (const Outcome &out : outcomes)
        if (out.verdict == Verdict::block) blocked += out.probability;
    return blocked >= 0.5 && !fault(Fault::block_forgotten);
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

/// Channels without meaning: nothing is guarded until somebody says "phones here", so nothing may be promised.
Decision unprotected() {
    Decision decision;
    decision.ask = true;
    decision.reason = "pro-audio";
    decision.message = "These channels have no names: say in a policy file where headphones are.";
    decision.rule = {"pro-audio/unknown", "builtin", 0, 0};
    return decision;
}

} // namespace

const Rule *Deciding::last_that_speaks(const std::vector<const Rule *> &rules, Load load, Confidence confidence, const LoadFacts &facts) {
    const auto found = std::find_if(rules.rbegin(), rules.rend(),
                                    [&](const Rule *rule) { return speaks_for(rule->when, load, confidence, facts); });
    return found == rules.rend() ? nullptr : *found;
}

const LoadFacts &Deciding::facts_of(Load load, const Classification &classification) {
    static const LoadFacts nothing;
    if (classification.loads.empty()) return nothing;
    const auto column = [](Load each) { return each == Load::headset ? Load::headphones : each; };
    return column(load) == column(classification.loads.front().load) ? classification.facts : nothing;
}

void Deciding::bound_by_locked(Outcome &out, Load load, Confidence confidence, const LoadFacts &facts) const {
    if (fault(Fault::locks_ignored)) return;
    // What only a name speaks for lifts no lock.
    LoadFacts believed = facts;
    if (believed.model_from != ModelFrom::measured) believed.model_from = ModelFrom::pattern;
    const auto by = [&](const std::vector<const Rule *> &rules, const OutputFacts &output) {
        for (const Rule *rule : rules)
            if (speaks_for(rule->when, load, confidence, facts))
                bound(out, outcome_of(rule, {output, subject.class_full_scale_, believed}, {load, out.probability}));
    };
    by(subject.locked_, subject.facts_);
    by(subject.trusted_locked_, subject.trusted_);
}

Outcome Deciding::outcome_for(WeightedLoad weighted, Confidence confidence, const LoadFacts &facts) const {
    const Rule *rule = last_that_speaks(subject.rules_, weighted.load, confidence, facts);
    Outcome out = outcome_of(rule, {subject.facts_, subject.class_full_scale_, facts}, weighted);
    bound_by_locked(out, weighted.load, confidence, facts);
    return out;
}

std::vector<WeightedLoad> Deciding::plausible(const std::vector<WeightedLoad> &loads) const {
    std::vector<WeightedLoad> kept;
    std::copy_if(loads.begin(), loads.end(), std::back_inserter(kept),
                 [&](const WeightedLoad &each) { return each.probability >= plausible_from(posture); });
    if (!kept.empty()) return kept;
    // Nothing stands out (or nothing was handed in): every load counts, and the unknown one.
    kept = loads;
    kept.push_back({Load::unknown, 1.0});
    return kept;
}

/// Locked rules look at what would be plausible without the user's answers too.
void Deciding::bound_by_unanswered(std::vector<Outcome> &outcomes, const Classification &classification) const {
    if (classification.unanswered.empty()) return;
    for (const WeightedLoad &weighted : plausible(classification.unanswered)) {
        Outcome by;
        by.load = weighted.load;
        for (const auto &[confidence, name] : Names<Confidence>::table) bound_by_locked(by, weighted.load, confidence, {});
        if (by.locked)
            for (Outcome &out : outcomes) bound(out, by);
    }
}

std::vector<Outcome> Deciding::outcomes(const Classification &classification) const {
    std::vector<Outcome> all;
    for (const WeightedLoad &weighted : plausible(classification.loads))
        all.push_back(outcome_for(weighted, classification.confidence, facts_of(weighted.load, classification)));
    bound_by_unanswered(all, classification);
    return all;
}

Decision Deciding::decide(const Classification &classification, std::optional<Decibels> ear_target, Outcome *deciding) const {
    if (subject.facts_.pro_audio) return unprotected();
    std::vector<Outcome> all = outcomes(classification);
    const bool differ = caps_differ(all);
    const bool block = may_block(all, classification.confidence);
    Decision decision;
    for (Outcome &out : all) {
        if (out.verdict == Verdict::block && !block) {
            out.verdict = Verdict::limit;
            out.reason = "block-unsure";
            out.assumed = spl_at_full_scale(subject.facts_, subject.class_full_scale_, out.load, {}, Detail::total).assumed;
        }
        if (out.governor) {
            // The option moves the target of what is not locked.
            const Case at{subject.facts_, subject.class_full_scale_, facts_of(out.load, classification)};
            const Decibels limit = ear_target && !out.locked ? governor_for(*ear_target, at, out.load) : *out.governor;
            decision.governor = std::min(decision.governor.value_or(limit), limit);
        }
        decision.ask = decision.ask || out.ask;
        if (out.start_level) decision.start_level = std::min(decision.start_level.value_or(*out.start_level), *out.start_level);
    }
    const bool least = fault(Fault::least_restrictive_rule);
    const Outcome &chosen = least ? *std::max_element(all.begin(), all.end(), stricter) : *std::min_element(all.begin(), all.end(), stricter);
    take(chosen, decision);
    bound_override(all, decision);
    decision.locked = subject.locked();
    // Nobody can be asked about what is not there.
    const bool nothing = classification.loads.size() == 1 && classification.loads.front().load == Load::nothing;
    decision.ask = (decision.ask || differ) && !nothing;
    if (deciding != nullptr) *deciding = chosen;
    return decision;
}

/// Each load that may be there counts, whichever of them decides. Safety: an override lifts no lock.
void Deciding::bound_override(const std::vector<Outcome> &outcomes, Decision &decision) {
    for (const Outcome &out : outcomes) {
        if (!out.locked) continue;
        decision.override_max = std::min(decision.override_max, out.override_max);
        decision.override_for_max = std::min(decision.override_for_max, out.override_for_max);
    }
}

void Deciding::take(const Outcome &chosen, Decision &decision) const {
    decision.verdict = chosen.verdict;
    if (chosen.verdict == Verdict::limit) decision.cap = chosen.cap;
    if (chosen.verdict == Verdict::block) decision.governor.reset();
    decision.start_low = chosen.start_low;
    decision.reason = chosen.reason;
    decision.message = chosen.message;
    decision.rule = chosen.rule == nullptr ? RuleRef{"no-rule", "builtin", 0, 0} : subject.set_->ref(*chosen.rule);
    decision.assumed = chosen.verdict == Verdict::limit ? chosen.assumed : std::vector<std::string>{};
    decision.override_max = chosen.override_max;
    decision.override_for_max = chosen.override_for_max;
}

double plausible_from(Posture posture) {
    if (fault(Fault::unlikely_loads_forgotten)) return 0.5;
    return posture == Posture::strict ? 0.02 : 0.15;
}

Decision decide(const Subject &subject, const Classification &classification, Posture posture, std::optional<Decibels> ear_target) {
    return Deciding{subject, posture}.decide(classification, ear_target, nullptr);
}

bool answer_matters(const Subject &subject, const Classification &classification, const std::vector<WeightedLoad> &priors, Posture posture) {
    if (subject.facts().pro_audio) return false;
    const Deciding deciding{subject, posture};
    std::vector<Outcome> all = deciding.outcomes(classification);
    const bool unknown = std::any_of(all.begin(), all.end(), [](const Outcome &out) { return out.load == Load::unknown; });
    if (unknown)
        for (const WeightedLoad &weighted : deciding.plausible(priors)) all.push_back(deciding.outcome_for(weighted, classification.confidence, {}));
    return caps_differ(all);
}

std::optional<Decibels> settling_ceiling(const Subject &subject, const std::vector<WeightedLoad> &priors, Posture posture) {
    std::optional<Decibels> lowest;
    for (const Outcome &out : Deciding{subject, posture}.of_all_confidences(priors)) {
        std::optional<Decibels> cap = out.cap;
        if (cap && posture == Posture::strict && out.load == Load::in_ear && out.cap_from_target)
            cap = *cap - Decibels{worst_in_ear_below_in_ear_db};
        if (cap && (!lowest || *cap < *lowest)) lowest = cap;
    }
    return lowest;
}

std::vector<Outcome> Deciding::of_all_confidences(const std::vector<WeightedLoad> &priors) const {
    std::vector<WeightedLoad> loads = plausible(priors);
    loads.push_back({Load::unknown, 1.0});
    std::vector<Outcome> all;
    for (const WeightedLoad &weighted : loads)
        for (const auto &[confidence, name] : Names<Confidence>::table) {
            all.push_back(outcome_for(weighted, confidence, {}));
            if (!subject.heeds_confidence_) break;
        }
    return all;
}

bool needs_guard(const Subject &subject, const std::vector<WeightedLoad> &priors, Posture posture) {
    if (subject.facts().pro_audio) return false;
    const std::vector<Outcome> all = Deciding{subject, posture}.of_all_confidences(priors);
    return std::any_of(all.begin(), all.end(), [](const Outcome &out) { return out.verdict != Verdict::allow || out.start_low; });
}

} // namespace soundwarden::policy
