// SPDX-License-Identifier: MIT
#include "host/notify.hpp"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstdlib>

namespace soundwarden::host {
namespace {

/// A newline would begin another assignment.
std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

} // namespace

void notify_ready(const std::string &status) { sd_notify(0, ("READY=1\nSTATUS=" + one_line(status)).c_str()); }
void notify_status(const std::string &status) { sd_notify(0, ("STATUS=" + one_line(status)).c_str()); }
void notify_stopping() { sd_notify(0, "STOPPING=1"); }

bool supervised() {
    const char *address = std::getenv("NOTIFY_SOCKET");
    return address != nullptr && *address != '\0';
}

} // namespace soundwarden::host
