// SPDX-License-Identifier: MIT
// What comes out of a guarded sink, sample by sample.
#include "guarded.hpp"

#include "bench/clock.hpp"
#include "bench/recording.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <tuple>

namespace soundwarden::integration {
namespace {

using bench::Recording;
using bench::SimCard;
using bench::Session;
using bench::Source;

struct Format {
    unsigned quantum;
    unsigned rate;
    unsigned channels;
};

std::string name_of_format(const testing::TestParamInfo<Format> &info) {
    return "q" + std::to_string(info.param.quantum) + "_" + std::to_string(info.param.rate) + "Hz_" +
           std::to_string(info.param.channels) + "ch";
}

// Every combination is judged nightly; by default a seeded few that hold each value at least once.
std::vector<Format> formats() {
    std::vector<Format> all;
    for (const unsigned quantum : {64U, 256U, 1024U, 2048U})
        for (const unsigned rate : {44100U, 48000U, 96000U})
            for (const unsigned channels : {1U, 2U, 8U}) all.push_back({quantum, rate, channels});
    if (nightly()) return all;
    return {{64, 48000, 2}, {256, 44100, 1}, {1024, 96000, 8}, {2048, 48000, 2}};
}

bench::SimCardOptions card_of(const Format &format) {
    return {.preset = "laptop", .channels = format.channels, .rate = std::to_string(format.rate)};
}
bench::SessionOptions session_of(const Format &format) { return {.quantum = format.quantum, .rate = format.rate}; }

class Ceiling : public testing::TestWithParam<Format> {};

TEST_P(Ceiling, no_sample_above_it_for_twenty_decibels_over_full_scale) {
    Guarded guarded(card_of(GetParam()), session_of(GetParam()));
    guarded.plug(true);
    const float ceiling = amplitude_toward_zero(headphone_cap);
    guarded.set_user_volume(1.0);
    Source source(guarded.session, {.signal = {"tone", "997", "0"}, .channels = GetParam().channels, .level_db = 20});
    source.wait_streaming();
    guarded.wait_level(static_cast<double>(ceiling) * 0.999); // liveness: the ceiling is reached
    source.level(0.0);
    guarded.set_user_volume(slider(1.5));
    guarded.card.wait_frames(GetParam().rate / 2);
    guarded.wait_level(static_cast<double>(ceiling) * 0.999); // 150 %: at the ceiling again
    const Recording recording = guarded.card.recording();
    RecordProperty("samples_above", std::to_string(recording.count_above(ceiling)));
    EXPECT_EQ(recording.count_above(ceiling), 0U) << "highest " << recording.peak() << "\n" << guarded.daemon->process().output();
    EXPECT_EQ(recording.overflows(), 0U);
    for (const auto &[clock, cycles] : recording.clocks())
        EXPECT_EQ(clock, std::make_pair(GetParam().quantum, GetParam().rate)) << cycles << " cycles";
}

INSTANTIATE_TEST_SUITE_P(Formats, Ceiling, testing::ValuesIn(formats()), name_of_format);

// Control: without the guard the same player is heard far above the ceiling, so the recorder is not blind.
TEST(CeilingControl, without_the_daemon_the_same_sound_is_far_above) {
    Session session({.quantum = 256, .rate = 48000});
    SimCard card(session, {.preset = "laptop"});
    bench::GraphProbe probe(session);
    probe.change_sink_volume(card.sink(), 1.0F);
    Source source(session, {.signal = {"tone", "997", "0"}, .level_db = 20});
    source.wait_streaming();
    card.wait_frames(24000);
    EXPECT_GT(card.recording().peak(), 9.9F);
}

/// The first frame from `from` on that the constant `level`, which a player before left behind, has ended at: its last cycle
/// may be played after its process has gone.
Recording::Frame behind_constant(const Recording &recording, Recording::Frame from, float level) {
    while (from < recording.frames() && recording.at(from, 0) == level) ++from;
    return from;
}

/// For tools/figures.
void record_counted(const bench::CounterReport &report) {
    testing::Test::RecordProperty("samples", std::to_string(report.counted));
    testing::Test::RecordProperty("samples_wrong", std::to_string(report.wrong));
}

// A machine that is too busy misses cycles, with the guard and without: such a run says nothing, and another one is made.
// What only the guard did would be there each time. A sample of a wrong value is nobody's missed cycle: it fails at once.
TEST(BitExact, a_transparent_output_changes_no_sample_and_adds_no_frame) {
    for (const bool with_guard : {false, true}) {
        SCOPED_TRACE(with_guard ? "with the guard" : "without");
        Session session({.quantum = 256, .rate = 48000});
        SimCard card(session, {.preset = "laptop"});
        bench::GraphProbe probe(session);
        std::unique_ptr<Daemon> daemon;
        std::string heard = card.sink();
        if (with_guard) {
            daemon = std::make_unique<Daemon>(session);
            daemon->wait_report("decision: Speaker");
            heard = "soundwarden." + heard;
        }
        const auto node = probe.wait_node(heard);
        if (with_guard) probe.set_node_props(node.id, {.channel_volumes = {1.0F, 1.0F}});
        else probe.change_sink_volume(heard, 1.0F);
        // First a constant, to see the end of the ramp; then the counter, of which each sample is known.
        {
            Source level(session, {.signal = {"dc", "1.0"}});
            level.wait_streaming();
            ASSERT_TRUE(bench::poll_until([&] {
                const Recording recording = card.recording();
                return recording.frames() > 960 && recording.peak(recording.frames() - 960) == 1.0F;
            })) << (daemon ? daemon->process().output() : session.logs());
            level.stop();
        }
        bench::CounterReport report;
        for (int attempt = 0; attempt < 4 && report.wrong == 0 && (attempt == 0 || report.breaks > 0); ++attempt) {
            const auto from = card.recording().frames();
            Source source(session, {.signal = {"counter"}});
            source.wait_streaming();
            card.wait_frames(48000);
            const Recording recording = card.recording();
            report = bench::check_counter(recording, 1.0F, behind_constant(recording, from, 1.0F));
            source.stop();
        }
        if (with_guard) record_counted(report);
        EXPECT_GT(report.counted, 30000U);
        EXPECT_EQ(report.wrong, 0U);
        EXPECT_EQ(report.breaks, 0U);
        ASSERT_EQ(report.latencies.size(), 1U);
        EXPECT_EQ(report.latencies.begin()->first, 0U);
    }
}

TEST(BitExact, a_cap_is_the_sample_times_its_float) {
    Guarded guarded({}, {.quantum = 256, .rate = 48000});
    guarded.plug(true);
    guarded.set_user_volume(1.0);
    const float cap = amplitude_toward_zero(headphone_cap);
    {
        Source level(guarded.session, {.signal = {"dc", "1.0"}});
        level.wait_streaming();
        guarded.wait_level(static_cast<double>(cap));
        level.stop();
    }
    const auto from = guarded.card.recording().frames();
    Source source(guarded.session, {.signal = {"counter"}});
    source.wait_streaming();
    guarded.card.wait_frames(48000);
    const Recording recording = guarded.card.recording();
    const auto report = bench::check_counter(recording, cap, behind_constant(recording, from, cap));
    record_counted(report);
    EXPECT_GT(report.counted, 30000U);
    EXPECT_EQ(report.wrong, 0U);
    EXPECT_EQ(report.breaks, 0U);
}

TEST(BitExact, a_cap_of_zero_decibels_changes_no_sample) {
    Guarded guarded({.preset = "usb-headset"}, {.quantum = 256, .rate = 48000});
    guarded.set_user_volume(1.0);
    {
        Source level(guarded.session, {.signal = {"dc", "1.0"}});
        level.wait_streaming();
        guarded.card.wait_frames(72000); // a volume within a second of the plug is a restored one, and lowered again
        guarded.probe.change_sink_volume(guarded.card.sink(), 1.0F); // the headset's own knob: the user turns it up
        guarded.wait_level(1.0);
        level.stop();
    }
    const auto from = guarded.card.recording().frames();
    Source source(guarded.session, {.signal = {"counter"}});
    source.wait_streaming();
    guarded.card.wait_frames(48000);
    const Recording counted = guarded.card.recording();
    const auto report = bench::check_counter(counted, 1.0F, behind_constant(counted, from, 1.0F));
    record_counted(report);
    EXPECT_GT(report.counted, 30000U);
    EXPECT_EQ(report.wrong, 0U);
    source.stop();
    // …and full scale + 20 dB stays at full scale.
    Source loud(guarded.session, {.signal = {"tone", "997", "0"}, .level_db = 20});
    loud.wait_streaming();
    guarded.card.wait_frames(24000);
    const Recording recording = guarded.card.recording();
    EXPECT_LE(recording.peak(from), 1.0F);
    EXPECT_GE(recording.peak(recording.frames() - 9600), 0.999F);
}

TEST(QuietListening, a_slider_at_thirty_percent_under_minus_ten_is_never_reduced) {
    // A desktop's line-out with an unknown load: −10 dB (product.md, the matrix).
    Guarded guarded({.preset = "desktop"}, {.quantum = 256, .rate = 48000});
    const double cap = static_cast<double>(amplitude_toward_zero(Decibels{-10.0}));
    guarded.set_user_volume(slider(0.3));
    Source source(guarded.session, {.signal = {"dc", "1.0"}}); // no programme is louder than full scale
    source.wait_streaming();
    guarded.wait_level(slider(0.3) * cap * 0.9999);
    guarded.card.wait_frames(48000);
    const Recording recording = guarded.card.recording();
    const auto frames = recording.frames();
    const auto expected = static_cast<float>(slider(0.3)) * amplitude_toward_zero(Decibels{-10.0});
    constexpr Recording::Frame block = 256;
    unsigned blocks = 0;
    unsigned reduced = 0;
    for (auto begin = frames - 90 * block; begin < frames; begin += block, ++blocks) {
        bool as_expected = true;
        for (auto frame = begin; frame < begin + block; ++frame)
            as_expected = as_expected && std::abs(recording.at(frame, 0) - expected) <= 4 * std::numeric_limits<float>::epsilon() * expected;
        reduced += as_expected ? 0 : 1;
    }
    RecordProperty("blocks", std::to_string(blocks));
    RecordProperty("blocks_reduced", std::to_string(reduced));
    EXPECT_EQ(reduced, 0U) << "of " << blocks << " blocks";
}

// With the target that it has by itself, and louder than any programme: noise at full scale. It would begin after three seconds.
TEST(QuietListening, the_governor_leaves_programme_at_thirty_percent_alone) {
    Guarded guarded({.preset = "laptop"}, {.quantum = 256, .rate = 48000}, false);
    guarded.daemon = std::make_unique<Daemon>(guarded.session, std::vector<std::string>{"--ear-target", "80"});
    guarded.daemon->wait_report("decision:");
    guarded.plug(true);
    guarded.set_user_volume(slider(0.3));
    Source source(guarded.session, {.signal = {"noise"}});
    source.wait_streaming();
    const double cap = amplitude(headphone_cap);
    guarded.wait_level(0.99 * slider(0.3) * cap); // the ramp is over
    const auto power = [&] {
        guarded.card.wait_frames(48000);
        const Recording recording = guarded.card.recording();
        double sum = 0.0;
        for (auto frame = recording.frames() - 48000; frame < recording.frames(); ++frame) sum += std::pow(static_cast<double>(recording.at(frame, 0)), 2.0);
        return sum;
    };
    const double first = power();
    for (int second = 0; second < 5; ++second) guarded.card.wait_frames(48000);
    EXPECT_NEAR(10.0 * std::log10(power() / first), 0.0, 0.1) << "dB; noise sways by hundredths";
}

TEST(Resampling, a_sink_at_another_rate_stays_within_three_tenths_of_a_decibel) {
    Guarded guarded({.preset = "laptop", .rate = "44100"}, {.quantum = 256, .rate = 48000});
    guarded.plug(true);
    guarded.set_user_volume(1.0);
    const double ceiling = amplitude(headphone_cap);
    Source source(guarded.session, {.signal = {"tone", "997", "0"}, .level_db = 20});
    source.wait_streaming();
    guarded.wait_level(ceiling * amplitude(Decibels{-4.7})); // limited to 4.5 dB below
    guarded.card.wait_frames(44100);
    const Recording recording = guarded.card.recording();
    const float most = recording.peak();
    RecordProperty("over_ceiling_db", std::to_string(decibels(static_cast<double>(most) / ceiling).value));
    EXPECT_LE(static_cast<double>(most), ceiling * amplitude(Decibels{0.3})) << "dB over: " << decibels(static_cast<double>(most) / ceiling).value;
}

TEST(Channels, stereo_into_five_point_one_stays_under_the_ceiling_on_every_channel) {
    Guarded guarded({.preset = "laptop", .channels = 6}, {.quantum = 256, .rate = 48000});
    guarded.plug(true);
    guarded.set_user_volume(1.0);
    const float ceiling = amplitude_toward_zero(headphone_cap);
    Source source(guarded.session, {.signal = {"tone", "997", "0"}, .channels = 2, .level_db = 20});
    source.wait_streaming();
    guarded.wait_level(static_cast<double>(ceiling) * 0.999);
    guarded.card.wait_frames(24000);
    const Recording recording = guarded.card.recording();
    EXPECT_EQ(recording.channels(), 6U);
    EXPECT_EQ(recording.count_above(ceiling), 0U);
    for (const std::uint32_t front : {0U, 1U}) EXPECT_GE(recording.peak(recording.frames() - 9600, Recording::end_of_file, static_cast<int>(front)), ceiling * 0.999F);
}

// The guard changes neither what drives the graph nor its quantum or rate, and lets the card go to sleep.
TEST(Graph, driver_quantum_rate_and_suspend_are_the_same_with_and_without) {
    struct Seen {
        std::string driver;
        std::string quantum;
        std::string rate;
        bool suspended = false;
    };
    const auto look = [](bool with_guard) {
        Session session;
        SimCard card(session, {.preset = "laptop"});
        bench::GraphProbe probe(session);
        std::unique_ptr<Daemon> daemon;
        if (with_guard) {
            daemon = std::make_unique<Daemon>(session);
            daemon->wait_report("decision:");
        }
        Source source(session, {.signal = {"tone", "440", "-20"}});
        source.wait_streaming();
        const auto clock = source.wait_event("clock");
        card.wait_frames(9600);
        source.stop();
        Seen seen{clock.at("driver").dump(), clock.at("quantum").dump(), clock.at("rate").dump(), false};
        seen.suspended = probe.wait_until([&](const bench::Graph &graph) {
            const auto *sink = graph.node(card.sink());
            return sink != nullptr && sink->state == "suspended";
        });
        return seen;
    };
    const Seen without = look(false);
    const Seen with = look(true);
    RecordProperty("changed", std::to_string((with.driver != without.driver) + (with.quantum != without.quantum) + (with.rate != without.rate) +
                                             (with.suspended != without.suspended)));
    EXPECT_EQ(with.driver, without.driver);
    EXPECT_EQ(with.quantum, without.quantum);
    EXPECT_EQ(with.rate, without.rate);
    EXPECT_TRUE(without.suspended);
    EXPECT_TRUE(with.suspended);
}

} // namespace
} // namespace soundwarden::integration
