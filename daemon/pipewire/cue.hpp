// SPDX-License-Identifier: MIT
// Plays the cue through a guard, as any program would: a stream of its own, with the role of a notification.
#pragma once

#include "handles.hpp"
#include "loop/loop.hpp"

#include <pipewire/pipewire.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace soundwarden::pipewire_adapter {

/// One cue. Main thread, but for its process callback, which copies samples that were made before and nothing else.
class Cue {
  public:
    /// `guard`: node.name of the guard's main node; nowhere else it is heard. `peak`: amplitude. Throws std::runtime_error where PipeWire
    /// refuses a stream.
    Cue(pw_core *core, const std::string &guard, float peak);
    Cue(const Cue &) = delete;
    Cue &operator=(const Cue &) = delete;
    ~Cue();

    /// All of it was handed over.
    bool played() const { return played_.load(std::memory_order_acquire); }
    /// Asks the server to remove its node.
    void retire(pw_registry *registry);

  private:
    void process() noexcept;

    std::vector<float> samples_;
    std::size_t next_ = 0; ///< of the data thread
    std::atomic<bool> played_{false};
    StreamPtr stream_;
    Hook hook_;
    pw_stream_events events_{};
};

/// The cues under way, of which there are few: one for each output in a run. Main thread.
class CuePlayer {
  public:
    explicit CuePlayer(loop::Loop &loop);

    /// `registry` as in Cue::retire: asked for when a cue ends; may give null.
    void play(pw_core *core, std::function<pw_registry *()> registry, const std::string &guard, float peak);
    /// Before their connection goes.
    void stop();

  private:
    struct Playing {
        std::unique_ptr<Cue> cue;
        loop::Time until{}; ///< then it is over in any case; once it is retired: then it is destroyed
        bool retired = false;
    };
    void look();

    loop::Loop &loop_;
    std::unique_ptr<loop::Timer> timer_;
    std::function<pw_registry *()> registry_;
    std::vector<Playing> playing_;
};

} // namespace soundwarden::pipewire_adapter
