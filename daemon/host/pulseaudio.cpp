// SPDX-License-Identifier: MIT
#include "host/pulseaudio.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

namespace soundwarden::host {
namespace fs = std::filesystem;

std::string runtime_directory() {
    const char *directory = std::getenv("XDG_RUNTIME_DIR");
    return directory == nullptr ? "" : directory;
}

bool pulseaudio_runs(const std::string &runtime_directory) {
    if (runtime_directory.empty()) return false;
    std::ifstream file(fs::path{runtime_directory} / "pulse" / "pid");
    long pid = 0;
    if (!(file >> pid) || pid <= 0) return false;
    std::ifstream comm("/proc/" + std::to_string(pid) + "/comm");
    std::string name;
    return std::getline(comm, name) && name == "pulseaudio";
}

PulseAudioWatch::PulseAudioWatch(loop::Loop &loop, std::string runtime_directory, std::function<void(engine::Degraded)> tell)
    : directory_(std::move(runtime_directory)), tell_(std::move(tell)), watch_(loop, [this] { look(); }) {}

void PulseAudioWatch::look() {
    if (directory_.empty()) return;
    // Its directory is made when it starts for the first time in a session.
    std::error_code error;
    const fs::path own = fs::path{directory_} / "pulse";
    watch_.watch({fs::is_directory(own, error) ? own.string() : directory_});
    if (std::exchange(runs_, pulseaudio_runs(directory_)) == runs_) return;
    tell_({"pulseaudio", runs_ ? "PulseAudio has the sound cards, and what plays through it passes no guard; let PipeWire take its place: "
                                 "systemctl --user mask --now pulseaudio.socket pulseaudio.service"
                               : ""});
}

} // namespace soundwarden::host
