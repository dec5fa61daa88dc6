// SPDX-License-Identifier: MIT
// Where the coefficients come from. Main thread only.
#include "dsp/a_weighting.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <map>
#include <numbers>

namespace soundwarden::dsp {
namespace {

// The pole frequencies behind the rounded ones of the standard (IEC 61672-1:2013 annex E).
constexpr double lowest_hz = 20.0; // of what shall be right
constexpr double pole1_hz = 20.598997;
constexpr double pole2_hz = 107.65265;
constexpr double pole3_hz = 737.86223;
constexpr double pole4_hz = 12194.217;

double analytic(double hz) noexcept {
    const double square = hz * hz;
    return square * square * pole4_hz * pole4_hz /
           ((square + pole1_hz * pole1_hz) * std::sqrt((square + pole2_hz * pole2_hz) * (square + pole3_hz * pole3_hz)) *
            (square + pole4_hz * pole4_hz));
}

// The fit works on s = sin²(ω/2), in which the squared magnitude of a second-order section is a quotient of parabolas.
double half_sine_square(double hz, double rate_hz) noexcept {
    const double half = std::sin(std::numbers::pi * hz / rate_hz);
    return half * half;
}

double matched(double pole_hz, double rate_hz) noexcept { return std::exp(-2.0 * std::numbers::pi * pole_hz / rate_hz); }

// |1 − p·e^(−jω)|²
double pole_distance_square(double hz, double pole_hz, double rate_hz) noexcept {
    const double pole = matched(pole_hz, rate_hz);
    return (1.0 - pole) * (1.0 - pole) + 4.0 * pole * half_sine_square(hz, rate_hz);
}

double low_sections_square(double hz, double rate_hz) noexcept {
    const double zero = 4.0 * half_sine_square(hz, rate_hz);
    const double twice = pole_distance_square(hz, pole1_hz, rate_hz);
    return zero / twice * (zero / twice) * (zero / pole_distance_square(hz, pole2_hz, rate_hz)) *
           (zero / pole_distance_square(hz, pole3_hz, rate_hz));
}

constexpr std::size_t points = 256;
constexpr std::size_t unknowns = 5;
constexpr std::size_t equations = points + unknowns; // the last ones hold the step small
using Row = std::array<double, unknowns + 1>; // the last column is the right-hand side
using Solution = std::array<double, unknowns>;

// Least squares by modified Gram-Schmidt on the columns, which keeps the digits that normal equations would lose.
Solution least_squares(std::array<Row, equations> &rows) noexcept {
    std::array<Row, unknowns> triangle{};
    for (std::size_t k = 0; k < unknowns; ++k) {
        double square = 0.0;
        for (const Row &row : rows) square += row[k] * row[k];
        triangle[k][k] = std::sqrt(square);
        for (Row &row : rows) row[k] /= triangle[k][k];
        for (std::size_t j = k + 1; j <= unknowns; ++j) {
            double product = 0.0;
            for (const Row &row : rows) product += row[k] * row[j];
            triangle[k][j] = product;
            for (Row &row : rows) row[j] -= product * row[k];
        }
    }
    Solution solution{};
    for (std::size_t k = unknowns; k-- > 0;) {
        double value = triangle[k][unknowns];
        for (std::size_t j = k + 1; j < unknowns; ++j) value -= triangle[k][j] * solution[j];
        solution[k] = value / triangle[k][k];
    }
    return solution;
}

struct Parabola {
    double at_0, at_1, at_2; // of s
    double operator()(double s) const noexcept { return at_0 + s * (at_1 + s * at_2); }
};

// What the quotient shall be: at s[i], `wanted[i]` for its logarithm.
struct Goal {
    std::array<double, points> s;
    std::array<double, points> wanted;
};

struct Quotient {
    Parabola above;
    Parabola below; // at_0 is 1
    double log_at(double s) const noexcept { return std::log(above(s) / below(s)); }
    bool positive_on(const std::array<double, points> &s) const noexcept {
        return std::all_of(s.begin(), s.end(), [&](double at) { return above(at) > 0.0 && below(at) > 0.0; });
    }
};

constexpr int rounds = 60;
constexpr double settled = 1e6; // of the damping: no step gets any nearer
constexpr std::array edges_hz{20500.0, 22000.0, 24000.0, 30000.0};

double distance(const Quotient &fit, const Goal &goal) noexcept {
    double sum = 0.0;
    for (std::size_t i = 0; i < points; ++i) sum += std::pow(fit.log_at(goal.s[i]) - goal.wanted[i], 2.0);
    return sum;
}

// One step of Levenberg and Marquardt towards the least squares of log(quotient) − wanted. `damping` adapts itself.
void improve(Quotient &fit, double &damping, const Goal &goal) noexcept {
    std::array<Row, equations> rows{};
    for (std::size_t i = 0; i < points; ++i) {
        const double s = goal.s[i];
        const double above = 1.0 / fit.above(s);
        const double below = -1.0 / fit.below(s);
        rows[i] = {above, above * s, above * s * s, below * s, below * s * s, goal.wanted[i] - fit.log_at(s)};
    }
    for (std::size_t k = 0; k < unknowns; ++k) rows[points + k][k] = damping;
    const Solution step = least_squares(rows);
    const Quotient next{{fit.above.at_0 + step[0], fit.above.at_1 + step[1], fit.above.at_2 + step[2]},
                        {1.0, fit.below.at_1 + step[3], fit.below.at_2 + step[4]}};
    if (next.positive_on(goal.s) && distance(next, goal) < distance(fit, goal)) {
        fit = next;
        damping /= 3.0;
    } else damping *= 4.0;
}

struct Section {
    double of_1, of_2; // 1 + of_1·z⁻¹ + of_2·z⁻²
};

// The root in z, inside the unit circle, that belongs to a root in s: z + 1/z = 2 − 4s.
std::complex<double> inner_root(std::complex<double> s) noexcept {
    const std::complex<double> middle = 1.0 - 2.0 * s;
    const std::complex<double> offset = std::sqrt(middle * middle - 1.0);
    const std::complex<double> one = middle + offset;
    const std::complex<double> other = middle - offset;
    return 1.0 / (std::abs(one) > std::abs(other) ? one : other);
}

// The stable (or minimum-phase) section with the squared magnitude of a parabola, but for its scale.
Section factored(const Parabola &magnitude) noexcept {
    const std::complex<double> root = std::sqrt(std::complex<double>(magnitude.at_1 * magnitude.at_1 - 4.0 * magnitude.at_2 * magnitude.at_0));
    // Both roots over at_0 instead of at_2, because at_2 may vanish where at_0 cannot.
    const std::complex<double> sum = magnitude.at_1 >= 0.0 ? -magnitude.at_1 - root : -magnitude.at_1 + root;
    const std::complex<double> near = inner_root(2.0 * magnitude.at_0 / sum);
    const std::complex<double> far = magnitude.at_2 == 0.0 ? 0.0 : inner_root(sum / (2.0 * magnitude.at_2));
    return {-(near + far).real(), (near * far).real()};
}

// In powers of s, where nothing cancels at low frequencies.
double section_square(const Section &section, double s) noexcept {
    const double at_zero = 1.0 + section.of_1 + section.of_2;
    return at_zero * at_zero - 4.0 * s * (section.of_1 * (1.0 + section.of_2) + 4.0 * section.of_2) + 16.0 * section.of_2 * s * s;
}

AWeightingFilter fitted(double rate, double highest_hz) noexcept {
    const double edge_hz = std::min(0.46 * rate, highest_hz);
    const double scale = half_sine_square(edge_hz, rate); // so that the unknowns are of like size at every rate
    Goal goal;
    for (std::size_t i = 0; i < points; ++i) {
        // Half of the points evenly over the band, half evenly over the octaves.
        const double part = (static_cast<double>(i / 2) + 0.5) / static_cast<double>(points / 2);
        const double hz = i % 2 == 0 ? edge_hz * part : lowest_hz * std::pow(edge_hz / lowest_hz, part);
        goal.s[i] = half_sine_square(hz, rate) / scale;
        goal.wanted[i] = std::log(std::pow(a_weighting(hz), 2.0) / low_sections_square(hz, rate));
    }
    // The start: both poles at their matched places and no zeros.
    const double start = matched(pole4_hz, rate);
    const double steep = 4.0 * start / ((1.0 - start) * (1.0 - start)) * scale;
    Quotient fit{{std::exp(goal.wanted[0]), 0.0, 0.0}, {1.0, 2.0 * steep, steep * steep}};
    double damping = 1.0;
    for (int round = 0; round < rounds && damping < settled; ++round) improve(fit, damping, goal);

    const Section zeros = factored({fit.above.at_0, fit.above.at_1 / scale, fit.above.at_2 / (scale * scale)});
    const Section poles = factored({fit.below.at_0, fit.below.at_1 / scale, fit.below.at_2 / (scale * scale)});
    AWeightingFilter filter{};
    filter.low1_y1 = 2.0 * matched(pole1_hz, rate);
    filter.low1_y2 = -matched(pole1_hz, rate) * matched(pole1_hz, rate);
    filter.low2_y1 = matched(pole2_hz, rate) + matched(pole3_hz, rate);
    filter.low2_y2 = -matched(pole2_hz, rate) * matched(pole3_hz, rate);
    filter.high_x1 = zeros.of_1;
    filter.high_x2 = zeros.of_2;
    filter.high_y1 = -poles.of_1;
    filter.high_y2 = -poles.of_2;
    filter.energy_scale = 1.0;
    filter.energy_scale = std::pow(filter.magnitude(1000.0, rate), -2.0);
    return filter;
}

// The largest |log| of the quotient to the analytic curve, where the design promises something.
double worst_error(const AWeightingFilter &filter, double rate) noexcept {
    const double highest_hz = std::min(20000.0, 0.45 * rate);
    double worst = 0.0;
    for (double hz = highest_hz; hz > lowest_hz; hz *= 0.97)
        worst = std::max(worst, std::fabs(std::log(filter.magnitude(hz, rate) / a_weighting(hz))));
    return worst;
}

} // namespace

double a_weighting(double hz) noexcept { return analytic(hz) / analytic(1000.0); }

double AWeightingFilter::magnitude(double hz, double rate_hz) const noexcept {
    const double s = half_sine_square(hz, rate_hz);
    const double zeros = 16.0 * s * s; // of one low section: |1−e^(−jω)|⁴
    return std::sqrt(energy_scale * zeros / section_square({-low1_y1, -low1_y2}, s) * zeros / section_square({-low2_y1, -low2_y2}, s) *
                     section_square({high_x1, high_x2}, s) / section_square({-high_y1, -high_y2}, s));
}

AWeightingFilter design_a_weighting(std::uint32_t rate_hz) noexcept {
    const double rate = std::clamp(rate_hz, ear_lowest_rate_hz, ear_highest_rate_hz);
    // How far up the fit has to hold decides where its error goes; no one edge is best for all rates near 48 kHz.
    AWeightingFilter best = fitted(rate, edges_hz[0]);
    double least = worst_error(best, rate);
    for (const double edge_hz : edges_hz) {
        const AWeightingFilter filter = fitted(rate, edge_hz);
        const double error = worst_error(filter, rate);
        if (!(error < least)) continue;
        best = filter;
        least = error;
    }
    return best;
}

AWeightingFilter a_weighting_filter(std::uint32_t rate_hz) {
    static thread_local std::map<std::uint32_t, AWeightingFilter> designed;
    const auto found = designed.find(rate_hz);
    return found != designed.end() ? found->second : designed.emplace(rate_hz, design_a_weighting(rate_hz)).first->second;
}

} // namespace soundwarden::dsp
