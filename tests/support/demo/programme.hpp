// SPDX-License-Identifier: MIT
// What the demo plays: real recordings, made equally loud, without their pauses.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace soundwarden::demo {

struct Programme {
    std::uint32_t rate_hz = 48'000;
    std::vector<float> samples; ///< two channels, interleaved; the loudest sample is 1.0
    std::string title;          ///< for people
    double seconds() const { return static_cast<double>(samples.size()) / 2.0 / static_cast<double>(rate_hz); }
};

/// A recording of the user's own, in any format libsndfile reads: at most the first two minutes, mono on both sides, the
/// first two channels of more. Throws std::runtime_error with a sentence for people.
Programme programme_from(const std::filesystem::path &file);

/// The recordings that Debian's alsa-utils ships: voices that name loudspeakers, and noise. Throws std::runtime_error.
Programme shipped_programme();

/// Two channels, 32-bit float, WAV. Throws std::runtime_error.
void write_wav(const std::filesystem::path &path, std::uint32_t rate_hz, std::uint32_t channels, const std::vector<float> &samples);

} // namespace soundwarden::demo
