// SPDX-License-Identifier: MIT
// One JSON object a line on standard output, each with its time: what the bench's programs tell the test that runs
// them.
#pragma once

#include "bench/clock.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <string>

namespace soundwarden::bench {

/// Prints `event` at once. `t_ns` is the moment of the call unless the event brings its own. Main thread.
inline void print_event(nlohmann::json event) {
    if (!event.contains("t_ns")) event["t_ns"] = now_ns();
    const std::string line = event.dump() + '\n';
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fflush(stdout);
}

} // namespace soundwarden::bench
