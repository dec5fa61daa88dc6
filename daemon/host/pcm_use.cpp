// SPDX-License-Identifier: MIT
#include "host/pcm_use.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <sys/inotify.h>
#include <unistd.h>

namespace soundwarden::host {
namespace {

namespace fs = std::filesystem;

// A close is told before the kernel has let go of the device (__fput: fsnotify first, then release), and nothing is told after.
constexpr std::chrono::milliseconds first_pause{20};
constexpr std::chrono::milliseconds last_pause{2560};

/// The value behind "KEY :" in a file of lines; empty: not there.
std::string value_in(const fs::path &file, std::string_view key) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with(key)) continue;
        const auto colon = line.find(':');
        if (colon == line.npos) continue;
        const auto from = line.find_first_not_of(" \t", colon + 1);
        return from == line.npos ? std::string{} : line.substr(from);
    }
    return {};
}

std::string first_line(const fs::path &file) {
    std::ifstream stream(file);
    std::string line;
    std::getline(stream, line);
    return line;
}

/// PipeWire opens the cards itself, or its session manager does on its behalf.
bool is_pipewire(const std::string &program) { return program.starts_with("pipewire") || program.starts_with("wireplumber"); }

} // namespace

PcmUse::PcmUse(loop::Loop &loop, Tell tell, SoundPlaces places)
    : loop_(loop), tell_(std::move(tell)), places_(std::move(places)), inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    if (inotify_ < 0) return;
    again_ = loop_.timer([this] { look_again(); });
    io_ = loop_.watch(inotify_, loop::Ready::in, [this](loop::Ready) { heed(); });
    watch_devices();
}

PcmUse::~PcmUse() {
    io_.reset();
    if (inotify_ >= 0) close(inotify_);
}

// Without a card the directory is not there; it comes with the first one.
void PcmUse::watch_devices() {
    devices_watched_ = inotify_add_watch(inotify_, places_.devices.c_str(), IN_OPEN | IN_CLOSE | IN_DELETE | IN_DELETE_SELF) >= 0;
    if (!devices_watched_) inotify_add_watch(inotify_, fs::path(places_.devices).parent_path().c_str(), IN_CREATE);
}

void PcmUse::heed() {
    alignas(inotify_event) std::array<char, 4096> buffer;
    bool concerned = false;
    bool closed = false;
    for (ssize_t got = 0; (got = read(inotify_, buffer.data(), buffer.size())) > 0;) {
        for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
            const auto *event = reinterpret_cast<const inotify_event *>(buffer.data() + at);
            const std::string_view name = event->len > 0 ? event->name : "";
            concerned = concerned || name.starts_with("pcm") || (event->mask & (IN_Q_OVERFLOW | IN_DELETE_SELF)) != 0;
            closed = closed || (event->mask & IN_CLOSE) != 0;
            if ((event->mask & IN_IGNORED) != 0) devices_watched_ = false;
            at += sizeof(inotify_event) + event->len;
        }
    }
    if (!devices_watched_) {
        watch_devices();
        concerned = concerned || devices_watched_;
    }
    if (concerned) look();
    if (!concerned || !closed || told_.empty()) return;
    pause_ = first_pause;
    again_->arm(loop_.now() + pause_);
}

void PcmUse::look_again() {
    look();
    pause_ *= 2;
    if (!told_.empty() && pause_ <= last_pause) again_->arm(loop_.now() + pause_);
}

void PcmUse::look() {
    std::map<engine::PcmAddress, std::string> now;
    std::error_code none;
    for (const auto &entry : fs::directory_iterator(places_.devices, none)) {
        unsigned card = 0;
        unsigned device = 0;
        char direction = 0;
        if (std::sscanf(entry.path().filename().c_str(), "pcmC%uD%u%c", &card, &device, &direction) != 3 || direction != 'p') continue;
        const engine::PcmAddress pcm{card, device};
        if (auto program = program_at(pcm); !program.empty()) now[pcm] = std::move(program);
    }
    for (const auto &[where, program] : told_)
        if (!now.contains(where)) tell_({where, ""});
    for (const auto &[where, program] : now)
        if (const auto before = told_.find(where); before == told_.end() || before->second != program)
            tell_({where, program});
    told_ = std::move(now);
}

/// Who has one of the device's substreams open past PipeWire; empty: nobody.
std::string PcmUse::program_at(const engine::PcmAddress &pcm) const {
    const fs::path state =
        fs::path(places_.state) / ("card" + std::to_string(pcm.card)) / ("pcm" + std::to_string(pcm.device) + "p");
    std::error_code none;
    for (const auto &sub : fs::directory_iterator(state, none)) {
        // The thread that opened it.
        const std::string thread = value_in(sub.path() / "status", "owner_pid");
        if (thread.empty()) continue;
        const fs::path processes = places_.processes;
        const std::string process = value_in(processes / thread / "status", "Tgid");
        std::string program = first_line(processes / (process.empty() ? thread : process) / "comm");
        if (program.empty()) program = "process " + thread;
        if (!is_pipewire(program)) return program;
    }
    return {};
}

} // namespace soundwarden::host
