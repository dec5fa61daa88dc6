// SPDX-License-Identifier: MIT
// What the kernel says of one sound card at one time, from every source but PipeWire: facts, not yet weighed.
#pragma once

#include "model/names.hpp"
#include "model/units.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden {

/// What a jack is for, by its name. On most cards that is what the board's maker labelled the socket, not what hangs on it.
enum class JackUse : std::uint8_t {
    headphones,
    headset,
    headphones_or_microphone, ///< one hole that can be either ("Headphone Mic")
    microphone,
    line_out,
    speaker,
    line_in,
    hdmi,  ///< DisplayPort too
    spdif,
    other,
};
template <> struct Names<JackUse> {
    static constexpr std::array<std::pair<JackUse, std::string_view>, 10> table{{
        {JackUse::headphones, "headphones"},
        {JackUse::headset, "headset"},
        {JackUse::headphones_or_microphone, "headphones-or-microphone"},
        {JackUse::microphone, "microphone"},
        {JackUse::line_out, "line-out"},
        {JackUse::speaker, "speaker"},
        {JackUse::line_in, "line-in"},
        {JackUse::hdmi, "hdmi"},
        {JackUse::spdif, "spdif"},
        {JackUse::other, "other"},
    }};
};

enum class JackPlace : std::uint8_t { unknown, front, rear, dock, internal };
template <> struct Names<JackPlace> {
    static constexpr std::array<std::pair<JackPlace, std::string_view>, 5> table{{
        {JackPlace::unknown, "unknown"},
        {JackPlace::front, "front"},
        {JackPlace::rear, "rear"},
        {JackPlace::dock, "dock"},
        {JackPlace::internal, "internal"},
    }};
};

/// One "… Jack" control.
struct Jack {
    std::string name;        ///< without " Jack" and " Phantom": "Front Headphone", "HDMI/DP,pcm=3", "Speaker - Output"
    std::uint32_t index = 0; ///< of the control: jacks of the same name are told apart by it
    JackUse use = JackUse::other;
    JackPlace place = JackPlace::unknown;
    std::string channels{};              ///< of several jacks that belong together: "front", "surround", "clfe", "side"; empty: none
    std::optional<std::uint32_t> pcm{};  ///< the playback device it belongs to, where the name says
    bool input = false;   ///< something is recorded from it (microphones, line inputs, USB "… - Input")
    bool phantom = false; ///< an output that cannot see a plug: its control stands at 1 always, and means nothing
    std::optional<bool> plugged{}; ///< nothing: a phantom, or it could not be read
    bool operator==(const Jack &) const = default;
};

/// The switches of an input device that the kernel made for a jack (SW_HEADPHONE_INSERT, …).
struct JackBits {
    bool headphone = false;
    bool microphone = false;
    bool line_out = false;
    bool line_in = false;
    bool physical = false;
    bool video_out = false;
    bool any() const { return headphone || microphone || line_out || line_in || physical || video_out; }
    bool operator==(const JackBits &) const = default;
};
struct JackSwitches {
    std::string name; ///< of the input device: "HDA Intel PCH Front Headphone"
    JackBits able;    ///< which of them it has
    JackBits on;      ///< which of them are on now
    bool buttons = false; ///< media buttons were seen on it while this plug was in
    bool operator==(const JackSwitches &) const = default;
};

/// What an HDMI or DisplayPort receiver says of itself.
struct Eld {
    std::uint32_t pcm = 0;   ///< playback device
    std::uint32_t index = 0; ///< of the control
    bool valid = false;      ///< a receiver with audio is there
    std::string monitor{};   ///< its name, printable
    std::string maker{};     ///< three letters: "DEL"
    std::uint32_t product = 0;
    bool display_port = false;
    std::uint32_t channels = 0; ///< most channels of linear PCM; 0: not told
    bool operator==(const Eld &) const = default;
};

/// One output pin of an HDA codec, from its pin configuration and capabilities.
struct HdaPin {
    std::uint32_t codec = 0; ///< address
    std::uint32_t node = 0;  ///< widget
    JackUse use = JackUse::other;
    JackPlace place = JackPlace::unknown;
    bool jack = false;             ///< a socket (not soldered, not "N/A")
    bool headphone_driver = false; ///< can drive low impedances ("HP" among its capabilities)
    bool detects = false;          ///< sees a plug
    bool operator==(const HdaPin &) const = default;
};

/// A USB audio terminal from the device's descriptors.
struct UsbTerminal {
    std::uint32_t type = 0; ///< 0x0302: headphones, … (USB Audio terminal types)
    std::uint32_t id = 0;
    bool output = false; ///< sound leaves here (an Output Terminal that is not a USB stream)
    bool operator==(const UsbTerminal &) const = default;
};

/// Ways to the ear that no guard sees.
enum class SidePathKind : std::uint8_t { sidetone, direct_monitor, beep };
template <> struct Names<SidePathKind> {
    static constexpr std::array<std::pair<SidePathKind, std::string_view>, 3> table{{
        {SidePathKind::sidetone, "sidetone"},
        {SidePathKind::direct_monitor, "direct-monitor"},
        {SidePathKind::beep, "beep"},
    }};
};
struct SidePath {
    SidePathKind kind = SidePathKind::sidetone;
    std::string control; ///< "Sidetone Playback Switch"
    bool on = false;     ///< not muted, as far as its switch says
    bool operator==(const SidePath &) const = default;
};

/// A source of this card that cannot be read. What it would have said is not known; nothing is assumed in its favour.
struct SenseTrouble {
    std::string source; ///< stable token: "controls", "switches", "codec", "descriptors"
    std::string path;   ///< "/dev/snd/controlC0"
    std::string why;    ///< "Permission denied"
    bool operator==(const SenseTrouble &) const = default;
};

/// Everything of one card. The adapter sends the whole picture at each change.
struct CardFacts {
    std::uint32_t card = 0; ///< ALSA's number: of this run only
    std::string id;         ///< "PCH"
    std::string name;       ///< "HDA Intel PCH"
    std::string driver;     ///< "HDA-Intel", "USB-Audio", "sof-hda-dsp", as the control interface tells
    std::string components; ///< "HDA:10ec0295,…", "USB1235:8210"
    std::string bus_path;   ///< where it is plugged in: udev's ID_PATH
    std::string usb_serial{}; ///< the device's own serial number, where it has one that tells it from others; else empty
    std::string vendor_id{};  ///< of a USB device: four hexadecimal digits, lower case
    std::string product_id{};
    std::vector<Jack> jacks{};
    std::vector<JackSwitches> switches{};
    std::vector<Eld> elds{};
    std::optional<Ohms> left_impedance{};  ///< measured now ("HPHL Impedance"); nothing: not measured
    std::optional<Ohms> right_impedance{};
    bool measures_impedance = false; ///< has such controls, whatever they say now
    std::string selected_mode{};     ///< SDCA's "… Selected Mode", lower case: "headset", "line_out", …; empty: no such control
    std::string declared_output{};   ///< what somebody set on a card with an output selector ("Headphones"); empty: none
    std::vector<HdaPin> pins{};
    std::vector<UsbTerminal> terminals{};
    bool analog_accessory = false; ///< a Type-C port of the machine has an analog headset adapter in it
    bool portable_machine = false; ///< a laptop's or tablet's chassis
    std::vector<SidePath> side_paths{};
    std::vector<SenseTrouble> troubles{};
    bool operator==(const CardFacts &) const = default;
};

} // namespace soundwarden
