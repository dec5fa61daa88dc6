// SPDX-License-Identifier: MIT
// The kernel's text about an HDA codec. Pure; any thread; throws nothing but std::bad_alloc.
#pragma once

#include "model/card.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::sense {

/// Pins that are read of one codec; a codec has some twenty.
inline constexpr std::size_t most_pins = 256;

struct HdaCodec {
    std::string name;            ///< "Realtek ALC295", printable
    std::uint32_t address = 0;   ///< on its link
    std::uint32_t vendor_id = 0; ///< 0x10ec0295; 0: not told
    std::vector<HdaPin> pins{};  ///< those that sound can leave by, in the text's order; those that are wired to nothing too
    bool operator==(const HdaCodec &) const = default;
};

/// Reads /proc/asound/cardN/codec#M (the kernel's sound/hda/common/proc.c). What counts of a pin are the numbers "Pincap 0x…" and
/// "Pin Default 0x…" (High Definition Audio Specification 1.0a, §7.3.4.9 and §7.3.3.31), not the words behind them. A pin without
/// both is left out: a text cut anywhere, or another text, gives what was whole.
///
/// - use: of the default device; a microphone's or line-in's pin that can also be an output keeps the name of its default.
/// - place: as the kernel's jack names have it (sound/hda/common/auto_parser.c, snd_hda_get_input_pin_attr):
///   soldered and inside is internal, on a separate chassis is a dock. Displays have none.
/// - jack: connected to a socket, also where something soldered shares the pin ("Both").
/// - detects: it can see a plug, tells about it by itself, and the board's wiring lets it ("Misc = NO_PRESENCE" does not).
///
/// The defaults are what the firmware wrote. A driver's or user's correction (sysfs driver_pin_configs, user_pin_configs) is not there.
HdaCodec parse_codec_dump(std::string_view text);

} // namespace soundwarden::sense
