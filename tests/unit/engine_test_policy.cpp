// SPDX-License-Identifier: MIT
// Other rules while sound plays: what is stricter acts in the same step, what is laxer rises; locks hold against every wish.
#include "engine_test_world.hpp"
#include "policy_test_world.hpp"

#include <gtest/gtest.h>

namespace soundwarden::engine::testing {
namespace {

using policy::Layer;
using policy::testing::with;

// Numbers: product.md, "Default caps" (laptop, 1.4 V) and "Moments" (6 dB/s).
constexpr double policy_cap = -9.4;
constexpr double cap_at_85 = policy_cap - 15.0;

World headphones_that_play() {
    World world;
    world.add(laptop());
    world.run(5s);
    world.plug(0.5);
    world.run(20s);
    return world;
}

PolicyLoaded loaded(const std::string &text, Layer layer = Layer::etc) { return {with(text, layer), false}; }

const char *const target_85 = R"toml(
[[rule]]
name = "quiet"
when = { kind = "headphone-out" }
verdict = "limit"
target = "85 dB(A)"
)toml";
const char *const target_85_locked = R"toml(
[[rule]]
name = "quiet"
when = { kind = "headphone-out", load = ["unknown", "nothing", "headphones", "headset", "in-ear"] }
verdict = "limit"
target = "85 dB(A)"
locked = true
)toml";

TEST(PolicyChange, StricterActsInTheSameStepAndWithoutADip) {
    World world = headphones_that_play();
    ASSERT_NEAR(world.guard().ceiling, policy_cap, 0.01);
    ASSERT_NEAR(world.guard().gain, policy_cap, 0.01);
    world.send(loaded(target_85));
    EXPECT_NEAR(world.guard().ceiling, cap_at_85, 0.01);
    EXPECT_NEAR(world.guard().gain, cap_at_85, 0.01) << "nothing was plugged: no settling level";
    EXPECT_NEAR(world.guard().published.value_or(none), cap_at_85, 0.01);
    EXPECT_EQ(world.view(headphones_id).decision.rule.name, "quiet");
    EXPECT_EQ(world.view(headphones_id).decision.rule.file, "/etc/60-test.toml");
}

TEST(PolicyChange, LaxerRisesBySixDecibelsASecond) {
    World world = headphones_that_play();
    world.send(loaded(target_85));
    world.run(1s);
    world.send(PolicyLoaded{policy::builtin(), false});
    world.run(1s);
    EXPECT_LE(world.guard().gain, cap_at_85 + 6.01);
    EXPECT_GE(world.guard().gain, cap_at_85 + 5.0);
    EXPECT_LE(world.guard().published.value_or(none), cap_at_85 + 0.01) << "raised after it is in force";
    world.run(3s);
    EXPECT_NEAR(world.guard().gain, policy_cap, 0.01);
    EXPECT_NEAR(world.guard().published.value_or(none), policy_cap, 0.01);
}

TEST(PolicyChange, OfNamesAndCommentsOnlyIsNotHeard) {
    World world = headphones_that_play();
    world.all.clear();
    world.send(loaded("# nothing but a comment and a rule for something else\n[[rule]]\nname = \"x\"\nwhen = { kind = \"hdmi\", load = \"headphones\" }\n"
                      "verdict = \"block\"\n"));
    EXPECT_TRUE(world.in_all<OrderGuard>().empty());
    EXPECT_TRUE(world.in_all<MakeGuard>().empty());
}

TEST(PolicyChange, OfTheLimiterReachesTheGuard) {
    World world = headphones_that_play();
    EXPECT_EQ(world.guard().order.mode, LimiterMode::guard);
    world.send(loaded("[[output]]\nname = \"laptop\"\nmatch = { route = \"*headphones\" }\nmode = \"smooth\"\nrelease = \"80 ms\"\n"));
    EXPECT_EQ(world.guard().order.mode, LimiterMode::smooth);
    EXPECT_FLOAT_EQ(world.guard().order.release_seconds, 0.08F);
    EXPECT_NEAR(world.guard().gain, policy_cap, 0.01);
    world.send(loaded("[settings]\nmode = \"low\"\nrelease = \"200 ms\"\n"));
    EXPECT_EQ(world.guard().order.mode, LimiterMode::low);
    EXPECT_FLOAT_EQ(world.guard().order.release_seconds, 0.2F);
}

TEST(PolicyChange, FactsOfAnOutputMakeItsCap) {
    World world = headphones_that_play();
    world.send(loaded("[[output]]\nname = \"laptop\"\nmatch = { node = \"alsa_output.pci-*\", route = \"*headphones\" }\nfull-scale = \"2 V\"\n"));
    EXPECT_NEAR(world.guard().ceiling, -12.5, 0.05);
    EXPECT_EQ(world.view(headphones_id).decision.assumed, std::vector<std::string>{"sensitivity"});
}

TEST(PolicyChange, SettlingLastsAsLongAsItSays) {
    World world;
    world.send(loaded("[settings]\nsettle = \"2 s\"\n"));
    world.add(laptop());
    world.run(1900ms);
    EXPECT_FALSE(world.guard().opened);
    world.run(500ms);
    EXPECT_TRUE(world.guard().opened);
}

TEST(PolicyChange, TellsTheSessionManagersPartAboutOrphans) {
    World world;
    world.send(loaded("[settings]\norphan-silence = \"2 s\"\norphan-level = \"-40 dB\"\n"));
    const auto rules = world.in_last<OrphanRules>();
    ASSERT_EQ(rules.size(), 1U);
    EXPECT_EQ(rules[0].silence, 2s);
    EXPECT_EQ(rules[0].level.value, -40.0);
    world.send(PartPresent{true});
    EXPECT_EQ(world.in_last<OrphanRules>().size(), 1U) << "a part that comes later is told too";
    world.send(PolicyLoaded{policy::builtin(), false});
    EXPECT_EQ(world.in_last<OrphanRules>().at(0).level.value, -30.0);
}

TEST(PolicyChange, BarsEncodedStreams) {
    World world;
    world.add(laptop());
    EXPECT_TRUE(world.in_all<AdmitEncoded>().empty());
    world.send(loaded("[[output]]\nname = \"laptop\"\nmatch = { api = \"alsa\" }\npassthrough = \"block\"\n"));
    ASSERT_EQ(world.in_last<AdmitEncoded>().size(), 1U);
    EXPECT_FALSE(world.in_last<AdmitEncoded>()[0].admitted);
    world.send(PolicyLoaded{policy::builtin(), false});
    ASSERT_EQ(world.in_last<AdmitEncoded>().size(), 1U);
    EXPECT_TRUE(world.in_last<AdmitEncoded>()[0].admitted);
}

TEST(PolicyChange, ToObserveLetsGoCleanlyAndBackGuardsAgain) {
    World world = headphones_that_play();
    world.send(loaded("[settings]\nposture = \"observe\"\n"));
    EXPECT_NEAR(world.guard().gain, dead, 0.01) << "silence first";
    world.run(5s);
    EXPECT_FALSE(world.only().guard);
    EXPECT_LE(world.only().facts.active->volume, 0.064 + 1e-9);
    world.all.clear();
    world.plug(0.5);
    world.run(5s);
    for (const Effect &effect : world.all) EXPECT_TRUE(std::holds_alternative<Report>(effect)) << text_of(effect);
    world.send(PolicyLoaded{policy::builtin(), false});
    world.run(20s);
    ASSERT_TRUE(world.only().guard);
    EXPECT_NEAR(world.guard().ceiling, policy_cap, 0.01);
}

TEST(FailSafe, IsStrictAndSaysSo) {
    World world = headphones_that_play();
    world.send(PolicyLoaded{policy::builtin(), true});
    EXPECT_EQ(world.engine.snapshot().state, RunState::fail_safe);
    EXPECT_EQ(world.engine.posture(), Posture::strict);
    ASSERT_TRUE(world.only().guard);
    world.send(PolicyLoaded{policy::builtin(), false});
    EXPECT_EQ(world.engine.snapshot().state, RunState::running);
    EXPECT_EQ(world.engine.posture(), Posture::protect);
}

TEST(Locked, GuardOffAndReleaseAreRefused) {
    World world = headphones_that_play();
    world.send(loaded(target_85_locked));
    EXPECT_EQ(world.engine.refusal(headphones_id, true), Refusal::locked);
    EXPECT_EQ(world.engine.refusal(headphones_id, false), Refusal::none) << "tightening is always possible";
    world.send(GuardWish{headphones_id, false});
    world.send(ReleaseWish{headphones_id});
    world.send(ReleaseWish{});
    world.run(5s);
    ASSERT_TRUE(world.only().guard);
    EXPECT_NEAR(world.guard().ceiling, cap_at_85, 0.01);
}

TEST(Locked, WhatWasLeftAloneBeforeIsGuardedNow) {
    World world = headphones_that_play();
    world.send(GuardWish{headphones_id, false});
    world.send(GuardWish{speaker_id, false});
    world.run(10s);
    ASSERT_FALSE(world.only().guard);
    world.send(loaded(target_85_locked));
    world.run(20s);
    ASSERT_TRUE(world.only().guard);
    EXPECT_NEAR(world.guard().ceiling, cap_at_85, 0.01);
}

TEST(Locked, WhatWasReleasedBeforeIsGuardedNow) {
    World world = headphones_that_play();
    world.send(ReleaseWish{});
    world.run(5s);
    ASSERT_FALSE(world.only().guard);
    world.send(loaded(target_85_locked));
    world.run(20s);
    ASSERT_TRUE(world.only().guard);
    EXPECT_LE(world.guard().ceiling, cap_at_85 + 0.01);
}

TEST(Locked, PermitsNoOverrideAboveItself) {
    World world = headphones_that_play();
    world.send(loaded(target_85_locked));
    EXPECT_EQ(world.engine.refusal(OverrideWish{headphones_id, Decibels{cap_at_85 + 1.0}, 60s}), Refusal::locked);
    world.send(OverrideWish{headphones_id, Decibels{0.0}, 60s});
    world.run(5s);
    EXPECT_NEAR(world.guard().ceiling, cap_at_85, 0.01);
}

TEST(Locked, AnOverrideFromBeforeIsBounded) {
    World world = headphones_that_play();
    world.send(OverrideWish{headphones_id, Decibels{0.0}, 600s});
    world.run(5s);
    ASSERT_NEAR(world.guard().ceiling, 0.0, 0.7);
    world.send(loaded(target_85_locked));
    EXPECT_NEAR(world.guard().ceiling, cap_at_85, 0.01) << "in the same step";
}

TEST(Locked, PermitsNoObserving) {
    Engine engine(Settings{.posture = Posture::observe});
    EXPECT_EQ(engine.posture(), Posture::observe);
    engine.step(loaded(target_85_locked), Time{1h});
    EXPECT_EQ(engine.posture(), Posture::protect);
}

TEST(Locked, TheOptionForTheEarMovesNoLockedTarget) {
    World world;
    world.engine = Engine(Settings{.ear_target = Decibels{140.0}});
    world.send(loaded(target_85_locked));
    world.add(laptop());
    world.run(5s);
    world.plug(0.5);
    world.run(10s);
    EXPECT_NEAR(world.guard().order.governor.value, 85.0 - 116.5 - 2.92, 0.05);
}

TEST(Locked, LooksThroughAUsersKind) {
    for (const char *kind : {"internal-speaker", "hdmi", "virtual", "speaker-out", "line-out"}) {
        World world = headphones_that_play();
        world.send(PolicyLoaded{with({{Layer::etc, target_85_locked},
                                      {Layer::user, std::string("[[output]]\nname = \"mine\"\nmatch = { route = \"*headphones\" }\nkind = \"") + kind + "\"\n"}}),
                                false});
        world.run(20s);
        ASSERT_TRUE(world.only().guard) << kind;
        EXPECT_LE(world.guard().ceiling, cap_at_85 + 0.01) << kind;
    }
}

SinkFacts interface() {
    SinkFacts facts;
    facts.key = "alsa_output.usb-X.pro-output-0";
    facts.serial = 90;
    facts.description = "X";
    facts.device_name = "alsa_card.usb-X";
    facts.api = "alsa";
    facts.bus = "usb";
    facts.bus_path = "usb-1";
    facts.pro_audio = true;
    facts.positions.assign(18, "AUX");
    return facts;
}

// A group that only the user names takes no channel away from what root says of all of them.
TEST(Locked, AUsersChannelGroupLeavesNoChannelOut) {
    World world;
    world.send(PolicyLoaded{with({{Layer::etc, std::string(target_85_locked) + "[[output]]\nname = \"amp\"\nmatch = { node = \"*pro-output-0\" }\nkind = \"headphone-out\"\n"},
                                  {Layer::user, "[[output]]\nname = \"mine\"\nmatch = { node = \"*pro-output-0\" }\nchannels = [1, 2]\nkind = \"virtual\"\n"}}),
                            false});
    world.add(interface());
    world.run(20s);
    ASSERT_TRUE(world.only().guard);
    EXPECT_TRUE(world.in_all<MakeGuard>().at(0).channels.empty()) << "all of them";
    EXPECT_NEAR(world.guard().ceiling, -18.5 - 15.0, 0.1) << "4 V";
}

// What passes a guard beside its channels is silent in a panic too.
TEST(Panic, MutesTheChannelsBesideAGroup) {
    World world;
    world.send(loaded("[[output]]\nname = \"phones\"\nmatch = { node = \"*pro-output-0\" }\nchannels = [9, 10]\nkind = \"headphone-out\"\n"));
    world.add(interface());
    world.run(20s);
    ASSERT_TRUE(world.only().guard);
    world.send(PanicWish{true});
    world.answer();
    EXPECT_TRUE(world.only().facts.node_mute);
    world.send(PanicWish{false});
    world.answer();
    EXPECT_FALSE(world.only().facts.node_mute);
}

constexpr const char *phones_on = "[[output]]\nname = \"phones\"\nmatch = { node = \"*pro-output-0\" }\nkind = \"headphone-out\"\nchannels = ";

// Channels beside a guard's pass it as they are: the pair in front has to be one for those that count now.
TEST(PolicyChange, OfAChannelGroupIsFollowedByTheGuardAndTheClamp) {
    const std::vector<std::uint32_t> old_group{1, 2}, new_group{9, 10};
    World world;
    world.send(loaded(phones_on + std::string("[1, 2]\n")));
    world.add(interface());
    world.run(20s);
    ASSERT_EQ(world.in_all<MakeGuard>().back().channels, old_group);
    world.send(loaded(phones_on + std::string("[9, 10]\n")));
    ASSERT_EQ(world.in_last<MakeGuard>().size(), 1U) << "in the same step";
    EXPECT_EQ(world.in_last<MakeGuard>()[0].channels, new_group);
    EXPECT_EQ(world.in_last<MakeGuard>()[0].order.rise_db_per_s, 0.0F) << "as one that was just plugged";
    ASSERT_FALSE(world.in_last<ClampSink>().empty());
    EXPECT_EQ(world.in_last<ClampSink>().back().channels, new_group);
    world.run(20s);
    EXPECT_EQ(world.in_all<MakeGuard>().back().channels, new_group) << "made once";

    world.send(loaded("[[output]]\nname = \"phones\"\nmatch = { node = \"*pro-output-0\" }\nkind = \"headphone-out\"\n"));
    ASSERT_EQ(world.in_last<MakeGuard>().size(), 1U);
    EXPECT_TRUE(world.in_last<MakeGuard>()[0].channels.empty()) << "all of them";
}

TEST(Panic, MutesTheChannelsThatANarrowerGroupLeavesBeside) {
    World world;
    world.send(loaded("[[output]]\nname = \"phones\"\nmatch = { node = \"*pro-output-0\" }\nkind = \"headphone-out\"\n"));
    world.add(interface());
    world.run(20s);
    world.send(PanicWish{true});
    world.answer();
    EXPECT_FALSE(world.only().facts.node_mute) << "the guard is in front of all of them";
    world.send(loaded(phones_on + std::string("[9, 10]\n")));
    world.answer();
    EXPECT_TRUE(world.only().facts.node_mute);
}

TEST(PolicyChange, BackFromObserveWhileTheReleaseIsUnderWay) {
    World world = headphones_that_play();
    world.send(loaded("[settings]\nposture = \"observe\"\n"));
    world.pass(1ms);
    world.send(PolicyLoaded{policy::builtin(), false});
    world.run(30s);
    ASSERT_TRUE(world.only().guard);
    EXPECT_NEAR(world.guard().ceiling, policy_cap, 0.01);
}

TEST(Locked, TakesBackAReleaseThatIsUnderWay) {
    World world = headphones_that_play();
    world.send(ReleaseWish{});
    world.pass(1ms);
    world.send(loaded(target_85_locked));
    world.run(30s);
    ASSERT_TRUE(world.only().guard);
    EXPECT_LE(world.guard().ceiling, cap_at_85 + 0.01);
}

TEST(PolicyChange, StricterActsAtOnceThoughARouteIsContested) {
    World world = headphones_that_play();
    world.run(5s);
    world.write_route_from_outside(0.5); // a slider that is dragged: the route is not held for a moment
    world.pass(10ms);
    world.write_route_from_outside(0.4);
    world.pass(10ms);
    world.send(loaded(target_85));
    EXPECT_NEAR(world.guard().ceiling, cap_at_85, 0.01);
}

TEST(PolicyChange, OfTheStartLevelBoundsTheNextPlug) {
    World world = headphones_that_play();
    world.send(loaded("[[rule]]\nname = \"quiet\"\nwhen = { kind = \"headphone-out\" }\nverdict = \"limit\"\ntarget = \"100 dB(A)\"\nstart-level = \"-30 dB\"\n"));
    world.unplug(0.5);
    world.run(5s);
    world.plug(0.5);
    world.run(5s);
    EXPECT_NEAR(to_db(world.guard().volume), -30.0, 0.01);
}

} // namespace
} // namespace soundwarden::engine::testing
