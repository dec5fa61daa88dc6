// SPDX-License-Identifier: MIT
// What happens at the sink when a plug goes in or out.
#include "guarded.hpp"

#include "bench/clock.hpp"
#include "bench/recording.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace soundwarden::integration {
namespace {

using bench::Recording;
using bench::Source;

constexpr std::int64_t millisecond = 1'000'000;

// Reaction judged with a wide margin (machines are loaded); the figures themselves are printed.
constexpr std::int64_t latest_reaction_ns = 50 * millisecond;
constexpr unsigned quantum = 256;
constexpr unsigned rate = 48000;
constexpr std::int64_t quantum_ns = 1'000'000'000LL * quantum / rate;

float last_peak(const Recording &recording, std::int64_t until_ns, std::uint64_t frames) {
    const auto end = recording.frame_at(until_ns);
    return recording.peak(end > frames ? end - frames : 0, end);
}

// Compares peaks of 10 ms blocks: none is louder than the ramp allows from the loudest block before the rise began.
void expect_rise_within(const Recording &recording, Recording::Frame from, Recording::Frame to, double start, double db_per_s) {
    for (auto at = from; at + 480 <= to; at += 480) {
        const double seconds = static_cast<double>(at + 480 - from) / rate;
        const double bound = start * std::pow(10.0, db_per_s * seconds / 20.0);
        ASSERT_LE(static_cast<double>(recording.peak(at, at + 480)), bound * 1.001) << "after " << seconds << " s";
    }
}

TEST(Edge, settling_holds_the_level_down_and_the_rise_keeps_to_its_ramp) {
    Guarded guarded({}, {.quantum = quantum, .rate = rate});
    guarded.set_user_volume(slider(0.8));
    Source source(guarded.session, {.signal = {"tone", "997", "0"}, .level_db = 20});
    source.wait_streaming();
    guarded.wait_level(amplitude(Decibels{-10.0}));
    for (int round = 0; round < 3; ++round) {
        for (const bool in : {true, false}) {
            const auto mark = guarded.daemon->mark();
            const auto edge = guarded.card.jack("headphones", in);
            const auto settled = guarded.daemon->wait_report("decision:", mark);
            guarded.card.wait_frames(rate);
            const Recording recording = guarded.card.recording();
            const float before = last_peak(recording, edge, quantum);
            const float limit = in ? std::min(before, amplitude_toward_zero(settling_ceiling)) : before;
            std::printf("headphones %s: before %.1f dBFS", in ? "in" : "out", decibels(static_cast<double>(before)).value);
            ASSERT_GT(before, 0.0F) << "no sound before the edge";
            const auto from = recording.frame_at(edge);
            const auto end = recording.frame_at(settled - 2 * quantum_ns);
            ASSERT_LT(from, end);
            const auto quiet = quiet_from(recording, limit, from, end);
            const auto reaction = quiet < recording.frames() ? recording.t_ns_of(quiet) - edge : INT64_MAX;
            std::printf(", under the limit %.1f ms after the edge, then at most %.1f dBFS\n", static_cast<double>(reaction) * 1e-6,
                        decibels(static_cast<double>(recording.peak(quiet, end))).value);
            EXPECT_LE(reaction, latest_reaction_ns + quantum_ns) << "headphones " << (in ? "in" : "out");
            EXPECT_GE(end - quiet, static_cast<Recording::Frame>(rate / 10)) << "hardly any settling was heard";
            const auto rise_from = recording.frame_at(settled - 4 * quantum_ns);
            // Of the source's +20 dB a gain of −60 dB is left where a rise begins at the latest.
            const double start = std::max(static_cast<double>(recording.peak(quiet, rise_from)), amplitude(Decibels{20.0 - 60.0}));
            // A certain output that was there a moment ago comes back at 30 dB/s (product.md, "Moments").
            expect_rise_within(recording, rise_from, recording.frames(), start, in ? slow_rise_db_per_s : 30.0);
            if (HasFailure()) FAIL() << guarded.daemon->process().output();
        }
    }
}

TEST(Edge, speakers_and_headphones_never_play_with_the_other_volume) {
    Guarded guarded({}, {.quantum = quantum, .rate = rate});
    guarded.set_user_volume(slider(0.8));
    guarded.plug(true);
    guarded.set_user_volume(slider(0.3));
    Source source(guarded.session, {.signal = {"dc", "1.0"}});
    source.wait_streaming();
    guarded.wait_level(slider(0.3) * amplitude(Decibels{-20.0}));
    const float most_headphones = static_cast<float>(slider(0.3)) * amplitude_toward_zero(headphone_cap) * 1.0001F;
    bool in = true;
    for (int flip = 0; flip < 20; ++flip) {
        in = !in;
        const auto mark = guarded.daemon->mark();
        const auto edge = guarded.card.jack("headphones", in);
        const auto settled = guarded.daemon->wait_report(in ? "decision: Headphones" : "decision: Speaker", mark);
        EXPECT_NEAR(guarded.user_volume(), slider(in ? 0.3 : 0.8), 1e-4) << "flip " << flip;
        guarded.card.wait_frames(rate / 10);
        const Recording recording = guarded.card.recording();
        const auto from = recording.frame_at(edge + latest_reaction_ns) + quantum;
        const auto to = recording.frames();
        const float heard = recording.peak(from, to);
        EXPECT_GT(heard, 0.0F) << "flip " << flip << ": no sound";
        EXPECT_LE(heard, in ? most_headphones : static_cast<float>(slider(0.8)) * 1.0001F) << "flip " << flip;
        const auto before = recording.frame_at(settled - 2 * quantum_ns);
        if (!in) {
            EXPECT_LE(recording.peak(from, before), most_headphones) << "flip " << flip << ": louder while settling";
        }
    }
}

} // namespace
} // namespace soundwarden::integration
