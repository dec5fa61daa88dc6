// SPDX-License-Identifier: MIT
// One run of another program, with an end.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::cli {

struct ProgramResult {
    int exit_code = -1; ///< 128 + signal where one ended it
    std::string out;
    std::string err;
};

/// Runs `command` (looked up in PATH, standard input /dev/null) and waits for its end; kills it when `timeout` is over and
/// returns nothing then. Throws std::system_error where it cannot be started (no such program above all).
std::optional<ProgramResult> run_program(const std::vector<std::string> &command, std::chrono::milliseconds timeout);

} // namespace soundwarden::cli
