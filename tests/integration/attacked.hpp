// SPDX-License-Identifier: MIT
// A tone far above full scale that presses into a guarded sink, what is done to its guard, and what came through.
#pragma once

#include "guarded.hpp"

#include "bench/clock.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <sys/types.h>

namespace soundwarden::integration {

inline constexpr unsigned attack_rate_hz = 48000;
/// So loud that whatever gain the guard has, the sink is at the ceiling in force.
inline constexpr double pressing_db = 100.0;

/// What the sink may get with headphones in it. Amplitude.
inline float headphone_ceiling() { return amplitude_toward_zero(headphone_cap); }

/// A socket that is limited, and what it may get while settling and then (product.md, the matrix). Amplitudes.
struct Socket {
    std::string preset;
    std::string jack; ///< to be plugged in first; empty: none
    float ceiling = 0.0F;
    float settling = 0.0F;
};
inline Socket laptop_headphones() { return {"laptop", "headphones", headphone_ceiling(), amplitude_toward_zero(settling_ceiling)}; }
/// Two channels, unknown load: −10 dB; while settling headphones at 2 V are plausible. Limited with nothing plugged in.
inline Socket desktop_line_out() { return {"desktop", "", amplitude_toward_zero({-10.0}), amplitude_toward_zero({-12.5})}; }

enum class Protection {
    full,    ///< the daemon and the part in WirePlumber
    no_part, ///< the daemon alone, and nothing inside the sink
    none,    ///< neither: the control of most attacks
};

/// A limited socket, the user's volume at 100 %, and the tone at the ceiling (without a daemon: above it).
struct Attacked {
    explicit Attacked(unsigned quantum = 256, Protection protection = Protection::full, const Socket &socket = laptop_headphones());

    bool protected_by_daemon() const { return guarded.daemon != nullptr; }
    /// Ends the daemon as a crash would; when. Without one nothing is done.
    std::int64_t crash();
    /// Signal to the daemon; nothing is done without one.
    void signal(int number);
    /// Starts a daemon again; nothing is done where there never was one.
    void start_daemon();
    /// A new tone in the place of one whose server has gone. `target` as in SourceOptions.
    void press_again(const std::string &target = {});

    /// WirePlumber goes and comes back. On a machine the cards are its own: they go with it, and come back with it.
    void restart_wireplumber();

    /// Samples above the socket's ceiling from `from` on.
    std::uint64_t above(bench::Recording::Frame from) const;
    bench::Recording::Frame frames() const;
    /// From `since` (ns, CLOCK_MONOTONIC) to the first cycle behind frame `from` within 1 dB of the settling ceiling, ms;
    /// infinity: never.
    double heard_after_ms(std::int64_t since, bench::Recording::Frame from) const;
    /// The same from the start of a new daemon on, which it starts.
    double back_after_ms();

    Guarded guarded;
    std::unique_ptr<bench::Source> source;

  private:
    Protection protection_;
    Socket socket_;
};

/// One line of the table that is printed when all tests have run.
struct AttackResult {
    std::string attack;
    std::uint64_t control = 0; ///< samples above without the layer under test
    std::uint64_t above = 0;   ///< with it
    double back_ms = 0.0;      ///< until the tone was back through the guard
};
void add_result(const AttackResult &result);

/// One thread of a child of this process, standing still while this object lives. Throws std::runtime_error.
class PausedThread {
  public:
    PausedThread(pid_t process, pid_t thread);
    ~PausedThread();
    PausedThread(const PausedThread &) = delete;
    PausedThread &operator=(const PausedThread &) = delete;

  private:
    pid_t thread_;
};

/// PipeWire's real-time thread in `process`. Throws std::runtime_error.
pid_t data_thread(pid_t process);

} // namespace soundwarden::integration
