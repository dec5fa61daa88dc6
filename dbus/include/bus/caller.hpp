// SPDX-License-Identifier: MIT
// Who calls, and whether the call permits the service to ask for a password (D-Bus Specification, ALLOW_INTERACTIVE_AUTHORIZATION).
// sdbus-c++ hands that flag to nobody, so its message underneath is asked (docs/decisions/011).
#pragma once

#include "bus/names.hpp"
#include "bus/sdbus_compat.hpp"

#include <string>

#include <systemd/sd-bus.h>

namespace soundwarden::bus {

/// sd-bus' own message, which stays sdbus-c++'s.
class RawMessage : public sdbus::Message {
  public:
    static sd_bus_message *of(const sdbus::Message &message) { return static_cast<sd_bus_message *>(message.*(&RawMessage::msg_)); }
};

struct Caller {
    std::string name;         ///< unique, on its bus
    bool interactive = false; ///< somebody may be asked for a password
};

/// Of the method of this object that is called now. Only from inside that method.
inline Caller caller_of(const sdbus::IObject &object) {
    const auto read = [](const sdbus::Message &call) {
        return Caller{call.getSender(), sd_bus_message_get_allow_interactive_authorization(RawMessage::of(call)) > 0};
    };
#if SOUNDWARDEN_SDBUS_2
    return read(object.getCurrentlyProcessedMessage());
#else
    return read(*object.getCurrentlyProcessedMessage());
#endif
}

/// From now on every call over the proxy's connection permits it. Throws sdbus::Error.
inline void allow_interaction(sdbus::IProxy &proxy) {
    const auto call = proxy.createMethodCall(InterfaceName{manager_interface}, MethodName{"Ping"}); // never sent: only to get at the connection
    sd_bus_set_allow_interactive_authorization(sd_bus_message_get_bus(RawMessage::of(call)), 1);
}

} // namespace soundwarden::bus
