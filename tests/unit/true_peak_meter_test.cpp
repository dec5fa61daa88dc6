// SPDX-License-Identifier: MIT
// What a guard tells of true peaks: against a long interpolator, and against what it does to samples (nothing).
#include "dsp/guard_processor.hpp"
#include "dsp/true_peak_meter.hpp"
#include "true_peak_reference.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace soundwarden {
namespace {

using namespace dsp;

/// Noise below a quarter of the rate, whose peaks lie between the samples as often as not.
std::vector<float> programme(std::size_t frames, unsigned seed) {
    std::mt19937 random{seed};
    std::uniform_real_distribution<float> amplitude{-0.5F, 0.5F};
    std::vector<float> x(frames);
    std::array<float, 4> last{};
    for (std::size_t at = 0; at < frames; ++at) {
        last[at % last.size()] = amplitude(random);
        x[at] = (last[0] + last[1] + last[2] + last[3]) / 2.0F;
    }
    return x;
}

std::vector<float> tone(std::size_t frames, double per_rate, double phase, float amplitude) {
    std::vector<float> x(frames);
    for (std::size_t at = 0; at < frames; ++at)
        x[at] = amplitude * static_cast<float>(std::sin(2.0 * std::numbers::pi * (per_rate * static_cast<double>(at) + phase)));
    return x;
}

/// In blocks of odd sizes; the highest of all.
float measured(TruePeakMeter &meter, const std::vector<float> &x, std::size_t block) {
    float highest = 0.0F;
    for (std::size_t at = 0; at < x.size(); at += block) {
        const float *channel = x.data() + at;
        highest = std::max(highest, meter.process(&channel, static_cast<std::uint32_t>(std::min(block, x.size() - at))));
    }
    const std::array<const float *, 1> silence{};
    return std::max(highest, meter.process(silence.data(), 32)); // the last places
}

double db(double ratio) { return 20.0 * std::log10(ratio); }

TEST(TruePeakMeter, SeesWhatLiesBetweenTheSamples) {
    for (const std::uint32_t rate : {44100U, 48000U, 96000U, 192000U}) {
        TruePeakMeter meter{1, rate};
        const auto x = tone(4096, 0.25, 0.125, 0.5F); // samples at 0.354
        EXPECT_NEAR(db(static_cast<double>(measured(meter, x, 173)) / 0.5), 0.0, 0.2) << rate;
        EXPECT_NEAR(*std::max_element(x.begin(), x.end()), 0.3536F, 0.001F);
    }
}

TEST(TruePeakMeter, AgreesWithALongInterpolator) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        const auto x = programme(3000, seed);
        TruePeakMeter meter{1, 48000};
        EXPECT_NEAR(db(static_cast<double>(measured(meter, x, 100 + 37 * seed)) / test::true_peak_16(x)), 0.0, 0.3) << seed;
    }
}

TEST(TruePeakMeter, DoesNotDependOnBlocksAndNeverTellsLessThanTheSamples) {
    const auto x = programme(5000, 7);
    float largest = 0.0F;
    for (const float sample : x) largest = std::max(largest, std::fabs(sample));
    TruePeakMeter whole{1, 48000};
    const float expected = measured(whole, x, x.size());
    EXPECT_GE(expected, largest);
    for (const std::size_t block : {1U, 7U, 24U, 64U, 255U, 256U, 257U, 1024U}) {
        TruePeakMeter meter{1, 48000};
        EXPECT_EQ(measured(meter, x, block), expected) << block;
    }
}

TEST(TruePeakMeter, TheLouderChannelCountsAndSilenceIsNothing) {
    TruePeakMeter meter{3, 48000};
    const auto quiet = tone(512, 0.01, 0.0, 0.1F), loud = tone(512, 0.01, 0.0, 0.8F);
    const std::array<const float *, 3> x{quiet.data(), nullptr, loud.data()};
    EXPECT_NEAR(meter.process(x.data(), 512), 0.8F, 0.01F);
    const std::array<const float *, 3> silence{};
    meter.restart();
    EXPECT_EQ(meter.process(silence.data(), 512), 0.0F) << "nothing of what came before";
    EXPECT_EQ(meter.process(silence.data(), 0), 0.0F);
}

TEST(GuardTruePeaks, AreMeasuredOnlyWhereTheyAreWantedAndChangeNoSample) {
    const auto x = tone(4800, 0.25, 0.125, 0.9F);
    const LimiterFormat format{.channels = 1, .rate_hz = 48000, .mode = LimiterMode::guard};
    GuardTargets targets;
    targets.generation = 1;
    targets.gain = 1.0F;
    targets.ceiling = 0.5F;
    std::array<std::vector<float>, 2> out{std::vector<float>(x.size()), std::vector<float>(x.size())};
    std::array<float, 2> peaks{};
    for (const bool wanted : {false, true}) {
        GuardProcessor guard{format, targets};
        for (std::size_t at = 0; at < x.size(); at += 240) {
            const float *from = x.data() + at;
            float *to = out[wanted].data() + at;
            guard.process(&from, &to, 240, 48000, targets, 0.0, wanted);
        }
        peaks[wanted] = guard.meter().true_peak_out;
        EXPECT_LE(guard.meter().peak_out, 0.5F);
        guard.forget_peaks();
        EXPECT_EQ(guard.meter().true_peak_out, 0.0F);
    }
    EXPECT_EQ(out[0], out[1]);
    EXPECT_EQ(peaks[0], 0.0F);
    EXPECT_NEAR(db(static_cast<double>(peaks[1]) / test::true_peak_16(out[1])), 0.0, 0.2) << "over the ceiling of the samples, in a mode that limits those";
    EXPECT_GT(peaks[1], 0.5F);
}

} // namespace
} // namespace soundwarden
