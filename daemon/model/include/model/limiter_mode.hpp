// SPDX-License-Identifier: MIT
// How far ahead a guard's limiter looks.
#pragma once

#include "model/names.hpp"

#include <cstdint>

namespace soundwarden {

/// The frames of each at a rate: dsp::Limiter::latency_frames().
enum class LimiterMode : std::uint8_t {
    guard,    ///< 0 frames; attacks at once (the onset distorts), sample peak only
    low,      ///< 0.5 ms
    standard, ///< 1.5 ms; people call it `default`
    smooth,   ///< 5 ms
};
template <> struct Names<LimiterMode> {
    static constexpr std::array<std::pair<LimiterMode, std::string_view>, 4> table{{
        {LimiterMode::guard, "guard"},
        {LimiterMode::low, "low"},
        {LimiterMode::standard, "default"},
        {LimiterMode::smooth, "smooth"},
    }};
};

} // namespace soundwarden
