// SPDX-License-Identifier: MIT
#include "node_watch.hpp"

#include <algorithm>
#include <array>
#include <sys/inotify.h>
#include <unistd.h>
#include <utility>

namespace soundwarden::sense {
namespace {

constexpr std::uint32_t of_nodes = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | // of what is in the directory
                                   IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

} // namespace

NodeWatch::NodeWatch(loop::Loop &loop, std::filesystem::path dev, Tell tell)
    : dev_(std::move(dev)), tell_(std::move(tell)), inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    if (inotify_ < 0) return;
    io_ = loop.watch(inotify_, loop::Ready::in, [this](loop::Ready) { heed(); });
    // Before the directories, so that one that comes between is not missed.
    dev_watch_ = inotify_add_watch(inotify_, dev_.c_str(), IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
    watch_directories();
}

NodeWatch::~NodeWatch() {
    io_.reset();
    if (inotify_ >= 0) close(inotify_);
}

void NodeWatch::watch_directories() {
    for (const char *name : {"snd", "input"}) {
        const auto directory = dev_ / name;
        // The same directory gives the same watch.
        if (const int watch = inotify_add_watch(inotify_, directory.c_str(), of_nodes); watch >= 0) directories_[watch] = directory;
    }
}

void NodeWatch::heed() {
    constexpr int most_reads = 16; // more wake the loop again
    alignas(inotify_event) std::array<char, 4096> buffer;
    bool lost = false;
    for (int turn = 0; turn < most_reads; ++turn) {
        const ssize_t got = read(inotify_, buffer.data(), buffer.size());
        if (got <= 0) break;
        for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
            const auto *event = reinterpret_cast<const inotify_event *>(buffer.data() + at);
            lost = heed_one(event->wd, event->mask, event->len > 0 ? event->name : "") || lost;
            at += sizeof(inotify_event) + event->len;
        }
    }
    if (lost) tell_(Change::lost, "");
}

/// True where all has to be looked at anew.
bool NodeWatch::heed_one(int watch, std::uint32_t mask, const std::string &node) {
    if ((mask & IN_Q_OVERFLOW) != 0) return true;
    if (watch == dev_watch_) {
        if (node != "snd" && node != "input") return false;
        watch_directories();
        return true;
    }
    if (!directories_.contains(watch)) return false;
    if ((mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF)) != 0) {
        directories_.erase(watch);
        watch_directories();
        return true;
    }
    if (node.empty()) return false; // the directory's own permissions
    if ((mask & (IN_CREATE | IN_MOVED_TO)) != 0) tell_(Change::come, node);
    if ((mask & (IN_DELETE | IN_MOVED_FROM)) != 0) tell_(Change::gone, node);
    if ((mask & IN_ATTRIB) != 0) tell_(Change::allowed, node);
    return false;
}

} // namespace soundwarden::sense
