// SPDX-License-Identifier: MIT
#include "graph_pods.hpp"

#include <spa/param/profile.h>
#include <spa/param/profiler.h>
#include <spa/param/props.h>
#include <spa/param/route.h>
#include <spa/pod/iter.h>
#include <spa/pod/parser.h>

#include <array>
#include <string>
#include <utility>

namespace soundwarden::bench {

namespace {

template <class Value>
std::vector<Value> copy_array(const spa_pod *pod, std::uint32_t type) {
    std::array<Value, 64> values;
    const std::uint32_t count = spa_pod_copy_array(pod, type, values.data(), static_cast<std::uint32_t>(values.size()));
    return {values.begin(), values.begin() + count};
}

std::string text_of(const spa_pod *pod) {
    const char *string = nullptr;
    float single = 0.0F;
    double number = 0.0;
    std::int32_t integer = 0;
    std::int64_t big = 0;
    bool boolean = false;
    if (spa_pod_get_string(pod, &string) == 0) return string == nullptr ? "" : string;
    if (spa_pod_get_bool(pod, &boolean) == 0) return boolean ? "true" : "false";
    if (spa_pod_get_int(pod, &integer) == 0) return std::to_string(integer);
    if (spa_pod_get_long(pod, &big) == 0) return std::to_string(big);
    if (spa_pod_get_float(pod, &single) == 0) return std::to_string(single);
    if (spa_pod_get_double(pod, &number) == 0) return std::to_string(number);
    return "";
}

/// A struct of key, value, key, value…; with a leading count (info dictionaries) or without (params).
Properties parse_pairs(const spa_pod *pod, bool counted) {
    Properties result;
    if (spa_pod_is_struct(pod) == 0) return result;
    const spa_pod *key = nullptr;
    bool skip = counted;
    for_each_member(pod, [&](const spa_pod *item) {
        if (std::exchange(skip, false)) return;
        if (key != nullptr) result[text_of(key)] = text_of(item);
        key = key == nullptr ? item : nullptr;
    });
    return result;
}

const spa_pod_object *as_object(const spa_pod *pod) { return reinterpret_cast<const spa_pod_object *>(pod); }

} // namespace

Properties to_properties(const spa_dict *dict) {
    Properties properties;
    update_properties(properties, dict);
    return properties;
}

void update_properties(Properties &properties, const spa_dict *dict) {
    if (dict == nullptr) return;
    const spa_dict_item *item = nullptr;
    spa_dict_for_each(item, dict) properties[item->key] = item->value == nullptr ? "" : item->value;
}

std::optional<GraphRoute> parse_route(const spa_pod *pod) {
    GraphRoute route;
    const char *name = nullptr;
    const char *description = nullptr;
    const spa_pod *props = nullptr;
    const spa_pod *info = nullptr;
    const int result = spa_pod_parse_object(
        pod, SPA_TYPE_OBJECT_ParamRoute, nullptr, SPA_PARAM_ROUTE_index, SPA_POD_Int(&route.index),
        SPA_PARAM_ROUTE_name, SPA_POD_String(&name), SPA_PARAM_ROUTE_description, SPA_POD_OPT_String(&description),
        SPA_PARAM_ROUTE_available, SPA_POD_OPT_Id(&route.available), SPA_PARAM_ROUTE_device,
        SPA_POD_OPT_Int(&route.device), SPA_PARAM_ROUTE_save, SPA_POD_OPT_Bool(&route.save), SPA_PARAM_ROUTE_props,
        SPA_POD_OPT_Pod(&props), SPA_PARAM_ROUTE_info, SPA_POD_OPT_Pod(&info));
    if (result < 0) return std::nullopt;
    route.name = name;
    route.description = description == nullptr ? "" : description;
    if (info != nullptr) route.info = parse_pairs(info, true);
    if (props == nullptr) return route;
    NodeProps values;
    parse_node_props(props, values);
    route.mute = values.mute.value_or(false);
    route.channel_volumes = values.channel_volumes;
    route.soft_volumes = values.soft_volumes;
    return route;
}

std::optional<GraphProfile> parse_profile(const spa_pod *pod) {
    GraphProfile profile;
    const char *name = nullptr;
    const int result = spa_pod_parse_object(pod, SPA_TYPE_OBJECT_ParamProfile, nullptr, SPA_PARAM_PROFILE_index,
                                            SPA_POD_Int(&profile.index), SPA_PARAM_PROFILE_name, SPA_POD_String(&name),
                                            SPA_PARAM_PROFILE_available, SPA_POD_OPT_Id(&profile.available),
                                            SPA_PARAM_PROFILE_save, SPA_POD_OPT_Bool(&profile.save));
    if (result < 0) return std::nullopt;
    profile.name = name;
    return profile;
}

void parse_node_props(const spa_pod *pod, NodeProps &props) {
    if (spa_pod_is_object_type(pod, SPA_TYPE_OBJECT_Props) == 0) return;
    const spa_pod_object *object = as_object(pod);
    const spa_pod_prop *prop = nullptr;
    SPA_POD_OBJECT_FOREACH(object, prop) {
        float number = 0.0F;
        bool boolean = false;
        switch (prop->key) {
        case SPA_PROP_volume:
            if (spa_pod_get_float(&prop->value, &number) == 0) props.volume = number;
            break;
        case SPA_PROP_mute:
            if (spa_pod_get_bool(&prop->value, &boolean) == 0) props.mute = boolean;
            break;
        case SPA_PROP_softMute:
            if (spa_pod_get_bool(&prop->value, &boolean) == 0) props.soft_mute = boolean;
            break;
        case SPA_PROP_channelVolumes: props.channel_volumes = copy_array<float>(&prop->value, SPA_TYPE_Float); break;
        case SPA_PROP_softVolumes: props.soft_volumes = copy_array<float>(&prop->value, SPA_TYPE_Float); break;
        case SPA_PROP_channelMap: props.channel_map = copy_array<std::uint32_t>(&prop->value, SPA_TYPE_Id); break;
        case SPA_PROP_params:
            for (auto &[key, value] : parse_pairs(&prop->value, false)) props.params.insert_or_assign(key, std::move(value));
            break;
        default: break;
        }
    }
}

std::optional<GraphDriver> parse_driver(const spa_pod *pod) {
    if (spa_pod_is_object_type(pod, SPA_TYPE_OBJECT_Profiler) == 0) return std::nullopt;
    GraphDriver driver;
    const spa_pod_object *object = as_object(pod);
    const spa_pod_prop *prop = nullptr;
    SPA_POD_OBJECT_FOREACH(object, prop) {
        const char *name = nullptr;
        std::int32_t id = 0;
        if (prop->key == SPA_PROFILER_clock) {
            std::int32_t flags = 0;
            std::int64_t nsec = 0;
            std::int64_t position = 0;
            std::int64_t duration = 0;
            spa_fraction rate{};
            if (spa_pod_parse_struct(&prop->value, SPA_POD_Int(&flags), SPA_POD_Int(&id), SPA_POD_String(&name),
                                     SPA_POD_Long(&nsec), SPA_POD_Fraction(&rate), SPA_POD_Long(&position),
                                     SPA_POD_Long(&duration)) < 0)
                return std::nullopt;
            driver.clock_name = name;
            driver.quantum = static_cast<std::uint64_t>(duration);
            driver.rate = rate.denom;
        } else if (prop->key == SPA_PROFILER_driverBlock || prop->key == SPA_PROFILER_followerBlock) {
            if (spa_pod_parse_struct(&prop->value, SPA_POD_Int(&id), SPA_POD_String(&name)) < 0) continue;
            if (prop->key == SPA_PROFILER_followerBlock) {
                driver.followers.emplace_back(name);
            } else {
                driver.id = static_cast<std::uint32_t>(id);
                driver.name = name;
            }
        }
    }
    return driver;
}

} // namespace soundwarden::bench
