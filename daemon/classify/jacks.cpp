// SPDX-License-Identifier: MIT
#include "jacks.hpp"

#include "drivers.hpp"
#include "text.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

namespace soundwarden::classify {
namespace {

bool is_for_ears(const Jack &jack) {
    return !jack.input &&
           (jack.use == JackUse::headphones || jack.use == JackUse::headset || jack.use == JackUse::headphones_or_microphone);
}
bool is_analog_output(const Jack &jack) {
    return is_for_ears(jack) || (!jack.input && (jack.use == JackUse::line_out || jack.use == JackUse::speaker));
}

/// The number at the end of a UCM route's name ("[Out] Headphones2").
std::optional<std::uint32_t> number_at_end(const std::string &name) {
    const std::size_t digits = name.find_last_not_of("0123456789") + 1;
    if (digits == name.size() || name.size() - digits > 3) return std::nullopt;
    return static_cast<std::uint32_t>(std::stoul(name.substr(digits)));
}

/// PipeWire's second path for headphones: "Front Headphone,1" and "Front Headphone Surround" (§1.7).
bool is_of_second_path(const Jack &jack) { return jack.place == JackPlace::front && (jack.index == 1 || jack.channels == "surround"); }

class Sorter {
  public:
    Sorter(const SocketFacts &socket, const CardFacts &card, SocketUse use)
        : socket_(socket), card_(card), use_(use), route_(lower(socket.route_name)) {}

    Wiring sorted() const {
        Wiring wiring;
        wiring.use = use_;
        for (const Jack &jack : card_.jacks) place(jack, wiring);
        keep_numbered(wiring.jacks);
        if (use_ == SocketUse::plain) claim_the_only_connector(wiring);
        if (use_ == SocketUse::hdmi) wiring.eld = eld();
        by_name(wiring.jacks);
        by_name(wiring.sharing);
        by_name(wiring.microphones);
        add_switches(wiring);
        return wiring;
    }

  private:
    static void by_name(std::vector<const Jack *> &jacks) {
        std::sort(jacks.begin(), jacks.end(), [](const Jack *a, const Jack *b) {
            return std::tie(a->name, a->index, a->plugged) < std::tie(b->name, b->index, b->plugged);
        });
    }

    void place(const Jack &jack, Wiring &wiring) const {
        if (is_microphone_of_plug(jack)) {
            if (!jack.phantom) wiring.microphones.push_back(&jack);
            return;
        }
        if (is_of_other_pcm(jack)) return;
        const bool mine = is_mine(jack);
        if (mine && jack.phantom) wiring.phantom = true;
        if (jack.phantom) return;
        if (mine)
            wiring.jacks.push_back(&jack);
        else if (is_sharing(jack))
            wiring.sharing.push_back(&jack);
    }

    /// A separate microphone socket says nothing of what hangs here. On codecs that measure, "Mic" is a pin of the one jack.
    bool is_microphone_of_plug(const Jack &jack) const {
        if (!jack.input || (use_ != SocketUse::headphones && use_ != SocketUse::plain && use_ != SocketUse::line)) return false;
        if (jack.use == JackUse::headset) return true;
        return jack.use == JackUse::microphone && jack.place == JackPlace::unknown && driver_of(socket_, &card_).measures;
    }

    bool is_of_other_pcm(const Jack &jack) const { return jack.pcm && socket_.pcm_device && *jack.pcm != *socket_.pcm_device; }

    bool is_mine(const Jack &jack) const {
        if (jack.input) return false;
        switch (use_) {
        case SocketUse::headphones: return is_for_ears(jack) && is_on_headphone_path(jack);
        case SocketUse::line: return jack.use == JackUse::line_out;
        case SocketUse::speaker: return jack.use == JackUse::speaker;
        case SocketUse::spdif: return jack.use == JackUse::spdif;
        case SocketUse::hdmi: return jack.use == JackUse::hdmi && is_the_display(jack);
        case SocketUse::plain:
        case SocketUse::none: return false;
        }
        return false;
    }

    bool is_on_headphone_path(const Jack &jack) const {
        if (route_ == "analog-output-headphones-2") return is_of_second_path(jack);
        if (route_ == "analog-output-headphones") return jack.index == 0 && !is_of_second_path(jack);
        return true;
    }

    /// "HDMI/DP,pcm=3" is told by its PCM; "HDMI" and "DP0" only where there is no other.
    bool is_the_display(const Jack &jack) const {
        if (jack.pcm && socket_.pcm_device) return true; // others are sorted out already
        const auto displays = std::count_if(card_.jacks.begin(), card_.jacks.end(),
                                            [](const Jack &each) { return !each.input && each.use == JackUse::hdmi; });
        return displays == 1;
    }

    bool is_sharing(const Jack &jack) const {
        if (use_ == SocketUse::headphones) return is_for_ears(jack) && !is_of_second_path(jack) && route_ == "analog-output-headphones";
        return use_ == SocketUse::plain && is_analog_output(jack);
    }

    /// UCM numbers its devices from 1, and controls of one name are numbered from 0.
    void keep_numbered(std::vector<const Jack *> &jacks) const {
        const auto number = route_.starts_with("[out] ") ? number_at_end(route_) : std::nullopt;
        if (!number || *number == 0) return;
        const auto is_it = [&](const Jack *jack) { return jack->index + 1 == *number; };
        const bool one_name = std::all_of(jacks.begin(), jacks.end(), [&](const Jack *jack) { return jack->name == jacks.front()->name; });
        if (one_name && std::any_of(jacks.begin(), jacks.end(), is_it))
            std::erase_if(jacks, [&](const Jack *jack) { return !is_it(jack); });
    }

    /// A USB device with one output and one connector means that one, whatever it is called.
    void claim_the_only_connector(Wiring &wiring) const {
        if (!is_usb(socket_) || socket_.outputs > 1 || wiring.sharing.size() != 1) return;
        wiring.jacks.swap(wiring.sharing);
    }

    const Eld *eld() const {
        const Eld *found = nullptr;
        for (const Eld &each : card_.elds) {
            if (socket_.pcm_device ? each.pcm != *socket_.pcm_device : card_.elds.size() != 1) continue;
            if (found == nullptr || is_better(each, *found)) found = &each;
        }
        return found;
    }
    /// Several of one PCM (DisplayPort's streams): the receiver that is there counts.
    static bool is_better(const Eld &a, const Eld &b) {
        return std::tie(b.valid, a.index, a.monitor) < std::tie(a.valid, b.index, b.monitor);
    }

    void add_switches(Wiring &wiring) const {
        for (const JackSwitches &each : card_.switches)
            if (concerns(each, wiring)) wiring.switches.push_back(&each);
        const auto bits = [](const JackBits &on) {
            return std::tuple(on.headphone, on.microphone, on.line_out, on.line_in, on.physical, on.video_out);
        };
        std::sort(wiring.switches.begin(), wiring.switches.end(), [&](const JackSwitches *a, const JackSwitches *b) {
            return std::tuple(a->name, bits(a->able), bits(a->on), a->buttons) <
                   std::tuple(b->name, bits(b->able), bits(b->on), b->buttons);
        });
    }

    /// The jack that the kernel made the device for: "<card> <jack>". The longest name is meant: "Front Headphone", not "Headphone".
    std::string jack_named_by(const JackSwitches &each) const {
        std::string longest;
        for (const Jack &jack : card_.jacks)
            if (!jack.phantom && jack.name.size() > longest.size() && (each.name == jack.name || each.name.ends_with(" " + jack.name)))
                longest = jack.name;
        return longest;
    }

    bool concerns(const JackSwitches &each, const Wiring &wiring) const {
        const std::string jack = jack_named_by(each);
        if (jack.empty()) return concerns_by_ability(each);
        // Two jacks of one name have two devices of one name: then only the controls can tell which is which.
        const auto of_name = [&](const std::vector<const Jack *> &jacks) {
            return std::count_if(jacks.begin(), jacks.end(), [&](const Jack *mine) { return mine->name == jack; });
        };
        const auto all =
            std::count_if(card_.jacks.begin(), card_.jacks.end(), [&](const Jack &any) { return !any.phantom && any.name == jack; });
        const auto mine = of_name(wiring.jacks) + of_name(wiring.microphones);
        return mine > 0 && mine == all;
    }

    bool concerns_by_ability(const JackSwitches &each) const {
        const JackBits &able = each.able;
        const bool of_display = able.video_out && !able.headphone;
        const std::string name = lower(each.name);
        switch (use_) {
        case SocketUse::headphones: return able.headphone || (able.line_out && !of_display && driver_of(socket_, &card_).measures);
        case SocketUse::line: return able.line_out && !of_display && !names_any(name, {"speaker"});
        case SocketUse::plain: return able.headphone || (able.line_out && !of_display && !names_any(name, {"speaker"}));
        case SocketUse::hdmi: return of_display && socket_.pcm_device && name.ends_with("pcm=" + std::to_string(*socket_.pcm_device));
        case SocketUse::speaker:
        case SocketUse::spdif:
        case SocketUse::none: return false;
        }
        return false;
    }

    const SocketFacts &socket_;
    const CardFacts &card_;
    SocketUse use_;
    std::string route_;
};

bool is_plugged(const Jack *jack) { return jack->plugged == true; }

bool is_ohms(const std::optional<Ohms> &ohms) { return ohms && std::isfinite(ohms->value) && ohms->value > 0.0; }

/// What sources other than PipeWire say: something is in, nothing is in.
struct Said {
    bool in = false;
    bool out = false;
    void hear(bool plugged) { (plugged ? in : out) = true; }
};

Said said_by_card(const CardFacts *card, const Wiring &wiring) {
    Said said;
    for (const Jack *jack : wiring.jacks)
        if (jack->plugged) said.hear(*jack->plugged);
    if (std::any_of(wiring.sharing.begin(), wiring.sharing.end(), is_plugged)) said.in = true;
    // Where nobody says which socket this is, what sees a plug can only say that there is something.
    const bool known = wiring.use != SocketUse::plain;
    for (const JackSwitches *each : wiring.switches) {
        const bool only_microphone = each->able.microphone && !each->able.headphone && !each->able.line_out;
        if (each->on.any())
            said.in = true;
        else if (!only_microphone && known)
            said.out = true;
    }
    if (wiring.eld != nullptr) said.hear(wiring.eld->valid);
    if (measured_ohms(card, wiring)) said.in = true;
    const Mode mode = mode_of(card, wiring);
    if (mode != Mode::unknown && (known || mode != Mode::unplugged)) said.hear(mode != Mode::unplugged);
    return said;
}

} // namespace

Wiring wiring_of(const SocketFacts &socket, const CardFacts *card) {
    const SocketUse use = use_of(socket, card);
    if (card != nullptr && use != SocketUse::none) return Sorter(socket, *card, use).sorted();
    Wiring wiring;
    wiring.use = use;
    return wiring;
}

Availability plug_of(const SocketFacts &socket, const CardFacts *card, const Wiring &wiring, bool built_in) {
    const bool route = !socket.route_name.empty();
    if (built_in) return route && socket.availability == Availability::yes ? Availability::yes : Availability::unknown;
    const Said said = said_by_card(card, wiring);
    if (said.in || (route && socket.availability == Availability::yes)) return Availability::yes;
    return said.out || (route && socket.availability == Availability::no) ? Availability::no : Availability::unknown;
}

std::uint32_t plugs_seen(const Wiring &wiring) {
    // A headset's earpieces and its microphone are one plug, and the jacks of one surround system are one load.
    std::set<std::tuple<bool, JackPlace, std::uint32_t>> sockets;
    for (const auto *jacks : {&wiring.jacks, &wiring.sharing})
        for (const Jack *jack : *jacks)
            if (is_plugged(jack) && is_analog_output(*jack))
                sockets.emplace(is_for_ears(*jack), jack->place, jack->channels.empty() ? jack->index : 0);
    return static_cast<std::uint32_t>(sockets.size());
}

std::optional<bool> microphone_of(const CardFacts *card, const Wiring &wiring) {
    std::optional<bool> seen;
    const auto hear = [&seen](bool there) { seen = there || seen.value_or(false); };
    for (const Jack *jack : wiring.microphones)
        if (jack->plugged) hear(*jack->plugged);
    for (const JackSwitches *each : wiring.switches)
        if (each->able.microphone) hear(each->on.microphone);
    const Mode mode = mode_of(card, wiring);
    if (mode == Mode::headset) hear(true);
    if (mode == Mode::headphones || mode == Mode::line) hear(false);
    return seen;
}

std::optional<bool> line_measured(const SocketFacts &socket, const CardFacts *card, const Wiring &wiring) {
    if (!driver_of(socket, card).measures) return std::nullopt;
    bool high = false;
    bool low = false;
    for (const JackSwitches *each : wiring.switches) {
        // With the video bit it is an optical plug (§1.2).
        high = high || (each->on.line_out && !each->on.video_out);
        low = low || each->on.headphone;
    }
    const Mode mode = mode_of(card, wiring);
    high = high || mode == Mode::line;
    low = low || mode == Mode::headphones || mode == Mode::headset;
    if (high == low) return std::nullopt;
    return high;
}

std::optional<Ohms> measured_ohms(const CardFacts *card, const Wiring &wiring) {
    if (card == nullptr || (wiring.use != SocketUse::headphones && wiring.use != SocketUse::plain)) return std::nullopt;
    if (!is_ohms(card->left_impedance) || !is_ohms(card->right_impedance)) return std::nullopt;
    return std::min(*card->left_impedance, *card->right_impedance);
}

Mode mode_of(const CardFacts *card, const Wiring &wiring) {
    if (card == nullptr || (wiring.use != SocketUse::headphones && wiring.use != SocketUse::line && wiring.use != SocketUse::plain))
        return Mode::unknown;
    const std::string mode = lower(card->selected_mode);
    if (names_any(mode, {"unplugged"})) return Mode::unplugged;
    if (names_any(mode, {"headset"})) return Mode::headset;
    if (names_any(mode, {"headphone"})) return Mode::headphones;
    return names_any(mode, {"line_out", "lineout"}) ? Mode::line : Mode::unknown;
}

} // namespace soundwarden::classify
