// SPDX-License-Identifier: MIT
// Programs that play to a guarded card past PipeWire are shown.
#include "engine_test_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace soundwarden::engine::testing {
namespace {

std::string shown(const World &world) {
    for (const Reason &reason : world.engine.snapshot().reasons)
        if (reason.token == "direct-alsa") return reason.sentence;
    return {};
}

TEST(DirectUse, OfAGuardedCardIsDegradedAsLongAsItLasts) {
    World world;
    SinkFacts facts = laptop();
    facts.pcm = PcmAddress{1, 0};
    world.add(facts);
    world.run(30s);
    world.send(DirectUse{{0, 0}, "mpv"});
    EXPECT_EQ(shown(world), "") << "another card";
    world.send(DirectUse{{1, 0}, "mpv"});
    EXPECT_NE(shown(world).find("mpv to " + facts.key), std::string::npos) << shown(world);
    EXPECT_EQ(world.engine.snapshot().state, RunState::degraded);
    world.send(DirectUse{{1, 0}, ""});
    EXPECT_EQ(shown(world), "");
    EXPECT_EQ(world.engine.snapshot().state, RunState::running);
}

TEST(DirectUse, IsKnownForACardThatComesLater) {
    World world;
    world.send(DirectUse{{1, 0}, "jackd"});
    SinkFacts facts = laptop();
    facts.pcm = PcmAddress{1, 0};
    world.add(facts);
    EXPECT_NE(shown(world).find("jackd"), std::string::npos);
}

TEST(PulseAudio, WithTheCardsToItselfMeansThatNothingIsProtected) {
    World world;
    world.send(Degraded{"no-bus", "no session bus"});
    world.send(Degraded{"pulseaudio", "PulseAudio has the sound cards"});
    EXPECT_EQ(world.engine.snapshot().state, RunState::not_protecting);
    EXPECT_EQ(world.engine.snapshot().reasons.front().token, "pulseaudio") << "the first line of status says why";
    world.add(laptop()); // PipeWire has one after all
    EXPECT_EQ(world.engine.snapshot().state, RunState::degraded);
    world.send(Degraded{"pulseaudio", ""});
    world.send(Degraded{"no-bus", ""});
    EXPECT_EQ(world.engine.snapshot().state, RunState::running);
}

} // namespace
} // namespace soundwarden::engine::testing
