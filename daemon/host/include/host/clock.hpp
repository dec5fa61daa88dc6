// SPDX-License-Identifier: MIT
// A clock that nobody sets.
#pragma once

namespace soundwarden::host {

/// Seconds since the machine was started, those asleep included (CLOCK_BOOTTIME). Any thread; throws nothing.
double seconds_since_boot() noexcept;

} // namespace soundwarden::host
