// SPDX-License-Identifier: MIT
// What the daemon costs the processor with eight stereo sinks to limit, and beside it eight limiters in filter chains of PipeWire's own.
// Nothing is judged but that both limit: what they cost is a figure for tools/figures.
#include "guarded.hpp"

#include "bench/clock.hpp"
#include "bench/recording.hpp"

#include <gtest/gtest.h>
#include <pipewire/version.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace soundwarden::integration {
namespace {

using bench::Recording;
using bench::Session;
using bench::SimCard;
using bench::Source;

constexpr unsigned quantum = 256;
constexpr unsigned rate = 48000;
constexpr std::size_t sinks = 8;
/// What a desktop's line-out with an unknown load gets (product.md, the matrix); the chains have the same limit.
constexpr double ceiling_db = -10.0;
const int seconds = nightly() ? 20 : 2;

/// Processor time of all threads of a process so far, ns (proc(5), schedstat).
std::int64_t processor_ns(pid_t pid) {
    std::int64_t sum = 0;
    for (const auto &task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
        std::int64_t ns = 0;
        std::ifstream(task.path() / "schedstat") >> ns;
        sum += ns;
    }
    return sum;
}

struct Cards {
    explicit Cards(const Session &session) : host(session, {.preset = "desktop", .name = "card0"}) {
        sink.push_back(host.sink());
        for (std::size_t at = 1; at < sinks; ++at) sink.push_back(host.add(name(at), "desktop"));
    }
    static std::string name(std::size_t at) { return "card" + std::to_string(at); }
    /// Each sink plays something, and nothing above this (dBFS), in the last tenth of a second.
    testing::AssertionResult play(double least_db, double most_db) const {
        for (std::size_t at = 0; at < sinks; ++at) {
            const Recording recording = host.recording(name(at));
            const double now = decibels(static_cast<double>(recording.peak(recording.frames() > rate / 10 ? recording.frames() - rate / 10 : 0))).value;
            if (now < least_db || now > most_db) return testing::AssertionFailure() << name(at) << " plays " << now << " dBFS";
        }
        return testing::AssertionSuccess();
    }

    SimCard host;
    std::vector<std::string> sink;
};

/// Percent of one core for each sink while eight tones play into `into(sink)`, 20 dB over full scale.
template <class Into> double percent_a_sink(const Session &session, const Cards &cards, bench::Process &process, double over_db, const Into &into) {
    std::vector<std::unique_ptr<Source>> sources;
    for (const std::string &sink : cards.sink) {
        sources.push_back(std::make_unique<Source>(session, bench::SourceOptions{.signal = {"tone", "997", "0"}, .target = into(sink), .level_db = 20}));
        sources.back()->wait_streaming();
    }
    EXPECT_TRUE(bench::poll_until([&] { return static_cast<bool>(cards.play(ceiling_db - 1.0, ceiling_db + over_db)); }))
        << cards.play(ceiling_db - 1.0, ceiling_db + over_db).message() << "\n" << process.output();
    const auto begin = bench::now_ns();
    const auto before = processor_ns(process.pid());
    bench::poll_until([&] { return bench::now_ns() >= begin + seconds * std::int64_t{1'000'000'000}; }, std::chrono::seconds(3 * seconds));
    const auto used = processor_ns(process.pid()) - before;
    return 100.0 * static_cast<double>(used) / static_cast<double>(bench::now_ns() - begin) / static_cast<double>(sinks);
}

/// A limiter that a filter chain can have here.
struct Chain {
    std::string name;
    std::string graph;
    double over_db = 0.01; // what comes out above the limit
};

Chain chain() {
    if (std::filesystem::exists("/usr/lib/ladspa/fast_lookahead_limiter_1913.so"))
        return {"SWH 1913 (LADSPA)", R"graph(nodes = [ { type = ladspa name = limiter plugin = "fast_lookahead_limiter_1913" label = fastLookaheadLimiter
            control = { "Input gain (dB)" = 0.0 "Limit (dB)" = -10.0 "Release time (s)" = 0.05 } } ])graph", 0.5};
    // A limiter that is none: it cuts. Before 1.x there is none at all.
#if PW_CHECK_VERSION(1, 2, 0)
    const std::string clamp = R"({ type = builtin name = @ label = clamp control = { "Min" = -0.31622 "Max" = 0.31622 } })";
    const auto named = [&](const char *name) { return std::string(clamp).replace(clamp.find('@'), 1, name); };
    return {"clamp (builtin)", "nodes = [ " + named("left") + " " + named("right") + R"( ]
            inputs = [ "left:In" "right:In" ] outputs = [ "left:Out" "right:Out" ])"};
#else
    return {};
#endif
}

/// A process with a filter chain in front of each sink. It takes whatever level it is given: the node's volume is 1.
std::string config_of(const Chain &chain, const std::vector<std::string> &sinks_behind) {
    std::string modules;
    for (const std::string &sink : sinks_behind)
        modules += R"(
  { name = libpipewire-module-filter-chain args = {
      node.description = "chain" media.name = "chain" filter.graph = { )" + chain.graph + R"( }
      capture.props = { node.name = "chain.)" + sink + R"(" media.class = Audio/Sink audio.channels = 2 audio.position = [ FL FR ] }
      playback.props = { node.name = "chain.)" + sink + R"(.out" target.object = ")" + sink + R"(" node.passive = true audio.channels = 2
        audio.position = [ FL FR ] } } })";
    return R"(context.properties = { log.level = 2 }
context.spa-libs = { audio.convert.* = audioconvert/libspa-audioconvert support.* = support/libspa-support }
context.modules = [
  { name = libpipewire-module-rt args = { } flags = [ ifexists nofail ] }
  { name = libpipewire-module-protocol-native }
  { name = libpipewire-module-client-node }
  { name = libpipewire-module-adapter })" + modules + "\n]\n";
}

TEST(GuardCost, of_eight_limited_sinks_beside_eight_filter_chains) {
    Session session({.quantum = quantum, .rate = rate});
    const Cards cards(session);
    bench::GraphProbe probe(session);
    for (const std::string &sink : cards.sink) probe.change_sink_volume(sink, 1.0F);
    const auto full_volume = [&](const std::string &node) { probe.set_node_props(probe.wait_node(node).id, {.channel_volumes = {1.0F, 1.0F}}); };

    double chains = 0.0;
    const Chain peer = chain();
    if (!peer.name.empty()) {
        const auto config = session.dir() / "chains.conf";
        std::ofstream(config) << config_of(peer, cards.sink);
        const auto process = session.spawn({"pipewire", "-c", config.string()});
        for (const std::string &sink : cards.sink) full_volume("chain." + sink);
        chains = percent_a_sink(session, cards, *process, peer.over_db, [](const std::string &sink) { return "chain." + sink; });
        EXPECT_GT(chains, 0.0);
        RecordProperty("chain", peer.name);
        RecordProperty("chain_percent", std::to_string(chains));
    }
    Daemon daemon(session);
    for (const std::string &sink : cards.sink) full_volume("soundwarden." + sink);
    const double guards = percent_a_sink(session, cards, daemon.process(), 0.0, [](const std::string &sink) { return "soundwarden." + sink; });
    EXPECT_GT(guards, 0.0);
    RecordProperty("guard_percent", std::to_string(guards));
    std::printf("%zu stereo sinks, quantum %u at %u Hz: %.2f %% of a core for each guarded sink", sinks, quantum, rate, guards);
    if (peer.name.empty()) std::printf("; this PipeWire has no limiter for a filter chain, and swh-plugins is not installed\n");
    else std::printf("; %.2f %% for each filter chain with %s\n", chains, peer.name.c_str());
}

} // namespace
} // namespace soundwarden::integration
