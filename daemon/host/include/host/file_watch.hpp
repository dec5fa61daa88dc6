// SPDX-License-Identifier: MIT
// Tells when files in some directories change. Main thread only.
#pragma once

#include "loop/loop.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::host {

/// Sleeps until something is written, made, moved, removed or linked in one of the directories (inotify), then waits until it has
/// been quiet for a moment: an editor or a package manager writes several times.
class FileWatch {
  public:
    /// `changed` is called from the loop, once for all changes of one moment; at the latest after `at_most` of unrest.
    FileWatch(loop::Loop &loop, std::function<void()> changed, std::chrono::milliseconds quiet = std::chrono::milliseconds(200),
              std::chrono::milliseconds at_most = std::chrono::milliseconds(2000));
    ~FileWatch();
    FileWatch(const FileWatch &) = delete;
    FileWatch &operator=(const FileWatch &) = delete;

    /// From now on these, and no others. One that cannot be watched (it is not there, no permission) is left out: what comes of that
    /// shows when the files are read.
    void watch(const std::vector<std::string> &directories);
    /// False where the kernel gives no watches at all (fs.inotify.max_user_instances): then only SIGHUP and Reload tell of changes.
    bool works() const { return inotify_ >= 0; }

  private:
    void heed();

    loop::Loop &loop_;
    std::function<void()> changed_;
    std::chrono::milliseconds quiet_;
    std::chrono::milliseconds at_most_;
    int inotify_ = -1;
    std::map<std::string, int> watches_; ///< directory -> descriptor
    std::unique_ptr<loop::Io> io_;
    std::unique_ptr<loop::Timer> timer_;
    std::optional<loop::Time> since_; ///< of the unrest
};

} // namespace soundwarden::host
