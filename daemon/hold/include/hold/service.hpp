// SPDX-License-Identifier: MIT
// The running soundwarden-hold: its configuration, its cards, its signals, one loop that sleeps until something happens.
#pragma once

#include <cstdint>
#include <string>

namespace soundwarden::hold {

struct Options {
    std::string config;     ///< the file; one that is not there is the built-in bounds
    std::string dev = "/dev";
};

/// As soundwardend's, where they mean the same.
enum class ExitCode : int { ok = 0, failed = 1, usage = 2, bad_installation = 5, config_invalid = 6 };

/// Reads the configuration and says on stderr what is wrong with it.
ExitCode check(const Options &options);

/// Until SIGTERM or SIGINT; SIGHUP reads the configuration anew. All locks go with the process; volumes stay where they are.
ExitCode run(const Options &options);

} // namespace soundwarden::hold
