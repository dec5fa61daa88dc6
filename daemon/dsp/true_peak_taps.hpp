// SPDX-License-Identifier: MIT
// The interpolators of the true-peak detector, those of the meter that the result is judged by among them.
#pragma once

#include "kernels/table.hpp"

#include <cstdint>

namespace soundwarden::dsp {

/// From here on 4 places between two samples see what 8 see below. It is also where libebur128, whose filters the detector has among
/// its own, goes from 4 to 2.
inline constexpr std::uint32_t coarse_from_hz = 96000;

/// How many frames the detector looks back.
inline constexpr std::uint32_t detector_history = 24;

/// For rates below 96 kHz. Apart from the meter's, every place passes a constant unchanged.
TruePeakTaps true_peak_taps_8();

/// From 96 kHz on.
TruePeakTaps true_peak_taps_4();

} // namespace soundwarden::dsp
