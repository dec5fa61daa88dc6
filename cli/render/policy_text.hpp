// SPDX-License-Identifier: MIT
// Text of the `policy` verbs, for people.
#pragma once

#include "policy/policy_set.hpp"
#include "terminal.hpp"
#include "trial.hpp"

#include <string>
#include <vector>

namespace soundwarden::cli {

/// Like a compiler's; goes to stderr.
std::string diagnostics_text(const std::vector<policy::Diagnostic> &diagnostics, const Style &style);
/// "valid: 12 files, 57 rules, …" or "invalid: 2 errors, 1 warning".
std::string check_text(const policy::Loaded &loaded, const Style &style);
std::string trial_text(const TrialResult &result, const Style &style);

} // namespace soundwarden::cli
