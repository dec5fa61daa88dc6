// SPDX-License-Identifier: MIT
// Who plays to a sound card past PipeWire: programs that hold one of its playback devices open themselves.
#pragma once

#include "engine/event.hpp"
#include "loop/loop.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace soundwarden::host {

/// Where the kernel shows its sound cards; elsewhere in tests.
struct SoundPlaces {
    std::string devices = "/dev/snd";     ///< pcmC0D0p: watched for being opened and closed
    std::string state = "/proc/asound";   ///< card0/pcm0p/sub0/status: "owner_pid   : 4711"
    std::string processes = "/proc";      ///< 4711/status: Tgid; 4711/comm
};

/// Sleeps until a device is opened or closed (inotify). Main thread only. A machine without sound cards, or where this may
/// not be seen, is one on which nothing is told.
class PcmUse {
  public:
    using Tell = std::function<void(engine::DirectUse)>;

    PcmUse(loop::Loop &loop, Tell tell, SoundPlaces places = {});
    ~PcmUse();
    PcmUse(const PcmUse &) = delete;
    PcmUse &operator=(const PcmUse &) = delete;

    /// Looks at all devices and tells what has changed.
    void look();

  private:
    void watch_devices();
    void heed();
    void look_again();
    std::string program_at(const engine::PcmAddress &pcm) const;

    loop::Loop &loop_;
    Tell tell_;
    SoundPlaces places_;
    int inotify_ = -1;
    bool devices_watched_ = false;
    std::unique_ptr<loop::Io> io_;
    std::unique_ptr<loop::Timer> again_;
    std::chrono::milliseconds pause_{}; ///< before the look after the next
    std::map<engine::PcmAddress, std::string> told_; ///< -> program
};

} // namespace soundwarden::host
