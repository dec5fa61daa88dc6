// SPDX-License-Identifier: MIT
// Cards and sockets as the kernel and PipeWire tell of them, for the classifier's tests.
#pragma once

#include "classify/classify.hpp"

#include <chrono>
#include <initializer_list>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

namespace soundwarden::classify::testing {

using namespace std::chrono_literals;

inline SocketFacts socket_on(std::string bus, std::string route, std::string description, std::string port) {
    SocketFacts socket;
    socket.node_name = "alsa_output.card.analog-stereo";
    socket.device_name = "alsa_card.card";
    socket.api = "alsa";
    socket.bus = std::move(bus);
    socket.route_name = std::move(route);
    socket.route_description = std::move(description);
    socket.port_type = std::move(port);
    return socket;
}

inline SocketFacts headphones_of(std::string bus = "pci") {
    return socket_on(std::move(bus), "analog-output-headphones", "Headphones", "headphones");
}
inline SocketFacts line_of(std::string bus = "pci") { return socket_on(std::move(bus), "analog-output-lineout", "Line Out", "line"); }
inline SocketFacts speaker_of(std::string bus = "pci") { return socket_on(std::move(bus), "analog-output-speaker", "Speakers", "speaker"); }
inline SocketFacts plain_of(std::string bus) { return socket_on(std::move(bus), "analog-output", "Analog Output", "analog"); }

inline SocketFacts hdmi_of(std::uint32_t pcm) {
    SocketFacts socket = socket_on("pci", "hdmi-output-0", "HDMI / DisplayPort", "hdmi");
    socket.pcm_device = pcm;
    return socket;
}

inline SocketFacts bluetooth(std::string form_factor, std::string name = "Thing") {
    SocketFacts socket;
    socket.node_name = "bluez_output.AA_BB_CC_DD_EE_FF.1";
    socket.device_name = "bluez_card.AA_BB_CC_DD_EE_FF";
    socket.device_description = std::move(name);
    socket.api = "bluez5";
    socket.bus = "bluetooth";
    socket.form_factor = std::move(form_factor);
    socket.route_name = "headphone-output";
    socket.port_type = "bluetooth";
    socket.availability = Availability::unknown;
    return socket;
}

inline SocketFacts with(SocketFacts socket, Availability availability) {
    socket.availability = availability;
    return socket;
}

inline Jack jack(std::string name, JackUse use, std::optional<bool> plugged, JackPlace place = JackPlace::unknown,
                 std::uint32_t index = 0) {
    Jack made;
    made.name = std::move(name);
    made.index = index;
    made.use = use;
    made.place = place;
    made.plugged = plugged;
    return made;
}
inline Jack headset_microphone(std::optional<bool> plugged) {
    Jack made = jack("Headset Mic", JackUse::headset, plugged);
    made.input = true;
    return made;
}
/// A socket of its own.
inline Jack microphone(std::optional<bool> plugged) {
    Jack made = jack("Mic", JackUse::microphone, plugged);
    made.input = true;
    return made;
}
inline Jack phantom(Jack made) {
    made.phantom = true;
    made.plugged.reset();
    return made;
}
inline Jack display_jack(std::uint32_t pcm, bool plugged) {
    Jack made = jack("HDMI/DP,pcm=" + std::to_string(pcm), JackUse::hdmi, plugged);
    made.pcm = pcm;
    return made;
}

inline CardFacts card_of(std::string driver, std::initializer_list<Jack> jacks = {}) {
    CardFacts card;
    card.driver = std::move(driver);
    card.name = card.driver == "HDA-Intel" ? "HDA Intel PCH" : "Card";
    card.jacks = jacks;
    return card;
}
inline CardFacts hda(std::initializer_list<Jack> jacks = {}) { return card_of("HDA-Intel", jacks); }
inline CardFacts usb(std::initializer_list<std::uint32_t> terminals, std::initializer_list<Jack> jacks = {}) {
    CardFacts card = card_of("USB-Audio", jacks);
    card.terminals.push_back({0x0101, 1, false});
    std::uint32_t id = 2;
    for (const std::uint32_t type : terminals) card.terminals.push_back({type, id++, true});
    return card;
}

/// One jack with all bits, as ASoC's machine drivers make it.
inline JackSwitches all_bits(JackBits on, bool buttons = false) {
    JackBits able;
    able.headphone = able.microphone = able.line_out = able.physical = true;
    return {"Card Headset Jack", able, on, buttons};
}
inline JackBits bits(std::initializer_list<bool JackBits::*> which) {
    JackBits on;
    for (bool JackBits::*bit : which) on.*bit = true;
    return on;
}

/// A card with a Qualcomm WCD codec: measured ohms of both channels (0: not measured), and the jack's bits.
inline CardFacts wcd(JackBits on, double left = 0.0, double right = 0.0) {
    CardFacts card = card_of("sm8550");
    card.measures_impedance = true;
    if (left > 0.0) card.left_impedance = Ohms{left};
    if (right > 0.0) card.right_impedance = Ohms{right};
    card.switches.push_back(all_bits(on));
    return card;
}
inline CardFacts cs42l43(JackBits on, bool headphone_jack) {
    CardFacts card = card_of("sof-soundwire", {jack("Headphone", JackUse::headphones, headphone_jack)});
    card.components = "HDA:80862822,80860101,00100000 cfg-amp:2 hs:cs42l43 spk:cs35l56 mic:cs42l43-dmic";
    JackBits able = all_bits({}).able;
    able.video_out = true;
    card.switches.push_back({"Card Jack", able, on, false});
    return card;
}
inline CardFacts sdca(std::string mode) {
    CardFacts card = card_of("sof-soundwire");
    card.components = "hs:rt722-sdca spk:rt1320";
    card.selected_mode = std::move(mode);
    return card;
}
inline CardFacts with(CardFacts card, Eld eld) {
    card.elds.push_back(std::move(eld));
    return card;
}
inline Eld receiver(std::uint32_t pcm, bool valid, std::string monitor = "DELL U2720Q") {
    Eld eld;
    eld.pcm = pcm;
    eld.valid = valid;
    if (valid) eld.monitor = std::move(monitor);
    return eld;
}
inline HdaPin pin(JackUse use, JackPlace place, bool headphone_driver, bool is_jack = true) {
    return {0, 0x14, use, place, is_jack, headphone_driver, true};
}

inline double probability_of(const std::vector<WeightedLoad> &loads, Load load) {
    for (const WeightedLoad &each : loads)
        if (each.load == load) return each.probability;
    return 0.0;
}
inline double sum_of(const std::vector<WeightedLoad> &loads) {
    return std::accumulate(loads.begin(), loads.end(), 0.0, [](double sum, const WeightedLoad &each) { return sum + each.probability; });
}

} // namespace soundwarden::classify::testing
