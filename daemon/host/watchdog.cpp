// SPDX-License-Identifier: MIT
#include "host/watchdog.hpp"

#include "host/journal.hpp"
#include "host/notify.hpp"
#include "model/fault.hpp"

#include <systemd/sd-daemon.h>

#include <cstdint>
#include <utility>

namespace soundwarden::host {

Watchdog::Watchdog(loop::Loop &loop, std::function<bool()> progress) : loop_(loop), progress_(std::move(progress)) {
    std::uint64_t usec = 0;
    if (sd_watchdog_enabled(0, &usec) <= 0) return;
    interval_ = std::chrono::microseconds(usec) / 2;
    timer_ = loop_.timer([this] { look(); });
    look();
}

void Watchdog::look() {
    if (progress_() || fault(Fault::watchdog_fed_blindly)) {
        doubted_ = false;
        notify_alive();
        timer_->arm(loop_.now() + *interval_);
    } else if (!std::exchange(doubted_, true)) {
        timer_->arm(loop_.now() + *interval_ / 15);
    } else {
        log_event({engine::Level::error, "watchdog", {}, "the thread that limits the sound does not go on: the service manager starts this process anew"}, nullptr);
        notify_stuck();
        timer_->arm(loop_.now() + *interval_); // one that knows no trigger misses the pings
    }
}

} // namespace soundwarden::host
