// SPDX-License-Identifier: MIT
// What the limiter's tests share: formats, signals, and a limiter fed in blocks of any lengths.
#pragma once

#include "dsp/limiter.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numbers>
#include <random>
#include <string>
#include <vector>

namespace soundwarden::test {

using Channels = std::vector<std::vector<float>>;

/// The long forms: SOUNDWARDEN_NIGHTLY in the environment.
inline bool nightly() { return std::getenv("SOUNDWARDEN_NIGHTLY") != nullptr; }

inline std::string name_of(const dsp::LimiterFormat &format) {
    static const char *const modes[] = {"guard", "low", "standard", "smooth"};
    return std::string(modes[static_cast<int>(format.mode)]) +
           (format.detector == dsp::PeakDetector::true_peak ? " true peak " : " sample peak ") + std::to_string(format.rate_hz) +
           " Hz " + std::string(dsp::name_of(format.instructions));
}

inline dsp::LimiterFormat format_of(dsp::LimiterMode mode, dsp::PeakDetector detector, std::uint32_t rate_hz = 48000,
                                    std::uint32_t channels = 1) {
    dsp::LimiterFormat format;
    format.channels = channels;
    format.rate_hz = rate_hz;
    format.mode = mode;
    format.detector = detector;
    return format;
}

/// Every mode with every detector it has.
inline std::vector<dsp::LimiterFormat> all_formats(std::uint32_t rate_hz = 48000, std::uint32_t channels = 1) {
    using enum dsp::LimiterMode;
    using enum dsp::PeakDetector;
    return {format_of(guard, sample_peak, rate_hz, channels),    format_of(low, sample_peak, rate_hz, channels),
            format_of(low, true_peak, rate_hz, channels),        format_of(standard, sample_peak, rate_hz, channels),
            format_of(standard, true_peak, rate_hz, channels),   format_of(smooth, sample_peak, rate_hz, channels),
            format_of(smooth, true_peak, rate_hz, channels)};
}

inline dsp::LimiterTargets ceiling_of(float ceiling, std::uint64_t generation = 1) {
    dsp::LimiterTargets targets;
    targets.generation = generation;
    targets.ceiling = ceiling;
    return targets;
}

/// Targets that are handed over with a block that begins at `frame`.
struct Stamp {
    std::size_t frame;
    dsp::LimiterTargets targets;
};

/// The output for `in`, fed in blocks of lengths that `next_length` gives; blocks are cut at the stamps. `gains`: one for each
/// frame, or none.
template <class NextLength>
Channels run(dsp::Limiter &limiter, const Channels &in, dsp::LimiterTargets targets, NextLength next_length,
             const std::vector<Stamp> &stamps = {}, const std::vector<float> &gains = {}) {
    const std::size_t frames = in.front().size();
    Channels out(in.size(), std::vector<float>(frames, 77.0F));
    std::vector<const float *> from(in.size());
    std::vector<float *> to(in.size());
    std::size_t stamp = 0;
    for (std::size_t done = 0; done < frames;) {
        while (stamp < stamps.size() && stamps[stamp].frame == done) targets = stamps[stamp++].targets;
        std::size_t count = std::min<std::size_t>(next_length(), frames - done);
        if (stamp < stamps.size()) count = std::min(count, stamps[stamp].frame - done);
        for (std::size_t c = 0; c < in.size(); ++c) {
            from[c] = in[c].data() + done;
            to[c] = out[c].data() + done;
        }
        limiter.process(from.data(), to.data(), static_cast<std::uint32_t>(count), targets,
                        gains.empty() ? nullptr : gains.data() + done);
        done += count;
    }
    return out;
}

/// A gain that moves all the time.
inline std::vector<float> moving_gains(std::size_t frames) {
    std::vector<float> gains(frames);
    for (std::size_t i = 0; i < frames; ++i) gains[i] = 0.8F + 0.2F * static_cast<float>(i % 1021) / 1021.0F;
    return gains;
}

inline Channels run_blocks(dsp::Limiter &limiter, const Channels &in, const dsp::LimiterTargets &targets,
                           std::uint32_t block = 1024) {
    return run(limiter, in, targets, [block] { return block; });
}

/// One channel through a new limiter.
inline std::vector<float> limited(const dsp::LimiterFormat &format, const std::vector<float> &in, float ceiling,
                                  std::uint32_t block = 1024) {
    dsp::Limiter limiter(format, ceiling_of(ceiling));
    return run_blocks(limiter, {in}, ceiling_of(ceiling), block).front();
}

inline constexpr std::uint32_t lengths[] = {1, 4, 32, 61, 441, 1024, 8192};

/// Those lengths and any up to 300, at random.
struct Mixture {
    std::mt19937 engine;
    explicit Mixture(std::uint32_t seed) : engine(seed) {}
    std::uint32_t operator()() {
        const auto pick = static_cast<std::size_t>(engine() % 8);
        return pick < 7 ? lengths[pick] : 1 + static_cast<std::uint32_t>(engine() % 300);
    }
};

inline std::size_t above(const std::vector<float> &x, float ceiling) {
    return static_cast<std::size_t>(std::count_if(x.begin(), x.end(), [ceiling](float v) { return !(std::fabs(v) <= ceiling); }));
}

inline double from_db(double db) { return std::pow(10.0, db / 20.0); }
inline double to_db(double ratio) { return 20.0 * std::log10(std::max(ratio, 1e-30)); }

inline std::vector<float> sine(double hz, double rate_hz, double amplitude, std::size_t frames, double phase = 0.0) {
    std::vector<float> x(frames);
    const double step = 2.0 * std::numbers::pi * hz / rate_hz;
    for (std::size_t i = 0; i < frames; ++i)
        x[i] = static_cast<float>(amplitude * std::sin(step * static_cast<double>(i) + phase));
    return x;
}

inline std::vector<float> random_bits(std::size_t frames, std::uint32_t seed) {
    std::mt19937 engine(seed);
    std::vector<float> x(frames);
    for (float &value : x) value = std::bit_cast<float>(static_cast<std::uint32_t>(engine()));
    return x;
}

/// Normally distributed, with loud and quiet passages so that the gain never rests for long.
inline std::vector<float> uneven_noise(std::size_t frames, std::uint32_t seed) {
    std::mt19937 engine(seed);
    std::normal_distribution<float> normal(0.0F, 1.0F);
    std::vector<float> x(frames);
    float level = 0.1F;
    for (std::size_t i = 0; i < frames; ++i) {
        if (engine() % 1500 == 0) level = std::exp2(static_cast<float>(engine() % 10) - 6.0F);
        x[i] = level * normal(engine);
    }
    return x;
}

inline bool same_bits(const std::vector<float> &a, const std::vector<float> &b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](float x, float y) { return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y); });
}

/// `x` as it comes out of a pure delay: zeros first.
inline std::vector<float> delayed(const std::vector<float> &x, std::size_t frames) {
    std::vector<float> y(x.size(), 0.0F);
    for (std::size_t i = frames; i < x.size(); ++i) y[i] = x[i - frames];
    return y;
}

} // namespace soundwarden::test
