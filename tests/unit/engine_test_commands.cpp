// SPDX-License-Identifier: MIT
// Overrides and panic: louder for a while within bounds, and everything silent at once.
#include "engine_test_world.hpp"
#include "policy_test_world.hpp"

#include <gtest/gtest.h>

namespace soundwarden::engine::testing {
namespace {

// Numbers: product.md, "Default caps" (laptop, 1.4 V); override-max is the cap + 10 dB, override-for-max 30 min (issue "Policy").
constexpr double cap = -9.4;

World playing_headphones() {
    World world;
    world.add(laptop());
    world.run(5s);
    world.plug(0.5);
    world.run(20s);
    return world;
}

SinkFacts display(bool mute = false) {
    SinkFacts facts;
    facts.key = "alsa_output.pci-0000_01_00.1.hdmi-stereo";
    facts.serial = 70;
    facts.description = "HDMI";
    facts.device_name = "alsa_card.pci-0000_01_00.1";
    facts.device_description = "GPU";
    facts.bus_path = "pci-0000:01:00.1";
    facts.api = "alsa";
    facts.bus = "pci";
    facts.positions = {"FL", "FR"};
    facts.routes = {route(0, "hdmi-output-0", "HDMI", "hdmi", Availability::yes)};
    facts.routes[0].product = "Monitor";
    facts.active = RouteState{0, 1.0, mute, false};
    return facts;
}

TEST(Override, RisesSlowlyAndEndsAtOnceWithItsTime) {
    World world = playing_headphones();
    ASSERT_EQ(world.engine.refusal(OverrideWish{headphones_id, Decibels{-3.0}, 60s}), Refusal::none);
    world.send(OverrideWish{headphones_id, Decibels{-3.0}, 60s});
    EXPECT_NEAR(world.guard().ceiling, cap, 0.01);
    world.run(500ms);
    EXPECT_LE(world.guard().ceiling, cap + 3.01);
    world.run(5s);
    EXPECT_NEAR(world.guard().ceiling, -3.0, 0.01);
    EXPECT_EQ(world.view(headphones_id).decision.reason, "override");
    world.run(54s);
    EXPECT_NEAR(world.guard().ceiling, -3.0, 0.01);
    world.run(1s);
    EXPECT_NEAR(world.guard().ceiling, cap, 0.01);
    EXPECT_NEAR(world.guard().gain, cap, 0.01);
    EXPECT_NE(world.view(headphones_id).decision.reason, "override");
}

TEST(Override, WakesTheEngineWhenItIsOver) {
    World world = playing_headphones();
    world.run(60s);
    ASSERT_FALSE(world.engine.deadline()) << "at rest";
    world.send(OverrideWish{headphones_id, Decibels{-3.0}, 600s});
    world.run(30s);
    ASSERT_TRUE(world.engine.deadline());
    EXPECT_LE(*world.engine.deadline() - world.now, 600s);
}

TEST(Override, IsTakenBackAtOnce) {
    World world = playing_headphones();
    world.send(OverrideWish{headphones_id, Decibels{-3.0}, 600s});
    world.run(5s);
    world.send(OverrideWish{headphones_id, std::nullopt, {}});
    EXPECT_NEAR(world.guard().ceiling, cap, 0.01);
}

TEST(Override, EndsWithTheLoadThatItWasGivenFor) {
    World world = playing_headphones();
    world.send(OverrideWish{headphones_id, Decibels{0.0}, 600s});
    world.run(5s);
    world.unplug(0.5);
    world.run(2s);
    world.plug(0.5);
    world.run(20s);
    EXPECT_NEAR(world.guard().ceiling, cap, 0.01);
}

TEST(Override, StaysWithinWhatTheRulePermits) {
    World world = playing_headphones();
    EXPECT_EQ(world.engine.refusal(OverrideWish{headphones_id, Decibels{1.0}, 60s}), Refusal::too_loud);
    EXPECT_EQ(world.engine.refusal(OverrideWish{headphones_id, Decibels{-3.0}, 31min}), Refusal::too_long);
    EXPECT_EQ(world.engine.refusal(OverrideWish{headphones_id, Decibels{-3.0}, 30min}), Refusal::none);
    EXPECT_EQ(world.engine.refusal(OverrideWish{headphones_id, Decibels{-3.0}, 0s}), Refusal::senseless);
    EXPECT_EQ(world.engine.refusal(OverrideWish{headphones_id, Decibels{std::nan("")}, 60s}), Refusal::senseless);
    EXPECT_EQ(world.engine.refusal(OverrideWish{"nonsense", Decibels{-3.0}, 60s}), Refusal::no_such_output);
    world.send(OverrideWish{headphones_id, Decibels{1.0}, 60s});
    world.send(OverrideWish{headphones_id, Decibels{-3.0}, 31min});
    world.run(5s);
    EXPECT_NEAR(world.guard().ceiling, cap, 0.01);
    world.send(PolicyLoaded{policy::testing::with("[[rule]]\nname = \"mine\"\nwhen = { kind = \"headphone-out\" }\nverdict = \"limit\"\n"
                                                  "target = \"100 dB(A)\"\noverride-max = \"-8 dBFS\"\noverride-for-max = \"2 h\"\n"),
                            false});
    EXPECT_EQ(world.engine.refusal(OverrideWish{headphones_id, Decibels{-7.9}, 60s}), Refusal::too_loud);
    EXPECT_EQ(world.engine.refusal(OverrideWish{headphones_id, Decibels{-8.0}, 120min}), Refusal::none);
}

TEST(Override, MayLowerToo) {
    World world = playing_headphones();
    world.send(OverrideWish{headphones_id, Decibels{-30.0}, 60s});
    EXPECT_NEAR(world.guard().ceiling, -30.0, 0.01) << "in the same step";
}

TEST(Override, IsRefusedWhereNothingIsGuarded) {
    World watching(Posture::observe);
    watching.add(laptop());
    EXPECT_EQ(watching.engine.refusal(OverrideWish{headphones_id, Decibels{-3.0}, 60s}), Refusal::observing);
}

TEST(Panic, SilencesAGuardInTheSameStepUntilResumed) {
    World world = playing_headphones();
    world.send(PanicWish{true});
    EXPECT_EQ(world.guard().gain, dead);
    EXPECT_EQ(world.guard().ceiling, dead);
    EXPECT_TRUE(world.guard().published_block) << "what an orphan would be allowed";
    EXPECT_EQ(world.view(headphones_id).state, OutputState::blocked);
    world.run(600s);
    EXPECT_EQ(world.guard().gain, dead);
    // Nothing that happens meanwhile opens it.
    world.unplug(0.5);
    world.run(5s);
    world.plug(0.9);
    world.run(5s);
    world.move_slider(1.0);
    world.send(PolicyLoaded{policy::builtin(), false});
    world.send(OverrideWish{headphones_id, Decibels{0.0}, 60s});
    world.run(5s);
    EXPECT_EQ(world.guard().gain, dead);
    EXPECT_EQ(world.guard().ceiling, dead);
    bool told = false;
    for (const Reason &reason : world.engine.snapshot().reasons) told = told || reason.token == "panic";
    EXPECT_TRUE(told);
    world.send(OverrideWish{headphones_id, std::nullopt, {}});
    world.send(PanicWish{false});
    world.run(1s);
    EXPECT_LE(world.guard().gain, -60.0 + 6.01);
    world.run(20s);
    EXPECT_NEAR(world.guard().gain, cap, 0.01);
    EXPECT_NEAR(world.guard().ceiling, cap, 0.01);
    EXPECT_FALSE(world.guard().published_block);
}

TEST(Panic, MutesWhatHasNoGuardAndGivesTheUsersMuteBack) {
    for (const bool users_mute : {false, true}) {
        World world;
        world.add(display(users_mute));
        world.run(2s);
        ASSERT_FALSE(world.only().guard);
        world.send(PanicWish{true});
        world.answer();
        EXPECT_TRUE(world.only().facts.active->mute);
        world.run(5s);
        world.send(PanicWish{false});
        world.answer();
        EXPECT_EQ(world.only().facts.active->mute, users_mute);
    }
}

TEST(Panic, HoldsForWhatComesLater) {
    World world;
    world.send(PanicWish{true});
    world.add(laptop());
    world.add(display());
    world.run(5s);
    EXPECT_TRUE(world.sinks[display().key].facts.active->mute);
    for (const MakeGuard &made : world.in_all<MakeGuard>()) EXPECT_EQ(made.order.gain, 0.0F) << "from its first cycle";
    ASSERT_TRUE(world.sinks[laptop().key].guard);
    EXPECT_EQ(world.sinks[laptop().key].guard->gain, dead);
    world.send(PanicWish{false});
    world.run(20s);
    EXPECT_FALSE(world.sinks[display().key].facts.active->mute);
    EXPECT_NEAR(world.sinks[laptop().key].guard->gain, 0.0, 0.01) << "built-in speakers are allowed";
}

TEST(Panic, OutlivesTheRun) {
    World first;
    first.add(display());
    first.send(PanicWish{true});
    bool kept = false;
    Remembered remembered;
    for (const RememberPanic &effect : first.in_all<RememberPanic>()) kept = effect.on;
    for (const RememberPanicMute &effect : first.in_all<RememberPanicMute>())
        if (effect.mute) remembered.panicked.push_back({effect.sink, *effect.mute});
    ASSERT_TRUE(kept);
    ASSERT_EQ(remembered.panicked.size(), 1U);
    remembered.panic = true;
    World second;
    second.send(remembered);
    second.add(first.only().facts);
    second.add(laptop());
    second.run(20s);
    EXPECT_TRUE(second.sinks[display().key].facts.active->mute);
    EXPECT_EQ(second.sinks[laptop().key].guard->gain, dead);
    second.send(PanicWish{false});
    second.run(1s);
    EXPECT_FALSE(second.sinks[display().key].facts.active->mute) << "muted by us, not by the user";
}

TEST(Panic, AMuteThatACrashLeftIsTakenBack) {
    World world;
    Remembered remembered;
    remembered.panicked.push_back({display().key, false});
    world.send(remembered);
    world.add(display(true));
    world.answer();
    EXPECT_FALSE(world.only().facts.active->mute);
}

TEST(Panic, LeavesBlockedSinksBehindWhenTheDaemonEnds) {
    World world = playing_headphones();
    world.send(PanicWish{true});
    world.run(1s);
    world.send(ShutDown{});
    world.run(5s);
    EXPECT_TRUE(world.exit_code);
    EXPECT_LE(world.only().facts.left_limit.value_or(1.0), 1e-6) << "nothing is louder by going";
}

// A sink that is pulled and comes back, or shows another route, during a panic plays nothing.
TEST(Panic, MutesASinkThatComesBack) {
    World world;
    world.add(display());
    world.send(PanicWish{true});
    world.answer();
    world.sinks.clear();
    world.send(SinkGone{display().key});
    SinkFacts again = display();
    again.serial = 71;
    world.add(again);
    world.answer();
    EXPECT_TRUE(world.only().facts.active->mute);
    world.send(PanicWish{false});
    world.answer();
    EXPECT_FALSE(world.only().facts.active->mute);
}

TEST(Panic, MutesAnotherRouteOfTheSameSink) {
    World world;
    SinkFacts facts = display();
    facts.routes.push_back(route(1, "hdmi-output-1", "HDMI 2", "hdmi", Availability::yes));
    facts.routes[1].product = "Other";
    world.add(facts);
    world.send(PanicWish{true});
    world.answer();
    world.only().facts.active = RouteState{1, 1.0, false, false};
    world.change(display().key);
    world.answer();
    EXPECT_TRUE(world.only().facts.active->mute);
    world.send(PanicWish{false});
    world.answer();
    EXPECT_FALSE(world.only().facts.active->mute);
}

TEST(Panic, HoldsForWhatIsReleasedMeanwhile) {
    World world = playing_headphones();
    world.send(PanicWish{true});
    world.send(ReleaseWish{});
    world.run(5s);
    ASSERT_FALSE(world.only().guard);
    EXPECT_TRUE(world.only().facts.active->mute);
    world.send(PanicWish{false});
    world.answer();
    EXPECT_FALSE(world.only().facts.active->mute);
}

TEST(Panic, EndsWhereNothingIsGuardedAnyMore) {
    World world;
    world.add(display());
    world.send(PanicWish{true});
    world.answer();
    world.send(PolicyLoaded{policy::testing::with("[settings]\nposture = \"observe\"\n"), false});
    world.run(5s);
    EXPECT_FALSE(world.only().facts.active->mute) << "no resume is taken any more";
}

} // namespace
} // namespace soundwarden::engine::testing
