// SPDX-License-Identifier: MIT
// A simulated sink in the graph: a SimSink inside PipeWire's own adapter (converter, volume, monitor ports, filter
// graph), exported to the daemon. Main thread.
#pragma once

#include "sim_device.hpp"
#include "sim_sink.hpp"

#include <pipewire/impl.h>
#include <pipewire/pipewire.h>

#include <cstdint>
#include <functional>
#include <memory>

namespace soundwarden::bench {

class SinkNode {
  public:
    /// Exports the node; its volume is `state`'s before anybody can see it. Throws std::runtime_error.
    SinkNode(pw_context *context, pw_core *core, SimSink::Config config, Recorder *recorder, const Dict &properties,
             const SimDevice::SinkState &state, std::span<const std::uint32_t> positions, bool hardware_volume,
             std::function<void(std::uint32_t id)> on_bound);
    ~SinkNode();
    SinkNode(const SinkNode &) = delete;
    SinkNode &operator=(const SinkNode &) = delete;

    /// Writes the device's volume to the node, as a session manager's ALSA monitor does after an ObjectConfig event.
    void write_props(const SimDevice::SinkState &state, bool volumes, bool mute);

    const SimSink &sink() const { return sink_; }

  private:
    std::vector<std::uint32_t> positions_;
    bool hardware_volume_;
    std::function<void(std::uint32_t)> on_bound_;
    SimSink sink_;
    pw_impl_node *node_ = nullptr;
    pw_proxy *proxy_ = nullptr;
    spa_hook listener_{};
};

} // namespace soundwarden::bench
