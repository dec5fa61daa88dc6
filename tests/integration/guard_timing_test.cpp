// SPDX-License-Identifier: MIT
// How long the sink stays loud after a plug went in. Run by itself: a figure taken beside other tests is theirs too.
#include "guarded.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>

namespace soundwarden::integration {
namespace {

using bench::Recording;
using bench::Source;

constexpr unsigned quantum = 256;
constexpr unsigned rate = 48000;
constexpr double quantum_ms = 1000.0 * quantum / rate;
constexpr double promised_ms = 10.0 + quantum_ms; // on an idle machine
constexpr double latest_ms = 50.0 + quantum_ms;   // judged with a wide margin: machines are loaded
// A flip takes three seconds, nearly all of them the rise that comes before it.
const int flips = nightly() ? 100 : 40;

/// From each flip to the first frame from which on nothing is above the settling ceiling, in ms, shortest first.
std::vector<double> reactions_ms() {
    Guarded guarded({}, {.quantum = quantum, .rate = rate});
    guarded.set_user_volume(1.0);
    // So loud that whatever gain is left after many edges, the sink is always at the ceiling in force.
    Source source(guarded.session, {.signal = {"tone", "997", "0"}, .level_db = 100});
    source.wait_streaming();
    std::vector<double> reactions;
    const float limit = amplitude_toward_zero(settling_ceiling);
    for (int flip = 0; flip < flips; ++flip) {
        // Something has to be above the settling ceiling before: the rise after the last decision brings it there.
        guarded.wait_level(static_cast<double>(limit) * 1.02);
        const auto mark = guarded.daemon->mark();
        const auto edge = guarded.card.jack("headphones", true);
        const auto settled = guarded.daemon->wait_report("decision: Headphones", mark);
        const Recording recording = guarded.card.recording();
        const auto last = recording.frame_at(settled) - Recording::Frame{2 * quantum};
        const auto quiet = quiet_from(recording, limit, recording.frame_at(edge), last);
        reactions.push_back(static_cast<double>(recording.t_ns_of(quiet) - edge) * 1e-6);
        guarded.plug(false);
    }
    std::sort(reactions.begin(), reactions.end());
    return reactions;
}

// The distribution is what counts, the bound only catches what is broken. The second-longest is judged, and two
// stalls of a shared machine are enough to spoil that: such a run is made again. What the daemon itself does late, it
// does in each run.
TEST(EdgeTiming, from_the_flip_to_the_first_clamped_sample) {
    constexpr int most_runs = 3;
    double p99 = 0;
    for (int run = 0; run < most_runs && (run == 0 || p99 > latest_ms); ++run) {
        const auto reactions = reactions_ms();
        const auto at = [&](double part) { return reactions[static_cast<std::size_t>(part * (flips - 1))]; };
        std::printf("flip to first clamped sample, %d flips, quantum %u at %u Hz (%.1f ms): min %.1f, median %.1f, p90 %.1f, "
                    "p99 %.1f, max %.1f ms (promised on an idle machine: p99 <= %.1f ms)\n",
                    flips, quantum, rate, quantum_ms, at(0), at(0.5), at(0.9), at(0.99), at(1.0), promised_ms);
        // No stall moves the median that far.
        ASSERT_LE(at(0.5), latest_ms);
        p99 = at(0.99);
    }
    RecordProperty("p99_ms", std::to_string(p99));
    RecordProperty("promised_ms", std::to_string(promised_ms));
    EXPECT_LE(p99, latest_ms);
}

} // namespace
} // namespace soundwarden::integration
