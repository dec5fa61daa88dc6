// SPDX-License-Identifier: MIT
// `soundwarden policy …`: reads policy files itself and needs no daemon. All throw Failure; a policy with errors is
// exit code 6, with its diagnostics on stderr.
#pragma once

#include "trial.hpp"
#include "verbs/verbs.hpp"

#include <string>
#include <vector>

namespace soundwarden::cli {

/// `files`: these alone, "-" for stdin; none: the machine's layers, or `directory` (--policy-dir) where it is not
/// empty.
int run_policy_check(const Global &global, const std::string &directory, const std::vector<std::string> &files);
int run_policy_show(const Global &global, const std::string &directory);
int run_policy_test(const Global &global, const std::string &directory, const TrialRequest &request);

} // namespace soundwarden::cli
