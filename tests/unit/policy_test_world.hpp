// SPDX-License-Identifier: MIT
// Decisions by the shipped rules, or by a text over them, in one call.
#pragma once

#include "policy/decide.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace soundwarden::policy::testing {

using Set = std::shared_ptr<const PolicySet>;

/// The shipped rules with these texts over them, all in files that sort behind. Fails the test where they have errors.
inline Set with(const std::vector<std::pair<Layer, std::string>> &texts) {
    std::vector<SourceText> sources;
    for (const auto &[layer, text] : texts)
        sources.push_back({"/" + std::string(name_of(layer)) + "/" + std::to_string(60 + sources.size()) + "-test.toml", layer,
                           "schema = 1\n" + text});
    const Loaded loaded = load(std::move(sources));
    for (const Diagnostic &diagnostic : loaded.diagnostics)
        if (diagnostic.severity == Severity::error) ADD_FAILURE() << text_of(diagnostic);
    return loaded.set == nullptr ? builtin() : loaded.set;
}
inline Set with(const std::string &text, Layer layer = Layer::etc) { return with({{layer, text}}); }

inline Subject subject_of(const OutputFacts &facts, Volts class_full_scale, const Set &set = builtin(), OutputNames names = {}) {
    return {set, facts, facts, class_full_scale, std::move(names)};
}

inline Decision decide(const OutputFacts &facts, Volts class_full_scale, const Classification &classification, Posture posture,
                       std::optional<Decibels> ear_target = std::nullopt, const Set &set = builtin()) {
    return policy::decide(subject_of(facts, class_full_scale, set), classification, posture, ear_target);
}

inline std::optional<Decibels> settling_ceiling(const OutputFacts &facts, Volts class_full_scale, const std::vector<WeightedLoad> &priors,
                                                Posture posture) {
    return policy::settling_ceiling(subject_of(facts, class_full_scale), priors, posture);
}

inline bool needs_guard(const OutputFacts &facts, const std::vector<WeightedLoad> &priors, Posture posture) {
    return policy::needs_guard(subject_of(facts, Volts{2.0}), priors, posture);
}

} // namespace soundwarden::policy::testing
