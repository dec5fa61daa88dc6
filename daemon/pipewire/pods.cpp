// SPDX-License-Identifier: MIT
#include "pods.hpp"

#include "sink_clamp.hpp"

#include <spa/param/audio/format-utils.h>
#include <spa/param/audio/type-info.h>
#include <spa/param/format.h>
#include <spa/param/profile.h>
#include <spa/param/props.h>
#include <spa/param/route.h>
#include <spa/pod/iter.h>
#include <spa/pod/parser.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <map>
#include <string_view>

namespace soundwarden::pipewire_adapter {
namespace {

constexpr std::uint32_t most_channels = SPA_AUDIO_MAX_CHANNELS;

const spa_pod_object *as_object(const spa_pod *pod, std::uint32_t type) {
    return pod != nullptr && spa_pod_is_object_type(pod, type) ? reinterpret_cast<const spa_pod_object *>(pod) : nullptr;
}

/// The values of an array of such elements, so many at most. (SPA's own copy takes an element to be as large as the sender says.)
template <class T> std::vector<T> elements(const spa_pod *pod, std::uint32_t type, std::size_t most) {
    if (pod == nullptr || !spa_pod_is_array(pod) || SPA_POD_ARRAY_VALUE_TYPE(pod) != type || SPA_POD_ARRAY_VALUE_SIZE(pod) != sizeof(T)) return {};
    std::vector<T> values(std::min<std::size_t>(SPA_POD_ARRAY_N_VALUES(pod), most));
    if (!values.empty()) std::memcpy(values.data(), SPA_POD_ARRAY_VALUES(pod), values.size() * sizeof(T));
    return values;
}

std::vector<float> floats(const spa_pod *pod) { return elements<float>(pod, SPA_TYPE_Float, most_channels); }

std::vector<std::int32_t> ints(const spa_pod *pod) { return elements<std::int32_t>(pod, SPA_TYPE_Int, 64); }

/// A number, also the one of a choice that leaves none; nothing where several are possible. (SPA's own reader of choices looks for values
/// behind one that is too short to have any.)
std::optional<std::int32_t> only_int(const spa_pod_object *object, std::uint32_t key) {
    const spa_pod_prop *prop = spa_pod_object_find_prop(object, nullptr, key);
    if (prop == nullptr) return std::nullopt;
    const spa_pod *value = &prop->value;
    if (value->type == SPA_TYPE_Choice) {
        if (!spa_pod_is_choice(value) || SPA_POD_CHOICE_TYPE(value) != SPA_CHOICE_None || SPA_POD_CHOICE_VALUE_SIZE(value) != sizeof(std::int32_t) ||
            SPA_POD_CHOICE_N_VALUES(value) == 0)
            return std::nullopt;
        value = SPA_POD_CHOICE_CHILD(value);
    }
    std::int32_t number = 0;
    return spa_pod_get_int(value, &number) >= 0 ? std::optional(number) : std::nullopt;
}

std::string text(const spa_pod *pod) {
    const char *value = nullptr;
    return spa_pod_get_string(pod, &value) >= 0 && value != nullptr ? value : "";
}

// The members of a struct pod, none of them reaching beyond it. (SPA's own macro does not take a const pod in C++.)
std::vector<const spa_pod *> members(const spa_pod *pod) {
    std::vector<const spa_pod *> list;
    if (pod == nullptr || !spa_pod_is_struct(pod)) return list;
    const auto *body = static_cast<const std::uint8_t *>(SPA_POD_BODY_CONST(pod));
    const std::size_t size = SPA_POD_BODY_SIZE(pod);
    std::size_t at = 0;
    while (size - at >= sizeof(spa_pod)) {
        const auto *item = reinterpret_cast<const spa_pod *>(body + at);
        if (SPA_POD_SIZE(item) > size - at) break;
        list.push_back(item);
        at = std::min<std::size_t>(size, at + SPA_ROUND_UP_N(SPA_POD_SIZE(item), 8U));
    }
    return list;
}

// Props' "params" is a flat struct of key, value, key, value …
void parse_params(const spa_pod *pod, PropsValues &into) {
    const auto list = members(pod);
    for (std::size_t i = 0; i + 1 < list.size(); i += 2) {
        float value = 0.0F;
        if (text(list[i]) == "channelmix.max-volume" && spa_pod_get_float(list[i + 1], &value) >= 0) into.max_volume = value;
    }
}

// A route's info is a struct of the number of pairs, then key, value, key, value …
std::map<std::string, std::string> parse_info(const spa_pod *pod) {
    std::map<std::string, std::string> info;
    const auto list = members(pod);
    for (std::size_t i = 1; i + 1 < list.size(); i += 2) info.emplace(text(list[i]), text(list[i + 1]));
    return info;
}

Availability availability(std::uint32_t value) {
    switch (value) {
    case SPA_PARAM_AVAILABILITY_no: return Availability::no;
    case SPA_PARAM_AVAILABILITY_yes: return Availability::yes;
    default: return Availability::unknown;
    }
}

const char *short_name(std::uint32_t channel) {
    for (const spa_type_info *type = spa_type_audio_channel; type->name != nullptr; ++type)
        if (type->type == channel) {
            const char *colon = std::strrchr(type->name, ':');
            return colon != nullptr ? colon + 1 : type->name;
        }
    return "UNK";
}

} // namespace

PropsValues parse_props(const spa_pod *pod) {
    PropsValues values;
    const auto *object = as_object(pod, SPA_TYPE_OBJECT_Props);
    if (object == nullptr) return values;
    const spa_pod_prop *prop = nullptr;
    SPA_POD_OBJECT_FOREACH(object, prop) {
        float number = 0.0F;
        bool flag = false;
        switch (prop->key) {
        case SPA_PROP_volume:
            if (spa_pod_get_float(&prop->value, &number) >= 0) values.volume = number;
            break;
        case SPA_PROP_mute:
            if (spa_pod_get_bool(&prop->value, &flag) >= 0) values.mute = flag;
            break;
        case SPA_PROP_channelVolumes: values.channel_volumes = floats(&prop->value); break;
        case SPA_PROP_softVolumes: values.soft_volumes = floats(&prop->value); break;
        case SPA_PROP_params: parse_params(&prop->value, values); break;
        default: break;
        }
    }
    return values;
}

std::optional<RouteValues> parse_route(const spa_pod *pod) {
    const auto *object = as_object(pod, SPA_TYPE_OBJECT_ParamRoute);
    if (object == nullptr) return std::nullopt;
    RouteValues route;
    PropsValues props;
    bool has_props = false;
    std::map<std::string, std::string> info;
    std::int32_t index = -1;
    const spa_pod_prop *prop = nullptr;
    SPA_POD_OBJECT_FOREACH(object, prop) {
        std::uint32_t id = 0;
        switch (prop->key) {
        case SPA_PARAM_ROUTE_index: spa_pod_get_int(&prop->value, &index); break;
        case SPA_PARAM_ROUTE_direction:
            route.output = spa_pod_get_id(&prop->value, &id) >= 0 && id == SPA_DIRECTION_OUTPUT;
            break;
        case SPA_PARAM_ROUTE_name: route.facts.name = text(&prop->value); break;
        case SPA_PARAM_ROUTE_description: route.facts.description = text(&prop->value); break;
        case SPA_PARAM_ROUTE_available:
            if (spa_pod_get_id(&prop->value, &id) >= 0) route.facts.availability = availability(id);
            break;
        case SPA_PARAM_ROUTE_info:
            info = parse_info(&prop->value);
            break;
        case SPA_PARAM_ROUTE_profiles: route.profiles = ints(&prop->value); break;
        case SPA_PARAM_ROUTE_devices: route.devices = ints(&prop->value); break;
        case SPA_PARAM_ROUTE_device: spa_pod_get_int(&prop->value, &route.device); break;
        case SPA_PARAM_ROUTE_props:
            props = parse_props(&prop->value);
            has_props = true;
            break;
        default: break;
        }
    }
    if (index < 0) return std::nullopt;
    route.facts.port_type = info["port.type"];
    route.facts.product = info["device.product.name"];
    route.facts.availability_group = info["port.availability-group"];
    route.facts.index = static_cast<std::uint32_t>(index);
    if (has_props) {
        engine::RouteState state;
        state.index = route.facts.index;
        state.mute = props.mute.value_or(false);
        state.hardware_volume = info["route.hw-volume"] == "true";
        if (!props.channel_volumes.empty())
            state.volume = static_cast<double>(*std::max_element(props.channel_volumes.begin(), props.channel_volumes.end()));
        route.channel_volumes = std::move(props.channel_volumes);
        route.state = state;
    }
    return route;
}

std::optional<std::int32_t> parse_profile_index(const spa_pod *pod) {
    const auto *object = as_object(pod, SPA_TYPE_OBJECT_ParamProfile);
    if (object == nullptr) return std::nullopt;
    const spa_pod_prop *prop = spa_pod_object_find_prop(object, nullptr, SPA_PARAM_PROFILE_index);
    std::int32_t index = -1;
    if (prop == nullptr || spa_pod_get_int(&prop->value, &index) < 0) return std::nullopt;
    return index;
}

std::uint32_t parse_format_rate(const spa_pod *pod) {
    const auto *object = as_object(pod, SPA_TYPE_OBJECT_Format);
    if (object == nullptr) return 0;
    const std::int32_t rate = only_int(object, SPA_FORMAT_AUDIO_rate).value_or(0);
    return rate > 0 ? static_cast<std::uint32_t>(rate) : 0;
}

std::vector<std::string> parse_format_positions(const spa_pod *pod) {
    const auto *object = as_object(pod, SPA_TYPE_OBJECT_Format);
    if (object == nullptr) return {};
    const std::int32_t channels = only_int(object, SPA_FORMAT_AUDIO_channels).value_or(0);
    std::vector<std::string> names;
    if (channels <= 0) return names;
    const spa_pod_prop *prop = spa_pod_object_find_prop(object, nullptr, SPA_FORMAT_AUDIO_position);
    auto positions = elements<std::uint32_t>(prop != nullptr ? &prop->value : nullptr, SPA_TYPE_Id, most_channels);
    positions.resize(std::min(static_cast<std::uint32_t>(channels), most_channels), SPA_AUDIO_CHANNEL_UNKNOWN);
    for (const std::uint32_t position : positions) names.emplace_back(short_name(position));
    return names;
}

std::vector<std::string> split_positions(const std::string &list) {
    std::vector<std::string> names;
    std::string name;
    for (const char letter : list + ",") {
        const auto byte = static_cast<unsigned char>(letter);
        if (std::isalnum(byte) != 0) name += letter;
        else if (!name.empty()) names.push_back(std::exchange(name, {}));
    }
    if (names.size() > most_channels) names.resize(most_channels);
    return names;
}

std::uint32_t channel_id(const std::string &name) {
    for (const spa_type_info *type = spa_type_audio_channel; type->name != nullptr; ++type) {
        const char *colon = std::strrchr(type->name, ':');
        if (colon != nullptr && name == colon + 1) return type->type;
    }
    return SPA_AUDIO_CHANNEL_UNKNOWN;
}

BuiltPod props_user_volume(const std::vector<float> &channel_volumes, std::optional<bool> mute) {
    BuiltPod pod;
    auto builder = pod.builder();
    spa_pod_frame frame{};
    spa_pod_builder_push_object(&builder, &frame, SPA_TYPE_OBJECT_Props, SPA_PARAM_Props);
    if (!channel_volumes.empty()) {
        spa_pod_builder_prop(&builder, SPA_PROP_channelVolumes, 0);
        spa_pod_builder_array(&builder, sizeof(float), SPA_TYPE_Float, static_cast<std::uint32_t>(channel_volumes.size()),
                              channel_volumes.data());
    }
    if (mute) {
        spa_pod_builder_prop(&builder, SPA_PROP_mute, 0);
        spa_pod_builder_bool(&builder, *mute);
    }
    spa_pod_builder_pop(&builder, &frame);
    return pod;
}

BuiltPod props_volume(float volume) {
    BuiltPod pod;
    auto builder = pod.builder();
    spa_pod_frame frame{};
    spa_pod_builder_push_object(&builder, &frame, SPA_TYPE_OBJECT_Props, SPA_PARAM_Props);
    spa_pod_builder_prop(&builder, SPA_PROP_volume, 0);
    spa_pod_builder_float(&builder, volume);
    spa_pod_builder_pop(&builder, &frame);
    return pod;
}

BuiltPod props_inside(const SinkWrite &write) {
    BuiltPod pod;
    auto builder = pod.builder();
    spa_pod_frame object{};
    spa_pod_frame list{};
    spa_pod_builder_push_object(&builder, &object, SPA_TYPE_OBJECT_Props, SPA_PARAM_Props);
    if (write.volume) {
        spa_pod_builder_prop(&builder, SPA_PROP_volume, 0);
        spa_pod_builder_float(&builder, *write.volume);
    }
    if (!write.channel_volumes.empty()) {
        spa_pod_builder_prop(&builder, SPA_PROP_channelVolumes, 0);
        spa_pod_builder_array(&builder, sizeof(float), SPA_TYPE_Float,
                              static_cast<std::uint32_t>(write.channel_volumes.size()), write.channel_volumes.data());
    }
    if (write.graph || write.max_volume) {
        spa_pod_builder_prop(&builder, SPA_PROP_params, 0);
        spa_pod_builder_push_struct(&builder, &list);
        if (write.graph) {
            spa_pod_builder_string(&builder, "audioconvert.filter-graph.0");
            spa_pod_builder_string(&builder, write.graph->c_str());
        }
        if (write.max_volume) {
            spa_pod_builder_string(&builder, "channelmix.max-volume");
            spa_pod_builder_float(&builder, *write.max_volume);
        }
        spa_pod_builder_pop(&builder, &list);
    }
    spa_pod_builder_pop(&builder, &object);
    return pod;
}

BuiltPod route_volume(std::uint32_t index, std::int32_t device, const std::vector<float> &channel_volumes,
                      std::optional<bool> mute, bool save) {
    BuiltPod pod;
    auto builder = pod.builder();
    spa_pod_frame route{};
    spa_pod_frame props{};
    spa_pod_builder_push_object(&builder, &route, SPA_TYPE_OBJECT_ParamRoute, SPA_PARAM_Route);
    spa_pod_builder_prop(&builder, SPA_PARAM_ROUTE_index, 0);
    spa_pod_builder_int(&builder, static_cast<std::int32_t>(index));
    spa_pod_builder_prop(&builder, SPA_PARAM_ROUTE_device, 0);
    spa_pod_builder_int(&builder, device);
    spa_pod_builder_prop(&builder, SPA_PARAM_ROUTE_props, 0);
    spa_pod_builder_push_object(&builder, &props, SPA_TYPE_OBJECT_Props, SPA_PARAM_Route);
    if (!channel_volumes.empty()) {
        spa_pod_builder_prop(&builder, SPA_PROP_channelVolumes, 0);
        spa_pod_builder_array(&builder, sizeof(float), SPA_TYPE_Float, static_cast<std::uint32_t>(channel_volumes.size()),
                              channel_volumes.data());
    }
    if (mute) {
        spa_pod_builder_prop(&builder, SPA_PROP_mute, 0);
        spa_pod_builder_bool(&builder, *mute);
    }
    spa_pod_builder_pop(&builder, &props);
    spa_pod_builder_prop(&builder, SPA_PARAM_ROUTE_save, 0);
    spa_pod_builder_bool(&builder, save);
    spa_pod_builder_pop(&builder, &route);
    return pod;
}

BuiltPod stream_format(const std::vector<std::string> &positions) {
    BuiltPod pod;
    auto builder = pod.builder();
    spa_audio_info_raw info{};
    info.format = SPA_AUDIO_FORMAT_F32P;
    info.channels = static_cast<std::uint32_t>(std::min<std::size_t>(positions.size(), most_channels));
    for (std::uint32_t c = 0; c < info.channels; ++c) info.position[c] = channel_id(positions[c]);
    spa_format_audio_raw_build(&builder, SPA_PARAM_EnumFormat, &info);
    return pod;
}

} // namespace soundwarden::pipewire_adapter
