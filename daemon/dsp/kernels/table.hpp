// SPDX-License-Identifier: MIT
// The limiter's inner loops as a table of functions: one table per instruction set, all with the same results bit for bit
// (apart from the x87 unit of i386, which rounds differently; see docs/decisions/006-limiter-kernels.md).
#pragma once

#include "dsp/kernels.hpp"

#include <cstdint>

namespace soundwarden::dsp {

/// Loops marked "overruns" read and write up to this many floats beyond the count: their arrays are that much longer.
inline constexpr std::uint32_t kernel_padding = 32;

/// Gain 1 as an integer.
inline constexpr std::int32_t unity_q30 = 1 << 30;

/// A float's |.| as an integer: orders like the magnitude, and NaN and infinities are at the top.
inline constexpr std::uint32_t magnitude_mask = 0x7fffffffU;

inline constexpr std::uint32_t most_folded_taps = 12;

/// Interpolators at places between two samples, folded: a place f and its mirror image 1−f share an even and an odd half, and
/// max(|E+O|, |E−O|) = |E|+|O|. Folded tap k belongs to the k-th newest and the k-th oldest sample.
struct TruePeakTaps {
    std::uint32_t pairs;  // 3 (places 1/8, 2/8, 3/8) of 8 folded taps, or 1 (place 1/4) of 12
    std::uint32_t folded; // taps
    float even[3][most_folded_taps];
    float odd[3][most_folded_taps];
    float half[most_folded_taps]; // place 1/2 is its own mirror image
};

struct Kernels {
    InstructionSet set;

    /// Copies n samples as bits. Largest |sample| as bits.
    std::uint32_t (*copy)(float *to, const float *from, std::uint32_t n) noexcept;
    /// x[i] · gains[i], within ±largest_sample, in place; x finite. Largest |sample| as bits.
    std::uint32_t (*scale)(float *x, const float *gains, std::uint32_t n) noexcept;
    /// values[i] = base + step · (first + i). Overruns.
    void (*ramp)(float *values, std::uint32_t n, float base, float step, float first) noexcept;
    /// peaks[i] = max(peaks[i], |x[i]|). Overruns.
    void (*sample_peak)(float *peaks, const float *x, std::uint32_t n) noexcept;
    /// peaks[i] = max(peaks[i], |x[i]|, |interpolated at 7 places between x[i−8] and x[i−7]|). Reads x[−15]. Overruns.
    void (*true_peak_8)(float *peaks, const float *x, std::uint32_t n, const TruePeakTaps &taps) noexcept;
    /// The same for 3 places between x[i−12] and x[i−11]. Reads x[−23].
    void (*true_peak_4)(float *peaks, const float *x, std::uint32_t n, const TruePeakTaps &taps) noexcept;
    /// Largest of each `length` (a multiple of 4) of `peaks`; 0 where it does not exceed `threshold`.
    void (*block_peak)(float *blocks, const float *peaks, std::uint32_t n, std::uint32_t length, float threshold) noexcept;
    /// largest[j] = max(blocks[j−window+1 .. j]). Reads blocks[−window+1]. Overruns.
    void (*sliding_peak)(float *largest, const float *blocks, std::uint32_t n, std::uint32_t window) noexcept;
    /// Q30 gain that brings a peak to the ceiling, rounded to the safe side; unity_q30 where it is not above it. Overruns.
    void (*need)(std::int32_t *needs, const float *peaks, std::uint32_t n, float ceiling) noexcept;
    /// to[i] = x[i] · gains[i], within ±ceiling. Largest |sample| as bits.
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
