// SPDX-License-Identifier: MIT
// The guard: the pair of streams through which everything bound for one sink passes.
#pragma once

#include "handles.hpp"
#include "latency_relay.hpp"
#include "signal_path.hpp"
#include "standstill.hpp"

#include "engine/effect.hpp"

#include <pipewire/pipewire.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::pipewire_adapter {

struct GuardSpec {
    engine::SinkKey sink;
    std::string target;                 ///< node.name of the raw sink
    std::vector<std::string> positions; ///< the sink's own
    std::uint32_t sink_rate_hz = 0;
    float makeup = 1.0F;                ///< of the pad inside the sink
    std::int32_t priority = 0;          ///< priority.session of the raw sink
    bool session_part = false;          ///< our part in the session manager leads to the guard (and links it, in 0.4)
    std::string description;
    std::string icon;
    engine::GuardOrder order;           ///< in force from the first cycle
    double volume = 1.0;                ///< amplitude
    bool mute = false;
    double governor_gain = 1.0;         ///< where the governor of the guard before it stood
    std::vector<std::uint32_t> channels{}; ///< that are guarded, from 0; empty: all
    bool hold_device = false;           ///< its link keeps the sink running
    std::uint64_t number = 0;           ///< another for each guard
};

/// What the guard tells, on the main thread.
struct GuardEvents {
    std::function<void(std::uint32_t main_id, std::uint32_t out_id)> nodes; ///< ids known or changed
    std::function<void(double volume, bool mute)> volume;                   ///< somebody else moved the user's volume
    std::function<void()> unsettled; ///< the node shows another volume than the one just set: insist() from the loop
    std::function<void(std::string reason)> failed;
    std::function<void()> streaming; ///< Guard::streaming() changed
};

/// Main stream (`Audio/Sink`, what people see) → SignalPath on the data thread → out stream (`Stream/Output/Audio`), both
/// in the same graph cycle: nothing is added but the limiter's look-ahead (0 frames in mode `guard`). Main thread, but for what signal_path.hpp says.
class Guard {
  public:
    /// Throws std::runtime_error where PipeWire refuses a stream.
    Guard(pw_core *core, const GuardSpec &spec, GuardEvents events);
    ~Guard();
    Guard(const Guard &) = delete;
    Guard &operator=(const Guard &) = delete;

    void order(const engine::GuardOrder &order);
    void set_volume(double volume, bool mute);
    /// Writes the volume again where the node does not show it yet.
    void insist();
    void rename(const std::string &description, const std::string &icon);
    /// Publishes soundwarden.ceiling-db on the main node: decimal dBFS, `block` or `none` (a server does not pass on that a
    /// property was removed).
    void publish_ceiling(const std::string &text);
    /// The user ended protection: soundwarden.released on the main node.
    void publish_release();
    void set_sink_rate(std::uint32_t rate_hz);
    /// In force from the next cycle on.
    void set_makeup(float factor);
    /// One cue, in front of the limiter and as the user's volume has it now, each channel by itself; none where nothing plays. `peak`: amplitude
    /// of its highest sample, before the volume.
    void play_cue(float peak);
    /// Our part in the session manager came or went (1.x; before that the pair has to be made anew).
    void follow_session_part(bool present);

    /// The user's volume is on the node, and the newest order has reached the data thread or will before any sample (the
    /// pair does not run).
    bool taken() const;
    std::uint64_t ordered_generation() const { return ordered_generation_; }
    bool streaming() const { return streaming_; }
    /// What tells whether the pair stands still.
    Standstill::Look look(bool data_thread_answers) const;
    /// Peaks and reduction are those since the last call; true peaks too, where that was no more than two seconds ago.
    dsp::GuardMeter meter() const;
    /// The same, but what meter() gives next loses nothing by it.
    dsp::GuardMeter totals() const;
    /// Of the limiter since the last call, whatever meter() was asked: 1 nothing, 0 everything.
    float reduction_since() const;
    std::uint64_t number() const { return number_; }
    double governor_gain() const { return static_cast<double>(path_.governor_gain()); }
    std::uint32_t channels() const { return static_cast<std::uint32_t>(positions_.size()); }
    std::uint32_t guarded_channels() const { return guarded_channels_; }

    /// The end of a guard on a server that goes on: asks it to remove both nodes and says nothing from then on. Destroy the
    /// guard when the server has answered everything that was sent so far. A stream destroyed at once leaks the descriptors
    /// of the messages under way to it (0.3.65: one or two for each link that changes in that moment).
    void retire(pw_registry *registry);

  private:
    void make_streams(pw_core *core, const GuardSpec &spec);
    void follow_format(const spa_pod *pod);
    void shape(LimiterMode mode, std::uint32_t rate_hz);
    void connect_stream(pw_stream *stream, pw_direction direction, std::uint32_t extra_flags);
    void on_main_props(const spa_pod *pod);
    void on_main_control(std::uint32_t id, const pw_stream_control &control);
    void heed_main_volume();
    void pin_out(const spa_pod *pod);
    void apply_volume();
    std::vector<float> wanted_channels() const;
    bool shows_wanted() const;
    void state_changed(pw_stream_state state, const char *error);

    GuardEvents tell_;
    bool retired_ = false;
    std::vector<std::string> positions_;
    dsp::GuardTargets targets_;         // its generation counts what was posted
    std::uint64_t ordered_generation_;  // the engine's
    std::uint64_t number_;
    std::uint32_t guarded_channels_;
    mutable SignalPath path_;
    mutable float unread_reduction_ = 1.0F;
    mutable dsp::GuardMeter unread_{}; // peaks and reduction that totals() came upon
    StreamPtr main_;
    StreamPtr out_;
    std::optional<LatencyRelay> latency_;
    Hook main_hook_;
    Hook out_hook_;
    pw_stream_events main_events_{};
    pw_stream_events out_events_{};
    bool streaming_ = false;      // the out stream
    bool main_streaming_ = false;
    // The user's volume as the engine wants it; a differing event before it was seen once is not the user's.
    double wanted_volume_;
    bool wanted_mute_;
    bool confirmed_ = false;
    std::vector<float> channel_volumes_;
    bool mute_ = false;
};

} // namespace soundwarden::pipewire_adapter
