// SPDX-License-Identifier: MIT
// What stands inside the sink itself: other programs that write to it, and what still holds when the guard is gone.
#include "guarded.hpp"

#include "bench/clock.hpp"
#include "bench/recording.hpp"

#include <gtest/gtest.h>
#include <pipewire/version.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>

namespace soundwarden::integration {
namespace {

using bench::GraphProbe;
using bench::Recording;
using bench::Session;
using bench::SimCard;
using bench::Source;

constexpr unsigned rate = 48000;
constexpr unsigned quantum = 256;
constexpr double pressing_db = 100.0; // whatever gain the guard has, the sink is at the ceiling in force
constexpr bool clamps = PW_CHECK_VERSION(1, 4, 0);

float ceiling() { return amplitude_toward_zero(headphone_cap); }
double heard() { return static_cast<double>(ceiling()) * amplitude(Decibels{-1.0}); } // liveness: 1 dB below at least

/// Frames from the first to the last sample above, where less than 2 ms lie between one and the next; of the longest run.
Recording::Frame longest_run(const Recording &recording, float level, Recording::Frame from) {
    Recording::Frame longest = 0;
    auto at = recording.first_above(level, from);
    while (at) {
        const auto begin = *at;
        auto end = begin;
        for (at = recording.first_above(level, end + 1, end + 97); at; at = recording.first_above(level, end + 1, end + 97)) end = *at;
        longest = std::max(longest, end - begin + 1);
        at = recording.first_above(level, end + 97);
    }
    return longest;
}

/// A guarded laptop with headphones and a tone that presses the sink to its ceiling. Without the WirePlumber part what the
/// guard leaves goes to the raw sink.
struct Pressed {
    explicit Pressed(bool with_part, bool with_clamp = true)
        : guarded({.lockstep = false,
                   .node_properties = with_clamp ? std::vector<std::string>{} : takes_no_clamp()},
                  {.quantum = quantum, .rate = rate, .policy = with_part}) {
        guarded.plug(true);
        guarded.set_user_volume(1.0);
        source = std::make_unique<Source>(guarded.session, bench::SourceOptions{.signal = {"tone", "997", "0"}, .level_db = pressing_db});
        source->wait_streaming();
        guarded.wait_level(static_cast<double>(ceiling()) * 0.999);
    }
    std::uint32_t sink() { return guarded.probe.wait_node(guarded.card.sink()).id; }
    Recording::Frame frames() const { return guarded.card.recording().frames(); }

    Guarded guarded;
    std::unique_ptr<Source> source;
};

/// What another program writes to a sink, and how it takes it back where nobody else does.
struct Attack {
    const char *name;
    std::function<void(GraphProbe &, const std::string &sink)> write;
    std::function<void(GraphProbe &, const std::string &sink)> undo;
    double louder_db; ///< by which it raises a sink that nobody holds
};

void write_node(GraphProbe &probe, const std::string &sink, const bench::NodePropsChange &change) {
    probe.set_node_props(probe.wait_node(sink).id, change);
}

void write_route(GraphProbe &probe, const std::string &sink, float volume) {
    const auto graph = probe.snapshot();
    const auto *node = graph.node(sink);
    const auto *route = node == nullptr ? nullptr : graph.route_of(*node);
    if (route == nullptr) throw std::runtime_error("no route of " + sink);
    const auto device = static_cast<std::uint32_t>(std::stoul(bench::get(node->properties, "device.id")));
    probe.set_route(device, route->device, {.channel_volumes = {volume, volume}}, false);
}

Attack volume_attack(const char *name, float volume, double louder_db) {
    return {name, [volume](GraphProbe &probe, const std::string &sink) { write_node(probe, sink, {.volume = volume}); },
            [](GraphProbe &probe, const std::string &sink) { write_node(probe, sink, {.volume = 1.0F}); }, louder_db};
}

std::vector<Attack> volume_attacks() {
    return {
        volume_attack("volume_1_5", 1.5F, 3.5),
        volume_attack("volume_10", 10.0F, 20.0),
        {"channel_volumes_10",
         [](GraphProbe &probe, const std::string &sink) { write_node(probe, sink, {.channel_volumes = {10.0F, 10.0F}}); },
         [](GraphProbe &probe, const std::string &sink) { write_node(probe, sink, {.channel_volumes = {1.0F, 1.0F}}); }, 20.0},
        {"route_volume_4", [](GraphProbe &probe, const std::string &sink) { write_route(probe, sink, 4.0F); },
         [](GraphProbe &probe, const std::string &sink) { write_route(probe, sink, 1.0F); }, 12.0},
    };
}

std::string name_of_attack(const testing::TestParamInfo<Attack> &info) { return info.param.name; }
void PrintTo(const Attack &attack, std::ostream *out) { *out << attack.name; }

class Volume : public testing::TestWithParam<Attack> {};

TEST_P(Volume, of_the_sink_raised_by_another_program_lets_nothing_through) {
    const Attack &attack = GetParam();
    Pressed pressed(true);
    Guarded &guarded = pressed.guarded;
    const auto from = pressed.frames();
    const auto mark = guarded.daemon->mark();
    const bool route = std::string(attack.name).starts_with("route");
    // A route is written back at most 10 times in 2 s. Before 1.4 the guard comes down by the volume, and rises by 6 dB/s.
    const int rounds = nightly() ? 100 : !clamps ? 3 : route ? 10 : 100;
    for (int round = 0; round < rounds; ++round) {
        attack.write(guarded.probe, guarded.card.sink());
        guarded.probe.sync();
        guarded.card.wait_frames(route && clamps ? rate / 4 : rate / 25);
        if (clamps) continue; // put back by then
        attack.undo(guarded.probe, guarded.card.sink());
        guarded.probe.sync();
        guarded.card.wait_frames(rate / 10); // what is judged next was made after it
        guarded.wait_level(heard());
    }
    guarded.wait_level(heard());
    const Recording recording = guarded.card.recording();
    const auto run = longest_run(recording, ceiling(), from);
    std::printf("%s, %d times: %llu samples above, longest run %.1f ms (promised: %s)\n", attack.name, rounds,
                static_cast<unsigned long long>(recording.count_above(ceiling(), from)), static_cast<double>(run) * 1e3 / rate,
                clamps ? "0 samples" : "10 ms + 1 quantum");
    if (clamps) EXPECT_EQ(recording.count_above(ceiling(), from), 0U);
    else EXPECT_LE(run, rate / 4) << "wide: machines are loaded";
    if (clamps && !route) guarded.daemon->wait_report("tampering:", mark);
}

INSTANTIATE_TEST_SUITE_P(Inside, Volume, testing::ValuesIn(volume_attacks()), name_of_attack);

class VolumeControl : public testing::TestWithParam<Attack> {};

TEST_P(VolumeControl, without_the_daemon_the_same_write_is_heard) {
    const Attack &attack = GetParam();
    Session session({.quantum = quantum, .rate = rate, .policy = false});
    SimCard card(session, {.lockstep = false});
    GraphProbe probe(session);
    probe.change_sink_volume(card.sink(), 1.0F);
    Source source(session, {.signal = {"tone", "997", "0"}, .level_db = headphone_cap.value});
    source.wait_streaming();
    card.wait_sound();
    attack.write(probe, card.sink());
    const auto louder = static_cast<float>(amplitude(headphone_cap + Decibels{attack.louder_db - 0.5}));
    Recording recording = card.recording();
    EXPECT_TRUE(bench::poll_until([&] {
        recording.refresh();
        return recording.first_above(louder).has_value();
    })) << "the attack is no attack";
}

INSTANTIATE_TEST_SUITE_P(Inside, VolumeControl, testing::ValuesIn(volume_attacks()), name_of_attack);

TEST(OutStream, volume_behind_the_guard_set_to_ten_is_put_back) {
    Pressed pressed(true);
    Guarded &guarded = pressed.guarded;
    const auto from = pressed.frames();
    const int rounds = nightly() ? 100 : 20;
    for (int round = 0; round < rounds; ++round) {
        write_node(guarded.probe, guarded.guard_name() + ".out", {.volume = 10.0F});
        write_node(guarded.probe, guarded.guard_name() + ".out", {.channel_volumes = {10.0F, 10.0F}});
        guarded.probe.sync();
        guarded.card.wait_frames(rate / 25);
    }
    guarded.wait_level(heard());
    const Recording recording = guarded.card.recording();
    const auto run = longest_run(recording, ceiling(), from);
    std::printf("out-stream at 10, %d times: %llu samples above, longest run %.1f ms (promised: %s)\n", rounds,
                static_cast<unsigned long long>(recording.count_above(ceiling(), from)), static_cast<double>(run) * 1e3 / rate,
                PW_CHECK_VERSION(1, 0, 0) ? "0 samples" : "10 ms + 1 quantum");
    if (PW_CHECK_VERSION(1, 0, 0)) EXPECT_EQ(recording.count_above(ceiling(), from), 0U);
    else EXPECT_LE(run, rate / 4) << "wide: machines are loaded";
}

TEST(OutStreamControl, the_same_write_to_any_other_stream_is_heard) {
    Session session({.quantum = quantum, .rate = rate, .policy = false});
    SimCard card(session, {.lockstep = false});
    GraphProbe probe(session);
    probe.change_sink_volume(card.sink(), 1.0F);
    Source source(session, {.signal = {"tone", "997", "0"}, .level_db = headphone_cap.value});
    source.wait_streaming();
    card.wait_sound();
    write_node(probe, "soundwarden-source", {.volume = 10.0F});
    Recording recording = card.recording();
    EXPECT_TRUE(bench::poll_until([&] {
        recording.refresh();
        return recording.first_above(ceiling() * 9.0F).has_value();
    })) << "the attack is no attack";
}

/// Ends the daemon as a crash would. What played through the guard goes to the raw sink; from its first sample there on.
Recording::Frame crash_into_the_sink(Pressed &pressed) {
    const auto when = bench::now_ns();
    pressed.guarded.daemon->process().signal(SIGKILL);
    pressed.guarded.daemon->process().wait_exit();
    EXPECT_TRUE(pressed.guarded.probe.wait_until([&](const bench::Graph &graph) {
        return !graph.links_between("soundwarden-source", pressed.guarded.card.sink()).empty();
    })) << pressed.guarded.session.logs();
    pressed.guarded.card.wait_frames(rate / 5);
    return pressed.guarded.card.recording().frame_at(when);
}

#if PW_CHECK_VERSION(1, 4, 0)

void take_clamp_away(GraphProbe &probe, const std::string &sink) {
    write_node(probe, sink, {.params = {{"audioconvert.filter-graph.0", ""}}});
}

TEST(Clamp, bounds_what_reaches_the_sink_when_daemon_and_wireplumber_part_are_gone) {
    Pressed pressed(false);
    const auto from = crash_into_the_sink(pressed);
    const Recording recording = pressed.guarded.card.recording();
    EXPECT_EQ(recording.count_above(ceiling(), from), 0U);
    EXPECT_EQ(recording.peak(recording.frames() - rate / 10), ceiling()) << "it is heard, and the bound is exact";
}

TEST(ClampControl, in_a_sink_that_takes_none_that_is_far_above) {
    Pressed pressed(false, false);
    const auto from = crash_into_the_sink(pressed);
    EXPECT_GT(pressed.guarded.card.recording().count_above(ceiling(), from), 0U) << "the attack is no attack";
}

TEST(Clamp, taken_away_by_another_program_a_hundred_times_is_back) {
    Pressed pressed(false);
    Guarded &guarded = pressed.guarded;
    const auto from = pressed.frames();
    const auto mark = guarded.daemon->mark();
    for (int round = 0; round < 100; ++round) {
        take_clamp_away(guarded.probe, guarded.card.sink());
        guarded.probe.sync();
        guarded.card.wait_frames(rate / 25);
    }
    guarded.daemon->wait_report("tampering:", mark);
    // The last removals may have come within the echo of the daemon's own write: then its timer is what puts it back.
    take_clamp_away(guarded.probe, guarded.card.sink());
    guarded.card.wait_frames(6 * rate);
    guarded.wait_level(heard());
    crash_into_the_sink(pressed);
    const Recording recording = guarded.card.recording();
    EXPECT_EQ(recording.count_above(ceiling(), from), 0U);
    EXPECT_EQ(recording.peak(recording.frames() - rate / 10), ceiling());
}

TEST(Clamp, a_route_written_as_it_was_is_no_tampering) {
    Pressed pressed(true);
    Guarded &guarded = pressed.guarded;
    guarded.card.wait_frames(2 * rate); // the activation's own writes are over
    const auto mark = guarded.daemon->mark();
    for (int round = 0; round < 5; ++round) {
        write_route(guarded.probe, guarded.card.sink(), 1.0F);
        guarded.probe.sync();
        guarded.card.wait_frames(rate / 2);
    }
    const std::string said = guarded.daemon->process().output();
    EXPECT_EQ(said.find("tampering:"), std::string::npos) << said;
    // The control: the same to the node itself.
    write_node(guarded.probe, guarded.card.sink(), {.channel_volumes = {1.0F, 1.0F}});
    guarded.daemon->wait_report("tampering:", mark);
}

/// Opens the clamp by its controls: there is no event for that.
void open_clamp(GraphProbe &probe, const std::string &sink) {
    write_node(probe, sink, {.params = {{"c0:Min", "-99"}, {"c0:Max", "99"}, {"c1:Min", "-99"}, {"c1:Max", "99"}}});
    probe.sync();
}

TEST(ClampControl, opened_by_its_controls_it_bounds_nothing) {
    Pressed pressed(false);
    open_clamp(pressed.guarded.probe, pressed.guarded.card.sink());
    const auto from = crash_into_the_sink(pressed);
    EXPECT_GT(pressed.guarded.card.recording().count_above(ceiling(), from), 0U) << "the attack is no attack";
}

TEST(Clamp, opened_by_its_controls_is_back_when_the_timer_has_come_round) {
    Pressed pressed(false);
    open_clamp(pressed.guarded.probe, pressed.guarded.card.sink());
    pressed.guarded.card.wait_frames(6 * rate); // 5 s, and a loaded machine
    const auto from = crash_into_the_sink(pressed);
    const Recording recording = pressed.guarded.card.recording();
    EXPECT_EQ(recording.count_above(ceiling(), from), 0U);
    EXPECT_EQ(recording.peak(recording.frames() - rate / 10), ceiling());
}

TEST(Clamp, max_volume_raised_by_another_program_a_hundred_times_is_back) {
    Pressed pressed(true);
    Guarded &guarded = pressed.guarded;
    const auto from = pressed.frames();
    const auto mark = guarded.daemon->mark();
    for (int round = 0; round < 100; ++round) {
        write_node(guarded.probe, guarded.card.sink(), {.params = {{"channelmix.max-volume", "10"}}});
        guarded.probe.sync();
        guarded.card.wait_frames(rate / 25);
    }
    guarded.daemon->wait_report("tampering:", mark);
    const auto shown = [&](const bench::Graph &graph) {
        const auto *sink = graph.node(guarded.card.sink());
        return sink == nullptr ? "" : bench::get(sink->props.params, "channelmix.max-volume");
    };
    EXPECT_TRUE(guarded.probe.wait_until([&](const bench::Graph &graph) {
        const std::string most = shown(graph);
        return !most.empty() && std::stod(most) == 1.0;
    })) << shown(guarded.probe.snapshot());
    guarded.wait_level(heard());
    EXPECT_EQ(guarded.card.recording().count_above(ceiling(), from), 0U);
}

TEST(ClampControl, max_volume_is_what_holds_a_volume_of_ten) {
    Session session({.quantum = quantum, .rate = rate, .policy = false});
    SimCard card(session, {.lockstep = false});
    GraphProbe probe(session);
    probe.change_sink_volume(card.sink(), 1.0F);
    Source source(session, {.signal = {"tone", "997", "0"}, .level_db = headphone_cap.value});
    source.wait_streaming();
    card.wait_sound();
    write_node(probe, card.sink(), {.params = {{"channelmix.max-volume", "1.0"}}});
    write_node(probe, card.sink(), {.volume = 10.0F});
    card.wait_frames(rate / 5);
    Recording recording = card.recording();
    EXPECT_LE(recording.peak(), ceiling() * 1.001F);
    write_node(probe, card.sink(), {.params = {{"channelmix.max-volume", "10"}}});
    EXPECT_TRUE(bench::poll_until([&] {
        recording.refresh();
        return recording.first_above(ceiling() * 9.0F).has_value();
    })) << "the attack is no attack";
}

/// A stream that another program links straight into the sink.
struct LinkedPast {
    explicit LinkedPast(Pressed &pressed)
        : source(pressed.guarded.session,
                 {.signal = {"tone", "2003", "0"}, .level_db = pressing_db, .name = "rogue", .autoconnect = false}) {
        GraphProbe &probe = pressed.guarded.probe;
        const auto node = probe.wait_node("rogue");
        probe.wait_until([&](const bench::Graph &graph) { return graph.ports_of(node.id, false).size() == 2; });
        const auto graph = probe.snapshot();
        const auto outputs = graph.ports_of(node.id, false);
        const auto inputs = graph.ports_of(pressed.sink(), true);
        for (std::size_t i = 0; i < std::min(outputs.size(), inputs.size()); ++i) probe.create_link(outputs[i].id, inputs[i].id);
        probe.sync();
    }
    Source source;
};

TEST(Clamp, bounds_the_sum_of_the_guard_and_a_stream_linked_past_it) {
    Pressed pressed(false);
    Guarded &guarded = pressed.guarded;
    const auto from = pressed.frames();
    const LinkedPast rogue(pressed);
    guarded.card.wait_frames(rate / 2);
    // With a foreign link the route goes back to the volume that the user had: 0.064 for a card never seen before.
    guarded.wait_level(heard() * 0.064);
    EXPECT_EQ(guarded.card.recording().count_above(ceiling(), from), 0U);
}

/// Whether a stream that is linked past a guard whose daemon is stopped, so that nobody else stops it either, comes out too loud.
bool heard_past_a_stopped_daemon() {
    Pressed pressed(false, false);
    pressed.guarded.daemon->process().signal(SIGSTOP);
    const auto from = pressed.frames();
    const LinkedPast rogue(pressed);
    Recording recording = pressed.guarded.card.recording();
    const bool heard = bench::poll_until([&] {
        recording.refresh();
        return recording.first_above(ceiling() * 1.5F, from).has_value();
    });
    pressed.guarded.daemon->process().signal(SIGKILL);
    return heard;
}

// With a stopped client in its graph PipeWire may also play nothing at all: then the attack is made once more.
TEST(ClampControl, past_a_guard_in_front_of_a_sink_that_takes_none_a_stream_is_far_above) {
    bool heard = false;
    for (int attempt = 0; attempt < 3 && !heard; ++attempt) heard = heard_past_a_stopped_daemon();
    EXPECT_TRUE(heard) << "the attack is no attack";
}

TEST(Clamp, stays_through_suspend_and_profile_switch_and_return_of_the_card) {
    Pressed pressed(false);
    Guarded &guarded = pressed.guarded;
    const auto clamped = [&] {
        return guarded.probe.wait_until([&](const bench::Graph &graph) {
            const auto *sink = graph.node(guarded.card.sink());
            const std::string most = sink == nullptr ? "" : bench::get(sink->props.params, "c0:Max");
            return !most.empty() && std::fabs(std::stof(most) - ceiling()) < 1e-5F;
        });
    };
    const auto play = [&] {
        pressed.source = std::make_unique<Source>(guarded.session,
                                                  bench::SourceOptions{.signal = {"tone", "997", "0"}, .level_db = pressing_db});
        pressed.source->wait_streaming();
        guarded.wait_level(static_cast<double>(ceiling()) * 0.999);
    };
    const auto from = pressed.frames();
    EXPECT_TRUE(clamped());

    pressed.source->stop();
    ASSERT_TRUE(guarded.probe.wait_until([&](const bench::Graph &graph) {
        const auto *sink = graph.node(guarded.card.sink());
        return sink != nullptr && sink->state == "suspended";
    }));
    play();
    EXPECT_EQ(guarded.card.recording().count_above(ceiling(), from), 0U);
    pressed.source->stop();

    auto mark = guarded.daemon->mark();
    guarded.card.profile("pro-audio");
    ASSERT_TRUE(guarded.probe.wait_until([&](const bench::Graph &graph) { return graph.node(guarded.card.sink()) == nullptr; }));
    guarded.card.profile("output:analog-stereo");
    guarded.daemon->wait_report("decision: Headphones", mark);
    play(); // a node that has never played does not show what was written to it
    EXPECT_TRUE(clamped()) << "after the profile switch";
    pressed.source->stop();

    mark = guarded.daemon->mark();
    guarded.card.remove();
    ASSERT_TRUE(guarded.probe.wait_until([&](const bench::Graph &graph) { return graph.node(guarded.card.sink()) == nullptr; }));
    guarded.card.add_again("laptop");
    guarded.daemon->wait_report("decision: Speaker", mark);
    guarded.plug(true);
    const auto returned = pressed.frames();
    play();
    EXPECT_TRUE(clamped()) << "after the card's return";
    crash_into_the_sink(pressed);
    const Recording recording = guarded.card.recording();
    EXPECT_EQ(recording.count_above(ceiling(), returned), 0U);
    EXPECT_EQ(recording.peak(recording.frames() - rate / 10), ceiling());
}

TEST(Clamp, left_by_a_daemon_that_ended_bounds_any_sum_of_streams_at_the_ceiling) {
    Pressed pressed(false);
    Guarded &guarded = pressed.guarded;
    const auto from = pressed.frames();
    guarded.daemon->process().stop();
    guarded.card.wait_sound();
    write_route(guarded.probe, guarded.card.sink(), 1.0F); // the user turns it up
    guarded.wait_level(static_cast<double>(ceiling()) * 0.999);
    guarded.card.wait_frames(rate / 5);
    EXPECT_EQ(guarded.card.recording().count_above(ceiling(), from), 0U);
}

TEST(Clamp, where_the_sink_resamples_foreign_sound_overshoots_by_three_decibels_at_most) {
    Guarded guarded({.rate = "44100", .lockstep = false}, {.quantum = quantum, .rate = rate, .policy = false});
    guarded.plug(true);
    guarded.set_user_volume(1.0);
    Source source(guarded.session, {.signal = {"tone", "997", "0"}, .level_db = pressing_db});
    source.wait_streaming();
    guarded.wait_level(static_cast<double>(ceiling()) * amplitude(Decibels{-3.2}));
    guarded.daemon->process().signal(SIGKILL);
    guarded.daemon->process().wait_exit();
    guarded.card.wait_frames(rate);
    const Recording recording = guarded.card.recording();
    const double over_db = decibels(static_cast<double>(recording.peak(recording.frames() - rate / 2) / ceiling())).value;
    std::printf("foreign sound through the clamp of a resampling sink: %.2f dB over the ceiling (promised: 3)\n", over_db);
    EXPECT_LE(over_db, 3.0);
    EXPECT_GE(over_db, -1.0) << "not heard";
}

#elif !PW_CHECK_VERSION(0, 3, 72)

constexpr float pad = 0.125F; // 18 dB (architecture.md, layer 4), as a power of two

/// A tone at full scale through the guard: the headphones' ceiling is reached, the pad is made up for.
void full_scale(Pressed &pressed) {
    pressed.source->level(0.0);
    pressed.guarded.card.wait_frames(rate / 10);
    pressed.guarded.wait_level(static_cast<double>(ceiling()) * 0.999);
}

TEST(Pad, is_all_that_comes_out_of_the_sink_when_daemon_and_wireplumber_part_are_gone) {
    Pressed pressed(false);
    full_scale(pressed);
    const auto from = crash_into_the_sink(pressed);
    Recording recording = pressed.guarded.card.recording();
    EXPECT_LE(recording.peak(from), std::max(pad, ceiling()));
    EXPECT_GE(recording.peak(recording.frames() - rate / 10), pad * 0.99F) << "it is heard";

    write_node(pressed.guarded.probe, pressed.guarded.card.sink(), {.volume = 1.0F}); // the control: the same without the pad
    EXPECT_TRUE(bench::poll_until([&] {
        recording.refresh();
        return recording.first_above(0.9F, from).has_value();
    })) << "the attack is no attack";
}

TEST(Pad, changed_by_another_program_is_put_back) {
    Pressed pressed(true);
    Guarded &guarded = pressed.guarded;
    const auto from = pressed.frames();
    const auto mark = guarded.daemon->mark();
    const int rounds = nightly() ? 100 : 20;
    for (int round = 0; round < rounds; ++round) {
        write_node(guarded.probe, guarded.card.sink(), {.volume = round % 2 == 0 ? 1.0F : 0.5F});
        guarded.probe.sync();
        guarded.card.wait_frames(rate / 10);
        guarded.wait_level(heard());
    }
    guarded.daemon->wait_report("tampering:", mark);
    const Recording recording = guarded.card.recording();
    const auto run = longest_run(recording, ceiling(), from);
    std::printf("pad taken away %d times: %llu samples above, longest run %.1f ms (promised: 10 ms + 1 quantum)\n", rounds,
                static_cast<unsigned long long>(recording.count_above(ceiling(), from)), static_cast<double>(run) * 1e3 / rate);
    EXPECT_LE(run, rate / 4) << "wide: machines are loaded";
}

TEST(Pad, stands_again_in_a_card_that_returns_and_is_gone_when_the_output_is_released) {
    Pressed pressed(true);
    Guarded &guarded = pressed.guarded;
    const auto shows = [&](float volume) {
        return guarded.probe.wait_until([&](const bench::Graph &graph) {
            const auto *sink = graph.node(guarded.card.sink());
            return sink != nullptr && sink->props.volume == volume;
        });
    };
    EXPECT_TRUE(shows(pad));
    const auto mark = guarded.daemon->mark();
    guarded.card.remove();
    ASSERT_TRUE(guarded.probe.wait_until([&](const bench::Graph &graph) { return graph.node(guarded.card.sink()) == nullptr; }));
    guarded.card.add_again("laptop");
    guarded.daemon->wait_report("decision: Speaker", mark);
    guarded.plug(true);
    const auto from = pressed.frames();
    EXPECT_TRUE(shows(pad));
    pressed.source = std::make_unique<Source>(guarded.session, bench::SourceOptions{.signal = {"tone", "997", "0"}, .level_db = pressing_db});
    pressed.source->wait_streaming();
    guarded.wait_level(static_cast<double>(ceiling()) * 0.999);
    EXPECT_EQ(guarded.card.recording().count_above(ceiling(), from), 0U);

    auto release = guarded.session.spawn({program("SOUNDWARDEN"), "release"});
    const auto ended = release->wait_exit();
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->code, 0) << release->output();
    EXPECT_TRUE(shows(1.0F));
}

#endif

} // namespace
} // namespace soundwarden::integration
