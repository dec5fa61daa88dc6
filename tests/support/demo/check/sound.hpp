// SPDX-License-Identifier: MIT
// Measuring: the gain between what was played and what was heard. The path adds no latency, so that the ratio of two samples
// of one frame is the gain, exactly, wherever the ceiling does not cut in.
#pragma once

#include "take.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <vector>

namespace soundwarden::check {

/// Below this a sample that was played proves nothing.
inline constexpr double least_played = 1e-4;

inline constexpr Frame block_frames = 128;

/// The largest |heard / played| in [from, to), of samples well under `ceiling` (one for each frame). Nothing: too few, or
/// nothing that agrees.
std::optional<double> gain_in(const Take &take, const std::vector<float> &ceiling, Frame from, Frame to);

/// Not a number counts as infinite.
inline double magnitude(float sample) {
    return std::isnan(sample) ? std::numeric_limits<double>::infinity() : std::fabs(static_cast<double>(sample));
}

/// Largest magnitude in [from, to); not a number counts as infinite.
double peak(const std::vector<float> &samples, std::uint32_t channels, Frame from, Frame to);

/// The share of blocks in [from, to) in which there was sound to be heard where there was sound played.
double sounding_share(const Take &take, Frame from, Frame to);

/// The delay in frames, between −most and most, at which `heard` is most like `played` in [from, to).
int best_delay(const Take &take, Frame from, Frame to, int most);

double to_db(double amplitude);
double from_db(double db);

} // namespace soundwarden::check
