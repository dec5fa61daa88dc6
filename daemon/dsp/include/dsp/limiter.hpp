// SPDX-License-Identifier: MIT
// The safety limiter of one linked group of channels: no sample above the ceiling, whatever comes in. Real-time safe, no I/O.
#pragma once

#include "dsp/kernels.hpp"
#include "model/limiter_mode.hpp"

#include <cstdint>
#include <limits>
#include <memory>

namespace soundwarden::dsp {

using soundwarden::LimiterMode;

inline constexpr std::uint32_t lowest_rate_hz = 8000;
inline constexpr std::uint32_t highest_rate_hz = 384000;

enum class PeakDetector {
    sample_peak,
    true_peak, ///< between the samples too: at 7 places below 96 kHz, at 3 from there on
};

/// What a limiter is built for. It never changes; another rate, channel count or mode is another Limiter.
struct LimiterFormat {
    std::uint32_t channels = 2;   ///< 1 to 64, one gain for all of them
    std::uint32_t rate_hz = 48000; ///< 8000 to 384000
    LimiterMode mode = LimiterMode::standard;
    PeakDetector detector = PeakDetector::true_peak; ///< without effect in mode `guard`
    InstructionSet instructions = InstructionSet::automatic; ///< one of instruction_sets(); others: automatic
};

/// Where the signal path shall go. Taken when `generation` changes, at the next sub-block boundary (Limiter::block_frames()).
struct LimiterTargets {
    std::uint64_t generation = 0; ///< another value with every change; reported back when taken
    /// Largest |sample| that may come out, amplitude; +infinity: none (samples are scrubbed only); NaN and below 0: 0.
    /// Lowered: the final clamp has it at once and the gain follows within the look-ahead. Raised: at once, the gain by release.
    float ceiling = 1.0F;
    float release_seconds = 0.05F;  ///< time constant of the gain's return after the 20 ms hold; 0.001 to 10
};

/// What `process` tells. The counters only grow; peaks and reduction are those of the last call.
struct LimiterMeter {
    std::uint64_t generation = 0; ///< of the targets in force
    std::uint64_t frames = 0;     ///< processed since the start
    std::uint64_t faults = 0;     ///< NaN and infinite samples replaced by 0 since the start
    float peak_in = 0.0F;         ///< largest |sample| that came in, before any gain, faults left out
    float peak_out = 0.0F;        ///< largest |sample| handed out
    float reduction = 1.0F;       ///< smallest gain of the limiter, 0..1 (1: nothing was limited)
};

/// One linked channel group: scrub → gain from outside → peak detector → need per sub-block → sliding minimum → 20 ms hold → release
/// → two box averages → straight line of gain on the delayed audio → clamp (reference/limiter.md §3.1).
///
/// For every input bit pattern every sample handed out is finite and within ±ceiling (and ±largest_sample). The output does not depend on how the
/// frames are cut into blocks. While nothing needs limiting and the gain from outside is 1 it is the input, delayed, bit for bit.
/// Where a gain is below 1, samples below 2^-90 (-542 dBFS) become 0: their products would be subnormal, and slow.
///
/// Construction and destruction on the main thread: all memory is allocated and touched there. `process` on the data thread:
/// no allocation, lock, exception or system call.
class Limiter {
  public:
    /// Out-of-range channels and rates are brought into range. Starts with `initial` in force and silence in the delay line.
    Limiter(const LimiterFormat &format, const LimiterTargets &initial);
    ~Limiter();
    Limiter(Limiter &&) noexcept;
    Limiter &operator=(Limiter &&) noexcept;

    /// `frames` frames of format().channels channels. in[c] == nullptr is silence, out[c] == nullptr is skipped; out[c] may
    /// be the memory of any in[d]. `targets` with another generation than those in force come into force at the first
    /// sub-block boundary, counted from the first frame ever processed, at or after the start of this block. `gains`: a factor
    /// for each frame, finite and >= 0, in front of the detector; nullptr is 1 throughout.
    void process(const float *const *in, float *const *out, std::uint32_t frames, const LimiterTargets &targets,
                 const float *gains = nullptr) noexcept;

    /// Frames until a sub-block begins: 0 to block_frames() - 1.
    std::uint32_t frames_to_boundary() const noexcept;

    /// Frames from the input to the output; a multiple of block_frames(), 0 in mode `guard`.
    std::uint32_t latency_frames() const noexcept;

    /// Length of the sub-block for which one gain is worked out: 8 frames up to 48 kHz, 16 up to 96 kHz, and so on; in mode
    /// `low` half of that.
    std::uint32_t block_frames() const noexcept;

    /// With range and instruction set as used.
    const LimiterFormat &format() const noexcept;

    const LimiterMeter &meter() const noexcept;

  private:
    class State;
    std::unique_ptr<State> state_;
};

} // namespace soundwarden::dsp
