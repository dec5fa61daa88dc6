// SPDX-License-Identifier: MIT
// Peers of a service on a private bus, in the loop of the test; one of them may be what shows notifications.
#pragma once

#include "bus_peer.hpp"
#include "dose_object.hpp"

#include <gtest/gtest.h>
#include <notifications_adaptor.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace soundwarden::test {

using namespace dbus;
using Variants = std::map<std::string, sdbus::Variant>;

class Peer : public BusPeer {
  public:
    using BusPeer::BusPeer;

    template <class Value>
    Value property(const std::string &name) {
        const auto answer = call<sdbus::Variant>(bus::dose_path, bus::properties_interface, "Get", std::string{bus::dose_interface}, name);
        EXPECT_TRUE(answer.value) << name << ": " << answer.error;
        return answer.value ? answer.value->get<Value>() : Value{};
    }
    double number(const std::string &name) { return property<double>(name); }
    Answer<std::vector<DoseRow>> history(const std::string &span, std::int64_t since_s) {
        return call<std::vector<DoseRow>>(bus::dose_path, bus::dose_interface, "History", span, since_s);
    }
    /// The service has taken all that was sent to it, and everything that it said has come.
    void settle() { number("Allowance"); }
};

struct Shown {
    std::string app_name;
    std::uint32_t replaces_id;
    std::string icon, summary, body;
    std::vector<std::string> actions; ///< key, label, key, label, …
    Variants hints;
    std::int32_t expires;
    int urgency() const { return hints.at("urgency").get<std::uint8_t>(); }
};

/// What shows notifications.
class Desktop final : public sdbus::AdaptorInterfaces<org::freedesktop::Notifications_adaptor> {
  public:
    explicit Desktop(Peer &peer)
        : AdaptorInterfaces(*peer.connection, sdbus::ObjectPath{"/org/freedesktop/Notifications"}), peer_(peer) {
        registerAdaptor();
        peer_.connection->requestName(bus::ServiceName{"org.freedesktop.Notifications"});
    }
    Desktop(const Desktop &) = delete;
    Desktop &operator=(const Desktop &) = delete;
    ~Desktop() {
        peer_.connection->releaseName(bus::ServiceName{"org.freedesktop.Notifications"});
        unregisterAdaptor();
    }

    /// As a person does it: servers close what a button was pressed on.
    void press(std::uint32_t id, const std::string &key) {
        emitActionInvoked(id, key);
        emitNotificationClosed(id, 2);
    }
    void dismiss(std::uint32_t id) { emitNotificationClosed(id, 2); }
    void expire(std::uint32_t id) { emitNotificationClosed(id, 1); }

    std::vector<Shown> shown;
    std::vector<std::uint32_t> closed;                                         ///< by CloseNotification
    std::vector<std::string> capabilities{"body", "body-markup", "actions"};
    std::uint32_t next_id = 41;
    bool refuses = false;

  private:
    std::vector<std::string> GetCapabilities() override { return capabilities; }
    void CloseNotification(const std::uint32_t &id) override { closed.push_back(id); }
    std::uint32_t Notify(const std::string &app_name, const std::uint32_t &replaces_id, const std::string &app_icon, const std::string &summary,
                         const std::string &body, const std::vector<std::string> &actions, const Variants &hints,
                         const std::int32_t &expire_timeout) override {
        shown.push_back({app_name, replaces_id, app_icon, summary, body, actions, hints, expire_timeout});
        if (refuses) throw sdbus::Error{bus::ErrorName{"org.example.No"}, "no"};
        return replaces_id != 0 ? replaces_id : next_id++;
    }

    Peer &peer_;
};

} // namespace soundwarden::test
