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

    /// Main thread. Room for `frames` frames in sub-blocks of `block_frames`, the first and the last of which may be open.
    GainCurve(const Kernels &kernels, std::uint32_t frames, std::uint32_t block_frames);

    /// `position` frames of the first sub-block came before.
    void begin(std::uint32_t position) noexcept;
    /// `frames` more that are left alone, in any number of sub-blocks.
    void extend(std::uint32_t frames) noexcept { append(frames, true); }
    /// `frames` more in the next sub-block, or in so many, of which each has this line.
    void extend(std::uint32_t frames, bool unity, GainLine line, std::uint32_t blocks = 1) noexcept {
        for (const std::uint32_t end = lined_ + blocks; lined_ < end; ++lined_) lines_[lined_] = line;
        append(frames, unity);
    }
    /// Works out values() of the lines since the last call, of whole sub-blocks. The last `frames` of them may be written to.
    float *draw(std::uint32_t frames = 0) noexcept;
    void note(float gain) noexcept { least_ = gain < least_ ? gain : least_; }

    const Run *begin_runs() const noexcept { return runs_.data(); }
    const Run *end_runs() const noexcept { return runs_.data() + count_; }
    const float *values() const noexcept { return values_.data() + position_; }
    /// Smallest gain of the chunk.
    float least() const noexcept { return least_; }

  private:
    void append(std::uint32_t frames, bool unity) noexcept {
        if (count_ > 0 && runs_[count_ - 1].unity == unity) runs_[count_ - 1].frames += frames;
        else runs_[count_++] = {frames, unity};
        frames_ += frames;
    }

    const Kernels &kernels_;
    std::uint32_t block_;
    std::vector<float> values_;      // from the beginning of the first sub-block
    std::vector<GainLine> lines_;
    std::vector<Run> runs_;
    std::uint32_t position_ = 0;
    std::uint32_t lined_ = 0;        // sub-blocks in lines_, and how many of them are in values_
    std::uint32_t drawn_ = 0;
    std::uint32_t count_ = 0;
    std::uint32_t frames_ = 0;
    float least_ = 1.0F;
};

/// The timing of a mode at a rate, in sub-blocks of `block` frames.
struct LimiterTiming {
    std::uint32_t block;     // frames, a power of two from 4 to 64
    std::uint32_t shift;     // its exponent
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

    /// Does what `advance` would, if `peak`, the largest of the new frames, shows by itself that none of them moves the gain.
    bool passes(float peak, std::uint32_t position, std::uint32_t frames, float ceiling, GainCurve &curve) noexcept;

    /// `peaks` begin with the open sub-block, of which `position` frames came before, and end with a sub-block; 0 for all but the
    /// `frames` new ones. nullptr: none exceeds the ceiling.
    void advance(const float *peaks, std::uint32_t position, std::uint32_t frames, float ceiling, GainCurve &curve) noexcept;

    /// The gain is 1 and stays so as long as no peak exceeds the ceiling: `advance` need not be called.
    bool settled() const noexcept { return from_ == unity_q30 && to_ == unity_q30 && least_ == unity_q30; }

  private:
    void attack(const std::int32_t *needs, std::uint32_t position, std::uint32_t frames, float *values) noexcept;
    std::uint32_t held(const std::int32_t *needs, std::uint32_t blocks) noexcept;
    void close() noexcept;

    LimiterTiming timing_;
    const Kernels &kernels_;
    std::vector<std::int32_t> needs_;       // of sub-blocks
    std::vector<std::int32_t> frame_needs_; // of the frames of one
    std::int32_t from_ = unity_q30;  // the open sub-block's line of gain: before its first frame
    std::int32_t to_ = unity_q30;    // at its last
    std::int32_t least_ = unity_q30; // need in the open sub-block, as far as it matters
    std::uint32_t hold_ = 0;
    std::int64_t release_ = 0;
};

} // namespace soundwarden::dsp
