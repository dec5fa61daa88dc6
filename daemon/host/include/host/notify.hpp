// SPDX-License-Identifier: MIT
// What the service manager is told (the protocol of sd_notify(3)). Without NOTIFY_SOCKET all of these do nothing. Only notify_ready() waits where
// it does not listen, for five seconds at most; else the message is lost.
#pragma once

#include <string>

namespace soundwarden::host {

/// READY=1, with a line for `systemctl status`.
void notify_ready(const std::string &status);
/// STATUS= alone: one line.
void notify_status(const std::string &status);
/// STOPPING=1.
void notify_stopping();
/// WATCHDOG=1 and WATCHDOG=trigger.
void notify_alive();
void notify_stuck();
/// Whether somebody listens, and so brings this process back.
bool supervised();

} // namespace soundwarden::host
