// SPDX-License-Identifier: MIT
// Day one: what the user hears on five ordinary machines with no configuration at all. docs/day-one.md says the same in words, with these
// numbers; they come from product.md (matrix, default caps, start level, moments).
#include "engine_test_world.hpp"

#include <gtest/gtest.h>

namespace soundwarden::engine::testing {
namespace {

/// What 0 dBFS with the slider at 100 % comes to at the sink, dB: gain and ceiling together.
double loudest(World &world, const SinkKey &key) {
    const SimSink &sink = world.sinks[key];
    if (!sink.guard) return 0.0;
    return std::min(sink.guard->gain, sink.guard->ceiling);
}

/// The slider, dB re 100 %.
double slider(World &world, const SinkKey &key) { return to_db(world.sinks[key].guard->volume); }

SinkFacts sink_on(std::string key, std::string bus, std::string description, std::vector<RouteFacts> routes) {
    SinkFacts facts;
    facts.key = std::move(key);
    facts.serial = 90;
    facts.description = description;
    facts.device_name = "alsa_card." + facts.key;
    facts.device_description = std::move(description);
    facts.bus_path = bus + "-path-" + facts.key;
    facts.api = "alsa";
    facts.bus = std::move(bus);
    facts.positions = {"FL", "FR"};
    facts.rate_hz = 48000;
    facts.routes = std::move(routes);
    if (!facts.routes.empty()) facts.active = RouteState{facts.routes.front().index, 0.4, false, false};
    return facts;
}

bool asks(World &world, const SinkKey &key) {
    for (const OutputView &output : world.engine.snapshot().outputs)
        if (output.sink == key && output.active && output.decision.ask) return true;
    return false;
}

TEST(DayOne, ALaptopPlaysOnItsSpeakersAsBefore) {
    World world;
    world.add(laptop(0.8));
    world.run(20s);
    EXPECT_EQ(world.product(laptop().key), to_db(0.8)) << "neither louder nor quieter";
    EXPECT_EQ(world.guard().ceiling, none);
    EXPECT_EQ(world.view(speaker_id).state, OutputState::free);
}

TEST(DayOne, ALaptopsHeadphonesStartLowAndAreCapped) {
    World world;
    world.add(laptop(0.8));
    world.run(20s);
    world.plug(1.0); // WirePlumber would have them at 100 %
    EXPECT_LE(world.guard().gain, -17.4 - 15.0 + 0.01) << "in the first cycle after the jack's event";
    world.run(300ms);
    EXPECT_LE(world.product(laptop().key), -17.4 - 15.0 + 0.01 - 15.0);
    world.run(20s);
    EXPECT_NEAR(slider(world, laptop().key), -15.0, 0.01);
    EXPECT_NEAR(loudest(world, laptop().key), -9.4, 0.05) << "slider at 100 %: 150 mV of programme";
    EXPECT_NEAR(world.guard().order.governor.value, 100.0 - 116.5 - 2.92, 0.05) << "100 dB(A) over 30 s";
    EXPECT_TRUE(world.view(headphones_id).decision.ask) << "one question";
    world.unplug(0.8);
    world.run(20s);
    EXPECT_NEAR(world.product(laptop().key), to_db(0.8), 0.01) << "the speakers are as loud as they were";
}

TEST(DayOne, ALaptopsDisplayIsLeftAlone) {
    World world;
    SinkFacts hdmi = sink_on("alsa_output.pci-0000_00_1f.3.hdmi-stereo", "pci", "HDMI", {route(0, "hdmi-output-0", "HDMI", "hdmi", Availability::yes)});
    hdmi.routes[0].product = "DELL U2720Q";
    world.add(hdmi);
    world.run(20s);
    EXPECT_FALSE(world.only().guard);
    EXPECT_FALSE(asks(world, hdmi.key));
}

TEST(DayOne, ADesktopsGreenSocketIsCappedByTenDecibelsAndAsked) {
    World world;
    const SinkFacts desktop = sink_on("alsa_output.pci-0000_0b_00.4.analog-stereo", "pci", "Desktop",
                                      {route(0, "analog-output-lineout", "Line Out", "line", Availability::yes),
                                       route(1, "analog-output-headphones", "Headphones", "headphones", Availability::no)});
    world.add(desktop);
    world.run(20s);
    EXPECT_NEAR(loudest(world, desktop.key), -10.0, 0.01);
    EXPECT_TRUE(std::isinf(world.guard().order.governor.value)) << "nothing squashes what are probably speakers";
    EXPECT_TRUE(asks(world, desktop.key));
    EXPECT_LE(slider(world, desktop.key), -15.0 + 0.01) << "at the first sight of it, until the slider is moved";
    world.move_slider(1.0);
    world.run(5s);
    EXPECT_NEAR(world.product(desktop.key), -10.0, 0.01);
}

TEST(DayOne, ABluetoothHeadsetStartsLowAndIsHeldAtHundredDecibels) {
    World world;
    SinkFacts headset = sink_on("bluez_output.AA_BB_CC_DD_EE_FF.1", "bluetooth", "Headset", {});
    headset.api = "bluez5";
    headset.form_factor = "headset";
    headset.routes = {route(0, "headset-output", "Headset", "headset", Availability::yes)};
    headset.active = RouteState{0, 0.5, false, true};
    world.add(headset);
    world.run(20s);
    ASSERT_TRUE(world.only().guard);
    EXPECT_NEAR(loudest(world, headset.key), 0.0, 0.01) << "no cap: its own amplifier is unknown";
    EXPECT_NEAR(world.guard().order.governor.value, 100.0 - 110.0, 0.01);
    EXPECT_NEAR(to_db(world.only().facts.active->volume), -15.0, 0.01) << "its own knob starts low, and is the user's from then on";
    world.write_route_from_outside(0.9);
    world.run(20s);
    EXPECT_EQ(world.only().facts.active->volume, 0.9);
}

TEST(DayOne, AnInterfaceWithHeadphonesAndMonitorsOnOneSignalIsCappedForTheEar) {
    World world;
    SinkFacts interface = sink_on("alsa_output.usb-Focusrite_Scarlett_2i2_USB-00.HiFi__Line1__sink", "usb", "Scarlett 2i2 USB",
                                  {route(0, "[Out] Line1", "Headphones / Line 1-2", "line", Availability::unknown)});
    interface.vendor_id = "9999"; // not one whose volts are known
    world.add(interface);
    world.run(20s);
    EXPECT_EQ(world.engine.snapshot().outputs.at(0).facts.kind, OutputKind::shared_out);
    EXPECT_NEAR(loudest(world, interface.key), -18.5, 0.05) << "4 V of an interface";
    EXPECT_NEAR(slider(world, interface.key), -15.0, 0.01);
    EXPECT_TRUE(asks(world, interface.key));
}

TEST(DayOne, AnInterfaceWhoseVoltsAreKnownIsCappedByThem) {
    World world;
    SinkFacts interface = sink_on("alsa_output.usb-Focusrite_Scarlett_2i2_USB-00.HiFi__Line1__sink", "usb", "Scarlett 2i2 USB",
                                  {route(0, "[Out] Line1", "Headphones / Line 1-2", "line", Availability::unknown)});
    interface.vendor_id = "1235";
    interface.product_id = "8210"; // policies/policy.d/20-outputs-usb.toml: 4.6 V
    world.add(interface);
    world.run(20s);
    EXPECT_NEAR(loudest(world, interface.key), -19.7, 0.1) << "110 dB - 116.5 dB/V - 13.3 dB";
}

TEST(DayOne, AProAudioInterfaceIsNotTouchedAndSaysSo) {
    World world;
    SinkFacts interface = sink_on("alsa_output.usb-Studio_18-00.pro-output-0", "usb", "Studio 18", {});
    interface.pro_audio = true;
    interface.positions.clear();
    for (int i = 0; i < 18; ++i) interface.positions.push_back("AUX" + std::to_string(i));
    world.add(interface);
    world.run(20s);
    EXPECT_FALSE(world.only().guard) << "no channel of it has a meaning";
    EXPECT_EQ(world.engine.snapshot().outputs.at(0).state, OutputState::unprotected);
    EXPECT_TRUE(asks(world, interface.key));
}

} // namespace
} // namespace soundwarden::engine::testing
