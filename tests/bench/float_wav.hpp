// SPDX-License-Identifier: MIT
// 32-bit float WAV files as planes of samples, bit for bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace soundwarden::bench {

/// What happened, to which file, and what to do about it.
struct WavError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct FloatWav {
    std::uint32_t rate_hz = 0;
    std::vector<std::vector<float>> channels; ///< all of one length, not empty
    int format = 0;                           ///< libsndfile's: WAV or WAVE_FORMAT_EXTENSIBLE

    std::size_t frames() const { return channels.front().size(); }
};

/// The whole file. Throws WavError: not readable, no WAV, not 32-bit float, more than 64 channels, or no rate from 8 to
/// 384 kHz.
FloatWav read_float_wav(const std::string &file);

/// Writes a file of the same bytes for the same samples. Throws WavError.
void write_float_wav(const std::string &file, const FloatWav &wav);

} // namespace soundwarden::bench
