// SPDX-License-Identifier: MIT
#include "dsp/guard_processor.hpp"

#include "model/units.hpp"

#include <algorithm>
#include <cmath>

namespace soundwarden::dsp {
namespace {

// 4.5 dB, rounded down: a clipped tone came out of the converter from 48 to 44.1 kHz 3.4 dB higher than it went in.
constexpr double resampling_margin = 0.5956;

// A rising ceiling is taken away for good from here on: 40 dB above full scale no converter can tell it from none.
constexpr double open_ceiling = 100.0;

// Where a rise begins at the latest (−60 dB): below it nothing is heard, and a multiplication cannot leave zero.
constexpr double rise_floor = 0.001;

// The ordered comparisons send NaN to 0 and both infinities to the ceiling's side only after they were counted as faults.
float limited(float sample, float ceiling) noexcept { return sample > ceiling ? ceiling : (sample < -ceiling ? -ceiling : sample); }

double ratio_per_frame(double db_per_second, std::uint32_t rate_hz) noexcept {
    return std::pow(10.0, db_per_second / 20.0 / static_cast<double>(rate_hz));
}

double raised(double now, double target, double ratio) noexcept { return std::min(target, std::max(now, rise_floor) * ratio); }

} // namespace

GuardProcessor::GuardProcessor(std::uint32_t channels, const GuardTargets &initial) noexcept
    : channels_(std::clamp(channels, 1U, max_channels)), targets_(initial), gain_(initial.gain), ceiling_(initial.ceiling) {
    meter_.generation = initial.generation;
    meter_.gain = initial.gain;
    meter_.ceiling = initial.ceiling;
}

void GuardProcessor::take(const GuardTargets &targets, std::uint32_t rate_hz) noexcept {
    if (targets.rescale_db < targets_.rescale_db) gain_ *= std::pow(10.0, (targets.rescale_db - targets_.rescale_db) / 20.0);
    targets_ = targets;
    rate_hz_ = rate_hz;
    rise_ratio_ = ratio_per_frame(targets.rise_db_per_s, rate_hz);
    ceiling_ = std::min(ceiling_, static_cast<double>(targets.ceiling));
    const double fall_frames = std::max(1.0, static_cast<double>(targets.fall_seconds) * static_cast<double>(rate_hz));
    const double goal = static_cast<double>(targets.gain);
    gain_step_ = gain_ > goal ? (gain_ - goal) / fall_frames : 0.0;
    meter_.generation = targets.generation;
}

void GuardProcessor::idle(double seconds) noexcept {
    if (targets_.rise_db_per_s <= 0.0F || seconds <= 0.0) return;
    const double ratio = std::pow(10.0, static_cast<double>(targets_.rise_db_per_s) * seconds / 20.0);
    if (gain_ < static_cast<double>(targets_.gain)) gain_ = raised(gain_, static_cast<double>(targets_.gain), ratio);
    if (ceiling_ < static_cast<double>(targets_.ceiling)) ceiling_ = raised(ceiling_, static_cast<double>(targets_.ceiling), ratio);
}

void GuardProcessor::process(const float *const *in, float *const *out, std::uint32_t frames, std::uint32_t rate_hz,
                             const GuardTargets &targets, double idle_seconds) noexcept {
    if (rate_hz == 0) rate_hz = 48000;
    if (targets.generation != targets_.generation || rate_hz != rate_hz_) take(targets, rate_hz);
    idle(idle_seconds);

    const double goal_gain = static_cast<double>(targets_.gain);
    const double goal_ceiling = static_cast<double>(targets_.ceiling);
    const bool resampled = targets_.sink_rate_hz != 0 && targets_.sink_rate_hz != rate_hz;
    const double margin = resampled ? resampling_margin : 1.0;
    const bool rising = targets_.rise_db_per_s > 0.0F;
    const float makeup = targets_.makeup;
    const float largest = std::numeric_limits<float>::max() / std::max(makeup, 1.0F);

    float peak = 0.0F;
    float reduction = 1.0F;
    std::uint64_t scrubbed = 0;
    std::uint32_t done = 0;
    while (done < frames) {
        const bool gain_moves = gain_ > goal_gain || (rising && gain_ < goal_gain);
        const bool ceiling_moves = rising && ceiling_ < goal_ceiling;
        // A moving gain or ceiling is worked out frame by frame; one at rest serves the rest of the block.
        const std::uint32_t count = gain_moves || ceiling_moves ? 1 : frames - done;
        if (gain_ > goal_gain) gain_ = std::max(goal_gain, gain_ - gain_step_);
        else if (gain_moves) gain_ = raised(gain_, goal_gain, rise_ratio_);
        if (ceiling_moves) {
            ceiling_ = raised(ceiling_, goal_ceiling, rise_ratio_);
            if (std::isinf(goal_ceiling) && ceiling_ >= open_ceiling) ceiling_ = goal_ceiling;
        }
        const float gain = toward_zero(gain_);
        const float ceiling = std::isinf(ceiling_) ? no_ceiling : toward_zero(ceiling_ * margin);
        for (std::uint32_t c = 0; c < channels_; ++c) {
            if (out[c] == nullptr) continue;
            for (std::uint32_t i = done; i < done + count; ++i) {
                float sample = in[c] == nullptr ? 0.0F : in[c][i];
                if (!std::isfinite(sample)) {
                    sample = 0.0F;
                    ++scrubbed;
                }
                // Two finite factors can overflow to infinity: the ceiling, or the largest finite value, holds that too.
                const float scaled = sample * gain;
                const float handed = limited(scaled, std::min(ceiling, largest));
                out[c][i] = handed * makeup;
                const float magnitude = std::fabs(handed);
                peak = std::max(peak, magnitude);
                if (handed != scaled) reduction = std::min(reduction, magnitude / std::fabs(scaled));
            }
        }
        done += count;
    }
    meter_.frames += frames;
    meter_.gain = toward_zero(gain_);
    meter_.ceiling = std::isinf(ceiling_) ? no_ceiling : toward_zero(ceiling_ * margin);
    meter_.peak_out = peak;
    meter_.reduction = reduction;
    meter_.scrubbed += scrubbed;
    meter_.graph_rate_hz = rate_hz;
    meter_.quantum = frames;
}

} // namespace soundwarden::dsp
