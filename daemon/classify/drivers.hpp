// SPDX-License-Identifier: MIT
// What a card's driver can tell of a load: the same LINEOUT bit is a measurement on one driver and a label on another.
#pragma once

#include "model/card.hpp"
#include "model/socket.hpp"
#include "model/units.hpp"

#include <array>
#include <string_view>

namespace soundwarden::classify {

struct Driver {
    std::string_view name;
    /// Any of them in the names of driver and card, lower case; empty: ends the list.
    std::array<std::string_view, 8> patterns;
    bool measures; ///< its LINEOUT and HEADPHONE bits, or its mode, say how high the load's impedance is
    Duration settle;
    std::string_view source; ///< reference/sensing.md
};

/// The driver of the socket's card. Never fails: what is not known to measure does not.
const Driver &driver_of(const SocketFacts &socket, const CardFacts *card);

} // namespace soundwarden::classify
