// SPDX-License-Identifier: MIT
// What a socket is, from its labels (reference/sensing.md §4.2-4.4).
#include "classify/classify.hpp"
#include "text.hpp"

#include <algorithm>

namespace soundwarden::classify {
namespace {

bool is_usb(const SocketFacts &socket) { return lower(socket.bus) == "usb"; }

bool is_headphone_port(const std::string &port) { return is_any(port, {"headphones", "headset", "handset"}); }

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

/// Where the port has no type of its own, the names that PipeWire's and UCM's paths have say it.
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

/// Digital sinks without routes: the profile stands at the end of the node's name ("….hdmi-stereo", "….iec958-stereo").
OutputKind kind_of_node(const SocketFacts &socket) {
    const std::string node = lower(socket.node_name);
    if (names_any(node, {"hdmi-", ".hdmi"})) return OutputKind::hdmi;
    if (names_any(node, {"iec958-", ".iec958", "spdif"})) return OutputKind::spdif;
    return OutputKind::unknown;
}

OutputKind kind_of_usb(const SocketFacts &socket, const std::string &port) {
    const bool fixed = has_own_transducer(socket);
    // A loudspeaker with a headphone socket: the socket is one of its own.
    const bool own_socket =
        is_headphone_port(port) && is_any(lower(socket.form_factor), {"speaker", "hifi", "portable"});
    if (fixed && !own_socket) return OutputKind::usb_fixed;
    if (names_headphones_and_line(socket)) return OutputKind::shared_out;
    if (is_headphone_port(port)) return OutputKind::headphone_out;
    // "Speaker" on a USB board codec is the line socket at the back (ALC4080), not an amplifier.
    if (is_any(port, {"line", "speaker"})) return OutputKind::line_out;
    return OutputKind::unknown;
}

OutputKind kind_of(const SocketFacts &socket) {
    if (socket.api.empty() && socket.device_name.empty()) return OutputKind::virtual_output;
    if (socket.api == "bluez5") return OutputKind::bluetooth;
    if (socket.pro_audio) return OutputKind::unknown;
    const std::string port = port_of(socket);
    if (port == "hdmi") return OutputKind::hdmi;
    if (is_any(port, {"spdif", "iec958"})) return OutputKind::spdif;
    if (socket.route_name.empty()) {
        const OutputKind digital = kind_of_node(socket);
        if (digital != OutputKind::unknown) return digital;
    }
    if (is_usb(socket)) return kind_of_usb(socket, port);
    if (is_headphone_port(port)) return OutputKind::headphone_out;
    if (port == "line") return OutputKind::line_out;
    if (port == "speaker") return OutputKind::internal_speaker;
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

bool is_internal_speaker(const SocketFacts &socket) { return kind_of(socket) == OutputKind::internal_speaker; }

Description describe(const SocketFacts &socket) {
    Description description;
    description.facts.kind = kind_of(socket);
    description.facts.channels = socket.channels;
    description.facts.pro_audio = socket.pro_audio && description.facts.kind == OutputKind::unknown;
    description.class_full_scale = class_of_socket(socket, description.facts.kind);
    return description;
}

} // namespace soundwarden::classify
