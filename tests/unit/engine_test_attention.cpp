// SPDX-License-Identifier: MIT
// What people are asked and told: product.md, "On the desktop". Once per socket and fingerprint, not at login, and a sound only for a limit.
#include "engine_test_sensed.hpp"

#include "policy_test_world.hpp"

#include <gtest/gtest.h>

namespace soundwarden::engine::testing {
namespace {

std::uint32_t question(SensedLaptop &at) { return at.world.view(headphones_id).question; }

PolicyLoaded rules(const std::string &text) { return {policy::testing::with(text, policy::Layer::etc), false}; }
PolicyLoaded policy_of(const std::string &settings) { return rules("[settings]\n" + settings); }

void act(SensedLaptop &at, bool acts = true) {
    at.world.send(LimiterActs{at.world.only().facts.key, acts});
}

TEST(Question, IsAskedWhenTheFactsAreIn) {
    SensedLaptop at;
    at.rest();
    EXPECT_EQ(question(at), 0U) << "nothing is plugged in";
    at.plug();
    EXPECT_EQ(question(at), 0U) << "it settles";
    at.rest();
    EXPECT_EQ(question(at), 1U);
    EXPECT_EQ(at.world.view(speaker_id).question, 0U);
    EXPECT_EQ(at.world.view(headphones_id).state, OutputState::guarded) << "sound plays on at the safe level meanwhile";
}

TEST(Question, IsAskedOnceForTheSocketAndWhatHangsThere) {
    SensedLaptop at;
    at.rest();
    at.plug();
    at.rest();
    at.unplug();
    EXPECT_EQ(question(at), 0U) << "taken back with the plug";
    at.rest();
    at.plug();
    at.rest();
    EXPECT_EQ(question(at), 0U) << "asked before";
    at.unplug();
    at.rest();
    at.card.jacks[1].plugged = true; // with a microphone
    at.plug();
    at.rest();
    EXPECT_EQ(question(at), 0U) << "that is a headset, and nobody need be asked";
}

TEST(Question, IsAskedAgainWhereNobodyCanHaveReadIt) {
    SensedLaptop at;
    at.rest();
    at.plug();
    at.world.run(1s);
    ASSERT_EQ(question(at), 1U);
    at.unplug();
    EXPECT_EQ(question(at), 0U);
    at.rest();
    at.plug();
    at.rest();
    EXPECT_EQ(question(at), 2U);
    at.unplug();
    at.rest();
    at.plug();
    at.rest();
    EXPECT_EQ(question(at), 0U) << "it was there for long enough";
}

TEST(Question, IsAskedAnewWhereSomethingElseIsMeasured) {
    SensedLaptop at;
    at.card.measures_impedance = true;
    at.rest();
    at.plug();
    at.rest();
    ASSERT_EQ(question(at), 1U);
    at.unplug();
    at.card.left_impedance = at.card.right_impedance = Ohms{300.0};
    at.rest();
    at.plug();
    at.rest();
    EXPECT_EQ(at.world.view(headphones_id).question != 0, at.world.view(headphones_id).decision.ask) << "another fingerprint";
}

TEST(Question, IsTakenBackByAnAnswerAndByNotSure) {
    for (const Load load : {Load::headphones, Load::active_speakers, Load::unknown}) {
        SensedLaptop at;
        at.rest();
        at.plug();
        at.rest();
        ASSERT_EQ(question(at), 1U);
        at.world.send(AnswerWish{headphones_id, load, {}});
        EXPECT_EQ(question(at), 0U) << name_of(load);
        at.rest();
        EXPECT_EQ(question(at), 0U) << name_of(load);
    }
}

TEST(Question, IsNotAskedAtLogin) {
    SensedLaptop at;
    at.card.jacks[0].plugged = true;
    at.sense();
    at.world.plug(0.5);
    SinkFacts there = at.world.only().facts;
    World login;
    login.send(CardSensed{at.card});
    login.add(there);
    login.run(40s);
    EXPECT_EQ(login.view(headphones_id).state, OutputState::guarded);
    EXPECT_EQ(login.view(headphones_id).question, 0U) << "it was plugged in before";
    login.move_slider(0.11);
    login.run(1s);
    EXPECT_EQ(login.view(headphones_id).question, 1U) << "somebody is there";
}

TEST(Question, IsNotAskedAtLoginWhereTheSessionManagerMovesTheVolume) {
    SensedLaptop at;
    at.card.jacks[0].plugged = true;
    at.sense();
    at.world.plug(0.5);
    SinkFacts there = at.world.only().facts;
    World login;
    login.send(CardSensed{at.card});
    login.add(there);
    login.run(5s);
    login.move_slider(0.11);
    login.run(40s);
    EXPECT_EQ(login.view(headphones_id).question, 0U);
}

TEST(Question, IsAskedOfASinkThatComesLater) {
    World world;
    world.run(1s);
    world.send(Tick{});
    world.run(20s);
    SinkFacts facts = laptop();
    facts.routes[1].availability = Availability::yes;
    facts.active = RouteState{1, 0.5, false, false};
    world.add(facts);
    world.run(40s);
    EXPECT_EQ(world.view(headphones_id).question, 1U);
}

TEST(Question, IsNotAskedAgainWhenPipeWireComesBack) {
    SensedLaptop at;
    at.rest();
    at.plug();
    at.rest();
    ASSERT_EQ(question(at), 1U);
    const SinkFacts facts = at.world.only().facts;
    at.world.send(PipeWireLost{});
    at.world.send(PipeWireBack{});
    at.world.add(facts);
    at.world.run(40s);
    EXPECT_EQ(question(at), 0U) << "asked before";
}

TEST(Question, GoesWithItsSinkAndIsNoneInAPanicOrWhereNothingIsGuarded) {
    SensedLaptop at;
    at.rest();
    at.plug();
    at.rest();
    ASSERT_EQ(question(at), 1U);
    at.world.send(PanicWish{true});
    EXPECT_EQ(question(at), 0U);
    at.world.send(PanicWish{false});
    at.rest();
    SensedLaptop observing;
    observing.world.send(policy_of("posture = \"observe\"\n"));
    observing.rest();
    observing.plug();
    observing.rest();
    EXPECT_EQ(question(observing), 0U);
    SensedLaptop alone;
    alone.world.send(GuardWish{headphones_id, false});
    alone.rest();
    alone.plug();
    alone.rest();
    EXPECT_EQ(question(alone), 0U) << "left alone";
}

TEST(Question, IsNoneWhereTheAnswerWouldMakeNoDifference) {
    World world;
    world.send(Tick{});
    world.run(20s);
    SinkFacts headset = laptop();
    headset.key = "bluez_output.AA_BB";
    headset.api = "bluez5";
    headset.bus = "bluetooth";
    headset.form_factor = "headset";
    headset.bus_path = "AA:BB";
    headset.routes.clear();
    headset.active.reset();
    world.add(headset);
    world.run(40s);
    for (const OutputView &view : world.engine.snapshot().outputs) EXPECT_EQ(view.question, 0U) << view.name;
}

TEST(Limiter, TheFirstTimeIsToldAndHeardOnce) {
    SensedLaptop at;
    at.rest();
    at.plug();
    at.rest();
    EXPECT_FALSE(at.world.view(headphones_id).limited);
    act(at);
    ASSERT_EQ(at.world.in_last<PlayCue>().size(), 1U);
    EXPECT_EQ(at.world.in_last<PlayCue>()[0].sink, at.world.only().facts.key);
    EXPECT_EQ(at.world.in_last<PlayCue>()[0].peak, amplitude_toward_zero(Decibels{-30.0}));
    EXPECT_TRUE(at.world.view(headphones_id).limited);
    for (int n = 0; n < 3; ++n) {
        act(at, false);
        act(at);
    }
    at.unplug();
    EXPECT_FALSE(at.world.view(headphones_id).limited);
    at.rest();
    at.plug();
    at.rest();
    act(at, false);
    act(at);
    EXPECT_EQ(at.world.in_all<PlayCue>().size(), 1U);
    EXPECT_FALSE(at.world.view(headphones_id).limited) << "it was told of what was plugged in before";
}

TEST(Limiter, CountsWhenTheFactsAreInAlsoWhereItBeganBefore) {
    SensedLaptop at;
    at.rest();
    at.plug();
    act(at);
    EXPECT_TRUE(at.world.in_all<PlayCue>().empty()) << "it settles";
    at.rest();
    EXPECT_EQ(at.world.in_all<PlayCue>().size(), 1U);
}

TEST(Limiter, NoCueIsAboveTheCap) {
    SensedLaptop at;
    at.world.send(rules("[[rule]]\nname = \"low\"\nwhen = { kind = \"headphone-out\" }\nverdict = \"limit\"\ncap = \"-45 dB\"\n"));
    at.rest();
    at.plug();
    at.rest();
    act(at);
    ASSERT_EQ(at.world.in_all<PlayCue>().size(), 1U);
    EXPECT_EQ(at.world.in_all<PlayCue>()[0].peak, amplitude_toward_zero(Decibels{-45.0}));
}

TEST(Limiter, NoCueWhereThePolicySaysSoInAPanicInObserveAndWhereNothingIsLimited) {
    SensedLaptop silent;
    silent.world.send(policy_of("cue = false\n"));
    silent.rest();
    silent.plug();
    silent.rest();
    act(silent);
    EXPECT_TRUE(silent.world.in_all<PlayCue>().empty());
    EXPECT_TRUE(silent.world.view(headphones_id).limited) << "it is shown all the same";

    SensedLaptop panic;
    panic.rest();
    panic.plug();
    panic.rest();
    panic.world.send(PanicWish{true});
    act(panic);
    panic.world.run(1s);
    EXPECT_TRUE(panic.world.in_all<PlayCue>().empty());
    EXPECT_FALSE(panic.world.view(headphones_id).limited);

    SensedLaptop observing;
    observing.world.send(policy_of("posture = \"observe\"\n"));
    observing.plug();
    observing.rest();
    act(observing);
    EXPECT_TRUE(observing.world.in_all<PlayCue>().empty());

    SensedLaptop speakers;
    speakers.rest();
    act(speakers);
    EXPECT_TRUE(speakers.world.in_all<PlayCue>().empty()) << "nothing is limited there";

    SensedLaptop blocked;
    blocked.world.send(rules("[[rule]]\nname = \"no\"\nwhen = { kind = \"headphone-out\" }\nverdict = \"block\"\n"));
    blocked.plug();
    blocked.world.send(AnswerWish{headphones_id, Load::headphones, {}});
    blocked.rest();
    ASSERT_EQ(blocked.world.view(headphones_id).state, OutputState::blocked);
    act(blocked);
    blocked.world.run(1s);
    EXPECT_TRUE(blocked.world.in_all<PlayCue>().empty()) << "a blocked output stays silent";
}

TEST(Recalled, IsAnAnswerThatPermitsAtEachLaterPlug) {
    SensedLaptop at;
    at.rest();
    at.plug();
    at.rest();
    at.world.send(AnswerWish{headphones_id, Load::active_speakers, {}});
    at.rest();
    EXPECT_EQ(at.world.view(headphones_id).recalled, 0U) << "it was said just now";
    at.unplug();
    at.rest();
    EXPECT_EQ(at.world.view(headphones_id).recalled, 0U) << "nothing hangs there";
    at.plug();
    at.rest();
    const auto second = at.world.view(headphones_id).recalled;
    EXPECT_NE(second, 0U);
    at.unplug();
    at.rest();
    at.plug();
    at.rest();
    EXPECT_GT(at.world.view(headphones_id).recalled, second) << "another plug, another number";
    at.world.send(ForgetWish{headphones_id});
    at.rest();
    EXPECT_EQ(at.world.view(headphones_id).recalled, 0U);
}

TEST(Recalled, IsNoAnswerThatOnlyRestricts) {
    SensedLaptop at;
    at.rest();
    at.plug();
    at.rest();
    at.world.send(AnswerWish{headphones_id, Load::in_ear, {}});
    at.unplug();
    at.rest();
    at.plug();
    at.rest();
    EXPECT_EQ(at.world.view(headphones_id).recalled, 0U);
}

} // namespace
} // namespace soundwarden::engine::testing
