// SPDX-License-Identifier: MIT
// How loud a signal is for the ear: the A curve of IEC 61672-1 as a digital filter, and sums of the energy behind it.
#pragma once

#include "model/units.hpp"

#include <array>
#include <cstdint>

namespace soundwarden::dsp {

inline constexpr std::uint32_t ear_max_channels = 64;
inline constexpr std::uint32_t ear_lowest_rate_hz = 8000;
inline constexpr std::uint32_t ear_highest_rate_hz = 384000;

/// Energies are handed over, states are cleaned and gains are planned once every so many frames, counted from the
/// construction: whatever happens then does not depend on how the frames are cut into blocks.
inline constexpr std::uint32_t ear_sub_block = 64;

/// The A curve, as an amplitude ratio, 1 at 1 kHz. hz >= 0. IEC 61672-1:2013 annex E: poles at 20.60 Hz (twice),
/// 107.7 Hz, 737.9 Hz and 12194 Hz (twice), four zeros at 0 Hz.
double a_weighting(double hz) noexcept;

/// Decibels of a mean square of samples, re the mean square of a full-scale sine (0.5): a sine of amplitude 1 reads
/// 0 dBFS, which is also what the full-scale voltage of an output is given for. 0 gives −infinity.
inline Decibels level_dbfs(double mean_square) noexcept { return {10.0 * std::log10(2.0 * mean_square)}; }

/// The mean square that level_dbfs() would give `level` for.
inline double mean_square_at(Decibels level) noexcept { return 0.5 * std::pow(10.0, level.value / 10.0); }

/// The filter for one rate: (1−z⁻¹)⁴ over the four low poles, exactly where exp(−2πf/rate) puts them, times one section
/// that stands for both poles at 12.2 kHz and for what the low sections miss near half the rate.
struct AWeightingFilter {
    double low1_y1, low1_y2;                  ///< y[n] = d²x[n] + y1·y[n−1] + y2·y[n−2]: the two poles at 20.60 Hz
    double low2_y1, low2_y2;                  ///< the same for 107.7 Hz and 737.9 Hz
    double high_x1, high_x2, high_y1, high_y2; ///< y[n] = x[n] + x1·x[n−1] + x2·x[n−2] + y1·y[n−1] + y2·y[n−2]
    double energy_scale;                      ///< times the squared output: 1 at 1 kHz

    /// Amplitude ratio at a frequency, 0 <= hz <= rate/2.
    double magnitude(double hz, double rate_hz) const noexcept;
};

/// Designs the filter; the high section is a least-squares fit of the logarithm of its magnitude. At most 0.07 dB off the
/// analytic curve from 20 Hz to 20 kHz (or 0.45 of the rate), at every rate from 8000 to 384000 Hz; a rate outside is taken
/// as the nearer end. Main thread: it takes some milliseconds.
AWeightingFilter design_a_weighting(std::uint32_t rate_hz) noexcept;

/// The same, designed once for each rate and thread. Any thread but the data thread: it may throw std::bad_alloc.
AWeightingFilter a_weighting_filter(std::uint32_t rate_hz);

/// The filter run over up to 64 channels, with the energy of the sub-block under way. A building block: AWeightedMeter
/// keeps the sums. Data thread; neither allocates nor throws.
class AWeightedChannels {
  public:
    /// channels: 1 to 64, clamped. Main thread.
    AWeightedChannels(std::uint32_t channels, std::uint32_t rate_hz);

    /// `frames` frames from `offset` on, which must not reach beyond the end of the sub-block. A null plane is silence.
    /// NaN, infinite and denormal samples count as 0: none of them ever comes into the state.
    void add(const float *const *in, std::uint32_t offset, std::uint32_t frames) noexcept;

    /// At the end of a sub-block: adds each channel's sum of squares over it to sums[channel] (never negative, never NaN)
    /// and makes ready for the next.
    void finish(double *sums) noexcept;

    std::uint32_t channels() const noexcept { return channels_; }

  private:
    using Two = double __attribute__((vector_size(16)));
    struct Pair {
        // x before the sections, u and v behind the low ones, w behind the high one: the last values (1), those before (2),
        // and the last difference (d).
        Two x1{}, dx{}, u1{}, u2{}, du{}, v1{}, v2{}, w1{}, w2{};
        Two energy{};
    };
    static void run(Pair &pair, const AWeightingFilter &filter, const float *left, const float *right, std::uint32_t frames) noexcept;

    std::uint32_t channels_;
    AWeightingFilter filter_;
    std::array<Pair, ear_max_channels / 2> pairs_{};
};

/// The length of one of the meter's seconds: the whole number of sub-blocks next to a second (0.4 % off at most).
constexpr std::uint32_t ear_second_frames(std::uint32_t rate_hz) noexcept {
    return (rate_hz + ear_sub_block / 2) / ear_sub_block * ear_sub_block;
}

/// The A-weighted energy of every channel since the start, as running totals, so that a reader who misses some loses
/// nothing, and of each of the last seconds by itself, for the governor. It looks at what leaves the limiter.
/// Built on the main thread; `process` and the readers on the data thread.
class AWeightedMeter {
  public:
    static constexpr std::uint32_t kept_seconds = 8;

    /// channels: 1 to 64, rate_hz: 8000 to 384000; clamped. Takes some milliseconds for the first of a rate.
    AWeightedMeter(std::uint32_t channels, std::uint32_t rate_hz);

    /// One block of any length. A null plane is silence. The totals after a number of frames are the same, bit for bit,
    /// however these frames were cut into blocks. Real-time safe.
    void process(const float *const *in, std::uint32_t frames) noexcept;

    /// Nothing more is processed: the last, incomplete sub-block counts as well. Real-time safe.
    void close() noexcept;

    /// Sum of squared A-weighted samples of one channel (full scale = 1) over the first frames() frames. Never falls.
    double energy(std::uint32_t channel) const noexcept { return totals_[channel]; }

    /// The frames that the energies cover: all that were processed but, until close(), those of the last, incomplete sub-block.
    std::uint64_t frames() const noexcept { return sub_blocks_ * ear_sub_block + closed_; }

    /// Complete seconds (ear_second_frames) so far; second number n covers the frames n·length to (n+1)·length.
    std::uint64_t seconds() const noexcept { return seconds_; }

    /// Mean square of one channel over second number `second`, one of the last kept_seconds complete ones.
    double mean_square(std::uint64_t second, std::uint32_t channel) const noexcept {
        return kept_[second % kept_seconds][channel] / second_frames_;
    }

    std::uint32_t channels() const noexcept { return filter_.channels(); }

  private:
    using Sums = std::array<double, ear_max_channels>;
    void finish_sub_block() noexcept;

    AWeightedChannels filter_;
    double second_frames_;
    std::uint32_t second_sub_blocks_;
    Sums totals_{};
    Sums second_{};
    std::array<Sums, kept_seconds> kept_{};
    std::uint64_t sub_blocks_ = 0;
    std::uint64_t seconds_ = 0;
    std::uint32_t position_ = 0; // in the sub-block
    std::uint32_t closed_ = 0;   // frames of an incomplete sub-block that count
    std::uint32_t in_second_ = 0; // sub-blocks
};

} // namespace soundwarden::dsp
