// SPDX-License-Identifier: MIT
// What a guard is told: where its gain, its ceiling and the level at the ear shall go.
#pragma once

#include <cstdint>
#include <limits>

namespace soundwarden::dsp {

inline constexpr std::uint32_t max_channels = 64;
inline constexpr float no_ceiling = std::numeric_limits<float>::infinity();

/// Where the gain and the ceiling shall go. Written by the main thread, read by the data thread at the start of a block.
struct GuardTargets {
    std::uint64_t generation = 0; ///< another value with every change; reported back when taken
    std::uint64_t from_frame = 0; ///< not before this one, by GuardMeter::frames; acts at the next sub-block boundary
    std::uint64_t since_nsec = 0; ///< CLOCK_MONOTONIC, when this was written
    float gain = 0.0F;            ///< amplitude, >= 0; reached by the ramps below
    float ceiling = 0.0F;         ///< amplitude, >= 0, or no_ceiling; lowered at once, raised by rise_db_per_s
    float fall_seconds = 0.005F;  ///< time of the linear ramp down to `gain`
    float rise_db_per_s = 0.0F;   ///< speed at which gain and ceiling may rise; 0: they may not
    /// Decibels, never rising over the life of a guard: when a newly taken value is lower than the last one, the gain is
    /// multiplied at once, at the first sample, by the difference. It takes back what a rise of the user's volume in front of the guard adds in the
    /// same cycle; a running sum, so that a value that was overwritten before it was read loses nothing.
    double rescale_db = 0.0;
    /// The sink's own rate in Hz, 0 where unknown. While it differs from the graph's rate a converter behind the guard
    /// overshoots a clipped wave by more than 3 dB, so the ceiling is lowered by 4.5 dB.
    std::uint32_t sink_rate_hz = 0;
    /// Behind the ceiling, at the first sample: what a pad inside the sink takes away again (a power of two, so that no bit changes).
    float makeup = 1.0F;
    float release_seconds = 0.05F; ///< of the limiter: time constant of the gain's return after the 20 ms hold
    /// The highest A-weighted level over 30 s behind the ceiling and before the make-up, dBFS as dsp::level_dbfs(); +infinity:
    /// the governor rests.
    double governor_dbfs = std::numeric_limits<double>::infinity();
};

} // namespace soundwarden::dsp
