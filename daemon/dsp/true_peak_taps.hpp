// SPDX-License-Identifier: MIT
// The interpolators of the true-peak detector, those of the meter that the result is judged by among them.
#pragma once

#include "kernels/table.hpp"

namespace soundwarden::dsp {

/// For rates below 96 kHz. Apart from the meter's, every place passes a constant unchanged.
TruePeakTaps true_peak_taps_8();

/// From 96 kHz on.
TruePeakTaps true_peak_taps_4();

} // namespace soundwarden::dsp
