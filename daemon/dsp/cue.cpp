// SPDX-License-Identifier: MIT
#include "dsp/cue.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace soundwarden::dsp {
namespace {

constexpr double low_hz = 660.0;
constexpr double high_hz = 880.0; // a fourth above: a rise, not an alarm
constexpr std::size_t tone_frames = cue_rate_hz / 8;
constexpr std::size_t fade_frames = cue_rate_hz / 50; // 20 ms

/// Raised cosine, 0 at both ends of a tone.
double fade(std::size_t frame) {
    const std::size_t edge = std::min(frame, tone_frames - 1 - frame);
    if (edge >= fade_frames) return 1.0;
    return 0.5 - 0.5 * std::cos(std::numbers::pi * static_cast<double>(edge) / static_cast<double>(fade_frames));
}

} // namespace

std::vector<float> cue_samples(float peak) {
    const float most = std::isfinite(peak) ? std::max(peak, 0.0F) : 0.0F;
    std::vector<float> samples;
    samples.reserve(2 * tone_frames);
    for (const double hz : {low_hz, high_hz})
        for (std::size_t frame = 0; frame < tone_frames; ++frame) {
            const double angle = 2.0 * std::numbers::pi * hz * static_cast<double>(frame) / static_cast<double>(cue_rate_hz);
            const auto sample = static_cast<float>(static_cast<double>(most) * fade(frame) * std::sin(angle));
            samples.push_back(std::clamp(sample, -most, most));
        }
    return samples;
}

} // namespace soundwarden::dsp
