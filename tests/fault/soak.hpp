// SPDX-License-Identifier: MIT
// A long time of everything at once: streams, plugs, policy files, overrides, clients of the bus and faults, at random by a seed, with the
// samples at the sink judged throughout.
//
// First a storm: faults that may end the daemon are among what happens. Then a calm, the longer part, begun by a new daemon that has to
// live to its end: nothing in it may end the daemon. Then rest: nothing plays. Memory and descriptors are judged in the calm.
#pragma once

#include "figures.hpp"
#include "rig.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace soundwarden::fault {

inline constexpr std::int64_t second_ns = 1'000'000'000;

class Soak {
  public:
    Soak(std::uint64_t seed, double minutes);
    /// Throws std::runtime_error where the bench itself does not work.
    Figures run();

  private:
    struct Action {
        const char *name;
        unsigned weight;
        bool storm_only; ///< it may end the daemon, or the sound for seconds
        void (Soak::*happen)();
    };
    static const Action actions[];

    void part(double seconds, bool storm);
    void rest();
    void watch();  ///< everything goes on: what is judged, sampled and awaited
    void wait(bench::milliseconds time);
    void violate(const std::string &what);
    void sample();
    std::size_t descriptors();
    void check_sound();
    std::string state(); ///< who is linked to whom, and what the daemon says
    void check_ends();
    void expect_sound_after(const char *fault);
    void expect_answer();
    void follow_edge();

    // The ceiling in force.
    void loosen(double ceiling_db); ///< from now on at most so much
    void tighten();                 ///< as soon as the guard tells that it is in force, to what policy and override give
    void follow_ceiling();
    std::optional<double> published_ceiling_db() const;

    // What happens.
    void plug();
    void volume();
    void policy();
    void overriding();
    void client();
    void watcher();
    void stream();
    void reload();
    void nodes();
    void clock();
    void stopped();
    void priority();
    void interrupted();
    void bus();
    void killed();
    void terminated();
    void failing_calls();
    void half_closed();
    void nonsense();
    void memory();
    void device();
    void server();

    double minutes_;
    Rig rig_;
    Figures figures_;
    std::int64_t begin_ns_ = 0;
    bool storm_ = false;
    std::int64_t provoked_until_ns_ = 0; ///< until then an end of the daemon's is what was done to it
    std::int64_t quiet_until_ns_ = 0;    ///< until then silence is what was done
    std::size_t ends_seen_ = 0;
    pid_t sampled_ = 0;
    std::int64_t next_sample_ns_ = 0;
    std::int64_t calm_from_ns_ = 0;
    double cap_db_;
    double bound_db_;
    std::optional<double> override_db_;
    std::int64_t override_until_ns_ = 0;
    std::optional<std::int64_t> tighten_since_ns_;
    std::size_t policy_mark_ = 0;
    pid_t policy_process_ = 0;
    bool policy_read_ = true;
    std::int64_t policy_written_ns_ = 0;
    std::optional<std::int64_t> unmet_since_ns_; ///< what was asked for last that has come into force came before that
    unsigned policies_ = 0;
    bool plugged_ = false;
    struct Edge {
        std::int64_t t_ns = 0;
        std::size_t mark = 0;
        pid_t process = 0;
        std::string pattern;
    };
    std::optional<Edge> edge_;
    std::vector<std::unique_ptr<bench::Source>> streams_;
    std::vector<std::pair<std::int64_t, std::unique_ptr<bench::Process>>> watchers_;
    std::deque<std::string> newest_; ///< what has happened last
};

} // namespace soundwarden::fault
