// SPDX-License-Identifier: MIT
// What time it is, and how long there is to wait.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace soundwarden::cli {

/// Wall-clock time now: "23:05:59.123" for people, RFC 3339 in UTC for programs.
std::string time_of_day(bool for_programs);

/// Milliseconds until then (on CLOCK_MONOTONIC), for poll(2); −1 for ever.
int pause_until(const std::optional<std::chrono::microseconds> &deadline);

} // namespace soundwarden::cli
