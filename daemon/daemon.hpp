// SPDX-License-Identifier: MIT
// Wires the engine to its adapters. Decides nothing: events go in, effects come out, each to whom it concerns.
#pragma once

#include "dbus/service.hpp"
#include "engine/engine.hpp"
#include "host/pcm_use.hpp"
#include "host/store.hpp"
#include "pipewire_adapter/adapter.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden {

struct Options {
    std::string policy_dir; ///< empty: the machine's layers
    std::string state_dir;  ///< empty: $XDG_STATE_HOME/soundwarden
    Posture posture = Posture::protect;
    bool hold_devices = false; ///< see engine::Settings
};

/// Exit codes of soundwardend (product.md).
enum class ExitCode : int { ok = 0, failed = 1, usage = 2, no_pipewire = 3, name_taken = 4, bad_installation = 5 };

/// The running daemon. Main thread only.
class Daemon {
  public:
    /// Registers its signals: make it before anything that starts a thread.
    Daemon(std::shared_ptr<pipewire_adapter::MainLoop> loop, Options options);
    ~Daemon();

    ExitCode run();

  private:
    bool start_bus(ExitCode &code);
    void tell(engine::Event event);
    void step(const engine::Event &event);
    void carry_out(const engine::Effect &effect);
    void publish();
    std::optional<dbus::Service::Refused> wish(const OutputId &output, engine::Event event);

    Options options_;
    std::shared_ptr<pipewire_adapter::MainLoop> main_loop_;
    loop::Loop &loop_;
    std::vector<std::unique_ptr<loop::Source>> signals_;
    engine::Engine engine_;
    std::unique_ptr<host::Store> store_;
    std::unique_ptr<host::PcmUse> pcm_use_;
    std::unique_ptr<loop::Timer> deadline_;
    pipewire_adapter::Adapter pipewire_;
    dbus::Service bus_;
    std::deque<engine::Event> queue_;
    bool stepping_ = false;
    std::string told_trouble_; // of the store
    std::string release_failure_; // of the release under way
    std::uint64_t published_ = 0;
};

} // namespace soundwarden
