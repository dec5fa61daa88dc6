// SPDX-License-Identifier: MIT
#include "host/clock.hpp"

#include <ctime>

namespace soundwarden::host {

double seconds_since_boot() noexcept {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

} // namespace soundwarden::host
