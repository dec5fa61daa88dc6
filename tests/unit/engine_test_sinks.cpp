// SPDX-License-Identifier: MIT
// Sinks of other kinds, their identities, failures, and the machinery around them.
#include "engine_test_world.hpp"

#include <gtest/gtest.h>

#include <set>

namespace soundwarden::engine::testing {
namespace {

const double usual_start = amplitude({-15.0});

SinkFacts bluetooth(std::string form_factor, double volume) {
    SinkFacts facts;
    facts.key = "bluez_output.AA_BB_CC_DD_EE_FF.1";
    facts.serial = 90;
    facts.description = "WH-1000";
    facts.device_name = "bluez_card.AA_BB_CC_DD_EE_FF";
    facts.device_description = "WH-1000";
    facts.bus_path = "AA:BB:CC:DD:EE:FF";
    facts.api = "bluez5";
    facts.bus = "bluetooth";
    facts.form_factor = std::move(form_factor);
    facts.positions = {"FL", "FR"};
    facts.routes = {route(0, "headphone-output", "Headphone", "bluetooth", Availability::unknown)};
    facts.active = RouteState{0, volume, false, false};
    return facts;
}

SinkFacts hdmi(std::string product) {
    SinkFacts facts = laptop();
    facts.key = "alsa_output.pci-0000_01_00.1.hdmi-stereo";
    facts.bus_path = "pci-0000:01:00.1";
    facts.routes = {route(0, "hdmi-output-0", "HDMI", "hdmi", Availability::yes)};
    facts.routes[0].product = std::move(product);
    facts.active = RouteState{0, 0.9, false, false};
    return facts;
}

SinkFacts without_routes(std::string key) {
    SinkFacts facts;
    facts.key = std::move(key);
    facts.serial = 5;
    facts.device_name = "alsa_card.usb-X";
    facts.bus_path = "pci-0000:00:14.0-usb-0:1:1.0";
    facts.api = "alsa";
    facts.bus = "usb";
    facts.positions = {"FL", "FR"};
    return facts;
}

TEST(Sinks, WhatNeedsNoGuardHasNone) {
    SinkFacts null_sink;
    null_sink.key = "null";
    SinkFacts pro = without_routes("alsa_output.usb-X.pro-output-0");
    pro.pro_audio = true;
    SinkFacts speaker_only = laptop();
    speaker_only.routes.pop_back();
    for (const SinkFacts &facts : {null_sink, pro, hdmi("TV"), hdmi(""), speaker_only}) {
        World world;
        world.add(facts);
        world.run(5s);
        EXPECT_TRUE(world.in_all<MakeGuard>().empty()) << facts.key;
        EXPECT_TRUE(world.in_all<WriteRoute>().empty()) << facts.key;
        EXPECT_EQ(world.engine.deadline(), std::nullopt) << facts.key;
        const OutputView view = world.engine.snapshot().outputs.at(0);
        EXPECT_EQ(view.state, facts.pro_audio ? OutputState::unprotected : OutputState::free) << facts.key;
        EXPECT_EQ(view.decision.ask, facts.pro_audio) << facts.key;
        EXPECT_EQ(view.ceiling, std::nullopt) << facts.key;
    }
}

TEST(Sinks, SoftwareDspOfTheirOwnIsLeftAlone) {
    World world;
    SinkFacts facts = laptop();
    facts.own_dsp = true;
    world.add(facts);
    world.plug(1.0);
    world.run(5s);
    EXPECT_TRUE(world.in_all<MakeGuard>().empty());
    EXPECT_EQ(world.view(headphones_id).state, OutputState::unprotected);
    EXPECT_EQ(world.view(headphones_id).decision.reason, "own-dsp");
}

TEST(Sinks, SoftwareDspOfTheirOwnThatIsToldLateTakesTheGuardAway) {
    World world;
    world.add(laptop());
    world.run(5s);
    ASSERT_EQ(world.in_all<MakeGuard>().size(), 1U);
    world.only().facts.own_dsp = true;
    world.change(world.only().facts.key);
    world.run(5s);
    EXPECT_EQ(world.in_all<DropGuard>().size(), 1U);
    EXPECT_EQ(world.in_all<MakeGuard>().size(), 1U);
}

TEST(Sinks, ANewRouteThatNeedsItBringsTheGuard) {
    World world;
    SinkFacts facts = laptop();
    const RouteFacts headphones = facts.routes.back();
    facts.routes.pop_back();
    world.add(facts);
    EXPECT_TRUE(world.in_all<MakeGuard>().empty());
    world.only().facts.routes.push_back(headphones);
    world.change(facts.key);
    EXPECT_EQ(world.in_last<MakeGuard>().size(), 1U);
}

TEST(Bluetooth, HeadphonesAreGovernedAndTheirVolumeOnlyEverLowered) {
    World world;
    world.add(bluetooth("headphone", 0.9));
    ASSERT_EQ(world.in_last<WriteRoute>().size(), 1U);
    EXPECT_DOUBLE_EQ(world.in_last<WriteRoute>()[0].volume, usual_start);
    EXPECT_EQ(world.guard().volume, 1.0);
    world.run(30s);
    EXPECT_NEAR(world.guard().gain, 0.0, 1e-6);
    EXPECT_NEAR(world.guard().ceiling, 0.0, 1e-6);
    EXPECT_DOUBLE_EQ(world.only().facts.active->volume, usual_start);
    world.write_route_from_outside(0.7); // the user's knob
    world.run(2s);
    EXPECT_EQ(world.only().facts.active->volume, 0.7);
    EXPECT_EQ(world.in_all<WriteRoute>().size(), 1U);
    EXPECT_EQ(world.engine.snapshot().outputs[0].state, OutputState::guarded);
    EXPECT_NEAR(world.engine.snapshot().outputs[0].ceiling->value, 0.0, 1e-9);
}

TEST(Bluetooth, AQuietDeviceStaysAsItIs) {
    World world;
    world.add(bluetooth("headphone", 0.1));
    world.run(30s);
    EXPECT_TRUE(world.in_all<WriteRoute>().empty());
}

TEST(Bluetooth, WirePlumbersLoudRestoreRightAfterThePlugIsLoweredToo) {
    World world;
    world.add(bluetooth("headphone", 0.1));
    world.pass(5ms);
    world.write_route_from_outside(1.0);
    ASSERT_EQ(world.in_last<WriteRoute>().size(), 1U);
    EXPECT_DOUBLE_EQ(world.in_last<WriteRoute>()[0].volume, usual_start);
}

TEST(Bluetooth, ASpeakerStartsLowOnceAndKeepsItsVolume) {
    World world;
    world.add(bluetooth("speaker", 0.9));
    world.run(400ms);
    EXPECT_TRUE(world.in_all<WriteRoute>().empty());
    const GuardOrder up = world.in_all<OrderGuard>().back().order;
    EXPECT_EQ(up.gain, 1.0F);
    EXPECT_EQ(up.rise_db_per_s, 6.0F);
    EXPECT_LE(world.guard().gain, -20.0);
    world.run(30s);
    EXPECT_EQ(world.guard().gain, 0.0);
    EXPECT_EQ(world.engine.snapshot().outputs[0].state, OutputState::free);
}

TEST(Low, HoldsTheGainAtMinusTwentyAtMostTheFirstTimeOnly) {
    World world;
    SinkFacts facts = without_routes("alsa_output.usb-Speakers.analog-stereo");
    facts.form_factor = "speaker"; // usb-fixed: its settling level would be −15 dB
    world.add(facts);
    world.run(30s);
    EXPECT_EQ(world.guard().gain, 0.0);
    world.send(GuardLinked{facts.key, false});
    EXPECT_NEAR(world.guard().gain, -15.0, 0.01) << "the hidden ramp was already heard once";
    World first;
    first.answering = false;
    first.add(facts);
    first.send(GuardLinked{facts.key, true});
    first.pass(300ms);
    first.send(Tick{});
    EXPECT_LE(first.guard().gain, -20.0);
}

TEST(UsbHeadset, IsAKnobEvenOnAlsa) {
    World world;
    SinkFacts facts = laptop();
    facts.key = "alsa_output.usb-Headset.analog-stereo";
    facts.bus = "usb";
    facts.bus_path = "usb-headset";
    facts.form_factor = "headset";
    facts.routes = {route(0, "analog-output", "Analog Output", "analog", Availability::unknown)};
    facts.active = RouteState{0, 0.9, false, false};
    world.add(facts);
    world.run(30s);
    ASSERT_EQ(world.in_all<WriteRoute>().size(), 1U);
    EXPECT_DOUBLE_EQ(world.in_all<WriteRoute>()[0].volume, usual_start);
    EXPECT_EQ(world.guard().volume, 1.0);
    EXPECT_TRUE(world.in_all<RememberMark>().empty());
}

TEST(WithoutRoutes, TheStartLevelIsKeptInTheGuard) {
    World world;
    SinkFacts facts = without_routes("alsa_output.usb-X.analog-stereo");
    world.add(facts);
    EXPECT_DOUBLE_EQ(world.guard().volume, usual_start);
    World quiet;
    facts.software_gain = 0.5; // the sink's own volume stays in the path
    quiet.add(facts);
    EXPECT_DOUBLE_EQ(quiet.guard().volume, usual_start / 0.5);
    quiet.run(30s);
    EXPECT_TRUE(quiet.in_all<WriteRoute>().empty());
    EXPECT_EQ(quiet.engine.snapshot().outputs[0].state, OutputState::guarded);
}

TEST(LineOut, TwoChannelsAreCappedMoreAreNot) {
    SinkFacts facts = laptop();
    facts.routes = {route(0, "analog-output-lineout", "Line Out", "line", Availability::yes)};
    World stereo;
    stereo.add(facts);
    stereo.run(30s);
    EXPECT_NEAR(stereo.guard().gain, -10.0, 0.01);
    facts.positions = {"FL", "FR", "RL", "RR", "FC", "LFE"};
    World surround;
    surround.add(facts);
    surround.run(30s);
    EXPECT_EQ(surround.guard().gain, 0.0);
    EXPECT_EQ(surround.engine.snapshot().outputs[0].state, OutputState::free);
}

TEST(Ids, AreMadeOfPathAndRouteAndStayTheSame) {
    World world;
    world.add(laptop());
    EXPECT_EQ(world.engine.snapshot().outputs[0].id, "pci_0000_00_1f_3_analog_output_speaker");
    world.only().facts.serial = 99;
    world.change(laptop().key);
    world.send(SinkGone{laptop().key});
    world.add(laptop());
    EXPECT_EQ(world.engine.snapshot().outputs[0].id, "pci_0000_00_1f_3_analog_output_speaker");
}

TEST(Ids, WithoutRoutesTheProfileStandsInAndWithoutADeviceTheNode) {
    World world;
    world.add(without_routes("alsa_output.usb-X-00.Analog-Stereo"));
    EXPECT_EQ(world.engine.snapshot().outputs[0].id, "pci_0000_00_14_0_usb_0_1_1_0_analog_stereo");
    World null;
    SinkFacts facts;
    facts.key = "My Null.Sink";
    null.add(facts);
    EXPECT_EQ(null.engine.snapshot().outputs[0].id, "my_null_sink");
}

TEST(Ids, ACollisionGivesTheLaterOneALongerId) {
    World world;
    world.add(laptop());
    SinkFacts twin = laptop();
    twin.key = "alsa_output.pci-0000_00_1f.3.analog-surround-40";
    world.add(twin);
    std::set<OutputId> ids;
    for (const OutputView &view : world.engine.snapshot().outputs) {
        EXPECT_TRUE(ids.insert(view.id).second) << view.id;
        EXPECT_EQ(view.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string::npos) << view.id;
        if (view.sink == twin.key) {
            EXPECT_TRUE(view.id.starts_with("pci_0000_00_1f_3_analog_output_")) << view.id;
        } else {
            EXPECT_TRUE(view.id == speaker_id || view.id == headphones_id);
        }
    }
    EXPECT_EQ(ids.size(), 4U);
}

TEST(Returning, ASinkThatComesBackStartsAnewWithItsVolume) {
    World world;
    world.add(laptop());
    world.run(30s);
    world.move_slider(0.55);
    world.run(2s);
    SinkFacts facts = world.only().facts;
    world.sinks.clear();
    world.send(SinkGone{facts.key});
    EXPECT_EQ(world.in_last<DropGuard>().size(), 1U);
    EXPECT_TRUE(world.engine.snapshot().outputs.empty());
    facts.serial = 60; // and the card still stands at our 1.0
    world.add(facts);
    EXPECT_EQ(world.in_last<MakeGuard>()[0].volume, 0.55);
    EXPECT_FLOAT_EQ(world.in_last<MakeGuard>()[0].order.gain, amplitude_toward_zero({-15.0}));
    world.run(400ms);
    EXPECT_EQ(world.in_all<OrderGuard>().back().order.rise_db_per_s, 30.0F)
        << "the same certain speakers, a moment ago";
}

TEST(Returning, OurOwn1IsNotTakenForTheUsersVolume) {
    World world;
    world.add(laptop(0.3));
    world.run(30s);
    SinkFacts facts = world.only().facts;
    ASSERT_EQ(facts.active->volume, 1.0);
    world.sinks.clear();
    world.send(SinkGone{facts.key});
    world.add(facts);
    EXPECT_EQ(world.in_last<MakeGuard>()[0].volume, 0.3);
}

TEST(Failing, IsReportedAndTriedAgainWithGrowingPauses) {
    World world;
    world.add(laptop());
    world.run(30s);
    const SinkKey key = laptop().key;
    world.sinks[key].guard.reset();
    world.answering = false;
    world.send(GuardFailed{key, "no memory"});
    EXPECT_EQ(world.in_last<WriteRoute>().size(), 1U);
    EXPECT_DOUBLE_EQ(world.in_last<WriteRoute>()[0].volume, 0.8);
    EXPECT_EQ(world.engine.snapshot().state, RunState::degraded);
    EXPECT_EQ(world.engine.snapshot().reasons[0].token, "guard-failed");
    EXPECT_EQ(world.view(speaker_id).state, OutputState::unprotected);
    for (const auto pause : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
        EXPECT_EQ(*world.engine.deadline() - world.now, pause);
        world.pass(pause);
        world.send(Tick{});
        EXPECT_EQ(world.in_last<MakeGuard>().size(), 1U);
        world.send(GuardFailed{key, "no memory"});
    }
    world.answering = true;
    world.run(60s);
    EXPECT_EQ(world.engine.snapshot().state, RunState::running);
    EXPECT_EQ(world.view(speaker_id).state, OutputState::free);
}

TEST(Failing, LeavesTheCeilingInsideTheSink) {
    World world;
    world.add(laptop());
    world.run(30s);
    world.plug(0.5);
    world.run(30s);
    world.send(GuardFailed{laptop().key, "stream error"});
    ASSERT_EQ(world.in_last<LimitSink>().size(), 1U);
    EXPECT_NEAR(to_db(world.in_last<LimitSink>()[0].level), -9.4007, 0.01);
    world.run(60s);
    EXPECT_EQ(world.only().facts.left_limit, std::nullopt) << "taken away once a guard stands in front again";
    EXPECT_NEAR(world.guard().gain, -9.4007, 0.01);
}

// Speakers that may play openly: what is plugged in before the next guard stands finds the ceiling of headphones.
TEST(Failing, OfAnOpenGuardLeavesTheStrictestCeilingInsideTheSink) {
    World world;
    world.add(laptop());
    world.run(30s);
    ASSERT_GE(world.guard().ceiling, 0.0) << "open";
    world.answering = false;
    world.send(GuardFailed{laptop().key, "stream error"});
    ASSERT_EQ(world.in_last<LimitSink>().size(), 1U);
    EXPECT_NEAR(to_db(world.in_last<LimitSink>()[0].level), -17.4007, 0.01) << "of headphones of which nothing is known";
    world.plug(0.5);
    EXPECT_TRUE(world.in_last<LimitSink>().empty()) << "nothing takes it away";
    world.answering = true;
    world.run(60s);
    EXPECT_EQ(world.only().facts.left_limit, std::nullopt) << "taken away once a guard stands in front again";
}

TEST(Failing, DuringAReleaseLeavesNoPairOfASinkThatGoes) {
    World world;
    world.add(laptop());
    world.run(30s);
    world.answering = false;
    world.send(ReleaseWish{});
    world.send(GuardFailed{laptop().key, "stream error"});
    world.send(SinkGone{laptop().key});
    EXPECT_EQ(world.in_last<DropGuard>().size(), 1U);
}

// One click in a patchbay: the session manager believes that the links are there, and makes none.
TEST(Links, ThatWereTakenAwayAreThoseOfAnotherPairAfterFiveSeconds) {
    World world;
    world.add(laptop());
    world.run(30s);
    world.answering = false;
    const auto made = world.in_all<MakeGuard>().size();
    world.send(GuardLinked{laptop().key, false});
    ASSERT_TRUE(world.engine.deadline());
    EXPECT_LE(*world.engine.deadline() - world.now, 5s);
    world.pass(4s);
    world.send(Tick{});
    EXPECT_NE(world.engine.snapshot().state, RunState::degraded) << "a session manager that is started anew has time to make them";
    world.pass(1s);
    world.send(Tick{});
    EXPECT_EQ(world.engine.snapshot().reasons.at(0).token, "guard-failed");
    EXPECT_EQ(world.in_last<LimitSink>().size(), 1U) << "and the sink keeps a ceiling";
    world.pass(1s);
    world.send(Tick{});
    EXPECT_EQ(world.in_all<MakeGuard>().size(), made + 1);
    world.link(laptop().key, true);
    world.answering = true;
    world.run(60s);
    EXPECT_EQ(world.engine.snapshot().state, RunState::running);
}

TEST(Links, ThatComeBackInTimeChangeNothing) {
    World world;
    world.add(laptop());
    world.run(30s);
    const auto made = world.in_all<MakeGuard>().size();
    world.send(GuardLinked{laptop().key, false});
    world.pass(3s);
    world.send(GuardLinked{laptop().key, true});
    world.run(30s);
    EXPECT_EQ(world.in_all<MakeGuard>().size(), made);
}

TEST(LeftLimit, GoesOnceTheGuardIsLowerByAsMuchAndBeforeAnythingRises) {
    World world;
    SinkFacts facts = laptop();
    facts.left_limit = 0.3388;
    world.answering = false;
    world.add(facts);
    EXPECT_TRUE(world.in_all<LimitSink>().empty()) << "something could pass the guard";
    world.send(GuardLinked{facts.key, true});
    const auto last = [&] { return world.in_all<OrderGuard>().back().order; };
    EXPECT_NEAR(last().rescale.value, to_db(0.3388), 1e-6);
    const float settling = last().gain;
    world.pass(100ms);
    world.send(Tick{});
    EXPECT_TRUE(world.in_all<LimitSink>().empty()) << "the guard's gain goes down by the limit first";
    world.send(GuardTook{facts.key, last().generation});
    ASSERT_EQ(world.in_all<LimitSink>().size(), 1U) << "who plays through both waits in silence";
    EXPECT_EQ(world.in_all<LimitSink>()[0].level, 1.0);
    EXPECT_EQ(last().rise_db_per_s, 0.0F);
    EXPECT_LE(last().gain, settling);
    world.only().facts.active->volume = 1.0;
    world.only().facts.left_limit.reset();
    world.change(facts.key);
    world.send(GuardTook{facts.key, last().generation});
    world.pass(190ms);
    world.send(Tick{});
    EXPECT_EQ(last().rise_db_per_s, 0.0F) << "the facts are not in yet";
    world.pass(20ms);
    world.send(Tick{});
    EXPECT_GT(last().rise_db_per_s, 0.0F) << "no second time of settling";
    EXPECT_EQ(world.in_all<LimitSink>().size(), 1U);
}

TEST(PipeWire, LostMeansNotProtectingUntilItIsBack) {
    World world;
    world.add(laptop());
    world.run(30s);
    world.send(PipeWireLost{});
    EXPECT_EQ(world.engine.snapshot().state, RunState::not_protecting);
    EXPECT_EQ(world.engine.snapshot().reasons[0].token, "no-pipewire");
    EXPECT_TRUE(world.engine.snapshot().outputs.empty());
    EXPECT_EQ(world.engine.deadline(), std::nullopt);
    world.send(PipeWireBack{});
    EXPECT_EQ(world.engine.snapshot().state, RunState::running);
}

TEST(Machinery, ReasonsComeAndGo) {
    World world;
    world.send(Degraded{"no-bus", "no session bus; log in again"});
    EXPECT_EQ(world.engine.snapshot().state, RunState::degraded);
    EXPECT_EQ(world.engine.snapshot().reasons, (std::vector<Reason>{{"no-bus", "no session bus; log in again"}}));
    world.send(Degraded{"no-bus", "still none"});
    EXPECT_EQ(world.engine.snapshot().reasons.size(), 1U);
    world.send(Degraded{"no-bus", ""});
    EXPECT_EQ(world.engine.snapshot().state, RunState::running);
}

TEST(Machinery, EventsForUnknownSinksAreIgnored) {
    World world;
    for (const Event &event : std::vector<Event>{SinkGone{"x"}, GuardLinked{"x", true}, GuardFailed{"x", ""},
                                                 GuardTook{"x", 7}, GuardVolume{"x", 1.0, false}, Tick{}})
        world.send(event);
    EXPECT_TRUE(world.engine.snapshot().outputs.empty());
    EXPECT_EQ(world.engine.deadline(), std::nullopt);
}

TEST(Machinery, ACardWithoutAnActiveRouteWaitsLow) {
    World world;
    SinkFacts facts = laptop();
    facts.active.reset();
    world.add(facts);
    world.run(10s);
    EXPECT_LE(world.guard().gain, -15.0);
    EXPECT_TRUE(world.in_all<WriteRoute>().empty());
    EXPECT_EQ(world.engine.deadline(), std::nullopt);
    world.only().facts.active = RouteState{0, 0.4, false, false};
    world.change(facts.key);
    EXPECT_EQ(world.guard().volume, 0.4);
    world.run(20s);
    EXPECT_EQ(world.guard().gain, 0.0);
    EXPECT_EQ(world.only().facts.active->volume, 1.0);
}

} // namespace
} // namespace soundwarden::engine::testing
