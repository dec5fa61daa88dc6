// SPDX-License-Identifier: MIT
// Time in the bench: one clock (CLOCK_MONOTONIC, as PipeWire's graph clock), in integer nanoseconds, and time-outs that
// hold on a loaded machine.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <functional>

namespace soundwarden::bench {

/// CLOCK_MONOTONIC in nanoseconds: the unit and clock of every `t_ns` in events and recordings.
inline std::int64_t now_ns() noexcept {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

using std::chrono::milliseconds;

/// A time-out multiplied by SOUNDWARDEN_TIMEOUT_SCALE (>= 1; sanitizers, valgrind, busy machines).
milliseconds scaled(milliseconds timeout);

/// The time-out of every wait that does not name one: what has not come by then will not come. Every wait scales the
/// time-out it is given.
milliseconds default_timeout();

/// Polls `condition` every 2 ms until it holds. For the few things nobody announces (a file growing, a process of
/// somebody else disappearing); everything else has an event to wait for. False when the time ran out. `timeout` is
/// scaled.
bool poll_until(const std::function<bool()> &condition, milliseconds timeout = milliseconds{20'000});

} // namespace soundwarden::bench
