// SPDX-License-Identifier: MIT
// From peaks to a gain for every frame, in integers: no drift, and "the gain is 1" is an exact question.
#pragma once

#include "dsp/limiter.hpp"
#include "kernels/table.hpp"

#include <cstdint>
#include <vector>

namespace soundwarden::dsp {

/// The gains of one chunk of frames, in runs of frames that are left alone (unity) and runs that are multiplied.
class GainCurve {
  public:
    struct Run {
        std::uint32_t frames;
        bool unity;
    };

    /// Main thread. Room for `frames` frames in sub-blocks of at least `block_frames`.
    GainCurve(std::uint32_t frames, std::uint32_t block_frames);

    void begin() noexcept;
    /// `frames` more, of which the caller fills the values (only those that are not unity; kernel_padding may be overrun).
    float *extend(std::uint32_t frames, bool unity) noexcept;
    void note(float gain) noexcept { least_ = gain < least_ ? gain : least_; }

    const Run *begin_runs() const noexcept { return runs_.data(); }
    const Run *end_runs() const noexcept { return runs_.data() + count_; }
    const float *values() const noexcept { return values_.data(); }
    /// Smallest gain of the chunk.
    float least() const noexcept { return least_; }

  private:
    std::vector<float> values_;
    std::vector<Run> runs_;
    std::uint32_t count_ = 0;
    std::uint32_t frames_ = 0;
    float least_ = 1.0F;
};

/// The timing of a mode at a rate, in sub-blocks of `block` frames.
struct LimiterTiming {
    std::uint32_t block;     // frames, a power of two from 4 to 64
    std::uint32_t lookahead; // sub-blocks of delay
    std::uint32_t spread;    // sub-blocks over which the gain is averaged: the support of the smoothing
    std::uint32_t hold;      // sub-blocks
};

/// How far a sub-block's gain returns towards what is needed: Q24 of the rest, per sub-block.
std::int64_t release_per_block(double release_seconds, std::uint32_t rate_hz, std::uint32_t block_frames) noexcept;

/// Modes with a look-ahead: need, sliding minimum, hold, release and two box averages, one step per sub-block. While sub-block
/// c comes in, c − lookahead goes out with a straight line between the last two gains (proof: reference/limiter.md §3.2).
class LookaheadGain {
  public:
    LookaheadGain(const LimiterTiming &timing, const Kernels &kernels, std::uint32_t chunk_frames);

    void set_release(std::int64_t per_block) noexcept { release_ = per_block; }

    /// `peaks` begin with the open sub-block, of which `position` frames came before; `frames` are new. Adds them to `curve`.
    void advance(const float *peaks, std::uint32_t position, std::uint32_t frames, float ceiling, GainCurve &curve) noexcept;

    /// The gain is 1 and stays so as long as no peak exceeds the ceiling: `advance` need not be called.
    bool settled() const noexcept { return settled_; }

  private:
    void push(std::int32_t need) noexcept;

    LimiterTiming timing_;
    const Kernels &kernels_;
    std::uint32_t window_;
    std::vector<float> peaks_;       // of sub-blocks: window_ - 1 old ones, then those of the chunk; 0 where at or below the ceiling
    std::vector<float> largest_;     // in the window that ends with each
    std::vector<std::int32_t> needs_;
    std::int32_t envelope_ = unity_q30;
    std::uint32_t hold_ = 0;
    std::int64_t release_ = 0;
    std::vector<std::int64_t> first_box_;
    std::vector<std::int64_t> second_box_;
    std::uint32_t first_at_ = 0;
    std::uint32_t second_at_ = 0;
    std::int64_t first_sum_;
    std::int64_t second_sum_;
    std::int64_t full_;              // second_sum_ at gain 1
    double per_full_;
    std::int64_t before_q_;          // the last two gains, as second_sum_
    std::int64_t now_q_;
    float before_ = 1.0F;            // and as factors
    float now_ = 1.0F;
    bool settled_ = true;
};

/// Mode `guard`: the gain falls within the frame that needs it, then holds and returns; nothing is delayed.
class InstantGain {
  public:
    InstantGain(const LimiterTiming &timing, const Kernels &kernels, std::uint32_t chunk_frames);

    void set_release(std::int64_t per_block) noexcept { release_ = per_block; }

    /// `peaks` of `frames` new frames, or nullptr where none exceeds the ceiling; `position` frames of the sub-block came before.
    void advance(const float *peaks, std::uint32_t position, std::uint32_t frames, float ceiling, GainCurve &curve) noexcept;

    /// The gain is 1 and stays so as long as no peak exceeds the ceiling: `advance` need not be called.
    bool settled() const noexcept { return from_ == unity_q30 && to_ == unity_q30 && least_ == unity_q30; }

  private:
    void attack(const std::int32_t *needs, std::uint32_t position, std::uint32_t frames, float *values) noexcept;
    void close() noexcept;

    LimiterTiming timing_;
    const Kernels &kernels_;
    std::vector<std::int32_t> needs_;
    std::int32_t from_ = unity_q30;  // the open sub-block's line of gain: before its first frame
    std::int32_t to_ = unity_q30;    // at its last
    std::int32_t least_ = unity_q30; // need in the open sub-block
    std::uint32_t hold_ = 0;
    std::int64_t release_ = 0;
};

} // namespace soundwarden::dsp
