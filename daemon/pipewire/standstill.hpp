// SPDX-License-Identifier: MIT
// Whether a guard that should run stands still.
#pragma once

#include <chrono>
#include <cstdint>

namespace soundwarden::pipewire_adapter {

/// Judges one sink's guard by looks about a second apart. A guard stands still while the driver of its graph goes on, the data thread answers,
/// and no frame comes through: the server no longer wakes it, or something in front of it never ends its cycle. Made anew it is in a new place
/// of the graph. What did not help is tried ever less often. Main thread; pure.
class Standstill {
  public:
    struct Look {
        bool should_run = false;         ///< both streams are told to
        bool data_thread_answers = true; ///< else it is the thread that stands, and the watchdog's business
        std::uint64_t driver_nsec = 0;   ///< when the driver's newest cycle began, CLOCK_MONOTONIC; 0: no driver
        std::uint64_t frames = 0;        ///< through this guard so far
    };

    /// Since frames last came through, on the driver's clock, at the first alarm; twice as long at each further one, up to `longest`.
    static constexpr std::chrono::nanoseconds first = std::chrono::seconds(2);
    static constexpr std::chrono::nanoseconds longest = std::chrono::seconds(64);
    /// After running for so long an alarm is a first one again.
    static constexpr std::chrono::nanoseconds forgotten_after = std::chrono::seconds(60);

    /// True once for each standstill that has lasted too long: make the guard anew.
    bool look(const Look &now);

  private:
    std::chrono::nanoseconds patience_ = first;
    std::uint64_t frames_ = 0;
    std::uint64_t stood_since_nsec_ = 0; // 0: it did not stand at the last look
    std::uint64_t ran_since_nsec_ = 0;   // 0: it did not run at the last look
};

} // namespace soundwarden::pipewire_adapter
