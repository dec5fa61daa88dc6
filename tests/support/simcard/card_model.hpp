// SPDX-License-Identifier: MIT
// What a simulated card looks like, as data: the properties, profiles, routes and sinks that PipeWire's ALSA card code
// (ACP) or the Bluetooth plugin would export for such hardware. Wording and numbers follow recorded cards
// (shared/samples) and ACP's path files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace soundwarden::bench {

using Dict = std::vector<std::pair<std::string, std::string>>;

/// The values are those of enum spa_param_availability.
enum class Availability : std::uint32_t { unknown = 0, no = 1, yes = 2 };

std::string_view to_string(Availability availability);
std::optional<Availability> availability_from(std::string_view text);

/// A place the sound can be switched to without a new node: ACP's port.
struct RouteModel {
    std::string name;        ///< "analog-output-headphones"
    std::string description; ///< "Headphones"
    int priority = 0;
    Availability available = Availability::unknown;
    Dict info; ///< port.type and so on
    std::vector<int> profiles;
    std::vector<int> devices;
};

struct ProfileModel {
    std::string name;
    std::string description;
    int priority = 0;
    Availability available = Availability::unknown;
    std::vector<int> devices;   ///< the sinks it has, as indices into CardModel::sinks
    bool follows_routes = true; ///< becomes "no" when all its routes are "no"
};

/// ACP's "device": one sink of a profile. Its index is card.profile.device.
struct SinkModel {
    std::string node_name;
    std::string description;
    Dict properties;
    bool hardware_volume = false; ///< the mixer does the volume: softVolumes stay 1.0
};

/// What happens at once when something is plugged into or pulled from a jack.
struct JackModel {
    std::string name; ///< "headphones"
    std::vector<std::pair<std::string, Availability>> when_in, when_out;
};

struct CardModel {
    Dict properties; ///< empty: no device is exported, sinks[0] stands alone ("bare")
    std::vector<ProfileModel> profiles;
    std::vector<RouteModel> routes;
    std::vector<SinkModel> sinks;
    std::vector<JackModel> jacks;
    bool bare() const { return properties.empty(); }
};

struct PresetOptions {
    std::string name; ///< the part of device.name after "alsa_card."; empty: the preset's own
    bool hardware_volume = false;
    bool no_routes = false; ///< as cards whose mixer ACP finds no path for
};

/// laptop, desktop, usb-headset, usb-interface, hdmi, bluetooth-headset, bare; nullopt for another name.
std::optional<CardModel> make_preset(std::string_view preset, const PresetOptions &options);

} // namespace soundwarden::bench
