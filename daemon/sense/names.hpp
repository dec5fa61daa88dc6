// SPDX-License-Identifier: MIT
// Names of mixer controls that say something of a load or open a way to the ear. Pure; any thread; throws nothing but std::bad_alloc.
#pragma once

#include "model/card.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace soundwarden::sense {

enum class Side : std::uint8_t { left, right };

/// Which earpiece's impedance a control tells: "HPHL Impedance", "HPHR Impedance" (Qualcomm's WCD, reference/sensing.md §2), and the same
/// said with other words ("Headphone Left Impedance"). The number is in ohms in mainline; 0 is "not measured". On some codecs each read
/// measures anew.
std::optional<Side> impedance_side(std::string_view control_name);

/// Whether this is an SDCA device's "<entity> Selected Mode" (sound/soc/sdca/sdca_asoc.c).
bool is_selected_mode(std::string_view control_name);

/// An item of such a control as CardFacts::selected_mode has it: lower case, words joined by "_": "LineOut Stereo" is "line_out_stereo",
/// "Headset" is "headset", "Jack Unplugged" is "jack_unplugged". At most longest_name bytes of ASCII.
std::string mode_of_item(std::string_view item);

/// What somebody set on a card with an output selector (ASUS Xonar: reference/sensing.md §2).
enum class Declared : std::uint8_t {
    output,    ///< "Analog Output", "Analog Output Playback Enum": Speakers, Headphones, FP Headphones
    impedance, ///< "Headphones Impedance Playback Enum": a class of gain, "< 64 ohms"
};
std::optional<Declared> parse_declared(std::string_view control_name);

/// What a control does to a side path.
enum class SidePathPart : std::uint8_t {
    toggle, ///< "… Switch"
    volume, ///< "… Volume"
    choice, ///< "… Enum", and what does not say
};
struct SidePathControl {
    SidePathKind kind = SidePathKind::sidetone;
    SidePathPart part = SidePathPart::choice;
    bool operator==(const SidePathControl &) const = default;
};

/// Whether a control opens a way to the ear that no guard sees, by the names that drivers use:
/// - sidetone: "… Sidetone …" of codecs and headsets, but not its filters;
/// - direct monitor: "Direct Monitor …" and "Monitor Mix …" (Focusrite), "… Input Monitor Playback …" (C-Media Oxygen),
///   "Monitor Playback …" (Line 6), "Monitor Mixer …" (Echo), "Mic Playback …" and "Loopback Mixing" (HDA, USB);
/// - beep: "Beep …", "PC Beep …", and "PC Speaker …", as it was called before.
/// What is only recorded is none, nor is an output that is called a monitor ("Master 1 (Monitor) Playback Volume").
std::optional<SidePathControl> parse_side_path(std::string_view control_name);

} // namespace soundwarden::sense
