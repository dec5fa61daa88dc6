// SPDX-License-Identifier: MIT
// The command line of `soundwarden policy …`.
#pragma once

#include "verbs/policy.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace soundwarden::cli {

/// Adds `policy` with its verbs to the command, and runs the one that was given. Outlives the parsing.
class PolicyOptions {
  public:
    explicit PolicyOptions(CLI::App &app);
    PolicyOptions(const PolicyOptions &) = delete;
    PolicyOptions &operator=(const PolicyOptions &) = delete;

    bool given() const { return policy_->parsed(); }
    /// Throws Failure.
    int run(const Global &global) const;

  private:
    void add_directory(CLI::App &verb);

    CLI::App *policy_;
    CLI::App *check_;
    CLI::App *show_;
    CLI::App *test_;
    std::string directory_;
    bool directory_given_ = false;
    std::vector<std::string> files_;
    TrialRequest request_;
};

} // namespace soundwarden::cli
