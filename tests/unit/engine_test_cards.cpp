// SPDX-License-Identifier: MIT
// States of real ALSA cards, recorded in the virtual machine (tests/data/cards), taken through the engine.
#include "engine_test_world.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace soundwarden::engine::testing {
namespace {

using Json = nlohmann::json;

std::string text(const Json &properties, const char *key) { return properties.value(key, std::string()); }

Availability availability_of(const std::string &word) {
    if (word == "yes") return Availability::yes;
    return word == "no" ? Availability::no : Availability::unknown;
}

/// The value of a key in a route's info list: its length, then keys and values in turn.
std::string info_of(const Json &route, const std::string &key) {
    const Json &info = route.at("info");
    for (std::size_t i = 1; i + 1 < info.size(); i += 2)
        if (info[i] == key) return info[i + 1].get<std::string>();
    return "";
}

void add_routes(SinkFacts &facts, const Json &device, int profile_device) {
    const auto of_sink = [&](const Json &route) {
        const Json &devices = route.at("devices");
        return route.at("direction") == "Output" && std::find(devices.begin(), devices.end(), profile_device) != devices.end();
    };
    for (const Json &item : device.at("params").value("EnumRoute", Json::array()))
        if (of_sink(item))
            facts.routes.push_back({item.at("index").get<std::uint32_t>(), item.at("name"), item.at("description"),
                                    info_of(item, "port.type"), {}, availability_of(item.at("available"))});
    for (const Json &item : device.at("params").value("Route", Json::array()))
        if (item.at("direction") == "Output" && item.at("device") == profile_device)
            facts.active = RouteState{item.at("index").get<std::uint32_t>(), item.at("props").at("channelVolumes").at(0).get<double>(),
                                      item.at("props").at("mute").get<bool>(), false};
}

/// The sinks of a recorded state, as the mirror tells them.
std::vector<SinkFacts> sinks_in(const std::string &state) {
    std::ifstream file(std::string(SOUNDWARDEN_CARDS) + "/" + state + ".json");
    const Json objects = Json::parse(file);
    std::vector<SinkFacts> sinks;
    for (const Json &object : objects) {
        const Json &properties = object.at("props");
        if (properties.at("media.class") != "Audio/Sink" || !properties.contains("device.id")) continue;
        if (text(properties, "node.name").starts_with("soundwarden.")) continue;
        SinkFacts facts;
        facts.key = text(properties, "node.name");
        facts.serial = properties.at("object.serial").get<std::uint64_t>();
        facts.description = text(properties, "node.description");
        facts.pro_audio = properties.value("device.profile.pro", false);
        facts.positions = {"FL", "FR"};
        facts.rate_hz = 48000;
        for (const Json &device : objects) {
            if (device.at("id") != properties.at("device.id")) continue;
            const Json &of_device = device.at("props");
            facts.device_name = text(of_device, "device.name");
            facts.device_description = text(of_device, "device.description");
            facts.api = text(of_device, "device.api");
            facts.bus = text(of_device, "device.bus");
            facts.bus_path = text(of_device, "device.bus-path");
            facts.form_factor = text(of_device, "device.form-factor");
            if (properties.contains("card.profile.device")) add_routes(facts, device, properties.at("card.profile.device").get<int>());
        }
        sinks.push_back(std::move(facts));
    }
    return sinks;
}

World world_of(const std::string &state) {
    World world;
    for (const SinkFacts &facts : sinks_in(state)) world.add(facts);
    world.run(30s);
    return world;
}

std::optional<OutputView> active_of(const World &world, const std::string &sink_prefix) {
    for (const OutputView &view : world.engine.snapshot().outputs)
        if (view.active && view.sink.starts_with(sink_prefix)) return view;
    return std::nullopt;
}

TEST(Cards, TheSocketThatIsPluggedInIsTheOneThatIsJudged) {
    for (const auto &[state, name, kind] : {std::tuple{"headphones-in-at-login", "Headphones", OutputKind::headphone_out},
                                            {"headphones-in", "Headphones", OutputKind::headphone_out},
                                            {"both-in", "Headphones", OutputKind::headphone_out},
                                            {"line-out-in", "Line Out", OutputKind::line_out},
                                            {"after-bouncing", "Line Out", OutputKind::line_out},
                                            {"usb-out", "Line Out", OutputKind::line_out}}) {
        const auto output = active_of(world_of(state), "alsa_output.pci");
        ASSERT_TRUE(output) << state;
        EXPECT_EQ(output->name, name) << state;
        EXPECT_EQ(output->facts.kind, kind) << state;
        EXPECT_EQ(output->decision.verdict, Verdict::limit) << state;
        EXPECT_EQ(output->state, OutputState::guarded) << state;
    }
}

TEST(Cards, WithAllJacksOutThereIsNoSinkToJudge) { EXPECT_FALSE(active_of(world_of("both-out"), "alsa_output.pci")); }

TEST(Cards, AUsbCardIsLimitedBesideTheBuiltInOne) {
    const World world = world_of("usb-in");
    const auto usb = active_of(world, "alsa_output.usb");
    ASSERT_TRUE(usb);
    EXPECT_EQ(usb->decision.verdict, Verdict::limit);
    EXPECT_EQ(usb->state, OutputState::guarded);
    EXPECT_TRUE(active_of(world, "alsa_output.pci"));
}

// A card without facts is no card without limits.
TEST(Cards, DummyAndLoopbackAreJudgedLikeAnyUnknownOutput) {
    const World world = world_of("loopback");
    for (const char *sink : {"alsa_output.platform-snd_dummy", "alsa_output.platform-snd_aloop"}) {
        const auto output = active_of(world, sink);
        ASSERT_TRUE(output) << sink;
        EXPECT_EQ(output->decision.verdict, Verdict::limit) << sink;
    }
}

} // namespace
} // namespace soundwarden::engine::testing
