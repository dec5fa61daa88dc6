// SPDX-License-Identifier: MIT
#include "objects.hpp"

#include "model/units.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace soundwarden::pipewire_adapter {
namespace {

const std::string nothing;

const std::string &find(const PropertyMap &map, const std::string &key) {
    const auto it = map.find(key);
    return it == map.end() ? nothing : it->second;
}

// Info events carry the whole dictionary whenever it changed.
void read_properties(PropertyMap &map, const spa_dict *dict) {
    if (dict == nullptr) return;
    map.clear();
    for (std::uint32_t i = 0; i < dict->n_items; ++i)
        if (dict->items[i].value != nullptr) map[dict->items[i].key] = dict->items[i].value;
}

Time now() { return std::chrono::steady_clock::now(); }

bool contains(const std::vector<std::int32_t> &list, std::int32_t value) {
    return std::find(list.begin(), list.end(), value) != list.end();
}

} // namespace

// ---------------------------------------------------------------------------------------------------- ParamReader

bool ParamReader::info(const spa_param_info *params, std::uint32_t count, const Begin &begin) {
    bool asked = false;
    for (std::uint32_t i = 0; i < count; ++i) {
        const auto id = params[i].id;
        if (std::find(wanted_.begin(), wanted_.end(), id) == wanted_.end()) continue;
        const auto known = flags_.find(id);
        if (known != flags_.end() && known->second == params[i].flags) continue;
        flags_[id] = params[i].flags;
        begin(id);
        if ((params[i].flags & SPA_PARAM_INFO_READ) != 0) asked_[id] = enumerate_(id);
        asked = true;
    }
    if (asked || sync_ < 0) {
        sync_ = pw_core_sync(core_, PW_ID_CORE, 0);
        waiting_ = true;
    }
    return asked;
}

void ParamReader::arrived() {
    if (sync_ < 0 || std::exchange(waiting_, true)) return;
    sync_ = pw_core_sync(core_, PW_ID_CORE, 0);
}

bool ParamReader::current(int seq, std::uint32_t param) const {
    const auto it = asked_.find(param);
    return it != asked_.end() && it->second == seq;
}

bool ParamReader::done(int seq) {
    if (sync_ < 0 || seq != sync_) return false;
    waiting_ = false;
    return true;
}

// --------------------------------------------------------------------------------------------------- DeviceObject

DeviceObject::DeviceObject(pw_core *core, pw_registry *registry, std::uint32_t id)
    : id_(id),
      proxy_(static_cast<pw_device *>(pw_registry_bind(registry, id, PW_TYPE_INTERFACE_Device, PW_VERSION_DEVICE, 0))),
      reader_(core, {SPA_PARAM_EnumRoute, SPA_PARAM_Route, SPA_PARAM_Profile}, [this](std::uint32_t param) {
          return pw_device_enum_params(proxy_.get(), 0, param, 0, UINT32_MAX, nullptr);
      }) {
    events_.version = PW_VERSION_DEVICE_EVENTS;
    events_.info = on_info;
    events_.param = on_param;
    if (proxy_) pw_device_add_listener(proxy_.get(), hook_.get(), &events_, this);
}

void DeviceObject::on_info(void *self, const pw_device_info *info) noexcept {
    contained("device info", [&] { static_cast<DeviceObject *>(self)->info(*info); });
}

void DeviceObject::on_param(void *self, int seq, std::uint32_t id, std::uint32_t, std::uint32_t, const spa_pod *pod) noexcept {
    contained("device param", [&] { static_cast<DeviceObject *>(self)->param(seq, id, pod); });
}

void DeviceObject::info(const pw_device_info &info) {
    if ((info.change_mask & PW_DEVICE_CHANGE_MASK_PROPS) != 0) read_properties(properties_, info.props);
    const bool params = (info.change_mask & PW_DEVICE_CHANGE_MASK_PARAMS) != 0;
    reader_.info(info.params, params ? info.n_params : 0, [this](std::uint32_t param) {
        if (param == SPA_PARAM_EnumRoute) next_.routes.clear();
        if (param == SPA_PARAM_Route) {
            next_.active.clear();
            routes_told_ = now();
        }
        if (param == SPA_PARAM_Profile) next_.profile = -1;
    });
}

void DeviceObject::param(int seq, std::uint32_t id, const spa_pod *pod) {
    if (!reader_.current(seq, id)) return;
    reader_.arrived();
    if (id == SPA_PARAM_Profile) {
        next_.profile = parse_profile_index(pod).value_or(-1);
        return;
    }
    auto route = parse_route(pod);
    if (!route) return;
    if (id == SPA_PARAM_EnumRoute && route->output) next_.routes.push_back(std::move(*route));
    else if (id == SPA_PARAM_Route && route->output) next_.active.push_back(std::move(*route));
}

bool DeviceObject::done(int seq) {
    if (!reader_.done(seq)) return false;
    now_ = next_;
    ready_ = true;
    return true;
}

const std::string &DeviceObject::property(const std::string &key) const { return find(properties_, key); }

std::vector<engine::RouteFacts> DeviceObject::routes_of(std::int32_t profile_device) const {
    std::vector<engine::RouteFacts> list;
    for (const auto &route : now_.routes) {
        const bool in_profile = route.profiles.empty() || now_.profile < 0 || contains(route.profiles, now_.profile);
        if (in_profile && contains(route.devices, profile_device)) list.push_back(route.facts);
    }
    return list;
}

const RouteValues *DeviceObject::active_route_of(std::int32_t profile_device) const {
    for (const auto &route : now_.active)
        if (route.device == profile_device && route.state) return &route;
    return nullptr;
}

void DeviceObject::write_route(std::int32_t profile_device, const engine::WriteRoute &write) {
    // The proportions between the channels (the user's balance) are kept where there are any.
    std::vector<float> volumes{static_cast<float>(write.volume)};
    const auto *active = active_route_of(profile_device);
    if (active != nullptr && active->facts.index == write.route && !active->channel_volumes.empty()) {
        volumes = active->channel_volumes;
        const float loudest = *std::max_element(volumes.begin(), volumes.end());
        for (float &channel : volumes)
            channel = loudest > 0.0F ? static_cast<float>(write.volume * static_cast<double>(channel) / static_cast<double>(loudest))
                                     : static_cast<float>(write.volume);
    }
    const auto pod = route_volume(write.route, profile_device, volumes, write.mute, write.save);
    pw_device_set_param(proxy_.get(), SPA_PARAM_Route, 0, pod.get());
}

bool DeviceObject::mute_route(std::int32_t profile_device, bool mute) {
    const auto *active = active_route_of(profile_device);
    if (active == nullptr) return false;
    const auto pod = route_volume(active->facts.index, profile_device, {}, mute, false);
    pw_device_set_param(proxy_.get(), SPA_PARAM_Route, 0, pod.get());
    return true;
}

// ----------------------------------------------------------------------------------------------------- SinkObject

SinkObject::SinkObject(pw_core *core, pw_registry *registry, std::uint32_t id, SinkFeatures features, Events events)
    : id_(id), proxy_(static_cast<pw_node *>(pw_registry_bind(registry, id, PW_TYPE_INTERFACE_Node, PW_VERSION_NODE, 0))),
      reader_(core, {SPA_PARAM_Props, SPA_PARAM_Format, SPA_PARAM_EnumFormat},
              [this](std::uint32_t param) { return pw_node_enum_params(proxy_.get(), 0, param, 0, UINT32_MAX, nullptr); }),
      tell_(std::move(events)), features_(features),
      clamp_(
          features,
          [this](const SinkWrite &write) {
              const auto pod = props_inside(write);
              if (proxy_) pw_node_set_param(proxy_.get(), SPA_PARAM_Props, 0, pod.get());
          },
          tell_.tampered),
      pad_(
          [this](float volume) {
              const auto pod = props_volume(volume);
              if (proxy_) pw_node_set_param(proxy_.get(), SPA_PARAM_Props, 0, pod.get());
          },
          tell_.make_up, tell_.tampered) {
    events_.version = PW_VERSION_NODE_EVENTS;
    events_.info = on_info;
    events_.param = on_param;
    if (proxy_) pw_node_add_listener(proxy_.get(), hook_.get(), &events_, this);
}

void SinkObject::on_info(void *self, const pw_node_info *info) noexcept {
    contained("sink info", [&] { static_cast<SinkObject *>(self)->info(*info); });
}

void SinkObject::on_param(void *self, int seq, std::uint32_t id, std::uint32_t, std::uint32_t, const spa_pod *pod) noexcept {
    contained("sink param", [&] { static_cast<SinkObject *>(self)->param(seq, id, pod); });
}

void SinkObject::info(const pw_node_info &info) {
    if ((info.change_mask & PW_NODE_CHANGE_MASK_PROPS) != 0) {
        read_properties(properties_, info.props);
        if (ready_) tell_.changed();
    }
    const bool params = (info.change_mask & PW_NODE_CHANGE_MASK_PARAMS) != 0;
    reader_.info(info.params, params ? info.n_params : 0, [this](std::uint32_t param) {
        if (param == SPA_PARAM_Props && ready_) clamp_.noticed(now());
    });
    if ((info.change_mask & PW_NODE_CHANGE_MASK_STATE) == 0) return;
    const bool ran = std::exchange(running_, info.state == PW_NODE_STATE_RUNNING);
    if (running_ && !ran && ready_) {
        reassert();
        tell_.runs();
    }
}

void SinkObject::param(int, std::uint32_t id, const spa_pod *pod) {
    reader_.arrived();
    // A Props event names only some of the keys (a mute alone carries no volumes): take what is there.
    if (id == SPA_PARAM_Props) {
        const auto seen = parse_props(pod);
        if (seen.volume) props_.volume = seen.volume;
        if (seen.volume && !features_.max_volume) pad_.read(*seen.volume, now());
        if (seen.mute) props_.mute = seen.mute;
        if (!seen.channel_volumes.empty()) props_.channel_volumes = seen.channel_volumes;
        if (!seen.soft_volumes.empty()) props_.soft_volumes = seen.soft_volumes;
        if (seen.max_volume) props_.max_volume = seen.max_volume;
    } else if (id == SPA_PARAM_Format) {
        if (const auto rate = parse_format_rate(pod); rate != 0) rate_hz_ = rate;
    } else if (format_positions_.empty()) {
        format_positions_ = parse_format_positions(pod);
    }
}

bool SinkObject::done(int seq) {
    if (!reader_.done(seq)) return false;
    ready_ = true;
    clamp_.read(props_, now());
    return true;
}

const std::string &SinkObject::property(const std::string &key) const { return find(properties_, key); }

double SinkObject::software_gain() const {
    // One below 1 is left_limit's.
    const float most = features_.max_volume && props_.max_volume ? std::max(*props_.max_volume, 1.0F) : INFINITY;
    float loudest = props_.soft_volumes.empty() && props_.channel_volumes.empty() ? 1.0F : 0.0F;
    for (const auto *volumes : {&props_.soft_volumes, &props_.channel_volumes})
        for (const float volume : *volumes) loudest = std::max(loudest, std::fabs(volume));
    float volume = props_.volume.value_or(1.0F);
    if (!features_.max_volume) volume = std::max(volume, 1.0F); // below it is the pad's or left_limit's
    return static_cast<double>(std::min(loudest, most)) * static_cast<double>(std::min(volume, most));
}

std::optional<double> SinkObject::left_limit() const {
    if (features_.max_volume) {
        if (!props_.max_volume || *props_.max_volume >= 1.0F) return std::nullopt;
        return static_cast<double>(*props_.max_volume) * static_cast<double>(*props_.max_volume);
    }
    // Nothing but ourselves writes the `volume` key of a sink (reference: enforcement.md §5.1).
    if (pad_.engaged() || !props_.volume || *props_.volume >= 1.0F) return std::nullopt;
    return static_cast<double>(*props_.volume);
}

void SinkObject::limit(double level) {
    // The gain is min(channel volume, max) × min(volume, max): the root on both bounds the product by `level`.
    if (features_.max_volume) clamp_.limit(level, now());
    else pad_.limit(level, now());
}

void SinkObject::clamp(float ceiling, const std::vector<std::uint32_t> &only) {
    if (features_.max_volume) clamp_.clamp(ceiling, positions().size(), only, now());
    else if (!std::isinf(ceiling)) pad_.engage(now());
}

void SinkObject::release() {
    if (!features_.max_volume) {
        pad_.release(now());
        return;
    }
    const double own = std::atof(property("channelmix.max-volume").c_str());
    clamp_.release(own > 0.0 ? static_cast<float>(own) : 10.0F, now());
}

bool SinkObject::reassert() {
    if (!running_ || !bounded()) return false;
    if (features_.max_volume) clamp_.reassert(now());
    else pad_.reassert(now());
    return true;
}

void SinkObject::restore(const SinkClamp::Kept &kept) {
    if (features_.max_volume) clamp_.restore(kept, now());
    else pad_.restore(now());
}

void SinkObject::mute(bool mute) {
    const auto pod = props_user_volume({}, mute);
    pw_node_set_param(proxy_.get(), SPA_PARAM_Props, 0, pod.get());
}

void SinkObject::lower(double amplitude) {
    const double behind = std::max(1.0, static_cast<double>(props_.volume.value_or(1.0F)));
    const std::size_t channels = std::max<std::size_t>({props_.channel_volumes.size(), positions().size(), 1});
    const auto pod = props_user_volume(std::vector<float>(channels, toward_zero(amplitude / behind)), std::nullopt);
    pw_node_set_param(proxy_.get(), SPA_PARAM_Props, 0, pod.get());
}

std::vector<std::string> SinkObject::positions() const {
    auto names = split_positions(property("audio.position"));
    return names.empty() ? format_positions_ : names;
}

} // namespace soundwarden::pipewire_adapter
