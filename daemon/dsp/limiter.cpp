// SPDX-License-Identifier: MIT
#include "dsp/limiter.hpp"

#include "gain_curve.hpp"
#include "kernels/table.hpp"
#include "model/fault.hpp"
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

static_assert(chunk_frames <= most_detected_frames);

// By how many frames the detector's verdict on a place between two samples comes late at most, counted from the younger one: that
// one's line of gain reaches to the older.
constexpr std::uint32_t detector_delay(std::uint32_t rate_hz) noexcept { return rate_hz < coarse_from_hz ? 8 : 11; }

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
    format.rate_hz = std::clamp(format.rate_hz, lowest_rate_hz, highest_rate_hz);
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
    const auto shift = static_cast<std::uint32_t>(std::countr_zero(block));
    if (format.mode == LimiterMode::guard) return {block, shift, 0, 1, hold};
    // The verdict on the last frame of a sub-block is in by so many sub-blocks later.
    const std::uint32_t late =
        format.detector == PeakDetector::true_peak ? (block - 1 + detector_delay(format.rate_hz)) / block : 0;
    const auto wanted = static_cast<std::uint32_t>(std::ceil(lookahead_seconds(format.mode) * blocks_per_second - 1e-9));
    // One sub-block for the line between two gains, at least one for the average.
    const std::uint32_t lookahead = std::max(wanted, late + 2);
    return {block, shift, lookahead, lookahead - 1 - late, hold};
}

float amplitude_or(float value, float otherwise) noexcept { return value >= 0.0F ? value : otherwise; }

} // namespace

class Limiter::State {
  public:
    State(const LimiterFormat &format, const LimiterTargets &initial);
    void process(const float *const *in, float *const *out, std::uint32_t frames, const LimiterTargets &targets,
                 const float *gains) noexcept;
    std::uint32_t frames_to_boundary() const noexcept { return position_ == 0 ? 0 : timing.block - position_; }

    LimiterFormat format;
    LimiterTiming timing;
    LimiterMeter meter;

  private:
    float *line(std::uint32_t channel) noexcept { return lines_.data() + static_cast<std::size_t>(channel) * stride_; }
    void take(const LimiterTargets &targets) noexcept;
    void set_release(float seconds) noexcept;
    void chunk(const float *const *in, float *const *out, std::uint32_t offset, std::uint32_t frames, const float *gains) noexcept;
    void make_room(std::uint32_t frames) noexcept;
    bool receive(const float *const *in, std::uint32_t offset, std::uint32_t frames, const float *gains) noexcept;
    std::uint32_t scrub(float *x, std::uint32_t frames) noexcept;
    bool loud(std::uint32_t channel, float peak, bool faint) noexcept;
    void forget(std::uint32_t frames) noexcept;
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

    std::vector<float> lines_;       // one delay line a channel: history_ old frames, then new ones up to stride_
    std::size_t stride_ = 0;
    std::uint32_t history_ = 0;
    std::uint32_t capacity_ = 0;
    std::uint32_t write_ = 0;
    std::uint32_t delay_ = 0;

    std::uint32_t position_ = 0;     // in the open sub-block
    std::vector<float> peaks_;       // over all channels, from the open sub-block's first frame
    bool open_quiet_ = true;         // no frame of the open sub-block went through the detector
    std::vector<float> ones_;
    std::vector<float> audible_;     // what the true-peak detector hears of a channel, detector_history old frames first

    // Of each channel, the largest |sample| of at least the last detector_history frames is the larger of both; and whether there
    // are faint ones.
    struct Recent {
        float before = 0.0F;
        float gathering = 0.0F;
        bool faint_before = true;
        bool faint_gathering = false;
    };
    std::vector<Recent> recent_;
    std::uint32_t gathered_ = 0;     // frames
    float loudest_ = 0.0F;           // |sample| of the chunk
    std::vector<std::uint8_t> loud_; // channels that the detector has to look at

    GainCurve curve_;
    std::optional<LookaheadGain> lookahead_;
    std::optional<InstantGain> instant_;
};

Limiter::State::State(const LimiterFormat &wanted, const LimiterTargets &initial)
    : format(in_range(wanted)), timing(timing_of(format)), kernels_(kernels_for(format.instructions)),
      delay_(timing.lookahead * timing.block), peaks_(chunk_frames + 2 * timing.block + kernel_padding, 0.0F),
      ones_(chunk_frames + kernel_padding, 1.0F), audible_(detector_history + chunk_frames + kernel_padding, 0.0F),
      recent_(format.channels), loud_(format.channels, 0), curve_(kernels_, chunk_frames, timing.block) {
    history_ = delay_ + detector_history;
    capacity_ = history_ + std::max(4 * chunk_frames, history_);
    stride_ = capacity_ + kernel_padding;
    write_ = history_;
    lines_.assign(stride_ * format.channels, 0.0F);
    if (format.detector == PeakDetector::true_peak) {
        const bool fine = format.rate_hz < coarse_from_hz;
        taps_ = fine ? true_peak_taps_8() : true_peak_taps_4();
        true_peak_ = fine ? kernels_.true_peak_8 : kernels_.true_peak_4;
        bound_ = taps_.bound;
    }
    if (format.mode == LimiterMode::guard) instant_.emplace(timing, kernels_, chunk_frames);
    else lookahead_.emplace(timing, kernels_, chunk_frames);
    set_release(initial.release_seconds);
    take(initial);
    clamp_frames_ = 0;
}

void Limiter::State::take(const LimiterTargets &targets) noexcept {
    const float before = ceiling_;
    need_ceiling_ = amplitude_or(targets.ceiling, 0.0F);
    if (fault(Fault::ceiling_one_per_cent_high)) need_ceiling_ *= 1.01F;
    if (fault(Fault::ceiling_one_float_high)) need_ceiling_ = std::nextafter(need_ceiling_, largest_sample);
    ceiling_ = std::min(need_ceiling_, largest_sample);
    quiet_below_ = need_ceiling_ / bound_;
    if (ceiling_ < before) clamp_frames_ = delay_ + 2 * timing.block;

    if (targets.release_seconds != targets_.release_seconds) set_release(targets.release_seconds);
    targets_ = targets;
    meter.generation = targets.generation;
}

void Limiter::State::set_release(float seconds) noexcept {
    const double release = std::clamp(static_cast<double>(amplitude_or(seconds, 0.05F)), 0.001, 10.0);
    const std::int64_t per_block = release_per_block(release, format.rate_hz, timing.block);
    if (instant_) instant_->set_release(per_block);
    else lookahead_->set_release(per_block);
}

void Limiter::State::process(const float *const *in, float *const *out, std::uint32_t frames,
                             const LimiterTargets &targets, const float *gains) noexcept {
    meter.peak_in = 0.0F;
    meter.peak_out = 0.0F;
    meter.reduction = 1.0F;
    for (std::uint32_t done = 0; done < frames;) {
        std::uint32_t count = std::min(frames - done, chunk_frames - position_);
        if (targets.generation != targets_.generation) {
            if (position_ == 0) take(targets);
            else count = std::min(count, timing.block - position_);
        }
        // Clamped are exactly so many: at ceiling 0 a clamp and a copy differ in the sign of zero.
        if (clamp_frames_ > 0) count = std::min(count, clamp_frames_);
        chunk(in, out, done, count, gains == nullptr ? nullptr : gains + done);
        done += count;
    }
    meter.frames += frames;
}

void Limiter::State::chunk(const float *const *in, float *const *out, std::uint32_t offset, std::uint32_t frames,
                           const float *gains) noexcept {
    make_room(frames);
    limit(!receive(in, offset, frames, gains), frames);
    forget(frames);
    send(out, offset, frames);
    write_ += frames;
    position_ = (position_ + frames) & (timing.block - 1);
}

void Limiter::State::make_room(std::uint32_t frames) noexcept {
    if (write_ + frames <= capacity_) return;
    for (std::uint32_t c = 0; c < format.channels; ++c)
        std::memmove(line(c), line(c) + write_ - history_, history_ * sizeof(float));
    write_ = history_;
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

// Into the delay lines: scrubbed, then with the gain. True if the detector has to look at a channel.
bool Limiter::State::receive(const float *const *in, std::uint32_t offset, std::uint32_t frames, const float *gains) noexcept {
    std::uint32_t came = 0;
    std::uint32_t goes = 0;
    bool any_loud = false;
    for (std::uint32_t c = 0; c < format.channels; ++c) {
        float *x = line(c) + write_;
        Extremes is = {0, 0.0F};
        if (in[c] == nullptr) std::memset(x, 0, frames * sizeof(float));
        else {
            if (true_peak_ != nullptr) is = kernels_.copy_noting(x, in[c] + offset, frames);
            else is.most = kernels_.copy(x, in[c] + offset, frames);
            // What is scrubbed can become 0.
            if (is.most > std::bit_cast<std::uint32_t>(largest_sample) && !fault(Fault::nan_passes)) is = {scrub(x, frames), 0.0F};
            came = std::max(came, is.most);
            if (gains != nullptr) is = kernels_.scale(x, gains, frames);
        }
        goes = std::max(goes, is.most);
        any_loud = loud(c, std::bit_cast<float>(is.most), is.least < faintest_sample) || any_loud;
    }
    meter.peak_in = std::max(meter.peak_in, std::bit_cast<float>(came));
    loudest_ = std::bit_cast<float>(goes);
    return any_loud;
}

// False: proof that no detected peak of the channel's new frames, whose largest |sample| is `peak`, can exceed the ceiling
// (reference/limiter.md §3.4). Leaving such a channel out changes no decision: peaks at or below the ceiling count as none.
bool Limiter::State::loud(std::uint32_t channel, float peak, bool faint) noexcept {
    float most = peak;
    if (true_peak_ != nullptr) {
        Recent &recent = recent_[channel];
        recent.gathering = std::max(recent.gathering, peak);
        recent.faint_gathering |= faint;
        most = std::max(recent.before, recent.gathering);
    }
    const bool is_loud = most > quiet_below_;
    loud_[channel] = is_loud ? 1 : 0;
    return is_loud;
}

// What is older than the detector looks back.
void Limiter::State::forget(std::uint32_t frames) noexcept {
    if (true_peak_ == nullptr) return;
    gathered_ += frames;
    if (gathered_ < detector_history) return;
    gathered_ = 0;
    for (Recent &recent : recent_) recent = {recent.gathering, 0.0F, recent.faint_gathering, false};
}

void Limiter::State::detect(std::uint32_t frames) noexcept {
    float *peaks = peaks_.data() + position_;
    if (true_peak_ != nullptr) std::memset(peaks, 0, frames * sizeof(float));
    bool first = true;
    for (std::uint32_t c = 0; c < format.channels; ++c) {
        if (loud_[c] == 0) continue;
        const float *x = line(c) + write_;
        if (true_peak_ == nullptr) {
            kernels_.sample_peak(peaks, x, frames, first);
            first = false;
            continue;
        }
        // The detector hears faint samples as 0; the copy is spared where there are none.
        if (recent_[c].faint_before || recent_[c].faint_gathering) {
            kernels_.audible(audible_.data(), x - detector_history, detector_history + frames);
            x = audible_.data() + detector_history;
        }
        true_peak_(peaks, x, frames, taps_);
    }
}

void Limiter::State::limit(bool is_quiet, std::uint32_t frames) noexcept {
    curve_.begin(position_);
    const std::uint32_t end = position_ + frames;
    const std::uint32_t closed = end & ~(timing.block - 1);
    if (instant_) {
        if (is_quiet && instant_->settled()) {
            curve_.extend(frames);
            return;
        }
        if (!is_quiet && !instant_->passes(loudest_, position_, frames, need_ceiling_, curve_)) {
            detect(frames);
            // Of sub-blocks that are open only the new frames count.
            std::memset(peaks_.data(), 0, position_ * sizeof(float));
            if (end > closed) std::memset(peaks_.data() + end, 0, (closed + timing.block - end) * sizeof(float));
            instant_->advance(peaks_.data(), position_, frames, need_ceiling_, curve_);
        } else if (is_quiet) instant_->advance(nullptr, position_, frames, need_ceiling_, curve_);
        meter.reduction = std::min(meter.reduction, curve_.least());
        return;
    }
    if (is_quiet && open_quiet_ && lookahead_->settled()) {
        curve_.extend(frames);
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
            else if (clamp_frames_ > 0 || ceiling_ < faintest_sample) peak = kernels_.apply(to, x + at, ones_.data(), run->frames, ceiling_);
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

void Limiter::process(const float *const *in, float *const *out, std::uint32_t frames, const LimiterTargets &targets,
                      const float *gains) noexcept {
    state_->process(in, out, frames, targets, gains);
}

std::uint32_t Limiter::frames_to_boundary() const noexcept { return state_->frames_to_boundary(); }

std::uint32_t Limiter::latency_frames() const noexcept { return state_->timing.lookahead * state_->timing.block; }
std::uint32_t Limiter::block_frames() const noexcept { return state_->timing.block; }
const LimiterFormat &Limiter::format() const noexcept { return state_->format; }
const LimiterMeter &Limiter::meter() const noexcept { return state_->meter; }

} // namespace soundwarden::dsp
