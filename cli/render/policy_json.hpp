// SPDX-License-Identifier: MIT
// JSON of the `policy` verbs: the same promise as render/json.hpp.
#pragma once

#include "policy/policy_set.hpp"
#include "render/json.hpp"
#include "trial.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace soundwarden::cli {

/// `policy check`: whether it is valid, and what there is to be said about it.
std::string check_json(const policy::Loaded &loaded, JsonLayout layout);
/// `policy show`: the merged policy; each part with its file, line and column.
std::string policy_json(const policy::PolicySet &set, JsonLayout layout);
/// How a verdict comes about, as keys of `json`: "target_dba", "spl_at_full_scale_db", "bounded_by", "sum", "rules".
void add_explanation(nlohmann::ordered_json &json, const policy::Explanation &explanation);
/// `policy test`.
std::string trial_json(const TrialResult &result, JsonLayout layout);

} // namespace soundwarden::cli
