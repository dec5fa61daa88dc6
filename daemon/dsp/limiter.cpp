// SPDX-License-Identifier: MIT
#include "dsp/limiter.hpp"

#include "gain_curve.hpp"
#include "kernels/table.hpp"
#include "true_peak_taps.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>
#include <vector>

namespace soundwarden::dsp {
namespace {

constexpr std::uint32_t most_channels = 64;

// Frames that are worked on at a time: their peaks and gains stay in the first-level cache.
constexpr std::uint32_t chunk_frames = 256;

// From here on 4 places between two samples see what 8 see below; the meters' filters of 24 taps read more of full-band noise
// than one of 16 does (0.6 dB at 96 kHz as libebur128 reads it), so there are more of them.
constexpr std::uint32_t coarse_from_hz = 88200;

// How many frames the detector looks back, and by how many its verdict on a place between two samples comes late at most.
constexpr std::uint32_t detector_history = 24;
constexpr std::uint32_t detector_delay(std::uint32_t rate_hz) noexcept { return rate_hz < coarse_from_hz ? 8 : 12; }

// 20 ms, half a period of 25 Hz: a steady tone from there up gets a steady gain (reference/limiter.md §3.3).
constexpr double hold_seconds = 0.02;

double lookahead_seconds(LimiterMode mode) noexcept {
    switch (mode) {
    case LimiterMode::guard: return 0.0;
    case LimiterMode::low: return 0.0005;
    case LimiterMode::standard: return 0.0015;
    case LimiterMode::smooth: return 0.005;
    }
    return 0.0;
}

LimiterFormat in_range(LimiterFormat format) noexcept {
    format.channels = std::clamp(format.channels, 1U, most_channels);
    format.rate_hz = std::clamp(format.rate_hz, 8000U, 384000U);
    if (format.mode == LimiterMode::guard) format.detector = PeakDetector::sample_peak;
    format.instructions = kernels_for(format.instructions).set;
    return format;
}

LimiterTiming timing_of(const LimiterFormat &format) noexcept {
    std::uint32_t block = 8;
    while (static_cast<std::uint64_t>(format.rate_hz) * 8 > 48000ULL * block) block *= 2;
    if (format.mode == LimiterMode::low) block /= 2;
    const double blocks_per_second = static_cast<double>(format.rate_hz) / block;
    const auto hold = static_cast<std::uint32_t>(std::ceil(hold_seconds * blocks_per_second));
    if (format.mode == LimiterMode::guard) return {block, 0, 1, hold};
    // The verdict on the last frame of a sub-block is in by so many sub-blocks later.
    const std::uint32_t late =
        format.detector == PeakDetector::true_peak ? (block - 1 + detector_delay(format.rate_hz)) / block : 0;
    const auto wanted = static_cast<std::uint32_t>(std::ceil(lookahead_seconds(format.mode) * blocks_per_second - 1e-9));
    // One sub-block for the line between two gains, at least one for the average.
    const std::uint32_t lookahead = std::max(wanted, late + 2);
    return {block, lookahead, lookahead - 1 - late, hold};
}

float amplitude_or(float value, float otherwise) noexcept { return value >= 0.0F ? value : otherwise; }

} // namespace

class Limiter::State {
  public:
    State(const LimiterFormat &format, const LimiterTargets &initial);
    void process(const float *const *in, float *const *out, std::uint32_t frames, const LimiterTargets &targets) noexcept;

    LimiterFormat format;
    LimiterTiming timing;
    LimiterMeter meter;

  private:
    float *line(std::uint32_t channel) noexcept { return lines_.data() + static_cast<std::size_t>(channel) * stride_; }
    void take(const LimiterTargets &targets) noexcept;
    void chunk(const float *const *in, float *const *out, std::uint32_t offset, std::uint32_t frames) noexcept;
    void make_room(std::uint32_t frames) noexcept;
    bool user_gains(std::uint32_t frames) noexcept;
    float receive(const float *const *in, std::uint32_t offset, std::uint32_t frames) noexcept;
    std::uint32_t scrub(float *x, std::uint32_t frames) noexcept;
    bool quiet(float peak, std::uint32_t frames) noexcept;
    void detect(std::uint32_t frames) noexcept;
    void limit(bool is_quiet, std::uint32_t frames) noexcept;
    void send(float *const *out, std::uint32_t offset, std::uint32_t frames) noexcept;

    const Kernels &kernels_;
    TruePeakTaps taps_{};
    void (*true_peak_)(float *, const float *, std::uint32_t, const TruePeakTaps &) noexcept = nullptr;
    float bound_ = 1.0F;             // a detected peak is at most this times the largest sample under the detector

    LimiterTargets targets_;         // in force
    float ceiling_ = 0.0F;           // in force, within 0..largest_sample, and the quiet threshold under it
    float need_ceiling_ = 0.0F;      // the same, +infinity where there is none
    float quiet_below_ = 0.0F;
    std::uint32_t clamp_frames_ = 0; // so many may still be above a ceiling that was lowered while they were in the line

    float user_goal_ = 1.0F;
    float user_step_ = 0.0F;
    std::uint32_t user_left_ = 0;    // frames until user_goal_

    std::vector<float> lines_;       // one delay line a channel: history_ old frames, then new ones up to stride_
    std::size_t stride_ = 0;
    std::uint32_t history_ = 0;
    std::uint32_t capacity_ = 0;
    std::uint32_t write_ = 0;
    std::uint32_t delay_ = 0;

    std::uint32_t position_ = 0;     // in the open sub-block
    std::vector<float> peaks_;       // over all channels, from the open sub-block's first frame
    bool open_quiet_ = true;         // no frame of the open sub-block went through the detector
    std::vector<float> gains_;       // the user's, of a chunk
    std::vector<float> ones_;
    float recent_ = 0.0F;            // largest |sample| of at least the last detector_history frames: max(recent_, gathering_)
    float gathering_ = 0.0F;
    std::uint32_t gathered_ = 0;

    GainCurve curve_;
    std::optional<LookaheadGain> lookahead_;
    std::optional<InstantGain> instant_;
};

Limiter::State::State(const LimiterFormat &wanted, const LimiterTargets &initial)
    : format(in_range(wanted)), timing(timing_of(format)), kernels_(kernels_for(format.instructions)),
      delay_(timing.lookahead * timing.block), peaks_(chunk_frames + timing.block + kernel_padding, 0.0F),
      gains_(chunk_frames + kernel_padding, 1.0F), ones_(chunk_frames + kernel_padding, 1.0F),
      curve_(chunk_frames, timing.block) {
    history_ = delay_ + detector_history;
    capacity_ = history_ + std::max(4 * chunk_frames, history_);
    stride_ = capacity_ + kernel_padding;
    write_ = history_;
    lines_.assign(stride_ * format.channels, 0.0F);
    if (format.detector == PeakDetector::true_peak) {
        const bool fine = format.rate_hz < coarse_from_hz;
        taps_ = fine ? true_peak_taps_8() : true_peak_taps_4();
        true_peak_ = fine ? kernels_.true_peak_8 : kernels_.true_peak_4;
        bound_ = true_peak_bound(taps_);
    }
    if (format.mode == LimiterMode::guard) instant_.emplace(timing, kernels_, chunk_frames);
    else lookahead_.emplace(timing, kernels_, chunk_frames);
    take(initial);
    user_left_ = 0;
    clamp_frames_ = 0;
}

void Limiter::State::take(const LimiterTargets &targets) noexcept {
    const float before = ceiling_;
    need_ceiling_ = amplitude_or(targets.ceiling, 0.0F);
    ceiling_ = std::min(need_ceiling_, largest_sample);
    quiet_below_ = need_ceiling_ / bound_;
    if (ceiling_ < before) clamp_frames_ = delay_ + 2 * timing.block;

    const float now = user_goal_ - user_step_ * static_cast<float>(user_left_);
    user_goal_ = std::min(amplitude_or(targets.gain, 0.0F), largest_sample);
    const double ramp = std::clamp(static_cast<double>(amplitude_or(targets.gain_ramp_seconds, 0.0F)), 0.0, 40.0);
    user_left_ = now == user_goal_ ? 0 : static_cast<std::uint32_t>(std::lround(ramp * format.rate_hz));
    user_step_ = user_left_ > 0 ? (user_goal_ - now) / static_cast<float>(user_left_) : 0.0F;

    const double release = std::clamp(static_cast<double>(amplitude_or(targets.release_seconds, 0.05F)), 0.001, 10.0);
    const std::int64_t per_block = release_per_block(release, format.rate_hz, timing.block);
    if (instant_) instant_->set_release(per_block);
    else lookahead_->set_release(per_block);
    targets_ = targets;
    meter.generation = targets.generation;
}

void Limiter::State::process(const float *const *in, float *const *out, std::uint32_t frames,
                             const LimiterTargets &targets) noexcept {
    meter.peak_in = 0.0F;
    meter.peak_out = 0.0F;
    meter.reduction = 1.0F;
    for (std::uint32_t done = 0; done < frames;) {
        std::uint32_t count = std::min(frames - done, chunk_frames - position_);
        if (targets.generation != targets_.generation) {
            if (position_ == 0) take(targets);
            else count = std::min(count, timing.block - position_);
        }
        chunk(in, out, done, count);
        done += count;
    }
    meter.frames += frames;
}

void Limiter::State::chunk(const float *const *in, float *const *out, std::uint32_t offset, std::uint32_t frames) noexcept {
    make_room(frames);
    const float peak = receive(in, offset, frames);
    const bool is_quiet = quiet(peak, frames);
    limit(is_quiet, frames);
    send(out, offset, frames);
    write_ += frames;
    position_ = (position_ + frames) % timing.block;
}

void Limiter::State::make_room(std::uint32_t frames) noexcept {
    if (write_ + frames <= capacity_) return;
    for (std::uint32_t c = 0; c < format.channels; ++c)
        std::memmove(line(c), line(c) + write_ - history_, history_ * sizeof(float));
    write_ = history_;
}

// The user's gain of the next frames into gains_; false where it is 1 throughout.
bool Limiter::State::user_gains(std::uint32_t frames) noexcept {
    if (user_left_ == 0 && user_goal_ == 1.0F) return false;
    const std::uint32_t moving = std::min(frames, user_left_);
    if (moving > 0) kernels_.ramp(gains_.data(), moving, user_goal_, user_step_, 1.0F - static_cast<float>(user_left_));
    user_left_ -= moving;
    std::fill(gains_.begin() + moving, gains_.begin() + frames, user_goal_);
    return true;
}

std::uint32_t Limiter::State::scrub(float *x, std::uint32_t frames) noexcept {
    std::uint32_t most = 0;
    for (std::uint32_t i = 0; i < frames; ++i) {
        const std::uint32_t magnitude = std::bit_cast<std::uint32_t>(x[i]) & magnitude_mask;
        if (magnitude >= 0x7f800000U) {
            x[i] = 0.0F;
            ++meter.faults;
        } else if (magnitude > std::bit_cast<std::uint32_t>(largest_sample)) {
            x[i] = std::copysign(largest_sample, x[i]);
        }
        most = std::max(most, std::bit_cast<std::uint32_t>(x[i]) & magnitude_mask);
    }
    return most;
}

// Into the delay lines: scrubbed, then with the user's gain. Largest |sample| behind it.
float Limiter::State::receive(const float *const *in, std::uint32_t offset, std::uint32_t frames) noexcept {
    const bool scaled = user_gains(frames);
    std::uint32_t came = 0;
    std::uint32_t goes = 0;
    for (std::uint32_t c = 0; c < format.channels; ++c) {
        float *x = line(c) + write_;
        if (in[c] == nullptr) {
            std::memset(x, 0, frames * sizeof(float));
            continue;
        }
        std::uint32_t most = kernels_.copy(x, in[c] + offset, frames);
        if (most > std::bit_cast<std::uint32_t>(largest_sample)) most = scrub(x, frames);
        came = std::max(came, most);
        goes = std::max(goes, scaled ? kernels_.scale(x, gains_.data(), frames) : most);
    }
    meter.peak_in = std::max(meter.peak_in, std::bit_cast<float>(came));
    return std::bit_cast<float>(goes);
}

// Proof that no detected peak of these frames can exceed the ceiling (reference/limiter.md §3.4). It changes no decision:
// peaks at or below the ceiling count as none.
bool Limiter::State::quiet(float peak, std::uint32_t frames) noexcept {
    const float most = std::max(peak, std::max(recent_, gathering_));
    gathering_ = std::max(gathering_, peak);
    gathered_ += frames;
    if (gathered_ >= detector_history) {
        recent_ = gathering_;
        gathering_ = 0.0F;
        gathered_ = 0;
    }
    return (true_peak_ != nullptr ? most : peak) <= quiet_below_;
}

void Limiter::State::detect(std::uint32_t frames) noexcept {
    float *peaks = peaks_.data() + (instant_ ? 0 : position_);
    std::memset(peaks, 0, frames * sizeof(float));
    for (std::uint32_t c = 0; c < format.channels; ++c) {
        const float *x = line(c) + write_;
        if (true_peak_ != nullptr) true_peak_(peaks, x, frames, taps_);
        else kernels_.sample_peak(peaks, x, frames);
    }
}

void Limiter::State::limit(bool is_quiet, std::uint32_t frames) noexcept {
    curve_.begin();
    if (instant_) {
        if (is_quiet && instant_->settled()) {
            curve_.extend(frames, true);
            return;
        }
        if (!is_quiet) detect(frames);
        instant_->advance(is_quiet ? nullptr : peaks_.data(), position_, frames, need_ceiling_, curve_);
        meter.reduction = std::min(meter.reduction, curve_.least());
        return;
    }
    const std::uint32_t end = position_ + frames;
    const std::uint32_t closed = end / timing.block * timing.block;
    if (is_quiet && open_quiet_ && lookahead_->settled()) {
        curve_.extend(frames, true);
        std::memset(peaks_.data(), 0, (end - closed) * sizeof(float));
        return;
    }
    open_quiet_ = is_quiet && (open_quiet_ || closed > 0);
    if (!is_quiet) detect(frames);
    else std::memset(peaks_.data() + position_, 0, frames * sizeof(float));
    lookahead_->advance(peaks_.data(), position_, frames, need_ceiling_, curve_);
    meter.reduction = std::min(meter.reduction, curve_.least());
    if (closed > 0) std::memmove(peaks_.data(), peaks_.data() + closed, (end - closed) * sizeof(float));
}

void Limiter::State::send(float *const *out, std::uint32_t offset, std::uint32_t frames) noexcept {
    std::uint32_t most = 0;
    for (std::uint32_t c = 0; c < format.channels; ++c) {
        if (out[c] == nullptr) continue;
        const float *x = line(c) + write_ - delay_;
        std::uint32_t at = 0;
        for (const GainCurve::Run *run = curve_.begin_runs(); run != curve_.end_runs(); ++run) {
            float *to = out[c] + offset + at;
            std::uint32_t peak = 0;
            if (!run->unity) peak = kernels_.apply(to, x + at, curve_.values() + at, run->frames, ceiling_);
            else if (clamp_frames_ > 0) peak = kernels_.apply(to, x + at, ones_.data(), run->frames, ceiling_);
            else peak = kernels_.copy(to, x + at, run->frames);
            most = std::max(most, peak);
            at += run->frames;
        }
    }
    clamp_frames_ -= std::min(clamp_frames_, frames);
    meter.peak_out = std::max(meter.peak_out, std::bit_cast<float>(most));
}

Limiter::Limiter(const LimiterFormat &format, const LimiterTargets &initial)
    : state_(std::make_unique<State>(format, initial)) {}
Limiter::~Limiter() = default;
Limiter::Limiter(Limiter &&) noexcept = default;
Limiter &Limiter::operator=(Limiter &&) noexcept = default;

void Limiter::process(const float *const *in, float *const *out, std::uint32_t frames, const LimiterTargets &targets) noexcept {
    state_->process(in, out, frames, targets);
}

std::uint32_t Limiter::latency_frames() const noexcept { return state_->timing.lookahead * state_->timing.block; }
std::uint32_t Limiter::block_frames() const noexcept { return state_->timing.block; }
const LimiterFormat &Limiter::format() const noexcept { return state_->format; }
const LimiterMeter &Limiter::meter() const noexcept { return state_->meter; }

} // namespace soundwarden::dsp
