// SPDX-License-Identifier: MIT
// The playback half of a simulated card: a SPA node that takes the place of the ALSA PCM sink as the follower of an
// adapter. It drives the graph by its own timer, accepts one interleaved format, and records every sample it is handed,
// which is what real hardware would play: after the adapter's volume, channel mix, filter graph and resampler.
#pragma once

#include "recorder.hpp"

#include <spa/node/io.h>
#include <spa/node/node.h>
#include <spa/param/param.h>
#include <spa/pod/builder.h>
#include <spa/support/loop.h>
#include <spa/support/system.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace soundwarden::bench {

enum class SampleFormat { f32, s16, s32 };

class SimSink {
  public:
    struct Config {
        SampleFormat format = SampleFormat::f32;
        std::vector<std::uint32_t> rates{48'000}; ///< what the hardware can do; the first is its favourite
        std::vector<std::uint32_t> positions;     ///< SPA_AUDIO_CHANNEL_*, one per channel
        /// 1: real time; N: N times as fast; 0: the next cycle begins as soon as the last is complete.
        double speed = 1.0;
        /// Never begins a cycle before the last one is complete, up to 1 s: no xrun is possible, lateness only
        /// stretches.
        bool lockstep = true;
        std::string clock_name;
    };

    /// `loop` and `system` are those of the data loop; `recorder` (nullptr: none) must outlive the sink.
    SimSink(spa_loop *loop, spa_system *system, Config config, Recorder *recorder);
    ~SimSink();
    SimSink(const SimSink &) = delete;
    SimSink &operator=(const SimSink &) = delete;

    spa_node *node() { return &node_; }

    /// What the card's mixer does after the last digital stage, linear, per channel. Any thread.
    void set_hardware_gain(std::span<const float> gain);

    /// Timers that found the last cycle still running.
    std::uint64_t late_cycles() const { return late_.load(std::memory_order_relaxed); }

  private:
    static constexpr std::uint32_t max_channels = 64;
    static constexpr std::uint32_t max_buffers = 16;
    static constexpr std::uint32_t max_frames = 16'384;

    // --- sim_sink.cpp: time and samples; on the data thread unless said otherwise
    void on_timeout() noexcept;
    int process() noexcept;
    void arm(std::uint64_t at_ns) noexcept;
    void restart_timer() noexcept;
    void begin_cycle() noexcept;
    void finish_cycle() noexcept;
    std::uint64_t advance_clock() noexcept;
    void take(const void *data, std::uint32_t bytes) noexcept;
    void apply_hardware_gain(std::span<float> samples) noexcept;
    bool is_following() const;
    int start();
    int stop();
    void restart(); ///< main thread: restart_timer() on the data thread, and waits for it

    // --- sim_sink_node.cpp: the SPA interface; on the main thread unless said otherwise
    static const spa_node_methods methods;
    void emit_node_info();
    void emit_port_info(std::uint64_t change_mask);
    void emit_param(int seq, std::uint32_t id, std::uint32_t index, spa_pod *param, const spa_pod *filter,
                    spa_pod_builder *builder);
    void answer_sync(int seq);
    int enum_node_params(int seq, std::uint32_t id, std::uint32_t start, std::uint32_t count, const spa_pod *filter);
    int enum_port_params(int seq, std::uint32_t id, std::uint32_t start, std::uint32_t count, const spa_pod *filter);
    spa_pod *build_format(spa_pod_builder *builder, std::uint32_t id) const;
    int set_format(const spa_pod *format);
    int set_io(std::uint32_t id, void *data);
    int send_command(const spa_command *command);
    std::uint32_t channels() const { return static_cast<std::uint32_t>(config_.positions.size()); }
    std::uint32_t sample_bytes() const { return config_.format == SampleFormat::s16 ? 2 : 4; }
    std::uint32_t frame_bytes() const { return sample_bytes() * channels(); }

    Config config_;
    Recorder *recorder_; ///< nullptr: nothing is kept
    spa_loop *loop_;
    spa_system *system_;
    spa_node node_{};
    spa_source timer_{};
    spa_hook_list hooks_{};
    spa_callbacks callbacks_{};
    spa_node_info node_info_{};
    std::array<spa_param_info, 1> node_params_{};
    spa_port_info port_info_{};
    std::array<spa_param_info, 4> port_params_{};

    // Set by the graph while no cycle runs.
    spa_io_clock *clock_ = nullptr;
    spa_io_position *position_ = nullptr;
    spa_io_buffers *io_ = nullptr;
    std::array<spa_buffer *, max_buffers> buffers_{};
    std::uint32_t buffer_count_ = 0;
    std::uint32_t rate_ = 0; ///< of the negotiated format; 0: none
    bool started_ = false;
    bool following_ = false;

    // The running cycle; data thread.
    RecordingCycle cycle_;
    bool in_cycle_ = false; ///< begun and not yet recorded as a gap or superseded
    bool got_data_ = false;
    bool complete_ = false; ///< process() has been called
    bool first_ = false;
    std::uint32_t waits_ = 0;
    std::uint64_t next_ns_ = 0;
    std::uint64_t frames_driven_ = 0;
    std::uint64_t last_duration_ = 0;
    std::uint64_t silent_frames_ = 0;
    std::vector<float> scratch_;

    std::array<std::atomic<float>, max_channels> gain_;
    std::atomic<std::uint64_t> late_{0};
};

} // namespace soundwarden::bench
