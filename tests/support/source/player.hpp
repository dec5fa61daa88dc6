// SPDX-License-Identifier: MIT
// A PipeWire stream that plays a Signal exactly, driven by the graph.
#pragma once

#include "recorder.hpp"
#include "signal.hpp"

#include <pipewire/pipewire.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>

namespace soundwarden::bench {

struct PlayerOptions {
    std::string name = "soundwarden-source";
    std::string target{}; ///< node name or serial; empty: the session manager's choice
    std::uint32_t channels = 2;
    std::uint32_t rate = 0; ///< 0: the graph's
    double seconds = 0.0;   ///< 0: until told to stop
    bool autoconnect = true;
    std::map<std::string, std::string> properties{};
};

class Player {
  public:
    /// `recorder` (may be nullptr) gets exactly what is played. Throws std::runtime_error.
    Player(pw_main_loop *loop, const PlayerOptions &options, std::unique_ptr<Signal> signal, Recorder *recorder);
    ~Player();
    Player(const Player &) = delete;
    Player &operator=(const Player &) = delete;

    /// Amplitude factor of the whole signal, from the next block on. No effect on the counter signal.
    void set_level(double dbfs);
    /// Silence instead of the signal (which goes on underneath), from the next block on.
    void set_muted(bool muted) { muted_.store(muted, std::memory_order_relaxed); }
    /// As an application's pause button: the stream leaves the graph's cycle.
    void set_active(bool active) { pw_stream_set_active(stream_, active); }

  private:
    // Main thread.
    void connect();
    void state_changed(pw_stream_state state, const char *error);
    void param_changed(std::uint32_t id, const spa_pod *param);
    void clock_changed();
    // Data thread.
    void process() noexcept;
    void note_clock() noexcept;
    void record(const pw_buffer *buffer, std::uint32_t frames, std::uint64_t position) noexcept;

    pw_main_loop *loop_;
    PlayerOptions options_;
    std::unique_ptr<Signal> signal_;
    Recorder *recorder_;
    pw_stream *stream_ = nullptr;
    spa_hook listener_{};
    spa_source *clock_event_ = nullptr;
    bool closing_ = false;
    spa_io_position *position_ = nullptr;
    std::atomic<std::uint32_t> rate_{48'000}; ///< of the negotiated format
    std::atomic<float> level_{1.0F};
    std::atomic<bool> muted_{false};
    // Data thread.
    std::uint64_t cycle_position_ = ~std::uint64_t{0};
    std::uint64_t cycle_offset_ = 0; ///< frames already made in this cycle
    std::uint64_t frames_ = 0;
    std::vector<float> interleaved_;
    std::uint32_t seen_clock_ = SPA_ID_INVALID;
    std::uint64_t seen_quantum_ = 0;
    std::uint32_t seen_rate_ = 0;
    std::atomic<bool> finished_{false};
};

} // namespace soundwarden::bench
