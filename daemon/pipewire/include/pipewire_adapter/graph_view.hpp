// SPDX-License-Identifier: MIT
// The guarded part of PipeWire's graph, and what the server can do, as others ask for it.
#pragma once

#include "engine/event.hpp"
#include "model/names.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace soundwarden::pipewire_adapter {

enum class NodeRole : std::uint8_t {
    stream, ///< plays into a guard or a sink
    guard,  ///< what streams play to
    out,    ///< its other half, which plays into the sink
    sink,
};

struct GraphNode {
    std::uint32_t id = 0; ///< PipeWire's
    std::string name;     ///< node.name; may be empty
    std::string title;    ///< for people; may be empty
    NodeRole role = NodeRole::stream;
    engine::SinkKey sink; ///< that it belongs to; a stream to two of them is there twice
};

struct GraphLink {
    std::uint32_t from = 0; ///< ids of nodes
    std::uint32_t to = 0;
    bool past = false; ///< into a guarded sink, past its guard
    auto operator<=>(const GraphLink &) const = default;
};

struct GraphView {
    std::vector<GraphNode> nodes;
    std::vector<GraphLink> links; ///< each pair of nodes once
};

/// The server that is connected to.
struct ServerView {
    std::string version;           ///< "1.4.2"; empty: none
    bool holds_max_volume = false; ///< its sinks can bound their own volume
    bool holds_ceiling = false;    ///< its sinks can hold a ceiling for any sum of streams
};

} // namespace soundwarden::pipewire_adapter

template <> struct soundwarden::Names<soundwarden::pipewire_adapter::NodeRole> {
    using E = soundwarden::pipewire_adapter::NodeRole;
    static constexpr std::array<std::pair<E, std::string_view>, 4> table{{
        {E::stream, "stream"},
        {E::guard, "guard"},
        {E::out, "out"},
        {E::sink, "sink"},
    }};
};
