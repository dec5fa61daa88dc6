// SPDX-License-Identifier: MIT
#include "hold/node_watch.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <sys/inotify.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace soundwarden::hold {

std::optional<std::uint32_t> card_of_node(std::string_view name) {
    constexpr std::string_view prefix = "controlC";
    if (!name.starts_with(prefix)) return std::nullopt;
    name.remove_prefix(prefix.size());
    std::uint32_t card = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), card);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    return card;
}

NodeWatch::NodeWatch(std::filesystem::path dev) : dev_(std::move(dev)), inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    if (inotify_ < 0) return;
    // Before the directory itself, so that one that comes between is not missed.
    dev_watch_ = inotify_add_watch(inotify_, dev_.c_str(), IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
    watch_nodes();
}

NodeWatch::~NodeWatch() {
    if (inotify_ >= 0) close(inotify_);
}

void NodeWatch::watch_nodes() {
    // IN_ATTRIB: udev has given the node its group.
    nodes_watch_ = inotify_add_watch(inotify_, (dev_ / "snd").c_str(), IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR);
}

std::vector<std::uint32_t> NodeWatch::present() const {
    std::vector<std::uint32_t> cards;
    std::error_code error;
    for (auto at = std::filesystem::directory_iterator(dev_ / "snd", error); !error && at != std::filesystem::directory_iterator(); at.increment(error))
        if (const auto card = card_of_node(at->path().filename().string())) cards.push_back(*card);
    std::sort(cards.begin(), cards.end());
    return cards;
}

std::vector<NodeChange> NodeWatch::changes() {
    constexpr int most_reads = 16; // more wake the loop again
    alignas(inotify_event) std::array<char, 4096> buffer;
    std::vector<NodeChange> changes;
    bool lost = false;
    for (int turn = 0; turn < most_reads; ++turn) {
        const ssize_t got = read(inotify_, buffer.data(), buffer.size());
        if (got <= 0) break;
        for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
            const auto *event = reinterpret_cast<const inotify_event *>(buffer.data() + at);
            const std::string_view name = event->len > 0 ? event->name : "";
            if ((event->mask & IN_Q_OVERFLOW) != 0 || (event->wd == dev_watch_ && name == "snd") || (event->wd == nodes_watch_ && (event->mask & IN_IGNORED) != 0)) lost = true;
            else if (const auto card = event->wd == nodes_watch_ ? card_of_node(name) : std::nullopt)
                changes.push_back({*card, (event->mask & (IN_DELETE | IN_MOVED_FROM)) == 0});
            at += sizeof(inotify_event) + event->len;
        }
    }
    if (!lost) return changes;
    watch_nodes();
    for (const std::uint32_t card : present()) changes.push_back({card, true});
    return changes;
}

} // namespace soundwarden::hold
