// SPDX-License-Identifier: MIT
// SIGTERM: silence, then the ceiling and the user's volume in the sink itself, then the guard goes. Never louder at any
// step.
#include "engine_test_world.hpp"

#include <gtest/gtest.h>

namespace soundwarden::engine::testing {
namespace {

const double start_before_leaving = amplitude({-15.0});

World settled_headphones() {
    World world;
    world.add(laptop());
    world.run(30s);
    world.plug(0.5);
    world.run(30s);
    return world;
}

/// What full scale gives at the sink without a guard: route × limit, dB.
double left_level(const SimSink &sink) {
    return to_db(sink.facts.active->volume) + to_db(sink.facts.left_limit.value_or(1.0));
}

TEST(Leaving, WithoutSinksEndsAtOnce) {
    World world;
    world.send(ShutDown{});
    EXPECT_EQ(world.exit_code, 0);
    EXPECT_EQ(world.engine.deadline(), std::nullopt);
}

TEST(Leaving, GoesSilentLimitsTheSinkAndOnlyThenDropsTheGuard) {
    World world = settled_headphones();
    const double before = world.product(laptop().key);
    world.all.clear();
    const Time begun = world.now;
    world.send(ShutDown{});
    EXPECT_EQ(world.guard().gain, dead);
    EXPECT_TRUE(world.in_all<LimitSink>().empty());
    world.run(2s);
    std::vector<std::string> order;
    for (const Effect &effect : world.all) {
        if (std::holds_alternative<OrderGuard>(effect)) order.emplace_back("silence");
        if (std::holds_alternative<LimitSink>(effect)) order.emplace_back("limit");
        if (std::holds_alternative<WriteRoute>(effect)) order.emplace_back("route");
        if (std::holds_alternative<DropGuard>(effect)) order.emplace_back("drop");
        if (std::holds_alternative<Finish>(effect)) order.emplace_back("finish");
    }
    EXPECT_EQ(order, (std::vector<std::string>{"silence", "limit", "route", "drop", "finish"}));
    EXPECT_NEAR(to_db(world.only().facts.left_limit.value_or(1.0)), -9.4007, 0.01);
    EXPECT_DOUBLE_EQ(world.only().facts.active->volume, 0.064);
    EXPECT_TRUE(world.in_all<WriteRoute>().back().save) << "the session manager would restore what it knew before";
    EXPECT_LE(left_level(world.only()), before + 1e-6);
    EXPECT_LE(world.now - begun, 2s);
    for (const RememberMark &mark : world.in_all<RememberMark>()) EXPECT_EQ(mark.volume, std::nullopt);
    EXPECT_EQ(world.in_all<RememberMark>().size(), 2U);
}

TEST(Leaving, WaitsTenMillisecondsAfterTheOrderIsTaken) {
    World world = settled_headphones();
    world.send(ShutDown{});
    world.pass(20ms);
    world.answer(); // taken now
    EXPECT_TRUE(world.in_all<LimitSink>().empty());
    EXPECT_EQ(*world.engine.deadline() - world.now, 10ms);
    world.run(10ms);
    EXPECT_EQ(world.in_all<LimitSink>().size(), 1U);
    EXPECT_EQ(world.exit_code, std::nullopt) << "the session manager needs its second to store the volume";
    world.run(1300ms);
    EXPECT_EQ(world.exit_code, 0);
}

TEST(Leaving, WithoutAnyAnswerEndsWithinTwoSeconds) {
    World world = settled_headphones();
    world.answering = false;
    world.all.clear();
    const Time begun = world.now;
    world.send(ShutDown{});
    while (!world.exit_code && world.engine.deadline()) {
        world.pass(*world.engine.deadline() - world.now);
        world.send(Tick{});
    }
    EXPECT_EQ(world.exit_code, 0);
    EXPECT_LE(world.now - begun, 2s);
    EXPECT_TRUE(world.in_all<RememberMark>().empty()) << "what was not read back stays marked";
}

// What is stored then is what plays after a removal (architecture.md, "Where the user's volume lives").
TEST(Leaving, TransparentSpeakersGetNoLimitAndAreLeftAtWhatAnUnknownCardStartsWith) {
    World world;
    world.add(laptop(0.8));
    world.run(30s);
    world.send(ShutDown{});
    world.run(2s);
    EXPECT_TRUE(world.in_all<LimitSink>().empty());
    EXPECT_DOUBLE_EQ(world.only().facts.active->volume, 0.064);
    ASSERT_EQ(world.in_all<RememberVolume>().size(), 1U) << "the user finds their volume again";
    EXPECT_DOUBLE_EQ(world.in_all<RememberVolume>().front().volume, 0.8);
    EXPECT_EQ(world.exit_code, 0);
}

TEST(Leaving, AQuieterRouteIsLeftAsQuiet) {
    World world;
    world.add(laptop(0.01));
    world.run(30s);
    world.send(ShutDown{});
    world.run(2s);
    EXPECT_DOUBLE_EQ(world.only().facts.active->volume, 0.01);
}

TEST(Leaving, InTheMiddleOfARiseIsNoLouderThanTheRiseWas) {
    World world;
    world.add(laptop(0.8));
    world.run(30s);
    world.plug(0.5);
    world.run(30s);
    world.unplug(0.9);
    for (const auto later : {0ms, 100ms, 600ms, 700ms, 1500ms}) {
        World copy = [&] {
            World other;
            other.add(laptop(0.8));
            other.run(30s);
            other.plug(0.5);
            other.run(30s);
            other.unplug(0.9);
            other.run(later);
            return other;
        }();
        const double before = copy.product(laptop().key);
        copy.send(ShutDown{});
        copy.run(2s);
        EXPECT_LE(left_level(copy.only()), before + 0.01) << later.count();
        EXPECT_EQ(copy.exit_code, 0);
        const auto kept = copy.in_all<RememberVolume>();
        ASSERT_FALSE(kept.empty()) << "left lower than the user's volume, which must not be lost";
        EXPECT_EQ(kept.back().volume, 0.8);
    }
}

TEST(Leaving, WhileSettlingTheSettlingCeilingStays) {
    World world;
    world.add(laptop());
    world.run(30s);
    world.plug(0.5);
    const double before = world.product(laptop().key);
    world.send(ShutDown{});
    world.run(2s);
    EXPECT_NEAR(to_db(world.only().facts.left_limit.value_or(1.0)), -17.4007, 0.01);
    EXPECT_LE(left_level(world.only()), before + 0.01);
}

TEST(Leaving, BeforeAnythingWasOpenedTheUsersVolumeStandsAsItWas) {
    World world;
    world.answering = false;
    SinkFacts facts = laptop(0.5);
    facts.routes[1].availability = Availability::unknown;
    world.add(facts);
    world.answering = true;
    world.send(ShutDown{});
    world.run(2s);
    EXPECT_TRUE(world.in_all<WriteRoute>().empty());
    EXPECT_NEAR(to_db(world.only().facts.left_limit.value_or(1.0)), -17.4007, 0.01);
    EXPECT_EQ(world.exit_code, 0);
}

TEST(Leaving, AMutedGuardLeavesAMutedRoute) {
    World world = settled_headphones();
    world.move_slider(start_before_leaving, true);
    world.run(2s);
    world.send(ShutDown{});
    world.run(2s);
    EXPECT_TRUE(world.only().facts.active->mute);
}

TEST(Leaving, UnsavedVolumesAreSavedAtOnce) {
    World world = settled_headphones();
    world.move_slider(0.12);
    world.send(ShutDown{});
    ASSERT_EQ(world.in_last<RememberVolume>().size(), 1U);
    EXPECT_EQ(world.in_last<RememberVolume>()[0].volume, 0.12);
}

TEST(Leaving, ASecondShutDownDoesNotWait) {
    World world = settled_headphones();
    world.send(ShutDown{});
    EXPECT_EQ(world.exit_code, std::nullopt);
    world.send(ShutDown{});
    EXPECT_EQ(world.exit_code, 0);
    EXPECT_TRUE(world.engine.step(Tick{}, world.now + 1s).empty());
}

TEST(Leaving, ASinkThatGoesMeanwhileIsNotWaitedFor) {
    World world = settled_headphones();
    world.send(ShutDown{});
    world.send(SinkGone{laptop().key});
    EXPECT_EQ(world.exit_code, 0);
    World lost = settled_headphones();
    lost.send(ShutDown{});
    lost.send(PipeWireLost{});
    EXPECT_EQ(lost.exit_code, 0);
}

TEST(Leaving, NewSinksAndEdgesBeginNothingAnyMore) {
    World world = settled_headphones();
    world.send(ShutDown{});
    SinkFacts other = laptop();
    other.key = "another";
    world.send(SinkSeen{other});
    EXPECT_TRUE(world.last.empty());
    world.only().facts.routes[1].availability = Availability::no;
    world.change(laptop().key);
    EXPECT_TRUE(world.in_last<OrderGuard>().empty());
}

TEST(Leaving, AKnobKeepsItsVolumeWhereTheGuardWasOpen) {
    World world;
    SinkFacts facts = laptop();
    facts.key = "bluez_output.AA.1";
    facts.api = "bluez5";
    facts.bus = "bluetooth";
    facts.form_factor = "headphone";
    facts.routes = {route(0, "headphone-output", "Headphone", "bluetooth", Availability::unknown)};
    facts.active = RouteState{0, 0.1, false, false};
    world.add(facts);
    world.run(30s);
    world.send(ShutDown{});
    world.run(2s);
    EXPECT_EQ(world.only().facts.active->volume, 0.1);
    EXPECT_EQ(world.exit_code, 0);
}

TEST(Leaving, WithoutARouteTheLimitHoldsTheVolumeToo) {
    World world;
    SinkFacts facts;
    facts.key = "alsa_output.usb-X.analog-stereo";
    facts.device_name = "alsa_card.usb-X";
    facts.api = "alsa";
    facts.bus = "usb";
    world.add(facts);
    world.run(30s);
    world.move_slider(0.5);
    world.run(2s);
    const double before = world.product(facts.key);
    world.send(ShutDown{});
    world.run(2s);
    ASSERT_TRUE(world.only().facts.left_limit);
    EXPECT_LE(to_db(*world.only().facts.left_limit), before + 0.01);
    EXPECT_EQ(world.exit_code, 0);
}

} // namespace
} // namespace soundwarden::engine::testing
