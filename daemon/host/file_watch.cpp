// SPDX-License-Identifier: MIT
#include "host/file_watch.hpp"

#include <algorithm>
#include <array>
#include <sys/inotify.h>
#include <unistd.h>
#include <utility>

namespace soundwarden::host {
namespace {

constexpr std::uint32_t changes = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF |
                                  IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK;

} // namespace

FileWatch::FileWatch(loop::Loop &loop, std::function<void()> changed, std::chrono::milliseconds quiet, std::chrono::milliseconds at_most)
    : loop_(loop), changed_(std::move(changed)), quiet_(quiet), at_most_(at_most), inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      timer_(loop.timer([this] {
          since_.reset();
          changed_();
      })) {
    if (inotify_ >= 0) io_ = loop_.watch(inotify_, loop::Ready::in, [this](loop::Ready) { heed(); });
}

FileWatch::~FileWatch() {
    io_.reset();
    if (inotify_ >= 0) close(inotify_);
}

void FileWatch::watch(const std::vector<std::string> &directories) {
    if (inotify_ < 0) return;
    for (auto it = watches_.begin(); it != watches_.end();) {
        if (std::find(directories.begin(), directories.end(), it->first) != directories.end()) {
            ++it;
            continue;
        }
        inotify_rm_watch(inotify_, it->second);
        it = watches_.erase(it);
    }
    // Once more for those that are known: one that was removed and made anew is another one.
    for (const std::string &directory : directories) {
        const int descriptor = inotify_add_watch(inotify_, directory.c_str(), changes);
        if (descriptor >= 0) watches_[directory] = descriptor;
        else watches_.erase(directory);
    }
}

void FileWatch::heed() {
    alignas(inotify_event) std::array<char, 4096> buffer;
    bool changed = false;
    for (ssize_t got = 0; (got = read(inotify_, buffer.data(), buffer.size())) > 0;) {
        for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
            const auto *event = reinterpret_cast<const inotify_event *>(buffer.data() + at);
            changed = changed || event->mask != IN_IGNORED; // that is our own watch's end, or follows what was told already
            at += sizeof(inotify_event) + event->len;
        }
    }
    if (!changed) return;
    const loop::Time now = loop_.now();
    if (!since_) since_ = now;
    timer_->arm(std::min(now + quiet_, *since_ + at_most_));
}

} // namespace soundwarden::host
