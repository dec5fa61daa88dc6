// SPDX-License-Identifier: MIT
// Text of the `policy` verbs, for people.
#pragma once

#include "policy/policy_set.hpp"
#include "terminal.hpp"
#include "trial.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::cli {

/// Like a compiler's; goes to stderr.
std::string diagnostics_text(const std::vector<policy::Diagnostic> &diagnostics, const Style &style);
/// "valid: 12 files, 57 rules, …" or "invalid: 2 errors, 1 warning".
std::string check_text(const policy::Loaded &loaded, const Style &style);
/// What makes the level at full scale, and the cap from it; empty where no target was aimed at.
std::string sum_text(const policy::Explanation &explanation, const Style &style);
/// Every rule for this kind of socket, the one that decides marked; empty where there is none.
std::string rules_text(const policy::Explanation &explanation, std::string_view kind, const Style &style);
std::string trial_text(const TrialResult &result, const Style &style);

} // namespace soundwarden::cli
