// SPDX-License-Identifier: MIT
#include "gain_curve.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace soundwarden::dsp {
namespace {

constexpr float per_unity = 0x1p-30F;

// A tone that is no divisor of the rate has another peak in every half period. Needs within 0.13 dB above the envelope count
// as met by it, so that a steady tone gets a steady gain.
bool keeps(std::int32_t need, std::int32_t envelope) noexcept {
    return need <= envelope || (need < unity_q30 && need <= envelope + (envelope >> 6));
}

// The last millionth of an exponential takes for ever.
std::int32_t released(std::int32_t envelope, std::int32_t goal, std::int64_t per_block) noexcept {
    const std::int32_t rest = goal - envelope;
    const auto step = static_cast<std::int32_t>((static_cast<std::int64_t>(rest) * per_block) >> 24);
    return envelope + std::max(step, std::min(rest, 1024));
}

} // namespace

GainCurve::GainCurve(std::uint32_t frames, std::uint32_t block_frames)
    : values_(frames + kernel_padding, 1.0F), runs_(frames / block_frames + 2) {}

void GainCurve::begin() noexcept {
    count_ = 0;
    frames_ = 0;
    least_ = 1.0F;
}

float *GainCurve::extend(std::uint32_t frames, bool unity) noexcept {
    if (count_ > 0 && runs_[count_ - 1].unity == unity) runs_[count_ - 1].frames += frames;
    else runs_[count_++] = {frames, unity};
    float *values = values_.data() + frames_;
    frames_ += frames;
    return values;
}

std::int64_t release_per_block(double release_seconds, std::uint32_t rate_hz, std::uint32_t block_frames) noexcept {
    const double blocks = release_seconds * static_cast<double>(rate_hz) / static_cast<double>(block_frames);
    return std::max<std::int64_t>(1, std::llround((1.0 - std::exp(-1.0 / blocks)) * 0x1p24));
}

LookaheadGain::LookaheadGain(const LimiterTiming &timing, const Kernels &kernels, std::uint32_t chunk_frames)
    : timing_(timing), kernels_(kernels), window_(timing.lookahead),
      peaks_(window_ - 1 + chunk_frames / timing.block + kernel_padding, 0.0F),
      largest_(chunk_frames / timing.block + kernel_padding, 0.0F),
      needs_(chunk_frames / timing.block + kernel_padding, unity_q30) {
    // Two boxes of a and b have a support of a + b - 1.
    const std::uint32_t first = (timing.spread + 1) / 2;
    const std::uint32_t second = timing.spread + 1 - first;
    first_sum_ = static_cast<std::int64_t>(first) * unity_q30;
    second_sum_ = static_cast<std::int64_t>(second) * first_sum_;
    first_box_.assign(first, unity_q30);
    second_box_.assign(second, first_sum_);
    full_ = second_sum_;
    per_full_ = 1.0 / static_cast<double>(full_);
    before_q_ = full_;
    now_q_ = full_;
}

void LookaheadGain::push(std::int32_t need) noexcept {
    if (keeps(need, envelope_)) {
        envelope_ = std::min(envelope_, need);
        hold_ = timing_.hold;
    } else if (hold_ > 0) --hold_;
    else envelope_ = released(envelope_, need, release_);

    first_sum_ += envelope_ - first_box_[first_at_];
    first_box_[first_at_] = envelope_;
    if (++first_at_ == first_box_.size()) first_at_ = 0;
    second_sum_ += first_sum_ - second_box_[second_at_];
    second_box_[second_at_] = first_sum_;
    if (++second_at_ == second_box_.size()) second_at_ = 0;

    before_q_ = now_q_;
    before_ = now_;
    now_q_ = second_sum_;
    now_ = static_cast<float>(static_cast<double>(now_q_) * per_full_);
}

void LookaheadGain::advance(const float *peaks, std::uint32_t position, std::uint32_t frames, float ceiling,
                            GainCurve &curve) noexcept {
    const std::uint32_t closing = (position + frames) / timing_.block;
    float *fresh = peaks_.data() + window_ - 1;
    if (closing > 0) {
        kernels_.block_peak(fresh, peaks, closing, timing_.block, ceiling);
        kernels_.sliding_peak(largest_.data(), fresh, closing, window_);
        kernels_.need(needs_.data(), largest_.data(), closing, ceiling);
    }
    const float per_frame = 1.0F / static_cast<float>(timing_.block);
    std::uint32_t closed = 0;
    for (std::uint32_t done = 0; done < frames;) {
        const std::uint32_t count = std::min(timing_.block - position, frames - done);
        const bool unity = before_q_ == full_ && now_q_ == full_;
        float *values = curve.extend(count, unity);
        if (!unity) {
            kernels_.ramp(values, count, before_, (now_ - before_) * per_frame, static_cast<float>(position + 1));
            curve.note(std::min(before_, now_));
        }
        done += count;
        position += count;
        if (position < timing_.block) break;
        push(needs_[closed++]);
        position = 0;
    }
    if (closing == 0) return;
    settled_ = largest_[closing - 1] == 0.0F && envelope_ == unity_q30 && before_q_ == full_ && now_q_ == full_;
    std::memmove(peaks_.data(), fresh + closing - (window_ - 1), (window_ - 1) * sizeof(float));
}

InstantGain::InstantGain(const LimiterTiming &timing, const Kernels &kernels, std::uint32_t chunk_frames)
    : timing_(timing), kernels_(kernels), needs_(chunk_frames + kernel_padding, unity_q30) {}

void InstantGain::attack(const std::int32_t *needs, std::uint32_t position, std::uint32_t frames, float *values) noexcept {
    const float per_frame = per_unity / static_cast<float>(timing_.block);
    float base = static_cast<float>(from_) * per_unity;
    float step = static_cast<float>(to_ - from_) * per_frame;
    // The line in 64ths of its least step, so that no division rounds it.
    const auto per_block = static_cast<std::int64_t>(64 / timing_.block);
    std::int64_t line = 64 * static_cast<std::int64_t>(from_) + per_block * position * (to_ - from_);
    std::int64_t line_step = per_block * (to_ - from_);
    for (std::uint32_t i = 0; i < frames; ++i) {
        line += line_step;
        const std::int64_t need = 64 * static_cast<std::int64_t>(needs[i]);
        if (need < line) {
            line = need;
            line_step = 0;
            from_ = to_ = needs[i];
            base = static_cast<float>(from_) * per_unity;
            step = 0.0F;
        }
        values[i] = base + step * static_cast<float>(position + i + 1);
    }
}

void InstantGain::close() noexcept {
    from_ = to_;
    if (keeps(least_, to_)) hold_ = timing_.hold;
    else if (hold_ > 0) --hold_;
    else to_ = released(to_, unity_q30, release_);
    least_ = unity_q30;
}

void InstantGain::advance(const float *peaks, std::uint32_t position, std::uint32_t frames, float ceiling,
                          GainCurve &curve) noexcept {
    if (peaks != nullptr) kernels_.need(needs_.data(), peaks, frames, ceiling);
    const float per_frame = per_unity / static_cast<float>(timing_.block);
    for (std::uint32_t done = 0; done < frames;) {
        const std::uint32_t count = std::min(timing_.block - position, frames - done);
        std::int32_t least = unity_q30;
        if (peaks != nullptr)
            for (std::uint32_t i = 0; i < count; ++i) least = std::min(least, needs_[done + i]);
        least_ = std::min(least_, least);
        const bool unity = from_ == unity_q30 && least == unity_q30;
        float *values = curve.extend(count, unity);
        // from_ <= to_: the line never exceeds its end.
        if (least < to_) attack(needs_.data() + done, position, count, values);
        else if (!unity)
            kernels_.ramp(values, count, static_cast<float>(from_) * per_unity, static_cast<float>(to_ - from_) * per_frame,
                          static_cast<float>(position + 1));
        curve.note(static_cast<float>(std::min(from_, least)) * per_unity);
        done += count;
        position += count;
        if (position < timing_.block) break;
        close();
        position = 0;
    }
}

} // namespace soundwarden::dsp
