// SPDX-License-Identifier: MIT
// What a guard does to samples: a gain that falls fast and rises slowly, and a hard ceiling. Real-time safe, no I/O.
#pragma once

#include <cstdint>
#include <limits>

namespace soundwarden::dsp {

inline constexpr std::uint32_t max_channels = 64;
inline constexpr float no_ceiling = std::numeric_limits<float>::infinity();

/// Where the gain and the ceiling shall go. Written by the main thread, read by the data thread at the start of a block.
struct GuardTargets {
    std::uint64_t generation = 0; ///< rises with every change; reported back when taken
    std::uint64_t since_nsec = 0; ///< CLOCK_MONOTONIC, when this was written
    float gain = 0.0F;            ///< amplitude, >= 0; reached by the ramps below
    float ceiling = 0.0F;         ///< amplitude, >= 0, or no_ceiling; lowered at once, raised by rise_db_per_s
    float fall_seconds = 0.005F;  ///< time of the linear ramp down to `gain`
    float rise_db_per_s = 0.0F;   ///< speed at which gain and ceiling may rise; 0: they may not
    /// Decibels, never rising over the life of a guard: when a newly taken value is lower than the last one, the gain is
    /// multiplied at once by the difference. It takes back what a rise of the user's volume in front of the guard adds in the
    /// same cycle; a running sum, so that a value that was overwritten before it was read loses nothing.
    double rescale_db = 0.0;
    /// The sink's own rate in Hz, 0 where unknown. While it differs from the graph's rate a converter behind the guard
    /// overshoots a clipped wave by more than 3 dB, so the ceiling is lowered by 4.5 dB.
    std::uint32_t sink_rate_hz = 0;
    /// Behind the ceiling, at once: what a pad inside the sink takes away again (a power of two, so that no bit changes).
    float makeup = 1.0F;
};

/// What the data thread tells: written once a block.
struct GuardMeter {
    std::uint64_t generation = 0;   ///< of the targets in force
    std::uint64_t frames = 0;       ///< processed since the start, monotonic
    float gain = 0.0F;              ///< now, amplitude
    float ceiling = 0.0F;           ///< now, amplitude or no_ceiling
    float peak_out = 0.0F;          ///< largest |sample| of the last block, before the make-up
    float reduction = 1.0F;         ///< smallest (out / unlimited out) of the last block, 0..1: what the ceiling took away
    std::uint64_t scrubbed = 0;     ///< NaN and infinite samples replaced, monotonic
    std::uint32_t graph_rate_hz = 0;
    std::uint32_t quantum = 0;      ///< frames of the last block
};

/// One guard's signal path: scrub → gain ramp → ceiling. 0 frames of latency, bit-exact at gain 1 below the ceiling.
/// Construction on the main thread; `process` on the data thread only. Nothing in it allocates, locks, throws or
/// calls the kernel.
class GuardProcessor {
  public:
    /// Starts with the given targets already reached (no ramp). channels: 1 to max_channels.
    GuardProcessor(std::uint32_t channels, const GuardTargets &initial) noexcept;

    /// One block. `in[c] == nullptr` is silence; `out[c] == nullptr` is skipped; in and out may be the same memory.
    /// No sample of `out` exceeds the ceiling in force, times the make-up, by a bit pattern of any kind; all are finite. rate_hz > 0: the graph's rate.
    /// idle_seconds >= 0: for so long these targets were in force without audio; what was due to rise in that time has risen.
    void process(const float *const *in, float *const *out, std::uint32_t frames, std::uint32_t rate_hz,
                 const GuardTargets &targets, double idle_seconds = 0.0) noexcept;

    const GuardMeter &meter() const noexcept { return meter_; }

  private:
    void take(const GuardTargets &targets, std::uint32_t rate_hz) noexcept;
    void idle(double seconds) noexcept;

    std::uint32_t channels_;
    GuardTargets targets_;
    std::uint32_t rate_hz_ = 0;
    double gain_ = 0.0;        // now
    double gain_step_ = 0.0;   // of the linear fall, per frame
    double ceiling_ = 0.0;     // now, before the resampling margin
    double rise_ratio_ = 1.0;  // per frame
    GuardMeter meter_;
};

} // namespace soundwarden::dsp
