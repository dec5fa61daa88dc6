// SPDX-License-Identifier: MIT
// PipeWire's parameters (SPA pods) as values, both ways. Only the keys that are present are set.
#pragma once

#include "engine/event.hpp"

#include <spa/pod/builder.h>
#include <spa/pod/pod.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::pipewire_adapter {

/// SPA_PARAM_Props of an adapter node.
struct PropsValues {
    std::optional<float> volume;
    std::optional<bool> mute;
    std::vector<float> channel_volumes; ///< empty: not in this event
    std::vector<float> soft_volumes;    ///< empty: not in this event
    std::optional<float> max_volume;    ///< channelmix.max-volume (0.3.72 and newer)
};
PropsValues parse_props(const spa_pod *pod);

struct RouteValues {
    engine::RouteFacts facts;
    bool output = false;
    std::vector<std::int32_t> devices;  ///< card.profile.device of the sinks it can serve
    std::vector<std::int32_t> profiles; ///< profiles it belongs to
    // of an active route (SPA_PARAM_Route) only:
    std::int32_t device = -1;
    std::optional<engine::RouteState> state;
    std::vector<float> channel_volumes;
};
/// Nothing where the pod is not a route.
std::optional<RouteValues> parse_route(const spa_pod *pod);

/// Index of SPA_PARAM_Profile; nothing where the pod is not a profile.
std::optional<std::int32_t> parse_profile_index(const spa_pod *pod);

/// Rate in Hz of SPA_PARAM_Format; 0 where it has none.
std::uint32_t parse_format_rate(const spa_pod *pod);

/// Channel names ("FL", …) of a SPA_PARAM_EnumFormat or Format; empty where unknown.
std::vector<std::string> parse_format_positions(const spa_pod *pod);

/// "FL,FR" or "[ FL FR ]" -> names.
std::vector<std::string> split_positions(const std::string &text);
std::uint32_t channel_id(const std::string &name);

/// A pod together with the memory it lies in.
class BuiltPod {
  public:
    const spa_pod *get() const { return reinterpret_cast<const spa_pod *>(memory_); }
    spa_pod_builder builder() { return SPA_POD_BUILDER_INIT(memory_, sizeof memory_); }

  private:
    alignas(8) std::uint8_t memory_[8192]; // a filter graph is up to 4096 by itself
};

/// Props { channelVolumes?, mute? }; no volumes: the key is left out.
BuiltPod props_user_volume(const std::vector<float> &channel_volumes, std::optional<bool> mute);
/// Props { volume }.
BuiltPod props_volume(float volume);
struct SinkWrite;
/// Props { volume?, channelVolumes?, params = [ audioconvert.filter-graph.0?, channelmix.max-volume? ] }.
BuiltPod props_inside(const SinkWrite &write);
/// Route { index, device, save, props = { channelVolumes?, mute? } }; no volumes: the key is left out.
BuiltPod route_volume(std::uint32_t index, std::int32_t device, const std::vector<float> &channel_volumes, std::optional<bool> mute,
                      bool save);
/// Format for a stream: planar float, the given channels, rate of the graph.
BuiltPod stream_format(const std::vector<std::string> &positions);

} // namespace soundwarden::pipewire_adapter
