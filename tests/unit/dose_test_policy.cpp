// SPDX-License-Identifier: MIT
// What follows from a dose: notices, warnings, the soft landing and the stop. issue 8, "Policy on dose".
#include "dose_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace soundwarden::dose::testing {
namespace {

using Kind = Notice::Kind;

/// Minutes at 90 dB(A) that make so many per cent: 4 hours are 100.
constexpr double minutes_of(double percent) { return 2.4 * percent; }

std::vector<double> thresholds(const World &at) {
    std::vector<double> told;
    for (const Notice &each : at.notices)
        if (each.kind == Kind::allowance) told.push_back(each.percent);
    return told;
}

TEST(Notices, come_once_at_50_80_100_and_each_further_100_per_cent) {
    World at;
    at.tick();
    at.play_minutes(minutes_of(330), 90.0);
    EXPECT_EQ(thresholds(at), (std::vector<double>{50, 80, 100, 200, 300}));
}

TEST(Notices, say_how_loud_it_is_and_whether_that_is_an_estimate) {
    World at;
    at.source().estimate = true;
    at.tick();
    at.play_minutes(minutes_of(51), 90.0);
    ASSERT_EQ(at.notices.size(), 1U);
    EXPECT_NEAR(at.notices[0].level.value, 90.0, 1e-6);
    EXPECT_EQ(at.notices[0].output, "headphones");
    EXPECT_TRUE(at.notices[0].estimate);
}

TEST(Notices, are_those_of_the_policy) {
    World at;
    at.settings.notices = {25};
    at.tick();
    at.play_minutes(minutes_of(130), 90.0);
    EXPECT_EQ(thresholds(at), (std::vector<double>{25, 125}));
    World none;
    none.settings.notices = {};
    none.tick();
    none.play_minutes(minutes_of(330), 90.0);
    EXPECT_TRUE(thresholds(none).empty());
}

TEST(Notices, of_the_run_before_are_not_told_again) {
    World before;
    before.tick();
    before.play_minutes(minutes_of(85), 90.0);
    World at;
    at.now = {5.0, before.now.unix_s};
    at.keeper.take_over(before.keeper.to_save(before.now), at.now.unix_s);
    at.tick();
    EXPECT_TRUE(at.notices.empty());
    at.play_minutes(minutes_of(20), 90.0);
    EXPECT_EQ(thresholds(at), (std::vector<double>{100}));
}

TEST(Notices, come_again_in_the_next_week_and_not_for_a_wobble) {
    World at;
    at.tick();
    at.play_minutes(minutes_of(51), 90.0);
    at.pass(7.1 * static_cast<double>(day_s));
    at.tick();
    at.play_minutes(minutes_of(51), 90.0);
    EXPECT_EQ(thresholds(at), (std::vector<double>{50, 50}));
    // The allowance moves a little and back, as the rolling week does.
    for (int i = 0; i < 10; ++i) {
        at.settings.allowance_pa2h = i % 2 == 0 ? 1.62 : 1.6;
        at.tick();
    }
    EXPECT_EQ(thresholds(at).size(), 2U);
}

TEST(Warning, comes_at_once_above_100_dBA_and_not_more_often_than_every_five_minutes) {
    World at;
    at.tick();
    at.play(10, 99.9);
    EXPECT_EQ(at.count(Kind::too_loud), 0U);
    at.play(1, 100.5);
    EXPECT_EQ(at.count(Kind::too_loud), 1U);
    EXPECT_NEAR(at.notices.back().level.value, 100.5, 1e-6);
    at.play(298, 101.0);
    EXPECT_EQ(at.count(Kind::too_loud), 1U);
    at.play(3, 101.0);
    EXPECT_EQ(at.count(Kind::too_loud), 2U);
}

// --- The soft landing, and the stop ---------------------------------------------------------------------------------------------

World landing_at(double percent) {
    World at;
    at.settings.soft_landing = percent;
    at.tick();
    return at;
}

TEST(Landing, control_without_it_nothing_is_held) {
    World at;
    at.tick();
    at.play_minutes(minutes_of(400), 90.0);
    EXPECT_FALSE(at.keeper.now().limit);
    EXPECT_EQ(at.count(Kind::landing), 0U);
}

TEST(Landing, falls_to_80_dBA_by_no_more_than_1_dB_a_minute) {
    World at = landing_at(50);
    at.play_minutes(minutes_of(49), 90.0);
    EXPECT_FALSE(at.keeper.now().limit);
    double last = 100.0;
    for (int s = 0; s < 40 * 60; ++s) {
        at.play(1, 92.0);
        if (!at.keeper.now().limit) continue;
        const double limit = at.keeper.now().limit->value;
        ASSERT_LE(limit, last);
        ASSERT_GE(limit, last - 0.5) << "half a decibel at a time, twice a minute";
        last = limit;
    }
    EXPECT_EQ(last, 80.0);
    EXPECT_EQ(at.count(Kind::landing), 1U);
    // From 100 to 80 takes 20 minutes: after ten it stood half-way.
    World half = landing_at(50);
    half.play_minutes(minutes_of(50) - 1, 90.0);
    while (!half.keeper.now().limit) half.play(1, 90.0);
    half.play(600, 70.0);
    EXPECT_NEAR(half.keeper.now().limit->value, 90.0, 0.6);
}

TEST(Landing, begins_at_the_target_that_holds_already) {
    World at = landing_at(50);
    at.source().target = Decibels{85.0};
    at.play_minutes(minutes_of(50) + 2, 84.0 + 6.0);
    ASSERT_TRUE(at.keeper.now().limit);
    EXPECT_LE(at.keeper.now().limit->value, 85.0);
}

TEST(Landing, of_a_run_that_begins_with_a_used_week_holds_from_the_first_moment) {
    World before = landing_at(50);
    before.play_minutes(minutes_of(60), 90.0);
    World at;
    at.settings.soft_landing = 50;
    at.now = {5.0, before.now.unix_s};
    at.keeper.take_over(before.keeper.to_save(before.now), at.now.unix_s);
    at.tick();
    EXPECT_EQ(at.keeper.now().limit, Decibels{80.0});
    EXPECT_EQ(at.count(Kind::landing), 0U) << "that was told before";
}

TEST(Stop, holds_55_dBA_at_once_and_is_never_silence) {
    World at;
    at.settings.stop = 100;
    at.tick();
    at.play_minutes(minutes_of(99), 90.0);
    EXPECT_FALSE(at.keeper.now().limit);
    at.play_minutes(minutes_of(2), 90.0);
    EXPECT_EQ(at.keeper.now().limit, Decibels{55.0});
    EXPECT_EQ(at.count(Kind::stop), 1U);
    at.play_minutes(minutes_of(2000), 90.0);
    EXPECT_EQ(at.keeper.now().limit, Decibels{55.0});
}

TEST(Stop, lets_go_by_1_dB_a_minute_and_not_for_a_wobble) {
    World at;
    at.settings.stop = 100;
    at.tick();
    at.play_minutes(minutes_of(101), 90.0);
    ASSERT_EQ(at.keeper.now().limit, Decibels{55.0});
    at.settings.allowance_pa2h = 1.63; // 99 %
    at.play_minutes(5, 50.0);
    EXPECT_EQ(at.keeper.now().limit, Decibels{55.0});
    at.settings.allowance_pa2h = 1.8; // 90 %
    double last = 55.0;
    for (int s = 0; s < 60 * 60 && at.keeper.now().limit; ++s) {
        at.play(1, 50.0);
        if (!at.keeper.now().limit) break;
        const double limit = at.keeper.now().limit->value;
        ASSERT_GE(limit, last);
        ASSERT_LE(limit, last + 0.5);
        last = limit;
    }
    EXPECT_FALSE(at.keeper.now().limit);
    EXPECT_GE(last, 99.0);
}

TEST(Stop, and_landing_together_go_down_to_the_lower_and_up_to_the_higher_first) {
    World at = landing_at(80);
    at.settings.stop = 100;
    at.play_minutes(minutes_of(82) + 30, 90.0 - 20.0);
    at.play_minutes(minutes_of(104), 90.0);
    ASSERT_EQ(at.keeper.now().limit, Decibels{55.0});
    at.settings.allowance_pa2h = 1.9;
    at.play_minutes(60, 50.0);
    EXPECT_EQ(at.keeper.now().limit, Decibels{80.0});
}

// Whatever happens: never below 55, never up by more than 1 dB a minute, and strict where a stop is due.
TEST(AnyWeek, keeps_the_bounds_of_the_limit) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        std::mt19937 engine(seed);
        const auto dice = [&](unsigned sides) { return static_cast<double>(engine() % sides); };
        World at;
        at.settings.soft_landing = dice(2) == 0 ? std::optional(20.0 + dice(80)) : std::nullopt;
        at.settings.stop = dice(2) == 0 ? std::optional(60.0 + dice(100)) : std::nullopt;
        double last = 1000.0;
        for (int i = 0; i < 3000; ++i) {
            if (dice(100) == 0) at.pass(dice(200'000));
            const double before = at.now.monotonic_s;
            at.play_minutes(1, 60.0 + dice(50));
            const double limit = at.keeper.now().limit ? at.keeper.now().limit->value : 1000.0;
            ASSERT_GE(limit, 55.0);
            if (limit > last && limit < 1000.0) {
                ASSERT_LE(limit - last, (at.now.monotonic_s - before) / 60.0 + 0.5);
            }
            if (at.settings.stop && at.percent() >= *at.settings.stop) {
                ASSERT_EQ(limit, 55.0);
            }
            if (at.settings.soft_landing && at.percent() >= *at.settings.soft_landing && at.percent() < at.settings.stop.value_or(1e9)) {
                ASSERT_LE(limit, 100.0);
            }
            last = limit;
        }
    }
}

} // namespace
} // namespace soundwarden::dose::testing
