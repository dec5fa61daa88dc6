// SPDX-License-Identifier: MIT
// The cue of the first limit, as it arrives at the sink: once, two soft tones, under the ceiling.
#include "guarded.hpp"

#include "bench/clock.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <optional>
#include <thread>

namespace soundwarden::integration {
namespace {

using bench::Recording;
using bench::Source;
using std::chrono::milliseconds;

constexpr unsigned rate = 48000;
constexpr double silent_db = -120.0; // the guard goes on running
constexpr float inaudible = 1e-5F;
constexpr float cue_peak = 0.0316228F; // −30 dB, before the guard

/// Of a tone at `hz` in these frames, amplitude.
double amplitude_of(double hz, const std::vector<float> &samples) {
    double cosine = 0.0;
    double sine = 0.0;
    for (std::size_t n = 0; n < samples.size(); ++n) {
        const double angle = 2.0 * std::numbers::pi * hz * static_cast<double>(n) / rate;
        cosine += static_cast<double>(samples[n]) * std::cos(angle);
        sine += static_cast<double>(samples[n]) * std::sin(angle);
    }
    return 2.0 * std::hypot(cosine, sine) / static_cast<double>(samples.size());
}

/// Headphones plugged in, the slider at 100 %, settled at the cap.
struct Loud {
    explicit Loud(const std::string &settings = {}, double volume = 1.0)
        : session({.quantum = 256, .rate = rate}), card(session, {.preset = "laptop"}), probe(session) {
        const auto directory = session.config_dir() / "soundwarden" / "policy.d";
        std::filesystem::create_directories(directory);
        if (!settings.empty()) std::ofstream(directory / "60-test.toml") << "schema = 1\n[settings]\n" << settings;
        daemon = std::make_unique<Daemon>(session);
        daemon->wait_report("decision:");
        const auto mark = daemon->mark();
        card.jack("headphones", true);
        daemon->wait_report("decision: Headphones", mark);
        probe.set_node_props(probe.wait_node("soundwarden." + card.sink()).id, {.channel_volumes = {static_cast<float>(volume), static_cast<float>(volume)}});
        // At 6 dB/s up to the cap.
        source.emplace(session, bench::SourceOptions{.signal = {"tone", "997", "0"}, .level_db = -40.0});
        source->wait_streaming();
        const bool open = bench::poll_until([&] {
            const Recording recording = card.recording();
            const auto frames = recording.frames();
            return frames > rate && recording.peak(frames - rate / 10) > 0.99F * static_cast<float>(volume * amplitude(headphone_cap - Decibels{40.0}));
        });
        if (!open) throw std::runtime_error("the cap is not reached\n" + daemon->process().output());
        source->level(silent_db);
    }
    /// Louder than the cap for a moment; the frame from which on only the cue can be heard.
    Recording::Frame burst() {
        source->level(12.0);
        std::this_thread::sleep_for(milliseconds{120});
        source->level(silent_db);
        std::this_thread::sleep_for(milliseconds{2500}); // the meters are looked at once a second
        const Recording recording = card.recording();
        EXPECT_GT(recording.peak(loud_from), 0.9F * static_cast<float>(amplitude(headphone_cap))) << "the burst was heard";
        auto after = loud_from;
        while (const auto loud = recording.first_above(0.5F * static_cast<float>(amplitude(headphone_cap)), after)) after = *loud + 1;
        loud_from = recording.frames();
        return after + rate / 1000; // the tone ends below that
    }
    std::size_t told() const {
        std::size_t count = 0;
        const std::string said = daemon->process().output();
        for (auto at = said.find("limit: Headphones"); at != std::string::npos; at = said.find("limit: Headphones", at + 1)) ++count;
        return count;
    }

    bench::Session session;
    bench::SimCard card;
    bench::GraphProbe probe;
    std::unique_ptr<Daemon> daemon;
    std::optional<Source> source;
    Recording::Frame loud_from = 0;
};

struct CueAt : testing::TestWithParam<double> {};

TEST_P(CueAt, tells_of_the_first_limit_once_as_loud_as_the_volume_has_it) {
    const double volume = GetParam();
    Loud loud({}, volume);
    const auto after = loud.burst();
    const Recording recording = loud.card.recording();
    EXPECT_EQ(loud.told(), 1U) << loud.daemon->process().output();
    const auto tail = recording.channel(0, after);
    ASSERT_GT(tail.size(), rate / 2U);
    const double expected = static_cast<double>(cue_peak) * volume * amplitude(headphone_cap);
    EXPECT_LE(recording.peak(after), expected * 1.01) << "it passes the gain and the limiter like everything";
    EXPECT_GE(recording.peak(after), expected * 0.98);
    // Both tones are there, as long and as loud as they were made: in the best tenth of a second.
    double low = 0.0;
    double high = 0.0;
    for (std::size_t begin = 0; begin + rate / 10 <= tail.size(); begin += rate / 100) {
        const std::vector<float> part(tail.begin() + static_cast<std::ptrdiff_t>(begin), tail.begin() + static_cast<std::ptrdiff_t>(begin + rate / 10));
        low = std::max(low, amplitude_of(660.0, part));
        high = std::max(high, amplitude_of(880.0, part));
    }
    for (const double tone : {low, high}) {
        EXPECT_GE(tone / expected, 0.85);
        EXPECT_LE(tone / expected, 1.05);
    }
    EXPECT_LE(recording.peak(), static_cast<float>(amplitude(headphone_cap)) * 1.0001F);
    // Never again.
    const auto again = loud.burst();
    EXPECT_LT(loud.card.recording().peak(again + rate / 100), inaudible);
    EXPECT_EQ(loud.told(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Volumes, CueAt, testing::Values(1.0, 0.5), [](const auto &volume) { return volume.param < 1.0 ? "half" : "full"; });

// What was limited is over before the meters are looked at: the cue would tell the next sound's listener of another one.
TEST(Cue, is_left_out_where_nothing_plays_any_more) {
    Loud loud;
    const auto mark = loud.daemon->mark();
    loud.source->level(12.0);
    const bool limited = bench::poll_until([&] { return loud.card.recording().peak(loud.loud_from) > 0.9F * static_cast<float>(amplitude(headphone_cap)); });
    ASSERT_TRUE(limited) << loud.daemon->process().output();
    loud.source.reset();
    loud.daemon->wait_report("limit: Headphones", mark);
    ASSERT_TRUE(loud.probe.wait_until([&](const bench::Graph &graph) {
        const auto *guard = graph.node("soundwarden." + loud.card.sink());
        return guard != nullptr && guard->state != "running";
    })) << "the guard has not come to rest";
    const auto silent_from = loud.card.recording().frames();
    loud.source.emplace(loud.session, bench::SourceOptions{.signal = {"tone", "997", "0"}, .level_db = silent_db});
    loud.source->wait_streaming();
    loud.card.wait_frames(rate);
    EXPECT_LT(loud.card.recording().peak(silent_from), inaudible);
}

TEST(Cue, is_none_where_the_policy_says_so) {
    Loud loud("cue = false\n");
    const auto after = loud.burst();
    EXPECT_EQ(loud.told(), 1U) << "it is told all the same";
    EXPECT_LT(loud.card.recording().peak(after + rate / 100), inaudible);
}

} // namespace
} // namespace soundwarden::integration
