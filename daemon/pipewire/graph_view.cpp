// SPDX-License-Identifier: MIT
#include "pipewire_adapter/graph_view.hpp"

#include "mirror.hpp"

#include <set>

namespace soundwarden::pipewire_adapter {

GraphView Mirror::graph() const {
    GraphView view;
    std::set<GraphLink> links;
    for (const auto &[id, entry] : sinks_) {
        const auto *guard = guards_.find(entry.key);
        if (guard == nullptr) continue;
        const GuardNodes &pair = *guard;
        const engine::SinkKey &sink = entry.key; // clang 14 captures no structured binding
        std::set<std::uint32_t> told;
        const auto add = [&](std::uint32_t node, NodeRole role) {
            const auto words = nodes_.find(node);
            if (words == nodes_.end() || !told.insert(node).second) return;
            view.nodes.push_back({node, words->second.name, words->second.title, role, sink});
        };
        add(pair.main, NodeRole::guard);
        add(pair.out, NodeRole::out);
        add(id, NodeRole::sink);
        for (const auto &numbered : links_) {
            const Link &link = numbered.second;
            const bool past = link.in_node == id && link.out_node != pair.out;
            if (link.in_node != pair.main && link.in_node != id) continue;
            add(link.out_node, NodeRole::stream);
            links.insert({link.out_node, link.in_node, past});
        }
        // Inside the daemon, so that PipeWire knows no link of it.
        if (told.contains(pair.main) && told.contains(pair.out)) links.insert({pair.main, pair.out, false});
    }
    view.links.assign(links.begin(), links.end());
    return view;
}

} // namespace soundwarden::pipewire_adapter
