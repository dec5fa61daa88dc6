// SPDX-License-Identifier: MIT
// The service manager's watchdog (sd_watchdog_enabled(3)), fed only while the sound goes on.
#pragma once

#include "loop/loop.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace soundwarden::host {

/// Where the service manager watches ($WATCHDOG_USEC, $WATCHDOG_PID): pings it at once and then each half of its time, as long as `progress`
/// says that what it stands for went on since it was asked last (idle counts as going on). Where it says no, it is asked once more after a
/// fifteenth of that time, for the whole process may have been stopped; then the service manager is told to end this process at once
/// (WATCHDOG=trigger) and to start it anew. Elsewhere it does nothing and wakes nobody. Main thread only.
class Watchdog {
  public:
    Watchdog(loop::Loop &loop, std::function<bool()> progress);

    /// How often it pings; nothing: nobody watches.
    std::optional<std::chrono::microseconds> interval() const { return interval_; }

  private:
    void look();

    loop::Loop &loop_;
    std::function<bool()> progress_;
    std::optional<std::chrono::microseconds> interval_;
    std::unique_ptr<loop::Timer> timer_;
    bool doubted_ = false;
};

} // namespace soundwarden::host
