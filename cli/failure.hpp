// SPDX-License-Identifier: MIT
// What ends the command early: an exit code and a sentence for stderr.
#pragma once

#include "exit_codes.hpp"

#include <stdexcept>
#include <string>

namespace soundwarden::cli {

struct Failure : std::runtime_error {
    Failure(ExitCode exit_code, const std::string &message) : std::runtime_error(message), code(exit_code) {}
    ExitCode code;
    bool no_daemon = false; ///< there is no bus, or nobody has the daemon's name on it
};

/// The command line is wrong.
[[noreturn]] inline void usage(const std::string &message) { throw Failure{exit_usage, message}; }

} // namespace soundwarden::cli
