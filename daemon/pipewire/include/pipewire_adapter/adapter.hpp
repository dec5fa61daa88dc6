// SPDX-License-Identifier: MIT
// The adapter to PipeWire: facts up to the engine, effects down to guards, routes and sinks.
#pragma once

#include "engine/effect.hpp"
#include "engine/event.hpp"
#include "pipewire_adapter/graph_view.hpp"
#include "pipewire_adapter/loop.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::pipewire_adapter {

/// What a guard's data thread measured since it was asked last; of a time shorter than a cycle, in its last block.
struct Meter {
    double peak = 0.0;      ///< amplitude of the largest sample handed to the sink
    double reduction = 1.0; ///< the most that the ceiling took away: 1 nothing, 0 everything
    double governor = 1.0;  ///< the governor's gain now, 0..1
    /// As peak, between the samples too; nothing: not measured, because nobody had asked for two seconds.
    std::optional<double> true_peak{};
};

/// What has passed a guard, as running totals (dsp::GuardMeter): behind the limiter, before the sink's own gain.
struct Heard {
    std::uint64_t guard = 0;        ///< another number for each guard: its totals begin anew
    double weighted_seconds = 0.0;
    std::vector<double> energies;   ///< by guarded channel: A-weighted, square of full scale times seconds
    double reduction = 1.0;         ///< what the limiter took away, at most, since this was asked for last: 1 nothing, 0 everything
    double gain_behind = 1.0;       ///< amplitude: what the sink's own software makes of it
};

enum class Connected : std::uint8_t { ok, no_server, bad_installation };

struct ConnectOutcome {
    Connected result = Connected::ok;
    std::string sentence; ///< what is wrong and what to do; empty when ok
};

/// Main thread only. No function throws; what goes wrong becomes an event.
class Adapter {
  public:
    /// `tell` may be called from within apply(): the caller queues.
    /// `on_playing`: some guard's pair began or ceased to run; may be called from within apply() as well.
    Adapter(std::shared_ptr<MainLoop> loop, std::function<void(engine::Event)> tell, std::function<void()> on_playing);
    ~Adapter();

    /// Connects to the user's PipeWire (PIPEWIRE_REMOTE, PIPEWIRE_RUNTIME_DIR, XDG_RUNTIME_DIR). Once connected, a lost
    /// server is told as PipeWireLost and looked for again.
    ConnectOutcome connect();

    /// Carries out what concerns PipeWire; other effects are none of its business.
    void apply(const engine::Effect &effect);

    /// Nothing where there is no guard or nothing plays. Peaks begin anew with each call: one reader only, who tells the others.
    std::optional<Meter> meter(const engine::SinkKey &sink) const;
    /// Nothing where there is no guard. Takes nothing away from what meter() gives.
    std::optional<Heard> heard(const engine::SinkKey &sink) const;
    /// Whether any guard's pair runs.
    bool playing() const;
    /// Guarded sinks, their guards, and what plays to either.
    GraphView graph() const;
    ServerView server() const;
    /// Whether the data thread has gone on since this was asked last, idle or not; true the first time and without a connection. Costs it
    /// one wake-up.
    bool progressed();

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace soundwarden::pipewire_adapter
