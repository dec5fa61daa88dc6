// SPDX-License-Identifier: MIT
// What a socket's hardware says now, put together for the engine: plugged or not, an edge or not, the same load as before or not.
#include "classify/classify.hpp"
#include "drivers.hpp"
#include "jacks.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace soundwarden::classify {
namespace {

bool is_built_in(const SocketFacts &socket, const CardFacts *card) {
    return describe(socket, card).facts.kind == OutputKind::internal_speaker;
}

std::string_view text_of(const std::optional<bool> &state) { return !state ? "?" : *state ? "1" : "0"; }

std::string text_of(const JackBits &on) {
    std::string text;
    for (const bool bit : {on.headphone, on.microphone, on.line_out, on.line_in, on.physical, on.video_out}) text += bit ? '1' : '0';
    return text;
}

void append(std::string &state, std::string_view what, const std::string &value) { state += std::string(what) + "=" + value + "\n"; }

} // namespace

Availability plugged(const SocketFacts &socket, const CardFacts *card) {
    return plug_of(socket, card, wiring_of(socket, card), is_built_in(socket, card));
}

std::string jack_state(const SocketFacts &socket, const CardFacts *card) {
    std::string state;
    if (card == nullptr) return state;
    const Wiring wiring = wiring_of(socket, card);
    if (wiring.use == SocketUse::none) return state;
    for (const auto *jacks : {&wiring.jacks, &wiring.sharing, &wiring.microphones})
        for (const Jack *jack : *jacks) append(state, jack->name + "," + std::to_string(jack->index), std::string(text_of(jack->plugged)));
    // Not the buttons: who presses one has plugged nothing in.
    for (const JackSwitches *each : wiring.switches) append(state, each->name, text_of(each->on));
    if (wiring.eld != nullptr) append(state, "eld", wiring.eld->valid ? "1" + wiring.eld->monitor : "0");
    // By its range: the same load never measures twice the same.
    if (const auto ohms = measured_ohms(card, wiring)) append(state, "ohms", std::to_string(ohms_bucket(*ohms)));
    if (mode_of(card, wiring) != Mode::unknown) append(state, "mode", std::to_string(static_cast<int>(mode_of(card, wiring))));
    if (wiring.use == SocketUse::headphones || wiring.use == SocketUse::line || wiring.use == SocketUse::plain) {
        if (!card->declared_output.empty()) append(state, "output", card->declared_output);
        if (card->analog_accessory) append(state, "accessory", "1");
    }
    return state;
}

Fingerprint fingerprint(const SocketFacts &socket, const CardFacts *card) {
    Fingerprint found;
    const Wiring wiring = wiring_of(socket, card);
    if (plug_of(socket, card, wiring, is_built_in(socket, card)) == Availability::no) return found;
    if (wiring.use == SocketUse::hdmi || !socket.product.empty()) {
        const bool named = wiring.eld != nullptr && wiring.eld->valid && !wiring.eld->monitor.empty();
        found.product = named ? wiring.eld->monitor : socket.product;
        return found;
    }
    found.microphone = microphone_of(card, wiring);
    found.line = line_measured(socket, card, wiring);
    if (const auto ohms = measured_ohms(card, wiring)) found.ohms_bucket = ohms_bucket(*ohms);
    return found;
}

std::uint32_t ohms_bucket(Ohms ohms) {
    static constexpr std::array bounds{8.0, 12.0, 24.0, 50.0, 150.0, 400.0, 1000.0, 5000.0};
    return static_cast<std::uint32_t>(std::count_if(bounds.begin(), bounds.end(), [&](double bound) { return ohms.value >= bound; }));
}

Duration settle_time(const SocketFacts &socket, const CardFacts *card) {
    // A codec that measures does so at its headset jack; displays and built-in speakers have none.
    const SocketUse use = use_of(socket, card);
    const bool at_once = use == SocketUse::none || use == SocketUse::hdmi || use == SocketUse::spdif || is_built_in(socket, card);
    return at_once ? Duration(std::chrono::milliseconds(300)) : driver_of(socket, card).settle;
}

} // namespace soundwarden::classify
