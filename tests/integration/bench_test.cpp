// SPDX-License-Identifier: MIT
// The bench proves itself: what it simulates behaves as WirePlumber expects of hardware, and what it records is exact.
// A result of any other test is worth no more than this one. More of it: tests/support/selftest.
#include "bench/graph_probe.hpp"
#include "bench/programs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>
#include <sndfile.h>

namespace soundwarden::bench {
namespace {

constexpr float default_route_volume = 0.064F; // 0.4³, WirePlumber's

/// A line of text for a message; the latencies a counter report saw.
std::string describe(const CounterReport &report) {
    std::string text = std::to_string(report.counted) + " counted, " + std::to_string(report.silent) + " silent, " +
                       std::to_string(report.wrong) + " wrong, " + std::to_string(report.breaks) + " breaks, latency";
    for (const auto &[frames, count] : report.latencies)
        text += ' ' + std::to_string(frames) + " (" + std::to_string(count) + ')';
    return text;
}

/// Expects the counter, exact and without added latency, from 100 ms after its beginning on: while a stream is being
/// linked some of its first cycles may be late. Returns the first frame that was checked.
Recording::Frame expect_exact(const Recording &recording, float gain, std::uint64_t at_least) {
    const auto first = check_counter(recording, gain).first_frame;
    EXPECT_TRUE(first) << "no counter at all";
    const Recording::Frame from = first.value_or(0) + recording.cycles().at(0).graph_rate / 10;
    const CounterReport report = check_counter(recording, gain, from);
    EXPECT_GE(report.counted, at_least) << describe(report);
    EXPECT_EQ(report.silent, 0U) << describe(report);
    EXPECT_EQ(report.wrong, 0U) << describe(report);
    EXPECT_EQ(report.breaks, 0U) << describe(report);
    EXPECT_TRUE(report.latencies.size() == 1 && report.latencies.contains(0)) << describe(report);
    return from;
}

bool active_route_is(const Graph &graph, const std::string &sink, const std::string &route) {
    const GraphNode *node = graph.node(sink);
    const GraphRoute *active = node == nullptr ? nullptr : graph.route_of(*node);
    return active != nullptr && active->name == route;
}

// --- the card ------------------------------------------------------------------------------------------------------

TEST(SimulatedCard, GetsItsProfileAndRouteFromWirePlumber) {
    const Session session;
    SimCard card(session);
    GraphProbe probe(session);
    ASSERT_TRUE(probe.wait_until([&](const Graph &graph) {
        return active_route_is(graph, card.sink(), "analog-output-speaker") && graph.default_sink() == card.sink();
    }));
    const Graph graph = probe.snapshot();
    const GraphDevice *device = graph.device("alsa_card.laptop");
    ASSERT_NE(device, nullptr);
    ASSERT_EQ(device->active_profile.size(), 1U);
    EXPECT_EQ(device->active_profile[0].name, "output:analog-stereo");
    EXPECT_EQ(device->profiles.size(), 3U);
    ASSERT_EQ(device->routes.size(), 2U);
    EXPECT_EQ(get(device->routes[1].info, "port.type"), "headphones");
    const GraphNode *sink = graph.node(card.sink());
    EXPECT_EQ(get(sink->properties, "device.api"), "alsa");
    EXPECT_EQ(get(sink->properties, "device.id"), std::to_string(device->id));
    EXPECT_EQ(graph.route_of(*sink)->channel_volumes, std::vector<float>(2, default_route_volume));
    EXPECT_EQ(sink->props.channel_volumes, std::vector<float>(2, default_route_volume));
}

TEST(SimulatedCard, JackMovesTheActiveRoute) {
    const Session session;
    SimCard card(session);
    GraphProbe probe(session);
    const std::uint64_t serial = probe.wait_node(card.sink()).serial;
    for (int i = 0; i < 5; ++i) {
        const std::size_t mark = card.mark();
        card.jack("headphones", i % 2 == 0);
        const std::string expected = i % 2 == 0 ? "analog-output-headphones" : "analog-output-speaker";
        EXPECT_TRUE(probe.wait_until([&](const Graph &graph) { return active_route_is(graph, card.sink(), expected); }))
            << expected;
        EXPECT_TRUE(card.wait_route(expected, mark).at("changed"));
    }
    EXPECT_EQ(probe.wait_node(card.sink()).serial, serial) << "a route change must not make a new sink";
}

TEST(SimulatedCard, VolumesBelongToRoutes) {
    const Session session;
    SimCard card(session);
    GraphProbe probe(session);
    const auto volume_becomes = [&](float volume) {
        return probe.wait_until([&](const Graph &graph) {
            const GraphNode *node = graph.node(card.sink());
            const GraphRoute *route = node == nullptr ? nullptr : graph.route_of(*node);
            return route != nullptr && route->channel_volumes == std::vector<float>(2, volume);
        });
    };
    const auto plug = [&](bool in) {
        const char *route = in ? "analog-output-headphones" : "analog-output-speaker";
        const std::size_t mark = card.mark();
        card.jack("headphones", in);
        card.wait_route(route, mark);
        return probe.wait_until([&](const Graph &graph) { return active_route_is(graph, card.sink(), route); });
    };
    ASSERT_TRUE(volume_becomes(default_route_volume));
    probe.change_sink_volume(card.sink(), 0.5F);
    ASSERT_TRUE(plug(true));
    ASSERT_TRUE(volume_becomes(default_route_volume));
    probe.change_sink_volume(card.sink(), 0.25F);
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(plug(false));
        EXPECT_TRUE(volume_becomes(0.5F));
        ASSERT_TRUE(plug(true));
        EXPECT_TRUE(volume_becomes(0.25F));
    }
    ASSERT_TRUE(probe.set_sink_mute(card.sink(), true));
    EXPECT_TRUE(probe.wait_until([&](const Graph &graph) { return graph.route_of(*graph.node(card.sink()))->mute; }));
}

TEST(SimulatedCard, GoesAndComesBack) {
    const Session session;
    SimCard card(session);
    GraphProbe probe(session);
    const std::uint64_t serial = probe.wait_node(card.sink()).serial;
    card.remove();
    EXPECT_TRUE(probe.wait_until(
        [&](const Graph &graph) { return graph.node(card.sink()) == nullptr && graph.devices.empty(); }));
    card.add_again("laptop");
    EXPECT_TRUE(probe.wait_until(
        [&](const Graph &graph) { return active_route_is(graph, card.sink(), "analog-output-speaker"); }));
    EXPECT_NE(probe.wait_node(card.sink()).serial, serial);
}

TEST(SimulatedCard, WithEverythingUnpluggedHasNoSink) {
    const Session session;
    SimCard card(session);
    GraphProbe probe(session);
    card.route("speaker", "no");
    EXPECT_TRUE(probe.wait_until([&](const Graph &graph) { return graph.node(card.sink()) == nullptr; }));
    card.route("headphones", "yes");
    EXPECT_TRUE(probe.wait_until(
        [&](const Graph &graph) { return active_route_is(graph, card.sink(), "analog-output-headphones"); }));
}

TEST(SimulatedCard, EveryPresetIsAccepted) {
    const Session session;
    SimCard card(session, {.preset = "", .record = false});
    GraphProbe probe(session);
    struct Expectation {
        const char *preset;
        const char *property;
        const char *value;
        std::size_t routes;
    };
    for (const Expectation &expected :
         {Expectation{"laptop", "device.form-factor", "internal", 2},
          Expectation{"desktop", "device.form-factor", "", 2},
          Expectation{"usb-headset", "device.form-factor", "headset", 1},
          Expectation{"usb-interface", "device.bus", "usb", 2}, Expectation{"hdmi", "device.bus", "pci", 1},
          Expectation{"bluetooth-headset", "device.api", "bluez5", 1}}) {
        SCOPED_TRACE(expected.preset);
        const std::string name = std::string("card-") + expected.preset;
        const GraphNode sink = probe.wait_node(card.add(name, expected.preset));
        EXPECT_TRUE(probe.wait_until([&](const Graph &graph) {
            const GraphNode *node = graph.node(sink.name());
            return node != nullptr && graph.route_of(*node) != nullptr;
        }));
        const Graph graph = probe.snapshot();
        const auto id = static_cast<std::uint32_t>(std::stoul(get(sink.properties, "device.id")));
        ASSERT_TRUE(graph.devices.contains(id));
        EXPECT_EQ(get(graph.devices.at(id).properties, expected.property), expected.value);
        EXPECT_EQ(graph.devices.at(id).routes.size(), expected.routes);
    }
    EXPECT_EQ(card.add("headset-2", "usb-headset", {"no-routes", "channels=1"}), "alsa_output.headset-2.analog-stereo");
    const GraphNode bare = probe.wait_node(card.add("plain", "bare", {"channels=8"}));
    EXPECT_EQ(get(bare.properties, "device.id"), "");
    EXPECT_EQ(get(bare.properties, "device.api"), "alsa");
    EXPECT_TRUE(probe.wait_until([&](const Graph &graph) { return graph.ports_of(bare.id, true).size() == 8; }));
}

TEST(SimulatedCard, FiftyComeAndGo) {
    const Session session;
    SimCard card(session, {.preset = "", .record = false});
    GraphProbe probe(session);
    const std::size_t before = probe.snapshot().nodes.size();
    for (int i = 0; i < 50; ++i) card.command("add many" + std::to_string(i) + " laptop");
    EXPECT_TRUE(probe.wait_until(
        [](const Graph &graph) {
            return std::count_if(graph.nodes.begin(), graph.nodes.end(),
                                 [&](const auto &entry) { return graph.route_of(entry.second) != nullptr; }) == 50;
        },
        milliseconds{60'000}));
    for (int i = 0; i < 50; ++i) card.remove("many" + std::to_string(i));
    EXPECT_TRUE(
        probe.wait_until([&](const Graph &graph) { return graph.devices.empty() && graph.nodes.size() == before; }));
}

TEST(SimulatedCard, ComesBackAfterPipeWireDied) {
    Session session;
    SimCard card(session);
    const std::size_t mark = card.mark();
    session.kill(Server::pipewire, SIGKILL);
    card.wait_event("disconnected", mark);
    session.restart(Server::pipewire);
    card.command("connect");
    GraphProbe probe(session);
    EXPECT_TRUE(probe.wait_until(
        [&](const Graph &graph) { return active_route_is(graph, card.sink(), "analog-output-speaker"); }));
    Source source(session, {.signal = {"dc", "1"}});
    source.wait_streaming();
    card.wait_sound();
    card.wait_frames(4096);
    EXPECT_EQ(card.recording().peak(), default_route_volume);
}

// --- the recorder and the source -------------------------------------------------------------------------------------

struct Cell {
    unsigned quantum, rate, channels;
    double speed;
};

std::ostream &operator<<(std::ostream &stream, const Cell &cell) {
    return stream << "quantum " << cell.quantum << ", " << cell.rate << " Hz, " << cell.channels << " channels, speed "
                  << cell.speed;
}

std::string name_of_cell(const testing::TestParamInfo<Cell> &cell) {
    return "q" + std::to_string(cell.param.quantum) + "_" + std::to_string(cell.param.rate) + "Hz_" +
           std::to_string(cell.param.channels) + "ch" + (cell.param.speed == 0.0 ? "_free" : "");
}

/// All of them at night; else a seeded choice in which every value occurs.
std::vector<Cell> cells() {
    std::vector<Cell> all;
    for (const unsigned quantum : {64U, 256U, 1024U, 2048U})
        for (const unsigned rate : {44'100U, 48'000U, 96'000U})
            for (const unsigned channels : {1U, 2U, 6U, 8U})
                for (const double speed : {0.0, 1.0}) all.push_back({quantum, rate, channels, speed});
    if (std::getenv("SOUNDWARDEN_NIGHTLY") != nullptr) return all;
    const char *seed = std::getenv("SOUNDWARDEN_SEED");
    std::mt19937 random(seed == nullptr ? 20'261'122U : static_cast<unsigned>(std::strtoul(seed, nullptr, 10)));
    std::vector<Cell> chosen;
    for (const unsigned quantum : {64U, 256U, 1024U, 2048U}) {
        std::vector<Cell> candidates;
        std::copy_if(all.begin(), all.end(), std::back_inserter(candidates),
                     [quantum](const Cell &cell) { return cell.quantum == quantum; });
        std::sample(candidates.begin(), candidates.end(), std::back_inserter(chosen), 2, random);
    }
    return chosen;
}

class ExactRecording : public testing::TestWithParam<Cell> {};

TEST_P(ExactRecording, OfEverySampleOfTheCounter) {
    const Cell &cell = GetParam();
    const Session session({.quantum = cell.quantum, .rate = cell.rate});
    SimCard card(session, {.channels = cell.channels, .rate = std::to_string(cell.rate), .speed = cell.speed});
    GraphProbe probe(session);
    probe.wait_node(card.sink());
    probe.change_sink_volume(card.sink(), 1.0F);
    Source source(session, {.signal = {"counter"}, .channels = cell.channels});
    source.wait_streaming();
    card.wait_sound();
    card.wait_frames(std::uint64_t{cell.rate} * (cell.speed == 0.0 ? 5 : 1));
    const Recording recording = card.recording();
    const Recording::Frame from = expect_exact(recording, 1.0F, cell.rate / 2);
    EXPECT_EQ(recording.gaps(from), 0U);
    EXPECT_EQ(recording.overflows(), 0U);
    const auto clocks = recording.clocks();
    ASSERT_EQ(clocks.size(), 1U);
    EXPECT_EQ(clocks.begin()->first, std::make_pair(cell.quantum, cell.rate));
    for (std::size_t i = 1; i < recording.cycles().size(); ++i)
        ASSERT_EQ(recording.cycles()[i].position, recording.cycles()[i - 1].position + cell.quantum) << "cycle " << i;
}

INSTANTIATE_TEST_SUITE_P(Cells, ExactRecording, testing::ValuesIn(cells()), name_of_cell);

TEST(Recorder, RunsFasterThanRealTime) {
    const Session session({.quantum = 1024});
    SimCard card(session, {.speed = 0.0});
    Source source(session, {.signal = {"counter"}});
    source.wait_streaming();
    card.wait_sound();
    const std::int64_t begin = now_ns();
    card.wait_frames(48'000 * 30);
    const double seconds = static_cast<double>(now_ns() - begin) * 1e-9;
    std::cout << "30 s of audio in " << seconds << " s\n";
    EXPECT_LT(seconds, 15.0);
    expect_exact(card.recording(), default_route_volume, 48'000 * 29);
}

TEST(Recorder, SeesTheSinksVolumeExactly) {
    const Session session({.quantum = 256});
    SimCard card(session);
    GraphProbe probe(session);
    probe.wait_node(card.sink());
    Source source(session, {.signal = {"dc", "0.75"}});
    source.wait_streaming();
    card.wait_sound();
    for (const float volume : {1.0F, 0.5F, 0.125F, 0.3F, 1.5F, 0.0F, 1.0F}) {
        probe.change_sink_volume(card.sink(), volume);
        card.wait_frames(1024); // more than what was under way
        const Recording::Frame from = card.recording().frames();
        card.wait_frames(1024);
        const Recording recording = card.recording();
        for (Recording::Frame frame = from; frame < recording.frames(); ++frame)
            for (std::uint32_t channel = 0; channel < 2; ++channel)
                ASSERT_EQ(recording.at(frame, channel), 0.75F * volume) << "volume " << volume << ", frame " << frame;
    }
}

TEST(Recorder, HearsBehindTheHardwareMixer) {
    const Session session({.quantum = 256});
    SimCard card(session, {.hardware_volume = true});
    GraphProbe probe(session);
    probe.wait_node(card.sink());
    Source source(session, {.signal = {"dc", "1"}});
    source.wait_streaming();
    card.wait_sound();
    ASSERT_TRUE(probe.set_sink_volume(card.sink(), 0.5F));
    const auto seen = card.wait_event([](const auto &event) {
        return event.value("event", "") == "set-route" && event.value("save", false) &&
               event.contains("channelVolumes");
    });
    card.wait_frames(2048);
    const Recording recording = card.recording();
    const Recording::Frame changed = recording.frame_at(seen.at("t_ns").get<std::int64_t>()) + 512;
    EXPECT_EQ(recording.peak(changed), 0.5F);
    EXPECT_EQ(recording.cycle_of(changed).hardware_gain, 0.5F);
    const Graph graph = probe.snapshot();
    EXPECT_EQ(graph.route_of(*graph.node(card.sink()))->soft_volumes, std::vector<float>(2, 1.0F));
}

TEST(Recorder, ResamplingSinkKeepsTheLevel) {
    const Session session({.quantum = 256, .rate = 48'000});
    SimCard card(session, {.rate = "44100"});
    GraphProbe probe(session);
    probe.wait_node(card.sink());
    probe.change_sink_volume(card.sink(), 1.0F);
    Source source(session, {.signal = {"tone", "997", "-6"}});
    source.wait_streaming();
    const Recording::Frame steady = card.wait_sound() + 4410;
    card.wait_frames(44'100);
    const Recording recording = card.recording();
    EXPECT_EQ(recording.cycles().back().sink_rate, 44'100U);
    EXPECT_EQ(recording.cycles().back().graph_rate, 48'000U);
    const double level = 20.0 * std::log10(static_cast<double>(recording.peak(steady)));
    EXPECT_NEAR(level, -6.0, 0.1);
    EXPECT_NEAR(20.0 * std::log10(recording.rms(steady)), -6.0 - 3.01, 0.1);
}

TEST(Recorder, OtherSampleFormats) {
    for (const char *format : {"s16", "s32"}) {
        SCOPED_TRACE(format);
        const Session session({.quantum = 256});
        SimCard card(session, {.format = format});
        GraphProbe probe(session);
        probe.wait_node(card.sink());
        probe.change_sink_volume(card.sink(), 1.0F);
        Source source(session, {.signal = {"dc", "0.5"}});
        source.wait_streaming();
        const Recording::Frame steady = card.wait_sound() + 2400;
        card.wait_frames(4800);
        const Recording recording = card.recording();
        EXPECT_NEAR(recording.peak(), 0.5F, 1.0F / 32'768.0F);
        EXPECT_NEAR(recording.rms(steady), 0.5, 1.0 / 32'768.0);
    }
}

TEST(Source, PlaysAboveFullScaleAndChangesLevel) {
    const Session session({.quantum = 256});
    SimCard card(session);
    GraphProbe probe(session);
    probe.wait_node(card.sink());
    probe.change_sink_volume(card.sink(), 1.0F);
    Source source(session, {.signal = {"square", "1000", "20"}});
    source.wait_streaming();
    card.wait_sound();
    card.wait_frames(4800);
    EXPECT_EQ(card.recording().peak(), 10.0F);
    source.level(-20);
    const std::int64_t changed = now_ns(); // the block being made and the one under way may still be at the old level
    card.wait_frames(4800);
    const Recording recording = card.recording();
    EXPECT_NEAR(recording.peak(recording.frame_at(changed) + 512), 1.0F, 1e-6F);
    source.command("mute");
    card.wait_frames(4800);
    const Recording after = card.recording();
    EXPECT_EQ(after.peak(after.frames() - 1024), 0.0F);
}

TEST(Source, WaitsForASinkAndEndsWithPipeWire) {
    const Session session;
    SimCard card(session, {.preset = ""});
    Source source(session, {.signal = {"dc", "1"}});
    // WirePlumber has looked for a sink in vain, and says so.
    source.wait_event([](const auto &event) { return event.value("state", "") == "error"; });
    card.add("late", "laptop");
    source.wait_streaming();
    card.wait_sound("late");
    session.kill(Server::pipewire, SIGKILL);
    EXPECT_EQ(source.process().wait_exit(), ExitStatus{.code = 0}) << source.process().output();
}

TEST(Source, TeeIsWhatTheSinkPlays) {
    const Session session({.quantum = 256});
    SimCard card(session);
    GraphProbe probe(session);
    probe.wait_node(card.sink());
    probe.change_sink_volume(card.sink(), 1.0F);
    const std::filesystem::path tee = session.dir() / "source.wav";
    Source source(session, {.signal = {"noise", "7"}, .seconds = 0.5, .tee = tee});
    EXPECT_EQ(source.process().wait_exit(), ExitStatus{.code = 0}) << source.process().output();
    SF_INFO info{};
    SNDFILE *file = sf_open(tee.c_str(), SFM_READ, &info);
    ASSERT_NE(file, nullptr);
    std::vector<float> played(static_cast<std::size_t>(info.frames) * 2);
    sf_readf_float(file, played.data(), info.frames);
    sf_close(file);
    EXPECT_GE(info.frames, 24'000);
    // The first cycles, while the links are made, and the end of the stream may be cut, never altered.
    const Recording recording = card.recording();
    const auto first = recording.first_sound();
    ASSERT_TRUE(first);
    const auto begin = recording.samples().begin() + static_cast<std::ptrdiff_t>((*first + 1024) * 2);
    const auto end = recording.samples().begin() + static_cast<std::ptrdiff_t>(recording.end_of_sound() * 2);
    ASSERT_GE(std::distance(begin, end), 36'000);
    EXPECT_NE(std::search(played.begin(), played.end(), begin, end), played.end());
}

TEST(Recording, MapsTimeToFrames) {
    const Session session({.quantum = 256});
    SimCard card(session);
    Source source(session, {.signal = {"impulse", "4800"}});
    source.wait_streaming();
    card.wait_sound();
    card.wait_frames(9600);
    const std::int64_t middle = now_ns();
    card.wait_frames(9600);
    Recording recording = card.recording();
    const Recording::Frame frame = recording.frame_at(middle);
    EXPECT_GE(recording.t_ns_of(frame), middle);
    EXPECT_LT(recording.t_ns_of(frame - 1), middle);
    EXPECT_EQ(recording.frame_at(0), 0U);
    EXPECT_EQ(recording.frame_at(now_ns() + 1'000'000'000'000), recording.frames());
    const auto impulse = recording.first_sound();
    ASSERT_TRUE(impulse);
    EXPECT_EQ(recording.position_of(*impulse) % 4800, 0U); // no latency
    EXPECT_EQ(recording.count_above(0.0F, *impulse, *impulse + 4800), 2U);
    const Recording::Frame before = recording.frames();
    card.wait_frames(1024);
    recording.refresh();
    EXPECT_GE(recording.frames(), before + 1024);
    EXPECT_THROW(static_cast<void>(recording.cycle_of(recording.frames())), std::out_of_range);
}

// --- the probe -------------------------------------------------------------------------------------------------------

TEST(GraphProbe, SeesLinksDriverAndDefaults) {
    const Session session({.quantum = 512});
    SimCard card(session);
    card.add("second", "desktop");
    GraphProbe probe(session);
    const std::string second = "alsa_output.second.analog-stereo";
    probe.wait_node(second);
    Source source(session, {.signal = {"dc", "1"}, .name = "player"});
    source.wait_streaming();
    ASSERT_TRUE(probe.set_metadata("default", 0, "default.configured.audio.sink", R"({"name":")" + second + "\"}"));
    EXPECT_TRUE(probe.wait_until([&](const Graph &graph) {
        return graph.default_sink() == second && graph.links_between("player", second).size() == 2 &&
               graph.links_between("player", card.sink()).empty();
    }));
    card.wait_sound("second");
    // The profiler tells of the cycles that are over: a driver's followers may be those of before the move.
    std::optional<GraphDriver> driving;
    EXPECT_TRUE(poll_until([&] {
        for (const auto &[id, driver] : probe.drivers())
            if (std::find(driver.followers.begin(), driver.followers.end(), "player") != driver.followers.end()) driving = driver;
        return driving.has_value();
    }));
    ASSERT_TRUE(driving);
    EXPECT_EQ(driving->quantum, 512U);
    EXPECT_EQ(driving->rate, 48'000U);
    EXPECT_TRUE(driving->clock_name.starts_with("sim.")) << driving->clock_name;
    ASSERT_TRUE(probe.set_metadata("default", 0, "default.configured.audio.sink", std::nullopt));
    EXPECT_TRUE(probe.wait_until(
        [](const Graph &graph) { return !graph.meta("default", 0, "default.configured.audio.sink"); }));
}

TEST(GraphProbe, MakesAndDestroysLinks) {
    const Session session({.quantum = 256});
    SimCard card(session);
    GraphProbe probe(session);
    probe.wait_node(card.sink());
    Source source(session, {.signal = {"dc", "1"}, .name = "manual", .autoconnect = false});
    const GraphNode player = probe.wait_node("manual");
    ASSERT_TRUE(probe.wait_until([&](const Graph &graph) {
        return graph.ports_of(player.id, false).size() == 2 &&
               !graph.ports_of(graph.node(card.sink())->id, true).empty();
    }));
    const Graph graph = probe.snapshot();
    ASSERT_TRUE(probe.create_link(graph.ports_of(player.id, false)[0].id,
                                  graph.ports_of(graph.node(card.sink())->id, true)[0].id));
    card.wait_sound();
    EXPECT_EQ(card.recording().peak(0, Recording::end_of_file, 0), default_route_volume);
    EXPECT_EQ(card.recording().peak(0, Recording::end_of_file, 1), 0.0F);
    ASSERT_TRUE(
        probe.wait_until([&](const Graph &now) { return now.links_between("manual", card.sink()).size() == 1; }));
    ASSERT_TRUE(probe.destroy(probe.snapshot().links_between("manual", card.sink())[0].id));
    EXPECT_TRUE(probe.wait_until([&](const Graph &now) { return now.links_between("manual", card.sink()).empty(); }));
}

TEST(GraphProbe, WorksInTwoSessionsAtOnce) {
    const Session first({.quantum = 256});
    const Session second({.quantum = 1024});
    SimCard left(first, {.name = "left"});
    SimCard right(second, {.name = "right"});
    GraphProbe here(first);
    GraphProbe there(second);
    here.wait_node(left.sink());
    there.wait_node(right.sink());
    EXPECT_EQ(here.snapshot().node(right.sink()), nullptr);
    EXPECT_EQ(there.snapshot().node(left.sink()), nullptr);
    Source a(first, {.signal = {"counter"}});
    Source b(second, {.signal = {"counter"}});
    left.wait_sound();
    right.wait_sound();
    left.wait_frames(24'000);
    right.wait_frames(24'000);
    expect_exact(left.recording(), default_route_volume, 12'000);
    expect_exact(right.recording(), default_route_volume, 12'000);
}

// The server drops changes of metadata for one client while another binds the object.
TEST(GraphProbe, FindsChangesThatItWasNotToldOf) {
    const Session session;
    const SimCard card(session);
    GraphProbe probe(session);
    ASSERT_TRUE(probe.wait_until([](const Graph &graph) { return !graph.default_sink().empty(); }));
    GraphProbe writer(session);
    // The owner's answer to the change comes before its answer to the ping that the second binding causes.
    ASSERT_TRUE(writer.set_metadata("default", 0, "soundwarden.test", "1", "Spa:String"));
    writer.reread_metadata();
    EXPECT_TRUE(probe.wait_until([](const Graph &graph) { return graph.meta("default", 0, "soundwarden.test") == "1"; }));
    EXPECT_FALSE(probe.snapshot().default_sink().empty());
}

TEST(GraphProbe, NoticesTheEndOfPipeWire) {
    Session session;
    const GraphProbe probe(session);
    EXPECT_TRUE(probe.connected());
    session.kill(Server::pipewire, SIGKILL);
    EXPECT_FALSE(probe.wait_until([](const Graph &) { return false; }));
    EXPECT_FALSE(probe.connected());
    EXPECT_THROW(GraphProbe{"/nonexistent/pipewire-0"}, std::runtime_error);
}

} // namespace
} // namespace soundwarden::bench
