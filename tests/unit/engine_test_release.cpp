// SPDX-License-Identifier: MIT
// The user's word on protection: `guard OUTPUT off|on` and `release`. Ends slowly or low, never loud; begins again at once.
#include "engine_test_world.hpp"

#include <gtest/gtest.h>

namespace soundwarden::engine::testing {
namespace {

const SinkKey card = laptop().key;

World headphones_that_have_settled(double volume = 0.5) {
    World world;
    world.add(laptop());
    world.run(30s);
    world.plug(0.5);
    world.run(30s);
    world.move_slider(volume);
    world.run(2s);
    world.all.clear();
    return world;
}

std::vector<std::string> order_of(const Effects &effects) {
    std::vector<std::string> order;
    for (const Effect &effect : effects) {
        if (std::holds_alternative<OrderGuard>(effect)) order.emplace_back("order");
        if (const auto *route = std::get_if<WriteRoute>(&effect)) order.emplace_back(route->volume <= 0.064 ? "low" : "route");
        if (const auto *drop = std::get_if<DropGuard>(&effect)) order.emplace_back(drop->released ? "release" : "drop");
        if (const auto *declared = std::get_if<DeclareSink>(&effect)) order.emplace_back(declared->guarded ? "guarded" : "free");
        if (std::holds_alternative<MakeGuard>(effect)) order.emplace_back("make");
    }
    return order;
}

TEST(GuardOff, RisesByNoMoreThanSixDecibelsASecondToTransparent) {
    World world = headphones_that_have_settled();
    const double before = world.product(card);
    world.send(GuardWish{headphones_id, false});
    EXPECT_EQ(world.in_last<RememberLeftAlone>().size(), 1U);
    EXPECT_TRUE(world.in_last<RememberLeftAlone>().front().left_alone);
    double last = before;
    for (int step = 0; step < 40; ++step) { // 4 s
        world.run(100ms);
        const double now = world.product(card);
        EXPECT_LE(now, last + 0.6 + 1e-6);
        EXPECT_GE(now, before - 1e-6) << "it does not go down first";
        last = now;
    }
    EXPECT_NEAR(world.guard().gain, 0.0, 1e-5);
    world.run(10s);
    EXPECT_EQ(world.guard().ceiling, none);
    EXPECT_EQ(world.guard().published, std::nullopt);
    EXPECT_EQ(world.view(headphones_id).state, OutputState::free);
    EXPECT_EQ(world.view(headphones_id).decision.reason, "guard-off");
    EXPECT_TRUE(world.in_all<DropGuard>().empty()) << "the speakers on the same sink are not left alone";
}

TEST(GuardOff, OfTheOutputThatDoesNotPlayChangesNothingNow) {
    World world = headphones_that_have_settled();
    world.send(GuardWish{speaker_id, false});
    world.run(1s);
    EXPECT_TRUE(world.in_all<OrderGuard>().empty());
    EXPECT_EQ(world.view(headphones_id).state, OutputState::guarded);
}

TEST(GuardOff, IsRememberedAndAPlugBringsNoStartLevel) {
    World world;
    Remembered known;
    known.left_alone = {headphones_id};
    world.send(known);
    world.add(laptop());
    world.run(30s);
    world.plug(0.5);
    world.run(30s);
    EXPECT_EQ(world.view(headphones_id).state, OutputState::free);
    EXPECT_DOUBLE_EQ(world.guard().volume, 0.5);
    EXPECT_NEAR(world.guard().gain, 0.0, 1e-5);
}

TEST(GuardOff, OfAllOutputsTakesTheGuardAwayAndLeavesTheRouteLow) {
    World world = headphones_that_have_settled();
    const double before = world.product(card);
    world.send(GuardWish{speaker_id, false});
    world.all.clear();
    world.send(GuardWish{headphones_id, false});
    EXPECT_EQ(world.guard().gain, dead) << "silence first";
    world.run(5s);
    EXPECT_EQ(order_of(world.all), (std::vector<std::string>{"order", "low", "release", "free"}));
    EXPECT_FALSE(world.only().guard);
    EXPECT_LE(world.only().facts.active->volume, 0.064);
    EXPECT_LE(to_db(world.only().facts.active->volume), before);
    EXPECT_EQ(world.view(headphones_id).state, OutputState::free);
    EXPECT_EQ(world.engine.snapshot().state, RunState::running);
}

TEST(GuardOff, OfAllOutputsHoldsForTheNextRun) {
    World world;
    Remembered known;
    known.left_alone = {headphones_id, speaker_id};
    world.send(known);
    world.add(laptop());
    world.run(5s);
    EXPECT_EQ(order_of(world.all), (std::vector<std::string>{"free"}));
    EXPECT_TRUE(world.made_guards.empty());
}

TEST(GuardOff, WhatACrashLeftAtFullVolumeIsTurnedDownBeforeTheSinkIsFree) {
    World world;
    Remembered known;
    known.left_alone = {headphones_id, speaker_id};
    known.marks = {{card, "analog-output-speaker", 0.02}};
    world.send(known);
    world.add(laptop(1.0));
    world.run(5s);
    EXPECT_EQ(order_of(world.all), (std::vector<std::string>{"low", "release", "free"}));
    EXPECT_DOUBLE_EQ(world.only().facts.active->volume, 0.02);
    ASSERT_EQ(world.in_all<RememberMark>().size(), 1U);
    EXPECT_EQ(world.in_all<RememberMark>().front().volume, std::nullopt);
}

TEST(GuardOn, TheCeilingIsThereInTheSameStep) {
    World world = headphones_that_have_settled(1.0);
    world.send(GuardWish{headphones_id, false});
    world.run(30s);
    ASSERT_EQ(world.guard().ceiling, none);
    world.send(GuardWish{headphones_id, true});
    EXPECT_NEAR(world.guard().ceiling, -17.4, 0.01) << "strict settling first";
    EXPECT_FALSE(world.in_last<RememberLeftAlone>().front().left_alone);
    EXPECT_EQ(world.view(headphones_id).state, OutputState::settling);
    world.run(10s);
    EXPECT_NEAR(world.guard().ceiling, -9.4, 0.01);
    EXPECT_EQ(world.view(headphones_id).state, OutputState::guarded);
}

TEST(GuardOn, WithoutAGuardTheSinkIsShutBeforeOneIsMade) {
    World world = headphones_that_have_settled();
    world.send(GuardWish{speaker_id, false});
    world.send(GuardWish{headphones_id, false});
    world.run(5s);
    world.all.clear();
    world.send(GuardWish{headphones_id, true});
    EXPECT_EQ(order_of(world.last), (std::vector<std::string>{"guarded", "make"}));
    EXPECT_LE(world.guard().ceiling, -17.4);
    world.run(30s);
    EXPECT_EQ(world.view(headphones_id).state, OutputState::guarded);
    EXPECT_EQ(world.view(speaker_id).state, OutputState::free);
}

TEST(Release, GoesSilentTurnsTheRouteDownAndOnlyThenDropsTheGuard) {
    World world = headphones_that_have_settled();
    const double before = world.product(card);
    world.answering = false;
    world.send(ReleaseWish{headphones_id});
    EXPECT_EQ(world.guard().gain, dead);
    EXPECT_TRUE(world.engine.releasing());
    world.answering = true;
    world.run(5s);
    EXPECT_EQ(order_of(world.all), (std::vector<std::string>{"order", "low", "release", "free"}));
    EXPECT_FALSE(world.engine.releasing());
    EXPECT_TRUE(world.in_all<LimitSink>().empty()) << "it ends as the user asked: no limit stays";
    EXPECT_LE(world.only().facts.active->volume, 0.064);
    EXPECT_LE(to_db(world.only().facts.active->volume), before);
    EXPECT_TRUE(world.in_all<WriteRoute>().back().save);
    EXPECT_EQ(world.view(headphones_id).state, OutputState::unprotected);
    ASSERT_EQ(world.engine.snapshot().reasons.size(), 1U);
    EXPECT_EQ(world.engine.snapshot().reasons.front().token, "released");
    world.all.clear();
    world.change(card);
    world.unplug(0.064);
    world.run(5s);
    EXPECT_TRUE(order_of(world.all).empty()) << "also after an edge";
}

TEST(Release, OfAllIsForEverySinkAndHoldsUntilTheNextRun) {
    World world = headphones_that_have_settled();
    world.send(ReleaseWish{});
    world.run(5s);
    EXPECT_FALSE(world.only().guard);
    const SinkFacts facts = world.only().facts;
    world.send(SinkGone{card});
    world.all.clear();
    world.add(facts);
    world.run(5s);
    EXPECT_EQ(order_of(world.all), (std::vector<std::string>{"free"}));
    World next;
    next.add(facts);
    EXPECT_EQ(order_of(next.all), (std::vector<std::string>{"guarded", "make"}));
}

TEST(Release, IsTakenBackByGuardOnEvenWhileItIsUnderWay) {
    World world = headphones_that_have_settled();
    world.send(ReleaseWish{});
    ASSERT_TRUE(world.engine.releasing());
    world.send(GuardWish{headphones_id, true});
    EXPECT_FALSE(world.engine.releasing());
    EXPECT_EQ(world.guard().gain, dead) << "what was silent does not jump up";
    world.run(30s);
    EXPECT_TRUE(world.only().guard);
    EXPECT_EQ(world.view(headphones_id).state, OutputState::guarded);
    EXPECT_TRUE(world.in_all<DropGuard>().empty());

    world.send(ReleaseWish{});
    world.run(5s);
    ASSERT_FALSE(world.only().guard);
    world.send(GuardWish{headphones_id, true});
    world.run(30s);
    EXPECT_EQ(world.view(headphones_id).state, OutputState::guarded);
    EXPECT_EQ(world.engine.snapshot().state, RunState::running);
}

TEST(Release, OfACardThatCannotBeTurnedDownIsGivenUp) {
    World world = headphones_that_have_settled();
    world.send(ReleaseWish{headphones_id});
    for (int step = 0; step < 40 && world.engine.releasing(); ++step) {
        world.answering = false; // the route stays at 1.0
        world.pass(100ms);
        world.send(GuardTook{card, world.guard().order.generation});
        world.send(Tick{});
    }
    EXPECT_FALSE(world.engine.releasing());
    ASSERT_EQ(world.in_all<ReleaseFailed>().size(), 1U);
    EXPECT_TRUE(world.in_all<DropGuard>().empty());
    world.answering = true;
    world.send(GuardTook{card, world.guard().order.generation});
    world.run(30s);
    EXPECT_EQ(world.view(headphones_id).state, OutputState::guarded);
    EXPECT_LE(world.guard().ceiling, -9.4);
}

TEST(Release, ADaemonThatIsEndedMeanwhileFinishesItFirst) {
    World world = headphones_that_have_settled();
    world.send(ReleaseWish{});
    world.send(ShutDown{});
    world.run(5s);
    EXPECT_EQ(world.exit_code, 0);
    EXPECT_EQ(order_of(world.all), (std::vector<std::string>{"order", "low", "release", "free"}));
    EXPECT_TRUE(world.in_all<LimitSink>().empty());
}

TEST(Release, OfASinkWithoutRoutesTurnsTheNodeDown) {
    World world;
    SinkFacts facts;
    facts.key = "usb";
    facts.serial = 5;
    facts.device_name = "alsa_card.usb-X";
    facts.bus_path = "pci-0000:00:14.0-usb-0:1:1.0";
    facts.api = "alsa";
    facts.bus = "usb";
    facts.positions = {"FL", "FR"};
    world.add(facts);
    world.run(30s);
    ASSERT_TRUE(world.only().guard);
    world.send(ReleaseWish{});
    world.run(5s);
    ASSERT_EQ(world.in_all<LowerSink>().size(), 1U);
    EXPECT_LE(world.only().facts.software_gain, 0.064);
    EXPECT_FALSE(world.only().guard);
}

// Nothing was heard through the guard: the user finds the route as it was, or at 0.064 where that is lower.
TEST(Release, BeforeTheFirstSettlingLeavesTheRoutesOwnVolume) {
    for (const double own : {0.02, 0.8}) {
        World world;
        world.add(laptop(own));
        world.answer();
        world.send(ReleaseWish{});
        world.run(5s);
        EXPECT_FALSE(world.only().guard);
        EXPECT_NEAR(world.only().facts.active->volume, std::min(own, 0.064), 1e-6);
    }
}

TEST(Release, OfAGuardMadeAgainIsNoLouderThanTheUsersVolumeInIt) {
    World world = headphones_that_have_settled(0.01);
    world.send(GuardFailed{card, "no"});
    world.run(1500ms);
    ASSERT_TRUE(world.only().guard);
    world.send(ReleaseWish{});
    world.run(5s);
    EXPECT_FALSE(world.only().guard);
    EXPECT_LE(world.only().facts.active->volume, 0.01 + 1e-9);
}

TEST(Wishes, AreRefusedWhereNothingIsChanged) {
    World world = headphones_that_have_settled();
    EXPECT_EQ(world.engine.refusal(headphones_id, true), Refusal::none);
    EXPECT_EQ(world.engine.refusal(OutputId{}, true), Refusal::none);
    EXPECT_EQ(world.engine.refusal(OutputId{"nonsense"}, true), Refusal::no_such_output);
    World watching(Posture::observe);
    watching.add(laptop());
    EXPECT_EQ(watching.engine.refusal(headphones_id, true), Refusal::observing);
    watching.all.clear();
    watching.send(GuardWish{headphones_id, false});
    watching.send(ReleaseWish{});
    EXPECT_TRUE(watching.all.empty());
    world.send(ShutDown{});
    EXPECT_EQ(world.engine.refusal(OutputId{}, true), Refusal::ending);
}

// ---- muted first -----------------------------------------------------------------------------------------------------

std::vector<std::string> mutes_of(const Effects &effects) {
    std::vector<std::string> order;
    for (const Effect &effect : effects) {
        if (const auto *marker = std::get_if<RememberMute>(&effect)) order.emplace_back(marker->mute ? "marker" : "no marker");
        if (const auto *mute = std::get_if<MuteSink>(&effect)) order.emplace_back(mute->mute ? "mute" : "unmute");
        if (std::holds_alternative<MakeGuard>(effect)) order.emplace_back("make");
    }
    return order;
}

SinkFacts played_to(bool muted_by_user = false) {
    SinkFacts facts = laptop();
    facts.foreign_links = 2;
    facts.active->mute = muted_by_user;
    return facts;
}

void move_streams(World &world) {
    world.only().facts.foreign_links = 0;
    world.change(card);
}

TEST(MuteFirst, IsMarkedThenMutedThenGuardedAndUndoneWhenNothingPlaysPastTheGuard) {
    for (const bool muted_by_user : {false, true}) {
        World world;
        world.send(PartPresent{false});
        world.add(played_to(muted_by_user));
        EXPECT_EQ(mutes_of(world.last), (std::vector<std::string>{"marker", "mute", "make"}));
        EXPECT_EQ(world.in_all<RememberMute>().front().mute, muted_by_user);
        world.run(100ms);
        EXPECT_TRUE(world.only().facts.active->mute) << "linked, but streams still play past it";
        move_streams(world);
        world.run(1s);
        EXPECT_EQ(mutes_of(world.all), (std::vector<std::string>{"marker", "mute", "make", "unmute", "no marker"}));
        EXPECT_FALSE(world.only().facts.active->mute) << "the user's mute is the guard's now";
        EXPECT_EQ(world.guard().mute, muted_by_user);
        world.run(30s);
        EXPECT_EQ(world.guard().mute, muted_by_user);
        EXPECT_DOUBLE_EQ(world.only().facts.active->volume, 1.0);
    }
}

TEST(MuteFirst, IsNotDoneWhereTheSessionManagersPartShutsTheSinkOrNobodyPlays) {
    World with_part;
    with_part.send(PartPresent{true});
    with_part.add(played_to());
    EXPECT_EQ(mutes_of(with_part.all), std::vector<std::string>{"make"});
    World silent;
    silent.send(PartPresent{false});
    silent.add(laptop());
    EXPECT_EQ(mutes_of(silent.all), std::vector<std::string>{"make"});
}

TEST(MuteFirst, EndsAfterTwoSecondsInAnyCase) {
    World world;
    world.send(PartPresent{false});
    world.add(played_to());
    world.run(1900ms);
    EXPECT_TRUE(world.only().facts.active->mute);
    world.run(200ms);
    EXPECT_FALSE(world.only().facts.active->mute);
    EXPECT_FALSE(world.guard().mute);
}

TEST(MuteFirst, WhatACrashLeftIsUndone) {
    for (const bool part : {false, true}) {
        World world;
        world.send(PartPresent{part});
        Remembered left;
        left.mutes = {{card, false}};
        world.send(left);
        SinkFacts facts = laptop();
        facts.active->mute = true; // by the run that was killed
        world.add(facts);
        world.run(30s);
        EXPECT_FALSE(world.only().facts.active->mute);
        EXPECT_FALSE(world.guard().mute) << "it was not the user's";
        EXPECT_EQ(mutes_of(world.all).back(), "no marker");
    }
}

TEST(MuteFirst, IsUndoneOnTheWayOutAndWhereTheGuardFails) {
    World leaving;
    leaving.send(PartPresent{false});
    leaving.add(played_to());
    leaving.run(50ms);
    leaving.send(ShutDown{});
    leaving.run(3s);
    EXPECT_EQ(mutes_of(leaving.all), (std::vector<std::string>{"marker", "mute", "make", "unmute", "no marker"}));

    World failing;
    failing.send(PartPresent{false});
    failing.add(played_to());
    failing.send(GuardFailed{card, "no"});
    EXPECT_EQ(mutes_of(failing.last), std::vector<std::string>{"unmute"});
}

} // namespace
} // namespace soundwarden::engine::testing
