// SPDX-License-Identifier: MIT
// The interpolators of the true-peak detector: Kaiser-windowed sincs (reference/limiter.md §3.5).
#pragma once

#include "kernels/table.hpp"

namespace soundwarden::dsp {

/// 16 taps at 7 places between two samples; every place passes a constant unchanged.
TruePeakTaps true_peak_taps_8();

/// 24 taps at 3 places.
TruePeakTaps true_peak_taps_4();

/// No interpolated value exceeds this times the largest |sample| under the taps: the largest sum of |tap|, rounded up.
float true_peak_bound(const TruePeakTaps &taps) noexcept;

} // namespace soundwarden::dsp
