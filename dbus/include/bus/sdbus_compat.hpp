// SPDX-License-Identifier: MIT
// The differences between sdbus-c++ 1.2 … 1.6 (Debian 12) and 2.x (Debian 13): all of them, and nothing else.
//
// sdbus-c++ has no version macro; VTableItems.h came with 2.0.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#if __has_include(<sdbus-c++/VTableItems.h>)
#    define SOUNDWARDEN_SDBUS_2 1
#else
#    define SOUNDWARDEN_SDBUS_2 0
#endif

namespace soundwarden::bus {

#if SOUNDWARDEN_SDBUS_2
using ServiceName = sdbus::ServiceName;
using PropertyName = sdbus::PropertyName;
using InterfaceName = sdbus::InterfaceName;
using MethodName = sdbus::MethodName;
using SignalName = sdbus::SignalName;
using ErrorName = sdbus::Error::Name;
using CallError = std::optional<sdbus::Error>; ///< first argument of a reply callback; true where the call failed
#else
using ServiceName = std::string;
using PropertyName = std::string;
using InterfaceName = std::string;
using MethodName = std::string;
using SignalName = std::string;
using ErrorName = std::string;
using CallError = const sdbus::Error *;
#endif

/// What poll(2) is to wait for on behalf of a connection. The deadline is on CLOCK_MONOTONIC since its epoch.
struct PollWish {
    int descriptor = -1;
    short events = 0;
    std::optional<std::chrono::microseconds> deadline;
};

/// Throws sdbus::Error when the connection is gone. 2.x also has an event descriptor, which is for other threads: none
/// of ours touch a connection.
inline PollWish poll_wish(const sdbus::IConnection &connection) {
    const auto data = connection.getEventLoopPollData();
#if SOUNDWARDEN_SDBUS_2
    const bool endless = data.timeout == std::chrono::microseconds::max();
    const auto deadline = data.timeout;
#else
    const bool endless = data.timeout_usec == UINT64_MAX;
    const auto deadline = std::chrono::microseconds{static_cast<std::int64_t>(data.timeout_usec)};
#endif
    return {data.fd, data.events, endless ? std::nullopt : std::optional{deadline}};
}

/// Takes one step of work: true where there may be more. Throws sdbus::Error when the connection is gone.
inline bool process_one(sdbus::IConnection &connection) {
#if SOUNDWARDEN_SDBUS_2
    return connection.processPendingEvent();
#else
    return connection.processPendingRequest();
#endif
}

/// The signature of what the variant that comes next holds; empty where none comes next.
inline std::string signature_in_variant(const sdbus::Message &message) {
#if SOUNDWARDEN_SDBUS_2
    const auto [type, contents] = message.peekType();
    return type == 'v' && contents != nullptr ? contents : "";
#else
    std::string type, contents;
    message.peekType(type, contents);
    return type == "v" ? contents : "";
#endif
}

enum class Bus : std::uint8_t { session, system };

/// The bus of the environment, or the one at `address` where that is not empty. Waits for the bus' greeting. Throws sdbus::Error.
inline std::unique_ptr<sdbus::IConnection> open_bus(Bus which, const std::string &address = {}) {
    if (!address.empty()) return sdbus::createSessionBusConnectionWithAddress(address); // any bus' greeting is the same
    return which == Bus::system ? sdbus::createSystemBusConnection() : sdbus::createSessionBusConnection();
}

/// Calls `handler` for every message that matches, until the slot is dropped; the slot must not outlive the connection.
[[nodiscard]] inline sdbus::Slot subscribe(sdbus::IConnection &connection, const std::string &match,
                                           std::function<void(sdbus::Message &)> handler) {
#if SOUNDWARDEN_SDBUS_2
    return connection.addMatch(
        match, [handler = std::move(handler)](sdbus::Message message) { handler(message); }, sdbus::return_slot);
#else
    return connection.addMatch(match, std::move(handler));
#endif
}

} // namespace soundwarden::bus
