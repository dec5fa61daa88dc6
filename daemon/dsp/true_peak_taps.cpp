// SPDX-License-Identifier: MIT
#include "true_peak_taps.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <numbers>
#include <vector>

namespace soundwarden::dsp {
namespace {

// Modified Bessel function of the first kind, order 0, by its power series.
double bessel_i0(double x) noexcept {
    double sum = 1.0;
    double term = 1.0;
    for (int k = 1; k < 60; ++k) {
        const double factor = x / 2.0 / k;
        term *= factor * factor;
        sum += term;
    }
    return sum;
}

// Taps for the value at `fraction` of the way between the two samples in the middle of 2 · half of them, newest first.
std::vector<double> place(double fraction, std::size_t half, double beta) {
    std::vector<double> taps(2 * half);
    double sum = 0.0;
    for (std::size_t k = 0; k < taps.size(); ++k) {
        const double distance = static_cast<double>(k) - static_cast<double>(half) + fraction;
        const double z = distance / static_cast<double>(half);
        const double window = bessel_i0(beta * std::sqrt(std::max(0.0, 1.0 - z * z))) / bessel_i0(beta);
        const double angle = std::numbers::pi * distance;
        taps[k] = std::sin(angle) / angle * window;
        sum += taps[k];
    }
    for (double &tap : taps) tap /= sum;
    return taps;
}

// libebur128's interpolator: one sinc under a Hann window of 49 points serves all `factor` places, and is not normalised.
double metered(double distance, std::uint32_t factor) noexcept {
    const double angle = std::numbers::pi * distance;
    return std::sin(angle) / angle * 0.5 * (1.0 + std::cos(2.0 * std::numbers::pi * distance * factor / 48.0));
}

// More than all roundings of taps and sums.
float rounded_up(double bound) noexcept { return static_cast<float>(bound * 1.001); }

constexpr int taps_8 = half_folded_taps;

// What the places and the meter make of a single sample of 1, `at` frames behind x[i−9] (kernels/table.hpp).
std::array<double, 10> read_8(const TruePeakTaps8 &taps, int at) {
    const auto sample = [at](int frame) { return frame == at ? 1.0 : 0.0; };
    const auto half = [&](int frame) {
        double sum = 0.0;
        for (int k = 0; k < taps_8; ++k)
            sum += static_cast<double>(taps.half[k]) * (sample(frame + taps_8 - k) + sample(frame + 1 - taps_8 + k));
        return sum;
    };
    const auto weighted = [](const float *weight, std::initializer_list<double> values) {
        double sum = 0.0;
        for (const double value : values) sum += static_cast<double>(*weight++) * value;
        return sum;
    };
    const double first = weighted(taps.quarter, {sample(0) + half(0), half(-1) + sample(1), sample(-1) + half(1)});
    const double third = weighted(taps.quarter, {half(0) + sample(1), sample(0) + half(1), half(-1) + sample(2)});
    double even = 0.0;
    double odd = 0.0;
    double middle = 0.0;
    for (int k = 0; k < taps_8; ++k) {
        even += static_cast<double>(taps.meter_even[k]) * (sample(taps_8 - k) + sample(1 - taps_8 + k));
        odd += static_cast<double>(taps.meter_odd[k]) * (sample(taps_8 - k) - sample(1 - taps_8 + k));
        middle += static_cast<double>(taps.meter_half[k]) * (sample(taps_8 - k) + sample(1 - taps_8 + k));
    }
    return {weighted(taps.outer, {half(0), first, sample(0), half(-1)}),
            first,
            weighted(taps.inner, {first + half(0), sample(0) + third}),
            half(0),
            weighted(taps.inner, {half(0) + third, first + sample(1)}),
            third,
            weighted(taps.outer, {half(0), third, sample(1), half(1)}),
            even + odd,
            even - odd,
            middle};
}

float bound_of(const TruePeakTaps8 &taps) {
    std::array<double, 10> sums{};
    for (int at = -16; at <= 16; ++at) {
        const auto read = read_8(taps, at);
        for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += std::fabs(read[i]);
    }
    return rounded_up(*std::ranges::max_element(sums));
}

} // namespace

// A tone of 20 kHz in 44.1 kHz is 0.45 of the rate high at place 1/2, 0.23 of the doubled rate at 1/4 and 0.11 at 1/8: up to there the
// few taps for the latter two have the least largest error (0.2 % each). All in all a steady tone up to 20 kHz is read too low by at
// most 0.16 dB in 44.1 kHz and 0.07 dB in 48 kHz, as with 16 taps for each of the 7 places (reference/limiter.md §3.5).
// Of the meter's 12 taps the outermost two, which are left out, make no more than 0.02 dB.
TruePeakTaps true_peak_taps_8() {
    TruePeakTaps taps{};
    TruePeakTaps8 &eight = taps.eight;
    const std::vector<double> middle = place(0.5, half_folded_taps, 4.5);
    for (std::size_t k = 0; k < half_folded_taps; ++k) eight.half[k] = static_cast<float>(middle[k]);
    std::ranges::copy(std::array{0.59955057F, -0.12112333F, 0.02157276F}, eight.quarter);
    std::ranges::copy(std::array{0.56767978F, -0.06767978F}, eight.inner);
    std::ranges::copy(std::array{-0.08616614F, 0.63455769F, 0.47053151F, -0.01892306F}, eight.outer);
    for (std::size_t k = half_folded_taps - meter_folded_taps; k < half_folded_taps; ++k) {
        const double distance = static_cast<double>(k) - static_cast<double>(half_folded_taps);
        const double near = metered(distance + 0.25, 4);
        const double far = metered(distance + 0.75, 4);
        eight.meter_even[k] = static_cast<float>((near + far) / 2.0);
        eight.meter_odd[k] = static_cast<float>((near - far) / 2.0);
        eight.meter_half[k] = static_cast<float>(metered(distance + 0.5, 4));
    }
    taps.bound = bound_of(eight);
    return taps;
}

// Four times the audible band need no finer grid. From 96 kHz on libebur128 looks at place 1/2 alone.
TruePeakTaps true_peak_taps_4() {
    TruePeakTaps taps{};
    const std::vector<double> quarter = place(0.25, 12, 4.5);
    double first = 0.0;
    double middle = 0.0;
    for (std::size_t k = 0; k < 12; ++k) {
        taps.four.even[k] = static_cast<float>((quarter[k] + quarter[23 - k]) / 2.0);
        taps.four.odd[k] = static_cast<float>((quarter[k] - quarter[23 - k]) / 2.0);
        taps.four.half[k] = static_cast<float>(metered(static_cast<double>(k) - 11.5, 2));
        first += std::fabs(quarter[k]) + std::fabs(quarter[23 - k]);
        middle += 2.0 * std::fabs(static_cast<double>(taps.four.half[k]));
    }
    taps.bound = rounded_up(std::max(first, middle));
    return taps;
}

} // namespace soundwarden::dsp
