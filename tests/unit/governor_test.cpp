// SPDX-License-Identifier: MIT
// The governor with its meter, at 8 kHz, where time is cheap; the one dependence on the rate is tested at others too
// (issue 5, "Governor").
#include "dsp/governor.hpp"

#include "allocations.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

namespace soundwarden::dsp {
namespace {

constexpr std::uint32_t low_rate = 8000;
constexpr double no_target = std::numeric_limits<double>::infinity();

double amplitude_of(double db) { return std::pow(10.0, db / 20.0); }
double to_db(double ratio) { return 20.0 * std::log10(ratio); }

// 1 kHz, where the curve is 0 dB: its level is that of its amplitude.
std::vector<float> tone(double level_db, double seconds, std::uint32_t rate = low_rate) {
    std::vector<float> wave(static_cast<std::size_t>(seconds * rate));
    const double amplitude = amplitude_of(level_db);
    // One period, repeated: the sines are most of the time of these tests otherwise.
    const std::size_t period = rate / 1000;
    for (std::size_t i = 0; i < wave.size(); ++i) {
        wave[i] = i < period ? static_cast<float>(amplitude * std::sin(2.0 * std::numbers::pi * 1000.0 * static_cast<double>(i) / rate))
                             : wave[i - period];
    }
    return wave;
}

// White noise of one A-weighted level, measured.
std::vector<float> noise(double level_db, double seconds, std::uint32_t seed) {
    std::mt19937 engine(seed);
    std::vector<float> wave(static_cast<std::size_t>(seconds * low_rate));
    for (float &sample : wave) sample = static_cast<float>(engine()) * 0x1p-31F - 1.0F;
    AWeightedMeter meter(1, low_rate);
    const float *plane = wave.data();
    meter.process(&plane, static_cast<std::uint32_t>(wave.size()));
    const double measured = level_dbfs(meter.energy(0) / static_cast<double>(meter.frames())).value;
    for (float &sample : wave) sample *= static_cast<float>(amplitude_of(level_db - measured));
    return wave;
}

/// A governor in front of a meter, with the product in between. A null plane is silence.
void govern(Governor &governor, const float *const *in, float *const *out, std::uint32_t channels, std::uint32_t frames,
            const AWeightedMeter &meter) {
    static thread_local std::vector<float> gains;
    gains.assign(frames, 1.0F);
    const bool touched = governor.multiply(gains.data(), frames, meter);
    for (std::uint32_t c = 0; c < channels; ++c)
        for (std::uint32_t i = 0; i < frames; ++i) {
            if (out[c] == nullptr) continue;
            if (in[c] == nullptr) out[c][i] = 0.0F;
            else if (touched) out[c][i] = in[c][i] * gains[i];
            else std::memcpy(&out[c][i], &in[c][i], sizeof(float));
        }
}

struct Ear {
    std::uint32_t channels;
    Governor governor;
    AWeightedMeter meter;

    explicit Ear(double target_dbfs, std::uint32_t channel_count = 1, std::uint32_t rate = low_rate)
        : channels(channel_count), governor(channel_count, rate, {target_dbfs}), meter(channel_count, rate) {}

    // The same wave on all channels that `playing` names (bit 0: the first); gives what comes out of the first of them.
    std::vector<float> run(const std::vector<float> &wave, std::size_t block = 1024, std::uint32_t playing = 1) {
        std::vector<std::vector<float>> outs(channels, std::vector<float>(block));
        std::vector<float> result;
        result.reserve(wave.size());
        for (std::size_t at = 0; at < wave.size(); at += block) {
            const std::size_t count = std::min(block, wave.size() - at);
            std::vector<const float *> in(channels, nullptr);
            std::vector<float *> out(channels);
            std::vector<const float *> heard(channels);
            std::size_t shown = 0;
            for (std::uint32_t c = 0; c < channels; ++c) {
                if ((playing >> c & 1) != 0) in[c] = wave.data() + at;
                out[c] = outs[c].data();
                heard[c] = outs[c].data();
            }
            while ((playing >> shown & 1) == 0) ++shown;
            govern(governor, in.data(), out.data(), channels, static_cast<std::uint32_t>(count), meter);
            meter.process(heard.data(), static_cast<std::uint32_t>(count));
            result.insert(result.end(), outs[shown].begin(), outs[shown].begin() + static_cast<std::ptrdiff_t>(count));
        }
        return result;
    }
    double gain_db() const { return to_db(governor.gain()); }
};

TEST(Governor, steady_programme_above_the_target_comes_to_the_target) {
    Ear with_tone(-30.0);
    with_tone.run(tone(-18.0, 60.0));
    EXPECT_NEAR(with_tone.gain_db(), -12.0, 0.05);
    EXPECT_NEAR(with_tone.governor.level().value, -30.0, 0.05);

    Ear with_noise(-30.0);
    with_noise.run(noise(-21.0, 60.0, 1));
    EXPECT_NEAR(with_noise.gain_db(), -9.0, 0.5);
    // What comes out, by the meter and not by the governor's own account.
    const double before = with_noise.meter.energy(0);
    const std::uint64_t frames = with_noise.meter.frames();
    with_noise.run(noise(-21.0, 30.0, 2));
    EXPECT_NEAR(level_dbfs((with_noise.meter.energy(0) - before) / static_cast<double>(with_noise.meter.frames() - frames)).value, -30.0, 0.5);
}

TEST(Governor, does_not_swing_past_the_target) {
    Ear ear(-30.0);
    const auto second = tone(-15.0, 1.0);
    double lowest = 0.0;
    double last = 0.0;
    for (int s = 0; s < 100; ++s) {
        ear.run(second);
        lowest = std::min(lowest, ear.gain_db());
        last = ear.gain_db();
    }
    EXPECT_NEAR(last, -15.0, 0.05);
    EXPECT_GT(lowest, -15.05);
}

TEST(Governor, below_the_target_every_bit_goes_through) {
    Ear ear(-20.0);
    auto wave = noise(-20.5, 40.0, 3);
    std::mt19937 engine(4);
    for (std::size_t i = 0; i < 64; ++i) { // also what is no number, where it is too little to be heard
        const std::uint32_t bits = static_cast<std::uint32_t>(engine());
        std::memcpy(&wave[i * 1000], &bits, sizeof bits);
        if (std::isfinite(wave[i * 1000]) && std::fabs(wave[i * 1000]) > 0.1F) wave[i * 1000] = std::numeric_limits<float>::quiet_NaN();
    }
    const auto out = ear.run(wave);
    EXPECT_EQ(std::memcmp(out.data(), wave.data(), wave.size() * sizeof(float)), 0);
    EXPECT_EQ(ear.governor.gain(), 1.0);
}

TEST(Governor, without_a_target_every_bit_goes_through) {
    Ear ear(no_target);
    const auto wave = tone(30.0, 10.0);
    const auto out = ear.run(wave, 61);
    EXPECT_EQ(std::memcmp(out.data(), wave.data(), wave.size() * sizeof(float)), 0);
}

// The gain itself, sample by sample: what becomes of ones while the meter hears a loud tone.
struct Probe {
    Governor governor;
    AWeightedMeter meter;
    std::uint32_t rate;
    explicit Probe(double target, std::uint32_t at_rate) : governor(2, at_rate, {target}), meter(2, at_rate), rate(at_rate) {}

    std::vector<float> run(const std::vector<float> &wave) {
        std::vector<float> ones(wave.size(), 1.0F);
        std::vector<float> heard(wave.size());
        for (std::size_t at = 0; at < wave.size(); at += 1024) {
            const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(1024, wave.size() - at));
            const float *in[] = {wave.data() + at, ones.data() + at};
            float *out[] = {heard.data() + at, ones.data() + at};
            govern(governor, in, out, 2, count, meter);
            const float *behind[] = {heard.data() + at, nullptr};
            meter.process(behind, count);
        }
        return ones;
    }
};

void expect_slopes(const std::vector<float> &gains, std::uint32_t rate, double fall_db_per_s) {
    // What a float can be off by its rounding, at both ends.
    const double rounding = 3.0 * static_cast<double>(std::numeric_limits<float>::epsilon());
    for (const std::size_t span : {std::size_t{1}, std::size_t{64}, std::size_t{1000}}) {
        const double seconds = static_cast<double>(span) / rate;
        const double least = amplitude_of(-fall_db_per_s * seconds) - rounding;
        const double most = amplitude_of(0.5 * seconds) + rounding;
        std::size_t wrong = 0;
        for (std::size_t i = span; i < gains.size(); ++i) {
            const double ratio = static_cast<double>(gains[i]) / static_cast<double>(gains[i - span]);
            if (!(ratio >= least && ratio <= most)) ++wrong;
        }
        EXPECT_EQ(wrong, 0U) << rate << " over " << span;
    }
}

TEST(Governor, moves_one_decibel_a_second_down_and_half_of_that_up_at_most) {
    for (const std::uint32_t rate : {8000U, 44100U}) {
        const double scale = rate == low_rate ? 1.0 : 0.3; // the tests' time
        Probe probe(-40.0, rate);
        auto gains = probe.run(tone(0.0, 30.0 * scale, rate));
        const double fell = to_db(static_cast<double>(gains.back()));
        EXPECT_LT(fell, rate == low_rate ? -24.0 : -4.0); // it does fall, and as fast as it may:
        const std::size_t one = gains.size() - rate;
        EXPECT_NEAR(to_db(static_cast<double>(gains.back()) / static_cast<double>(gains[one])), -1.0, 0.01);
        if (rate == low_rate) {
            const auto rising = probe.run(std::vector<float>(rate * 45, 0.0F));
            EXPECT_NEAR(to_db(static_cast<double>(rising.back()) / static_cast<double>(rising[rising.size() - rate])), 0.5, 0.01);
            gains.insert(gains.end(), rising.begin(), rising.end());
        }
        expect_slopes(gains, rate, 1.0);
    }
}

TEST(Governor, returns_to_exactly_one) {
    Ear ear(-30.0);
    ear.run(tone(-22.0, 30.0));
    EXPECT_LT(ear.gain_db(), -7.0);
    ear.run(tone(-60.0, 60.0));
    EXPECT_EQ(ear.governor.gain(), 1.0);
    const auto wave = tone(-40.0, 1.0);
    EXPECT_EQ(ear.run(wave), wave);
}

// 100 ms at 40 dB above the programme: its plain energy mean over 30 s would be 15 dB above it for 30 s. It lies within a
// second in the first case, and across the border of two in the others.
TEST(Governor, one_loud_event_changes_nothing) {
    for (const double at_seconds : {0.0, 20.3, 24.95, 24.999}) {
        Ear ear(-30.0);
        auto wave = noise(-31.0, 60.0, 5);
        const auto from = static_cast<std::size_t>(at_seconds * low_rate);
        for (std::size_t i = from; i < from + low_rate / 10; ++i) wave[i] *= 100.0F;
        const auto out = ear.run(wave);
        EXPECT_EQ(out, wave) << at_seconds;
        EXPECT_NEAR(ear.governor.level().value, -31.0, 0.2) << at_seconds;
    }
}

TEST(Governor, one_loud_event_does_not_move_a_gain_in_force) {
    Ear ear(-30.0);
    ear.run(noise(-25.0, 60.0, 6));
    const double before = ear.gain_db();
    auto wave = noise(-25.0, 60.0, 7);
    for (std::size_t i = 40000; i < 40800; ++i) wave[i] *= 100.0F;
    double lowest = before;
    for (std::size_t at = 0; at < wave.size(); at += low_rate) {
        ear.run({wave.begin() + static_cast<std::ptrdiff_t>(at), wave.begin() + static_cast<std::ptrdiff_t>(at + low_rate)});
        lowest = std::min(lowest, ear.gain_db());
    }
    EXPECT_NEAR(lowest, before, 0.3);
}

// A shot in every second is no single event: 100 ms of each second at +30 dB is a level 20 dB above the programme.
TEST(Governor, loud_events_again_and_again_count_in_full) {
    Ear ear(-30.0);
    auto wave = noise(-40.0, 60.0, 8);
    for (std::size_t i = 0; i < wave.size(); ++i)
        if (i % low_rate < low_rate / 10) wave[i] *= 31.6F;
    ear.run(wave);
    EXPECT_NEAR(ear.gain_db(), -10.0, 0.7);
}

TEST(Governor, begins_after_three_seconds_with_what_it_heard) {
    Ear ear(-30.0);
    ear.run(tone(-20.0, 4.0)); // the third second is taken in 8192 frames after its end
    EXPECT_EQ(ear.governor.gain(), 1.0);
    EXPECT_EQ(ear.governor.level().value, -std::numeric_limits<double>::infinity());
    ear.run(tone(-20.0, 2.0));
    EXPECT_NEAR(ear.governor.level().value, -20.0 + ear.gain_db(), 0.01); // not thinned by seconds that never were
    EXPECT_LT(ear.gain_db(), -1.8);
    ear.run(tone(-20.0, 12.0));
    EXPECT_NEAR(ear.gain_db(), -10.0, 0.02);
}

// 20 dB up after quiet programme: from the third second on the window knows (10 lg 3/30 = −10 dB), so the gain falls as
// fast as it may, and after 30 s the target is met.
TEST(Governor, a_step_up_of_twenty_decibels_is_followed) {
    Ear ear(-30.0);
    ear.run(tone(-32.0, 40.0));
    EXPECT_EQ(ear.governor.gain(), 1.0);
    ear.run(tone(-12.0, 5.0));
    EXPECT_LT(ear.gain_db(), -0.5);
    ear.run(tone(-12.0, 9.0));
    EXPECT_NEAR(ear.gain_db(), -9.9, 0.6);
    ear.run(tone(-12.0, 20.0));
    EXPECT_NEAR(ear.gain_db(), -18.0, 0.1);
}

TEST(Governor, the_louder_ear_counts) {
    for (const std::uint32_t playing : {1U, 2U, 3U}) {
        Ear ear(-30.0, 2);
        ear.run(tone(-24.0, 40.0), 1024, playing);
        EXPECT_NEAR(ear.gain_db(), -6.0, 0.02) << playing;
    }
    Ear many(-30.0, 7);
    many.run(tone(-24.0, 15.0), 1024, 1U << 6);
    EXPECT_NEAR(many.gain_db(), -6.0, 0.02);
}

TEST(Governor, hears_as_the_ear_does) {
    // 100 Hz is 19.1 dB less loud: what is 6 dB over the target at 1 kHz is far below it here.
    std::vector<float> wave(low_rate * 20);
    for (std::size_t i = 0; i < wave.size(); ++i)
        wave[i] = static_cast<float>(amplitude_of(-24.0) * std::sin(2.0 * std::numbers::pi * 100.0 * static_cast<double>(i) / low_rate));
    Ear ear(-30.0);
    EXPECT_EQ(ear.run(wave), wave);
    EXPECT_NEAR(ear.governor.level().value, -24.0 - 19.14, 0.1);
}

TEST(Governor, a_pause_is_silence_that_is_heard) {
    Ear ear(-30.0);
    ear.run(tone(-20.0, 40.0));
    EXPECT_NEAR(ear.gain_db(), -10.0, 0.02);
    ear.run(std::vector<float>(low_rate * 15, 0.0F));
    // Half of the window: 3 dB less, no more.
    EXPECT_NEAR(ear.gain_db(), -10.0 + 10.0 * std::log10(30.0 / 17.0), 0.8);
    ear.run(tone(-20.0, 40.0));
    EXPECT_NEAR(ear.gain_db(), -10.0, 0.05);
}

TEST(Governor, idle_time_is_worth_as_much_as_silence) {
    for (const double seconds : {0.3, 5.0, 12.7, 31.0, 45.0}) {
        Ear waited(-30.0);
        Ear played(-30.0);
        const auto loud = tone(-10.0, 20.0);
        waited.run(loud);
        played.run(loud);
        for (int part = 0; part < 10; ++part) waited.governor.idle(seconds / 10.0);
        played.run(std::vector<float>(static_cast<std::size_t>(seconds * low_rate), 0.0F));
        // The two differ by the seconds that are still on the way: less than three, at 1 dB/s.
        EXPECT_NEAR(waited.gain_db(), played.gain_db(), seconds < 1.0 ? 1.0 : 3.0) << seconds;
    }
    Ear ear(-30.0);
    ear.run(tone(-10.0, 30.0));
    for (const double nothing : {0.0, -5.0, std::numeric_limits<double>::quiet_NaN()}) {
        const double before = ear.governor.gain();
        ear.governor.idle(nothing);
        EXPECT_EQ(ear.governor.gain(), before);
    }
    ear.governor.idle(std::numeric_limits<double>::infinity());
    EXPECT_EQ(ear.governor.gain(), 1.0);
    EXPECT_EQ(ear.governor.level().value, -std::numeric_limits<double>::infinity());
}

TEST(Governor, idle_time_raises_by_half_a_decibel_a_second) {
    Ear ear(-60.0);
    ear.run(tone(0.0, 70.0));
    EXPECT_NEAR(ear.gain_db(), -60.0, 0.1);
    ear.governor.idle(70.0); // after at most 30 s of it the window lets the gain rise
    EXPECT_LE(ear.gain_db(), -60.0 + 0.5 * 70.0 + 0.1);
    EXPECT_GE(ear.gain_db(), -60.0 + 0.5 * 40.0 - 0.1);
}

TEST(Governor, a_lower_target_acts_at_one_decibel_a_second_unless_asked_otherwise) {
    Ear ear(-20.0);
    ear.run(tone(-20.5, 20.0));
    ear.governor.set_target({-30.0});
    ear.run(tone(-20.5, 4.0));
    EXPECT_NEAR(ear.gain_db(), -4.0, 0.02);
    ear.governor.set_target({-30.0, 20.0});
    ear.run(tone(-20.5, 0.4));
    EXPECT_NEAR(ear.gain_db(), -9.5, 0.02);
    // The speed was for that change: what the programme does itself is followed at 1 dB/s again.
    ear.run(tone(0.0, 6.0));
    const double before = ear.gain_db();
    ear.run(tone(0.0, 1.0));
    EXPECT_NEAR(ear.gain_db() - before, -1.0, 0.02);

    Ear at_once(-20.0);
    at_once.run(tone(-20.5, 20.0));
    at_once.governor.set_target({-50.0, std::numeric_limits<double>::infinity()});
    at_once.run(tone(-20.5, 0.016));
    EXPECT_NEAR(at_once.gain_db(), -29.5, 0.02);
}

TEST(Governor, a_higher_target_or_none_acts_at_half_a_decibel_a_second) {
    for (const double target : {-20.0, no_target}) {
        Ear ear(-30.0);
        ear.run(tone(-25.0, 30.0));
        EXPECT_NEAR(ear.gain_db(), -5.0, 0.02);
        ear.governor.set_target({target});
        ear.run(tone(-25.0, 4.0));
        EXPECT_NEAR(ear.gain_db(), -3.0, 0.02);
        ear.run(tone(-25.0, 7.0));
        const auto wave = tone(-25.0, 1.0);
        EXPECT_EQ(ear.run(wave), wave);
    }
}

TEST(Governor, a_target_that_is_no_number_changes_nothing) {
    Ear ear(-30.0);
    ear.governor.set_target({std::numeric_limits<double>::quiet_NaN()});
    ear.run(tone(-20.0, 30.0));
    EXPECT_NEAR(ear.gain_db(), -10.0, 0.02);
    ear.governor.set_target({-35.0, std::numeric_limits<double>::quiet_NaN()});
    ear.run(tone(-20.0, 3.0));
    EXPECT_NEAR(ear.gain_db(), -13.0, 0.02);
}

TEST(Governor, any_bits_leave_the_gain_a_gain) {
    Ear ear(-30.0);
    std::mt19937 engine(9);
    std::vector<float> wave(low_rate * 20);
    for (float &sample : wave) {
        const std::uint32_t bits = static_cast<std::uint32_t>(engine());
        std::memcpy(&sample, &bits, sizeof bits);
    }
    ear.run(wave, 441);
    EXPECT_GE(ear.governor.gain(), 1e-5);
    EXPECT_LE(ear.governor.gain(), 1.0);
    const auto quiet = tone(-40.0, 12.0);
    ear.governor.idle(1000.0);
    ear.run(quiet); // the last of the noise was still on its way
    ear.governor.idle(1000.0);
    EXPECT_EQ(ear.run(quiet), quiet);
}

TEST(Governor, does_not_depend_on_how_the_frames_are_cut) {
    auto wave = tone(-20.0, 12.0);
    const auto quiet = noise(-60.0, 8.0, 10);
    wave.insert(wave.end(), quiet.begin(), quiet.end());
    const auto through = [&](const auto &next_block) {
        Ear ear(-24.0, 1);
        std::vector<float> out;
        for (std::size_t at = 0; at < wave.size();) {
            const std::size_t count = std::min<std::size_t>(next_block(), wave.size() - at);
            const auto part = ear.run({wave.begin() + static_cast<std::ptrdiff_t>(at), wave.begin() + static_cast<std::ptrdiff_t>(at + count)}, count);
            out.insert(out.end(), part.begin(), part.end());
            at += count;
        }
        return out;
    };
    const auto whole = through([] { return 1024U; });
    EXPECT_NE(whole, wave);
    for (const std::uint32_t block : {4U, 32U, 61U, 441U, 8192U}) {
        const auto out = through([&] { return block; });
        EXPECT_EQ(std::memcmp(out.data(), whole.data(), whole.size() * sizeof(float)), 0) << block;
    }
    std::mt19937 engine(11);
    const auto out = through([&] { return engine() % 8192 + 1; });
    EXPECT_EQ(std::memcmp(out.data(), whole.data(), whole.size() * sizeof(float)), 0);
    wave.resize(low_rate * 6);
    const auto single = through([] { return 1U; });
    EXPECT_EQ(std::memcmp(single.data(), whole.data(), single.size() * sizeof(float)), 0);
}

TEST(Governor, does_not_allocate) {
    Governor governor(3, low_rate, {-30.0});
    AWeightedMeter meter(3, low_rate);
    auto wave = tone(-10.0, 6.0);
    const std::vector<const float *> in(3, wave.data());
    std::vector<float> gains(wave.size() / 6, 1.0F);
    const auto frames = static_cast<std::uint32_t>(wave.size() / 6);
    const test::CountAllocations count;
    for (int second = 0; second < 6; ++second) {
        governor.multiply(gains.data(), frames, meter);
        meter.process(in.data(), frames);
    }
    governor.set_target({-40.0, 10.0});
    governor.idle(40.0);
    EXPECT_EQ(count.so_far(), 0U);
}

} // namespace
} // namespace soundwarden::dsp
