// SPDX-License-Identifier: MIT
// What a guard does to samples: cap gain, governor, limiter, meters; and the cue that joins them. Real-time safe, no I/O.
#pragma once

#include "dsp/cue.hpp"
#include "dsp/guard_targets.hpp"
#include "dsp/limiter.hpp"
#include "dsp/state_mailbox.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace soundwarden::dsp {

/// What the data thread tells, once a block.
struct GuardMeter {
    std::uint64_t generation = 0;   ///< of the targets under which everything stands that comes out now
    std::uint64_t frames = 0;       ///< processed since the start; only grows
    float gain = 0.0F;              ///< the cap gain now, amplitude
    float ceiling = 0.0F;           ///< now, amplitude or no_ceiling
    float governor = 1.0F;          ///< the governor's gain now, 0..1
    float level_dbfs = -std::numeric_limits<float>::infinity(); ///< A-weighted over 30 s, behind it all; Governor::level()
    // Over all blocks since somebody last read a meter:
    float peak_in = 0.0F;           ///< largest |sample| that came in
    float peak_out = 0.0F;          ///< largest |sample| handed out, before the make-up
    float reduction = 1.0F;         ///< smallest gain of the limiter, 0..1
    float true_peak_out = 0.0F;     ///< as peak_out, between the samples too; below it where not all of that time was measured
    std::uint64_t faults = 0;       ///< NaN and infinite samples replaced; only grows
    /// By channel: A-weighted energy behind the limiter and before the make-up, square of full scale times seconds; only grows.
    std::array<double, max_channels> weighted_energy{};
    double weighted_seconds = 0.0;  ///< that the energies cover; only grows
    std::uint32_t graph_rate_hz = 0;
    std::uint32_t quantum = 0;      ///< frames of the last block
    std::uint32_t latency_frames = 0; ///< of the limiter in use
};

/// One guard's signal path: scrub → cap gain → governor → limiter (latency by mode, 0 in mode `guard`) → make-up. Bit-exact at
/// gain 1 below the ceiling, and the product with the gain below it. No sample of `out` exceeds the ceiling in force, times the
/// make-up, by a bit pattern of any kind; all are finite. The output does not depend on how the frames are cut into blocks of up
/// to Governor::longest_block frames; make-up and rescale_db act from a block's first frame, the margin in front of a converter from
/// the first sub-block boundary in it, whatever frame the targets name.
///
/// Targets act at the first sub-block boundary (Limiter::block_frames()) at or after the start of the block that brings them.
/// Of two that come while none could act the newer counts.
class GuardProcessor {
  public:
    /// Main thread. Starts with the given targets already reached (no ramp) and the governor at `governor_gain`, 0..1: where
    /// it stood in the guard before. Ranges: Limiter.
    GuardProcessor(const LimiterFormat &format, const GuardTargets &initial, double governor_gain = 1.0);
    /// Main thread, when the data thread has left.
    ~GuardProcessor();
    GuardProcessor(const GuardProcessor &) = delete;
    GuardProcessor &operator=(const GuardProcessor &) = delete;

    /// Main thread, while the data thread runs or not: another rate, mode or detector, for the same channels. Everything is
    /// built here; the data thread goes over to it within fade_seconds and its latency, and what it leaves is freed by the
    /// next rebuild or collect(). The governor's gain and memory go along. Throws std::bad_alloc.
    void rebuild(const LimiterFormat &format);
    /// Main thread. As last built.
    const LimiterFormat &format() const noexcept { return format_; }
    std::uint32_t latency_frames() const noexcept { return latency_frames_; }

    /// Main thread, while the data thread runs or not: one cue (cue_samples) from the next block on, as if it had come in with the sound.
    /// After a pause it is left out, and the rest of it too: it told of a sound that is over. `peaks`: amplitudes before the gain, one for each
    /// channel. Throws std::bad_alloc.
    void play_cue(std::vector<float> peaks);
    /// Main thread. Frees what the data thread has left.
    void collect() noexcept;

    /// Length of the fade from one limiter to the next.
    static constexpr double fade_seconds = 0.002;

    /// Data thread. One block. in[c] == nullptr is silence; out[c] == nullptr is skipped; out[c] may be the memory of in[c].
    /// rate_hz > 0: the graph's rate; where it is not the limiter's own (for a moment, after a change) ramps still keep their
    /// time and the ceiling holds.
    /// idle_seconds >= 0: for so long these targets were in force without audio; what was due to rise in that time has risen.
    /// true_peaks: they are measured as well, which takes about as long as a limiter with such a detector; it changes no sample.
    /// Nothing in it allocates, locks, throws or calls the kernel.
    void process(const float *const *in, float *const *out, std::uint32_t frames, std::uint32_t rate_hz,
                 const GuardTargets &targets, double idle_seconds = 0.0, bool true_peaks = false) noexcept;

    /// Data thread. The meter was read: peaks and reduction begin anew with the next block.
    void forget_peaks() noexcept;

    const GuardMeter &meter() const noexcept { return meter_; }

  private:
    struct Path;    // what is built for one rate and mode
    struct Control; // what goes on from one Path to the next

    void use(Path *next) noexcept;
    void at_once(const GuardTargets &targets) noexcept;
    bool due(const GuardTargets &targets) const noexcept;
    void at_boundary(const GuardTargets &targets) noexcept;
    std::uint32_t slice(const GuardTargets &targets, std::uint32_t frames) noexcept;
    const float *gains(std::uint32_t frames) noexcept;
    void limit(const float *const *in, float *const *out, std::uint32_t offset, std::uint32_t frames) noexcept;
    void drain() noexcept;
    void blend(float *const *out, std::uint32_t frames) noexcept;
    void measure_true_peaks(float *const *out, std::uint32_t frames, bool wanted) noexcept;
    void make_up(float *const *out, std::uint32_t frames) noexcept;
    void tell(std::uint32_t frames, std::uint32_t rate_hz) noexcept;

    LimiterFormat format_;             // main thread's
    std::uint32_t latency_frames_ = 0; // main thread's
    StateMailbox<Path> paths_;
    StateMailbox<Cue> cues_;

    std::unique_ptr<Control> control_; // the data thread's, from here on
    Path *path_ = nullptr;
    Path *leaving_ = nullptr;          // faded out
    Cue *cue_ = nullptr;               // under way
    GuardMeter meter_;
};

} // namespace soundwarden::dsp
