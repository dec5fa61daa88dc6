// SPDX-License-Identifier: MIT
// What PipeWire's words for a socket mean (reference/sensing.md §1.7).
#pragma once

#include "model/card.hpp"
#include "model/socket.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace soundwarden::classify {

bool is_usb(const SocketFacts &socket);
bool is_headphone_port(const std::string &port);

/// The port's type, lower case. Where it has none that says something, the names that PipeWire's and UCM's paths have say it.
std::string port_of(const SocketFacts &socket);

/// The way sound leaves by, as the route says. It decides which of the card's jacks are this socket's.
enum class SocketUse : std::uint8_t {
    none, ///< no ALSA card, or channels without a meaning
    headphones,
    line,
    speaker,
    hdmi,
    spdif,
    plain, ///< analog, and nobody says what ("analog-output", a card without routes)
};
/// `card`: may be null; with it, a node without routes is known as HDMI by its PCM.
SocketUse use_of(const SocketFacts &socket, const CardFacts *card);

/// The types of a USB device's output terminals that can be this socket's (reference/sensing.md §1.4), each once, in ascending order.
std::vector<std::uint32_t> terminal_types(const SocketFacts &socket, const CardFacts *card);

/// Terminals for something on or in the ears, and of a line socket.
bool is_ear_terminal(std::uint32_t type);
bool is_line_terminal(std::uint32_t type);
bool is_digital_terminal(std::uint32_t type);
bool is_speaker_terminal(std::uint32_t type);

/// A "Line Out" socket of an HDA codec with a driver for headphones (reference/sensing.md §1.4, "HP" among the pin's capabilities).
bool headphone_driver_on_line(const CardFacts *card);

} // namespace soundwarden::classify
