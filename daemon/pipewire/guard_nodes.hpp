// SPDX-License-Identifier: MIT
// Which nodes the guards are, and which of them the server does not have any more though their owner believes so.
#pragma once

#include "engine/event.hpp"

#include <cstdint>
#include <map>
#include <set>

namespace soundwarden::pipewire_adapter {

/// No node: PipeWire's PW_ID_ANY.
inline constexpr std::uint32_t no_node = 0xffffffff;

/// Which nodes a guard has, as PipeWire ids; no_node while unknown.
struct GuardNodes {
    std::uint32_t main = no_node;
    std::uint32_t out = no_node;
    std::uint32_t channels = 0;
};

/// The guards' nodes, told by the connection that owns them (set, drop), held against what the registry of another one says of their
/// removal. Both speak of the same thing in either order, and a guard made anew may get the id of the one that went. Main thread; pure.
class KnownGuards {
  public:
    using Nodes = std::map<engine::SinkKey, GuardNodes>;

    /// What the owner says now. A node that is only told once more stays as lost as it was.
    void set(const engine::SinkKey &sink, const GuardNodes &nodes);
    void drop(const engine::SinkKey &sink) { nodes_.erase(sink); }
    /// A node went from the server. True where it was a guard's: lost() is to be asked in a second, when its owner must have told.
    bool removed(std::uint32_t node);
    /// Whether a guard still counts on a node that went. Forgets what has gone.
    bool lost();

    const GuardNodes *find(const engine::SinkKey &sink) const;

  private:
    Nodes nodes_;
    std::set<std::uint32_t> vanished_;
};

} // namespace soundwarden::pipewire_adapter
