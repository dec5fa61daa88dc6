// SPDX-License-Identifier: MIT
#include "dsp/true_peak_meter.hpp"

#include "true_peak_taps.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <vector>

namespace soundwarden::dsp {
namespace {

using Detector = void (*)(float *, const float *, std::uint32_t, const TruePeakTaps &) noexcept;

} // namespace

struct TruePeakMeter::State {
    State(std::uint32_t channels, std::uint32_t rate_hz, InstructionSet instructions)
        : kernels(kernels_for(instructions)), detect(rate_hz < coarse_from_hz ? kernels.true_peak_8 : kernels.true_peak_4),
          taps(rate_hz < coarse_from_hz ? true_peak_taps_8() : true_peak_taps_4()), past(channels * std::size_t{detector_history}, 0.0F) {}

    float measure(const float *x, float *past_of_channel, std::uint32_t frames) noexcept;

    const Kernels &kernels;
    Detector detect;
    TruePeakTaps taps;
    std::vector<float> past; // of each channel the last detector_history samples
    std::vector<float> line = std::vector<float>(detector_history + most_detected_frames + kernel_padding, 0.0F);
    std::vector<float> peaks = std::vector<float>(most_detected_frames + kernel_padding, 0.0F);
};

float TruePeakMeter::State::measure(const float *x, float *past_of_channel, std::uint32_t frames) noexcept {
    float *now = line.data() + detector_history;
    std::memcpy(line.data(), past_of_channel, detector_history * sizeof(float));
    // A copy, because the detector reads beyond the end.
    if (x == nullptr) std::memset(now, 0, frames * sizeof(float));
    else std::memcpy(now, x, frames * sizeof(float));
    kernels.audible(now, now, frames);
    std::memset(peaks.data(), 0, frames * sizeof(float));
    detect(peaks.data(), now, frames, taps);
    std::memmove(past_of_channel, line.data() + frames, detector_history * sizeof(float));
    return *std::max_element(peaks.data(), peaks.data() + frames);
}

TruePeakMeter::TruePeakMeter(std::uint32_t channels, std::uint32_t rate_hz, InstructionSet instructions)
    : state_(std::make_unique<State>(channels, rate_hz, instructions)) {}
TruePeakMeter::~TruePeakMeter() = default;
TruePeakMeter::TruePeakMeter(TruePeakMeter &&) noexcept = default;
TruePeakMeter &TruePeakMeter::operator=(TruePeakMeter &&) noexcept = default;

float TruePeakMeter::process(const float *const *x, std::uint32_t frames) noexcept {
    State &state = *state_;
    float highest = 0.0F;
    for (std::size_t c = 0; c * detector_history < state.past.size(); ++c)
        for (std::uint32_t done = 0; done < frames;) {
            const std::uint32_t count = std::min(frames - done, most_detected_frames);
            highest = std::max(highest, state.measure(x[c] == nullptr ? nullptr : x[c] + done, state.past.data() + c * detector_history, count));
            done += count;
        }
    return highest;
}

void TruePeakMeter::restart() noexcept { std::fill(state_->past.begin(), state_->past.end(), 0.0F); }

} // namespace soundwarden::dsp
