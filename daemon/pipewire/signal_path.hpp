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

namespace soundwarden::pipewire_adapter {

class SignalPath {
  public:
    SignalPath(std::uint32_t channels, const dsp::GuardTargets &initial)
        : processor_(channels, initial), targets_(initial), meters_(processor_.meter()), channels_(channels) {}

    // ---- main thread
    void post(const dsp::GuardTargets &targets) noexcept { targets_.write(targets); }
    dsp::GuardMeter meter() noexcept { return meters_.read(); }
    /// From io_changed: the graph's clock, or nullptr.
    void set_position(const spa_io_position *position) noexcept { position_.store(position, std::memory_order_release); }

    // ---- data thread
    /// Capture's process: hands the cycle on to playback; drops the buffers where playback does not run.
    static void on_capture(pw_stream *capture, pw_stream *playback) noexcept;
    /// Playback's process: newest capture buffer → processor → playback buffer.
    void on_playback(pw_stream *capture, pw_stream *playback) noexcept;

  private:
    void run(pw_buffer *in, pw_buffer *out) noexcept;
    struct Cycle {
        std::uint32_t rate_hz = 0;  // 0: unknown
        double idle_seconds = 0.0;  // the targets were in force for so long before it without a cycle
    };
    Cycle follow_clock(const dsp::GuardTargets &targets) noexcept;

    dsp::GuardProcessor processor_;
    dsp::TripleBuffer<dsp::GuardTargets> targets_;
    dsp::TripleBuffer<dsp::GuardMeter> meters_;
    std::uint32_t channels_;
    std::atomic<const spa_io_position *> position_{nullptr};
    std::uint64_t expected_nsec_ = 0; // when the next cycle was due; 0 before the first
};

} // namespace soundwarden::pipewire_adapter
