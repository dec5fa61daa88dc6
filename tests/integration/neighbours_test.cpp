// SPDX-License-Identifier: MIT
// Sinks that others already look after: WirePlumber's own DSP in front of one (node.software-dsp.rules, from 0.4.15 on).
#include "guarded.hpp"

#include "bench/clock.hpp"
#include "bench/recording.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace soundwarden::integration {
namespace {

using bench::Graph;
using bench::GraphProbe;
using bench::Recording;
using bench::Server;
using bench::Session;
using bench::SimCard;
using bench::Source;

constexpr const char *raw_sink = "alsa_output.laptop.analog-stereo";
constexpr unsigned rate = 48000;

enum class Dsp { shown, hidden, broken, none };

void put_dsp_in_front(Session &session, Dsp dsp) {
    const auto fragments = session.config_dir() / "wireplumber" / "wireplumber.conf.d";
    std::filesystem::create_directories(fragments);
    const auto graph = session.config_dir() / "dsp-graph.conf";
    std::ofstream(graph) << R"({
  node.description = "Speaker DSP"
  media.name = "Speaker DSP"
  audio.channels = 2
  audio.position = [ FL FR ]
  filter.graph = { nodes = [ { type = builtin name = copy label = copy } ] }
  capture.props = { node.name = "dsp_input" media.class = Audio/Sink }
  playback.props = { node.name = "dsp_output" node.passive = true target.object = ")" << raw_sink << R"(" }
}
)";
    std::ofstream(fragments / "60-dsp.conf") << R"(context.modules = [ { name = libpipewire-module-client-node } { name = libpipewire-module-adapter } ]
wireplumber.profiles = { main = { node.software-dsp = required } }
node.software-dsp.rules = [ {
  matches = [ { node.name = ")" << raw_sink << R"(" } ]
  actions = { create-filter = { filter-path = ")" << graph.string() << (dsp == Dsp::broken ? ".missing" : "") << R"(", hide-parent = )"
                                          << (dsp == Dsp::hidden ? "true" : "false") << R"( } }
} ]
)";
    session.restart(Server::wireplumber);
}

/// A daemon that looks after a card, and beside it one whose sink has DSP of its own.
struct Neighbour {
    explicit Neighbour(Dsp dsp) : session({.quantum = 256, .rate = rate}), seen(session, {.preset = "desktop", .lockstep = false}) {
        seen.remove();
        if (dsp != Dsp::none) put_dsp_in_front(session, dsp);
        daemon = std::make_unique<Daemon>(session);
        // Held are new cards only where a daemon was seen, and that one is when it has a card to speak of.
        seen.add_again("desktop");
        daemon->wait_report("decision:");
        card = std::make_unique<SimCard>(session, bench::SimCardOptions{.preset = "laptop", .lockstep = false});
    }
    void play() {
        source = std::make_unique<Source>(session, bench::SourceOptions{.signal = {"tone", "997", "-6"}, .target = "dsp_input"});
        source->wait_streaming();
    }
    /// The loudest sample of the newest 50 ms, once it is above `level`.
    bool heard(float level) {
        Recording recording = card->recording();
        return bench::poll_until([&] {
            recording.refresh();
            return recording.frames() > rate / 20 && recording.peak(recording.frames() - rate / 20) > level;
        });
    }
    /// Whether its speakers and its headphones come to be named as left to a DSP of their own.
    bool left_alone() {
        return bench::poll_until([&] {
            const auto now = outputs();
            return std::count_if(now.begin(), now.end(), [](const auto &output) { return output.value("reason", "") == "own-dsp"; }) == 2;
        });
    }
    nlohmann::json outputs() {
        auto status = session.spawn({program("SOUNDWARDEN"), "-o", "json", "status"});
        status->wait_exit();
        std::string text;
        for (const auto &line : status->lines())
            if (!line.from_stderr) text += line.text + "\n";
        return nlohmann::json::parse(text, nullptr, false).value("outputs", nlohmann::json{});
    }

    Session session;
    SimCard seen;
    std::unique_ptr<SimCard> card;
    std::unique_ptr<Daemon> daemon;
    std::unique_ptr<Source> source;
};

TEST(OwnDsp, of_a_sink_that_wireplumber_shows_is_left_alone_and_named) {
    Neighbour neighbour(Dsp::shown);
    GraphProbe probe(neighbour.session);
    ASSERT_TRUE(probe.wait_until([](const Graph &graph) { return graph.node("dsp_input") != nullptr; })) << neighbour.session.logs();
    EXPECT_TRUE(neighbour.left_alone()) << neighbour.outputs().dump(2);
    EXPECT_TRUE(probe.wait_until(
        [&](const Graph &graph) { return graph.node(std::string("soundwarden.") + raw_sink) == nullptr; }));
    neighbour.play();
    probe.change_sink_volume(raw_sink, 1.0F);
    EXPECT_TRUE(neighbour.heard(0.45F)) << neighbour.daemon->process().output() << neighbour.session.logs();
}

// The server drops changes of metadata for those who listen while one more client begins to.
TEST(OwnDsp, that_the_daemon_was_not_told_of_is_heard_of_all_the_same) {
    Neighbour neighbour(Dsp::none);
    neighbour.daemon->wait_report("decision: Speaker");
    GraphProbe probe(neighbour.session);
    ASSERT_TRUE(probe.set_metadata("soundwarden", 0, std::string("dsp.") + raw_sink, "true", "Spa:String"));
    probe.reread_metadata();
    EXPECT_TRUE(neighbour.left_alone()) << neighbour.outputs().dump(2);
}

TEST(OwnDsp, of_a_sink_that_wireplumber_hides_does_not_wait_for_a_daemon_that_cannot_see_it) {
    Neighbour neighbour(Dsp::hidden);
    GraphProbe probe(neighbour.session);
    ASSERT_TRUE(probe.wait_until([](const Graph &graph) { return graph.node("dsp_input") != nullptr; })) << neighbour.session.logs();
    neighbour.play();
    // 0.4³ is where WirePlumber starts a new card; held, it would be silent and then 30 dB below that.
    EXPECT_TRUE(neighbour.heard(0.064F * 0.45F)) << neighbour.daemon->process().output() << neighbour.session.logs();
    neighbour.card->wait_frames(2 * rate);
    EXPECT_TRUE(neighbour.heard(0.064F * 0.45F)) << "only at first";
    EXPECT_EQ(neighbour.session.logs().find("held"), std::string::npos) << neighbour.session.logs();
}

TEST(OwnDsp, that_does_not_come_leaves_a_sink_guarded_like_any_other) {
    Neighbour neighbour(Dsp::broken);
    const auto mark = neighbour.daemon->mark();
    neighbour.card->jack("headphones", true);
    neighbour.daemon->wait_report("decision: Headphones", mark);
    const Source music(neighbour.session, {.signal = {"tone", "997", "0"}, .target = raw_sink, .level_db = 100.0});
    const auto from = neighbour.card->recording().frames();
    const float ceiling = amplitude_toward_zero(headphone_cap);
    EXPECT_TRUE(neighbour.heard(ceiling * 0.999F)) << neighbour.daemon->process().output() << neighbour.session.logs();
    EXPECT_EQ(neighbour.card->recording().count_above(ceiling, from), 0U);
    EXPECT_NE(neighbour.session.logs().find("its DSP is not there"), std::string::npos) << "the control: it was left alone first";
}

} // namespace
} // namespace soundwarden::integration
