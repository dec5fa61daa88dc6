// SPDX-License-Identifier: MIT
// Watches device nodes come, go and change their permissions: what finds cards where no udev runs, and what mends "permission denied"
// when a seat becomes active (its users are let in by an access list on the node).
#pragma once

#include "loop/loop.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace soundwarden::sense {

/// The nodes in `dev`/snd and `dev`/input, also where these directories come later. Main thread only.
class NodeWatch {
  public:
    enum class Change : std::uint8_t {
        come,
        gone,
        allowed, ///< its permissions changed
        lost,    ///< events were lost or a directory is new: anything may have changed. Its node has no name.
    };
    using Tell = std::function<void(Change, const std::string &node)>;

    NodeWatch(loop::Loop &loop, std::filesystem::path dev, Tell tell);
    ~NodeWatch();
    NodeWatch(const NodeWatch &) = delete;
    NodeWatch &operator=(const NodeWatch &) = delete;

    bool works() const { return inotify_ >= 0; }

  private:
    void watch_directories();
    void heed();
    bool heed_one(int watch, std::uint32_t mask, const std::string &node);

    std::filesystem::path dev_;
    Tell tell_;
    int inotify_;
    int dev_watch_ = -1;
    std::map<int, std::filesystem::path> directories_; ///< by watch
    std::unique_ptr<loop::Io> io_;
};

} // namespace soundwarden::sense
