// SPDX-License-Identifier: MIT
// A private session with a simulated card whose sink is judged while it plays, a tone above every ceiling, the daemon under a service
// manager's rules and the injector, and the things that people and programs do to it meanwhile.
#pragma once

#include "injection.hpp"
#include "judge.hpp"
#include "outside.hpp"
#include "supervisor.hpp"

#include "bench/graph_probe.hpp"
#include "bench/programs.hpp"
#include "bench/session.hpp"

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace soundwarden::fault {

class Rig {
  public:
    struct Options {
        std::uint64_t seed = 1;
        bool with_daemon = true; ///< without it: what a machine without Soundwarden does
        unsigned quantum = 256;
        double watchdog_s = 5.0; ///< the unit's is 30
    };
    explicit Rig(const Options &options);

    /// The daemon runs and what is heard is limited: at the ceiling, or (without a daemon) above it. Throws std::runtime_error.
    void wait_pressing();
    /// What happens goes on being taken in.
    void look();
    bool wait_until(const std::function<bool()> &condition, bench::milliseconds timeout = bench::milliseconds{20'000});
    void wait(bench::milliseconds time);
    /// Whether there is sound, and for half a second; waits for it. `heard_ms`: since the call.
    bool comes_back(double *heard_ms = nullptr, bench::milliseconds timeout = bench::milliseconds{40'000});

    /// One of the things that people and programs do: plugs, volumes, policy files, the command, signals. What.
    std::string something();
    std::int64_t plug(bool in); ///< when the jack moved
    void press(double volume);   ///< the guard's volume; nothing where there is no guard
    void write_policy(const std::string &text);
    /// The command with these arguments; not waited for.
    void command(std::vector<std::string> arguments);
    /// A player and the graph's probe that are connected, also where PipeWire has been away.
    void reconnect();
    /// Cards in the kernel's directories, whose nodes come and go.
    void device_node(unsigned number, bool there);

    /// `soundwarden status` gets its answer.
    bool answers();
    /// What it does not act on any more: plugs both ways, a policy file that lowers the cap, as heard at the sink, a question on the bus.
    /// Empty: on nothing. The built-in rules hold afterwards.
    std::string deaf_to();

    /// A new service manager, in the place of one that has given up.
    void supervise();
    std::string report() const;
    /// Ends of the daemon by a signal that no failing call excuses: SIGSEGV, SIGBUS, SIGILL, SIGFPE.
    std::string crashes() const;

    bench::Session session;
    bench::SimCard card;
    Judge judge;
    Injection injection;
    std::unique_ptr<bench::GraphProbe> probe;
    std::unique_ptr<Supervisor> daemon;
    std::unique_ptr<bench::Source> source;
    std::mt19937 random;

    /// What the built-in rules give on a desktop card: −9.4 dB for headphones, −10 dB for the line output. The higher one counts, as the
    /// plug moves to and fro.
    static float ceiling();

  private:
    double watchdog_s_;
    std::string guard_name() const { return "soundwarden." + card.sink(); }
    std::vector<std::unique_ptr<bench::Process>> commands_;
    unsigned policies_ = 0;
    bool plugged_ = false;
};

/// From the environment: the programs, and whether the long forms are asked for.
std::string program(const char *variable);
bool nightly();

} // namespace soundwarden::fault
