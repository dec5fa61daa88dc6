// SPDX-License-Identifier: MIT
// Which cards' control nodes are there. One thread; nothing throws but std::bad_alloc.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <optional>
#include <vector>

namespace soundwarden::hold {

/// 3 of "controlC3"; nothing: another node.
std::optional<std::uint32_t> card_of_node(std::string_view name);

/// A node that came, went, or may be opened by others now.
struct NodeChange {
    std::uint32_t card = 0;
    bool there = false;
    bool operator==(const NodeChange &) const = default;
};

/// Watches DIR/snd by inotify, also where it is not there yet.
class NodeWatch {
  public:
    explicit NodeWatch(std::filesystem::path dev);
    ~NodeWatch();
    NodeWatch(const NodeWatch &) = delete;
    NodeWatch &operator=(const NodeWatch &) = delete;

    /// Readable while changes wait; below 0: nothing can be watched.
    int descriptor() const { return inotify_; }
    /// Those that are there now.
    std::vector<std::uint32_t> present() const;
    /// What changed since the last call. Each change means: look whether it still is so.
    std::vector<NodeChange> changes();

  private:
    void watch_nodes();

    std::filesystem::path dev_;
    int inotify_;
    int dev_watch_ = -1;
    int nodes_watch_ = -1;
};

} // namespace soundwarden::hold
