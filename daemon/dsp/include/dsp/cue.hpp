// SPDX-License-Identifier: MIT
// The cue: two soft tones, one after the other.
#pragma once

#include <cstdint>
#include <vector>

namespace soundwarden::dsp {

inline constexpr std::uint32_t cue_rate_hz = 48000;

/// 250 ms at cue_rate_hz, one channel, faded in and out. No sample has a magnitude above `peak` (amplitude, >= 0; no number counts as 0).
/// Allocates; not for the data thread.
std::vector<float> cue_samples(float peak);

} // namespace soundwarden::dsp
