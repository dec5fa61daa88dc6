// SPDX-License-Identifier: MIT
// What a used-up dose does to what plays: it lowers what the governor holds, and nothing else. issue 8, "Policy on dose";
// architecture.md, "The way of the data".
#include "engine_test_sensed.hpp"

#include <gtest/gtest.h>

namespace soundwarden::engine::testing {
namespace {

// 116.5 dB SPL at 1 V, 1.4 V at full scale (product.md, "Default caps").
const double spl_at_full_scale = 116.5 + 20.0 * std::log10(1.4);

struct Playing : SensedLaptop {
    Playing() {
        plug();
        rest();
    }
    double governor() { return world.guard().order.governor.value; }
    void limit(std::optional<double> level) {
        world.send(DoseLimit{level ? std::optional(Decibels{*level}) : std::nullopt});
        world.answer();
    }
};

TEST(Ear, is_at_what_may_be_headphones_and_not_at_speakers) {
    SensedLaptop at;
    at.rest();
    EXPECT_FALSE(at.world.view(speaker_id).ear);
    EXPECT_FALSE(at.world.view(headphones_id).ear) << "nothing is plugged in";
    at.plug();
    at.rest();
    ASSERT_TRUE(at.world.view(headphones_id).ear);
    EXPECT_NEAR(at.world.view(headphones_id).ear->spl_at_full_scale.value, spl_at_full_scale, 0.01);
    EXPECT_TRUE(at.world.view(headphones_id).ear->estimate) << "nobody knows these headphones";
    EXPECT_NEAR(at.world.view(headphones_id).ear->target.value, 100.0, 0.01);
}

TEST(Ear, hears_by_the_model_that_was_named_and_not_where_somebody_said_speakers) {
    SensedLaptop at;
    at.plug();
    LoadFacts facts;
    facts.sensitivity = Decibels{102.2};
    facts.impedance = Ohms{300};
    facts.model = "HD 600";
    facts.model_from = ModelFrom::user;
    at.world.send(AnswerWish{headphones_id, Load::headphones, facts});
    at.rest();
    ASSERT_TRUE(at.world.view(headphones_id).ear);
    EXPECT_NEAR(at.world.view(headphones_id).ear->spl_at_full_scale.value, 102.2 + 20.0 * std::log10(1.4), 0.01);
    at.world.send(AnswerWish{headphones_id, Load::active_speakers, {}});
    at.rest();
    EXPECT_FALSE(at.world.view(headphones_id).ear);
}

TEST(DoseLimit, lowers_what_the_governor_holds_and_moves_nothing_else) {
    Playing at;
    const SimGuard before = at.world.guard();
    EXPECT_NEAR(at.governor(), 100.0 - spl_at_full_scale, 0.01);
    at.limit(80.0);
    EXPECT_NEAR(at.governor(), 80.0 - spl_at_full_scale, 0.01);
    EXPECT_EQ(at.world.guard().order.gain, before.order.gain);
    EXPECT_EQ(at.world.guard().order.ceiling, before.order.ceiling);
    EXPECT_EQ(at.world.guard().gain, before.gain);
    EXPECT_EQ(at.world.guard().volume, before.volume);
    EXPECT_EQ(at.world.view(headphones_id).state, OutputState::guarded) << "nothing settles anew";
    at.limit(std::nullopt);
    EXPECT_NEAR(at.governor(), 100.0 - spl_at_full_scale, 0.01);
}

TEST(DoseLimit, never_lifts_what_the_rules_say) {
    Playing at;
    at.limit(110.0);
    EXPECT_NEAR(at.governor(), 100.0 - spl_at_full_scale, 0.01);
}

TEST(DoseLimit, control_speakers_are_left_alone) {
    SensedLaptop at;
    at.rest();
    at.world.send(DoseLimit{Decibels{55.0}});
    EXPECT_TRUE(at.world.in_last<OrderGuard>().empty());
    EXPECT_EQ(at.world.guard().order.governor.value, std::numeric_limits<double>::infinity());
}

TEST(DoseLimit, holds_for_what_is_plugged_in_later) {
    SensedLaptop at;
    at.rest();
    at.world.send(DoseLimit{Decibels{55.0}});
    at.plug();
    at.rest();
    EXPECT_NEAR(at.world.guard().order.governor.value, 55.0 - spl_at_full_scale, 0.01);
}

TEST(DoseLimit, comes_into_force_while_it_still_settles) {
    SensedLaptop at;
    at.rest();
    at.plug();
    ASSERT_EQ(at.world.view(headphones_id).state, OutputState::settling);
    at.world.send(DoseLimit{Decibels{55.0}});
    EXPECT_LE(at.world.guard().order.governor.value, 55.0 - spl_at_full_scale + 0.01);
    at.rest();
    EXPECT_NEAR(at.world.guard().order.governor.value, 55.0 - spl_at_full_scale, 0.01);
}

TEST(DoseLimit, no_override_lifts_it) {
    Playing at;
    at.limit(55.0);
    at.world.send(OverrideWish{headphones_id, Decibels{-5.0}, 10min});
    at.rest();
    EXPECT_NEAR(at.governor(), 55.0 - spl_at_full_scale, 0.01);
}

TEST(DoseLimit, goes_with_the_gain_behind_the_guard) {
    Playing at;
    at.world.only().facts.software_gain = 2.0;
    at.world.change(at.world.only().facts.key);
    at.limit(80.0);
    EXPECT_NEAR(at.governor(), 80.0 - spl_at_full_scale - 20.0 * std::log10(2.0), 0.01);
}

TEST(DoseLimit, that_stays_as_it_is_orders_nothing) {
    Playing at;
    at.limit(80.0);
    at.world.send(DoseLimit{Decibels{80.0}});
    EXPECT_TRUE(at.world.last.empty());
}

} // namespace
} // namespace soundwarden::engine::testing
