// SPDX-License-Identifier: MIT
// The steps from a subject and a classification to a decision.
#pragma once

#include "outcome.hpp"
#include "speaks.hpp"

#include <optional>
#include <vector>

namespace soundwarden::policy {

struct Deciding {
    const Subject &subject;
    Posture posture;

    /// The decision, and the outcome that it was taken from.
    Decision decide(const Classification &classification, std::optional<Decibels> ear_target, Outcome *deciding) const;
    std::vector<Outcome> outcomes(const Classification &classification) const;
    std::vector<WeightedLoad> plausible(const std::vector<WeightedLoad> &loads) const;
    /// Of every plausible load and the unknown one, for each confidence that a classification may have.
    std::vector<Outcome> of_all_confidences(const std::vector<WeightedLoad> &priors) const;
    Outcome outcome_for(WeightedLoad load, Confidence confidence, const LoadFacts &facts) const;

    static const Rule *last_that_speaks(const std::vector<const Rule *> &rules, Load load, Confidence confidence, const LoadFacts &facts);
    /// What is known of the attached load, where this is the one.
    static const LoadFacts &facts_of(Load load, const Classification &classification);

    Explanation explain(const Classification &classification, std::optional<Decibels> ear_target) const;

  private:
    void add_sum(Explanation &explanation, const Outcome &chosen, const LoadFacts &facts) const;
    void bound_by_locked(Outcome &out, Load load, Confidence confidence, const LoadFacts &facts) const;
    void bound_by_unanswered(std::vector<Outcome> &outcomes, const Classification &classification) const;
    void take(const Outcome &chosen, Decision &decision) const;
    static void bound_override(const std::vector<Outcome> &outcomes, Decision &decision);
};

} // namespace soundwarden::policy
