// SPDX-License-Identifier: MIT
// Whether PulseAudio itself runs in this session: it then has the sound cards, and what plays through it passes no guard.
#pragma once

#include "engine/event.hpp"
#include "host/file_watch.hpp"
#include "loop/loop.hpp"

#include <functional>
#include <string>

namespace soundwarden::host {

/// $XDG_RUNTIME_DIR; empty where there is none.
std::string runtime_directory();

/// PulseAudio's own account of itself, `DIRECTORY/pulse/pid`, names a living process of that name. PipeWire's stand-in for PulseAudio writes
/// none.
bool pulseaudio_runs(const std::string &runtime_directory);

/// Tells the engine when it comes and goes. Main thread only.
class PulseAudioWatch {
  public:
    /// `tell` is called from look() and from the loop.
    PulseAudioWatch(loop::Loop &loop, std::string runtime_directory, std::function<void(engine::Degraded)> tell);

    /// Tells how it is now, where that is another answer than the last one; at first only where it runs.
    void look();

  private:
    std::string directory_;
    std::function<void(engine::Degraded)> tell_;
    FileWatch watch_;
    bool runs_ = false;
};

} // namespace soundwarden::host
