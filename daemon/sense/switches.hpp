// SPDX-License-Identifier: MIT
// The switches of input devices that the kernel makes for jacks. Pure; any thread.
#pragma once

#include "model/card.hpp"

#include <cstdint>
#include <string_view>

namespace soundwarden::sense {

/// The SW_* codes that sound/core/jack.c sets; numbers of linux/input-event-codes.h (reference/sensing.md §1.2).
namespace switch_code {
inline constexpr unsigned headphone_insert = 0x02;
inline constexpr unsigned microphone_insert = 0x04;
inline constexpr unsigned line_out_insert = 0x06;
inline constexpr unsigned jack_physical_insert = 0x07;
inline constexpr unsigned video_out_insert = 0x08;
inline constexpr unsigned line_in_insert = 0x0D;
} // namespace switch_code

/// Of a set of switches, bit N for code N (what an input device has, or what EVIOCGSW tells), those of a jack. A lid, a tablet's mode
/// and the like are nothing here.
JackBits jack_bits(std::uint64_t switches);

/// The jack's name in the name of its input device, "<card's name> <jack>": "Front Headphone" of "HDA Intel PCH Front Headphone" on "HDA
/// Intel PCH". Empty where the device's name is not made so.
std::string_view jack_of_device(std::string_view device_name, std::string_view card_name);

} // namespace soundwarden::sense
