// SPDX-License-Identifier: MIT
// The dose of real samples through the guard's own meter, against closed forms and against the constants that Android publishes.
// Expected values: reference/sensing.md §3.3 and §3.4, reference/limiter.md §4; issue 8, "Must hold".
#include "dose_world.hpp"

#include "dsp/a_weighting.hpp"
#include "dsp/guard_processor.hpp"

#include <gtest/gtest.h>

#include <complex>
#include <limits>
#include <numbers>
#include <random>

namespace soundwarden::dose::testing {
namespace {

constexpr double within_db = 0.1;

using Planes = std::vector<std::vector<float>>;

std::vector<float> tone(double hz, double level_dbfs, std::uint32_t rate, double seconds = 1.0) {
    std::vector<float> wave(static_cast<std::size_t>(seconds * rate));
    for (std::size_t i = 0; i < wave.size(); ++i)
        wave[i] = static_cast<float>(std::pow(10.0, level_dbfs / 20.0) * std::sin(2.0 * std::numbers::pi * hz * static_cast<double>(i) / rate));
    return wave;
}

/// A guard that lets everything through, its meter, and the ear behind it.
class Listening {
  public:
    explicit Listening(std::uint32_t rate, std::uint32_t channels = 2)
        : rate_(rate), processor_({.channels = channels, .rate_hz = rate, .mode = LimiterMode::guard}, open()), world_() {
        world_.source().energies.assign(channels, 0.0);
    }
    World &world() { return world_; }
    void rebuild(std::uint32_t rate) {
        rate_ = rate;
        auto format = processor_.format();
        format.rate_hz = rate;
        processor_.rebuild(format);
    }
    /// One second of sound (rate() frames a channel), in blocks of `quantum`, and a tick.
    void second(const Planes &planes, std::uint32_t quantum = 1024) {
        for (std::uint32_t at = 0; at < rate_; at += quantum) {
            const std::uint32_t frames = std::min(quantum, rate_ - at);
            std::vector<const float *> in;
            for (const auto &plane : planes) in.push_back(plane.data() + at);
            out_.assign(in.size(), std::vector<float>(quantum));
            std::vector<float *> out;
            for (auto &plane : out_) out.push_back(plane.data());
            processor_.process(in.data(), out.data(), frames, rate_, open());
        }
        world_.pass(1.0);
        const auto &meter = processor_.meter();
        world_.source().weighted_seconds = meter.weighted_seconds;
        for (std::size_t c = 0; c < planes.size(); ++c) world_.source().energies[c] = meter.weighted_energy[c];
        world_.tick();
    }
    double level() { return world_.keeper.now().level.value_or(Decibels{-999.0}).value; }

  private:
    static dsp::GuardTargets open() {
        dsp::GuardTargets targets;
        targets.generation = 1;
        targets.gain = 1.0F;
        targets.ceiling = dsp::no_ceiling;
        return targets;
    }
    std::uint32_t rate_;
    Planes out_;
    dsp::GuardProcessor processor_;
    World world_;
};

TEST(Tone, at_80_dBA_for_24_hours_is_60_per_cent_of_an_adults_week) {
    // 24 of 40 hours at 80 dB(A): 0.96 Pa²h. A full-scale sine is 110 dB, so −30 dBFS.
    Listening at(8000);
    const Planes planes{tone(1000, -30, 8000), tone(1000, -30, 8000)};
    for (int s = 0; s < 24 * 3600; ++s) at.second(planes, 8000);
    EXPECT_NEAR(db(at.world().percent() / 60.0), 0.0, within_db);
    EXPECT_NEAR(db(at.world().keeper.now().week.pa2h / 0.96), 0.0, within_db);
    EXPECT_NEAR(at.world().keeper.now().week.seconds, 24 * 3600.0, 60.0);
}

TEST(Tone, at_75_dBA_for_40_hours_is_the_week_of_those_who_are_more_easily_hurt) {
    World at;
    at.settings.allowance_pa2h = sensitive_allowance_pa2h;
    at.play_minutes(40 * 60, 75.0);
    EXPECT_NEAR(db(at.percent() / 100.0), 0.0, within_db); // 0.506 of 0.51 Pa²h
}

TEST(Tone, of_100_dBA_uses_up_the_week_in_24_minutes) {
    World at;
    at.play(24 * 60, 100.0);
    EXPECT_NEAR(db(at.percent() / 100.0), 0.0, within_db);
    EXPECT_NEAR(seconds_until(adult_allowance_pa2h, Decibels{100.0}) / 60.0, 24.0, 0.01);
    EXPECT_NEAR(seconds_until(adult_allowance_pa2h, Decibels{85.0}) / 3600.0, 12.65, 0.01);
    EXPECT_EQ(seconds_until(adult_allowance_pa2h, Decibels{64.9}), std::numeric_limits<double>::infinity());
    EXPECT_EQ(seconds_until(0.0, Decibels{90.0}), 0.0);
}

TEST(PinkNoise, counts_by_the_A_curve) {
    // Lines at whole hertz with 1/f power: periodic in a second, so its level is a sum that can be written down.
    constexpr std::uint32_t rate = 48000;
    std::mt19937 dice(7);
    std::vector<std::complex<double>> phase(64);
    double weighted = 0.0;
    std::vector<double> wave(rate);
    for (double hz = 20.0; hz < 20'000.0; hz = std::ceil(hz * 1.07)) {
        const double amplitude = 0.02 * std::sqrt(std::ceil(hz * 1.07) - hz) / std::sqrt(hz);
        const double turn = 2.0 * std::numbers::pi * static_cast<double>(dice()) / 4294967296.0;
        for (std::size_t i = 0; i < rate; ++i) wave[i] += amplitude * std::cos(2.0 * std::numbers::pi * hz * static_cast<double>(i) / rate + turn);
        weighted += 0.5 * std::pow(amplitude * dsp::a_weighting(hz), 2);
    }
    std::vector<float> plane(wave.begin(), wave.end());
    Listening at(rate);
    for (int s = 0; s < 20; ++s) at.second({plane, plane});
    EXPECT_NEAR(at.level(), db(2.0 * weighted) + 110.0, within_db);
    // Unweighted it would be more than 1 dB louder: the curve is really there.
    double flat = 0.0;
    for (const double sample : wave) flat += sample * sample / rate;
    EXPECT_GT(db(2.0 * flat) + 110.0, at.level() + 1.0);
}

TEST(OneEar, counts_as_much_as_both) {
    constexpr std::uint32_t rate = 48000;
    const std::vector<float> loud = tone(1000, -20, rate);
    const std::vector<float> silence(rate);
    Listening one(rate);
    Listening both(rate);
    for (int s = 0; s < 10; ++s) {
        one.second({silence, loud});
        both.second({loud, loud});
    }
    EXPECT_NEAR(one.world().percent(), both.world().percent(), 1e-9);
    EXPECT_NEAR(one.level(), 90.0, within_db);
}

TEST(OneEar, of_two_that_take_turns_is_the_louder_one_in_each_second) {
    World at;
    for (int s = 0; s < 100; ++s) {
        at.pass(1.0);
        at.hear(1.0, s % 2 == 0 ? std::vector<double>{-20.0, -60.0} : std::vector<double>{-60.0, -20.0});
        at.tick();
    }
    EXPECT_NEAR(at.keeper.now().week.pa2h, exposure_pa2h(Decibels{90.0}, 100.0), 1e-9);
}

TEST(EachOutput, has_its_own_level_while_an_ear_hears_it) {
    World world;
    world.sources.push_back({"earbuds", 2, 0.0, {0.0, 0.0}, Decibels{120.0}, true});
    world.tick();
    world.sources[1].weighted_seconds += 1.0;
    world.sources[1].energies[0] += 0.5 * std::pow(10.0, -40.0 / 10.0);
    world.play(1.0, 90.0);
    ASSERT_EQ(world.keeper.now().levels.size(), 2U);
    EXPECT_NEAR(world.keeper.now().levels.at("headphones").value, 90.0, 1e-9);
    EXPECT_NEAR(world.keeper.now().levels.at("earbuds").value, 80.0, 1e-9);
    EXPECT_EQ(world.keeper.now().level, world.keeper.now().levels.at("headphones")) << "the loudest of them";
    world.play(1.0, 90.0);
    EXPECT_EQ(world.keeper.now().levels.count("earbuds"), 0U) << "silence";
    world.sources.clear();
    world.pass(1.0);
    world.tick();
    EXPECT_TRUE(world.keeper.now().levels.empty());
}

TEST(RateAndQuantum, change_nothing_of_what_is_counted) {
    const auto hour_of = [](const std::vector<std::pair<std::uint32_t, std::uint32_t>> &formats) {
        Listening at(formats.front().first);
        for (const auto &[rate, quantum] : formats) {
            at.rebuild(rate);
            const Planes planes{tone(1000, -20, rate), tone(1000, -20, rate)};
            for (int s = 0; s < 60; ++s) at.second(planes, quantum);
        }
        return at.world().keeper.now().week.pa2h;
    };
    const double plain = hour_of({{48000, 1024}, {48000, 1024}, {48000, 1024}, {48000, 1024}});
    const double mixed = hour_of({{48000, 1024}, {44100, 441}, {96000, 64}, {48000, 8191}});
    EXPECT_NEAR(db(mixed / plain), 0.0, within_db);
    EXPECT_NEAR(db(plain / exposure_pa2h(Decibels{90.0}, 240.0)), 0.0, within_db);
}

// --- Beside the constants of Android's implementation (reference/sensing.md §3.3: MelProcessor, MelAggregator) -------------------

namespace android {
constexpr double offset_db = 110.0;
constexpr double adjustment_db = -3.0;
constexpr double threshold_pa2s = 5760.0;
constexpr double reference_energy_pa2 = 4e-10;
/// Its level of two ears whose A-weighted mean squares (full scale = 1) are these.
double level(double left, double right) { return db(left + right) + adjustment_db + offset_db; }
double week_share(double level_db, double seconds) { return reference_energy_pa2 * std::pow(10.0, level_db / 10.0) * seconds / threshold_pa2s; }
} // namespace android

TEST(Android, gives_the_same_dose_for_the_same_level) {
    for (const double level : {80.0, 85.0, 94.0, 100.0, 110.0}) {
        World at;
        at.play(100, level);
        EXPECT_NEAR(at.percent() / 100.0, android::week_share(level, 100.0), 1e-4 * android::week_share(level, 100.0)) << level;
    }
    EXPECT_NEAR(adult_allowance_pa2h * seconds_per_hour, android::threshold_pa2s, 1e-9);
    EXPECT_EQ(reference_pa2, android::reference_energy_pa2);
}

TEST(Android, gives_the_same_level_for_a_tone_on_both_ears) {
    // Its decibels are re the mean square of a full-scale square wave: its 110 dB are 107 dB for a full-scale sine (110 − 3.01).
    constexpr std::uint32_t rate = 48000;
    Listening at(rate);
    at.world().source().spl_at_full_scale = Decibels{android::offset_db - 3.01};
    for (int s = 0; s < 3; ++s) at.second({tone(1000, -10, rate), tone(1000, -10, rate)});
    EXPECT_NEAR(at.level(), android::level(0.05, 0.05), within_db);
    EXPECT_NEAR(at.level(), 97.0, within_db);
}

TEST(Android, hears_3_dB_less_where_one_ear_only_gets_sound_and_we_do_not) {
    // It takes the mean of both ears; the ear that gets the sound gets all of it.
    constexpr std::uint32_t rate = 48000;
    Listening at(rate);
    at.world().source().spl_at_full_scale = Decibels{android::offset_db - 3.01};
    for (int s = 0; s < 3; ++s) at.second({tone(1000, -10, rate), std::vector<float>(rate)});
    EXPECT_NEAR(at.level(), 97.0, within_db);
    EXPECT_NEAR(android::level(0.05, 0.0), 94.0, within_db);
}

/// The A curve through the bilinear transform at `rate`, dB re 1 kHz: what three biquads that are designed so can do.
double bilinear_a_db(double hz, double rate) {
    const auto warped = [&](double f) { return rate / std::numbers::pi * std::tan(std::numbers::pi * f / rate); };
    return 20.0 * std::log10(dsp::a_weighting(warped(hz)) / dsp::a_weighting(warped(1000.0)));
}

TEST(Android, hears_6_dB_less_at_16_kHz_and_we_do_not) {
    // reference/sensing.md §3.4: its biquads read −6.4 dB at 16 kHz and −0.5 dB at 8 kHz at 48 kHz, by the bilinear transform's warping.
    constexpr std::uint32_t rate = 48000;
    for (const auto &[hz, theirs] : {std::pair{1000.0, 0.0}, {8000.0, -0.5}, {16000.0, -6.4}}) {
        const double curve = 20.0 * std::log10(dsp::a_weighting(hz));
        Listening at(rate);
        for (int s = 0; s < 3; ++s) at.second({tone(hz, -10, rate), tone(hz, -10, rate)});
        EXPECT_NEAR(at.level(), 100.0 + curve, within_db) << hz;
        EXPECT_NEAR(bilinear_a_db(hz, rate) - curve, theirs, 0.6) << hz;
    }
}

TEST(Android, keeps_nothing_below_80_dBA_and_we_count_from_65) {
    World quiet;
    quiet.play(100, 70.0);
    EXPECT_GT(quiet.percent(), 0.0);
    World still;
    still.play(100, 64.0);
    EXPECT_EQ(still.percent(), 0.0);
    EXPECT_NEAR(still.keeper.now().level->value, 64.0, 1e-6) << "it is shown all the same";
}

} // namespace
} // namespace soundwarden::dose::testing
