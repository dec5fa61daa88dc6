// SPDX-License-Identifier: MIT
// What sysfs and proc say of a card and of the machine: it stands while the card is there. (reference: sensing.md §1.4)
#pragma once

#include "model/card.hpp"
#include "ports.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace soundwarden::sense {

/// Cards by sysfs and by their control nodes, ascending; at most 256 (the kernel has at most that many minors for them).
std::vector<std::uint32_t> cards_at(const Places &places);

/// What tells a card from another one that comes later under its number, maybe in the same socket.
struct CardPlace {
    std::filesystem::path device; ///< in sysfs's tree of devices; empty: not there
    std::uint64_t inode = 0;      ///< of that directory: sysfs gives a number once
    bool operator==(const CardPlace &) const = default;
};
CardPlace place_of_card(const Places &places, std::uint32_t card);

/// A card's facts but for controls, switches and codecs, with the troubles of "descriptors". `monitor` may be nullptr.
CardFacts standing_facts(const Places &places, std::uint32_t card, const DeviceMonitor *monitor);

/// Its codecs' dumps, "/proc/asound/card0/codec#2", by address. Only HDA cards have any.
struct CodecDump {
    std::uint32_t address = 0;
    std::filesystem::path file;
};
std::vector<CodecDump> codec_dumps(const Places &places, std::uint32_t card);

/// The card that an input device belongs to: the one among its parents (the jack layer makes it the card's child, sensing.md §1.2).
/// Nothing: no card is.
std::optional<std::uint32_t> card_of_input(const Places &places, std::uint32_t event);

/// An input device is looked at only where it is a jack's: `phys` is "ALSA" and it has switches. Nothing is opened to find out.
bool is_jack_input(const Places &places, std::uint32_t event);

/// A Type-C port has an analog headset adapter in it (sensing.md §1.4, accessory_mode).
bool analog_accessory(const Places &places);

/// The chassis is a laptop's, a tablet's or the like (SMBIOS 3.6, table 17).
bool portable_machine(const Places &places);

} // namespace soundwarden::sense
