// SPDX-License-Identifier: MIT
// The guard's whole path: limiter modes, governor, exchange of states while the sound goes on, meters that lose nothing.
#include "dsp/guard_processor.hpp"
#include "dsp/triple_buffer.hpp"

#include "allocations.hpp"
#include "limiter_test_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace soundwarden::test {
namespace {

using dsp::GuardMeter;
using dsp::GuardProcessor;
using dsp::GuardTargets;
using dsp::LimiterFormat;
using dsp::LimiterMode;

constexpr std::uint32_t rate = 48000;
constexpr LimiterMode modes[] = {LimiterMode::guard, LimiterMode::low, LimiterMode::standard, LimiterMode::smooth};

LimiterFormat format_of(LimiterMode mode, std::uint32_t channels = 2, std::uint32_t rate_hz = rate) {
    return {.channels = channels, .rate_hz = rate_hz, .mode = mode};
}

GuardTargets targets(std::uint64_t generation, float gain, float ceiling, float rise = 0.0F) {
    GuardTargets to;
    to.generation = generation;
    to.gain = gain;
    to.ceiling = ceiling;
    to.rise_db_per_s = rise;
    return to;
}

/// What a guard makes of `in`, cut by `next_length`; what `act(frame)` gives is in force from the block that begins there on.
template <class NextLength, class Act>
Channels guarded(GuardProcessor &guard, const Channels &in, NextLength next_length, Act act, std::uint32_t rate_hz = rate) {
    const std::size_t frames = in.front().size();
    Channels out(in.size(), std::vector<float>(frames, 77.0F));
    std::vector<const float *> from(in.size());
    std::vector<float *> to(in.size());
    for (std::size_t done = 0; done < frames;) {
        const GuardTargets now = act(done);
        const std::size_t count = std::min<std::size_t>(next_length(), frames - done);
        for (std::size_t c = 0; c < in.size(); ++c) {
            from[c] = in[c].data() + done;
            to[c] = out[c].data() + done;
        }
        guard.process(from.data(), to.data(), static_cast<std::uint32_t>(count), rate_hz, now);
        done += count;
    }
    return out;
}

auto blocks_of(std::uint32_t frames) {
    return [frames] { return frames; };
}
auto always(const GuardTargets &now) {
    return [now](std::size_t) { return now; };
}

TEST(GuardPath, HasTheLatencyOfItsModeAndIsADelayLineBelowTheCeiling) {
    for (const LimiterMode mode : modes) {
        GuardProcessor guard(format_of(mode), targets(1, 1.0F, 1.0F));
        const Channels in = {sine(997.0, rate, 0.99, 20'000), sine(440.0, rate, 0.3, 20'000)};
        const Channels out = guarded(guard, in, blocks_of(256), always(targets(1, 1.0F, 1.0F)));
        for (std::size_t c = 0; c < 2; ++c) EXPECT_TRUE(same_bits(out[c], delayed(in[c], guard.latency_frames()))) << static_cast<int>(mode);
        EXPECT_EQ(guard.meter().latency_frames, guard.latency_frames());
        EXPECT_EQ(guard.latency_frames() == 0, mode == LimiterMode::guard);
    }
}

// The cue comes in with the sound: the gain, the limiter and the latency are its own.
TEST(GuardPath, PlaysACueAsIfItHadComeInWithTheSound) {
    constexpr float peak = 0.5F;
    for (const LimiterMode mode : modes) {
        const Channels sound = {sine(997.0, rate, 0.7, 20'000), sine(440.0, rate, 0.3, 20'000)};
        Channels with_cue = sound;
        const auto cue = dsp::cue_samples(1.0F, rate);
        for (auto &channel : with_cue)
            for (std::size_t i = 0; i < cue.size(); ++i) channel[i] += peak * cue[i];
        const auto now = targets(1, 0.8F, 0.6F);
        GuardProcessor guard(format_of(mode), now);
        GuardProcessor other(format_of(mode), now);
        guard.play_cue({peak, peak});
        std::uint32_t next = 0;
        const Channels out = guarded(guard, sound, [&] { return 100 + 37 * (next++ % 9); }, always(now));
        const Channels expected = guarded(other, with_cue, blocks_of(256), always(now));
        for (std::size_t c = 0; c < 2; ++c) {
            EXPECT_TRUE(same_bits(out[c], expected[c])) << static_cast<int>(mode);
            EXPECT_EQ(above(out[c], 0.6F), 0U);
        }
    }
}

// It tells of a sound that is over: neither one that waits nor the rest of one that began is heard with the next.
TEST(GuardPath, LeavesACueOutAfterAPause) {
    const auto now = targets(1, 1.0F, 1.0F);
    std::vector<float> block(256, 0.0F);
    const auto heard = [&](GuardProcessor &guard, double idle_seconds) {
        float peak = 0.0F;
        for (int n = 0; n < 60; ++n) { // longer than a cue
            const float *in[] = {nullptr};
            float *out[] = {block.data()};
            guard.process(in, out, 256, rate, now, n == 0 ? idle_seconds : 0.0);
            for (const float sample : block) peak = std::max(peak, std::fabs(sample));
        }
        return peak;
    };
    GuardProcessor guard(format_of(LimiterMode::guard, 1), now);
    guard.play_cue({0.5F});
    EXPECT_GT(heard(guard, 0.0), 0.49F) << "the control: it is heard where nothing paused";
    guard.play_cue({0.5F});
    EXPECT_EQ(heard(guard, 1e-9), 0.0F) << "it waited";
    guard.play_cue({0.5F});
    const float *in[] = {nullptr};
    float *out[] = {block.data()};
    for (int n = 0; n < 9; ++n) guard.process(in, out, 256, rate, now);
    EXPECT_EQ(heard(guard, 3.0), 0.0F) << "it had begun";
}

// Must hold 1 and 2, on the whole path: every gain moves, targets carry stamps, and only the blocks differ.
TEST(GuardPath, OutputIsTheSameForAllPartitionsAndNeverAboveTheCeiling) {
    const std::size_t frames = nightly() ? 4'000'000 : 42'000;
    constexpr std::uint32_t slow = 8000; // the governor hears seconds
    std::vector<GuardTargets> plan = {targets(1, 0.5F, 0.5F), targets(2, 0.1F, 0.2F), targets(3, 0.9F, 0.9F, 30.0F),
                                      targets(4, 0.9F, 0.3F, 30.0F), targets(5, 0.05F, 0.9F, 6.0F)};
    for (std::size_t i = 0; i < plan.size(); ++i) {
        plan[i].from_frame = i * 8009;
        plan[i].governor_dbfs = -40.0;
        plan[i].release_seconds = 0.02F * static_cast<float>(i + 1);
    }
    // The newest whose time has come, at a block's start; those in between are never seen, and must not be missed: a plan's
    // entry is handed over well before its frame, and when the one before it has acted.
    const auto act = [&](std::size_t frame) {
        std::size_t next = 0;
        while (next + 1 < plan.size() && plan[next].from_frame + 64 < frame) ++next;
        return plan[next];
    };
    // Linked, the loudest patterns leave nothing of the other channel: once more without them.
    const Channels tame = {uneven_noise(frames, 23), uneven_noise(frames, 29)};
    for (const LimiterMode mode : modes)
        for (const Channels &in : {Channels{uneven_noise(frames, 17), random_bits(frames, 19)}, tame}) {
            GuardProcessor reference(format_of(mode, 2, slow), plan[0]);
            const Channels expected = guarded(reference, in, blocks_of(64), act, slow);
            EXPECT_EQ(above(expected[0], 0.9F) + above(expected[1], 0.9F), 0U);
            EXPECT_EQ(above({expected[1].begin() + 8016, expected[1].begin() + 16'000}, 0.2F), 0U);
            EXPECT_EQ(reference.meter().generation, plan.back().generation);
            EXPECT_EQ(reference.meter().governor < 1.0F, in == tame) << "a governor at work";
            for (std::uint32_t i = 0; i < 6; ++i) {
                constexpr std::uint32_t cuts[] = {1, 4, 32, 61, 441};
                GuardProcessor guard(format_of(mode, 2, slow), plan[0]);
                Mixture mixture(i);
                const Channels out = guarded(guard, in, [&] { return i < 5 ? cuts[i] : std::min(mixture(), 4096U); }, act, slow);
                EXPECT_TRUE(same_bits(out[0], expected[0]) && same_bits(out[1], expected[1])) << static_cast<int>(mode) << ", " << i;
            }
        }
}

TEST(GuardPath, TargetsWaitForTheirFrame) {
    for (const LimiterMode mode : modes) {
        GuardTargets later = targets(2, 0.0F, 0.0F);
        later.from_frame = 1003;
        GuardProcessor guard(format_of(mode, 1), targets(1, 1.0F, 1.0F));
        const auto out = guarded(guard, {std::vector<float>(4096, 0.5F)}, blocks_of(4096), always(later)).front();
        EXPECT_EQ(above({out.begin(), out.begin() + 1003}, 0.499F), 1003U - guard.latency_frames());
        EXPECT_EQ(above({out.begin() + 1008, out.end()}, 0.0F), 0U) << "the boundary behind it";
    }
}

TEST(GuardPath, TargetsWaitForTheirFrameThroughAnEmptyBlockAndAPauseToo) {
    for (const LimiterMode mode : modes)
        for (const double pause : {0.0, 1e-9, 2.0}) {
            GuardTargets later = targets(2, 0.1F, 1.0F);
            later.from_frame = 5000;
            GuardProcessor guard(format_of(mode, 1), targets(1, 1.0F, 1.0F));
            const std::vector<float> in(4096, 0.5F);
            std::vector<float> out(4096);
            const float *from = in.data();
            float *to = out.data();
            guard.process(&from, &to, 0, rate, later, pause);
            guard.process(&from, &to, 4096, rate, later);
            EXPECT_EQ(out.back(), 0.5F) << static_cast<int>(mode) << ", " << pause;
            EXPECT_EQ(guard.meter().generation, 1U);
            guard.process(&from, &to, 4096, rate, later);
            EXPECT_LT(out.back(), 0.051F);
        }
}

// product.md, "What a limit is": 1 dB/s down, to the target.
TEST(GuardPath, TheGovernorHoldsTheLevelAtTheEar) {
    GuardTargets held = targets(1, 1.0F, 1.0F);
    held.governor_dbfs = -20.0;
    GuardProcessor guard(format_of(LimiterMode::guard, 1), held);
    const std::vector<float> second = sine(1000.0, rate, from_db(-12.0), rate);
    float after_five = 1.0F;
    std::vector<float> out;
    for (int s = 0; s < 45; ++s) {
        out = guarded(guard, {second}, blocks_of(1024), always(held)).front();
        if (s == 4) after_five = guard.meter().governor;
    }
    EXPECT_GT(after_five, from_db(-3.0)) << "3 s to hear, then 1 dB/s";
    EXPECT_NEAR(to_db(guard.meter().governor), -8.0, 0.1);
    EXPECT_NEAR(guard.meter().level_dbfs, -20.0F, 0.1F);
    EXPECT_NEAR(to_db(*std::max_element(out.begin(), out.end())), -20.0, 0.1);
    // Without a target it lets go, at 0.5 dB/s.
    const GuardTargets free = targets(2, 1.0F, 1.0F);
    guarded(guard, {second}, blocks_of(1024), always(free));
    EXPECT_NEAR(to_db(guard.meter().governor), -7.5, 0.1);
}

TEST(GuardPath, EnergyIsThatOfTheSoundBehindTheLimiter) {
    GuardProcessor guard(format_of(LimiterMode::standard), targets(1, 1.0F, 0.5F));
    guarded(guard, {sine(1000.0, rate, 5.0, 4 * rate), sine(1000.0, rate, 0.25, 4 * rate)}, blocks_of(1024), always(targets(1, 1.0F, 0.5F)));
    const GuardMeter meter = guard.meter();
    EXPECT_NEAR(meter.weighted_seconds, 4.0, 0.002);
    // The limiter brings both down by 20 dB (linked).
    EXPECT_NEAR(meter.weighted_energy[0] / meter.weighted_seconds, 0.125, 0.002);
    EXPECT_NEAR(meter.weighted_energy[1] / meter.weighted_seconds, 0.125 / 400.0, 1e-5);
}

struct Change {
    LimiterFormat to;
    std::uint32_t rate_hz;
};

TEST(GuardPath, AnotherModeOrRateComesWithoutAGapAboveTheCeilingOrAStep) {
    for (const Change &change : {Change{format_of(LimiterMode::smooth, 1), rate}, Change{format_of(LimiterMode::guard, 1), rate},
                                 Change{format_of(LimiterMode::low, 1, 96000), 96000}}) {
        GuardProcessor guard(format_of(LimiterMode::standard, 1), targets(1, 1.0F, 0.5F));
        const GuardTargets now = targets(1, 1.0F, 0.5F);
        // A slow tone below the ceiling: between two frames it moves by 0.0013 at most, and a fade between two delays of it
        // by a little more.
        const std::vector<float> slow = sine(50.0, rate, 0.4, 9600);
        guarded(guard, {slow}, blocks_of(256), always(now));
        guard.rebuild(change.to);
        EXPECT_EQ(guard.format().mode, change.to.mode);
        std::vector<float> out = guarded(guard, {slow}, blocks_of(256), always(now), change.rate_hz).front();
        for (std::size_t i = 1; i < out.size(); ++i) ASSERT_LE(std::fabs(out[i] - out[i - 1]), 0.01F) << i;
        EXPECT_EQ(guard.meter().latency_frames, guard.latency_frames());
        EXPECT_TRUE(same_bits({out.begin() + 2000, out.end()},
                              {slow.begin() + 2000 - guard.latency_frames(), slow.end() - guard.latency_frames()}));
        // Far above it while it changes back.
        const std::vector<float> loud = uneven_noise(9600, 5);
        guard.rebuild(format_of(LimiterMode::standard, 1));
        out = guarded(guard, {loud}, blocks_of(61), always(now), change.rate_hz).front();
        EXPECT_EQ(above(out, 0.5F), 0U);
        EXPECT_GT(above(out, 0.3F), 0U);
    }
}

TEST(GuardPath, NegativeAndNanCeilingsAreSilenceThroughAChangeToo) {
    for (const float ceiling : {-1.0F, std::numeric_limits<float>::quiet_NaN()}) {
        GuardProcessor guard(format_of(LimiterMode::standard, 1), targets(1, 1.0F, ceiling));
        guarded(guard, {std::vector<float>(1000, 0.5F)}, blocks_of(256), always(targets(1, 1.0F, ceiling)));
        guard.rebuild(format_of(LimiterMode::guard, 1));
        const auto out = guarded(guard, {std::vector<float>(1000, 0.5F)}, blocks_of(256), always(targets(1, 1.0F, ceiling))).front();
        EXPECT_EQ(above(out, 0.0F), 0U) << ceiling;
    }
}

TEST(GuardPath, AChangeLosesNoEnergy) {
    GuardProcessor guard(format_of(LimiterMode::guard, 1), targets(1, 1.0F, 1.0F));
    const std::vector<float> tone = sine(1000.0, rate, 0.5, 64 * 10 + 63);
    guarded(guard, {tone}, blocks_of(703), always(targets(1, 1.0F, 1.0F)));
    const double before = guard.meter().weighted_energy[0];
    guard.rebuild(format_of(LimiterMode::smooth, 1));
    guarded(guard, {std::vector<float>(1, 0.0F)}, blocks_of(1), always(targets(1, 1.0F, 1.0F)));
    EXPECT_NEAR(guard.meter().weighted_seconds * rate, 703.0, 1e-6);
    EXPECT_NEAR(guard.meter().weighted_energy[0] - before, 63.0 / rate * 0.125, 10.0 / rate * 0.125);
}

TEST(GuardPath, TheGovernorsGainAndTheCountersOutliveAChange) {
    GuardTargets held = targets(1, 1.0F, 1.0F);
    held.governor_dbfs = -30.0;
    GuardProcessor guard(format_of(LimiterMode::guard, 1), held);
    std::vector<float> tone = sine(1000.0, rate, 0.5, 8 * rate);
    tone[77] = std::numeric_limits<float>::quiet_NaN();
    guarded(guard, {tone}, blocks_of(1024), always(held));
    const GuardMeter before = guard.meter();
    ASSERT_LT(before.governor, from_db(-3.0));
    guard.rebuild(format_of(LimiterMode::smooth, 1));
    guarded(guard, {std::vector<float>(1024, 0.1F)}, blocks_of(128), always(held));
    EXPECT_NEAR(to_db(guard.meter().governor), to_db(before.governor), 0.05);
    EXPECT_EQ(guard.meter().faults, 1U);
    EXPECT_EQ(guard.meter().frames, before.frames + 1024);
    EXPECT_GE(guard.meter().weighted_energy[0], before.weighted_energy[0]);
    EXPECT_GT(guard.meter().weighted_seconds, before.weighted_seconds);
    // A target taken while the change was under way is not lost either.
    guard.rebuild(format_of(LimiterMode::low, 1));
    held.generation = 2;
    held.governor_dbfs = -50.0;
    for (int s = 0; s < 40; ++s) guarded(guard, {std::vector<float>(tone.begin() + rate, tone.begin() + 2 * rate)}, blocks_of(1024), always(held));
    EXPECT_NEAR(guard.meter().level_dbfs, -50.0F, 0.5F);
}

TEST(GuardPath, AfterAPauseNothingOfTheOldSoundIsHeard) {
    GuardProcessor guard(format_of(LimiterMode::smooth, 1), targets(1, 1.0F, 1.0F));
    guarded(guard, {std::vector<float>(4096, 0.5F)}, blocks_of(256), always(targets(1, 1.0F, 1.0F)));
    std::vector<float> in(1024, 0.25F);
    std::vector<float> out(1024, 7.0F);
    const float *from = in.data();
    float *to = out.data();
    guard.process(&from, &to, 1024, rate, targets(1, 1.0F, 1.0F), 2.0);
    EXPECT_TRUE(same_bits(out, delayed(in, guard.latency_frames())));
}

TEST(GuardPath, AfterAPauseInWhichItWasRebuiltNothingOfTheOldSoundIsHeardEither) {
    GuardProcessor guard(format_of(LimiterMode::smooth, 1), targets(1, 1.0F, 1.0F));
    guarded(guard, {std::vector<float>(4096, 0.5F)}, blocks_of(256), always(targets(1, 1.0F, 1.0F)));
    guard.rebuild(format_of(LimiterMode::smooth, 1, 44100));
    std::vector<float> out(1024, 7.0F);
    const std::vector<float> in(1024, 0.5F);
    const float *from = in.data();
    float *to = out.data();
    GuardTargets quieter = targets(2, 0.01F, 1.0F);
    quieter.rescale_db = -40.0;
    guard.process(&from, &to, 1024, 44100, quieter, 1e-9);
    EXPECT_EQ(above(out, 0.0051F), 0U);
    EXPECT_GT(above(out, 0.0049F), 0U) << "silence";
}

// What the engine does when an order is in force (it opens the sink) must find no older sound on its way.
TEST(GuardPath, AnOrderIsInForceWhenNothingOfTheTimeBeforeComesOutAnyMore) {
    for (const LimiterMode before : modes)
        for (const LimiterMode after : modes) {
            GuardProcessor guard(format_of(before, 1), targets(1, 1.0F, 1.0F));
            guarded(guard, {std::vector<float>(4096, 0.5F)}, blocks_of(256), always(targets(1, 1.0F, 1.0F)));
            guard.rebuild(format_of(after, 1));
            GuardTargets quieter = targets(2, 0.01F, 1.0F);
            quieter.rescale_db = -40.0;
            bool told = false;
            for (int block = 0; block < 64; ++block) {
                const auto out = guarded(guard, {std::vector<float>(16, 0.5F)}, blocks_of(16), always(quieter)).front();
                if (told) {
                    EXPECT_EQ(above(out, 0.0051F), 0U) << static_cast<int>(before) << " to " << static_cast<int>(after);
                }
                told = guard.meter().generation == 2;
            }
            EXPECT_TRUE(told);
        }
}

TEST(GuardPath, PeaksAreToldThroughAChange) {
    GuardProcessor guard(format_of(LimiterMode::smooth, 1), targets(1, 1.0F, 1.0F));
    guarded(guard, {std::vector<float>(4096, 0.4F)}, blocks_of(256), always(targets(1, 1.0F, 1.0F)));
    guard.rebuild(format_of(LimiterMode::smooth, 1));
    guard.forget_peaks();
    guarded(guard, {std::vector<float>(64, 0.4F)}, blocks_of(64), always(targets(1, 1.0F, 1.0F)));
    EXPECT_EQ(guard.meter().peak_out, 0.4F);
}

TEST(GuardPath, TheFirstTargetsReleaseCounts) {
    GuardTargets slow = targets(1, 1.0F, 0.1F);
    slow.release_seconds = 2.0F;
    GuardProcessor guard(format_of(LimiterMode::guard, 1), slow);
    guarded(guard, {std::vector<float>(1024, 1.0F)}, blocks_of(256), always(slow));
    guard.forget_peaks();
    const auto out = guarded(guard, {std::vector<float>(4800, 0.05F)}, blocks_of(256), always(slow)).front();
    EXPECT_LT(out.back(), 0.05F * 0.2F);
}

TEST(GuardPath, ANewGuardsGovernorStandsWhereTheLastOneStood) {
    GuardTargets held = targets(1, 1.0F, 1.0F);
    held.governor_dbfs = -20.0;
    GuardProcessor guard(format_of(LimiterMode::guard, 1), held, 0.25);
    const auto first = guarded(guard, {std::vector<float>(4800, 0.5F)}, blocks_of(256), always(held)).front();
    EXPECT_NEAR(first.back(), 0.125F, 1e-6F);
    guarded(guard, {std::vector<float>(10 * rate, 0.0F)}, blocks_of(1024), always(held));
    EXPECT_GT(guard.meter().governor, 0.3F) << "lets go once it has heard";
    EXPECT_LT(guard.meter().governor, 0.25F * static_cast<float>(from_db(0.5 * 10.0)));
}

TEST(GuardPath, PeaksAreKeptUntilSomebodyReadThem) {
    GuardProcessor guard(format_of(LimiterMode::guard, 1), targets(1, 1.0F, 0.5F));
    const auto play = [&](float amplitude) {
        guarded(guard, {std::vector<float>(256, amplitude)}, blocks_of(256), always(targets(1, 1.0F, 0.5F)));
    };
    play(2.0F);
    play(0.1F);
    EXPECT_EQ(guard.meter().peak_in, 2.0F);
    EXPECT_NEAR(guard.meter().reduction, 0.25F, 1e-5F);
    guard.forget_peaks();
    play(0.1F);
    EXPECT_EQ(guard.meter().peak_in, 0.1F);
}

TEST(TripleBuffer, TellsTheWriterWhetherItsLastValueWasRead) {
    dsp::TripleBuffer<int> box(0);
    EXPECT_FALSE(box.unread());
    box.write(1);
    EXPECT_TRUE(box.unread());
    EXPECT_EQ(box.read(), 1);
    EXPECT_FALSE(box.unread());
}

} // namespace
} // namespace soundwarden::test
