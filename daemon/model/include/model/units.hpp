// SPDX-License-Identifier: MIT
// Physical units as types. A number without a unit does not cross a function boundary in this project.
#pragma once

#include <bit>
#include <chrono>
#include <cmath>
#include <compare>
#include <cstdint>
#include <limits>

namespace soundwarden {

/// A point on the monotonic clock. The pure folders never read a clock: they are handed the time.
using Time = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;
using Duration = std::chrono::nanoseconds;

/// A level or gain in decibels (20 log10 of an amplitude ratio). Where it is a level it is re digital full scale (dBFS).
struct Decibels {
    double value = 0.0;

    friend constexpr auto operator<=>(Decibels, Decibels) = default;
    constexpr Decibels operator+(Decibels other) const { return {value + other.value}; }
    constexpr Decibels operator-(Decibels other) const { return {value - other.value}; }
    constexpr Decibels operator-() const { return {-value}; }
};

/// An electrical full-scale level: volts rms of a full-scale sine.
struct Volts {
    double value = 0.0;
    friend constexpr auto operator<=>(Volts, Volts) = default;
};

struct Ohms {
    double value = 0.0;
    friend constexpr auto operator<=>(Ohms, Ohms) = default;
};

/// Amplitude ratio of a gain in decibels, in double precision. −infinity dB gives 0.
inline double amplitude(Decibels gain) { return std::pow(10.0, gain.value / 20.0); }

/// Decibels of an amplitude ratio >= 0; 0 gives −infinity.
inline Decibels decibels(double amplitude_ratio) { return {20.0 * std::log10(amplitude_ratio)}; }

/// The largest float not above `value` >= 0: every linear constant that bounds sound is rounded toward zero, so that a float
/// product with it never exceeds the true value (architecture.md, "Signal"). Beyond the range of float it is +infinity.
inline float toward_zero(double value) noexcept {
    const auto rounded = static_cast<float>(value);
    // The next float towards zero of a positive one is the one with the next lower bits.
    return !std::isinf(rounded) && static_cast<double>(rounded) > value ? std::bit_cast<float>(std::bit_cast<std::uint32_t>(rounded) - 1) : rounded;
}

/// toward_zero() of the amplitude of `gain`. +infinity stays +infinity.
inline float amplitude_toward_zero(Decibels gain) { return toward_zero(amplitude(gain)); }

} // namespace soundwarden
