// SPDX-License-Identifier: MIT
// The audio terminals in a USB device's descriptors. Pure; any thread; throws nothing but std::bad_alloc.
#pragma once

#include "model/card.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace soundwarden::sense {

/// Terminals that are told of one device; a large interface has some sixty.
inline constexpr std::size_t most_terminals = 256;

/// Reads /sys/bus/usb/devices/*/descriptors: the device's descriptor and behind it those of each configuration, as they were on the wire.
/// Terminals of all AudioControl interfaces, of USB Audio 1, 2 and 3, in their order, each once. The functions of USB Audio 3 that have no
/// descriptors (those of the Basic Audio Device Definition) give the terminals that their profile promises.
///
/// `configuration`: only of the one with this bConfigurationValue; nothing: of all.
/// A descriptor shorter than its version says is no terminal (the kernel's sound/usb/validate.c refuses it too); reading ends at a
/// descriptor of no length or one that runs over the end.
std::vector<UsbTerminal> parse_usb_descriptors(std::span<const std::uint8_t> bytes,
                                               std::optional<std::uint8_t> configuration = std::nullopt);

} // namespace soundwarden::sense
