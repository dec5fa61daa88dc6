// SPDX-License-Identifier: MIT
#include "bench/graph.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace soundwarden::bench {

namespace {

template <class Objects>
auto find_by_name(const Objects &objects, std::string_view name) {
    const auto found =
        std::find_if(objects.begin(), objects.end(), [&](const auto &entry) { return entry.second.name() == name; });
    return found == objects.end() ? nullptr : &found->second;
}

template <class Accept>
std::vector<GraphLink> select(const std::map<std::uint32_t, GraphLink> &links, Accept accept) {
    std::vector<GraphLink> result;
    for (const auto &[id, link] : links)
        if (accept(link)) result.push_back(link);
    return result;
}

} // namespace

std::string get(const Properties &properties, const std::string &key) {
    const auto found = properties.find(key);
    return found == properties.end() ? std::string{} : found->second;
}

const GraphRoute *GraphDevice::active_route(int device) const {
    for (const GraphRoute &route : active_routes)
        if (route.device == device) return &route;
    return nullptr;
}

const GraphNode *Graph::node(std::string_view name) const { return find_by_name(nodes, name); }
const GraphDevice *Graph::device(std::string_view name) const { return find_by_name(devices, name); }

const GraphRoute *Graph::route_of(const GraphNode &sink) const {
    const std::string device_id = get(sink.properties, "device.id");
    const std::string index = get(sink.properties, "card.profile.device");
    if (device_id.empty() || index.empty()) return nullptr;
    const auto device = devices.find(static_cast<std::uint32_t>(std::strtoul(device_id.c_str(), nullptr, 10)));
    return device == devices.end() ? nullptr : device->second.active_route(std::atoi(index.c_str()));
}

std::vector<GraphLink> Graph::links_into(std::uint32_t node) const {
    return select(links, [node](const GraphLink &link) { return link.input_node == node; });
}

std::vector<GraphLink> Graph::links_out_of(std::uint32_t node) const {
    return select(links, [node](const GraphLink &link) { return link.output_node == node; });
}

std::vector<GraphLink> Graph::links_between(std::string_view output, std::string_view input) const {
    const GraphNode *from = node(output);
    const GraphNode *to = node(input);
    if (from == nullptr || to == nullptr) return {};
    return select(
        links, [from, to](const GraphLink &link) { return link.output_node == from->id && link.input_node == to->id; });
}

std::vector<GraphPort> Graph::ports_of(std::uint32_t node, bool input, bool monitors) const {
    std::vector<GraphPort> result;
    for (const auto &[id, port] : ports)
        if (port.node == node && port.input == input && port.monitor() == monitors) result.push_back(port);
    return result;
}

std::optional<std::string> Graph::meta(std::string_view object, std::uint32_t subject, const std::string &key) const {
    for (const auto &[id, entry] : metadata) {
        if (entry.name != object) continue;
        const auto value = entry.values.find({subject, key});
        if (value != entry.values.end()) return value->second;
    }
    return std::nullopt;
}

std::string Graph::default_sink() const {
    const auto value = nlohmann::json::parse(meta("default", 0, "default.audio.sink").value_or(""), nullptr, false);
    return value.is_object() ? value.value("name", "") : "";
}

std::string to_text(const Graph &graph) {
    std::ostringstream text;
    for (const auto &[id, node] : graph.nodes) {
        text << "node " << id << ' ' << node.name() << ": " << node.state;
        if (node.props.volume) text << ", volume " << *node.props.volume;
        if (node.props.mute) text << (*node.props.mute ? ", muted" : ", not muted");
        for (const float volume : node.props.channel_volumes) text << ' ' << volume;
        text << '\n';
    }
    for (const auto &[id, link] : graph.links)
        text << "link " << id << ": " << link.output_node << " -> " << link.input_node << ' ' << link.state << '\n';
    return text.str();
}

} // namespace soundwarden::bench
