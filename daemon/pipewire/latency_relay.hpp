// SPDX-License-Identifier: MIT
// Passes on what the graph says about latency from one side of a guard to the other, with the guard's own added.
#pragma once

#include <pipewire/stream.h>
#include <spa/param/latency-utils.h>

#include <cstdint>

namespace soundwarden::pipewire_adapter {

/// The graph does not look through a pair of streams: what the sink says of itself ends at the out stream, what the players
/// say at the main stream. Main thread.
class LatencyRelay {
  public:
    /// Both streams outlive it.
    LatencyRelay(pw_stream *main, pw_stream *out) : main_(main), out_(out) {}

    /// SPA_PARAM_Latency as told to a stream: `direction` INPUT from the out stream, OUTPUT from the main stream. Another
    /// direction is what the stream was told by us, and ignored; null: there is nobody any more.
    void heard(spa_direction direction, const spa_pod *pod);
    /// What the guard adds. On 1.x it is also the main node's ProcessLatency (0.3.65 streams have no such parameter).
    void set_own(std::uint32_t frames);
    /// Says it again: a stream forgets what it was told before it had a format.
    void tell();

  private:
    void pass_on(const spa_latency_info &info);

    pw_stream *main_;
    pw_stream *out_;
    std::uint32_t own_frames_ = 0;
    bool passing_ = false;
    // Nobody tells of a latency of zero.
    spa_latency_info behind_ = SPA_LATENCY_INFO(SPA_DIRECTION_INPUT);    // from the sink, for the players
    spa_latency_info in_front_ = SPA_LATENCY_INFO(SPA_DIRECTION_OUTPUT); // from the players, for the sink
};

} // namespace soundwarden::pipewire_adapter
