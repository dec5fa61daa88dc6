// SPDX-License-Identifier: MIT
// Notices on the desktop: org.freedesktop.Notifications of the session (Desktop Notifications Specification 1.2).
#pragma once

#include "bus/sdbus_compat.hpp"
#include "dose/keeper.hpp"
#include "dose_notice.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace soundwarden::dbus {

/// Main thread; must not outlive its connection.
class DesktopNotices {
  public:
    /// Waits for the bus daemon to take a match. Throws sdbus::Error.
    explicit DesktopNotices(sdbus::IConnection &connection);
    DesktopNotices(const DesktopNotices &) = delete;
    DesktopNotices &operator=(const DesktopNotices &) = delete;

    /// In place of the last one of its kind. Waits for nothing and throws nothing: a session that shows no notifications
    /// is as good as any. The bus may start the program that shows them.
    void show(dose::Notice::Kind kind, const NoticeText &text) noexcept;

  private:
    void send(dose::Notice::Kind kind, const NoticeText &text);

    std::map<dose::Notice::Kind, std::uint32_t> shown_; ///< the number that the desktop gave the last one of a kind
    std::unique_ptr<sdbus::IProxy> proxy_;              ///< its pending calls end with it
    sdbus::Slot owner_match_;
};

} // namespace soundwarden::dbus
