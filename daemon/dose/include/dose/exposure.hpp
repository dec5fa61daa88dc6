// SPDX-License-Identifier: MIT
// Sound exposure: what an ear got, and what that is of a week's allowance (ITU-T H.870, EN 50332-3; reference/sensing.md §3.3
// and §3.4). Pure; any thread; throws nothing.
#pragma once

#include "model/units.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

namespace soundwarden::dose {

/// (20 µPa)², the pressure squared that 0 dB stands for.
inline constexpr double reference_pa2 = 4e-10;
inline constexpr double seconds_per_hour = 3600.0;
inline constexpr std::int64_t week_s = 7 * 86'400;

/// 80 dB(A) for 40 hours a week, and 75 dB(A) for those who are more easily hurt (H.870, modes 1 and 2), Pa²h.
inline constexpr double adult_allowance_pa2h = 1.6;
inline constexpr double sensitive_allowance_pa2h = 0.51;

/// Quieter seconds count nothing: noise would add up over days (reference/sensing.md §3.4).
inline constexpr Decibels counted_from{65.0};

/// How far a level at the ear may be off: catalogue sensitivities, ear and unit (±3 dB); where a sensitivity or voltage had to be
/// assumed, twice that (reference/sensing.md §3.4, "Field correction").
inline constexpr Decibels known_within{3.0};
inline constexpr Decibels assumed_within{6.0};

/// Exposure of `seconds` >= 0 at an A-weighted level, Pa²h.
inline double exposure_pa2h(Decibels level, double seconds) noexcept {
    return reference_pa2 * std::pow(10.0, level.value / 10.0) * seconds / seconds_per_hour;
}

/// The steady level that gives this exposure in `seconds` > 0, dB(A); −infinity for none.
inline Decibels steady_level(double pa2h, double seconds) noexcept {
    return {10.0 * std::log10(pa2h * seconds_per_hour / (seconds * reference_pa2))};
}

/// Seconds until `left_pa2h` > 0 is used up at a steady level; +infinity below counted_from; 0 where nothing is left.
inline double seconds_until(double left_pa2h, Decibels level) noexcept {
    if (level < counted_from) return std::numeric_limits<double>::infinity();
    return left_pa2h > 0.0 ? left_pa2h / exposure_pa2h(level, 1.0) : 0.0;
}

/// What an ear got in some time. Adds up.
struct Exposure {
    double pa2h = 0.0;
    double estimated_pa2h = 0.0; ///< the part of it for which a sensitivity, a voltage or the load itself was assumed
    double seconds = 0.0;        ///< with sound at the ear of counted_from or more
    double loudest_dba = 0.0;    ///< of its seconds; 0: none counted
    bool operator==(const Exposure &) const = default;

    Exposure &operator+=(const Exposure &other) noexcept {
        pa2h += other.pa2h;
        estimated_pa2h += other.estimated_pa2h;
        seconds += other.seconds;
        loudest_dba = std::fmax(loudest_dba, other.loudest_dba);
        return *this;
    }
};

/// Between what the exposure lies, given how far levels may be off.
inline double least_pa2h(const Exposure &exposure) noexcept {
    return (exposure.pa2h - exposure.estimated_pa2h) * std::pow(10.0, -known_within.value / 10.0) +
           exposure.estimated_pa2h * std::pow(10.0, -assumed_within.value / 10.0);
}
inline double most_pa2h(const Exposure &exposure) noexcept {
    return (exposure.pa2h - exposure.estimated_pa2h) * std::pow(10.0, known_within.value / 10.0) +
           exposure.estimated_pa2h * std::pow(10.0, assumed_within.value / 10.0);
}

} // namespace soundwarden::dose
