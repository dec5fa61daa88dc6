// SPDX-License-Identifier: MIT
// What the service manager is told (sd_notify). Without NOTIFY_SOCKET all of these do nothing.
#pragma once

#include <string>

namespace soundwarden::host {

/// READY=1, with a line for `systemctl status`.
void notify_ready(const std::string &status);
/// STATUS= alone: one line.
void notify_status(const std::string &status);
/// STOPPING=1.
void notify_stopping();
/// Whether somebody listens, and so brings this process back.
bool supervised();

} // namespace soundwarden::host
