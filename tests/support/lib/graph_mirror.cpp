// SPDX-License-Identifier: MIT
#include "graph_mirror.hpp"

#include "graph_pods.hpp"

#include <spa/param/param.h>

#include <cstdlib>
#include <string_view>

namespace soundwarden::bench {

namespace {

std::uint32_t id_in(const Properties &properties, const char *key) {
    return static_cast<std::uint32_t>(std::strtoul(get(properties, key).c_str(), nullptr, 10));
}

bool is_wanted(std::uint32_t param) {
    return param == SPA_PARAM_Props || param == SPA_PARAM_Route || param == SPA_PARAM_EnumRoute ||
           param == SPA_PARAM_Profile || param == SPA_PARAM_EnumProfile;
}

} // namespace

GraphMirror::Bound::~Bound() {
    if (proxy == nullptr) return;
    spa_hook_remove(&listener);
    pw_proxy_destroy(proxy);
}

GraphMirror::GraphMirror(pw_core *core, std::function<void()> changed) : core_(core), changed_(std::move(changed)) {
    registry_ = pw_core_get_registry(core, PW_VERSION_REGISTRY, 0);
    pw_registry_add_listener(registry_, &registry_listener_, &registry_events, this);
}

GraphMirror::~GraphMirror() {
    bound_.clear();
    spa_hook_remove(&registry_listener_);
    pw_proxy_destroy(reinterpret_cast<pw_proxy *>(registry_));
}

pw_proxy *GraphMirror::proxy(std::uint32_t id) {
    const auto found = bound_.find(id);
    return found == bound_.end() ? nullptr : found->second->proxy;
}

std::uint32_t GraphMirror::global_of_type(std::string_view type) const {
    for (const auto &[id, name] : types_)
        if (name == type) return id;
    return SPA_ID_INVALID;
}

template <class Events>
GraphMirror::Bound &GraphMirror::bind(std::uint32_t id, const char *type, std::uint32_t version, const Events &events) {
    auto bound = std::make_unique<Bound>();
    bound->mirror = this;
    bound->id = id;
    bound->proxy = static_cast<pw_proxy *>(pw_registry_bind(registry_, id, type, version, 0));
    if (bound->proxy != nullptr) pw_proxy_add_object_listener(bound->proxy, &bound->listener, &events, bound.get());
    return *(bound_[id] = std::move(bound));
}

void GraphMirror::add_global(std::uint32_t id, const char *type, const spa_dict *dict) {
    const Properties properties = to_properties(dict);
    const std::uint64_t serial = std::strtoull(get(properties, "object.serial").c_str(), nullptr, 10);
    const std::string_view kind = type;
    types_[id] = type;
    if (kind == PW_TYPE_INTERFACE_Node) {
        graph_.nodes[id] = GraphNode{id, serial, properties, "", {}};
        bind(id, type, PW_VERSION_NODE, node_events);
    } else if (kind == PW_TYPE_INTERFACE_Device) {
        GraphDevice device;
        device.id = id;
        device.serial = serial;
        device.properties = properties;
        graph_.devices[id] = std::move(device);
        bind(id, type, PW_VERSION_DEVICE, device_events);
    } else if (kind == PW_TYPE_INTERFACE_Link) {
        ++graph_.links_made;
        graph_.links[id] = GraphLink{id,
                                     serial,
                                     id_in(properties, "link.output.node"),
                                     id_in(properties, "link.output.port"),
                                     id_in(properties, "link.input.node"),
                                     id_in(properties, "link.input.port"),
                                     ""};
        bind(id, type, PW_VERSION_LINK, link_events);
    } else if (kind == PW_TYPE_INTERFACE_Port) {
        graph_.ports[id] =
            GraphPort{id, serial, id_in(properties, "node.id"), get(properties, "port.direction") == "in", properties};
    } else if (kind == PW_TYPE_INTERFACE_Metadata) {
        graph_.metadata[id] = GraphMetadata{id, serial, get(properties, "metadata.name"), {}};
        bind(id, type, PW_VERSION_METADATA, metadata_events);
    } else if (kind == PW_TYPE_INTERFACE_Client) {
        graph_.clients[id] = properties;
    } else {
        return;
    }
    changed_();
}

void GraphMirror::remove_global(std::uint32_t id) {
    types_.erase(id);
    bound_.erase(id);
    graph_.nodes.erase(id);
    graph_.ports.erase(id);
    graph_.links.erase(id);
    graph_.devices.erase(id);
    graph_.metadata.erase(id);
    graph_.clients.erase(id);
    changed_();
}

/// Asks for the parameters whose flags changed. A subscription would miss the changes of exported devices
/// (reference/simulated-card.md §2), and an empty list of routes announces itself by nothing but the sync that follows.
void GraphMirror::request_changed(Bound &bound, const spa_param_info *params, std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
        const spa_param_info &param = params[i];
        const auto seen = bound.param_flags.find(param.id);
        if (!is_wanted(param.id) || (param.flags & SPA_PARAM_INFO_READ) == 0) continue;
        // A node's Props may be announced again with the same flags: the change mask alone says that something is new.
        if (seen != bound.param_flags.end() && seen->second == param.flags && param.id != SPA_PARAM_Props) continue;
        bound.param_flags[param.id] = param.flags;
        Bound::Request request;
        // The answers carry the number that is returned here, not the one that could be passed.
        if (graph_.nodes.contains(bound.id))
            request.seq =
                pw_node_enum_params(reinterpret_cast<pw_node *>(bound.proxy), 0, param.id, 0, UINT32_MAX, nullptr);
        else
            request.seq =
                pw_device_enum_params(reinterpret_cast<pw_device *>(bound.proxy), 0, param.id, 0, UINT32_MAX, nullptr);
        request.sync = pw_core_sync(core_, PW_ID_CORE, 0);
        bound.requests[param.id] = std::move(request);
    }
}

void GraphMirror::core_done(int seq) {
    bool any = false;
    for (auto &[id, bound] : bound_) {
        if (bound->reading && bound->reading->sync == seq) {
            graph_.metadata[id].values = std::move(bound->reading->values);
            bound->reading.reset();
            any = true;
        }
        for (auto &[param, request] : bound->requests) {
            if (request.sync != seq) continue;
            request.sync = -1;
            any = true;
            const auto found = graph_.devices.find(id);
            if (found == graph_.devices.end()) continue;
            GraphDevice &device = found->second;
            if (param == SPA_PARAM_Route)
                device.active_routes = std::move(request.routes);
            else if (param == SPA_PARAM_EnumRoute)
                device.routes = std::move(request.routes);
            else if (param == SPA_PARAM_Profile)
                device.active_profile = std::move(request.profiles);
            else if (param == SPA_PARAM_EnumProfile)
                device.profiles = std::move(request.profiles);
        }
    }
    if (any) changed_();
}

void GraphMirror::reread_metadata() {
    for (const auto &[id, metadata] : graph_.metadata) {
        const auto before = bound_.find(id);
        if (before == bound_.end() || before->second->reading) continue;
        // The server answers the sync when the object's owner has said all that stands in it.
        Bound &bound = bind(id, PW_TYPE_INTERFACE_Metadata, PW_VERSION_METADATA, metadata_events);
        bound.reading = Bound::Reading{{}, pw_core_sync(core_, PW_ID_CORE, 0)};
    }
}

void GraphMirror::node_info(Bound &bound, const pw_node_info *info) {
    GraphNode &node = graph_.nodes[bound.id];
    if ((info->change_mask & PW_NODE_CHANGE_MASK_STATE) != 0) node.state = pw_node_state_as_string(info->state);
    if ((info->change_mask & PW_NODE_CHANGE_MASK_PROPS) != 0) update_properties(node.properties, info->props);
    if ((info->change_mask & PW_NODE_CHANGE_MASK_PARAMS) != 0) request_changed(bound, info->params, info->n_params);
    changed_();
}

void GraphMirror::device_info(Bound &bound, const pw_device_info *info) {
    GraphDevice &device = graph_.devices[bound.id];
    if ((info->change_mask & PW_DEVICE_CHANGE_MASK_PROPS) != 0) update_properties(device.properties, info->props);
    if ((info->change_mask & PW_DEVICE_CHANGE_MASK_PARAMS) != 0) request_changed(bound, info->params, info->n_params);
    changed_();
}

void GraphMirror::link_info(Bound &bound, const pw_link_info *info) {
    GraphLink &link = graph_.links[bound.id];
    link.output_node = info->output_node_id;
    link.output_port = info->output_port_id;
    link.input_node = info->input_node_id;
    link.input_port = info->input_port_id;
    if ((info->change_mask & PW_LINK_CHANGE_MASK_STATE) != 0) link.state = pw_link_state_as_string(info->state);
    changed_();
}

void GraphMirror::node_param(Bound &bound, std::uint32_t id, const spa_pod *param) {
    if (id != SPA_PARAM_Props || param == nullptr) return;
    parse_node_props(param, graph_.nodes[bound.id].props);
    changed_();
}

void GraphMirror::device_param(Bound &bound, int seq, std::uint32_t id, const spa_pod *param) {
    const auto found = bound.requests.find(id);
    if (found == bound.requests.end() || found->second.seq != seq) return;
    if (id == SPA_PARAM_Route || id == SPA_PARAM_EnumRoute) {
        if (auto route = parse_route(param)) found->second.routes.push_back(std::move(*route));
    } else if (auto profile = parse_profile(param)) {
        found->second.profiles.push_back(std::move(*profile));
    }
}

int GraphMirror::metadata_property(Bound &bound, std::uint32_t subject, const char *key, const char *value) {
    auto &values = bound.reading ? bound.reading->values : graph_.metadata[bound.id].values;
    if (key == nullptr)
        std::erase_if(values, [subject](const auto &entry) { return entry.first.first == subject; });
    else if (value == nullptr)
        values.erase({subject, key});
    else
        values[{subject, key}] = value;
    changed_();
    return 0;
}

// Trampolines; nothing below them throws but for want of memory.

const pw_registry_events GraphMirror::registry_events = [] {
    pw_registry_events events{};
    events.version = PW_VERSION_REGISTRY_EVENTS;
    events.global = [](void *self, std::uint32_t id, std::uint32_t, const char *type, std::uint32_t,
                       const spa_dict *properties) {
        static_cast<GraphMirror *>(self)->add_global(id, type, properties);
    };
    events.global_remove = [](void *self, std::uint32_t id) { static_cast<GraphMirror *>(self)->remove_global(id); };
    return events;
}();

const pw_node_events GraphMirror::node_events = [] {
    pw_node_events events{};
    events.version = PW_VERSION_NODE_EVENTS;
    events.info = [](void *data, const pw_node_info *info) {
        auto &bound = *static_cast<Bound *>(data);
        bound.mirror->node_info(bound, info);
    };
    events.param = [](void *data, int, std::uint32_t id, std::uint32_t, std::uint32_t, const spa_pod *param) {
        auto &bound = *static_cast<Bound *>(data);
        bound.mirror->node_param(bound, id, param);
    };
    return events;
}();

const pw_device_events GraphMirror::device_events = [] {
    pw_device_events events{};
    events.version = PW_VERSION_DEVICE_EVENTS;
    events.info = [](void *data, const pw_device_info *info) {
        auto &bound = *static_cast<Bound *>(data);
        bound.mirror->device_info(bound, info);
    };
    events.param = [](void *data, int seq, std::uint32_t id, std::uint32_t, std::uint32_t, const spa_pod *param) {
        auto &bound = *static_cast<Bound *>(data);
        bound.mirror->device_param(bound, seq, id, param);
    };
    return events;
}();

const pw_link_events GraphMirror::link_events = [] {
    pw_link_events events{};
    events.version = PW_VERSION_LINK_EVENTS;
    events.info = [](void *data, const pw_link_info *info) {
        auto &bound = *static_cast<Bound *>(data);
        bound.mirror->link_info(bound, info);
    };
    return events;
}();

const pw_metadata_events GraphMirror::metadata_events = [] {
    pw_metadata_events events{};
    events.version = PW_VERSION_METADATA_EVENTS;
    events.property = [](void *data, std::uint32_t subject, const char *key, const char *, const char *value) -> int {
        auto &bound = *static_cast<Bound *>(data);
        return bound.mirror->metadata_property(bound, subject, key, value);
    };
    return events;
}();

} // namespace soundwarden::bench
