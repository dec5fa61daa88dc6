// SPDX-License-Identifier: MIT
// JSON of the `policy` verbs: the same promise as render/json.hpp.
#pragma once

#include "policy/policy_set.hpp"
#include "render/json.hpp"
#include "trial.hpp"

#include <string>

namespace soundwarden::cli {

/// `policy check`: whether it is valid, and what there is to be said about it.
std::string check_json(const policy::Loaded &loaded, JsonLayout layout);
/// `policy show`: the merged policy; each part with its file, line and column.
std::string policy_json(const policy::PolicySet &set, JsonLayout layout);
/// `policy test`.
std::string trial_json(const TrialResult &result, JsonLayout layout);

} // namespace soundwarden::cli
