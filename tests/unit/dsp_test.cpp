// SPDX-License-Identifier: MIT
// The guard's signal path on its own: numbers from architecture.md ("Signal") and product.md ("What a limit is").
#include "dsp/guard_processor.hpp"
#include "model/units.hpp"

#include "allocations.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <new>
#include <vector>

namespace soundwarden::dsp {
namespace {

constexpr std::uint32_t rate = 48000;

GuardTargets targets(std::uint64_t generation, float gain, float ceiling, float rise = 0.0F) {
    GuardTargets to;
    to.generation = generation;
    to.gain = gain;
    to.ceiling = ceiling;
    to.rise_db_per_s = rise;
    return to;
}

struct Path {
    GuardProcessor processor;
    GuardTargets now;
    explicit Path(const GuardTargets &initial, LimiterMode mode = LimiterMode::guard)
        : processor({.channels = 1, .rate_hz = rate, .mode = mode}, initial), now(initial) {}

    std::vector<float> run(const std::vector<float> &in, std::uint32_t rate_hz = rate) {
        std::vector<float> out(in.size(), -77.0F);
        const float *source = in.data();
        float *target = out.data();
        processor.process(&source, &target, static_cast<std::uint32_t>(in.size()), rate_hz, now);
        return out;
    }
};

std::vector<float> random_bits(std::size_t count, std::uint32_t seed) {
    std::mt19937 engine(seed);
    std::vector<float> values(count);
    for (float &value : values) value = std::bit_cast<float>(static_cast<std::uint32_t>(engine()));
    return values;
}

float largest(const std::vector<float> &values) {
    float most = 0.0F;
    for (const float value : values) most = std::max(most, std::fabs(value));
    return most;
}

TEST(GuardProcessor, is_bit_exact_at_gain_one_without_a_ceiling) {
    Path path(targets(1, 1.0F, no_ceiling));
    auto in = random_bits(8192, 1);
    for (float &value : in)
        if (!(std::fabs(value) <= largest_sample)) value = 0.25F;
    const auto out = path.run(in);
    EXPECT_EQ(std::memcmp(in.data(), out.data(), in.size() * sizeof(float)), 0);
}

TEST(GuardProcessor, is_bit_exact_below_a_ceiling_of_full_scale) {
    Path path(targets(1, 1.0F, 1.0F));
    std::vector<float> in(4096);
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(i) / 4096.0F - 0.5F;
    EXPECT_EQ(path.run(in), in);
    EXPECT_FLOAT_EQ(path.processor.meter().reduction, 1.0F);
}

TEST(GuardProcessor, multiplies_by_the_cap_rounded_toward_zero) {
    for (const double db : {-6.5, -9.4, -12.5, -18.5, -26.5}) {
        const float cap = amplitude_toward_zero(Decibels{db});
        EXPECT_LE(static_cast<double>(cap), std::pow(10.0, db / 20.0));
        Path path(targets(1, cap, cap));
        const auto out = path.run({1.0F, -1.0F, 0.5F, 0.123456F});
        EXPECT_EQ(out, (std::vector<float>{cap, -cap, 0.5F * cap, 0.123456F * cap})) << db;
    }
}

TEST(GuardProcessor, holds_the_ceiling_for_every_bit_pattern_and_block_length) {
    const float ceiling = amplitude_toward_zero(Decibels{-9.4});
    for (const std::size_t block : {1U, 4U, 32U, 61U, 441U, 1024U, 8192U}) {
        Path path(targets(1, ceiling, ceiling));
        for (std::uint32_t round = 0; round * block < 200'000; ++round) {
            const auto out = path.run(random_bits(block, round));
            for (const float sample : out) ASSERT_TRUE(std::isfinite(sample) && std::fabs(sample) <= ceiling) << sample;
        }
        EXPECT_GT(path.processor.meter().faults, 0U);
    }
}

TEST(GuardProcessor, holds_what_is_one_float_above_the_ceiling) {
    for (const double db : {-6.5, -9.4, -12.5, -18.5, -26.5}) {
        const float ceiling = amplitude_toward_zero(Decibels{db});
        const float least = std::nextafter(ceiling, 2.0F);
        Path path(targets(1, 1.0F, ceiling));
        const auto out = path.run({0.0F, least, 0.0F, -least, 0.0F});
        EXPECT_LE(largest(out), ceiling) << db;
        EXPECT_GT(largest(out), 0.99F * ceiling) << db << ": nothing comes through";
    }
}

TEST(GuardProcessor, make_up_multiplies_behind_the_ceiling_and_is_taken_away_without_a_trace) {
    for (const float ceiling : {0.0F, 0.1F, 1.0F, no_ceiling}) {
        GuardTargets with = targets(1, 0.7F, ceiling);
        with.makeup = 8.0F;
        const auto in = random_bits(20'000, 11);
        const auto made_up = Path(with).run(in);
        const auto plain = Path(targets(1, 0.7F, ceiling)).run(in);
        for (std::size_t i = 0; i < in.size(); ++i) {
            ASSERT_TRUE(std::isfinite(made_up[i]));
            ASSERT_EQ(std::bit_cast<std::uint32_t>(made_up[i] * 0.125F), std::bit_cast<std::uint32_t>(plain[i])) << plain[i];
        }
    }
}

TEST(GuardProcessor, make_up_comes_and_goes_at_the_first_sample) {
    GuardTargets with = targets(1, 1.0F, 1.0F);
    with.makeup = 8.0F;
    Path path(with);
    EXPECT_EQ(path.run({0.5F}), std::vector<float>{4.0F});
    EXPECT_EQ(path.processor.meter().peak_out, 0.5F) << "at the socket";
    path.now.generation = 2;
    path.now.makeup = 1.0F;
    EXPECT_EQ(path.run({0.5F}), std::vector<float>{0.5F});
}

TEST(GuardProcessor, without_a_ceiling_faults_are_still_taken_out) {
    Path path(targets(1, 1.0F, no_ceiling));
    const float inf = std::numeric_limits<float>::infinity();
    const auto out = path.run({std::nanf(""), inf, -inf, 2.0F});
    EXPECT_EQ(out, (std::vector<float>{0.0F, 0.0F, 0.0F, 2.0F}));
    EXPECT_EQ(path.processor.meter().faults, 3U);
}

TEST(GuardProcessor, lowers_the_ceiling_at_the_first_sample) {
    Path path(targets(1, 1.0F, no_ceiling));
    path.run(std::vector<float>(64, 10.0F));
    path.now = targets(2, 1.0F, 0.25F);
    EXPECT_LE(largest(path.run(std::vector<float>(64, 10.0F))), 0.25F);
}

TEST(GuardProcessor, falls_within_five_milliseconds_and_never_rises_meanwhile) {
    Path path(targets(1, 1.0F, no_ceiling));
    path.now = targets(2, 0.1F, no_ceiling);
    const auto out = path.run(std::vector<float>(480, 1.0F));
    for (std::size_t i = 1; i < out.size(); ++i) ASSERT_LE(out[i], out[i - 1]);
    EXPECT_FLOAT_EQ(out[240], 0.1F);
}

TEST(GuardProcessor, rises_no_faster_than_its_ramp) {
    Path path(targets(1, 0.1F, 0.1F));
    path.now = targets(2, 1.0F, 1.0F, 6.0F);
    const auto out = path.run(std::vector<float>(rate, 100.0F)); // one second far above the ceiling
    const double start = 0.1;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const double bound = start * std::pow(10.0, 6.0 / 20.0 * static_cast<double>(i + 1) / rate);
        ASSERT_LE(static_cast<double>(out[i]), bound * 1.000001) << i;
    }
    EXPECT_NEAR(static_cast<double>(out.back()), 0.1 * std::pow(10.0, 0.3), 0.001); // and not slower
}

TEST(GuardProcessor, a_rise_begins_where_the_gain_is_but_at_the_latest_at_minus_sixty_decibels) {
    Path path(targets(1, 0.002F, no_ceiling)); // −54 dB
    path.now = targets(2, 1.0F, no_ceiling, 30.0F);
    const auto out = path.run(std::vector<float>(480, 1.0F));
    EXPECT_LE(static_cast<double>(out.front()), 0.002 * 1.0001);
    EXPECT_LE(static_cast<double>(out.back()), 0.002 * std::pow(10.0, 30.0 / 20.0 * 0.01) * 1.001);
    for (const float below : {0.0F, 1e-5F, 1e-9F}) {
        Path quiet(targets(1, below, no_ceiling));
        quiet.now = targets(2, 1.0F, no_ceiling, 30.0F);
        // It is there one sub-block of 8 frames later, and on its way up from the one after that.
        const auto heard = quiet.run(std::vector<float>(24, 1.0F));
        EXPECT_EQ(heard[7], below);
        EXPECT_NEAR(static_cast<double>(heard[15]), 0.001, 2e-6) << below;
    }
}

TEST(GuardProcessor, reaches_the_target_of_a_rise_exactly) {
    Path path(targets(1, 0.5F, no_ceiling));
    path.now = targets(2, 1.0F, no_ceiling, 30.0F);
    const auto out = path.run(std::vector<float>(rate, 0.3F));
    EXPECT_EQ(out.back(), 0.3F);
}

TEST(GuardProcessor, may_not_rise_without_a_rise) {
    Path path(targets(1, 0.1F, 0.1F));
    path.now = targets(2, 1.0F, 1.0F, 0.0F);
    EXPECT_LE(largest(path.run(std::vector<float>(rate, 10.0F))), 0.1F);
}

TEST(GuardProcessor, a_ceiling_taken_away_rises_like_any_other) {
    Path path(targets(1, 1.0F, 0.1F));
    path.now = targets(2, 1.0F, no_ceiling, 6.0F);
    const auto out = path.run(std::vector<float>(rate, 100.0F));
    EXPECT_LE(static_cast<double>(out.back()), 0.1 * std::pow(10.0, 0.3) * 1.00001);
    for (int second = 0; second < 12; ++second) path.run(std::vector<float>(rate, 1.0F));
    EXPECT_EQ(path.processor.meter().ceiling, no_ceiling);
}

TEST(GuardProcessor, rescale_takes_back_a_louder_volume_at_once) {
    Path path(targets(1, 0.5F, no_ceiling));
    path.now = targets(2, 0.5F, no_ceiling);
    path.now.rescale_db = -20.0; // the volume in front rose by 20 dB in the same cycle
    const auto out = path.run(std::vector<float>(64, 0.1F * 10.0F));
    EXPECT_LE(largest(out), 0.0501F);
}

TEST(GuardProcessor, rescales_that_were_overwritten_before_they_were_read_still_count) {
    Path path(targets(1, 1.0F, no_ceiling));
    path.now = targets(5, 1.0F, no_ceiling); // generations 2 to 4 were never seen
    path.now.rescale_db = -26.0;
    EXPECT_NEAR(path.run({1.0F})[0], std::pow(10.0, -26.0 / 20.0), 1e-6);
}

TEST(GuardProcessor, lowers_the_ceiling_in_front_of_a_converter) {
    auto initial = targets(1, 1.0F, 1.0F);
    initial.sink_rate_hz = 44100;
    Path path(initial);
    EXPECT_NEAR(largest(path.run(std::vector<float>(64, 5.0F), 48000)), 0.5956F, 0.001F);
    const float without = largest(path.run(std::vector<float>(rate, 5.0F), 44100)); // the limiter returns by its release
    EXPECT_LE(without, 1.0F);
    EXPECT_GE(without, amplitude_toward_zero({-0.13})) << "as near as a steady tone gets: gain_curve.cpp, keeps()";
}

TEST(GuardProcessor, silence_where_a_channel_is_missing) {
    GuardProcessor processor({.channels = 2, .mode = LimiterMode::guard}, targets(1, 1.0F, 1.0F));
    std::vector<float> left(32, 0.5F);
    std::vector<float> out_left(32, 9.0F);
    std::vector<float> out_right(32, 9.0F);
    const float *in[] = {left.data(), nullptr};
    float *out[] = {out_left.data(), out_right.data()};
    processor.process(in, out, 32, rate, targets(1, 1.0F, 1.0F));
    EXPECT_EQ(out_left, left);
    EXPECT_EQ(out_right, std::vector<float>(32, 0.0F));
}

TEST(GuardProcessor, time_without_audio_counts_as_time_to_rise) {
    GuardProcessor processor({.channels = 1, .mode = LimiterMode::guard}, targets(1, 0.1F, 0.1F));
    const float in[] = {0.25F};
    float out[] = {0.0F};
    const float *source = in;
    float *target = out;
    processor.process(&source, &target, 1, rate, targets(2, 1.0F, 1.0F, 6.0F), 60.0);
    EXPECT_EQ(out[0], 0.25F);
}

TEST(GuardProcessor, output_does_not_depend_on_how_it_is_cut_into_blocks) {
    std::vector<float> in(9600);
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = 3.0F * std::sin(static_cast<float>(i) * 0.05F);
    std::vector<float> whole;
    for (const std::size_t block : {9600U, 64U, 61U, 1U}) {
        Path path(targets(1, 0.9F, 0.9F));
        path.now = targets(2, 0.2F, 0.3F);
        std::vector<float> out;
        for (std::size_t at = 0; at < in.size(); at += block) {
            const auto part = path.run({in.begin() + static_cast<std::ptrdiff_t>(at),
                                        in.begin() + static_cast<std::ptrdiff_t>(std::min(in.size(), at + block))});
            out.insert(out.end(), part.begin(), part.end());
        }
        if (whole.empty()) whole = out;
        EXPECT_EQ(out, whole) << block;
    }
}

TEST(GuardProcessor, does_not_allocate) {
    GuardProcessor processor({.channels = 8, .mode = LimiterMode::guard}, targets(1, 0.5F, 0.5F));
    std::vector<std::vector<float>> data(8, std::vector<float>(8192, 2.0F));
    std::vector<const float *> in;
    std::vector<float *> out;
    for (auto &plane : data) {
        in.push_back(plane.data());
        out.push_back(plane.data());
    }
    {
        const test::CountAllocations count;
        for (std::uint64_t round = 2; round < 50; ++round)
            processor.process(in.data(), out.data(), 8192, rate, targets(round, round % 2 == 0 ? 0.1F : 0.9F, 0.5F, 30.0F));
        EXPECT_EQ(count.so_far(), 0U);
    }
    const test::CountAllocations control;
    ::operator delete(::operator new(1)); // the counter does see an allocation; clang leaves out a new expression that nobody needs
    EXPECT_EQ(control.so_far(), 1U);
}

} // namespace
} // namespace soundwarden::dsp
