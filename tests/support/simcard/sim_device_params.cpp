// SPDX-License-Identifier: MIT
// What clients read from the simulated device: the profile and route parameters as ACP builds them.
#include "sim_device.hpp"

#include <nlohmann/json.hpp>
#include <spa/monitor/utils.h>
#include <spa/param/profile.h>
#include <spa/param/props.h>
#include <spa/param/route.h>
#include <spa/pod/filter.h>

#include <cerrno>

namespace soundwarden::bench {

namespace {

void add_int_array(spa_pod_builder *builder, std::uint32_t key, const std::vector<int> &values) {
    spa_pod_builder_prop(builder, key, 0);
    spa_pod_builder_array(builder, sizeof(int), SPA_TYPE_Int, static_cast<std::uint32_t>(values.size()), values.data());
}

void add_bool(spa_pod_builder *builder, std::uint32_t key, std::uint32_t flags, bool value) {
    spa_pod_builder_prop(builder, key, flags);
    spa_pod_builder_bool(builder, value);
}

void add_floats(spa_pod_builder *builder, std::uint32_t key, std::uint32_t flags, const std::vector<float> &values) {
    spa_pod_builder_prop(builder, key, flags);
    spa_pod_builder_array(builder, sizeof(float), SPA_TYPE_Float, static_cast<std::uint32_t>(values.size()),
                          values.data());
}

} // namespace

std::size_t SimDevice::param_count(std::uint32_t id) const {
    switch (id) {
    case SPA_PARAM_EnumProfile: return model_.profiles.size();
    case SPA_PARAM_Profile: return 1;
    case SPA_PARAM_EnumRoute: return model_.routes.size();
    case SPA_PARAM_Route: return sinks_.size(); // at most one active route for each sink
    default: return 0;
    }
}

int SimDevice::enum_params(int seq, std::uint32_t id, std::uint32_t start, std::uint32_t count, const spa_pod *filter) {
    if (id != SPA_PARAM_EnumProfile && id != SPA_PARAM_Profile && id != SPA_PARAM_EnumRoute && id != SPA_PARAM_Route)
        return -ENOENT;
    std::uint32_t sent = 0;
    for (std::uint32_t index = start; index < param_count(id) && sent < count; ++index) {
        std::array<std::uint8_t, 16'384> memory; // spa/pod/dynamic.h of 0.3.65 does not compile as C++20
        spa_pod_builder builder;
        spa_pod_builder_init(&builder, memory.data(), static_cast<std::uint32_t>(memory.size()));
        spa_pod *param = build(&builder, id, index);
        spa_result_device_params result{};
        result.id = id;
        result.index = index;
        result.next = index + 1;
        if (param == nullptr || spa_pod_filter(&builder, &result.param, param, filter) < 0) continue;
        spa_device_emit_result(&hooks_, seq, 0, SPA_RESULT_TYPE_DEVICE_PARAMS, &result);
        ++sent;
    }
    return 0;
}

/// Nullptr where there is nothing to tell: the Route of a sink that has none.
spa_pod *SimDevice::build(spa_pod_builder *builder, std::uint32_t id, std::size_t index) const {
    switch (id) {
    case SPA_PARAM_EnumProfile: return build_profile(builder, id, index);
    case SPA_PARAM_Profile: return build_profile(builder, id, static_cast<std::size_t>(profile_));
    case SPA_PARAM_EnumRoute: return build_route(builder, id, index, -1);
    case SPA_PARAM_Route: {
        const SinkState &sink = sinks_[index];
        if (!sink.active || sink.active_route < 0) return nullptr;
        return build_route(builder, id, static_cast<std::size_t>(sink.active_route), static_cast<int>(index));
    }
    default: return nullptr;
    }
}

spa_pod *SimDevice::build_profile(spa_pod_builder *builder, std::uint32_t id, std::size_t index) const {
    const ProfileModel &profile = model_.profiles[index];
    spa_pod_frame object;
    spa_pod_frame classes;
    spa_pod_builder_push_object(builder, &object, SPA_TYPE_OBJECT_ParamProfile, id);
    spa_pod_builder_add(builder, SPA_PARAM_PROFILE_index, SPA_POD_Int(static_cast<int>(index)), SPA_PARAM_PROFILE_name,
                        SPA_POD_String(profile.name.c_str()), SPA_PARAM_PROFILE_description,
                        SPA_POD_String(profile.description.c_str()), SPA_PARAM_PROFILE_priority,
                        SPA_POD_Int(profile.priority), SPA_PARAM_PROFILE_available,
                        SPA_POD_Id(static_cast<std::uint32_t>(profile.available)), 0);
    spa_pod_builder_prop(builder, SPA_PARAM_PROFILE_classes, 0);
    spa_pod_builder_push_struct(builder, &classes);
    spa_pod_builder_int(builder, profile.devices.empty() ? 0 : 1);
    if (!profile.devices.empty()) {
        const auto count = static_cast<std::uint32_t>(profile.devices.size());
        spa_pod_builder_add_struct(builder, SPA_POD_String("Audio/Sink"), SPA_POD_Int(static_cast<int>(count)),
                                   SPA_POD_String("card.profile.devices"),
                                   SPA_POD_Array(sizeof(int), SPA_TYPE_Int, count, profile.devices.data()));
    }
    spa_pod_builder_pop(builder, &classes);
    if (id == SPA_PARAM_Profile) add_bool(builder, SPA_PARAM_PROFILE_save, 0, profile_saved_[index]);
    return static_cast<spa_pod *>(spa_pod_builder_pop(builder, &object));
}

/// `device` < 0: the route as one that could be chosen (EnumRoute); else as the active one of that sink (Route).
spa_pod *SimDevice::build_route(spa_pod_builder *builder, std::uint32_t id, std::size_t index, int device) const {
    const RouteModel &route = model_.routes[index];
    spa_pod_frame object;
    spa_pod_frame dict;
    spa_pod_builder_push_object(builder, &object, SPA_TYPE_OBJECT_ParamRoute, id);
    spa_pod_builder_add(builder, SPA_PARAM_ROUTE_index, SPA_POD_Int(static_cast<int>(index)), SPA_PARAM_ROUTE_direction,
                        SPA_POD_Id(SPA_DIRECTION_OUTPUT), SPA_PARAM_ROUTE_name, SPA_POD_String(route.name.c_str()),
                        SPA_PARAM_ROUTE_description, SPA_POD_String(route.description.c_str()),
                        SPA_PARAM_ROUTE_priority, SPA_POD_Int(route.priority), SPA_PARAM_ROUTE_available,
                        SPA_POD_Id(static_cast<std::uint32_t>(route.available)), 0);
    Dict info = route.info;
    if (device >= 0) {
        const char *hardware = model_.sinks[static_cast<std::size_t>(device)].hardware_volume ? "true" : "false";
        info.emplace_back("route.hw-mute", hardware);
        info.emplace_back("route.hw-volume", hardware);
    }
    spa_pod_builder_prop(builder, SPA_PARAM_ROUTE_info, SPA_POD_PROP_FLAG_HINT_DICT);
    spa_pod_builder_push_struct(builder, &dict);
    spa_pod_builder_int(builder, static_cast<std::int32_t>(info.size()));
    for (const auto &[key, value] : info) {
        spa_pod_builder_string(builder, key.c_str());
        spa_pod_builder_string(builder, value.c_str());
    }
    spa_pod_builder_pop(builder, &dict);
    add_int_array(builder, SPA_PARAM_ROUTE_profiles, route.profiles);
    if (device >= 0) {
        spa_pod_builder_prop(builder, SPA_PARAM_ROUTE_device, 0);
        spa_pod_builder_int(builder, device);
        spa_pod_builder_prop(builder, SPA_PARAM_ROUTE_props, 0);
        build_route_props(builder, id, device);
    }
    add_int_array(builder, SPA_PARAM_ROUTE_devices, route.devices);
    if (device >= 0) {
        spa_pod_builder_prop(builder, SPA_PARAM_ROUTE_profile, 0);
        spa_pod_builder_int(builder, profile_);
        add_bool(builder, SPA_PARAM_ROUTE_save, 0, route_saved_[index]);
    }
    return static_cast<spa_pod *>(spa_pod_builder_pop(builder, &object));
}

void SimDevice::build_route_props(spa_pod_builder *builder, std::uint32_t id, int device) const {
    const SinkState &sink = sinks_[static_cast<std::size_t>(device)];
    const std::uint32_t hardware =
        model_.sinks[static_cast<std::size_t>(device)].hardware_volume ? SPA_POD_PROP_FLAG_HARDWARE : 0;
    spa_pod_frame object;
    spa_pod_builder_push_object(builder, &object, SPA_TYPE_OBJECT_Props, id);
    add_bool(builder, SPA_PROP_mute, hardware, sink.mute);
    add_floats(builder, SPA_PROP_channelVolumes, hardware, sink.volumes);
    spa_pod_builder_prop(builder, SPA_PROP_volumeBase, SPA_POD_PROP_FLAG_READONLY);
    spa_pod_builder_float(builder, 1.0F);
    spa_pod_builder_prop(builder, SPA_PROP_volumeStep, SPA_POD_PROP_FLAG_READONLY);
    spa_pod_builder_float(builder, 1.0F / 65'536.0F);
    spa_pod_builder_prop(builder, SPA_PROP_channelMap, 0);
    spa_pod_builder_array(builder, sizeof(std::uint32_t), SPA_TYPE_Id, static_cast<std::uint32_t>(positions_.size()),
                          positions_.data());
    add_floats(builder, SPA_PROP_softVolumes, 0, sink.soft_volumes);
    spa_pod_builder_prop(builder, SPA_PROP_latencyOffsetNsec, 0);
    spa_pod_builder_long(builder, sink.latency_offset_ns);
    spa_pod_builder_pop(builder, &object);
}

} // namespace soundwarden::bench
