// SPDX-License-Identifier: MIT
#include "card_model.hpp"

#include <algorithm>

namespace soundwarden::bench {

std::string_view to_string(Availability availability) {
    switch (availability) {
    case Availability::no: return "no";
    case Availability::yes: return "yes";
    case Availability::unknown: break;
    }
    return "unknown";
}

std::optional<Availability> availability_from(std::string_view text) {
    for (const Availability value : {Availability::unknown, Availability::no, Availability::yes})
        if (text == to_string(value)) return value;
    return std::nullopt;
}

namespace {

/// What tells one piece of ALSA hardware from another.
struct AlsaHardware {
    std::string card_name;   ///< "HDA Intel"
    std::string id;          ///< "Intel": /proc/asound/cards
    std::string driver;      ///< "snd_hda_intel"
    std::string description; ///< what people see
    std::string bus;         ///< pci, usb
    std::string bus_path;
    std::string form_factor; ///< empty: none, as udev leaves it for most PCI cards that are not on bus 0
    std::string components;
    std::string vendor_id, product_id;
    std::string serial; ///< usb only
};

Dict device_properties(const AlsaHardware &hardware, const std::string &name) {
    Dict properties{
        {"object.path", "alsa:acp:" + hardware.id},
        {"device.api", "alsa"},
        {"media.class", "Audio/Device"},
        {"api.alsa.path", "hw:0"},
        {"device.name", "alsa_card." + name},
        {"device.description", hardware.description},
        {"device.nick", hardware.card_name},
        {"device.bus", hardware.bus},
        {"device.bus-path", hardware.bus_path},
        {"device.icon-name", "audio-card-analog-" + hardware.bus},
        {"device.subsystem", "sound"},
        {"device.enum.api", "udev"},
        {"device.string", "0"},
        {"device.plugged.usec", "92135506"},
        {"device.vendor.id", hardware.vendor_id},
        {"device.product.id", hardware.product_id},
        {"device.product.name", hardware.card_name},
        {"device.sysfs.path", "/devices/" + hardware.bus_path + "/sound/card0"},
        {"alsa.card", "0"},
        {"alsa.card_name", hardware.card_name},
        {"alsa.components", hardware.components},
        {"alsa.driver_name", hardware.driver},
        {"alsa.id", hardware.id},
        {"alsa.long_card_name", hardware.card_name + " at " + hardware.bus_path},
        {"alsa.mixer_name", hardware.bus == "usb" ? "USB Mixer" : "Realtek Generic"},
        {"api.alsa.card", "0"},
        {"api.alsa.card.name", hardware.card_name},
        {"api.alsa.card.longname", hardware.card_name + " at " + hardware.bus_path},
        {"api.alsa.use-acp", "true"},
        {"api.acp.auto-port", "false"},
        {"api.acp.auto-profile", "false"},
    };
    if (!hardware.form_factor.empty()) properties.emplace_back("device.form-factor", hardware.form_factor);
    if (!hardware.serial.empty()) {
        properties.emplace_back("device.serial", hardware.serial);
        properties.emplace_back("device.bus-id", name);
    }
    return properties;
}

/// One sink of an ALSA card as the profile `profile` ("analog-stereo") makes it.
SinkModel alsa_sink(const AlsaHardware &hardware, const std::string &name, const std::string &profile,
                    const std::string &profile_description, bool hardware_volume) {
    SinkModel sink;
    sink.node_name = "alsa_output." + name + "." + profile;
    sink.description = hardware.description + " " + profile_description;
    sink.hardware_volume = hardware_volume;
    sink.properties = {
        {"node.nick", hardware.card_name},
        {"device.api", "alsa"},
        {"device.class", "sound"},
        {"device.icon-name", "audio-card-analog"},
        {"device.profile.name", profile},
        {"device.profile.description", profile_description},
        {"alsa.card", "0"},
        {"alsa.card_name", hardware.card_name},
        {"alsa.class", "generic"},
        {"alsa.components", hardware.components},
        {"alsa.device", "0"},
        {"alsa.driver_name", hardware.driver},
        {"alsa.id", hardware.id},
        {"alsa.long_card_name", hardware.card_name + " at " + hardware.bus_path},
        {"alsa.mixer_name", hardware.bus == "usb" ? "USB Mixer" : "Realtek Generic"},
        {"alsa.name", hardware.id},
        {"alsa.resolution_bits", "16"},
        {"alsa.subclass", "generic-mix"},
        {"alsa.subdevice", "0"},
        {"alsa.subdevice_name", "subdevice #0"},
        {"api.alsa.path", "front:0"},
        {"api.alsa.pcm.card", "0"},
        {"api.alsa.pcm.stream", "playback"},
        {"api.alsa.card.name", hardware.card_name},
        {"api.alsa.card.longname", hardware.card_name + " at " + hardware.bus_path},
        {"port.group", "playback"},
        {"factory.name", "api.alsa.pcm.sink"},
        {"priority.driver", "1009"},
        {"priority.session", "1009"},
    };
    return sink;
}

ProfileModel off() { return {"off", "Off", 0, Availability::yes, {}, false}; }

ProfileModel pro_audio(int device) { return {"pro-audio", "Pro Audio", 1, Availability::unknown, {device}, false}; }

RouteModel route(std::string name, std::string description, int priority, Availability available, Dict info,
                 int device = 1, int profile = 1) {
    return {std::move(name), std::move(description), priority, available, std::move(info), {profile}, {device}};
}

/// The usual analog card: sink 0 is pro-audio's, sink 1 the stereo one that carries the routes.
CardModel analog_card(const AlsaHardware &hardware, const std::string &name, const PresetOptions &options) {
    CardModel card;
    card.properties = device_properties(hardware, name);
    card.profiles = {
        off(), {"output:analog-stereo", "Analog Stereo Output", 6500, Availability::yes, {1}, true}, pro_audio(0)};
    card.sinks = {alsa_sink(hardware, name, "pro-output-0", "Pro", false),
                  alsa_sink(hardware, name, "analog-stereo", "Analog Stereo", options.hardware_volume)};
    return card;
}

std::string name_or(const PresetOptions &options, const char *own) { return options.name.empty() ? own : options.name; }

CardModel laptop(const PresetOptions &options) {
    const AlsaHardware hardware{"HDA Intel PCH",
                                "PCH",
                                "snd_hda_intel",
                                "Built-in Audio",
                                "pci",
                                "pci-0000:00:1f.3",
                                "internal",
                                "HDA:10ec0257,17aa2234,00100001",
                                "0x8086",
                                "0x51c8",
                                ""};
    CardModel card = analog_card(hardware, name_or(options, "pci-0000_00_1f.3"), options);
    card.routes = {
        route("analog-output-speaker", "Speaker", 10'000, Availability::unknown,
              {{"port.type", "speaker"}, {"device.icon_name", "audio-speakers"}, {"card.profile.port", "0"}}),
        route("analog-output-headphones", "Headphones", 9900, Availability::no,
              {{"port.type", "headphones"},
               {"port.availability-group", "Legacy 1"},
               {"device.icon_name", "audio-headphones"},
               {"card.profile.port", "1"}})};
    // The speaker has no jack of its own: ACP shows it as unplugged by the headphones and as unknown otherwise.
    card.jacks = {{"headphones",
                   {{"analog-output-headphones", Availability::yes}, {"analog-output-speaker", Availability::no}},
                   {{"analog-output-headphones", Availability::no}, {"analog-output-speaker", Availability::unknown}}}};
    return card;
}

CardModel desktop(const PresetOptions &options) {
    const AlsaHardware hardware{"HD-Audio Generic",
                                "Generic",
                                "snd_hda_intel",
                                "Family 17h HD Audio Controller",
                                "pci",
                                "pci-0000:0b:00.4",
                                "",
                                "HDA:10ec0892,1458a0c3,00100302",
                                "0x1022",
                                "0x1457",
                                ""};
    CardModel card = analog_card(hardware, name_or(options, "pci-0000_0b_00.4"), options);
    card.routes = {route("analog-output-lineout", "Line Out", 9000, Availability::yes,
                         {{"port.type", "line"}, {"port.availability-group", "Legacy 1"}, {"card.profile.port", "0"}}),
                   route("analog-output-headphones", "Headphones", 9900, Availability::no,
                         {{"port.type", "headphones"},
                          {"port.availability-group", "Legacy 2"},
                          {"device.icon_name", "audio-headphones"},
                          {"card.profile.port", "1"}})};
    card.jacks = {
        {"headphones",
         {{"analog-output-headphones", Availability::yes}},
         {{"analog-output-headphones", Availability::no}}},
        {"lineout", {{"analog-output-lineout", Availability::yes}}, {{"analog-output-lineout", Availability::no}}}};
    return card;
}

CardModel usb_headset(const PresetOptions &options) {
    const AlsaHardware hardware{"Jabra Evolve2 40",
                                "Evolve2",
                                "snd_usb_audio",
                                "Jabra Evolve2 40",
                                "usb",
                                "pci-0000:00:14.0-usb-0:2:1.0",
                                "headset",
                                "USB0b0e:0e41",
                                "0x0b0e",
                                "0x0e41",
                                "GN_Audio_A_S_Jabra_Evolve2_40_A0023A"};
    CardModel card = analog_card(hardware, name_or(options, "usb-GN_Audio_A_S_Jabra_Evolve2_40_A0023A-00"), options);
    card.profiles[1].available = Availability::unknown;
    card.profiles[1].follows_routes = false;
    card.routes = {route("analog-output", "Analog Output", 9900, Availability::unknown,
                         {{"port.type", "analog"}, {"card.profile.port", "0"}})};
    return card;
}

/// An interface with a UCM profile: two stereo sinks at once, the first feeding both its line output and its
/// headphones.
CardModel usb_interface(const PresetOptions &options) {
    const AlsaHardware hardware{"Scarlett 4i4 4th Gen",
                                "Gen",
                                "snd_usb_audio",
                                "Scarlett 4i4 4th Gen",
                                "usb",
                                "pci-0000:00:14.0-usb-0:3:1.0",
                                "",
                                "USB1235:821a",
                                "0x1235",
                                "0x821a",
                                "Focusrite_Scarlett_4i4_4th_Gen_S4XYZ"};
    const std::string name = name_or(options, "usb-Focusrite_Scarlett_4i4_4th_Gen_S4XYZ-00");
    CardModel card;
    card.properties = device_properties(hardware, name);
    card.properties.emplace_back("api.alsa.use-ucm", "true");
    card.profiles = {off(), {"HiFi", "Play HiFi quality Music", 8000, Availability::yes, {1, 2}, true}, pro_audio(0)};
    card.sinks = {alsa_sink(hardware, name, "pro-output-0", "Pro", false),
                  alsa_sink(hardware, name, "HiFi__Line1__sink", "Headphones / Line 1-2", options.hardware_volume),
                  alsa_sink(hardware, name, "HiFi__Line2__sink", "Line 3-4", options.hardware_volume)};
    card.routes = {route("[Out] Line1", "Headphones / Line 1-2", 200, Availability::unknown,
                         {{"port.type", "line"}, {"card.profile.port", "0"}}, 1),
                   route("[Out] Line2", "Line 3-4", 100, Availability::unknown,
                         {{"port.type", "line"}, {"card.profile.port", "1"}}, 2)};
    return card;
}

CardModel hdmi(const PresetOptions &options) {
    const AlsaHardware hardware{"HDA ATI HDMI",
                                "HDMI",
                                "snd_hda_intel",
                                "Navi 21 HDMI Audio",
                                "pci",
                                "pci-0000:03:00.1",
                                "",
                                "HDA:1002aa01,00aa0100,00100700",
                                "0x1002",
                                "0xab28",
                                ""};
    const std::string name = name_or(options, "pci-0000_03_00.1");
    CardModel card;
    card.properties = device_properties(hardware, name);
    card.profiles = {off(),
                     {"output:hdmi-stereo", "Digital Stereo (HDMI) Output", 5900, Availability::yes, {1}, true},
                     pro_audio(0)};
    card.sinks = {alsa_sink(hardware, name, "pro-output-3", "Pro 3", false),
                  alsa_sink(hardware, name, "hdmi-stereo", "Digital Stereo (HDMI)", options.hardware_volume)};
    card.routes = {route("hdmi-output-0", "HDMI / DisplayPort", 5900, Availability::yes,
                         {{"port.type", "hdmi"},
                          {"port.availability-group", "Legacy 1"},
                          {"device.icon_name", "video-display"},
                          {"card.profile.port", "0"},
                          {"device.product.name", "DELL U2723QE"}})};
    card.jacks = {{"hdmi", {{"hdmi-output-0", Availability::yes}}, {{"hdmi-output-0", Availability::no}}}};
    return card;
}

/// As the bluez5 plugin exports it: no ALSA, the sink's volume is the headset's own (absolute volume).
CardModel bluetooth_headset(const PresetOptions &options) {
    const std::string address = name_or(options, "38_18_4C_12_34_56");
    std::string colons = address;
    std::replace(colons.begin(), colons.end(), '_', ':');
    CardModel card;
    card.properties = {
        {"device.api", "bluez5"},
        {"media.class", "Audio/Device"},
        {"device.bus", "bluetooth"},
        {"device.name", "bluez_card." + address},
        {"device.description", "WH-1000XM4"},
        {"device.alias", "WH-1000XM4"},
        {"device.form-factor", "headset"},
        {"device.icon-name", "audio-headset-bluetooth"},
        {"device.string", colons},
        {"device.vendor.id", "usb:054c"},
        {"device.product.id", "0x0d58"},
        {"api.bluez5.address", colons},
        {"api.bluez5.class", "0x240404"},
        {"api.bluez5.connection", "connected"},
        {"api.bluez5.device", ""},
        {"api.bluez5.icon", "audio-headset"},
        {"api.bluez5.path", "/org/bluez/hci0/dev_" + address},
        {"bluez5.profile", "off"},
    };
    card.profiles = {off(),
                     {"a2dp-sink", "High Fidelity Playback (A2DP Sink)", 16, Availability::yes, {0}, false},
                     {"headset-head-unit", "Headset Head Unit (HSP/HFP)", 1, Availability::yes, {1}, false}};
    const auto sink = [&](const char *profile, const char *factory) {
        SinkModel model;
        model.node_name = "bluez_output." + address + ".1";
        model.description = "WH-1000XM4";
        model.hardware_volume = true;
        model.properties = {
            {"device.api", "bluez5"},     {"api.bluez5.address", colons}, {"api.bluez5.profile", profile},
            {"api.bluez5.transport", ""}, {"bluez5.loopback", "false"},   {"card.profile.device", ""},
            {"factory.name", factory},    {"priority.driver", "1010"},    {"priority.session", "1010"}};
        std::erase_if(model.properties, [](const auto &property) { return property.second.empty(); });
        return model;
    };
    card.sinks = {sink("a2dp-sink", "api.bluez5.a2dp.sink"), sink("headset-head-unit", "api.bluez5.sco.sink")};
    RouteModel output = route("headset-output", "Headset", 0, Availability::yes, {{"port.type", "headset"}}, 0);
    output.profiles = {1, 2};
    output.devices = {0, 1};
    card.routes = {output};
    return card;
}

/// A sink made by a configuration file: looks like hardware, belongs to no device.
CardModel bare(const PresetOptions &options) {
    const AlsaHardware hardware{"HDA Intel PCH", "PCH", "snd_hda_intel", "Plain ALSA", "pci", "", "", "", "", "", ""};
    CardModel card;
    card.sinks = {alsa_sink(hardware, name_or(options, "plain"), "playback", "Sink", false)};
    std::erase_if(card.sinks[0].properties, [](const auto &property) {
        return property.second.empty() || property.first.starts_with("device.profile");
    });
    return card;
}

} // namespace

std::optional<CardModel> make_preset(std::string_view preset, const PresetOptions &options) {
    constexpr std::pair<std::string_view, CardModel (*)(const PresetOptions &)> table[] = {
        {"laptop", laptop},
        {"desktop", desktop},
        {"usb-headset", usb_headset},
        {"usb-interface", usb_interface},
        {"hdmi", hdmi},
        {"bluetooth-headset", bluetooth_headset},
        {"bare", bare},
    };
    for (const auto &[name, make] : table) {
        if (name != preset) continue;
        CardModel card = make(options);
        if (options.no_routes) {
            card.routes.clear();
            card.jacks.clear();
        }
        return card;
    }
    return std::nullopt;
}

} // namespace soundwarden::bench
