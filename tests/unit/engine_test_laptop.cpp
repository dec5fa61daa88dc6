// SPDX-License-Identifier: MIT
// The usual laptop: plugging, settling, ramps, published ceilings. Virtual time.
#include "engine_test_world.hpp"

#include <gtest/gtest.h>

namespace soundwarden::engine::testing {
namespace {

const double headphone_cap = 20.0 * std::log10(0.150 / 1.4) + 10.0;
const double settling_ceiling = headphone_cap - 8.0; // in-ears are plausible at a headphone socket
const double start = amplitude({-15.0});

/// A laptop that has been running with its speakers for a while.
World laptop_that_has_settled(double speaker_volume = 0.8) {
    World world;
    world.add(laptop(speaker_volume));
    world.run(30s);
    return world;
}

TEST(Laptop, TheGuardIsBornAtTheSettlingLevelUnderTheSettlingCeiling) {
    World world;
    SinkFacts facts = laptop();
    facts.routes[1].availability = Availability::unknown; // a socket without detection counts as possible
    world.answering = false;
    world.add(facts);
    const auto made = world.in_last<MakeGuard>();
    ASSERT_EQ(made.size(), 1U);
    EXPECT_FLOAT_EQ(made[0].order.gain, amplitude_toward_zero({settling_ceiling - 15.0}));
    EXPECT_FLOAT_EQ(made[0].order.ceiling, amplitude_toward_zero({settling_ceiling}));
    EXPECT_EQ(made[0].order.rise_db_per_s, 0.0F);
    EXPECT_EQ(made[0].volume, 0.8);
    ASSERT_EQ(world.in_last<PublishCeiling>().size(), 1U);
    EXPECT_NEAR(world.in_last<PublishCeiling>()[0].ceiling->value, settling_ceiling, 0.01);
    EXPECT_TRUE(world.in_last<WriteRoute>().empty()) << "nothing is raised before the guard is in the path";
}

TEST(Laptop, WithNothingPluggedThereIsNoCeilingButTheGainStartsLow) {
    World world;
    world.add(laptop());
    EXPECT_EQ(world.guard().ceiling, none);
    EXPECT_NEAR(world.guard().gain, -15.0, 1e-4);
    EXPECT_EQ(world.view(speaker_id).state, OutputState::settling);
}

TEST(Laptop, TheGuardIsBornNoLouderThanTheSinkPlaysWithoutIt) {
    World world;
    world.engine.step(Remembered{{{speaker_id, LoadClass::speakers, 9.0}}, {}}, world.now);
    world.add(laptop(0.05)); // −26 dB: less than the settling level leaves of the remembered volume
    EXPECT_LE(world.guard().gain + to_db(world.guard().volume), 1e-6);
}

TEST(Laptop, TheRouteIsRaisedOnlyWhenLinkedAloneAndTheOrderIsTaken) {
    World world;
    world.answering = false;
    world.add(laptop());
    const SinkKey key = world.only().facts.key;
    world.send(GuardTook{key, 1});
    EXPECT_TRUE(world.in_all<WriteRoute>().empty());
    world.only().facts.foreign_links = 2;
    world.change(key);
    world.send(GuardLinked{key, true});
    const std::uint64_t generation = world.in_all<OrderGuard>().back().order.generation;
    world.send(GuardTook{key, generation});
    EXPECT_TRUE(world.in_all<WriteRoute>().empty()) << "an application is still linked past the guard";
    world.only().facts.foreign_links = 0;
    world.change(key);
    EXPECT_TRUE(world.in_all<WriteRoute>().empty()) << "the guard's gain has to go down by the route's rise first";
    EXPECT_NEAR(world.in_all<OrderGuard>().back().order.rescale.value, to_db(0.8), 1e-6);
    world.send(GuardTook{key, world.in_all<OrderGuard>().back().order.generation});
    ASSERT_EQ(world.in_all<WriteRoute>().size(), 1U);
    EXPECT_EQ(world.in_all<WriteRoute>()[0].volume, 1.0);
    const auto marks = world.in_last<RememberMark>();
    ASSERT_EQ(marks.size(), 1U);
    EXPECT_EQ(marks[0].volume, 0.8);
    EXPECT_TRUE(std::holds_alternative<RememberMark>(world.last.front())) << "marked before it is written";
}

TEST(Laptop, NothingRisesBeforeTheRouteIsReadBack) {
    World world;
    world.answering = false;
    world.add(laptop());
    const SinkKey key = world.only().facts.key;
    world.send(GuardLinked{key, true});
    world.send(GuardTook{key, world.in_all<OrderGuard>().back().order.generation});
    world.pass(400ms);
    world.send(Tick{});
    EXPECT_EQ(world.view(speaker_id).state, OutputState::settling);
    world.only().facts.active->volume = 1.0;
    world.change(key);
    EXPECT_EQ(world.view(speaker_id).state, OutputState::free);
    EXPECT_EQ(world.in_last<OrderGuard>().back().order.gain, 1.0F);
}

TEST(Laptop, SpeakersEndUpTransparent) {
    World world = laptop_that_has_settled();
    EXPECT_EQ(world.guard().gain, 0.0);
    EXPECT_EQ(world.guard().ceiling, none);
    EXPECT_EQ(world.guard().volume, 0.8);
    EXPECT_EQ(world.only().facts.active->volume, 1.0);
    EXPECT_EQ(world.in_all<OrderGuard>().back().order.gain, 1.0F);
    EXPECT_TRUE(std::isinf(world.in_all<OrderGuard>().back().order.ceiling));
    const OutputView view = world.view(speaker_id);
    EXPECT_EQ(view.state, OutputState::free);
    EXPECT_EQ(view.ceiling, std::nullopt);
    EXPECT_EQ(view.volume, 0.8);
    EXPECT_EQ(world.engine.deadline(), std::nullopt);
}

TEST(Laptop, AJackEdgeClampsInTheSameStep) {
    World world = laptop_that_has_settled();
    world.only().facts.routes[1].availability = Availability::yes;
    world.change(world.only().facts.key);
    const auto orders = world.in_last<OrderGuard>();
    ASSERT_EQ(orders.size(), 1U);
    EXPECT_FLOAT_EQ(orders[0].order.gain, amplitude_toward_zero({settling_ceiling - 15.0}));
    EXPECT_FLOAT_EQ(orders[0].order.ceiling, amplitude_toward_zero({settling_ceiling}));
    EXPECT_EQ(orders[0].order.rise_db_per_s, 0.0F);
    ASSERT_EQ(world.in_last<PublishCeiling>().size(), 1U);
    EXPECT_TRUE(std::holds_alternative<PublishCeiling>(world.last.front()))
        << "a lowering is published before it is in force";
}

TEST(Laptop, ARouteSwitchOrdersThenSetsTheVolumeThenWritesTheRoute) {
    World world = laptop_that_has_settled();
    world.plug(1.0);
    std::vector<std::string> kinds;
    for (const Effect &effect : world.last) {
        if (std::holds_alternative<OrderGuard>(effect)) kinds.emplace_back("order");
        if (std::holds_alternative<SetGuardVolume>(effect)) kinds.emplace_back("volume");
        if (std::holds_alternative<WriteRoute>(effect)) kinds.emplace_back("route");
    }
    EXPECT_EQ(kinds, (std::vector<std::string>{"order", "volume", "route"}));
    EXPECT_DOUBLE_EQ(world.guard().volume, start);
    EXPECT_EQ(world.in_last<WriteRoute>()[0].route, 1U);
}

TEST(Laptop, HeadphonesSettleAfter300msAndRiseAtSixDecibelsASecond) {
    World world = laptop_that_has_settled();
    world.plug(0.5);
    world.run(299ms);
    EXPECT_EQ(world.view(headphones_id).state, OutputState::settling);
    EXPECT_LE(world.guard().gain, settling_ceiling - 15.0 + 0.01);
    world.run(2ms);
    EXPECT_EQ(world.view(headphones_id).state, OutputState::guarded);
    const GuardOrder up = world.in_all<OrderGuard>().back().order;
    EXPECT_FLOAT_EQ(up.gain, amplitude_toward_zero({headphone_cap}));
    EXPECT_EQ(up.ceiling, up.gain);
    EXPECT_EQ(up.rise_db_per_s, 6.0F);
    world.run(1s);
    EXPECT_NEAR(world.guard().gain, settling_ceiling - 16.0 + 6.0, 0.1);
    world.run(5s);
    EXPECT_NEAR(world.guard().gain, headphone_cap, 0.01);
    EXPECT_EQ(world.engine.deadline(), std::nullopt);
}

TEST(Laptop, ARaisedCeilingIsPublishedOnlyWhenItIsInForce) {
    World world = laptop_that_has_settled();
    world.plug(0.5);
    world.run(500ms);
    EXPECT_NEAR(*world.guard().published, settling_ceiling, 0.01);
    EXPECT_NEAR(world.view(headphones_id).ceiling->value, settling_ceiling, 0.01);
    world.run(10s);
    EXPECT_NEAR(*world.guard().published, headphone_cap, 0.01);
    EXPECT_NEAR(world.view(headphones_id).ceiling->value, headphone_cap, 0.01);
}

TEST(Laptop, EachEdgeStartsSettlingAnew) {
    World world = laptop_that_has_settled();
    world.plug(0.5);
    world.run(200ms);
    world.only().facts.routes[0].availability = Availability::unknown;
    world.change(world.only().facts.key);
    EXPECT_EQ(world.in_last<OrderGuard>().size(), 1U);
    world.run(200ms);
    EXPECT_EQ(world.view(headphones_id).state, OutputState::settling);
    world.run(150ms);
    EXPECT_EQ(world.view(headphones_id).state, OutputState::guarded);
}

TEST(Laptop, AfterUnpluggingSpeakersStayLowFor500ms) {
    World world = laptop_that_has_settled();
    world.plug(0.5);
    world.run(20s);
    world.unplug(0.9);
    const double low = world.guard().gain;
    EXPECT_LE(low, -15.0);
    world.run(499ms);
    EXPECT_DOUBLE_EQ(world.guard().gain, low);
    EXPECT_EQ(world.guard().volume, 0.8);
    world.run(20s);
    EXPECT_EQ(world.guard().gain, 0.0);
    EXPECT_EQ(world.guard().ceiling, none);
}

TEST(Laptop, SpeakersThatWereThereAMinuteAgoReturnAtThirtyDecibelsASecond) {
    World world = laptop_that_has_settled();
    world.plug(0.5);
    world.run(20s);
    world.unplug(0.9);
    world.run(600ms);
    EXPECT_EQ(world.in_all<OrderGuard>().back().order.rise_db_per_s, 30.0F);
    world.run(20s);
    world.plug(0.5);
    world.run(70s);
    world.unplug(0.9);
    world.run(600ms);
    EXPECT_EQ(world.in_all<OrderGuard>().back().order.rise_db_per_s, 6.0F) << "longer than a minute ago";
}

TEST(Laptop, HeadphonesAreNeverCertainSoTheyRiseSlowly) {
    World world = laptop_that_has_settled();
    for (int i = 0; i < 3; ++i) {
        world.plug(0.5);
        world.run(400ms);
        EXPECT_EQ(world.in_all<OrderGuard>().back().order.rise_db_per_s, 6.0F);
        world.run(9s);
        world.unplug(0.5);
        world.run(5s);
    }
}

TEST(Laptop, TheRescaleTakesBackWhatTheLouderVolumeAdds) {
    World world = laptop_that_has_settled();
    world.plug(0.5);
    world.run(20s);
    world.unplug(0.9);
    const auto orders = world.in_last<OrderGuard>();
    ASSERT_EQ(orders.size(), 1U);
    EXPECT_NEAR(orders[0].order.rescale.value, to_db(start) - to_db(0.8) - 1.0, 1e-9);
    EXPECT_LE(orders[0].order.rescale.value, 0.0);
}

TEST(Laptop, TwentyFlipsNeverTheOthersVolume) {
    World world = laptop_that_has_settled();
    world.plug(1.0);
    world.run(10s);
    world.move_slider(0.3);
    world.run(3s);
    for (int flip = 0; flip < 20; ++flip) {
        world.unplug(0.064);
        EXPECT_EQ(world.guard().volume, 0.8);
        world.run(std::chrono::milliseconds(flip * 97 % 900));
        EXPECT_EQ(world.guard().volume, 0.8);
        world.plug(1.0);
        EXPECT_DOUBLE_EQ(world.guard().volume, start);
        world.run(std::chrono::milliseconds(flip * 131 % 1100));
        EXPECT_DOUBLE_EQ(world.guard().volume, start);
    }
}

TEST(Laptop, GenerationsRiseByOne) {
    World world = laptop_that_has_settled();
    world.plug(0.5);
    world.run(20s);
    world.unplug(0.9);
    world.run(20s);
    std::uint64_t last = 1;
    for (const OrderGuard &effect : world.in_all<OrderGuard>()) EXPECT_EQ(effect.order.generation, ++last);
}

TEST(Laptop, TheGuardIsNamedAfterWhatPlays) {
    World world = laptop_that_has_settled();
    EXPECT_EQ(world.in_all<MakeGuard>()[0].description, "Speaker (Built-in Audio)");
    EXPECT_EQ(world.in_all<MakeGuard>()[0].icon, "audio-speakers");
    world.plug(0.5);
    ASSERT_EQ(world.in_last<NameGuard>().size(), 1U);
    EXPECT_EQ(world.in_last<NameGuard>()[0].description, "Headphones (Built-in Audio)");
    EXPECT_EQ(world.in_last<NameGuard>()[0].icon, "audio-headphones");
}

TEST(Laptop, ANewSerialIsAnEdge) {
    World world = laptop_that_has_settled();
    world.only().facts.serial = 77;
    world.change(world.only().facts.key);
    ASSERT_EQ(world.in_last<OrderGuard>().size(), 1U);
    EXPECT_LE(world.guard().gain, -15.0);
    EXPECT_EQ(world.view(speaker_id).state, OutputState::settling);
    world.run(20s);
    EXPECT_EQ(world.view(speaker_id).state, OutputState::free);
}

TEST(Laptop, SoftwareGainAboveOneLowersTheCeilingAtOnceAndGivesBackSlowly) {
    World world = laptop_that_has_settled();
    world.plug(0.5);
    world.run(20s);
    const double at_ear = world.in_all<OrderGuard>().back().order.governor.value;
    EXPECT_NEAR(at_ear, 100.0 - 116.5 - 2.92, 0.01); // 1.4 V
    world.only().facts.software_gain = 2.0;
    world.change(world.only().facts.key);
    ASSERT_EQ(world.in_last<OrderGuard>().size(), 1U);
    EXPECT_NEAR(world.in_last<OrderGuard>()[0].order.governor.value, at_ear - 6.02, 0.01);
    EXPECT_FLOAT_EQ(world.in_last<OrderGuard>()[0].order.ceiling, amplitude_toward_zero({headphone_cap - 6.020599913}));
    EXPECT_NEAR(world.guard().gain, headphone_cap, 0.01) << "the cap is the slider's; the ceiling holds the sink";
    world.only().facts.software_gain = 0.5;
    world.change(world.only().facts.key);
    EXPECT_EQ(world.in_last<OrderGuard>()[0].order.rise_db_per_s, 6.0F);
    EXPECT_NEAR(world.guard().ceiling, headphone_cap - 6.02, 0.01);
    world.run(2s);
    EXPECT_NEAR(world.guard().ceiling, headphone_cap, 0.01);
}

TEST(Laptop, SoftwareGainCountsWhileSettlingToo) {
    World world = laptop_that_has_settled();
    world.only().facts.software_gain = 4.0;
    world.change(world.only().facts.key);
    world.plug(0.5);
    EXPECT_NEAR(world.guard().ceiling, settling_ceiling - to_db(4.0), 0.01);
}

TEST(Laptop, SnapshotListsEveryOutputTheActiveOneFirst) {
    World world = laptop_that_has_settled();
    world.plug(0.5);
    world.run(20s);
    const Snapshot snapshot = world.engine.snapshot();
    ASSERT_EQ(snapshot.outputs.size(), 2U);
    EXPECT_EQ(snapshot.state, RunState::running);
    EXPECT_EQ(snapshot.outputs[0].id, headphones_id);
    EXPECT_TRUE(snapshot.outputs[0].active);
    EXPECT_EQ(snapshot.outputs[1].id, speaker_id);
    EXPECT_FALSE(snapshot.outputs[1].active);
    EXPECT_EQ(snapshot.outputs[1].ceiling, std::nullopt);
    EXPECT_EQ(snapshot.outputs[1].state, OutputState::free);
    EXPECT_EQ(snapshot.outputs[1].volume, 0.8);
}

TEST(Laptop, InactiveHeadphonesShowWhatTheyWouldGet) {
    World world = laptop_that_has_settled();
    const OutputView view = world.view(headphones_id);
    EXPECT_EQ(view.state, OutputState::guarded);
    EXPECT_EQ(view.decision.verdict, Verdict::limit);
    EXPECT_NEAR(view.decision.cap->value, headphone_cap, 0.01);
    EXPECT_EQ(view.classification.loads[0].load, Load::nothing);
}

TEST(Laptop, TheRevisionRisesOnlyWithTheSnapshot) {
    World world = laptop_that_has_settled();
    const std::uint64_t revision = world.engine.revision();
    world.send(Tick{});
    world.change(world.only().facts.key);
    world.send(GuardTook{world.only().facts.key, 1});
    EXPECT_EQ(world.engine.revision(), revision);
    world.move_slider(0.4);
    EXPECT_EQ(world.engine.revision(), revision + 1);
}

TEST(Laptop, DecisionsAreReportedInOneLineWithTheirNumbers) {
    World world = laptop_that_has_settled();
    world.plug(0.5);
    world.run(1s);
    bool found = false;
    for (const Report &report : world.in_all<Report>())
        found = found || (report.what == "decision" &&
                          report.text == "Headphones: limit -9.4 dB (unknown load, assumed sensitivity, assumed full-scale 1.4 V)");
    EXPECT_TRUE(found);
}

TEST(Laptop, ObserveReportsAndChangesNothing) {
    World world(Posture::observe);
    world.add(laptop());
    world.run(5s);
    world.plug(1.0);
    world.run(5s);
    for (const Effect &effect : world.all) EXPECT_TRUE(std::holds_alternative<Report>(effect)) << text_of(effect);
    EXPECT_EQ(world.view(headphones_id).decision.verdict, Verdict::limit);
    EXPECT_EQ(world.view(headphones_id).state, OutputState::unprotected);
    EXPECT_EQ(world.engine.deadline(), std::nullopt);
    world.send(ShutDown{});
    EXPECT_EQ(world.exit_code, 0);
}

} // namespace
} // namespace soundwarden::engine::testing
