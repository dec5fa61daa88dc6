// SPDX-License-Identifier: MIT
// The cue: two soft tones, one after the other.
#pragma once

#include "dsp/guard_targets.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace soundwarden::dsp {

/// 250 ms at `rate_hz` (0 < rate_hz), one channel, faded in and out. No sample has a magnitude above `peak` (amplitude, >= 0; no number counts
/// as 0). Allocates; not for the data thread.
std::vector<float> cue_samples(float peak, std::uint32_t rate_hz);

/// One cue on its way into a signal path. Made and freed on the main thread.
class Cue {
  public:
    /// Frames that are mixed at a time, at most.
    static constexpr std::uint32_t longest_slice = 256;

    /// As cue_samples, with a peak for each channel; 1 to max_channels of them.
    Cue(std::vector<float> peaks, std::uint32_t rate_hz);

    /// Data thread. Replaces each in[c] (nullptr: silence) by the sound with the cue's next frames added, until the next call; more frames
    /// than longest_slice are left as they are.
    void mix(std::array<const float *, max_channels> &in, std::uint32_t frames) noexcept;
    bool over() const noexcept { return next_ == samples_.size(); }

    Cue *next = nullptr; ///< the mailbox's

  private:
    std::vector<float> samples_; // of peak 1
    std::vector<float> peaks_;   // by channel
    std::vector<float> mixed_;   // by channel
    std::size_t next_ = 0;
};

} // namespace soundwarden::dsp
