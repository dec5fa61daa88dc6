// SPDX-License-Identifier: MIT
#include "evidence.hpp"

#include "drivers.hpp"
#include "jacks.hpp"
#include "labels.hpp"
#include "text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

namespace soundwarden::classify {
namespace {

// Measured impedances, ohms: reference/sensing.md §6.2 (H4).
constexpr double short_below = 2.0;
constexpr double speaker_below = 8.0;
constexpr double in_ear_up_to = 12.0;
constexpr double headphones_up_to = 150.0;
constexpr double high_headphones_up_to = 1000.0;
constexpr double line_from = 5000.0;

std::string text_of(const Jack &jack) {
    return jack.name + " Jack" + (jack.index == 0 ? "" : "," + std::to_string(jack.index)) +
           (!jack.plugged   ? " = not readable"
            : *jack.plugged ? " = plugged"
                            : " = unplugged");
}

std::string text_of(const JackSwitches &each) {
    std::string on;
    const auto add = [&on](bool bit, std::string_view name) { on += bit ? (on.empty() ? "" : "+") + std::string(name) : ""; };
    add(each.on.headphone, "headphone");
    add(each.on.microphone, "microphone");
    add(each.on.line_out, "line-out");
    add(each.on.line_in, "line-in");
    add(each.on.physical, "physical");
    add(each.on.video_out, "video-out");
    return each.name + " = " + (on.empty() ? "none" : on);
}

void note_plug(Evidence &evidence, const SocketFacts &socket, const Wiring &wiring) {
    if (!socket.route_name.empty()) evidence.note("route", socket.route_name + " = " + std::string(name_of(socket.availability)));
    for (const auto *jacks : {&wiring.jacks, &wiring.sharing, &wiring.microphones})
        for (const Jack *jack : *jacks) evidence.note("jack", text_of(*jack));
    if (wiring.phantom) evidence.note("jack", "phantom: it cannot see a plug");
    for (const JackSwitches *each : wiring.switches) evidence.note("switch", text_of(*each));
    if (wiring.eld != nullptr) evidence.note("eld", wiring.eld->valid ? "receiver " + wiring.eld->monitor : "no receiver");
}

std::optional<Row> row_of_ohms(double ohms) {
    if (ohms < short_below) return Row::shorted;
    if (ohms < speaker_below) return Row::ohms_of_a_speaker;
    if (ohms <= in_ear_up_to) return Row::ohms_of_an_in_ear;
    if (ohms <= headphones_up_to) return Row::ohms_of_headphones;
    if (ohms <= high_headphones_up_to) return Row::ohms_of_high_headphones;
    return ohms >= line_from ? std::optional(Row::ohms_of_a_line) : std::nullopt;
}

void measure(Evidence &evidence, const SocketFacts &socket, const CardFacts *card, const Wiring &wiring) {
    evidence.ohms = measured_ohms(card, wiring);
    if (evidence.ohms) {
        const std::string text = std::to_string(std::lround(std::min(evidence.ohms->value, 1e9))) + " ohm";
        if (const auto row = row_of_ohms(evidence.ohms->value))
            evidence.add(*row, "codec", text);
        else
            evidence.note("codec", text);
    }
    const std::optional<bool> line = line_measured(socket, card, wiring);
    // Ohms that say the same come from the same measurement: it counts once.
    const bool told = line && evidence.ohms && (*line ? evidence.has(Row::ohms_of_a_line) : evidence.ohms->value <= high_headphones_up_to);
    const std::string driver(driver_of(socket, card).name);
    if (line && !told) evidence.add(*line ? Row::measured_line : Row::measured_low, "codec", driver + (*line ? ": line" : ": no line"));
    const std::optional<bool> microphone = microphone_of(card, wiring);
    if (microphone)
        evidence.add(*microphone ? Row::microphone : Row::no_microphone, "jack", *microphone ? "a microphone" : "no microphone");
    if (std::any_of(wiring.switches.begin(), wiring.switches.end(), [](const JackSwitches *each) { return each->buttons; }))
        evidence.add(Row::buttons, "switch", "media buttons");
}

void read_labels(Evidence &evidence, const CardFacts &card, const Wiring &wiring) {
    const bool line = wiring.use == SocketUse::line;
    const bool ears = wiring.use == SocketUse::headphones;
    if (!line && !ears) return;
    if (!wiring.jacks.empty()) evidence.add(line ? Row::label_line : Row::label_headphones, "jack", wiring.jacks.front()->name);
    if (line && headphone_driver_on_line(&card)) evidence.add(Row::headphone_driver, "codec", "headphone driver");
    bool front = card.portable_machine;
    bool rear = false;
    bool dock = false;
    const auto look = [&](JackPlace place) {
        front = front || place == JackPlace::front;
        rear = rear || place == JackPlace::rear;
        dock = dock || place == JackPlace::dock;
    };
    for (const Jack *jack : wiring.jacks) look(jack->place);
    for (const HdaPin &pin : card.pins)
        if (pin.jack && pin.use == (line ? JackUse::line_out : JackUse::headphones)) look(pin.place);
    if (front == rear || dock) return; // several sockets in one, or a dock at the desk: nobody knows
    evidence.add(front ? Row::at_hand : Row::at_the_back, "jack", front ? "at hand" : "at the back");
}

void read_terminals(Evidence &evidence, const SocketFacts &socket, const CardFacts *card) {
    const std::vector<std::uint32_t> types = terminal_types(socket, card);
    if (types.size() != 1) return; // several: which of them is heard is not told
    const std::uint32_t type = types.front();
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "terminal 0x";
    for (int shift = 12; shift >= 0; shift -= 4) text += digits[(type >> shift) & 15U];
    // Handsets and head-mounted displays have no row.
    if (type == 0x0302 || type == 0x0402)
        evidence.add(Row::terminal_ears, "usb", text);
    else if (is_speaker_terminal(type))
        evidence.add(Row::terminal_speaker, "usb", text);
    else if (is_line_terminal(type) || is_digital_terminal(type))
        evidence.add(Row::terminal_line, "usb", text);
    else
        evidence.note("usb", text);
}

/// PipeWire's word for a class of device (reference/sensing.md §4.2); empty where it is no loudspeaker or phones.
std::string word_of_class(const std::string &text) {
    std::uint32_t value = 0;
    const char *first = text.data() + (text.starts_with("0x") || text.starts_with("0X") ? 2 : 0);
    const auto read = std::from_chars(first, text.data() + text.size(), value, 16);
    if (text.empty() || read.ec != std::errc{} || (value >> 8U & 0x1FU) != 4) return {};
    switch (value >> 2U & 0x3FU) {
    case 1: return "headset";
    case 2: return "hands-free";
    case 5: return "speaker";
    case 6: return "headphone";
    case 7: return "portable";
    case 8: return "car";
    case 10: return "hifi";
    default: return {};
    }
}

/// A name that speaks of a jack or an adapter means a socket.
std::optional<Row> row_of_name(const std::string &name) {
    if (names_any(name, {"adapter", "adaptor", "jack", "dongle", "3.5"})) return std::nullopt;
    if (names_any(name, {"headset"})) return Row::name_headset;
    if (names_any(name, {"headphone"})) return Row::name_headphones;
    if (names_any(name, {"speaker", "soundbar"})) return Row::name_speaker;
    return std::nullopt;
}

void read_name(Evidence &evidence, const SocketFacts &socket, bool in_other_words) {
    const std::string name = lower(socket.device_description);
    const std::string factor = lower(socket.form_factor);
    if (names_any(name + "\n" + factor, {"earbud", "ear bud", "in-ear", " in ear", "buds"})) {
        evidence.add(Row::name_in_ear, "device", socket.device_description);
        return;
    }
    if (!in_other_words) return; // the form factor is made from the same name
    if (const auto row = row_of_name(name)) evidence.add(*row, "device", socket.device_description);
}

void read_bluetooth(Evidence &evidence, const SocketFacts &socket) {
    std::string word = lower(socket.form_factor);
    std::string text = "form-factor = " + socket.form_factor;
    if (word.empty() || word == "unknown") {
        word = word_of_class(socket.bluetooth_class);
        text = "class " + socket.bluetooth_class;
    }
    const std::size_t before = evidence.rows.size();
    if (word == "headphone")
        evidence.add(Row::class_headphone, "device", text);
    else if (is_any(word, {"speaker", "hifi", "car", "portable"}))
        evidence.add(Row::class_speaker, "device", text);
    else if (word == "headset")
        evidence.add(Row::class_headset, "device", text);
    else if (is_any(word, {"hands-free", "handsfree"}))
        evidence.add(Row::class_hands_free, "device", text);
    else if (!word.empty())
        evidence.note("device", text);
    read_name(evidence, socket, evidence.rows.size() == before);
}

void read_fixed(Evidence &evidence, const SocketFacts &socket) {
    const std::string factor = lower(socket.form_factor);
    const std::string text = "form-factor = " + socket.form_factor;
    const std::size_t before = evidence.rows.size();
    if (is_any(factor, {"headset", "hands-free", "handset"}))
        evidence.add(Row::own_headset, "device", text);
    else if (factor == "headphone")
        evidence.add(Row::own_headphones, "device", text);
    else if (is_any(factor, {"speaker", "hifi", "car", "portable"}))
        evidence.add(Row::own_speaker, "device", text);
    else if (!factor.empty())
        evidence.note("device", text);
    read_name(evidence, socket, evidence.rows.size() == before);
}

/// A USB interface with four channels looks like surround too, but its pairs are sockets of their own.
bool is_surround(const SocketFacts &socket, OutputKind kind) {
    const bool analog = kind == OutputKind::line_out || kind == OutputKind::unknown;
    return analog && socket.channels > 2 && socket.api == "alsa" && !socket.pro_audio && !is_usb(socket) &&
           names_any(lower(socket.node_name), {"surround"});
}

bool is_digital(OutputKind kind) { return kind == OutputKind::hdmi || kind == OutputKind::spdif; }

} // namespace

bool Evidence::has(Row row) const { return std::find(rows.begin(), rows.end(), row) != rows.end(); }

bool Evidence::speaks() const {
    return std::any_of(rows.begin(), rows.end(), [](Row row) { return weight_of(row).force == Force::speaks; });
}

void Evidence::add(Row row, std::string source, std::string text) {
    if (has(row)) return;
    rows.push_back(row);
    seen.push_back({std::move(source), std::move(text), std::string(weight_of(row).id)});
}

void Evidence::note(std::string source, std::string text) { seen.push_back({std::move(source), std::move(text), {}}); }

Evidence evidence_of(const SocketFacts &socket, OutputKind kind, const CardFacts *card) {
    Evidence evidence;
    const bool built_in = kind == OutputKind::internal_speaker;
    const Wiring wiring = wiring_of(socket, card);
    evidence.plug = plug_of(socket, card, wiring, built_in);
    evidence.plugs = plugs_seen(wiring);
    if (built_in) {
        evidence.add(Row::built_in, "route", socket.route_name + " is built in");
        return evidence;
    }
    note_plug(evidence, socket, wiring);
    if (evidence.plug == Availability::no) {
        evidence.add(Row::unplugged, "jack", "nothing is plugged in");
        return evidence;
    }
    if (is_digital(kind)) {
        const bool named = wiring.eld != nullptr && wiring.eld->valid;
        if (kind == OutputKind::hdmi && (named || !socket.product.empty()))
            evidence.add(Row::display, named ? "eld" : "route", "display " + (named ? wiring.eld->monitor : socket.product));
        return evidence;
    }
    if (kind == OutputKind::bluetooth) read_bluetooth(evidence, socket);
    if (kind == OutputKind::usb_fixed) read_fixed(evidence, socket);
    measure(evidence, socket, card, wiring);
    read_terminals(evidence, socket, card);
    if (is_surround(socket, kind)) evidence.add(Row::surround, "device", std::to_string(socket.channels) + " channels");
    if (card == nullptr) return evidence;
    read_labels(evidence, *card, wiring);
    const bool selectable = wiring.use != SocketUse::none && wiring.use != SocketUse::speaker;
    if (selectable && names_any(lower(card->declared_output), {"headphone"}))
        evidence.add(Row::declared_headphones, "mixer", card->declared_output);
    if (card->analog_accessory && wiring.use == SocketUse::headphones)
        evidence.note("device", "an analog headset adapter on a Type-C port");
    return evidence;
}

} // namespace soundwarden::classify
