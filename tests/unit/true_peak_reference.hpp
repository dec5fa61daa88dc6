// SPDX-License-Identifier: MIT
// True peaks as a long filter sees them: what the limiter's short one is judged by.
#pragma once

#include <vector>

namespace soundwarden::test {

/// Largest |value| of x and of 15 places between every two of its samples, interpolated by a Kaiser-windowed sinc (β = 9) of 96
/// taps in double precision. Silence is taken to surround x.
double true_peak_16(const std::vector<float> &x);

} // namespace soundwarden::test
