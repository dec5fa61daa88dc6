// SPDX-License-Identifier: MIT
// The cue's samples: short, soft, and never above what was asked for.
#include "dsp/cue.hpp"

#include "model/units.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace soundwarden::dsp {
namespace {

TEST(Cue, is_a_quarter_of_a_second_faded_in_and_out) {
    const auto samples = cue_samples(0.0316F);
    ASSERT_EQ(samples.size(), cue_rate_hz / 4U);
    for (const std::size_t edge : {std::size_t{0}, samples.size() / 2 - 1, samples.size() / 2, samples.size() - 1}) EXPECT_LT(std::fabs(samples[edge]), 1e-4F) << edge;
    float steepest = 0.0F;
    for (std::size_t n = 1; n < samples.size(); ++n) steepest = std::max(steepest, std::fabs(samples[n] - samples[n - 1]));
    EXPECT_LT(steepest, 0.0316F * 0.12F) << "nothing clicks: 880 Hz at 48 kHz moves by 0.115 of its peak";
}

TEST(Cue, reaches_its_peak_and_never_goes_above_it) {
    for (const float peak : {0.0F, 1e-6F, 0.00562341F, amplitude_toward_zero(Decibels{-30.0}), 1.0F}) {
        const auto samples = cue_samples(peak);
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
        const auto samples = cue_samples(peak);
        EXPECT_TRUE(std::all_of(samples.begin(), samples.end(), [](float sample) { return sample == 0.0F; }));
    }
}

} // namespace
} // namespace soundwarden::dsp
