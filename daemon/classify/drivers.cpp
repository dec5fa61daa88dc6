// SPDX-License-Identifier: MIT
#include "drivers.hpp"

#include "labels.hpp"
#include "text.hpp"

#include <algorithm>
#include <string>

namespace soundwarden::classify {
namespace {

using namespace std::chrono_literals;

// Settle times: reference/sensing.md §6.3.
constexpr Duration settle_at_once = 300ms;
constexpr Duration settle_measuring = 1500ms;
constexpr Duration settle_wcd = 3500ms; // its type is looked at again every 180 ms for 3 s

constexpr Driver wcd{"Qualcomm WCD",
                     {"wcd93", "wcd-93", "pm4125"},
                     true,
                     settle_wcd,
                     "§2: impedance controls; LINEOUT from 5 kohm on, and with an open extension cable"};
constexpr Driver sdca{"SDCA", {"-sdca", "_sdca", "cs42l45"}, true, settle_measuring, "§2, §1.1: the device's own mode"};

/// In this order: the first that is named counts.
constexpr Driver named[] = {
    wcd,
    {"Cirrus CS42L43",
     {"cs42l43"},
     true,
     settle_measuring,
     "§2: four classes in hardware; \"Headphone Jack\" is on for all of them (§0.4)"},
    {"Dialog DA7219", {"da7219", "d7219"}, true, settle_measuring, "§2: comparator at 1 kohm"},
    {"Wolfson Arizona",
     {"arizona", "wm5102", "wm5110", "wm8280", "wm8997", "wm8998", "wm1814"},
     true,
     settle_measuring,
     "§2: LINEOUT from 5 kohm on"},
    sdca,
    {"HDA",
     {"hda-intel", "hda intel", "snd_hda", "hda-dsp", "hda_dsp", "hdaudio", "hda-tegra"},
     false,
     settle_at_once,
     "§0.2: the pins' labels"},
    {"USB", {"usb-audio", "snd_usb_audio", "snd-usb-audio"}, false, settle_at_once, "§1.3: connectors, no load"},
    {"virtual", {"snd_dummy", "snd-dummy", "snd_aloop", "snd-aloop", "loopback", "dummy"}, false, settle_at_once, "no hardware"},
};

// Most Qualcomm boards have a WCD codec. Where its controls are not seen its bits count for nothing, but it gets its time.
constexpr Driver qualcomm{"Qualcomm, codec not known",
                          {"sdm8", "sm8", "sc8280", "x1e80100", "qcm6490", "qcs6490", "glymur", "kaanapali"},
                          false,
                          settle_wcd,
                          "§6.3"};
constexpr Driver other_asoc{"ASoC", {"snd_soc", "snd-soc", "sof-", "avs_", "simple-card"}, false, settle_measuring, "§6.3: unknown ASoC"};
constexpr Driver other{"other", {}, false, settle_at_once, "§6.3"};

/// The words that name the codec of the headset jack. Beside them a card's components name those of speakers and microphones
/// ("cfg-amp:2 hs:cs42l43 spk:cs35l56 mic:rt712-sdca-dmic").
std::string headset_codec(std::string_view components) {
    std::string words;
    for (std::size_t at = components.find("hs:"); at != std::string_view::npos; at = components.find("hs:", at + 3))
        if (at == 0 || components[at - 1] == ' ') words += std::string(components.substr(at + 3, components.find(' ', at) - at - 3)) + "\n";
    return words;
}

std::string names_of(const SocketFacts &socket, const CardFacts *card) {
    std::string names = socket.driver + "\n" + socket.card_name;
    if (card != nullptr) names += "\n" + card->driver + "\n" + card->name + "\n" + card->id + "\n" + headset_codec(card->components);
    return lower(names);
}

bool is_named(const Driver &driver, const std::string &names) {
    return std::any_of(driver.patterns.begin(), driver.patterns.end(),
                       [&](std::string_view pattern) { return !pattern.empty() && names.find(pattern) != std::string::npos; });
}

bool is_platform(const SocketFacts &socket, const CardFacts *card) {
    const auto on_platform = [](const std::string &path) { return lower(path).find("platform") != std::string::npos; };
    return lower(socket.bus) == "platform" || on_platform(socket.bus_path) || (card != nullptr && on_platform(card->bus_path));
}

} // namespace

const Driver &driver_of(const SocketFacts &socket, const CardFacts *card) {
    if (socket.api != "alsa") return other;
    if (card != nullptr && card->measures_impedance) return wcd;
    if (card != nullptr && !card->selected_mode.empty()) return sdca;
    const std::string names = names_of(socket, card);
    for (const Driver &driver : named)
        if (is_named(driver, names)) return driver;
    if (is_usb(socket)) return other;
    if (is_named(qualcomm, names)) return qualcomm;
    return is_named(other_asoc, names) || is_platform(socket, card) ? other_asoc : other;
}

} // namespace soundwarden::classify
