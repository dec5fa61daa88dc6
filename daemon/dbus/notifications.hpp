// SPDX-License-Identifier: MIT
// The desktop's notification service (Desktop Notifications Specification 1.2), as both kinds of notices use it.
#pragma once

#include <chrono>
#include <cstdint>

namespace soundwarden::dbus {

inline constexpr const char *notifications_service = "org.freedesktop.Notifications"; ///< its interface has the same name
inline constexpr const char *notifications_path = "/org/freedesktop/Notifications";

/// As long as a bus gives a program to start; nobody waits.
inline constexpr std::chrono::seconds notification_answers_within{30};
inline constexpr std::int32_t as_long_as_usual = -1;

} // namespace soundwarden::dbus
