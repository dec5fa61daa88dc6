// SPDX-License-Identifier: MIT
#include "dsp/cue.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace soundwarden::dsp {
namespace {

constexpr double low_hz = 660.0;
constexpr double high_hz = 880.0; // a fourth above: a rise, not an alarm
constexpr double tone_seconds = 0.125;
constexpr double fade_seconds = 0.02;

std::size_t frames_in(double seconds, std::uint32_t rate_hz) { return static_cast<std::size_t>(std::lround(seconds * rate_hz)); }

/// Raised cosine, 0 at both ends of a tone.
double fade(std::size_t frame, std::size_t tone_frames, std::size_t fade_frames) {
    const std::size_t edge = std::min(frame, tone_frames - 1 - frame);
    if (edge >= fade_frames) return 1.0;
    return 0.5 - 0.5 * std::cos(std::numbers::pi * static_cast<double>(edge) / static_cast<double>(fade_frames));
}

} // namespace

std::vector<float> cue_samples(float peak, std::uint32_t rate_hz) {
    const std::size_t tone_frames = frames_in(tone_seconds, rate_hz);
    const std::size_t fade_frames = frames_in(fade_seconds, rate_hz);
    const float most = std::isfinite(peak) ? std::max(peak, 0.0F) : 0.0F;
    std::vector<float> samples;
    samples.reserve(2 * tone_frames);
    for (const double hz : {low_hz, high_hz})
        for (std::size_t frame = 0; frame < tone_frames; ++frame) {
            const double angle = 2.0 * std::numbers::pi * hz * static_cast<double>(frame) / static_cast<double>(rate_hz);
            const auto sample = static_cast<float>(static_cast<double>(most) * fade(frame, tone_frames, fade_frames) * std::sin(angle));
            samples.push_back(std::clamp(sample, -most, most));
        }
    return samples;
}

Cue::Cue(std::vector<float> peaks, std::uint32_t rate_hz)
    : samples_(cue_samples(1.0F, rate_hz)), peaks_(std::move(peaks)), mixed_(peaks_.size() * longest_slice) {
    for (float &peak : peaks_) peak = std::isfinite(peak) ? std::max(peak, 0.0F) : 0.0F;
}

void Cue::mix(std::array<const float *, max_channels> &in, std::uint32_t frames) noexcept {
    if (frames > longest_slice) return;
    const std::size_t count = std::min<std::size_t>(frames, samples_.size() - next_);
    for (std::size_t c = 0; c < peaks_.size(); ++c) {
        float *mixed = mixed_.data() + c * longest_slice;
        if (in[c] != nullptr) std::copy_n(in[c], frames, mixed);
        else std::fill_n(mixed, frames, 0.0F);
        for (std::size_t i = 0; i < count; ++i) mixed[i] += samples_[next_ + i] * peaks_[c];
        in[c] = mixed;
    }
    next_ += count;
}

} // namespace soundwarden::dsp
