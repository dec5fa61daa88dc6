// SPDX-License-Identifier: MIT
// What a soak has measured, and whether the promises were kept.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <sys/types.h>
#include <vector>

namespace soundwarden::fault {

/// Of one life of the daemon, once a second.
struct Sampled {
    double at_s = 0.0;
    std::uint64_t resident_kib = 0;
};

struct Figures {
    std::uint64_t seed = 0;
    double minutes = 0.0;
    std::map<std::string, unsigned> done; ///< what, how often
    std::uint64_t frames = 0;
    std::uint64_t above = 0;
    std::uint64_t overflows = 0;
    unsigned ordered_ends = 0;     ///< signals that this program sent
    unsigned provoked_ends = 0;    ///< during or right after faults that may end it
    unsigned unprovoked_ends = 0;
    std::uint64_t failed_calls = 0;
    std::vector<Sampled> calm;          ///< of the daemon that lived through it
    std::uint64_t calm_wake_ups = 0;
    double calm_s = 0.0;
    std::size_t descriptors_before = 0; ///< after the warm-up, while nobody asks and no stream but one plays
    std::size_t descriptors_after = 0;  ///< the same at the end of the calm
    std::uint64_t calm_gaps = 0;        ///< cycles without data
    std::uint64_t calm_cycles = 0;
    std::vector<double> decided_ms;     ///< from the jack's flip to the decision
    std::vector<double> heard_ms;       ///< from the end of a fault to sound
    std::int64_t rest_wake_ups = -1;    ///< beside the watchdog's; −1: not looked at
    double rest_s = 0.0;
    std::vector<std::string> violations;

    /// The first third of the calm, ten minutes at most.
    double warm_up_s() const;
    /// KiB a minute: the least-squares line through the least of each minute behind the warm-up (a policy file that is read takes half a
    /// mebibyte for a moment). 0 where there are less than two.
    double resident_slope() const;
    /// The least in each tenth of the calm, KiB, with spaces between.
    std::string resident_tenths() const;
    /// How much longer than at the end of the warm-up the calm took, minutes.
    double slope_minutes() const;
    /// Whether the slope means anything: below twenty minutes it is what pages and an allocator let show (docs/reliability.md).
    bool slope_counts() const;
    long descriptors_grown() const { return static_cast<long>(descriptors_after) - static_cast<long>(descriptors_before); }

    /// Adds what the figures break to `violations`.
    void judge();
    bool kept() const { return violations.empty(); }
    /// A table in Markdown, and the violations.
    std::string text() const;
};

} // namespace soundwarden::fault
