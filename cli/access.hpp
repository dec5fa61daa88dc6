// SPDX-License-Identifier: MIT
// Where the daemon is asked, and how long it is waited for.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>

namespace soundwarden::cli {

struct Access {
    std::chrono::milliseconds timeout{5000};
    bool system = false; ///< the system bus, where polkit may ask for a password
};

/// For the answer to something that changes things: somebody may look for a password meanwhile.
inline std::chrono::milliseconds change_timeout(const Access &access) {
    return access.system ? std::max<std::chrono::milliseconds>(access.timeout, std::chrono::minutes{2}) : access.timeout;
}

/// "systemctl --user start soundwarden".
inline std::string systemctl(const Access &access, const std::string &rest) { return (access.system ? "systemctl " : "systemctl --user ") + rest; }

} // namespace soundwarden::cli
