// SPDX-License-Identifier: MIT
// The limiter's invariants: issue "The limiter", must hold 1, 2, 5 and 7 (allocations).
#include "allocations.hpp"
#include "limiter_test_world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace soundwarden::test {
namespace {

using dsp::Limiter;
using dsp::LimiterFormat;
using dsp::LimiterMode;
using dsp::LimiterTargets;
using dsp::PeakDetector;

// Must hold 1: 10^6 patterns over all in CI, 10^8 a night.
TEST(LimiterCeiling, HoldsForEveryBitPatternInEveryModeAndBlockLength) {
    const std::size_t total = nightly() ? 100'000'000 : 1'000'000;
    const auto formats = all_formats();
    const std::size_t each = total / (formats.size() * (std::size(lengths) + 1));
    constexpr float ceiling = 0.5F;
    std::uint32_t seed = 1;
    std::size_t all_above = 0;
    for (const LimiterFormat &format : formats)
        for (std::size_t i = 0; i <= std::size(lengths); ++i, ++seed) {
            const bool mixed = i == std::size(lengths);
            Limiter limiter(format, ceiling_of(ceiling));
            Mixture mixture(seed);
            const Channels out = run(limiter, {random_bits(each, seed)}, ceiling_of(ceiling),
                                     [&] { return mixed ? mixture() : lengths[i]; });
            all_above += above(out.front(), ceiling);
            EXPECT_EQ(above(out.front(), ceiling), 0U) << name_of(format) << ", length " << (mixed ? 0 : lengths[i]);
        }
    RecordProperty("samples", std::to_string((seed - 1) * each));
    RecordProperty("samples_above", std::to_string(all_above));
}

// A float of random bits is seldom near the ceiling; here most are.
TEST(LimiterCeiling, HoldsForLoudNoiseAtExtremeCeilings) {
    for (const LimiterFormat &format : all_formats())
        for (const float ceiling : {0.0F, 1e-42F, 1e-30F, 0.001F, 0.8912509F, 1.0F, 1e30F}) {
            std::vector<float> x = uneven_noise(6000, 7);
            for (float &value : x) value *= ceiling;
            x[3000] = std::numeric_limits<float>::max();
            EXPECT_EQ(above(limited(format, x, ceiling, 61), ceiling), 0U) << name_of(format) << " at " << ceiling;
        }
}

// At gain 1 nothing rounds: what is one float too loud comes out as it is wherever the ceiling is one float too high.
TEST(LimiterCeiling, TheLeastAboveItIsHeld) {
    for (const LimiterFormat &format : all_formats())
        for (const float ceiling : {1e-20F, 0.001F, 0.3388441F, 0.5F, 0.8912509F, 1.0F, 1e30F}) {
            const float least = std::nextafter(ceiling, std::numeric_limits<float>::infinity());
            std::vector<float> x(3000, 0.0F);
            x[1000] = least;
            x[2000] = -least;
            const std::vector<float> out = limited(format, x, ceiling, 61);
            EXPECT_EQ(above(out, ceiling), 0U) << name_of(format) << " at " << ceiling;
            EXPECT_GT(above(out, 0.99F * ceiling), 0U) << name_of(format) << " at " << ceiling << ": nothing comes through";
        }
}

TEST(LimiterCeiling, NegativeAndNanCeilingsAreSilence) {
    for (const float ceiling : {-1.0F, std::numeric_limits<float>::quiet_NaN()})
        for (const LimiterFormat &format : all_formats())
            EXPECT_EQ(above(limited(format, uneven_noise(3000, 3), ceiling), 0.0F), 0U) << name_of(format);
}

TEST(LimiterCeiling, ALoweredCeilingHoldsFromTheNextSubBlockOn) {
    for (const LimiterFormat &format : all_formats()) {
        Limiter limiter(format, ceiling_of(0.9F));
        const Channels out = run(limiter, {uneven_noise(8000, 11)}, ceiling_of(0.9F), Mixture(5), {{4003, ceiling_of(0.1F, 2)}});
        const std::size_t boundary = (4003 + limiter.block_frames() - 1) / limiter.block_frames() * limiter.block_frames();
        EXPECT_EQ(above({out.front().begin(), out.front().begin() + 4003}, 0.9F), 0U) << name_of(format);
        EXPECT_EQ(above({out.front().begin() + static_cast<std::ptrdiff_t>(boundary), out.front().end()}, 0.1F), 0U) << name_of(format);
    }
}

// What is in the delay line then came in below the ceiling that was, and goes out at gain 1.
TEST(LimiterCeiling, ALoweredCeilingHoldsForWhatWasBelowTheOldOneToo) {
    for (const LimiterFormat &format : all_formats()) {
        Limiter limiter(format, ceiling_of(0.9F));
        const std::vector<float> out = run(limiter, {std::vector<float>(4000, 0.5F)}, ceiling_of(0.9F), Mixture(5), {{2003, ceiling_of(0.1F, 2)}}).front();
        const std::size_t boundary = (2003 + limiter.block_frames() - 1) / limiter.block_frames() * limiter.block_frames();
        EXPECT_EQ(above({out.begin() + static_cast<std::ptrdiff_t>(boundary), out.end()}, 0.1F), 0U) << name_of(format);
    }
}

// The proof (reference/limiter.md §3.2): the clamp at the end has nothing to do but roundings. A second channel, too quiet to
// matter and a power of two, shows the gain.
TEST(LimiterCeiling, TheGainAloneHoldsIt) {
    for (const std::uint32_t rate : {44100U, 96000U, 192000U})
        for (const LimiterFormat &format : all_formats(rate, 2)) {
            constexpr float ceiling = 0.5F;
            Channels in = {uneven_noise(40'000, 67), std::vector<float>(40'000, 0x1p-20F)};
            for (std::size_t i = 500; i < in[0].size(); i += 1999) in[0][i] = 20.0F;
            Limiter limiter(format, ceiling_of(ceiling));
            const std::size_t late = limiter.latency_frames();
            const std::vector<float> gains = run(limiter, in, ceiling_of(ceiling), Mixture(6))[1];
            std::size_t over = 0;
            for (std::size_t i = late; i < gains.size(); ++i) over += std::fabs(in[0][i - late] * gains[i] * 0x1p20F) > ceiling * 1.00001F ? 1U : 0U;
            EXPECT_EQ(over, 0U) << name_of(format);
        }
}

// Found by fuzzing.
TEST(LimiterBlocks, AlsoTheSignsOfZerosDoNotDependOnTheCuts) {
    for (const LimiterFormat &format : all_formats()) {
        std::vector<float> x(600, 0.0F);
        for (std::size_t i = 0; i < x.size(); i += 3) x[i] = -0.0F;
        Limiter reference(format, ceiling_of(1.0F));
        const Channels expected = run(reference, {x}, ceiling_of(0.0F, 2), [] { return 1U; });
        Limiter limiter(format, ceiling_of(1.0F));
        EXPECT_TRUE(same_bits(run(limiter, {x}, ceiling_of(0.0F, 2), [] { return 600U; }).front(), expected.front())) << name_of(format);
    }
}

// Found by fuzzing: what the detector takes for nothing is above such a ceiling all the same.
TEST(LimiterCeiling, HoldsBelowTheFaintestSampleToo) {
    for (const LimiterFormat &format : all_formats())
        for (const float ceiling : {0.0F, 1e-42F, 1e-38F, 1e-30F})
            for (const float sample : {1e-44F, 1.3e-38F, 1e-29F})
                EXPECT_EQ(above(limited(format, std::vector<float>(600, sample), ceiling, 61), ceiling), 0U) << name_of(format) << ", " << sample << " at " << ceiling;
}

TEST(LimiterCeiling, InfiniteMeansNoLimitingButScrubbing) {
    for (const LimiterFormat &format : all_formats()) {
        std::vector<float> x = uneven_noise(3000, 13);
        for (float &value : x) value *= 1e20F;
        x[100] = std::numeric_limits<float>::infinity();
        const std::vector<float> out = limited(format, x, std::numeric_limits<float>::infinity());
        x[100] = 0.0F;
        const Limiter limiter(format, ceiling_of(1.0F));
        EXPECT_TRUE(same_bits(out, delayed(x, limiter.latency_frames()))) << name_of(format);
    }
}

// Must hold 2.
TEST(LimiterBlocks, OutputDoesNotDependOnHowTheFramesAreCut) {
    const std::size_t frames = nightly() ? 400'000 : 20'000;
    const std::vector<float> gains = moving_gains(frames);
    const LimiterTargets quieter = ceiling_of(0.3F, 2);
    LimiterTargets back = ceiling_of(0.9F, 3);
    back.release_seconds = 0.2F;
    const std::vector<Stamp> stamps = {{3001, quieter}, {7777, back}, {7779, quieter}, {12'000, ceiling_of(0.5F, 4)}};
    for (const std::uint32_t rate : {48000U, 192000U})
        for (const LimiterFormat &format : all_formats(rate, 2)) {
            const Channels in = {uneven_noise(frames, 17), random_bits(frames, 19)};
            const Channels tame = {uneven_noise(frames, 23), uneven_noise(frames, 29)};
            for (const Channels &signal : {in, tame}) {
                Limiter reference(format, ceiling_of(0.9F));
                const Channels expected = run(reference, signal, ceiling_of(0.9F), [] { return 8192U; }, stamps, gains);
                for (std::size_t i = 0; i <= std::size(lengths); ++i) {
                    Limiter limiter(format, ceiling_of(0.9F));
                    Mixture mixture(static_cast<std::uint32_t>(i));
                    const Channels out = run(limiter, signal, ceiling_of(0.9F),
                                             [&] { return i == std::size(lengths) ? mixture() : lengths[i]; }, stamps, gains);
                    EXPECT_TRUE(same_bits(out[0], expected[0]) && same_bits(out[1], expected[1]))
                        << name_of(format) << ", partition " << i;
                }
            }
        }
}

// Must hold 2, second half: also denormals, and just below the ceiling.
TEST(LimiterBlocks, BelowTheCeilingItIsADelayLineBitForBit) {
    std::vector<float> denormals(3000);
    std::mt19937 engine(1);
    for (float &value : denormals) value = std::bit_cast<float>(static_cast<std::uint32_t>(engine()) & 0x807fffffU);
    for (const std::uint32_t rate : {44100U, 48000U, 96000U, 192000U})
        for (const LimiterFormat &format : all_formats(rate))
            for (const auto &x : {sine(997.0, rate, 0.5 * from_db(-0.1), 6000), denormals}) {
                const Limiter limiter(format, ceiling_of(0.5F));
                EXPECT_TRUE(same_bits(limited(format, x, 0.5F, 61), delayed(x, limiter.latency_frames()))) << name_of(format);
            }
}

TEST(LimiterBlocks, FaintSamplesAreSilenceWhereTheGainIsBelowOne) {
    for (const LimiterFormat &format : all_formats(48000, 2)) {
        Limiter limiter(format, ceiling_of(0.5F));
        const Channels in = {sine(997.0, 48000, 2.0, 6000), std::vector<float>(6000, 0x1.8p-91F)};
        const std::vector<float> out = run_blocks(limiter, in, ceiling_of(0.5F), 61)[1];
        EXPECT_TRUE(same_bits({out.begin() + 1000, out.end()}, std::vector<float>(5000, 0.0F))) << name_of(format);
        // One that is just not faint comes out as what it was times the gain.
        Limiter other(format, ceiling_of(0.5F));
        const std::vector<float> heard = run_blocks(other, {in[0], std::vector<float>(6000, 0x1p-90F)}, ceiling_of(0.5F), 61)[1];
        EXPECT_NEAR(static_cast<double>(heard[5000] * 0x1p90F), 0.25, 0.01) << name_of(format);
    }
}

TEST(LimiterBlocks, AfterALoudPassageItIsADelayLineAgain) {
    for (const LimiterFormat &format : all_formats()) {
        std::vector<float> x = sine(440.0, 48000, 0.3, 96'000);
        for (std::size_t i = 1000; i < 3000; ++i) x[i] *= 100.0F;
        const std::vector<float> out = limited(format, x, 0.5F);
        const Limiter limiter(format, ceiling_of(0.5F));
        const std::vector<float> pure = delayed(x, limiter.latency_frames());
        EXPECT_TRUE(same_bits({out.begin() + 60'000, out.end()}, {pure.begin() + 60'000, pure.end()})) << name_of(format);
    }
}

TEST(LimiterKernels, EveryInstructionSetGivesTheSameBits) {
    const auto sets = dsp::instruction_sets();
    ASSERT_EQ(sets.front(), dsp::InstructionSet::scalar);
    for (const dsp::InstructionSet set : sets) {
        LimiterFormat format;
        format.instructions = set;
        EXPECT_EQ(Limiter(format, ceiling_of(1.0F)).format().instructions, set);
    }
    for (const std::uint32_t rate : {48000U, 96000U, 192000U})
        for (LimiterFormat format : all_formats(rate, 2)) {
            const Channels in = {uneven_noise(10'000, 31), random_bits(10'000, 37)};
            const Channels tame = {uneven_noise(10'000, 41), uneven_noise(10'000, 43)};
            const LimiterTargets targets = ceiling_of(0.7F);
            const std::vector<float> gains = moving_gains(10'000);
            for (const Channels &signal : {in, tame}) {
                format.instructions = dsp::InstructionSet::scalar;
                Limiter reference(format, targets);
                const Channels expected = run(reference, signal, targets, Mixture(1), {}, gains);
                for (const dsp::InstructionSet set : sets) {
                    format.instructions = set;
                    Limiter limiter(format, targets);
                    const Channels out = run(limiter, signal, targets, Mixture(2), {}, gains);
                    EXPECT_TRUE(same_bits(out[0], expected[0]) && same_bits(out[1], expected[1])) << name_of(format);
                }
            }
        }
}

// Noise from integers alone, since mathematical functions are not the same to the last bit everywhere.
std::vector<float> whole_noise(std::size_t frames, std::uint32_t seed) {
    std::mt19937 engine(seed);
    std::vector<float> x(frames);
    float level = 1.0F;
    for (float &value : x) {
        if (engine() % 1500 == 0) level = std::ldexp(1.0F, static_cast<int>(engine() % 10) - 6);
        value = level * static_cast<float>(static_cast<std::int32_t>(engine()) >> 8) * 0x1p-22F;
    }
    return x;
}

// FNV-1a over what every format makes of the same input. It changes when the limiter's decisions do, and is then to be written anew.
TEST(LimiterKernels, EveryProcessorGivesTheSameBits) {
#if defined(__i386__) && !defined(__SSE2_MATH__)
    GTEST_SKIP() << "the x87 unit rounds otherwise";
#endif
    std::vector<float> gains(10'000);
    for (std::size_t i = 0; i < gains.size(); ++i) gains[i] = static_cast<float>(1024 + i % 1024) * 0x1p-11F;
    std::uint64_t sum = 0xcbf29ce484222325U;
    for (const std::uint32_t rate : {44100U, 48000U, 96000U, 192000U})
        for (const LimiterFormat &format : all_formats(rate, 2)) {
            Limiter limiter(format, ceiling_of(0.7F));
            const Channels in = {whole_noise(10'000, 31), whole_noise(10'000, 37)};
            for (const auto &channel : run(limiter, in, ceiling_of(0.7F), Mixture(1), {}, gains))
                for (const float value : channel) sum = (sum ^ std::bit_cast<std::uint32_t>(value)) * 0x100000001b3U;
        }
    EXPECT_EQ(sum, 16357870304599452850ULL);
}

// Must hold 5.
TEST(LimiterFaults, OneNanIsZeroThereAndNothingElse) {
    for (const LimiterFormat &format : all_formats(48000, 2))
        for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                                -std::numeric_limits<float>::infinity(), std::numeric_limits<float>::signaling_NaN()}) {
            Channels in = {sine(440.0, 48000, 0.3, 4000), sine(1000.0, 48000, 2.0, 4000)};
            in[0][2001] = 0.0F;
            Limiter clean(format, ceiling_of(0.5F));
            const Channels expected = run_blocks(clean, in, ceiling_of(0.5F), 256);
            in[0][2001] = bad;
            Limiter limiter(format, ceiling_of(0.5F));
            const Channels out = run_blocks(limiter, in, ceiling_of(0.5F), 256);
            EXPECT_TRUE(same_bits(out[0], expected[0]) && same_bits(out[1], expected[1])) << name_of(format) << ", " << bad;
            EXPECT_EQ(out[0][2001 + limiter.latency_frames()], 0.0F);
            EXPECT_EQ(limiter.meter().faults, 1U);
            EXPECT_EQ(clean.meter().faults, 0U);
        }
}

TEST(LimiterBuffers, NullInputIsSilenceNullOutputIsSkippedAndInPlaceWorks) {
    for (const LimiterFormat &format : all_formats(48000, 3)) {
        const Channels in = {uneven_noise(2000, 47), std::vector<float>(2000, 0.0F), uneven_noise(2000, 53)};
        Limiter reference(format, ceiling_of(0.5F));
        const Channels expected = run_blocks(reference, in, ceiling_of(0.5F), 2000);
        Limiter limiter(format, ceiling_of(0.5F));
        std::vector<float> first = in[0];
        std::vector<float> third = in[2];
        const float *from[] = {first.data(), nullptr, third.data()};
        float *to[] = {first.data(), nullptr, third.data()};
        limiter.process(from, to, 2000, ceiling_of(0.5F));
        EXPECT_TRUE(same_bits(first, expected[0]) && same_bits(third, expected[2])) << name_of(format);
    }
}

TEST(LimiterMeter, TellsFramesPeaksReductionAndFaults) {
    for (const LimiterFormat &format : all_formats(48000, 2)) {
        Limiter limiter(format, ceiling_of(0.5F));
        Channels in = {sine(1000.0, 48000, 2.0, 4800), std::vector<float>(4800, 0.0F)};
        in[1][7] = std::numeric_limits<float>::quiet_NaN();
        run_blocks(limiter, in, ceiling_of(0.5F), 4800);
        EXPECT_EQ(limiter.meter().frames, 4800U);
        EXPECT_EQ(limiter.meter().faults, 1U);
        EXPECT_EQ(limiter.meter().generation, 1U);
        EXPECT_NEAR(limiter.meter().peak_in, 2.0F, 1e-4F);
        EXPECT_NEAR(limiter.meter().peak_out, 0.5F, 1e-2F);
        EXPECT_LE(limiter.meter().peak_out, 0.5F);
        EXPECT_NEAR(limiter.meter().reduction, 0.25F, 5e-3F);
    }
}

TEST(LimiterGain, FromOutsideActsInFrontOfTheDetector) {
    for (const LimiterFormat &format : all_formats()) {
        const std::vector<float> gains = moving_gains(3000);
        Limiter limiter(format, ceiling_of(1.0F));
        const std::vector<float> out = run(limiter, {std::vector<float>(3000, 0.8F)}, ceiling_of(1.0F), Mixture(3), {}, gains).front();
        for (std::size_t i = limiter.latency_frames(); i < out.size(); ++i)
            ASSERT_EQ(out[i], 0.8F * gains[i - limiter.latency_frames()]) << name_of(format);
        // The same, made too loud behind the input and in front of the detector.
        Limiter loud(format, ceiling_of(0.1F));
        EXPECT_EQ(above(run(loud, {uneven_noise(3000, 3)}, ceiling_of(0.1F), Mixture(3), {}, gains).front(), 0.1F), 0U);
    }
}

// Must hold 7, the part about memory.
TEST(LimiterRealTime, ProcessAllocatesNothing) {
    for (const LimiterFormat &format : all_formats(48000, 2)) {
        Limiter limiter(format, ceiling_of(0.5F));
        const Channels in = {uneven_noise(20'000, 59), random_bits(20'000, 61)};
        std::vector<float> left(8192);
        std::vector<float> right(8192);
        float *to[] = {left.data(), right.data()};
        Mixture mixture(4);
        unsigned allocations = 0;
        for (std::size_t done = 0; done + 8192 < 20'000;) {
            const std::uint32_t count = mixture();
            const float *from[] = {in[0].data() + done, in[1].data() + done};
            const LimiterTargets targets = ceiling_of(done % 2 == 0 ? 0.5F : 0.2F, done);
            const CountAllocations counter;
            limiter.process(from, to, count, targets);
            allocations += counter.so_far();
            done += count;
        }
        EXPECT_EQ(allocations, 0U) << name_of(format);
    }
}

} // namespace
} // namespace soundwarden::test
