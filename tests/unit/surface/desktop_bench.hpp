// SPDX-License-Identifier: MIT
// Peers of a service on a private bus, in the loop of the test; one of them may be what shows notifications.
#pragma once

#include "bus/names.hpp"
#include "bus/sdbus_compat.hpp"
#include "dose_object.hpp"
#include "poll_loop.hpp"
#include "private_bus.hpp"

#include <gtest/gtest.h>
#include <notifications_adaptor.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <poll.h>
#include <string>
#include <vector>

namespace soundwarden::test {

using namespace dbus;
using Variants = std::map<std::string, sdbus::Variant>;

template <class Result>
struct Answer {
    std::optional<Result> value;
    std::string error{}; ///< its name
};

/// Somebody else on the bus, in the loop of the test.
class Peer {
  public:
    Peer(PollLoop &loop, const std::string &address) : loop_(loop), connection(bus::open_session_bus(address)) {
        io_ = loop.watch(bus::poll_wish(*connection).descriptor, loop::Ready::in, [](loop::Ready) {});
        hook_ = loop.before_poll([this] { pump(); });
        wake_ = loop.timer([] {});
    }
    Peer(const Peer &) = delete;
    Peer &operator=(const Peer &) = delete;

    template <class Result, class... Arguments>
    Answer<Result> call(const std::string &path, const std::string &interface, const std::string &method, const Arguments &...arguments) {
        const auto proxy = sdbus::createProxy(*connection, bus::ServiceName{bus::service_name}, sdbus::ObjectPath{path});
        std::optional<Answer<Result>> answer;
        proxy->callMethodAsync(method).onInterface(interface).withArguments(arguments...).uponReplyInvoke(
            [&](bus::CallError error, const Result &value) {
                answer = error ? Answer<Result>{std::nullopt, std::string{error->getName()}} : Answer<Result>{value};
            });
        EXPECT_TRUE(loop_.run_until([&] { return answer.has_value(); }, scaled(patience))) << method;
        return answer.value_or(Answer<Result>{std::nullopt, "no answer"});
    }

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

    bool deaf = false; ///< takes no messages

  private:
    void pump() {
        if (deaf) return;
        try {
            while (bus::process_one(*connection)) wake_->arm(loop_.now()); // the test looks at it before the next sleep
            const bool writes = (bus::poll_wish(*connection).events & POLLOUT) != 0;
            io_->update(writes ? loop::Ready::in | loop::Ready::out : loop::Ready::in);
        } catch (const sdbus::Error &) { // its bus is gone
            io_.reset();
            deaf = true;
        }
    }

    PollLoop &loop_;

  public:
    std::unique_ptr<sdbus::IConnection> connection;

  private:
    std::unique_ptr<loop::Io> io_;
    std::unique_ptr<loop::Source> hook_;
    std::unique_ptr<loop::Timer> wake_;
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
