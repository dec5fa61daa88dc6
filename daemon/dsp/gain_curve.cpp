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

GainCurve::GainCurve(const Kernels &kernels, std::uint32_t frames, std::uint32_t block_frames)
    : kernels_(kernels), block_(block_frames), values_(frames + 2 * block_frames + kernel_padding, 1.0F),
      lines_(frames / block_frames + 2), runs_(frames / block_frames + 2) {}

void GainCurve::begin(std::uint32_t position) noexcept {
    position_ = position;
    lined_ = 0;
    drawn_ = 0;
    count_ = 0;
    frames_ = 0;
    least_ = 1.0F;
}

float *GainCurve::draw(std::uint32_t frames) noexcept {
    kernels_.lines(values_.data() + static_cast<std::size_t>(drawn_) * block_, lines_.data() + drawn_, lined_ - drawn_, block_);
    drawn_ = lined_;
    return values_.data() + position_ + frames_ - frames;
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
    const std::uint32_t closing = (position + frames) >> timing_.shift;
    float *fresh = peaks_.data() + window_ - 1;
    if (closing > 0) {
        kernels_.block_peak(fresh, peaks, closing, timing_.block, ceiling);
        kernels_.sliding_peak(largest_.data(), fresh, closing, window_);
        kernels_.need(needs_.data(), largest_.data(), closing, ceiling);
    }
    const float per_frame = 1.0F / static_cast<float>(timing_.block);
    std::uint32_t closed = 0;
    bool all_unity = true;
    for (std::uint32_t done = 0; done < frames;) {
        const std::uint32_t count = std::min(timing_.block - position, frames - done);
        const bool unity = before_q_ == full_ && now_q_ == full_;
        curve.extend(count, unity, {before_, (now_ - before_) * per_frame});
        curve.note(std::min(before_, now_));
        all_unity = all_unity && unity;
        done += count;
        position += count;
        if (position < timing_.block) break;
        push(needs_[closed++]);
        position = 0;
    }
    if (!all_unity) curve.draw();
    if (closing == 0) return;
    settled_ = largest_[closing - 1] == 0.0F && envelope_ == unity_q30 && before_q_ == full_ && now_q_ == full_;
    std::memmove(peaks_.data(), fresh + closing - (window_ - 1), (window_ - 1) * sizeof(float));
}

InstantGain::InstantGain(const LimiterTiming &timing, const Kernels &kernels, std::uint32_t chunk_frames)
    : timing_(timing), kernels_(kernels), needs_(chunk_frames / timing.block + kernel_padding, unity_q30), frame_needs_(timing.block + kernel_padding, unity_q30) {}

// `values` are the line; from the first frame on that needs less they become what was needed.
void InstantGain::attack(const std::int32_t *needs, std::uint32_t position, std::uint32_t frames, float *values) noexcept {
    // The line in 64ths of its least step, so that no division rounds it.
    const auto per_block = static_cast<std::int64_t>(64U >> timing_.shift);
    std::int64_t line_step = per_block * (to_ - from_);
    std::int64_t line = 64 * static_cast<std::int64_t>(from_) + position * line_step;
    bool attacked = false;
    for (std::uint32_t i = 0; i < frames; ++i) {
        line += line_step;
        const std::int64_t need = 64 * static_cast<std::int64_t>(needs[i]);
        if (need < line) {
            line = need;
            line_step = 0;
            from_ = to_ = needs[i];
            attacked = true;
        }
        if (attacked) values[i] = static_cast<float>(from_) * per_unity;
    }
}

// Whole sub-blocks over which the gain stays where it is, with nothing to release: what close() does for each of them.
std::uint32_t InstantGain::held(const std::int32_t *needs, std::uint32_t blocks) noexcept {
    if (from_ != to_) return 0;
    std::uint32_t hold = hold_;
    std::uint32_t count = 0;
    for (; count < blocks && needs[count] >= to_; ++count) {
        if (keeps(needs[count], to_)) hold = timing_.hold;
        else if (hold > 0) --hold;
        else break;
    }
    hold_ = hold;
    return count;
}

void InstantGain::close() noexcept {
    from_ = to_;
    if (keeps(least_, to_)) hold_ = timing_.hold;
    else if (hold_ > 0) --hold_;
    else to_ = released(to_, unity_q30, release_);
    least_ = unity_q30;
}

// For as long as the gain is held, a need that is 1/64 and more above it neither lowers it nor begins the hold anew (keeps()). 2 %
// leave room for the roundings of need and product, as long as neither has few digits.
bool InstantGain::passes(float peak, std::uint32_t position, std::uint32_t frames, float ceiling, GainCurve &curve) noexcept {
    const std::uint32_t closing = (position + frames) >> timing_.shift;
    if (from_ != to_ || to_ < 1024 || hold_ < closing || ceiling < faintest_sample) return false;
    const float gain = static_cast<float>(from_) * per_unity;
    if (gain * peak * 1.02F >= ceiling) return false;
    curve.extend(frames, false, {gain, 0.0F}, (position + frames + timing_.block - 1) >> timing_.shift);
    curve.draw();
    curve.note(gain);
    if (closing > 0) {
        if (keeps(least_, to_)) hold_ = timing_.hold + 1;
        hold_ -= closing;
        least_ = unity_q30;
    }
    return true;
}

void InstantGain::advance(const float *peaks, std::uint32_t position, std::uint32_t frames, float ceiling,
                          GainCurve &curve) noexcept {
    const std::uint32_t blocks = (position + frames + timing_.block - 1) >> timing_.shift;
    if (peaks != nullptr) {
        // The largest peak of a sub-block has its least need.
        kernels_.block_need(needs_.data(), peaks, blocks, timing_.block, ceiling);
    } else std::fill_n(needs_.begin(), blocks, unity_q30);
    const float per_frame = per_unity / static_cast<float>(timing_.block);
    std::int32_t lowest = unity_q30;
    std::uint32_t done = 0;
    for (std::uint32_t block = 0; block < blocks; ++block) {
        if (position == 0) {
            const std::uint32_t count = held(needs_.data() + block, (frames - done) >> timing_.shift);
            if (count > 0) {
                curve.extend(count * timing_.block, from_ == unity_q30, {static_cast<float>(from_) * per_unity, 0.0F}, count);
                lowest = std::min(lowest, from_);
                done += count * timing_.block;
                block += count;
                if (block == blocks) break;
            }
        }
        const std::uint32_t count = std::min(timing_.block - position, frames - done);
        const std::int32_t least = needs_[block];
        least_ = std::min(least_, least);
        lowest = std::min({lowest, from_, least});
        curve.extend(count, from_ == unity_q30 && least == unity_q30,
                     {static_cast<float>(from_) * per_unity, static_cast<float>(to_ - from_) * per_frame});
        // from_ <= to_: the line never exceeds its end.
        if (least < to_) {
            kernels_.need(frame_needs_.data(), peaks + static_cast<std::size_t>(block) * timing_.block + position, count, ceiling);
            attack(frame_needs_.data(), position, count, curve.draw(count));
        }
        done += count;
        position += count;
        if (position < timing_.block) break;
        close();
        position = 0;
    }
    curve.draw();
    curve.note(static_cast<float>(lowest) * per_unity);
}

} // namespace soundwarden::dsp
