// SPDX-License-Identifier: MIT
// When a guard counts as lost, for both orders in which its end may be told.
#include "guard_nodes.hpp"

#include <gtest/gtest.h>

namespace soundwarden::pipewire_adapter {
namespace {

constexpr std::uint32_t main_node = 41, out_node = 42;
constexpr GuardNodes pair{main_node, out_node, 2};

TEST(KnownGuards, AHalfThatWentIsLostAlsoWhereItsOwnerTellsOfItOnceMore) {
    for (const auto gone : {main_node, out_node}) {
        KnownGuards guards;
        guards.set("sink", pair);
        EXPECT_TRUE(guards.removed(gone));
        guards.set("sink", pair); // the other half changed its state meanwhile
        EXPECT_TRUE(guards.lost()) << gone;
        EXPECT_FALSE(guards.lost()) << "asked once for each loss";
    }
}

TEST(KnownGuards, NothingIsLostWhereTheOwnerKnowsOfTheEnd) {
    KnownGuards dropped;
    dropped.set("sink", pair);
    EXPECT_TRUE(dropped.removed(main_node));
    EXPECT_TRUE(dropped.removed(out_node));
    dropped.drop("sink");
    EXPECT_FALSE(dropped.lost());

    KnownGuards before; // the owner first
    before.set("sink", pair);
    before.drop("sink");
    EXPECT_FALSE(before.removed(main_node));
    EXPECT_FALSE(before.lost());

    KnownGuards anew; // with other nodes
    anew.set("sink", pair);
    EXPECT_TRUE(anew.removed(out_node));
    anew.set("sink", {main_node, 50, 2});
    EXPECT_FALSE(anew.lost());
}

TEST(KnownGuards, AnIdThatIsUsedAgainIsAnotherNode) {
    KnownGuards guards;
    guards.set("sink", pair);
    EXPECT_TRUE(guards.removed(main_node));
    guards.set("sink", {no_node, no_node, 2}); // made anew
    guards.set("sink", pair);                  // and given the same ids
    EXPECT_FALSE(guards.lost());
    EXPECT_TRUE(guards.removed(main_node));
    EXPECT_TRUE(guards.lost());
}

TEST(KnownGuards, WhatIsNoGuardsGoesUnnoticed) {
    KnownGuards guards;
    guards.set("sink", {main_node, no_node, 2}); // its second half is not there yet
    guards.set("other", {50, 51, 2});
    EXPECT_FALSE(guards.removed(out_node));
    EXPECT_FALSE(guards.lost());
    EXPECT_TRUE(guards.removed(50));
    EXPECT_TRUE(guards.lost());
    EXPECT_EQ(guards.find("nowhere"), nullptr);
    ASSERT_NE(guards.find("sink"), nullptr);
    EXPECT_EQ(guards.find("sink")->main, main_node);
}

} // namespace
} // namespace soundwarden::pipewire_adapter
