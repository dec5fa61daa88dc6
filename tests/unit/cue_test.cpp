// SPDX-License-Identifier: MIT
// The cue's samples: short, soft, and never above what was asked for.
#include "dsp/cue.hpp"

#include "model/units.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace soundwarden::dsp {
namespace {

constexpr std::uint32_t rate = 48000;

TEST(Cue, is_a_quarter_of_a_second_faded_in_and_out) {
    for (const std::uint32_t rate_hz : {44100U, 192000U}) EXPECT_NEAR(static_cast<double>(cue_samples(0.0316F, rate_hz).size()), rate_hz / 4.0, 1.0);
    const auto samples = cue_samples(0.0316F, rate);
    ASSERT_EQ(samples.size(), rate / 4U);
    for (const std::size_t edge : {std::size_t{0}, samples.size() / 2 - 1, samples.size() / 2, samples.size() - 1}) EXPECT_LT(std::fabs(samples[edge]), 1e-4F) << edge;
    float steepest = 0.0F;
    for (std::size_t n = 1; n < samples.size(); ++n) steepest = std::max(steepest, std::fabs(samples[n] - samples[n - 1]));
    EXPECT_LT(steepest, 0.0316F * 0.12F) << "nothing clicks: 880 Hz at 48 kHz moves by 0.115 of its peak";
}

TEST(Cue, reaches_its_peak_and_never_goes_above_it) {
    for (const float peak : {0.0F, 1e-6F, 0.00562341F, amplitude_toward_zero(Decibels{-30.0}), 1.0F}) {
        const auto samples = cue_samples(peak, rate);
        float most = 0.0F;
        for (const float sample : samples) {
            ASSERT_LE(std::fabs(sample), peak);
            most = std::max(most, std::fabs(sample));
        }
        EXPECT_GE(most, peak * 0.999F);
    }
}

TEST(Cue, is_silent_where_the_peak_is_no_number) {
    for (const float peak : {-1.0F, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        const auto samples = cue_samples(peak, rate);
        EXPECT_TRUE(std::all_of(samples.begin(), samples.end(), [](float sample) { return sample == 0.0F; }));
    }
}

// Blocks that do not divide it.
TEST(Cue, joins_the_sound_of_each_channel_with_its_own_peak) {
    constexpr std::uint32_t block = 250;
    Cue cue({0.1F, 0.02F, std::numeric_limits<float>::quiet_NaN()}, rate);
    const auto expected = cue_samples(1.0F, rate);
    std::vector<float> sound(block, 0.25F);
    std::size_t heard = 0;
    for (; !cue.over(); heard += block) {
        ASSERT_LT(heard, expected.size());
        std::array<const float *, max_channels> in{sound.data(), nullptr};
        cue.mix(in, block);
        for (std::uint32_t i = 0; i < block; ++i) {
            const float sample = heard + i < expected.size() ? expected[heard + i] : 0.0F;
            ASSERT_EQ(in[0][i], 0.25F + sample * 0.1F) << heard + i;
            ASSERT_EQ(in[1][i], sample * 0.02F) << heard + i;
            ASSERT_EQ(in[2][i], 0.0F) << "no number is no sound";
        }
        EXPECT_EQ(in[3], nullptr) << "no channel of this path";
    }
    EXPECT_GE(heard, expected.size());
    EXPECT_EQ(sound, std::vector<float>(block, 0.25F)) << "what came in belongs to others";
}

} // namespace
} // namespace soundwarden::dsp
