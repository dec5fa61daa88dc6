// SPDX-License-Identifier: MIT
// The limiter's inner loops as a table of functions: one table per instruction set, all with the same results bit for bit
// (apart from the x87 unit of i386, which rounds differently; see docs/decisions/006-limiter-kernels.md).
#pragma once

#include "dsp/kernels.hpp"

#include <cstdint>

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "the limiter needs exact floating point"
#endif

namespace soundwarden::dsp {

/// Loops marked "overruns" read and write up to this many floats beyond the count: their arrays are that much longer.
inline constexpr std::uint32_t kernel_padding = 32;

/// Gain 1 as an integer.
inline constexpr std::int32_t unity_q30 = 1 << 30;

/// A float's |.| as an integer: orders like the magnitude, and NaN and infinities are at the top.
inline constexpr std::uint32_t magnitude_mask = 0x7fffffffU;

/// true_peak_8 takes at most so many frames at a time.
inline constexpr std::uint32_t most_detected_frames = 256;

/// Folded taps of place 1/2 in true_peak_8, and how many of them, the inner ones, libebur128's filters have too.
inline constexpr std::uint32_t half_folded_taps = 8;
inline constexpr std::uint32_t meter_folded_taps = 5;

/// 7 places between two samples, in three steps that halve the distances, and libebur128's own places. Folded tap k belongs to the
/// k-th newest and the k-th oldest sample. A place f and its mirror image 1−f share an even and an odd half, and
/// max(|E+O|, |E−O|) = |E|+|O|; place 1/2 is its own mirror image.
struct TruePeakTaps8 {
    float half[half_folded_taps]; // place 1/2, from samples
    float quarter[3];             // 1/4 and 3/4, from samples and halves, nearest first
    float inner[2];               // 3/8 and 5/8, from all of these
    float outer[4];               // 1/8 and 7/8, from half, quarter, sample and the half beyond it
    // The places 1/4, 1/2 and 3/4 once more, as the meter reads them; the outer taps are 0.
    float meter_even[half_folded_taps];
    float meter_odd[half_folded_taps];
    float meter_half[half_folded_taps];
};

/// 3 places, folded likewise, each from 24 samples. 1/2 is as libebur128 reads it.
struct TruePeakTaps4 {
    float even[12];
    float odd[12];
    float half[12];
};

/// One of the two is in use.
struct TruePeakTaps {
    TruePeakTaps8 eight;
    TruePeakTaps4 four;
    float bound; // no interpolated value exceeds this times the largest |sample| under the taps
};

/// Samples below this (2^-90, -542 dBFS) count as silence where products are made of them: many processors take a hundred times
/// as long for a product that is subnormal. No need (Q30) and no tap brings what is left below the normal numbers.
inline constexpr float faintest_sample = 0x1p-90F;

/// The gain of a sub-block: base + step · i for its i-th frame, counted from 1.
struct GainLine {
    float base;
    float step;
};

/// What n samples are like.
struct Extremes {
    std::uint32_t most; // largest |sample|, as bits
    float least;        // smallest |sample|, NaN left out
};

struct Kernels {
    InstructionSet set;

    /// Copies n samples as bits. Largest |sample| as bits.
    std::uint32_t (*copy)(float *to, const float *from, std::uint32_t n) noexcept;
    /// The same, with the smallest too.
    Extremes (*copy_noting)(float *to, const float *from, std::uint32_t n) noexcept;
    /// x[i] · gains[i], within ±largest_sample, in place; x finite. Faint x count as 0 where the gain is below 1.
    Extremes (*scale)(float *x, const float *gains, std::uint32_t n) noexcept;
    /// The gains of n sub-blocks of `length` frames, one after the other. Overruns.
    void (*lines)(float *values, const GainLine *lines, std::uint32_t n, std::uint32_t length) noexcept;
    /// Copies n samples, 0 for the faint ones. Overruns.
    void (*audible)(float *to, const float *x, std::uint32_t n) noexcept;
    /// peaks[i] = max(peaks[i], |x[i]|), or |x[i]| if `first`. Overruns.
    void (*sample_peak)(float *peaks, const float *x, std::uint32_t n, bool first) noexcept;
    /// peaks[i] = max(peaks[i], |x[i]|, |interpolated at 7 places between x[i−9] and x[i−8]|, |the meter's places between x[i−8] and
    /// x[i−7]|). n up to most_detected_frames. Reads x[−19]. Overruns.
    void (*true_peak_8)(float *peaks, const float *x, std::uint32_t n, const TruePeakTaps &taps) noexcept;
    /// The same for 3 places between x[i−12] and x[i−11]. Reads x[−23].
    void (*true_peak_4)(float *peaks, const float *x, std::uint32_t n, const TruePeakTaps &taps) noexcept;
    /// Largest of each `length` (a multiple of 4) of `peaks`; 0 where it does not exceed `threshold`. Overruns.
    void (*block_peak)(float *blocks, const float *peaks, std::uint32_t n, std::uint32_t length, float threshold) noexcept;
    /// largest[j] = max(blocks[j−window+1 .. j]). Reads blocks[−window+1]. Overruns.
    void (*sliding_peak)(float *largest, const float *blocks, std::uint32_t n, std::uint32_t window) noexcept;
    /// Q30 gain that brings a peak to the ceiling, rounded to the safe side; unity_q30 where it is not above it. Overruns.
    void (*need)(std::int32_t *needs, const float *peaks, std::uint32_t n, float ceiling) noexcept;
    /// The need of the largest of each `length` (a multiple of 4) of `peaks`. Overruns.
    void (*block_need)(std::int32_t *needs, const float *peaks, std::uint32_t n, std::uint32_t length, float ceiling) noexcept;
    /// to[i] = x[i] · gains[i], within ±ceiling. Faint x count as 0 where the gain is below 1. Largest |sample| as bits.
    std::uint32_t (*apply)(float *to, const float *x, const float *gains, std::uint32_t n, float ceiling) noexcept;
};

/// The table of a set; that of the widest set for `automatic` and for what this build or processor does not have.
const Kernels &kernels_for(InstructionSet set) noexcept;

extern const Kernels scalar_kernels;
extern const Kernels sse2_kernels;
extern const Kernels avx2_kernels;
extern const Kernels avx512_kernels;
extern const Kernels neon_kernels;

} // namespace soundwarden::dsp
