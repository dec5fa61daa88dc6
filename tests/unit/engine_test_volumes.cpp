// SPDX-License-Identifier: MIT
// Where the user's volume lives: in the guard, per (output, class of load); the route behind it at 1.0.
#include "engine_test_world.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace soundwarden::engine::testing {
namespace {

const double start_volume = amplitude({-15.0});

World laptop_at_rest(double speaker_volume = 0.8) {
    World world;
    world.add(laptop(speaker_volume));
    world.run(30s);
    return world;
}

World headphones_at_rest() {
    World world = laptop_at_rest();
    world.plug(0.5);
    world.run(20s);
    return world;
}

TEST(Volumes, RememberedVolumeIsUsedForSpeakersAndCappedByTheStartLevelForHeadphones) {
    World world;
    world.send(Remembered{{{speaker_id, LoadClass::speakers, 0.6}, {headphones_id, LoadClass::unknown, 0.7}}, {}});
    world.add(laptop(0.2));
    EXPECT_EQ(world.guard().volume, 0.6);
    world.run(20s);
    world.plug(0.5);
    EXPECT_DOUBLE_EQ(world.guard().volume, start_volume);
}

TEST(Volumes, ARememberedVolumeBelowTheStartLevelIsTaken) {
    World world;
    world.send(Remembered{{{headphones_id, LoadClass::unknown, 0.05}}, {}});
    world.add(laptop());
    world.run(20s);
    world.plug(0.5);
    EXPECT_EQ(world.guard().volume, 0.05);
}

TEST(Volumes, AnotherClassOfLoadHasNoShareInIt) {
    World world;
    world.send(Remembered{{{headphones_id, LoadClass::speakers, 0.01}, {speaker_id, LoadClass::ears, 0.01}}, {}});
    world.add(laptop(0.5));
    EXPECT_EQ(world.guard().volume, 0.5);
    world.run(20s);
    world.plug(0.3);
    EXPECT_DOUBLE_EQ(world.guard().volume, start_volume);
}

TEST(Volumes, AfterACrashTheMarkIsTheUsersVolumeNotOur1) {
    World world;
    world.send(Remembered{{}, {{laptop().key, "analog-output-speaker", 0.35}}});
    world.add(laptop(1.0));
    EXPECT_EQ(world.guard().volume, 0.35);
}

TEST(Volumes, AMarkDoesNotCountWhereTheRouteWasMovedSince) {
    World world;
    world.send(Remembered{{}, {{laptop().key, "analog-output-speaker", 0.35}}});
    world.add(laptop(0.5));
    EXPECT_EQ(world.guard().volume, 0.5);
}

TEST(Volumes, WirePlumbersDoubleWriteWhileSettlingIsNeverAWish) {
    World world = laptop_at_rest();
    world.plug(1.0);
    for (const double stored : {1.0, 0.9, 3.0}) {
        world.pass(3ms);
        world.write_route_from_outside(stored);
        EXPECT_DOUBLE_EQ(world.guard().volume, start_volume);
        world.answer();
        EXPECT_EQ(world.only().facts.active->volume, 1.0);
    }
    world.run(10s);
    EXPECT_DOUBLE_EQ(world.guard().volume, start_volume);
    for (const RememberVolume &effect : world.in_all<RememberVolume>()) EXPECT_NE(effect.output, headphones_id);
}

TEST(Volumes, ALoudStoredVolumeAtFirstSightNeverRaisesTheUsersOwn) {
    World world;
    world.add(laptop(0.064));
    world.pass(3ms);
    world.write_route_from_outside(1.0);
    world.run(10s);
    EXPECT_EQ(world.guard().volume, 0.064);
}

TEST(Volumes, AQuieterStoredVolumeAtFirstSightIsTheUsersOwn) {
    World world;
    world.add(laptop(1.0)); // as the card was found, before WirePlumber restores
    world.pass(3ms);
    world.answer();
    world.write_route_from_outside(0.1);
    world.run(10s);
    EXPECT_EQ(world.guard().volume, 0.1);
    EXPECT_EQ(world.only().facts.active->volume, 1.0);
}

TEST(Volumes, ARouteBelowOneIsTheUsersWish) {
    World world = headphones_at_rest();
    world.write_route_from_outside(0.3);
    ASSERT_EQ(world.in_last<SetGuardVolume>().size(), 1U);
    EXPECT_EQ(world.in_last<SetGuardVolume>()[0].volume, 0.3);
    ASSERT_EQ(world.in_last<WriteRoute>().size(), 1U);
    EXPECT_EQ(world.in_last<WriteRoute>()[0].volume, 1.0);
    world.run(2s);
    EXPECT_EQ(world.guard().volume, 0.3);
    EXPECT_EQ(world.only().facts.active->volume, 1.0);
    const auto kept = world.in_all<RememberVolume>();
    ASSERT_FALSE(kept.empty());
    EXPECT_EQ(kept.back().output, headphones_id);
    EXPECT_EQ(kept.back().volume, 0.3);
}

TEST(Volumes, ARouteAboveOneGoesBackAndMovesNothing) {
    World world = headphones_at_rest();
    world.write_route_from_outside(1.5);
    EXPECT_TRUE(world.in_last<SetGuardVolume>().empty());
    ASSERT_EQ(world.in_last<WriteRoute>().size(), 1U);
    EXPECT_EQ(world.in_last<WriteRoute>()[0].volume, 1.0);
}

TEST(Volumes, ADraggedRouteSliderIsFollowedWithoutAFight) {
    World world = headphones_at_rest();
    for (int i = 0; i < 60; ++i) {
        const double wish = 0.9 - 0.01 * i;
        world.write_route_from_outside(wish);
        EXPECT_NEAR(world.guard().volume, wish, 1e-9);
        world.run(33ms);
    }
    world.run(1s);
    EXPECT_NEAR(world.guard().volume, 0.9 - 0.59, 1e-9);
    EXPECT_EQ(world.only().facts.active->volume, 1.0);
    EXPECT_EQ(world.engine.snapshot().state, RunState::running);
}

TEST(Volumes, MuteMovesToTheGuard) {
    World world = headphones_at_rest();
    world.only().facts.active->mute = true;
    world.change(world.only().facts.key);
    ASSERT_EQ(world.in_last<SetGuardVolume>().size(), 1U);
    EXPECT_TRUE(world.in_last<SetGuardVolume>()[0].mute);
    ASSERT_EQ(world.in_last<WriteRoute>().size(), 1U);
    EXPECT_EQ(world.in_last<WriteRoute>()[0].mute, false);
    world.run(2s);
    EXPECT_FALSE(world.only().facts.active->mute);
    EXPECT_TRUE(world.guard().mute);
    EXPECT_TRUE(world.view(headphones_id).mute);
}

TEST(Volumes, TheKeyThatMutedBringsTheSoundBack) {
    World world = headphones_at_rest();
    for (const bool muted : {true, false}) {
        world.only().facts.active->mute = true;
        world.change(world.only().facts.key);
        world.run(2s);
        EXPECT_EQ(world.guard().mute, muted);
    }
}

TEST(Volumes, MuteStaysWithItsOutput) {
    World world = headphones_at_rest();
    world.move_slider(start_volume, true);
    world.unplug(0.9);
    EXPECT_FALSE(world.guard().mute);
    world.run(20s);
    world.plug(0.5);
    EXPECT_TRUE(world.guard().mute);
}

TEST(Volumes, ARouteFoundMutedIsMutedInTheGuard) {
    World world;
    SinkFacts facts = laptop();
    facts.active->mute = true;
    world.add(facts);
    EXPECT_TRUE(world.in_all<MakeGuard>()[0].mute);
    world.run(5s);
    EXPECT_TRUE(world.guard().mute);
    EXPECT_FALSE(world.only().facts.active->mute);
}

TEST(Volumes, TheSlidersVolumeIsRememberedOnceItRests) {
    World world = laptop_at_rest();
    for (int i = 0; i < 50; ++i) {
        world.move_slider(0.3 + 0.005 * i);
        world.run(20ms);
    }
    EXPECT_TRUE(world.in_all<RememberVolume>().empty());
    world.run(2s);
    ASSERT_EQ(world.in_all<RememberVolume>().size(), 1U);
    EXPECT_NEAR(world.in_all<RememberVolume>()[0].volume, 0.3 + 0.005 * 49, 1e-9);
    EXPECT_EQ(world.in_all<RememberVolume>()[0].load_class, LoadClass::speakers);
    EXPECT_EQ(world.engine.deadline(), std::nullopt);
}

TEST(Volumes, OurOwnEchoIsNoWish) {
    World world = laptop_at_rest();
    world.plug(0.5);
    world.run(20s);
    EXPECT_TRUE(world.in_all<RememberVolume>().empty());
}

TEST(Volumes, ALateRestoreOfTheNodesVolumeIsOverwritten) {
    World world;
    world.add(laptop());
    world.pass(4ms);
    world.guard().volume = 0.512; // WirePlumber 0.4.13 restores although it is asked not to
    world.send(GuardVolume{world.only().facts.key, 0.512, false});
    ASSERT_EQ(world.in_last<SetGuardVolume>().size(), 1U);
    EXPECT_EQ(world.in_last<SetGuardVolume>()[0].volume, 0.8);
    world.run(20s);
    EXPECT_EQ(world.guard().volume, 0.8);
}

TEST(Volumes, ASliderMovedForTheOldOutputDoesNotReachTheNewOne) {
    World world = laptop_at_rest();
    world.plug(0.5);
    // On its way when the switch was made: set on the node before ours.
    world.send(GuardVolume{world.only().facts.key, 0.9, false});
    world.answer();
    EXPECT_DOUBLE_EQ(world.guard().volume, start_volume);
    EXPECT_DOUBLE_EQ(world.view(headphones_id).volume, start_volume);
}

TEST(Volumes, EveryPlugStartsAtTheStartLevelAgain) {
    World world = headphones_at_rest();
    world.move_slider(0.9);
    world.run(2s);
    world.unplug(0.8);
    world.run(10s);
    world.plug(0.5);
    EXPECT_DOUBLE_EQ(world.guard().volume, start_volume);
}

TEST(Volumes, SpeakersKeepWhatTheUserGaveThem) {
    World world = laptop_at_rest();
    world.move_slider(0.55);
    world.run(2s);
    world.plug(0.5);
    world.run(10s);
    world.unplug(0.9);
    EXPECT_EQ(world.guard().volume, 0.55);
}

TEST(Volumes, AZeroVolumeIsNoDivisionByZero) {
    World world = headphones_at_rest();
    world.move_slider(0.0);
    world.run(2s);
    world.unplug(0.9);
    EXPECT_EQ(world.guard().volume, 0.8);
    EXPECT_LE(world.guard().gain, -60.0) << "from silence nothing jumps up";
    world.run(30s);
    EXPECT_EQ(world.guard().gain, 0.0);
}

TEST(Volumes, VolumesThatAreNoNumbersChangeNothing) {
    World world = laptop_at_rest();
    for (const double odd : {std::numeric_limits<double>::quiet_NaN(), -1.0, std::numeric_limits<double>::infinity()}) {
        world.send(GuardVolume{world.only().facts.key, odd, false});
        world.answer();
        world.run(500ms);
        EXPECT_EQ(world.view(speaker_id).volume, 0.8);
    }
    world.write_route_from_outside(std::numeric_limits<double>::quiet_NaN());
    world.run(2s);
    EXPECT_EQ(world.view(speaker_id).volume, 0.8);
}

TEST(Volumes, AForeignLinkPutsTheRouteBackAndItIsTakenAgainWithoutAJump) {
    World world = headphones_at_rest();
    const SinkKey key = world.only().facts.key;
    world.only().facts.foreign_links = 2;
    world.change(key);
    ASSERT_EQ(world.in_last<WriteRoute>().size(), 1U);
    EXPECT_DOUBLE_EQ(world.in_last<WriteRoute>()[0].volume, start_volume);
    EXPECT_EQ(world.engine.snapshot().state, RunState::degraded);
    EXPECT_EQ(world.engine.snapshot().reasons[0].token, "foreign-link");
    world.run(5s);
    const double before = world.product(key);
    world.only().facts.foreign_links = 0;
    world.change(key);
    EXPECT_TRUE(world.in_last<WriteRoute>().empty()) << "first the guard's gain comes down";
    world.answer();
    EXPECT_EQ(world.only().facts.active->volume, 1.0);
    EXPECT_LE(world.product(key), before + 0.01);
    EXPECT_EQ(world.engine.snapshot().state, RunState::running);
    world.run(20s);
    EXPECT_NEAR(world.guard().gain, -9.4007, 0.01);
}

TEST(Volumes, LinksThatTheWardenRemovedAreCountedAndChangeNothingElse) {
    World world = headphones_at_rest();
    const SinkKey key = world.only().facts.key;
    const double gain = world.guard().gain;
    const auto reports = [&] {
        std::size_t count = 0;
        for (const Effect &effect : world.last) count += std::holds_alternative<Report>(effect) ? 1 : 0;
        return count;
    };
    world.send(ForeignLink{key, "player", 2});
    EXPECT_EQ(reports(), 1U);
    EXPECT_EQ(world.last.size(), 1U) << "a line in the journal and nothing else";
    for (int other = 0; other < 40; ++other) {
        world.send(ForeignLink{key, "other " + std::to_string(other), 1});
        EXPECT_EQ(reports(), 0U) << "one line in 10 s";
    }
    world.send(ForeignLink{key, "player", 1});
    const auto &offenders = world.view(headphones_id).offenders;
    EXPECT_EQ(offenders.size(), 16U);
    std::uint32_t all = 0;
    for (const Offender &offender : offenders) {
        all += offender.times;
        EXPECT_TRUE(offender.name != "player" || offender.times == 3U);
    }
    EXPECT_EQ(all, 43U);
    EXPECT_EQ(world.guard().gain, gain);
    EXPECT_EQ(world.engine.snapshot().state, RunState::running);
    world.run(11s);
    world.send(ForeignLink{key, "player", 1});
    EXPECT_EQ(reports(), 1U);
    world.send(ForeignLink{"nobody", "player", 1});
    EXPECT_TRUE(world.last.empty());
}

TEST(Volumes, AGuardWithoutLinksDoesNotLeaveTheSinkOpen) {
    World world = headphones_at_rest();
    const SinkKey key = world.only().facts.key;
    world.send(GuardLinked{key, false});
    EXPECT_DOUBLE_EQ(world.in_last<WriteRoute>().back().volume, start_volume);
    world.answer();
    world.send(GuardLinked{key, true});
    world.run(20s);
    EXPECT_EQ(world.only().facts.active->volume, 1.0);
    EXPECT_NEAR(world.guard().gain, -9.4007, 0.01);
}

TEST(Volumes, TwoProgramsThatBothInsistDoNotWriteForEver) {
    World world = headphones_at_rest();
    world.all.clear();
    for (int i = 0; i < 100; ++i) {
        world.write_route_from_outside(1.5);
        world.run(10ms);
    }
    EXPECT_LE(world.in_all<WriteRoute>().size(), 11U);
    EXPECT_EQ(world.engine.snapshot().reasons.at(0).token, "volume-contested");
    EXPECT_LE(world.guard().gain, -32.0) << "held at the settling level meanwhile";
    world.run(60s);
    EXPECT_EQ(world.only().facts.active->volume, 1.0);
    EXPECT_EQ(world.engine.snapshot().state, RunState::running);
    EXPECT_EQ(world.engine.deadline(), std::nullopt);
}

TEST(Volumes, ACardThatDoesNotTakeTheWriteIsLeftAloneAfterSixTries) {
    World world;
    world.answering = false;
    world.add(laptop(0.5));
    const SinkKey key = world.only().facts.key;
    world.send(GuardLinked{key, true});
    world.send(GuardTook{key, world.in_all<OrderGuard>().back().order.generation});
    world.run(10s);
    EXPECT_EQ(world.in_all<WriteRoute>().size(), 6U);
    EXPECT_EQ(world.view(speaker_id).state, OutputState::free) << "quieter, but not dead";
    EXPECT_EQ(world.engine.snapshot().reasons.at(0).token, "volume-contested");
    world.run(60s);
    EXPECT_EQ(world.engine.deadline(), std::nullopt);
    // A machine that was too busy answers in the end.
    world.write_route_from_outside(1.0);
    EXPECT_TRUE(world.engine.snapshot().reasons.empty());
}

} // namespace
} // namespace soundwarden::engine::testing
