// SPDX-License-Identifier: MIT
// The limiter's modes, its latency and the governor in a running guard: what comes out of the sink, and what the graph is told.
#include "guarded.hpp"

#include "bench/clock.hpp"
#include "bench/recording.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <optional>
#include <string>

namespace soundwarden::integration {
namespace {

using bench::Recording;
using bench::Session;
using bench::SimCard;
using bench::Source;

constexpr unsigned rate = 48000;

struct Mode {
    const char *name;
    std::uint32_t latency_frames; // at 48 kHz: 0.5, 1.5 and 5 ms
};
std::string name_of_mode(const testing::TestParamInfo<Mode> &info) { return info.param.name; }

/// Session, card, a daemon with these options, settled on the headphones.
struct Listening {
    explicit Listening(const std::vector<std::string> &options, const bench::SessionOptions &session_options = {.quantum = 256, .rate = rate})
        : session(session_options), card(session, {.preset = "laptop"}), probe(session), daemon(session, options) {
        daemon.wait_report("decision:");
        card.jack("headphones", true);
        daemon.wait_report("decision: Headphones");
        const auto guard = probe.wait_node("soundwarden." + card.sink());
        probe.set_node_props(guard.id, {.channel_volumes = {1.0F, 1.0F}});
    }
    bool wait_peak(double level) {
        return bench::poll_until([&] {
            const Recording recording = card.recording();
            return recording.frames() > 960 && static_cast<double>(recording.peak(recording.frames() - 960)) >= level;
        });
    }
    /// Highest |sample| of the last tenth of a second.
    double now() {
        const Recording recording = card.recording();
        return static_cast<double>(recording.peak(recording.frames() - rate / 10));
    }

    Session session;
    SimCard card;
    bench::GraphProbe probe;
    Daemon daemon;
};

/// Frames of latency that the graph shows at a node's ports of a direction, towards the sink; the largest.
std::optional<int> latency_at(const nlohmann::json &dump, std::uint32_t node, const std::string &direction) {
    std::optional<int> most;
    for (const auto &object : dump) {
        if (object.value("type", "") != "PipeWire:Interface:Port" || !object.contains("info") || !object["info"].contains("params")) continue;
        const auto &info = object["info"];
        if (info["props"].value("node.id", 0U) != node || info.value("direction", "") != direction) continue;
        if (!info["params"].contains("Latency")) continue;
        for (const auto &latency : info["params"]["Latency"])
            if (latency.value("direction", "") == "Input") most = std::max(most.value_or(0), latency.value("minRate", 0));
    }
    return most;
}

nlohmann::json dump_of(const Session &session) {
    const auto tool = session.spawn({"pw-dump", "-N"});
    tool->wait_exit();
    return nlohmann::json::parse(tool->output(), nullptr, false);
}

class Modes : public testing::TestWithParam<Mode> {};

TEST_P(Modes, delay_by_what_they_tell_the_graph_and_hold_the_ceiling) {
    const Mode mode = GetParam();
    Listening at({"--limiter-mode", mode.name});
    const float ceiling = amplitude_toward_zero(headphone_cap);
    // First a constant, to see the end of the rise; then the counter, of which each sample is known.
    {
        // At the ceiling itself its end would be a true peak above it.
        Source level(at.session, {.signal = {"dc", "0.5"}});
        level.wait_streaming();
        ASSERT_TRUE(at.wait_peak(static_cast<double>(0.5F * ceiling))) << at.now() << " of " << 0.5F * ceiling << at.daemon.process().output();
        level.stop();
        Source flush(at.session, {.signal = {"dc", "0.0"}});
        flush.wait_streaming();
        at.card.wait_frames(rate / 10);
        flush.stop();
    }
    bench::CounterReport report;
    for (int attempt = 0; attempt < 4 && report.wrong == 0 && (attempt == 0 || report.breaks > 0); ++attempt) {
        const auto from = at.card.recording().frames();
        Source source(at.session, {.signal = {"counter"}});
        source.wait_streaming();
        at.card.wait_frames(rate);
        const Recording recording = at.card.recording();
        report = bench::check_counter(recording, ceiling, from);
        source.stop();
    }
    EXPECT_GT(report.counted, 30000U);
    EXPECT_EQ(report.wrong, 0U);
    ASSERT_EQ(report.latencies.size(), 1U);
    EXPECT_EQ(report.latencies.begin()->first, mode.latency_frames);
    RecordProperty("latency_ms", std::to_string(report.latencies.begin()->first * 1000.0 / rate));

    // What the graph is told is what was measured.
    Source loud(at.session, {.signal = {"tone", "997", "0"}, .level_db = 20});
    loud.wait_streaming();
    const auto guard = at.probe.wait_node("soundwarden." + at.card.sink());
    const auto out = at.probe.wait_node("soundwarden." + at.card.sink() + ".out");
    nlohmann::json dump;
    const bool told = bench::poll_until([&] {
        dump = dump_of(at.session);
        const auto before = latency_at(dump, guard.id, "input");
        const auto behind = latency_at(dump, out.id, "output");
        return before && behind && *before - *behind == static_cast<int>(mode.latency_frames);
    });
    RecordProperty("told_ms", std::to_string((latency_at(dump, guard.id, "input").value_or(0) - latency_at(dump, out.id, "output").value_or(0)) * 1000.0 / rate));
    EXPECT_TRUE(told) << latency_at(dump, guard.id, "input").value_or(-1) << " in front, " << latency_at(dump, out.id, "output").value_or(-1) << " behind " << at.daemon.process().output();

    ASSERT_TRUE(at.wait_peak(static_cast<double>(ceiling) * 0.98));
    at.card.wait_frames(rate / 2);
    EXPECT_EQ(at.card.recording().count_above(ceiling), 0U);
}

INSTANTIATE_TEST_SUITE_P(Limiter, Modes, testing::Values(Mode{"guard", 0}, Mode{"low", 24}, Mode{"default", 72}, Mode{"smooth", 240}), name_of_mode);

// 2 V would be 122.5 dB SPL of a full-scale sine; this laptop's 1.4 V are 119.4: 100 dB(A) are 19.4 dB below full scale.
constexpr double governed_dbfs = 100.0 - (116.5 + 2.9226);

// Half of the way by default, all of it nightly: the mean over 30 s takes its time.
TEST(Governor, brings_steady_loudness_to_the_target_at_one_decibel_a_second) {
    Listening at({"--ear-target", "100"});
    const double start = headphone_cap.value - 7.0; // 3 dB above the target
    Source music(at.session, {.signal = {"tone", "997", "-7"}});
    music.wait_streaming();
    ASSERT_TRUE(at.wait_peak(amplitude({start - 0.1}))) << at.daemon.process().output();
    const auto reached = at.card.recording().frames();
    const double goal = nightly() ? governed_dbfs : governed_dbfs + 1.5;
    ASSERT_TRUE(bench::poll_until([&] { return at.now() <= amplitude({goal + 0.1}); }, bench::milliseconds(60'000))) << decibels(at.now()).value;
    const Recording recording = at.card.recording();
    // Never faster than it may, seen over whole seconds.
    for (auto frame = reached; frame + 2 * rate < recording.frames(); frame += rate / 4) {
        const double before = decibels(static_cast<double>(recording.peak(frame, frame + rate / 10))).value;
        const double after = decibels(static_cast<double>(recording.peak(frame + rate, frame + rate + rate / 10))).value;
        EXPECT_GT(after - before, -1.2);
    }
    if (!nightly()) return;
    at.card.wait_frames(30 * rate);
    EXPECT_NEAR(decibels(at.now()).value, governed_dbfs, 0.15);
}

TEST(Governor, control_without_a_target_the_same_sound_stays_where_it_is) {
    Listening at({"--ear-target", "140"});
    Source music(at.session, {.signal = {"tone", "997", "-7"}});
    music.wait_streaming();
    ASSERT_TRUE(at.wait_peak(amplitude({headphone_cap.value - 7.1})));
    at.card.wait_frames(8 * rate);
    EXPECT_NEAR(decibels(at.now()).value, headphone_cap.value - 7.0, 0.05);
}

TEST(Rate, of_the_graph_changes_under_a_guard_that_goes_on) {
    Listening at({"--limiter-mode", "default"}, {.quantum = 256, .rate = rate, .rates = {48000, 96000}});
    const float ceiling = amplitude_toward_zero(headphone_cap);
    {
        Source loud(at.session, {.signal = {"tone", "997", "0"}, .level_db = 20});
        loud.wait_streaming();
        ASSERT_TRUE(at.wait_peak(static_cast<double>(ceiling) * 0.98));
    }
    ASSERT_TRUE(at.probe.set_metadata("settings", 0, "clock.force-rate", "96000"));
    Source loud(at.session, {.signal = {"tone", "997", "0"}, .level_db = 20});
    loud.wait_streaming();
    ASSERT_TRUE(bench::poll_until([&] {
        for (const auto &[clock, cycles] : at.card.recording().clocks())
            if (clock.second == 96000 && cycles > 200) return true;
        return false;
    })) << "the graph stays at its rate";
    // A limiter was built for that rate: 144 frames are its 1.5 ms.
    const auto guard = at.probe.wait_node("soundwarden." + at.card.sink());
    const auto out = at.probe.wait_node("soundwarden." + at.card.sink() + ".out");
    EXPECT_TRUE(bench::poll_until([&] {
        const auto dump = dump_of(at.session);
        return latency_at(dump, guard.id, "input").value_or(-1) - latency_at(dump, out.id, "output").value_or(-1) == 144;
    })) << at.daemon.process().output();
    EXPECT_GE(at.now(), static_cast<double>(ceiling) * 0.5);
    EXPECT_EQ(at.card.recording().count_above(ceiling), 0U);
}

} // namespace
} // namespace soundwarden::integration
