// SPDX-License-Identifier: MIT
// A private audio session for one test (tools/session): own runtime directory, dbus-daemon, PipeWire and WirePlumber.
#pragma once

#include "bench/process.hpp"

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

namespace soundwarden::bench {

struct SessionOptions {
    unsigned quantum = 0;          ///< frames of every cycle; 0: the stock configuration decides
    unsigned rate = 0;             ///< graph rate; 0: the stock configuration (48000)
    std::vector<unsigned> rates{}; ///< what the graph may switch to; empty: only `rate` where that is given
    bool policy = true;            ///< with the project's WirePlumber part, where there is one
};

enum class Server { dbus, pipewire, wireplumber };

class Session {
  public:
    /// Returns when PipeWire answers and WirePlumber is up. Throws std::runtime_error with the servers' logs.
    explicit Session(const SessionOptions &options = {});
    /// Ends the servers and removes the directory (kept with SOUNDWARDEN_KEEP=1; the path is printed then). Everything
    /// also ends, and the directory goes, when the test process is killed.
    ~Session();
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    const std::filesystem::path &dir() const { return dir_; }
    std::filesystem::path runtime_dir() const { return dir_ / "run"; }
    std::filesystem::path state_dir() const { return dir_ / "state"; }
    std::filesystem::path config_dir() const { return dir_ / "config"; }
    /// PipeWire's socket, absolute: for PW_KEY_REMOTE_NAME, so that one process can be in several sessions.
    std::string remote() const { return runtime_dir() / "pipewire-0"; }
    std::string bus_address() const { return "unix:path=" + (runtime_dir() / "bus").string(); }

    /// What a process of this session needs, complete: this process's environment without anything of its own desktop.
    const Process::Environment &environment() const { return environment_; }

    /// Current, also after restart().
    pid_t pid(Server server) const;
    void kill(Server server, int signal) const;
    /// Ends it if it still runs, starts it anew and waits until the session is up. With PipeWire WirePlumber restarts
    /// too; with the bus nothing else does. Throws std::runtime_error.
    void restart(Server server);
    /// Ends the session before its time. Clients see PipeWire and the bus go.
    void end();

    /// Starts `argv` in this session; `extra` is added to the environment, an empty value removes the variable.
    std::unique_ptr<Process> spawn(std::vector<std::string> argv, const Process::Environment &extra = {}) const;

    /// The servers' logs, for messages of failed assertions.
    std::string logs() const;

  private:
    std::filesystem::path dir_;
    std::unique_ptr<Process> runner_;
    Process::Environment environment_;
};

/// Where the tools are: in the build tree, or below SOUNDWARDEN_BENCH_DIR where that is set.
std::string simcard_program();
std::string source_program();
std::string jackclient_program();
std::string session_program();

} // namespace soundwarden::bench
