// SPDX-License-Identifier: MIT
#include "desktop_notice.hpp"

#include "notifications.hpp"
#include "utf8.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <exception>
#include <vector>

namespace soundwarden::dbus {
namespace {

constexpr const char *whose_owner_changes =
    "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged',"
    "arg0='org.freedesktop.Notifications'";

std::uint8_t urgency_of(dose::Notice::Kind kind) {
    constexpr std::uint8_t normal = 1, critical = 2;
    return kind == dose::Notice::Kind::too_loud || kind == dose::Notice::Kind::stop ? critical : normal;
}

} // namespace

// The numbers are forgotten with the program that gave them: the next one may have given them to somebody else's.
DesktopNotices::DesktopNotices(sdbus::IConnection &connection)
    : proxy_(sdbus::createProxy(connection, bus::ServiceName{notifications_service}, sdbus::ObjectPath{notifications_path})),
      owner_match_(bus::subscribe(connection, whose_owner_changes, [this](sdbus::Message &) { shown_.clear(); })) {}

void DesktopNotices::show(dose::Notice::Kind kind, const NoticeText &text) noexcept {
    try {
        send(kind, text);
    } catch (const std::exception &error) {
        spdlog::debug("no desktop notification: {}", error.what());
    }
}

void DesktopNotices::send(dose::Notice::Kind kind, const NoticeText &text) {
    const auto last = shown_.find(kind);
    const std::uint32_t replaces = last == shown_.end() ? 0U : last->second;
    std::map<std::string, sdbus::Variant> hints;
    hints.emplace("urgency", sdbus::Variant{urgency_of(kind)});
    proxy_->callMethodAsync("Notify")
        .onInterface(notifications_service)
        .withTimeout(notification_answers_within)
        .withArguments(std::string{"Soundwarden"}, replaces, std::string{"audio-headphones"}, text.title, escaped(text.body),
                       std::vector<std::string>{}, hints, as_long_as_usual)
        .uponReplyInvoke([this, kind](bus::CallError error, std::uint32_t number) {
            if (error) spdlog::debug("no desktop notification: {}", error->what());
            else shown_[kind] = number;
        });
}

} // namespace soundwarden::dbus
