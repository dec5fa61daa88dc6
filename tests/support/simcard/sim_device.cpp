// SPDX-License-Identifier: MIT
#include "sim_device.hpp"

#include <nlohmann/json.hpp>
#include <spa/monitor/utils.h>
#include <spa/param/profile.h>
#include <spa/param/props.h>
#include <spa/param/route.h>
#include <spa/pod/iter.h>
#include <spa/pod/parser.h>

#include <algorithm>
#include <cerrno>

namespace soundwarden::bench {

namespace {

SimDevice &device_of(void *object) { return *static_cast<SimDevice *>(object); }

bool contains(const std::vector<int> &values, int value) {
    return std::find(values.begin(), values.end(), value) != values.end();
}

} // namespace

SimDevice::SimDevice(const CardModel &model, std::vector<std::uint32_t> positions, Callbacks callbacks)
    : model_(model), positions_(std::move(positions)), callbacks_(std::move(callbacks)), sinks_(model.sinks.size()),
      route_saved_(model.routes.size()), profile_saved_(model.profiles.size()) {
    for (SinkState &sink : sinks_) {
        sink.volumes.assign(positions_.size(), 1.0F);
        sink.soft_volumes.assign(positions_.size(), 1.0F);
    }
    spa_hook_list_init(&hooks_);
    device_.iface = spa_interface{SPA_TYPE_INTERFACE_Device, SPA_VERSION_DEVICE, {&methods, this}};
    params_[enum_profile] = spa_param_info{SPA_PARAM_EnumProfile, SPA_PARAM_INFO_READ, 0, 0, {}};
    params_[profile_param] = spa_param_info{SPA_PARAM_Profile, SPA_PARAM_INFO_READWRITE, 0, 0, {}};
    params_[enum_route] = spa_param_info{SPA_PARAM_EnumRoute, SPA_PARAM_INFO_READ, 0, 0, {}};
    params_[route_param] = spa_param_info{SPA_PARAM_Route, SPA_PARAM_INFO_READWRITE, 0, 0, {}};
}

RouteModel *SimDevice::route_named(std::string_view name) {
    for (RouteModel &route : model_.routes)
        if (route.name == name || route.name.ends_with('-' + std::string(name))) return &route;
    return nullptr;
}

const RouteModel *SimDevice::find_route(std::string_view name) const {
    return const_cast<SimDevice *>(this)->route_named(name);
}

void SimDevice::set_available(std::span<const std::pair<std::string, Availability>> changes) {
    for (const auto &[name, available] : changes) {
        RouteModel *route = route_named(name);
        if (route == nullptr || route->available == available) continue;
        route->available = available;
        touch(enum_route);
        touch(route_param);
    }
    for (std::size_t index = 0; index < model_.profiles.size(); ++index) {
        ProfileModel &profile = model_.profiles[index];
        if (!profile.follows_routes || model_.routes.empty()) continue;
        const bool any = std::any_of(model_.routes.begin(), model_.routes.end(), [&](const RouteModel &route) {
            return contains(route.profiles, static_cast<int>(index)) && route.available != Availability::no;
        });
        const Availability available = any ? Availability::yes : Availability::no;
        if (profile.available == available) continue;
        profile.available = available;
        touch(enum_profile);
        touch(profile_param);
    }
    emit_info(false);
}

bool SimDevice::set_profile(std::string_view name) {
    for (std::size_t index = 0; index < model_.profiles.size(); ++index) {
        if (model_.profiles[index].name != name) continue;
        switch_profile(static_cast<int>(index), false);
        emit_info(false);
        return true;
    }
    return false;
}

void SimDevice::switch_profile(int index, bool save) {
    if (index == profile_) return; // ACP does nothing either
    const std::vector<int> before = model_.profiles[static_cast<std::size_t>(profile_)].devices;
    const std::vector<int> after = model_.profiles[static_cast<std::size_t>(index)].devices;
    profile_saved_[static_cast<std::size_t>(profile_)] = false;
    profile_saved_[static_cast<std::size_t>(index)] = save;
    profile_ = index;
    for (const int device : before) {
        if (contains(after, device)) continue;
        SinkState &sink = sinks_[static_cast<std::size_t>(device)];
        if (sink.active_route >= 0) route_saved_[static_cast<std::size_t>(sink.active_route)] = false;
        sink.active = false;
        sink.active_route = -1;
        callbacks_.remove_sink(device);
    }
    for (const int device : after) {
        SinkState &sink = sinks_[static_cast<std::size_t>(device)];
        if (sink.active) continue;
        sink.active = true; // api.acp.auto-port=false: no route until somebody sets one
        callbacks_.add_sink(device);
    }
    touch(profile_param);
    touch(enum_route);
    touch(route_param);
}

void SimDevice::turn_knob(float volume) {
    for (std::size_t device = 0; device < sinks_.size(); ++device) {
        if (!sinks_[device].active || sinks_[device].active_route < 0) continue;
        set_volumes(static_cast<int>(device), std::span{&volume, 1});
        break;
    }
    emit_info(false);
}

void SimDevice::set_volumes(int device, std::span<const float> volumes) {
    SinkState &sink = sinks_[static_cast<std::size_t>(device)];
    const std::vector<float> before = sink.volumes;
    const bool hardware = model_.sinks[static_cast<std::size_t>(device)].hardware_volume;
    for (std::size_t channel = 0; channel < sink.volumes.size(); ++channel) {
        const float volume = std::clamp(volumes[channel % volumes.size()], 0.0F, 10.0F);
        sink.volumes[channel] = volume;
        sink.soft_volumes[channel] = hardware ? 1.0F : volume;
    }
    if (before == sink.volumes) return;
    callbacks_.sink_props(device, true, false);
    touch(route_param);
}

void SimDevice::emit_info(bool full) {
    if (!full && touched_.empty()) return;
    // A flipped serial bit is how a client learns that it should enumerate that parameter again.
    for (const Param param : touched_) params_[param].flags ^= SPA_PARAM_INFO_SERIAL;
    touched_.clear();
    std::vector<spa_dict_item> items;
    for (const auto &[key, value] : model_.properties) items.push_back(spa_dict_item{key.c_str(), value.c_str()});
    const spa_dict properties{0, static_cast<std::uint32_t>(items.size()), items.data()};
    spa_device_info info{};
    info.version = SPA_VERSION_DEVICE_INFO;
    info.change_mask = SPA_DEVICE_CHANGE_MASK_PARAMS;
    if (full) info.change_mask |= SPA_DEVICE_CHANGE_MASK_PROPS;
    info.props = &properties;
    info.params = params_.data();
    info.n_params = static_cast<std::uint32_t>(params_.size());
    spa_device_emit_info(&hooks_, &info);
}

void SimDevice::add_listener(spa_hook *listener, const spa_device_events *events, void *data) {
    spa_hook_list others;
    spa_hook_list_isolate(&hooks_, &others, listener, events, data);
    emit_info(true);
    spa_hook_list_join(&hooks_, &others);
}

void SimDevice::answer_sync(int seq) { spa_device_emit_result(&hooks_, seq, 0, 0, nullptr); }

int SimDevice::set_param(std::uint32_t id, const spa_pod *param) {
    if (id == SPA_PARAM_Profile) return param == nullptr ? 0 : set_profile_param(param);
    if (id == SPA_PARAM_Route) return param == nullptr ? -EINVAL : set_route_param(param);
    return -ENOENT;
}

int SimDevice::set_profile_param(const spa_pod *param) {
    std::int32_t index = -1;
    const char *name = nullptr;
    bool save = false;
    const int result = spa_pod_parse_object(param, SPA_TYPE_OBJECT_ParamProfile, nullptr, SPA_PARAM_PROFILE_index,
                                            SPA_POD_OPT_Int(&index), SPA_PARAM_PROFILE_name, SPA_POD_OPT_String(&name),
                                            SPA_PARAM_PROFILE_save, SPA_POD_OPT_Bool(&save));
    if (result < 0) return result;
    for (std::size_t i = 0; index < 0 && name != nullptr && i < model_.profiles.size(); ++i)
        if (model_.profiles[i].name == name) index = static_cast<std::int32_t>(i);
    if (index < 0 || static_cast<std::size_t>(index) >= model_.profiles.size()) return -EINVAL;
    callbacks_.received({{"event", "set-profile"},
                         {"index", index},
                         {"profile", model_.profiles[static_cast<std::size_t>(index)].name},
                         {"save", save}});
    switch_profile(index, save);
    emit_info(false);
    return 0;
}

int SimDevice::set_route_param(const spa_pod *param) {
    std::int32_t index = -1;
    std::int32_t device = -1;
    const char *name = nullptr;
    const spa_pod *props = nullptr;
    bool save = false;
    nlohmann::json event{{"event", "set-route"}};
    const int result = spa_pod_parse_object(param, SPA_TYPE_OBJECT_ParamRoute, nullptr, SPA_PARAM_ROUTE_index,
                                            SPA_POD_OPT_Int(&index), SPA_PARAM_ROUTE_name, SPA_POD_OPT_String(&name),
                                            SPA_PARAM_ROUTE_device, SPA_POD_Int(&device), SPA_PARAM_ROUTE_props,
                                            SPA_POD_OPT_Pod(&props), SPA_PARAM_ROUTE_save, SPA_POD_OPT_Bool(&save));
    if (result < 0) {
        event["refused"] = "cannot be parsed";
        callbacks_.received(std::move(event));
        return result;
    }
    for (std::size_t i = 0; index < 0 && name != nullptr && i < model_.routes.size(); ++i)
        if (model_.routes[i].name == name) index = static_cast<std::int32_t>(i);
    event.update({{"index", index}, {"device", device}, {"save", save}});

    const bool known = index >= 0 && static_cast<std::size_t>(index) < model_.routes.size() && device >= 0 &&
                       static_cast<std::size_t>(device) < sinks_.size();
    if (known) event["route"] = model_.routes[static_cast<std::size_t>(index)].name;
    if (!known || !sinks_[static_cast<std::size_t>(device)].active ||
        !contains(model_.routes[static_cast<std::size_t>(index)].profiles, profile_) ||
        !contains(model_.routes[static_cast<std::size_t>(index)].devices, device)) {
        event["refused"] = "not in the active profile";
        callbacks_.received(std::move(event));
        return -EINVAL;
    }
    SinkState &sink = sinks_[static_cast<std::size_t>(device)];
    const bool changed = sink.active_route != index;
    if (changed) {
        if (sink.active_route >= 0) route_saved_[static_cast<std::size_t>(sink.active_route)] = false;
        sink.active_route = index;
        touch(route_param);
    }
    route_saved_[static_cast<std::size_t>(index)] = save;
    event["changed"] = changed;
    if (props != nullptr) apply_props(device, props, event);
    callbacks_.received(std::move(event));
    emit_info(false);
    return 0;
}

/// Only the keys that are present count; they are also noted in `event`.
void SimDevice::apply_props(int device, const spa_pod *props, nlohmann::json &event) {
    if (spa_pod_is_object_type(props, SPA_TYPE_OBJECT_Props) == 0) return;
    SinkState &sink = sinks_[static_cast<std::size_t>(device)];
    const auto *object = reinterpret_cast<const spa_pod_object *>(props);
    std::vector<float> volumes;
    const spa_pod_prop *prop = nullptr;
    SPA_POD_OBJECT_FOREACH(object, prop) {
        float volume = 0.0F;
        bool mute = false;
        std::int64_t latency = 0;
        if (prop->key == SPA_PROP_volume && spa_pod_get_float(&prop->value, &volume) == 0) {
            volumes = {volume};
            event["volume"] = volume;
        } else if (prop->key == SPA_PROP_channelVolumes) {
            std::array<float, 64> values;
            const std::uint32_t count = spa_pod_copy_array(&prop->value, SPA_TYPE_Float, values.data(),
                                                           static_cast<std::uint32_t>(values.size()));
            volumes.assign(values.begin(), values.begin() + count);
            event["channelVolumes"] = volumes;
        } else if (prop->key == SPA_PROP_mute && spa_pod_get_bool(&prop->value, &mute) == 0) {
            event["mute"] = mute;
            if (mute == sink.mute) continue;
            sink.mute = mute;
            callbacks_.sink_props(device, false, true);
            touch(route_param);
        } else if (prop->key == SPA_PROP_latencyOffsetNsec && spa_pod_get_long(&prop->value, &latency) == 0) {
            if (latency == sink.latency_offset_ns) continue;
            sink.latency_offset_ns = latency;
            touch(route_param);
        }
    }
    if (!volumes.empty()) set_volumes(device, volumes);
}

const spa_device_methods SimDevice::methods = [] {
    spa_device_methods table{};
    table.version = SPA_VERSION_DEVICE_METHODS;
    table.add_listener = [](void *object, spa_hook *listener, const spa_device_events *events, void *data) -> int {
        device_of(object).add_listener(listener, events, data);
        return 0;
    };
    table.sync = [](void *object, int seq) -> int {
        device_of(object).answer_sync(seq);
        return 0;
    };
    table.enum_params = [](void *object, int seq, std::uint32_t id, std::uint32_t start, std::uint32_t count,
                           const spa_pod *filter) -> int {
        return device_of(object).enum_params(seq, id, start, count, filter);
    };
    table.set_param = [](void *object, std::uint32_t id, std::uint32_t, const spa_pod *param) -> int {
        return device_of(object).set_param(id, param);
    };
    return table;
}();

} // namespace soundwarden::bench
