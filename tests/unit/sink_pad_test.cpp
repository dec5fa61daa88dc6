// SPDX-License-Identifier: MIT
// The pad inside a sink without max-volume, on its own (architecture.md: layer 4, "Arithmetic").
#include "sink_pad.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace soundwarden::pipewire_adapter {
namespace {

using std::chrono::milliseconds;

/// A pad and the sink it stands in: what was written to that, and what a guard makes up for.
struct Bench {
    std::vector<float> written;
    float makeup = 1.0F;
    int tampered = 0;
    Time now{};
    SinkPad pad{[this](float volume) { written.push_back(volume); }, [this](float factor) { makeup = factor; },
                [this](engine::Tamper) { ++tampered; }};

    /// The sink shows it, a while later.
    void shows(float volume) {
        now += milliseconds(50);
        pad.read(volume, now);
        // Never louder than full scale, whatever was shown.
        EXPECT_LE(volume <= SinkPad::pad ? makeup * volume : makeup, 1.0F);
    }
    float last() const { return written.empty() ? -1.0F : written.back(); }
};

TEST(SinkPad, is_eighteen_decibels_and_makes_up_for_itself_to_the_bit) {
    EXPECT_EQ(SinkPad::pad * SinkPad::makeup_gain, 1.0F);
    EXPECT_NEAR(decibels(static_cast<double>(SinkPad::pad)).value, -18.06, 0.01);
}

TEST(SinkPad, is_made_up_for_only_when_it_was_read_back) {
    Bench bench;
    bench.shows(1.0F);
    bench.pad.engage(bench.now);
    EXPECT_EQ(bench.last(), SinkPad::pad);
    EXPECT_EQ(bench.makeup, 1.0F);
    bench.shows(1.0F); // from before the write
    EXPECT_EQ(bench.makeup, 1.0F);
    EXPECT_EQ(bench.tampered, 0);
    bench.shows(SinkPad::pad);
    EXPECT_EQ(bench.makeup, SinkPad::makeup_gain);
    EXPECT_EQ(bench.tampered, 0);
}

TEST(SinkPad, changed_by_another_program_is_written_again_and_the_guard_lowered_first) {
    for (const float foreign : {1.5F, 10.0F, 1.0F, 0.126F, 0.01F}) {
        Bench bench;
        bench.pad.engage(bench.now);
        bench.shows(SinkPad::pad);
        bench.written.clear();
        bench.shows(foreign);
        EXPECT_EQ(bench.makeup, 1.0F) << foreign;
        EXPECT_EQ(bench.last(), SinkPad::pad) << foreign;
        EXPECT_EQ(bench.tampered, 1) << foreign;
        bench.shows(SinkPad::pad);
        EXPECT_EQ(bench.makeup, SinkPad::makeup_gain) << foreign;
    }
}

TEST(SinkPad, a_sink_that_never_takes_it_is_not_written_to_without_end) {
    Bench bench;
    bench.pad.engage(bench.now);
    for (int i = 0; i < 100; ++i) bench.pad.read(1.0F, bench.now += milliseconds(1));
    EXPECT_LE(bench.written.size(), 6U);
    EXPECT_EQ(bench.makeup, 1.0F);
    EXPECT_EQ(bench.tampered, 0);
}

TEST(SinkPad, waits_for_a_limit_that_stands_and_takes_its_place) {
    Bench bench;
    bench.shows(0.0316F); // an earlier run's, or the session manager's part's
    bench.pad.engage(bench.now);
    EXPECT_TRUE(bench.written.empty());
    EXPECT_FALSE(bench.pad.engaged());
    bench.pad.limit(1.0, bench.now);
    EXPECT_EQ(bench.last(), SinkPad::pad);
    EXPECT_EQ(bench.makeup, 1.0F);
    bench.shows(SinkPad::pad);
    EXPECT_EQ(bench.makeup, SinkPad::makeup_gain);
}

TEST(SinkPad, left_by_a_run_that_was_killed_is_taken_over_at_once) {
    Bench bench;
    bench.shows(SinkPad::pad);
    EXPECT_EQ(bench.makeup, 1.0F) << "no guard yet";
    bench.pad.engage(bench.now);
    EXPECT_TRUE(bench.pad.engaged());
    EXPECT_EQ(bench.makeup, SinkPad::makeup_gain) << "a write that changes nothing is not told back";
    EXPECT_TRUE(bench.written.empty());
}

TEST(SinkPad, a_limit_never_raises_the_sink_while_the_guard_may_still_make_up) {
    for (const double level : {0.9, 0.5, 0.1}) {
        Bench bench;
        bench.pad.engage(bench.now);
        bench.shows(SinkPad::pad);
        bench.pad.limit(level, bench.now);
        EXPECT_EQ(bench.makeup, 1.0F);
        EXPECT_LE(bench.last(), SinkPad::pad);
        EXPECT_LE(static_cast<double>(bench.last()), level);
        bench.pad.engage(bench.now); // a guard made anew
        EXPECT_FALSE(bench.pad.engaged()) << "the limit stands";
    }
}

TEST(SinkPad, a_limit_where_no_pad_was_is_the_level_itself) {
    Bench bench;
    bench.pad.limit(0.5, bench.now);
    EXPECT_EQ(bench.last(), 0.5F);
    bench.pad.limit(1.0, bench.now);
    EXPECT_EQ(bench.last(), 1.0F);
    EXPECT_EQ(bench.makeup, 1.0F);
}

TEST(SinkPad, release_gives_the_sink_back_as_it_was) {
    Bench bench;
    bench.pad.engage(bench.now);
    bench.shows(SinkPad::pad);
    bench.pad.release(bench.now);
    EXPECT_EQ(bench.last(), 1.0F);
    EXPECT_EQ(bench.makeup, 1.0F);
    bench.shows(1.0F);
    EXPECT_EQ(bench.tampered, 0);

    Bench untouched;
    untouched.shows(0.7F);
    untouched.pad.release(untouched.now);
    EXPECT_TRUE(untouched.written.empty()) << "another's volume";

    Bench left;
    left.shows(SinkPad::pad);
    left.pad.release(left.now);
    EXPECT_EQ(left.last(), 1.0F);
}

TEST(SinkPad, taken_up_again_right_after_a_release_is_made_up_for_only_when_it_was_read_back) {
    Bench bench;
    bench.pad.engage(bench.now);
    bench.shows(SinkPad::pad);
    bench.pad.release(bench.now);
    bench.pad.engage(bench.now);
    EXPECT_EQ(bench.makeup, 1.0F) << "the sink is at 1.0 or on its way there";
    EXPECT_EQ(bench.last(), SinkPad::pad);
    bench.shows(SinkPad::pad);
    EXPECT_EQ(bench.makeup, SinkPad::makeup_gain);
}

TEST(SinkPad, a_limit_that_is_the_pad_is_made_up_for_when_it_is_lifted) {
    Bench bench;
    bench.pad.engage(bench.now);
    bench.shows(SinkPad::pad);
    bench.pad.limit(0.5, bench.now); // no more than the pad: nothing changes, and nothing is told back
    bench.pad.limit(1.0, bench.now);
    EXPECT_EQ(bench.makeup, SinkPad::makeup_gain);
}

TEST(SinkPad, in_a_node_made_anew_stands_before_anything_is_known_of_it) {
    Bench bench;
    bench.pad.restore(bench.now);
    EXPECT_EQ(bench.last(), SinkPad::pad);
    EXPECT_EQ(bench.makeup, 1.0F);
    bench.shows(SinkPad::pad);
    EXPECT_EQ(bench.makeup, SinkPad::makeup_gain);
}

TEST(SinkPad, what_is_reasserted_is_the_pad_and_nothing_else) {
    Bench bench;
    bench.pad.reassert(bench.now);
    EXPECT_TRUE(bench.written.empty());
    bench.pad.engage(bench.now);
    bench.pad.reassert(bench.now);
    EXPECT_EQ(bench.written, (std::vector<float>{SinkPad::pad, SinkPad::pad}));
}

} // namespace
} // namespace soundwarden::pipewire_adapter
