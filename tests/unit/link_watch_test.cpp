// SPDX-License-Identifier: MIT
// The warden's judgement over graphs as a registry tells them: whose link may live, and where its stream goes.
#include "link_watch.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace soundwarden::pipewire_adapter {
namespace {

constexpr std::uint32_t daemon_client = 30, session_manager = 31, player_client = 32, patchbay = 33;
constexpr std::uint32_t raw = 40, guard_main = 41, guard_out = 42, player = 43, other_sink = 44;
// One port each: the sink's number plus 60, outputs plus 80.
constexpr std::uint32_t raw_in = raw + 60, main_in = guard_main + 60, player_port = player + 80;

struct World {
    LinkWatch watch{{[this](std::uint32_t link) { destroyed.push_back(link); },
                     [this](std::uint32_t output, std::uint32_t input) { made.emplace_back(output, input); },
                     [this](Trespass trespass) { told.push_back(std::move(trespass)); },
                     [this](unsigned ms) { wake_ms = ms; }}};
    std::vector<std::uint32_t> destroyed;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> made;
    std::vector<Trespass> told;
    unsigned wake_ms = 0;

    World() {
        watch.add_client(session_manager, "WirePlumber");
        watch.add_client(player_client, "player");
        watch.add_client(patchbay, "Patchbay");
        sink(raw, session_manager, "alsa_output");
        sink(other_sink, session_manager, "other");
        source(player, player_client, "player");
        watch.complete();
    }
    void sink(std::uint32_t id, std::uint32_t client, const char *name) {
        watch.add_node(id, {client, name, "Audio/Sink"});
        watch.add_port(id + 60, {id, "0", "FL", true, false});
    }
    void source(std::uint32_t id, std::uint32_t client, const char *name) {
        watch.add_node(id, {client, name, "Stream/Output/Audio"});
        watch.add_port(id + 80, {id, "0", "FL", false, false});
    }
    void guard() {
        source(guard_out, daemon_client, "soundwarden.alsa_output.out");
        sink(guard_main, daemon_client, "soundwarden.alsa_output");
    }
    void order(bool session_part) {
        watch.order({daemon_client, session_part, {{"alsa_output", "soundwarden.alsa_output"}}});
    }
    void link(std::uint32_t id, std::uint32_t from, std::uint32_t to, std::uint32_t client = UINT32_MAX) {
        watch.add_link(id, {from, from + 80, to, to + 60, client});
    }
};

using Links = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

TEST(LinkWatch, OurOwnLinkLivesAlsoWhenItIsThereBeforeTheOrder) {
    World world;
    world.guard();
    world.link(1, guard_out, raw, session_manager);
    world.order(true);
    world.link(2, guard_out, raw, session_manager);
    EXPECT_TRUE(world.destroyed.empty());
}

TEST(LinkWatch, ANodeThatOnlyHasTheNameIsNotOurs) {
    World world;
    world.guard();
    world.order(true);
    world.source(50, player_client, "soundwarden.alsa_output.out");
    world.link(1, 50, raw);
    EXPECT_EQ(world.destroyed, std::vector{1U});
}

TEST(LinkWatch, TheGuardsMonitorIsNoWayRound) {
    World world;
    world.guard();
    world.watch.add_port(guard_main + 80, {guard_main, "0", "FL", false, true});
    world.order(true);
    world.link(1, guard_main, raw);
    EXPECT_EQ(world.destroyed, std::vector{1U});
    EXPECT_TRUE(world.made.empty()) << "it would be led round in a circle";
}

TEST(LinkWatch, AForeignLinkIsRemovedToldAndMadeAnewOntoTheGuardOnce) {
    World world;
    world.guard();
    world.order(true);
    world.link(1, player, raw, patchbay);
    world.link(2, player, raw); // again before the server has answered
    EXPECT_EQ(world.destroyed, (std::vector{1U, 2U}));
    EXPECT_EQ(world.made, (Links{{player_port, main_in}}));
    ASSERT_EQ(world.told.size(), 2U);
    EXPECT_EQ(world.told[0].offender, "player, linked by Patchbay");
    EXPECT_EQ(world.told[1].offender, "player");
    EXPECT_EQ(world.told[0].guard, "soundwarden.alsa_output");
    world.link(3, player, guard_main);
    world.link(4, player, raw);
    EXPECT_EQ(world.made.size(), 1U) << "it is there";
    world.watch.remove(3);
    world.link(5, player, raw);
    EXPECT_EQ(world.made.size(), 2U);
}

TEST(LinkWatch, ARefusedLinkMayBeAskedForAgain) {
    World world;
    world.guard();
    world.order(true);
    world.link(1, player, raw);
    world.watch.answered(player_port, main_in);
    world.link(2, player, raw);
    EXPECT_EQ(world.made.size(), 2U);
}

TEST(LinkWatch, LinksFromBeforeTheGuardAreRemovedButNoOffence) {
    World world;
    world.link(1, player, raw, player_client);
    world.order(true);
    EXPECT_EQ(world.destroyed, std::vector{1U});
    EXPECT_TRUE(world.told.empty());
    EXPECT_TRUE(world.made.empty());
    world.guard();
    EXPECT_EQ(world.made, (Links{{player_port, main_in}})) << "as soon as there is a guard";
}

TEST(LinkWatch, ASessionManagerWithOurPartLeadsItsStreamsItself) {
    World world;
    world.guard();
    world.order(true);
    world.link(1, player, raw, session_manager);
    EXPECT_EQ(world.destroyed, std::vector{1U});
    EXPECT_TRUE(world.made.empty());
    EXPECT_EQ(world.wake_ms, 0U);
}

TEST(LinkWatch, ASessionManagerWithoutItGetsTimeTo) {
    for (const bool led : {false, true}) {
        World world;
        world.guard();
        world.order(false);
        world.link(1, player, raw, session_manager);
        EXPECT_EQ(world.destroyed, std::vector{1U});
        EXPECT_TRUE(world.made.empty());
        EXPECT_GT(world.wake_ms, 0U);
        if (led) world.link(2, player, guard_main, session_manager);
        world.watch.judge_waiting();
        EXPECT_EQ(world.made.size(), led ? 0U : 1U);
    }
}

TEST(LinkWatch, WhatTheGuardGivesGoesToItsOwnSinkOnly) {
    World world;
    world.guard();
    world.order(true);
    world.link(1, guard_out, other_sink, session_manager);
    EXPECT_EQ(world.destroyed, std::vector{1U});
    world.watch.add_node(51, {player_client, "recorder", "Stream/Input/Audio"});
    world.watch.add_port(51 + 60, {51, "0", "FL", true, false});
    world.link(2, guard_out, 51);
    EXPECT_EQ(world.destroyed.size(), 1U) << "who listens harms nobody";
}

TEST(LinkWatch, ASinkMadeAnewIsWatchedBeforeAnybodySaysSo) {
    World world;
    world.guard();
    world.order(true);
    world.watch.remove(raw_in);
    world.watch.remove(raw);
    world.sink(52, session_manager, "alsa_output");
    world.link(1, player, 52);
    world.link(2, guard_out, 52, session_manager);
    EXPECT_EQ(world.destroyed, std::vector{1U});
}

TEST(LinkWatch, OtherSinksAndReleasedOnesAreLeftAlone) {
    World world;
    world.guard();
    world.order(true);
    world.link(1, player, other_sink);
    world.watch.order({daemon_client, true, {}});
    world.link(2, player, raw);
    EXPECT_TRUE(world.destroyed.empty());
}

TEST(LinkWatch, PortsThatWentAwayAreForgotten) {
    World world;
    world.order(true);
    world.link(1, player, raw);
    world.watch.remove(player_port);
    world.guard();
    EXPECT_TRUE(world.made.empty());
}

} // namespace
} // namespace soundwarden::pipewire_adapter
