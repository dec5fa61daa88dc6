// SPDX-License-Identifier: MIT
// The dose and the two clocks: pauses, midnight, clocks that are set, what is kept for how long, what is written when.
// issue 8, "History" and "Must hold".
#include "dose_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace soundwarden::dose::testing {
namespace {

double sum(const std::vector<Row> &rows) {
    double all = 0.0;
    for (const Row &row : rows) all += row.exposure.pa2h;
    return all;
}
double sum(const Keeper &keeper, Span span, std::int64_t from = 0) { return sum(keeper.history().rows(span, from)); }

TEST(Pause, counts_nothing) {
    World at;
    at.play(60, 90.0);
    const Exposure before = at.keeper.now().week;
    at.pass(3600.0);
    at.tick();
    EXPECT_EQ(at.keeper.now().week, before);
    EXPECT_FALSE(at.keeper.now().level);
    at.play(60, 90.0);
    EXPECT_NEAR(at.keeper.now().week.pa2h, 2.0 * before.pa2h, 1e-12);
}

TEST(Starved, a_daemon_that_comes_late_counts_all_the_same) {
    World at;
    at.play(60, 90.0);
    const double minute = at.keeper.now().week.pa2h;
    at.play_minutes(1, 90.0);
    EXPECT_NEAR(at.keeper.now().week.pa2h, 2.0 * minute, 1e-9);
}

TEST(NewGuard, counts_from_its_beginning_and_the_old_one_only_once) {
    World at;
    at.play(10, 90.0);
    at.source() = Source{"headphones", 2, 0.0, {0.0, 0.0}, Decibels{110.0}, false};
    at.play(10, 90.0);
    EXPECT_NEAR(at.keeper.now().week.pa2h, exposure_pa2h(Decibels{90.0}, 20.0), 1e-12);
}

TEST(Speakers, are_never_counted_and_no_ear_pays_for_them_later) {
    World at;
    at.source().spl_at_full_scale.reset();
    at.play(100, 100.0);
    EXPECT_EQ(at.percent(), 0.0);
    EXPECT_FALSE(at.keeper.now().level);
    EXPECT_TRUE(at.notices.empty());
    at.source().spl_at_full_scale = Decibels{110.0};
    at.play(1, 90.0);
    EXPECT_NEAR(at.keeper.now().week.pa2h, exposure_pa2h(Decibels{90.0}, 1.0), 1e-12);
}

TEST(Estimate, is_counted_apart) {
    World at;
    at.play(10, 90.0);
    EXPECT_FALSE(at.keeper.now().level_estimate);
    at.source().estimate = true;
    at.play(30, 90.0);
    EXPECT_TRUE(at.keeper.now().level_estimate);
    EXPECT_NEAR(at.keeper.now().week.estimated_pa2h / at.keeper.now().week.pa2h, 0.75, 1e-9);
    // ±3 dB of a quarter and ±6 dB of the rest.
    const double all = at.keeper.now().week.pa2h;
    EXPECT_NEAR(least_pa2h(at.keeper.now().week), all * (0.25 * 0.501 + 0.75 * 0.251), all * 1e-3);
    EXPECT_NEAR(most_pa2h(at.keeper.now().week), all * (0.25 * 1.995 + 0.75 * 3.981), all * 1e-3);
}

TEST(Minutes, and_hours_hold_the_same_in_their_own_slots) {
    World at;
    at.now.unix_s = monday_s + 3570; // half a minute before an hour ends
    at.play(60, 90.0);
    const auto minutes = at.keeper.history().rows(Span::minute, 0);
    ASSERT_EQ(minutes.size(), 2U);
    EXPECT_EQ(minutes[0].start_s, monday_s + 3540);
    EXPECT_EQ(minutes[1].start_s, monday_s + 3600);
    EXPECT_NEAR(minutes[0].exposure.seconds, 29.0, 0.5);
    const auto hours = at.keeper.history().rows(Span::hour, 0);
    ASSERT_EQ(hours.size(), 2U);
    EXPECT_EQ(hours[1].start_s, monday_s + 3600);
    EXPECT_NEAR(sum(minutes), sum(hours), 1e-15);
    EXPECT_NEAR(minutes[0].exposure.loudest_dba, 90.0, 1e-6);
}

TEST(Midnight, parts_the_days) {
    World at;
    at.now.unix_s = monday_s + day_s / 2 - 60; // a minute before midnight, UTC
    at.play(120, 90.0);
    const std::int64_t midnight = monday_s + day_s / 2;
    EXPECT_NEAR(sum(at.keeper, Span::minute, midnight), exposure_pa2h(Decibels{90.0}, 61.0), 1e-3 * exposure_pa2h(Decibels{90.0}, 61.0));
    EXPECT_NEAR(sum(at.keeper, Span::minute), exposure_pa2h(Decibels{90.0}, 120.0), 1e-9);
}

TEST(Week, rolls_minute_by_minute) {
    World at;
    at.play(60, 90.0);
    at.pass(6.9 * static_cast<double>(day_s));
    at.tick();
    EXPECT_GT(at.percent(), 0.0);
    at.pass(0.2 * static_cast<double>(day_s));
    at.tick();
    EXPECT_EQ(at.percent(), 0.0);
    EXPECT_GT(sum(at.keeper, Span::minute), 0.0) << "kept for a day more";
}

// --- Clocks that are set: the meter's own time makes energy, the wall clock only names its day ----------------------------------

TEST(Clock, that_is_set_back_forgets_nothing) {
    World at;
    at.play(600, 90.0);
    const double before = at.keeper.now().week.pa2h;
    at.now.unix_s -= 400 * day_s;
    at.tick();
    EXPECT_NEAR(at.keeper.now().week.pa2h, before, 1e-12);
    for (const Row &row : at.keeper.history().rows(Span::minute, 0)) EXPECT_LE(row.start_s, at.now.unix_s);
    for (const Row &row : at.keeper.history().rows(Span::hour, 0)) EXPECT_LE(row.start_s, at.now.unix_s);
}

TEST(Clock, that_is_set_forward_takes_what_this_run_counted_along) {
    World at;
    at.now.unix_s = 3600; // 1970, before the time was fetched
    at.play(600, 90.0);
    const double before = at.keeper.now().week.pa2h;
    at.now.unix_s = monday_s;
    at.tick();
    EXPECT_NEAR(at.keeper.now().week.pa2h, before, 1e-12);
    EXPECT_EQ(at.keeper.history().rows(Span::minute, 0).front().start_s / 60, (monday_s - 600) / 60);
}

TEST(Clock, that_is_slewed_by_seconds_moves_nothing) {
    World at;
    at.play(600, 90.0);
    const auto before = at.keeper.history().rows(Span::minute, 0);
    at.now.unix_s += 40;
    at.tick();
    EXPECT_EQ(at.keeper.history().rows(Span::minute, 0), before);
}

TEST(Clock, of_before_leaves_rows_that_lie_ahead_and_they_count_from_now) {
    World at;
    const double pa2h = exposure_pa2h(Decibels{90.0}, 60.0);
    at.keeper.take_over({{Span::minute, monday_s + 100 * day_s, "headphones", {pa2h, 0.0, 60.0, 90.0}},
                         {Span::hour, monday_s + 100 * day_s, "headphones", {pa2h, 0.0, 60.0, 90.0}}},
                        monday_s);
    at.tick();
    EXPECT_NEAR(at.keeper.now().week.pa2h, pa2h, 1e-12);
    at.pass(8.0 * static_cast<double>(day_s));
    at.tick();
    EXPECT_EQ(at.percent(), 0.0) << "and age from there";
}

TEST(Clock, that_jumps_to_and_fro_loses_and_makes_no_energy) {
    std::mt19937 dice(11);
    World at;
    double played = 0.0;
    for (int i = 0; i < 200; ++i) {
        at.play(30, 85.0);
        played += 30.0;
        if (dice() % 4 == 0) at.now.unix_s += static_cast<std::int64_t>(dice() % 20'000'000) - 10'000'000;
        at.tick();
        const double expected = exposure_pa2h(Decibels{85.0}, played);
        ASSERT_NEAR(sum(at.keeper, Span::minute), expected, 1e-9) << i;
        ASSERT_NEAR(sum(at.keeper, Span::hour), expected, 1e-9) << i;
        ASSERT_NEAR(at.keeper.now().week.pa2h, expected, 1e-9) << i;
    }
}

// --- What is kept, and what is written ----------------------------------------------------------------------------------------

TEST(Kept, are_minutes_for_8_days_and_hours_for_400) {
    World at;
    at.play(60, 90.0);
    const auto passes = [&](double days) {
        at.pass(days * static_cast<double>(day_s));
        at.play(1, 90.0);
        at.keeper.to_save(at.now);
        at.keeper.saved();
    };
    passes(7.9);
    EXPECT_EQ(at.keeper.history().rows(Span::minute, 0).front().start_s / day_s, monday_s / day_s);
    passes(0.2);
    EXPECT_NE(at.keeper.history().rows(Span::minute, 0).front().start_s / day_s, monday_s / day_s);
    passes(391.0);
    EXPECT_EQ(at.keeper.history().rows(Span::hour, 0).front().start_s / day_s, monday_s / day_s);
    passes(2.0);
    EXPECT_NE(at.keeper.history().rows(Span::hour, 0).front().start_s / day_s, monday_s / day_s);
}

TEST(Kept, is_everything_where_the_clock_says_that_years_have_passed) {
    World at;
    at.keeper.take_over({{Span::hour, monday_s, "headphones", {0.1, 0.0, 60.0, 90.0}}}, monday_s + 4000 * day_s);
    at.now.unix_s = monday_s + 4000 * day_s;
    at.play(1, 90.0);
    for (const Row &row : at.keeper.to_save(at.now)) EXPECT_NE(row.exposure, Exposure{});
    EXPECT_EQ(at.keeper.history().rows(Span::hour, 0).front().start_s, monday_s);
}

/// A database that is asked for once a second, as the daemon does.
struct Saving {
    World at;
    std::map<std::pair<Span, Slot>, Exposure> disk;
    std::vector<double> times;
    void second(double level) {
        at.play(1, level);
        const auto due = at.keeper.save_due_s();
        if (!due || at.now.monotonic_s < *due) return;
        times.push_back(at.now.monotonic_s);
        for (const Row &row : at.keeper.to_save(at.now)) disk[{row.span, {row.start_s, row.output}}] = row.exposure;
        at.keeper.saved();
    }
    double on_disk(Span span) const {
        double all = 0.0;
        for (const auto &[slot, exposure] : disk)
            if (slot.first == span) all += exposure.pa2h;
        return all;
    }
};

TEST(Saved, no_more_often_than_every_30_seconds_and_never_more_than_a_minute_late) {
    Saving saving;
    std::mt19937 dice(3);
    for (int s = 0; s < 5000; ++s) {
        saving.second(dice() % 10 < 7 ? 90.0 : 40.0);
        const double lost = sum(saving.at.keeper, Span::minute) - saving.on_disk(Span::minute);
        ASSERT_LE(lost, exposure_pa2h(Decibels{90.0}, 60.0) * 1.0001) << s;
    }
    EXPECT_GT(saving.times.size(), 100U);
    for (std::size_t i = 1; i < saving.times.size(); ++i) EXPECT_GE(saving.times[i] - saving.times[i - 1], 30.0);
    EXPECT_NEAR(saving.on_disk(Span::minute), saving.on_disk(Span::hour), 1e-9);
}

TEST(Saved, nothing_where_nothing_plays) {
    World at;
    at.tick();
    at.play(3, 50.0);
    EXPECT_FALSE(at.keeper.save_due_s());
}

TEST(TakenOver, the_week_goes_on_over_a_restart) {
    World before;
    before.play(600, 90.0);
    World after;
    after.now = {5.0, before.now.unix_s + 10};
    after.keeper.take_over(before.keeper.to_save(before.now), after.now.unix_s);
    EXPECT_NEAR(after.keeper.now().week.pa2h, before.keeper.now().week.pa2h, 1e-12);
    EXPECT_FALSE(after.keeper.save_due_s());
    after.play(600, 90.0);
    EXPECT_NEAR(after.keeper.now().week.pa2h, 2.0 * before.keeper.now().week.pa2h, 1e-9);
}

TEST(TakenOver, late_adds_to_what_was_counted_meanwhile) {
    World at;
    at.play(60, 90.0);
    const auto rows = at.keeper.history().rows(Span::minute, 0);
    const double before = at.keeper.now().week.pa2h;
    at.keeper.take_over(rows, at.now.unix_s);
    at.tick();
    EXPECT_NEAR(at.keeper.now().week.pa2h, 2.0 * before, 1e-12);
    EXPECT_TRUE(at.keeper.save_due_s());
}

} // namespace
} // namespace soundwarden::dose::testing
