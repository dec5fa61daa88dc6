// SPDX-License-Identifier: MIT
// The verbs: each asks the daemon, prints, and returns the exit code. All throw Failure.
#pragma once

#include "terminal.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace soundwarden::cli {

enum class Format : std::uint8_t { text, json, jsonl };

/// What holds for every verb.
struct Global {
    Format format = Format::text;
    ColourChoice colour = ColourChoice::automatic;
    std::chrono::milliseconds timeout{5000};
};

int run_status(const Global &global, bool tell_by_exit_code);
int run_show(const Global &global, const std::string &output);
int run_guard(const Global &global, const std::string &output, bool on);
/// `output` empty: all. Also without a daemon, where Soundwarden's part in WirePlumber holds what one left.
int run_release(const Global &global, const std::string &output);
int run_monitor(const Global &global, bool wait);

} // namespace soundwarden::cli
