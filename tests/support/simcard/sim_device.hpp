// SPDX-License-Identifier: MIT
// A SPA device that behaves as PipeWire's ALSA card device does: EnumProfile, Profile, EnumRoute and Route, with the
// volume of each sink in its Route. Starts with profile "off" and no route, as real cards do; WirePlumber chooses.
// Everything on the main thread.
#pragma once

#include "card_model.hpp"

#include <nlohmann/json_fwd.hpp>
#include <spa/monitor/device.h>
#include <spa/param/param.h>
#include <spa/pod/builder.h>

#include <array>
#include <cstdint>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace soundwarden::bench {

class SimDevice {
  public:
    /// The state of one sink of the card, whether its node exists or not.
    struct SinkState {
        int active_route = -1;
        bool active = false;
        bool mute = false;
        std::vector<float> volumes;      ///< channelVolumes, linear
        std::vector<float> soft_volumes; ///< what the node's converter must do; 1.0 with a hardware volume
        std::int64_t latency_offset_ns = 0;
    };

    struct Callbacks {
        std::function<void(int device)> add_sink;
        std::function<void(int device)> remove_sink;
        /// Volume or mute of the sink changed: what a session manager's monitor would write to the node's Props.
        std::function<void(int device, bool volumes, bool mute)> sink_props;
        /// A set_param as it arrived: {"event":"set-route"|"set-profile", ...}
        std::function<void(nlohmann::json event)> received;
    };

    SimDevice(const CardModel &model, std::vector<std::uint32_t> positions, Callbacks callbacks);
    SimDevice(const SimDevice &) = delete;
    SimDevice &operator=(const SimDevice &) = delete;

    spa_device *device() { return &device_; }
    const CardModel &model() const { return model_; }
    const SinkState &sink(int device) const { return sinks_.at(static_cast<std::size_t>(device)); }
    const std::vector<std::uint32_t> &positions() const { return positions_; }
    int profile() const { return profile_; }

    /// By full name, or by the part after the last '-' ("headphones"). Nullptr when there is none.
    const RouteModel *find_route(std::string_view name) const;

    /// Changes availabilities, and what follows from them for the profiles, in ONE info event, as ACP does after a
    /// jack.
    void set_available(std::span<const std::pair<std::string, Availability>> changes);

    /// As if the driver had changed it. False when there is no such profile.
    bool set_profile(std::string_view name);

    /// Somebody turned the card's own knob: the volume of the first active sink changes, "save" does not.
    void turn_knob(float volume);

  private:
    enum Param : std::size_t { enum_profile, profile_param, enum_route, route_param };

    // --- sim_device.cpp: state
    RouteModel *route_named(std::string_view name);
    void switch_profile(int index, bool save);
    void set_volumes(int device, std::span<const float> volumes);
    void touch(Param param) { touched_.insert(param); }
    void emit_info(bool full);
    void add_listener(spa_hook *listener, const spa_device_events *events, void *data);
    void answer_sync(int seq);
    int set_param(std::uint32_t id, const spa_pod *param);
    int set_profile_param(const spa_pod *param);
    int set_route_param(const spa_pod *param);
    void apply_props(int device, const spa_pod *props, nlohmann::json &event);

    // --- sim_device_params.cpp: what can be read
    int enum_params(int seq, std::uint32_t id, std::uint32_t start, std::uint32_t count, const spa_pod *filter);
    spa_pod *build(spa_pod_builder *builder, std::uint32_t id, std::size_t index) const;
    spa_pod *build_profile(spa_pod_builder *builder, std::uint32_t id, std::size_t index) const;
    spa_pod *build_route(spa_pod_builder *builder, std::uint32_t id, std::size_t index, int device) const;
    void build_route_props(spa_pod_builder *builder, std::uint32_t id, int device) const;
    std::size_t param_count(std::uint32_t id) const;

    static const spa_device_methods methods;

    CardModel model_;
    std::vector<std::uint32_t> positions_;
    Callbacks callbacks_;
    std::vector<SinkState> sinks_;
    std::vector<bool> route_saved_, profile_saved_;
    int profile_ = 0;
    spa_device device_{};
    spa_hook_list hooks_{};
    std::array<spa_param_info, 4> params_{};
    std::set<Param> touched_;
};

} // namespace soundwarden::bench
