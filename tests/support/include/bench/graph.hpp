// SPDX-License-Identifier: MIT
// A PipeWire graph as values: what a client sees of nodes, ports, links, devices and metadata. Filled by GraphProbe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace soundwarden::bench {

using Properties = std::map<std::string, std::string>;

/// One object's own part of "props by key"; empty when the key is absent.
std::string get(const Properties &properties, const std::string &key);

/// The Props parameter of a node. Only the keys the node reported are set. Linear volumes.
struct NodeProps {
    std::optional<float> volume;
    std::optional<bool> mute;
    std::optional<bool> soft_mute;
    std::vector<float> channel_volumes;
    std::vector<float> soft_volumes;
    std::vector<std::uint32_t> channel_map;
    Properties params; ///< the extra parameters ("channelmix.max-volume"), as text
};

struct GraphNode {
    std::uint32_t id = 0;
    std::uint64_t serial = 0;
    Properties properties;
    std::string state; ///< "creating", "suspended", "idle", "running", "error"
    NodeProps props;
    std::string name() const { return get(properties, "node.name"); }
    std::string media_class() const { return get(properties, "media.class"); }
};

struct GraphPort {
    std::uint32_t id = 0;
    std::uint64_t serial = 0;
    std::uint32_t node = 0;
    bool input = false;
    Properties properties;
    std::string name() const { return get(properties, "port.name"); }
    bool monitor() const { return get(properties, "port.monitor") == "true"; }
};

struct GraphLink {
    std::uint32_t id = 0;
    std::uint64_t serial = 0;
    std::uint32_t output_node = 0, output_port = 0;
    std::uint32_t input_node = 0, input_port = 0;
    std::string state; ///< "init", "negotiating", "allocating", "paused", "active", "error", "unlinked"
};

struct GraphRoute {
    int index = -1;
    int device = -1; ///< card.profile.device; only of active routes
    std::string name;
    std::string description;
    std::uint32_t available = 0; ///< enum spa_param_availability: 0 unknown, 1 no, 2 yes
    bool save = false;
    bool mute = false;
    std::vector<float> channel_volumes;
    std::vector<float> soft_volumes;
    Properties info; ///< port.type, route.hw-volume…
};

struct GraphProfile {
    int index = -1;
    std::string name;
    std::uint32_t available = 0;
    bool save = false;
};

struct GraphDevice {
    std::uint32_t id = 0;
    std::uint64_t serial = 0;
    Properties properties;
    std::vector<GraphProfile> profiles;
    std::vector<GraphProfile> active_profile; ///< one, or none yet
    std::vector<GraphRoute> routes;           ///< all that could be chosen
    std::vector<GraphRoute> active_routes;
    std::string name() const { return get(properties, "device.name"); }
    const GraphRoute *active_route(int device) const;
};

struct GraphMetadata {
    std::uint32_t id = 0;
    std::uint64_t serial = 0;
    std::string name;
    std::map<std::pair<std::uint32_t, std::string>, std::string> values; ///< (subject, key)
};

struct Graph {
    std::map<std::uint32_t, GraphNode> nodes;
    std::map<std::uint32_t, GraphPort> ports;
    std::map<std::uint32_t, GraphLink> links;
    std::map<std::uint32_t, GraphDevice> devices;
    std::map<std::uint32_t, GraphMetadata> metadata;
    std::map<std::uint32_t, Properties> clients;
    std::uint64_t links_made = 0; ///< since this was first seen, those included that were gone at once

    const GraphNode *node(std::string_view name) const;
    const GraphDevice *device(std::string_view name) const;
    /// The sink's active route; nullptr without device or route.
    const GraphRoute *route_of(const GraphNode &sink) const;
    std::vector<GraphLink> links_into(std::uint32_t node) const;
    std::vector<GraphLink> links_out_of(std::uint32_t node) const;
    /// Links from one node to another, by name; empty while one of them is absent.
    std::vector<GraphLink> links_between(std::string_view output, std::string_view input) const;
    std::vector<GraphPort> ports_of(std::uint32_t node, bool input, bool monitors = false) const;
    /// Value of a metadata key; nullopt when it or the object is absent.
    std::optional<std::string> meta(std::string_view object, std::uint32_t subject, const std::string &key) const;
    /// The "name" in the default.audio.sink (what WirePlumber chose); empty: none.
    std::string default_sink() const;
};

/// Nodes with their states and volumes, and what links them: for a person who reads why a test failed.
std::string to_text(const Graph &graph);

/// A driver and who follows it, from PipeWire's profiler.
struct GraphDriver {
    std::uint32_t id = 0;
    std::string name;
    std::string clock_name;
    std::uint64_t quantum = 0;
    std::uint32_t rate = 0;
    std::vector<std::string> followers; ///< node names; the driver itself is not among them
};

} // namespace soundwarden::bench
