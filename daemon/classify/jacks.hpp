// SPDX-License-Identifier: MIT
// Which of a card's jacks, switches and receivers are a socket's, and what they say of a plug (reference/sensing.md §1.1-1.3, §1.7).
#pragma once

#include "labels.hpp"
#include "model/card.hpp"
#include "model/output.hpp"
#include "model/socket.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::classify {

/// What of a card is a socket's. Points into the card's facts; each list is in an order of its own, not in the card's.
struct Wiring {
    SocketUse use = SocketUse::none;
    std::vector<const Jack *> jacks;       ///< that see a plug in it
    std::vector<const Jack *> sharing;     ///< other sockets that the same signal comes out of, without a route of their own
    std::vector<const Jack *> microphones; ///< that see a microphone on its plug
    std::vector<const JackSwitches *> switches;
    const Eld *eld = nullptr;
    bool phantom = false; ///< a control that always says "plugged" is all there is of some jack of it
};
Wiring wiring_of(const SocketFacts &socket, const CardFacts *card);

/// All sources together. `built_in`: the socket is the machine's own loudspeaker, which is never unplugged.
Availability plug_of(const SocketFacts &socket, const CardFacts *card, const Wiring &wiring, bool built_in);

/// Sockets of the wiring with a plug in them, at least; what says nothing counts as none.
std::uint32_t plugs_seen(const Wiring &wiring);

/// A microphone on the plug: seen, seen not to be there, or nothing can tell.
std::optional<bool> microphone_of(const CardFacts *card, const Wiring &wiring);

/// What a driver that measures says of the load: high impedance (a line), low, or nothing, also where it says both.
std::optional<bool> line_measured(const SocketFacts &socket, const CardFacts *card, const Wiring &wiring);

/// The lower of both channels, where both were measured and the controls are this socket's.
std::optional<Ohms> measured_ohms(const CardFacts *card, const Wiring &wiring);

/// What SDCA's mode says (reference/sensing.md §1.1, §2).
enum class Mode : std::uint8_t { unknown, unplugged, headphones, headset, line };
Mode mode_of(const CardFacts *card, const Wiring &wiring);

} // namespace soundwarden::classify
