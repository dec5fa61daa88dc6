// SPDX-License-Identifier: MIT
#include "deciding.hpp"

#include <algorithm>

namespace soundwarden::policy {
namespace {

template <class E> std::string names_in(SetOf<E> set) {
    std::string text;
    for (const auto &[value, name] : Names<E>::table)
        if (set.contains(value)) text += (text.empty() ? "" : ", ") + std::string(name);
    return text;
}

std::string patterns(const std::vector<Glob> &globs) {
    std::string text;
    for (const Glob &glob : globs) text += (text.empty() ? "" : ", ") + glob.pattern();
    return text;
}

std::string channels_wanted(const When &when) {
    return "between " + std::to_string(when.least_channels) + " and " + std::to_string(when.most_channels);
}

/// Why a rule does not speak; empty: it does.
std::string why_not(const When &when, const OutputFacts &facts, const OutputNames &names, Load load, Confidence confidence,
                    const LoadFacts &load_facts) {
    if (!when.kinds.contains(facts.kind)) return "the output is " + std::string(name_of(facts.kind)) + ", not " + names_in(when.kinds);
    if (facts.channels < when.least_channels || facts.channels > when.most_channels)
        return std::to_string(facts.channels) + " channels, not " + channels_wanted(when);
    if (!speaks_for(when, facts, names)) return "the output is none of: " + patterns(when.outputs);
    if (!when.loads.contains(load)) return "the load is " + std::string(name_of(load)) + ", not " + names_in(when.loads);
    if (!when.confidences.contains(confidence))
        return "the confidence is " + std::string(name_of(confidence)) + ", not " + names_in(when.confidences);
    if (!speaks_for(when, load, confidence, load_facts)) return "no such low impedance was measured";
    return {};
}

} // namespace

Explanation Deciding::explain(const Classification &classification, std::optional<Decibels> ear_target) const {
    Explanation explanation;
    Outcome chosen;
    explanation.decision = decide(classification, ear_target, &chosen);
    explanation.load = chosen.load;
    const LoadFacts &facts = facts_of(chosen.load, classification);
    const Rule *last = last_that_speaks(subject.rules_, chosen.load, classification.confidence, facts);
    const bool bounded = chosen.rule != last; // by a locked rule that is stricter
    bool told = false;
    for (const Rule &rule : subject.set_->rules) {
        if (!rule.when.kinds.contains(subject.facts_.kind)) continue;
        Considered considered;
        considered.rule = subject.set_->ref(rule);
        considered.locked = rule.locked;
        considered.why = why_not(rule.when, subject.facts_, subject.names_, chosen.load, classification.confidence, facts);
        considered.matched = considered.why.empty();
        // A lock is a copy of its rule.
        considered.decided = bounded ? rule.locked && chosen.rule != nullptr && rule.place == chosen.rule->place : &rule == last;
        told = told || considered.decided;
        if (considered.decided) considered.why = bounded ? "locked, and stricter" : "the last that matches";
        else if (considered.matched && &rule == last) considered.why = "the last that matches; a locked one is stricter";
        else if (considered.matched) considered.why = rule.locked ? "locked: a bound" : "matches; one that is read later decides";
        explanation.rules.push_back(std::move(considered));
    }
    // One in whose place a user's file stands is not among the rules.
    if (bounded && !told && chosen.rule != nullptr)
        explanation.rules.push_back({subject.set_->ref(*chosen.rule), true, true, true, "locked, and stricter"});
    add_sum(explanation, chosen, facts);
    return explanation;
}

void Deciding::add_sum(Explanation &explanation, const Outcome &chosen, const LoadFacts &facts) const {
    const Gives *gives = chosen.rule == nullptr ? nullptr : &chosen.rule->gives;
    if (gives == nullptr || chosen.verdict != Verdict::limit || !gives->target) return;
    const Cap cap = cap_for_target(*gives->target, subject.facts_, subject.class_full_scale_, chosen.load, facts);
    explanation.target = gives->target;
    explanation.sum = cap.sum.addends;
    explanation.spl = cap.sum.total;
    explanation.bounded_by = chosen.cap_from_target ? cap.bounded_by : "";
    explanation.below = chosen.cap_from_target ? gives->below : Decibels{};
}

Explanation explain(const Subject &subject, const Classification &classification, Posture posture, std::optional<Decibels> ear_target) {
    return Deciding{subject, posture}.explain(classification, ear_target);
}

} // namespace soundwarden::policy
