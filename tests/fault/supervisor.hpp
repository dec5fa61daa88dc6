// SPDX-License-Identifier: MIT
// What the service manager is to the daemon, by the unit's rules: starts it anew 100 ms after each end, but for those ends after which
// the unit does not, and ends one that does not feed its watchdog.
#pragma once

#include "bench/session.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace soundwarden::fault {

class Supervisor {
  public:
    struct Options {
        bench::Process::Environment environment{};
        std::vector<std::string> arguments{};
        double watchdog_s = 5.0;
    };
    /// One end of the daemon.
    struct End {
        bench::ExitStatus status{};
        bool ordered = false;     ///< this process sent a signal that ends it
        bool by_watchdog = false;
        std::string last_words{}; ///< the newest lines of its output
    };

    /// Starts it. Main thread only, as all of this.
    Supervisor(const bench::Session &session, std::string program, Options options);
    ~Supervisor();
    Supervisor(const Supervisor &) = delete;
    Supervisor &operator=(const Supervisor &) = delete;

    /// Takes in what has happened, and does what a service manager does then. To be called again and again.
    void look();
    /// look() until `condition` holds. False: the (scaled) time is over.
    bool wait_until(const std::function<bool()> &condition, bench::milliseconds timeout = bench::milliseconds{20'000});
    void wait(bench::milliseconds time);

    /// A signal that ends the daemon: SIGKILL, SIGTERM.
    void end(int signal);
    void signal(int number);
    /// SIGTERM, and no new start.
    bench::ExitStatus stop();

    bench::Process &process() const { return *process_; }
    pid_t pid() const { return process_->pid(); }
    bool ready() const { return ready_; } ///< this one has said READY=1
    bool given_up() const { return given_up_; } ///< it ended in a way after which the unit does not start it
    std::uint64_t fed() const { return fed_; } ///< how often it has fed its watchdog
    const std::vector<End> &ends() const { return ends_; }
    std::string text() const; ///< of all ends, and what the one that runs has said

  private:
    void start();
    void hear();
    void ended();

    const bench::Session &session_;
    std::string program_;
    Options options_;
    int notify_ = -1;
    std::unique_ptr<bench::Process> process_;
    std::vector<End> ends_;
    bool ready_ = false, ordered_ = false, by_watchdog_ = false, given_up_ = false, down_ = false, stopped_ = false;
    std::int64_t fed_ns_ = 0;  ///< when it was last heard of
    std::int64_t ended_ns_ = 0;
    std::uint64_t fed_ = 0;
};

} // namespace soundwarden::fault
