// SPDX-License-Identifier: MIT
#include "guard_nodes.hpp"

#include <algorithm>
#include <utility>

namespace soundwarden::pipewire_adapter {

void KnownGuards::set(const engine::SinkKey &sink, const GuardNodes &nodes) {
    GuardNodes &known = nodes_[sink];
    if (known.main != nodes.main) vanished_.erase(nodes.main);
    if (known.out != nodes.out) vanished_.erase(nodes.out);
    known = nodes;
}

bool KnownGuards::removed(std::uint32_t node) {
    const bool ours = std::any_of(nodes_.begin(), nodes_.end(), [&](const auto &guard) { return guard.second.main == node || guard.second.out == node; });
    if (ours) vanished_.insert(node);
    return ours;
}

bool KnownGuards::lost() {
    const auto vanished = std::exchange(vanished_, {});
    return std::any_of(nodes_.begin(), nodes_.end(), [&](const auto &guard) {
        return vanished.contains(guard.second.main) || vanished.contains(guard.second.out);
    });
}

const GuardNodes *KnownGuards::find(const engine::SinkKey &sink) const {
    const auto it = nodes_.find(sink);
    return it == nodes_.end() ? nullptr : &it->second;
}

} // namespace soundwarden::pipewire_adapter
