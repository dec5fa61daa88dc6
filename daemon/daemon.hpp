// SPDX-License-Identifier: MIT
// Wires the engine to its adapters. Decides nothing: events go in, effects come out, each to whom it concerns.
#pragma once

#include "dbus/service.hpp"
#include "dose_watch.hpp"
#include "engine/checks.hpp"
#include "engine/engine.hpp"
#include "host/file_watch.hpp"
#include "host/pcm_use.hpp"
#include "host/pulseaudio.hpp"
#include "host/starts.hpp"
#include "host/store.hpp"
#include "host/trace_file.hpp"
#include "host/watchdog.hpp"
#include "policy/policy_set.hpp"
#include "pipewire_adapter/adapter.hpp"
#include "sense/sense.hpp"
#include "trace/recorder.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden {

struct Options {
    std::string policy_dir; ///< instead of the machine's layers, whose locked rules bind all the same; empty: those
    std::string state_dir;  ///< empty: $XDG_STATE_HOME/soundwarden
    std::string trace;      ///< file for what the engine is told and answers; empty: none
    bool system = false;    ///< on the system bus, for a PipeWire that all users of the machine share
    std::string kernel_root; ///< sys, proc and dev are below it; empty: the machine's own
    engine::Settings engine;
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
    ExitCode serve();
    bool wait_after_crashes(host::Starts &starts);
    bool start_bus(ExitCode &code);
    void hear(engine::Event event);
    /// Out of memory in the middle of a step means that what the engine knows and what was done differ: then the process ends, and a new
    /// one begins with what is there. The limits hold without it.
    void tell(engine::Event event) noexcept;
    void step(const engine::Event &event);
    void start_trace();
    void record(const engine::Event &event, Time now, const engine::Effects &effects);
    void carry_out(const engine::Effect &effect);
    bool remember(const engine::Effect &effect);
    void publish();
    /// Reads the policy files; what is wrong with them, for people.
    std::string read_policy();
    void follow_settings();
    std::optional<dbus::Service::Refused> wish(engine::Refusal refusal, engine::Event event);
    std::optional<dbus::Service::Refused> override_for(const engine::OverrideWish &said);
    std::optional<dbus::Service::Refused> saved(std::optional<dbus::Service::Refused> refused);
    engine::Machine machine() const;
    std::vector<dbus::LogLine> read_log(const dbus::LogQuestion &question);
    void say(const engine::Report &report);
    void keep(const engine::Report &report);
    void flush_log();
    /// Tells the engine where the store has got into trouble or out of it.
    void look_at_store();

    Options options_;
    std::shared_ptr<pipewire_adapter::MainLoop> main_loop_;
    loop::Loop &loop_;
    std::vector<std::unique_ptr<loop::Source>> signals_;
    engine::Engine engine_;
    std::unique_ptr<host::Store> store_;
    std::unique_ptr<host::PcmUse> pcm_use_;
    std::unique_ptr<host::PulseAudioWatch> pulseaudio_;
    std::unique_ptr<host::Watchdog> watchdog_;
    std::unique_ptr<loop::Timer> deadline_;
    std::unique_ptr<loop::Timer> log_timer_;
    std::unique_ptr<loop::Source> publishing_;
    sense::Sense sense_;
    DoseWatch dose_;
    pipewire_adapter::Adapter pipewire_;
    dbus::Service bus_;
    std::deque<engine::Event> queue_;
    bool stepping_ = false;
    std::map<std::string, std::string> told_; // of the store: sentences by token
    bool flush_due_ = false; // log_timer_ is armed
    std::optional<trace::Recorder> recorder_;
    std::optional<host::TraceFile> trace_;
    std::string told_trace_trouble_;
    std::string release_failure_; // of the release under way
    std::uint64_t published_ = 0;
    std::string told_status_; // to the service manager
    std::unique_ptr<host::FileWatch> policy_watch_;
    dbus::PolicyWords policy_words_;
    std::shared_ptr<const policy::PolicySet> policy_; // in force
    std::vector<policy::SourceText> policy_texts_;    // as they were read last
    std::string policy_trouble_;                      // what was wrong with them
};

} // namespace soundwarden
