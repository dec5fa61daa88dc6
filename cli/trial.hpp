// SPDX-License-Identifier: MIT
// `policy test`: an output and a load that somebody imagines, made into what a policy is asked about.
#pragma once

#include "model/classification.hpp"
#include "model/output.hpp"
#include "policy/decide.hpp"
#include "policy/policy_set.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::cli {

/// As it was asked for, in words; empty: not given.
struct TrialRequest {
    std::string output;             ///< a kind, or the name of an `[[output]]` that says its kind
    std::string load;               ///< a kind, or the name of a `[[load]]`
    std::vector<std::string> facts; ///< KEY=VALUE
    std::string socket_class;       ///< dongle, laptop, desktop, interface
    std::string name;               ///< what the output would be called, for rules with `output`
    std::string confidence;
    std::string posture;
};

/// The question. The load is there for certain; what was said of it counts as measured, a model as named by the user.
struct Trial {
    OutputFacts output;
    std::string entry; ///< the `[[output]]` that was named; empty: none
    std::string socket_class;
    Volts class_full_scale{2.0};
    std::string name;
    Classification classification;
    std::optional<Posture> posture;
};

/// Throws Failure (exit_usage), saying what would have been understood.
Trial make_trial(const policy::PolicySet &set, const TrialRequest &request);

/// The answer with all that led to it.
struct TrialResult {
    Trial trial;
    Posture posture = Posture::protect; ///< in force
    policy::Explanation explanation;
};
TrialResult try_out(const std::shared_ptr<const policy::PolicySet> &set, const TrialRequest &request);

} // namespace soundwarden::cli
