// SPDX-License-Identifier: MIT
// States of real ALSA cards, recorded in virtual machines (tests/data/cards): what each output is, what hangs on it and how surely. Nothing
// on these cards measures a load (reference/sensing.md §0.2), so what is plugged in stays unknown, and what is not is certain.
#include "classify_test_world.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

namespace soundwarden::classify::testing {
namespace {

using Json = nlohmann::json;

std::filesystem::path file_of(const std::string &state, const char *suffix) {
    return std::filesystem::path(SOUNDWARDEN_CARDS) / (state + suffix);
}

std::string text(const Json &properties, const char *key) { return properties.value(key, std::string()); }

/// The value of a key in a route's info list: its length, then keys and values in turn.
std::string info_of(const Json &route, const std::string &key) {
    const Json &info = route.at("info");
    for (std::size_t i = 1; i + 1 < info.size(); i += 2)
        if (info[i] == key) return info[i + 1].get<std::string>();
    return "";
}

/// "card 1" of "hw:1", as in STATE.controls.txt.
std::string number_of(const Json &device) { return text(device.at("props"), "api.alsa.path").substr(3); }

/// A jack's control in `amixer contents`: its name stands in one line, its value two lines below.
std::optional<Jack> jack_in(const std::string &line, const std::string &value) {
    const std::string key = "iface=CARD,name='";
    const std::size_t at = line.find(key);
    if (at == std::string::npos) return std::nullopt;
    std::string name = line.substr(at + key.size());
    name = name.substr(0, name.find(" Jack'"));
    const bool is_phantom = name.ends_with(" Phantom");
    if (is_phantom) name = name.substr(0, name.size() - 8);
    const JackUse use = name == "Headphone" ? JackUse::headphones : name == "Line Out" ? JackUse::line_out : JackUse::other;
    const Jack made = jack(name, use, value.find("=on") != std::string::npos);
    return is_phantom ? phantom(made) : made;
}

/// Nothing where the state was recorded without its controls.
std::optional<CardFacts> card_in(const std::string &state, const Json &device) {
    std::ifstream file(file_of(state, ".controls.txt"));
    if (!file) return std::nullopt;
    CardFacts card = card_of("");
    card.name = text(device.at("props"), "alsa.card_name");
    card.components = text(device.at("props"), "alsa.components");
    bool here = false;
    for (std::string line, type, value; std::getline(file, line);) {
        if (line.starts_with("== card ")) here = line == "== card " + number_of(device);
        if (!here || line.find("iface=CARD") == std::string::npos) continue;
        std::getline(file, type);
        std::getline(file, value);
        if (auto found = jack_in(line, value)) card.jacks.push_back(std::move(*found));
    }
    return card;
}

SocketFacts socket_in(const Json &device, const Json &sink) {
    const Json &properties = device.at("props");
    SocketFacts socket;
    socket.node_name = text(sink, "node.name");
    socket.device_name = text(properties, "device.name");
    socket.device_description = text(properties, "device.description");
    socket.api = text(properties, "device.api");
    socket.bus = text(properties, "device.bus");
    socket.bus_path = text(properties, "device.bus-path");
    socket.form_factor = text(properties, "device.form-factor");
    socket.card_name = text(properties, "alsa.card_name");
    socket.driver = text(properties, "alsa.driver_name");
    socket.pro_audio = sink.value("device.profile.pro", false);
    return socket;
}

std::string summary_of(const SocketFacts &socket, const CardFacts *card) {
    const OutputKind kind = describe(socket, card).facts.kind;
    const Classification found = classify(socket, kind, {card});
    std::ostringstream line;
    line << (socket.bus == "usb" ? "usb " : "") << (socket.route_name.empty() ? "-" : socket.route_name) << ": " << name_of(kind);
    for (const WeightedLoad &each : found.loads) line << " " << name_of(each.load) << " " << each.probability;
    line << " " << name_of(found.confidence) << ", plugged " << name_of(plugged(socket, card));
    return line.str();
}

/// One line for each output of each sink of the state.
std::vector<std::string> lines_of(const std::string &state) {
    std::ifstream file(file_of(state, ".json"));
    const Json objects = Json::parse(file);
    std::vector<std::string> lines;
    for (const Json &object : objects) {
        const Json &sink = object.at("props");
        if (sink.at("media.class") != "Audio/Sink" || !sink.contains("device.id")) continue;
        const auto is_its = [&](const Json &each) { return each.at("id") == sink.at("device.id"); };
        const Json &device = *std::find_if(objects.begin(), objects.end(), is_its);
        const std::optional<CardFacts> card = card_in(state, device);
        SocketFacts socket = socket_in(device, sink);
        std::size_t routes = 0;
        for (const Json &route : device.at("params").value("EnumRoute", Json::array())) {
            const Json &devices = route.at("devices");
            if (socket.pro_audio || route.at("direction") != "Output" ||
                std::find(devices.begin(), devices.end(), sink.at("card.profile.device")) == devices.end())
                continue;
            socket.route_name = route.at("name");
            socket.route_description = route.at("description");
            socket.port_type = info_of(route, "port.type");
            socket.availability_group = info_of(route, "port.availability-group");
            socket.availability = from_name<Availability>(route.at("available").get<std::string>()).value();
            lines.push_back(summary_of(socket, card ? &*card : nullptr));
            ++routes;
        }
        if (routes == 0) lines.push_back(summary_of(socket, card ? &*card : nullptr));
    }
    std::sort(lines.begin(), lines.end());
    return lines;
}

const std::string phones_in = "analog-output-headphones: headphone-out unknown 1 low, plugged yes";
const std::string phones_out = "analog-output-headphones: headphone-out nothing 1 certain, plugged no";
const std::string line_in = "analog-output-lineout: line-out unknown 1 low, plugged yes";
const std::string line_out = "analog-output-lineout: line-out nothing 1 certain, plugged no";
const std::string line_phantom = "analog-output-lineout: line-out unknown 1 low, plugged unknown";
const std::string plain = "analog-output: unknown unknown 1 low, plugged unknown";
const std::string usb_plain = "usb analog-output: unknown unknown 1 low, plugged unknown";

const std::map<std::string, std::vector<std::string>> expected{
    {"headphones-in-at-login", {phones_in, line_out}},
    {"headphones-in", {phones_in, line_out}},
    {"both-in", {phones_in, line_in}},
    {"both-out", {}},
    {"line-out-in", {phones_out, line_in}},
    {"after-bouncing", {phones_out, line_in}},
    {"pro-audio", {"-: unknown unknown 1 low, plugged unknown"}},
    {"usb-in", {phones_out, line_in, usb_plain}},
    {"usb-out", {phones_out, line_in}},
    {"dummy", {phones_out, line_in, plain}},
    {"loopback", {phones_out, line_in, plain, plain}},
    {"hda-both-out", {}},
    {"hda-duplex", {line_phantom}},
    {"hda-headphones-in", {phones_in, line_out}},
    {"hda-lineout-in", {phones_out, line_in}},
    {"hda-userjack-plugged", {phones_in, line_phantom}},
    {"hda-userjack-unplugged", {phones_out, line_phantom}},
    {"hda-userjack-before-toggle", {phones_in, line_phantom}},
    {"hda-userjack-after-toggle", {phones_out, line_phantom}},
    {"snd-dummy-jack-in", {line_phantom, plain}},
    {"snd-dummy-jack-out", {phones_in, line_phantom, plain}},
    {"usb-audio", {line_phantom, usb_plain}},
    {"usb-audio-mixeroff", {line_phantom, usb_plain}},
};

TEST(RecordedCards, AreWhatTheyWere) {
    for (auto [state, lines] : expected) {
        std::sort(lines.begin(), lines.end());
        EXPECT_EQ(lines_of(state), lines) << state;
    }
}

TEST(RecordedCards, AreAllLookedAt) {
    for (const auto &file : std::filesystem::directory_iterator(SOUNDWARDEN_CARDS))
        if (file.path().extension() == ".json") {
            EXPECT_TRUE(expected.contains(file.path().stem().string())) << file.path();
        }
}

TEST(RecordedCards, SettleAtOnce) {
    SocketFacts socket = headphones_of();
    for (const char *driver : {"snd_hda_intel", "snd_usb_audio", "snd_dummy", "snd_aloop"}) {
        socket.driver = driver;
        socket.bus_path = driver == std::string("snd_dummy") ? "platform-snd_dummy.0" : "pci-0000:00:03.0";
        EXPECT_EQ(settle_time(socket, nullptr), 300ms) << driver;
    }
}

} // namespace
} // namespace soundwarden::classify::testing
