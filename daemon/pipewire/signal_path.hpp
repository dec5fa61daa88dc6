// SPDX-License-Identifier: MIT
// The part of a guard that runs on PipeWire's real-time data thread. Nothing in it allocates, locks, logs, throws or calls
// the kernel.
#pragma once

#include "dsp/guard_processor.hpp"
#include "dsp/triple_buffer.hpp"

#include <pipewire/stream.h>
#include <spa/node/io.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

namespace soundwarden::pipewire_adapter {

class SignalPath {
  public:
    /// `group`: the channels that are guarded, from 0, rising; the others pass with the same latency and are only made finite.
    /// Empty: all of format.channels.
    SignalPath(const dsp::LimiterFormat &format, const std::vector<std::uint32_t> &group, const dsp::GuardTargets &initial, double governor_gain);

    // ---- main thread
    void post(const dsp::GuardTargets &targets) noexcept { targets_.write(targets); }
    /// Peaks and reduction are those since the last call.
    dsp::GuardMeter meter() noexcept;
    /// GuardProcessor::play_cue, on the guarded channels. `peaks`: of all channels of the sink.
    void play_cue(const std::vector<float> &peaks);
    /// Somebody looks at the meters: true peaks are measured too, for the next two seconds.
    void watched() noexcept { watched_.store(true, std::memory_order_relaxed); }
    /// Of the targets whose sound has reached the out stream.
    std::uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }
    /// Where the governor stands.
    float governor_gain() const noexcept { return governor_gain_.load(std::memory_order_relaxed); }
    const dsp::LimiterFormat &format() const noexcept { return guarded_.processor.format(); }
    /// Another rate or mode: GuardProcessor::rebuild.
    void rebuild(const dsp::LimiterFormat &format);
    std::uint32_t latency_frames() const noexcept { return guarded_.processor.latency_frames(); }
    /// From io_changed: the graph's clock, or nullptr.
    void set_position(const spa_io_position *position) noexcept { position_.store(position, std::memory_order_release); }

    /// When the newest cycle of the graph's driver began, CLOCK_MONOTONIC in ns; 0 without a driver.
    std::uint64_t driver_nsec() const noexcept;

    /// The out stream has stopped: what waits in the delay line is of a sound that is over.
    void stopped() noexcept { stopped_.store(true, std::memory_order_release); }

    // ---- data thread
    /// Capture's process: hands the cycle on to playback; drops the buffers where playback does not run.
    static void on_capture(pw_stream *capture, pw_stream *playback) noexcept;
    /// Playback's process: newest capture buffer → processor → playback buffer.
    void on_playback(pw_stream *capture, pw_stream *playback) noexcept;
    /// One cycle of it, with the buffers in hand; `in` may be none.
    void run(const pw_buffer *in, pw_buffer *out) noexcept;

  private:
    struct Cycle {
        std::uint32_t rate_hz = 0;  // 0: unknown
        double idle_seconds = 0.0;  // the targets were in force for so long before it without a cycle
    };
    bool true_peaks_wanted(std::uint32_t frames, std::uint32_t rate_hz) noexcept;
    Cycle follow_clock(const dsp::GuardTargets &targets) noexcept;

    /// Some of the channels, and what they go through.
    struct Group {
        Group(std::vector<std::uint32_t> the_channels, const dsp::LimiterFormat &format, const dsp::GuardTargets &initial, double governor_gain);
        void process(const float *const *in, float *const *out, std::uint32_t frames, const Cycle &cycle, const dsp::GuardTargets &targets,
                     bool true_peaks = false) noexcept;

        std::vector<std::uint32_t> channels; // of the sink, from 0
        dsp::GuardProcessor processor;
    };

    Group guarded_;
    std::optional<Group> free_;
    dsp::TripleBuffer<dsp::GuardTargets> targets_;
    dsp::TripleBuffer<dsp::GuardMeter> meters_;
    std::atomic<std::uint64_t> generation_{0};
    std::atomic<bool> stopped_{false};
    std::atomic<bool> watched_{false};
    double watched_seconds_ = 0.0; // for so long true peaks are measured; the data thread's
    std::atomic<float> governor_gain_{1.0F};
    std::uint32_t channels_;
    std::atomic<const spa_io_position *> position_{nullptr};
    std::uint64_t expected_nsec_ = 0; // when the next cycle was due; 0 before the first
};

} // namespace soundwarden::pipewire_adapter
