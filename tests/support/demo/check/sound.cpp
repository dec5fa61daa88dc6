// SPDX-License-Identifier: MIT
#include "sound.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace soundwarden::check {

namespace {

constexpr double well_under = 0.9;    // of the ceiling
constexpr double agreeing = 0.99;     // of the largest ratio
constexpr int least_agreeing = 3;
constexpr double loud_share = 0.01;   // of the loudest sample played: there is sound
constexpr double heard_least = 1e-7;  // anything that is not silence

} // namespace

double to_db(double amplitude) { return 20.0 * std::log10(amplitude); }
double from_db(double db) { return std::pow(10.0, db / 20.0); }

std::optional<double> gain_in(const Take &take, const std::vector<float> &ceiling, Frame from, Frame to) {
    std::vector<double> ratios;
    for (Frame frame = from; frame < std::min(to, take.frames()); ++frame) {
        const double limit = well_under * static_cast<double>(ceiling[frame]);
        for (std::uint32_t channel = 0; channel < take.channels; ++channel) {
            const std::size_t i = frame * take.channels + channel;
            const double played = magnitude(take.played[i]);
            const double heard = magnitude(take.heard[i]);
            if (played >= least_played && heard <= limit) ratios.push_back(heard / played);
        }
    }
    if (ratios.empty()) return std::nullopt;
    const double largest = *std::max_element(ratios.begin(), ratios.end());
    const auto agree = std::count_if(ratios.begin(), ratios.end(), [&](double ratio) { return ratio >= agreeing * largest; });
    if (agree < least_agreeing) return std::nullopt;
    return largest;
}

double peak(const std::vector<float> &samples, std::uint32_t channels, Frame from, Frame to) {
    double result = 0.0;
    const std::size_t end = std::min<std::size_t>(to * channels, samples.size());
    for (std::size_t i = from * channels; i < end; ++i) result = std::max(result, magnitude(samples[i]));
    return result;
}

double sounding_share(const Take &take, Frame from, Frame to) {
    const double loud = loud_share * peak(take.played, take.channels, from, to);
    std::size_t played = 0;
    std::size_t heard = 0;
    for (Frame block = from; block + block_frames <= std::min(to, take.frames()); block += block_frames) {
        if (peak(take.played, take.channels, block, block + block_frames) < std::max(loud, least_played)) continue;
        ++played;
        if (peak(take.heard, take.channels, block, block + block_frames) > heard_least) ++heard;
    }
    return played == 0 ? 0.0 : static_cast<double>(heard) / static_cast<double>(played);
}

int best_delay(const Take &take, Frame from, Frame to, int most) {
    int best = 0;
    double highest = -1.0;
    const auto margin = static_cast<Frame>(most);
    if (to < from + 2 * margin) return 0;
    for (int delay = -most; delay <= most; ++delay) {
        double sum = 0.0;
        for (Frame frame = from + margin; frame + margin < to; ++frame) {
            const auto late = static_cast<Frame>(static_cast<std::int64_t>(frame) + delay);
            sum += static_cast<double>(take.played[frame * take.channels]) * static_cast<double>(take.heard[late * take.channels]);
        }
        if (std::fabs(sum) > highest) {
            highest = std::fabs(sum);
            best = delay;
        }
    }
    return best;
}

} // namespace soundwarden::check
