// SPDX-License-Identifier: MIT
// What a socket is, from its labels (reference/sensing.md §4.2-4.4).
#include "classify/classify.hpp"
#include "drivers.hpp"
#include "labels.hpp"
#include "text.hpp"

#include <algorithm>
#include <vector>

namespace soundwarden::classify {
namespace {

/// Both an ear's and a desk's socket in one label: "Headphones / Line 1-2", "Headphone + Monitor Out".
bool names_headphones_and_line(const SocketFacts &socket) {
    const std::string label = lower(socket.route_description + " " + socket.route_name);
    return names_any(label, {"headphone", "phones"}) && names_any(label, {"line", "monitor"});
}

/// A form factor that says what the device itself plays through. It is made from the model name by a pattern, so a name
/// that speaks of a jack or an adapter means a socket, not a headset.
bool has_own_transducer(const SocketFacts &socket) {
    const std::string factor = lower(socket.form_factor);
    const std::string name = lower(socket.device_description);
    if (names_any(name, {"adapter", "adaptor", "jack", "dongle", "3.5"})) return false;
    return is_any(factor, {"headset", "headphone", "speaker", "hands-free", "handset", "portable", "car", "hifi"});
}

/// What the terminals of a USB device without a better label lead to (reference/sensing.md §6.2, I2).
OutputKind kind_of_terminals(const std::vector<std::uint32_t> &types) {
    const auto all = [&](bool (*is)(std::uint32_t)) { return !types.empty() && std::all_of(types.begin(), types.end(), is); };
    if (all(is_ear_terminal)) return OutputKind::headphone_out;
    if (all(is_line_terminal)) return OutputKind::line_out;
    if (all(is_digital_terminal)) return OutputKind::spdif;
    if (all(is_speaker_terminal)) return OutputKind::usb_fixed;
    return OutputKind::unknown;
}

/// Terminals for the ears and others on a device that plays one pair of channels: both carry the same signal.
bool terminals_share(const SocketFacts &socket, const CardFacts *card) {
    if (card == nullptr || socket.channels > 2 || socket.outputs > 1) return false;
    bool ears = false;
    bool others = false;
    for (const UsbTerminal &terminal : card->terminals) {
        if (!terminal.output || is_digital_terminal(terminal.type)) continue;
        (is_ear_terminal(terminal.type) ? ears : others) = true;
    }
    return ears && others;
}

OutputKind kind_of_usb(const SocketFacts &socket, const std::string &port, const CardFacts *card) {
    const bool fixed = has_own_transducer(socket);
    // A loudspeaker with a headphone socket: the socket is one of its own.
    const bool own_socket =
        is_headphone_port(port) && is_any(lower(socket.form_factor), {"speaker", "hifi", "portable"});
    if (fixed && !own_socket) return OutputKind::usb_fixed;
    if (names_headphones_and_line(socket)) return OutputKind::shared_out;
    if (is_headphone_port(port)) return OutputKind::headphone_out;
    if (terminals_share(socket, card)) return OutputKind::shared_out;
    // "Speaker" on a USB board codec is the line socket at the back (ALC4080), not an amplifier.
    if (is_any(port, {"line", "speaker"})) return OutputKind::line_out;
    return kind_of_terminals(terminal_types(socket, card));
}

/// A "Line Out" whose pin has a headphone driver drives headphones as loud as a headphone socket does (reference/sensing.md §6.2,
/// D2). It is one socket, so it is a headphone socket, not two on one signal: docs/decisions/009-what-the-classifier-counts.md.
constexpr OutputKind line_with_headphone_driver = OutputKind::headphone_out;

OutputKind kind_of_line(const SocketFacts &socket, const CardFacts *card) {
    const bool driver = headphone_driver_on_line(card);
    return driver && socket.channels <= 2 ? line_with_headphone_driver : OutputKind::line_out;
}

/// What is built in has a phantom jack, or a pin that is no socket. A "Speaker" that sees a plug is a socket that the board's maker
/// called so (reference/sensing.md §1.1).
bool is_speaker_socket(const SocketFacts &socket, const CardFacts *card) {
    if (card == nullptr || driver_of(socket, card).name != "HDA") return false;
    const auto is_speaker = [](const auto &each) { return each.use == JackUse::speaker; };
    if (std::any_of(card->pins.begin(), card->pins.end(), is_speaker))
        return std::all_of(card->pins.begin(), card->pins.end(), [&](const HdaPin &pin) { return !is_speaker(pin) || pin.jack; });
    bool sees_plugs = false;
    for (const Jack &jack : card->jacks) {
        if (!is_speaker(jack) || jack.input) continue;
        if (jack.phantom || jack.place == JackPlace::internal) return false;
        sees_plugs = true;
    }
    return sees_plugs;
}

OutputKind kind_of(const SocketFacts &socket, const CardFacts *card) {
    if (socket.api.empty() && socket.device_name.empty()) return OutputKind::virtual_output;
    if (socket.api == "bluez5") return OutputKind::bluetooth;
    const std::string port = port_of(socket);
    const SocketUse use = use_of(socket, card);
    if (use == SocketUse::hdmi || (port == "hdmi" && !socket.pro_audio)) return OutputKind::hdmi;
    if (socket.pro_audio) return OutputKind::unknown;
    if (use == SocketUse::spdif || is_any(port, {"spdif", "iec958"})) return OutputKind::spdif;
    if (is_usb(socket)) return kind_of_usb(socket, port, card);
    if (is_headphone_port(port)) return OutputKind::headphone_out;
    if (port == "line") return kind_of_line(socket, card);
    if (port == "speaker") return is_speaker_socket(socket, card) ? OutputKind::line_out : OutputKind::internal_speaker;
    return OutputKind::unknown;
}

Volts class_of_card(const SocketFacts &socket, OutputKind kind) {
    if (socket.api != "alsa") return unknown_full_scale;
    if (is_usb(socket)) {
        if (socket.channels > 2 || socket.outputs > 1 || kind == OutputKind::shared_out || socket.pro_audio)
            return interface_full_scale;
        const bool line = kind == OutputKind::line_out || names_any(lower(socket.route_description), {"line"});
        return line ? unknown_full_scale : dongle_full_scale;
    }
    if (socket.has_internal_speaker) return laptop_full_scale;
    return lower(socket.bus) == "pci" ? desktop_full_scale : unknown_full_scale;
}

/// A socket of unknown kind counts as 2 V at least, whatever card it is on (the matrix' last row).
Volts class_of_socket(const SocketFacts &socket, OutputKind kind) {
    const Volts volts = class_of_card(socket, kind);
    return kind == OutputKind::unknown ? std::max(volts, unknown_full_scale) : volts;
}

} // namespace

bool is_internal_speaker(const SocketFacts &socket) { return kind_of(socket, nullptr) == OutputKind::internal_speaker; }

bool headphone_driver_on_line(const CardFacts *card) {
    if (card == nullptr) return false;
    return std::any_of(card->pins.begin(), card->pins.end(),
                       [](const HdaPin &pin) { return pin.use == JackUse::line_out && pin.jack && pin.headphone_driver; });
}

Description describe(const SocketFacts &socket, const CardFacts *card) {
    Description description;
    description.facts.kind = kind_of(socket, card);
    description.facts.channels = socket.channels;
    description.facts.pro_audio = socket.pro_audio && description.facts.kind == OutputKind::unknown;
    description.class_full_scale = class_of_socket(socket, description.facts.kind);
    return description;
}

} // namespace soundwarden::classify
