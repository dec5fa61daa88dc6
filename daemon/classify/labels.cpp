// SPDX-License-Identifier: MIT
#include "labels.hpp"

#include "text.hpp"

#include <algorithm>

namespace soundwarden::classify {
namespace {

// USB Audio terminal types (include/linux/usb/audio.h; reference/sensing.md §1.4). 0x0301, "Speaker", is what almost every
// converter calls itself: it says nothing.
constexpr std::uint32_t headphones_terminal = 0x0302;
constexpr std::uint32_t head_mounted_terminal = 0x0303;
constexpr std::uint32_t desktop_speaker_terminal = 0x0304;
constexpr std::uint32_t room_speaker_terminal = 0x0305;
constexpr std::uint32_t handset_terminal = 0x0401;
constexpr std::uint32_t headset_terminal = 0x0402;
constexpr std::uint32_t digital_terminal = 0x0602;
constexpr std::uint32_t line_terminal = 0x0603;
constexpr std::uint32_t spdif_terminal = 0x0605;

/// Digital sinks without routes: the profile stands at the end of the node's name ("….hdmi-stereo", "….iec958-stereo").
SocketUse use_of_node(const SocketFacts &socket) {
    const std::string node = lower(socket.node_name);
    if (names_any(node, {"hdmi-", ".hdmi"})) return SocketUse::hdmi;
    if (names_any(node, {"iec958-", ".iec958", "spdif"})) return SocketUse::spdif;
    return SocketUse::plain;
}

/// The kernel says that this PCM goes to a display.
bool is_hdmi_pcm(const SocketFacts &socket, const CardFacts *card) {
    if (card == nullptr || !socket.pcm_device) return false;
    const std::uint32_t pcm = *socket.pcm_device;
    return std::any_of(card->jacks.begin(), card->jacks.end(),
                       [&](const Jack &jack) { return jack.use == JackUse::hdmi && jack.pcm == pcm; }) ||
           std::any_of(card->elds.begin(), card->elds.end(), [&](const Eld &eld) { return eld.pcm == pcm; });
}

} // namespace

bool is_usb(const SocketFacts &socket) { return lower(socket.bus) == "usb"; }

bool is_headphone_port(const std::string &port) { return is_any(port, {"headphones", "headset", "handset"}); }

std::string port_of(const SocketFacts &socket) {
    const std::string port = lower(socket.port_type);
    if (!port.empty() && port != "unknown" && port != "analog") return port;
    const std::string name = lower(socket.route_name);
    if (names_any(name, {"hdmi-output", "[out] hdmi"})) return "hdmi";
    if (names_any(name, {"iec958", "spdif"})) return "spdif";
    if (names_any(name, {"headphone", "headset"})) return "headphones";
    if (names_any(name, {"lineout", "line-out", "[out] line"})) return "line";
    if (names_any(name, {"analog-output-speaker", "[out] speaker"})) return "speaker";
    return port;
}

SocketUse use_of(const SocketFacts &socket, const CardFacts *card) {
    if (socket.api != "alsa") return SocketUse::none;
    if (socket.pro_audio) return is_hdmi_pcm(socket, card) ? SocketUse::hdmi : SocketUse::none;
    const std::string port = port_of(socket);
    if (port == "hdmi") return SocketUse::hdmi;
    if (is_any(port, {"spdif", "iec958"})) return SocketUse::spdif;
    if (is_headphone_port(port)) return SocketUse::headphones;
    if (port == "line") return SocketUse::line;
    if (port == "speaker") return SocketUse::speaker;
    if (!socket.route_name.empty()) return SocketUse::plain;
    return is_hdmi_pcm(socket, card) ? SocketUse::hdmi : use_of_node(socket);
}

bool is_ear_terminal(std::uint32_t type) {
    return type == headphones_terminal || type == headset_terminal || type == head_mounted_terminal || type == handset_terminal;
}
bool is_line_terminal(std::uint32_t type) { return type == line_terminal; }
bool is_digital_terminal(std::uint32_t type) { return type == digital_terminal || type == spdif_terminal; }
bool is_speaker_terminal(std::uint32_t type) { return type == desktop_speaker_terminal || type == room_speaker_terminal; }

std::vector<std::uint32_t> terminal_types(const SocketFacts &socket, const CardFacts *card) {
    std::vector<std::uint32_t> types;
    if (card == nullptr || !is_usb(socket)) return types;
    const SocketUse use = use_of(socket, card);
    const auto fits = [use](std::uint32_t type) {
        switch (use) {
        case SocketUse::headphones: return is_ear_terminal(type);
        case SocketUse::line:
        case SocketUse::speaker: return !is_ear_terminal(type) && !is_digital_terminal(type);
        case SocketUse::spdif: return is_digital_terminal(type);
        case SocketUse::hdmi:
        case SocketUse::none: return false;
        case SocketUse::plain: return true;
        }
        return false;
    };
    for (const UsbTerminal &terminal : card->terminals)
        if (terminal.output) types.push_back(terminal.type);
    std::sort(types.begin(), types.end());
    types.erase(std::unique(types.begin(), types.end()), types.end());
    // A device with one kind of terminal means that one, whatever its routes are called.
    if (types.size() > 1) std::erase_if(types, [&](std::uint32_t type) { return !fits(type); });
    return types;
}

} // namespace soundwarden::classify
