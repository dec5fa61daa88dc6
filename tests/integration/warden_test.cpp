// SPDX-License-Identifier: MIT
// Links past the guard, made by hand as pw-link, a patchbay or a JACK client makes them: how long they live, what of
// them is heard, and where the stream is afterwards. The controls cut the warden's connection.
// Its thread is the daemon's, so it cannot be left out without taking the guard along.
#include "guarded.hpp"

#include "bench/clock.hpp"
#include "bench/recording.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <pipewire/version.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <numeric>
#include <thread>

namespace soundwarden::integration {
namespace {

using bench::Graph;
using bench::Recording;
using bench::Source;

constexpr unsigned rate = 48000;
// So loud that whatever gain the guard has, the sink is at the ceiling in force; and every sample past it is above.
constexpr double pressing_db = 100.0;

std::vector<unsigned> quanta() { return nightly() ? std::vector{64U, 256U, 1024U} : std::vector{64U, 1024U}; }

float ceiling() { return amplitude_toward_zero(headphone_cap); }
int rounds() { return nightly() ? 100 : 25; } // two quanta, idle and busy: 100 in all

/// A guarded sink at its ceiling.
struct Scene {
    explicit Scene(unsigned quantum, bool with_part = true)
        : guarded({.lockstep = false, .node_properties = with_part ? std::vector<std::string>{} : takes_no_clamp()},
                  {.quantum = quantum, .rate = rate, .policy = with_part}) {
        guarded.plug(true);
        guarded.set_user_volume(1.0);
        source = std::make_unique<Source>(
            guarded.session,
            bench::SourceOptions{.signal = {"tone", "997", "0"}, .level_db = pressing_db, .name = "player"});
        source->wait_streaming();
        guarded.wait_level(static_cast<double>(ceiling()) * 0.999);
    }

    std::size_t links(const std::string &from, const std::string &to) const {
        return guarded.probe.snapshot().links_between(from, to).size();
    }
    /// Links `from` to `to`, channel by channel; how many links were asked for.
    std::size_t link(const std::string &from, const std::string &to) {
        const Graph graph = guarded.probe.snapshot();
        std::size_t asked = 0;
        for (const auto &output : graph.ports_of(graph.node(from)->id, false))
            for (const auto &input : graph.ports_of(graph.node(to)->id, true))
                if (bench::get(output.properties, "audio.channel") == bench::get(input.properties, "audio.channel") &&
                    guarded.probe.create_link(output.id, input.id))
                    ++asked;
        return asked;
    }
    bool wait_links(const std::string &from, const std::string &to, std::size_t count) {
        return guarded.probe.wait_until(
            [&](const Graph &graph) { return graph.links_between(from, to).size() == count; });
    }
    bool realtime_refused() { return guarded.daemon->process().output().find("no-realtime") != std::string::npos; }
    std::string logs() { return guarded.daemon->process().output() + guarded.session.logs(); }

    Guarded guarded;
    std::unique_ptr<Source> source;
};

struct Attack {
    std::int64_t start_ns = 0;
    double lived_ms = 0.0;
};

/// Links the player to the raw sink and waits until that is undone.
Attack attack(Scene &scene) {
    const std::string &sink = scene.guarded.card.sink();
    Attack result{bench::now_ns()};
    std::int64_t seen = 0;
    std::int64_t gone = 0;
    std::size_t had = 0;
    const std::size_t asked = scene.link("player", sink);
    EXPECT_EQ(asked, 2U);
    scene.guarded.probe.sync(); // what lives shorter than this round trip was not seen at all
    const bool undone = scene.guarded.probe.wait_until([&](const Graph &graph) {
        const auto now = graph.links_between("player", sink).size();
        if (now > had && seen == 0) seen = bench::now_ns();
        had = now;
        gone = bench::now_ns();
        return now == 0;
    });
    EXPECT_TRUE(undone) << scene.logs();
    result.lived_ms = seen == 0 ? 0.0 : static_cast<double>(gone - result.start_ns) * 1e-6;
    return result;
}

/// Frames above the ceiling after each attack, largest last.
std::vector<std::uint64_t> leaks(const Scene &scene, const std::vector<Attack> &attacks) {
    const Recording recording = scene.guarded.card.recording();
    std::vector<std::uint64_t> result;
    for (std::size_t at = 0; at < attacks.size(); ++at) {
        const auto from = recording.frame_at(attacks[at].start_ns);
        const auto to = at + 1 < attacks.size() ? recording.frame_at(attacks[at + 1].start_ns) : recording.frames();
        result.push_back(recording.count_above(ceiling(), from, to));
    }
    std::sort(result.begin(), result.end());
    return result;
}

/// For tools/figures: the property NAME, samples above after all attacks, and NAME_worst_ms, after the worst of them.
void record(const std::string &name, const std::vector<std::uint64_t> &leaked) {
    testing::Test::RecordProperty(name, std::to_string(std::accumulate(leaked.begin(), leaked.end(), std::uint64_t{0})));
    testing::Test::RecordProperty(name + "_worst_ms", std::to_string(static_cast<double>(leaked.back()) / 2.0 * 1000.0 / rate));
}

double print(const char *what, unsigned quantum, std::vector<Attack> attacks,
             const std::vector<std::uint64_t> &leaked) {
    std::sort(attacks.begin(), attacks.end(), [](const Attack &a, const Attack &b) { return a.lived_ms < b.lived_ms; });
    const auto clean = std::count(leaked.begin(), leaked.end(), 0U);
    // Both channels carry the tone: two samples a frame.
    const double worst_ms = static_cast<double>(leaked.back()) / 2.0 * 1000.0 / rate;
    std::printf("%s, quantum %u: %zu attacks; from asking for the link to its end: median %.1f, max %.1f ms; without a "
                "sample above: "
                "%td; the worst: %.2f ms above\n",
                what, quantum, attacks.size(), attacks[attacks.size() / 2].lived_ms, attacks.back().lived_ms, clean,
                worst_ms);
    return worst_ms;
}

/// From 1.4 on the clamp inside the sink holds whatever the warden is too late for. Before, the limit is wide: other tests
/// run beside this one, and the figures are printed.
void judge(double above_ms) {
#if PW_CHECK_VERSION(1, 0, 0)
    EXPECT_EQ(above_ms, 0.0);
#else
    EXPECT_LE(above_ms, 100.0);
#endif
}

/// Every processor has something else to do.
class BusyCores {
  public:
    BusyCores() {
        for (unsigned core = 0; core < std::thread::hardware_concurrency(); ++core)
            threads_.emplace_back([this] {
                while (!stop_.load(std::memory_order_relaxed)) {
                }
            });
    }
    ~BusyCores() {
        stop_ = true;
        for (auto &thread : threads_) thread.join();
    }
    BusyCores(const BusyCores &) = delete;
    BusyCores &operator=(const BusyCores &) = delete;

  private:
    std::atomic<bool> stop_{false};
    std::vector<std::thread> threads_;
};

class Warden : public testing::TestWithParam<unsigned> {};

TEST_P(Warden, removes_links_past_the_guard_before_they_are_heard) {
    Scene scene(GetParam());
    std::vector<Attack> idle;
    std::vector<Attack> busy;
    for (int round = 0; round < rounds(); ++round) idle.push_back(attack(scene));
    scene.guarded.card.wait_frames(rate / 10);
    const auto idle_leaks = leaks(scene, idle);
    {
        const BusyCores load;
        for (int round = 0; round < rounds(); ++round) busy.push_back(attack(scene));
    }
    scene.guarded.card.wait_frames(rate / 10);
    const double worst_idle = print("links by hand, idle", GetParam(), idle, idle_leaks);
    const auto busy_leaks = leaks(scene, busy);
    const double worst_busy = print("links by hand, all cores busy", GetParam(), busy, busy_leaks);
    record("samples_above", idle_leaks);
    record("samples_above_busy", busy_leaks);

    // The tone never left the guard, and nobody took the attacks for a reason to turn it down.
    EXPECT_EQ(scene.links("player", scene.guarded.guard_name()), 2U);
    scene.guarded.wait_level(static_cast<double>(ceiling()) * 0.999);
    if (scene.realtime_refused()) {
        std::printf("real-time priority is refused here: not judged\n");
        return;
    }
    judge(worst_idle);
    judge(worst_busy);
}

INSTANTIATE_TEST_SUITE_P(Quanta, Warden, testing::ValuesIn(quanta()),
                         [](const auto &quantum) { return "q" + std::to_string(quantum.param); });

TEST(WardenLive, a_client_that_links_itself_to_the_sink_is_on_the_guard_at_once) {
    Scene scene(256);
    Guarded &guarded = scene.guarded;
    // As a JACK client: nobody leads it anywhere.
    Source jack(
        guarded.session,
        {.signal = {"tone", "2003", "0"}, .level_db = pressing_db, .name = "jack-client", .autoconnect = false});
    guarded.probe.wait_until([&](const Graph &graph) {
        const auto *node = graph.node("jack-client");
        return node != nullptr && graph.ports_of(node->id, false).size() == 2;
    });
    const auto from = bench::now_ns();
    std::vector<double> back_ms;
    for (int round = 0; round < (nightly() ? 50 : 10); ++round) {
        const auto start = bench::now_ns();
        scene.link("jack-client", guarded.card.sink());
        ASSERT_TRUE(scene.wait_links("jack-client", guarded.guard_name(), 2)) << scene.logs();
        back_ms.push_back(static_cast<double>(bench::now_ns() - start) * 1e-6);
        EXPECT_TRUE(scene.wait_links("jack-client", guarded.card.sink(), 0));
        // Once more while it is there: not twice, and its own link is not taken away.
        scene.link("jack-client", guarded.card.sink());
        guarded.probe.sync(); // it was there: none is too early to be waited for
        EXPECT_TRUE(scene.wait_links("jack-client", guarded.card.sink(), 0));
        EXPECT_EQ(scene.links("jack-client", guarded.guard_name()), 2U);
        for (const auto &link : guarded.probe.snapshot().links_between("jack-client", guarded.guard_name()))
            guarded.probe.destroy(link.id);
        EXPECT_TRUE(scene.wait_links("jack-client", guarded.guard_name(), 0));
    }
    scene.link("jack-client", guarded.card.sink());
    EXPECT_TRUE(scene.wait_links("jack-client", guarded.guard_name(), 2));
    scene.source->stop();
    guarded.wait_level(static_cast<double>(ceiling()) * 0.999); // it is heard
    std::sort(back_ms.begin(), back_ms.end());
    const Recording recording = guarded.card.recording();
    std::printf(
        "a client that links itself: on the guard after median %.1f, max %.1f ms (promised: 100); %.2f ms above\n",
        back_ms[back_ms.size() / 2], back_ms.back(),
        static_cast<double>(recording.count_above(ceiling(), recording.frame_at(from), recording.frames())) / 2.0 *
            1000.0 / rate);
    EXPECT_LE(back_ms[back_ms.size() / 2], 1000.0); // wide: machines are loaded
}

/// A JACK client (pw-jack) that connects itself again and again to the ports that match `pattern`; samples above meanwhile.
std::uint64_t jack_attack(Scene &scene, const std::string &pattern, const std::string &lands_on) {
    Guarded &guarded = scene.guarded;
    const auto from = guarded.card.recording().frames();
    auto client =
        guarded.session.spawn({"pw-jack", bench::jackclient_program(), std::to_string(rounds()), "100000", pattern});
    EXPECT_TRUE(client->wait_for_line("^done")) << client->output();
    EXPECT_TRUE(client->output().find("connected " + lands_on) != std::string::npos) << client->output();
    const auto start = bench::now_ns();
    EXPECT_TRUE(scene.wait_links("jack-client", guarded.guard_name(), 2)) << client->output() << scene.logs();
    EXPECT_TRUE(scene.wait_links("jack-client", guarded.card.sink(), 0)) << scene.logs();
    std::printf("JACK client on %s: on the guard alone %.1f ms after its last attempt (promised: 100)\n", lands_on.c_str(),
                static_cast<double>(bench::now_ns() - start) * 1e-6);
    scene.source->stop();
    guarded.wait_level(static_cast<double>(ceiling()) * 0.999); // it is heard, through the guard
    client->close_stdin();
    client->wait_exit();
    return guarded.card.recording().count_above(ceiling(), from);
}

class Jack : public testing::TestWithParam<unsigned> {};

TEST_P(Jack, a_client_that_connects_to_the_raw_sink_ends_on_the_guard) {
    Scene scene(GetParam());
    const auto above = jack_attack(scene, "^Built-in Audio Analog Stereo:", "Built-in Audio Analog Stereo:playback_FL");
    std::printf("JACK, quantum %u: %d attempts, %llu samples above\n", GetParam(), rounds(), static_cast<unsigned long long>(above));
    record("samples_above", {above});
    judge(static_cast<double>(above) / 2.0 * 1000.0 / rate);
}

TEST_P(Jack, a_client_that_takes_the_first_physical_ports_lands_on_the_guard) {
    Scene scene(GetParam());
    const auto above = jack_attack(scene, "", "Speaker (Built-in Audio):playback_FL");
    record("samples_above", {above});
    EXPECT_EQ(above, 0U);
}

INSTANTIATE_TEST_SUITE_P(Quanta, Jack, testing::ValuesIn(quanta()),
                         [](const auto &quantum) { return "q" + std::to_string(quantum.param); });

TEST(JackControl, without_soundwarden_it_is_heard) {
    bench::Session session({.quantum = 256, .rate = rate});
    const bench::SimCard card(session);
    auto client = session.spawn({"pw-jack", bench::jackclient_program(), "1", "100000"});
    ASSERT_TRUE(client->wait_for_line("^done")) << client->output();
    Recording recording = card.recording();
    EXPECT_TRUE(bench::poll_until([&] {
        recording.refresh();
        return recording.first_above(1.1F).has_value();
    })) << "the attack is no attack";
}

TEST(WardenLive, pw_link_is_named_and_counted) {
    Scene scene(1024);
    Guarded &guarded = scene.guarded;
    const auto from = guarded.daemon->mark();
    constexpr int times = 5;
    for (int round = 0; round < times; ++round) {
        auto tool = guarded.session.spawn({"pw-link", "player:output_FL", guarded.card.sink() + ":playback_FL"});
        ASSERT_TRUE(tool->wait_exit());
        EXPECT_TRUE(scene.wait_links("player", guarded.card.sink(), 0));
    }
    guarded.daemon->wait_report("foreign-link: removed .* past the guard into .*, last by player", from);
    nlohmann::json shown;
    EXPECT_TRUE(bench::poll_until([&] {
        auto status = guarded.session.spawn({program("SOUNDWARDEN"), "-o", "json", "status"});
        status->wait_exit();
        std::string text;
        for (const auto &line : status->lines())
            if (!line.from_stderr) text += line.text + "\n";
        shown = nlohmann::json::parse(text, nullptr, false);
        if (!shown.contains("outputs")) return false;
        for (const auto &output : shown["outputs"])
            if (output.value("active", false))
                return output["offenders"] == nlohmann::json{{{"name", "player"}, {"times", times}}};
        return false;
    })) << shown.dump(2);
    EXPECT_EQ(guarded.daemon->process().output().find("degraded: foreign-link"), std::string::npos);
}

TEST(WardenLive, watches_again_when_pipewire_is_back) {
    Scene scene(256);
    Guarded &guarded = scene.guarded;
    const auto from = guarded.daemon->mark();
    scene.source.reset();
    guarded.session.restart(bench::Server::pipewire);
    guarded.daemon->wait_report("pipewire: connected", from);
    bench::SimCard card(guarded.session, {.lockstep = false});
    guarded.daemon->wait_report("decision:", from);
    Source player(guarded.session, {.signal = {"tone", "997", "0"}, .name = "player"});
    player.wait_streaming();
    bench::GraphProbe probe(guarded.session);
    const auto linked = [&](const std::string &to, std::size_t count) {
        return probe.wait_until([&](const Graph &graph) { return graph.links_between("player", to).size() == count; });
    };
    ASSERT_TRUE(linked("soundwarden." + card.sink(), 2)) << scene.logs();
    auto tool = guarded.session.spawn({"pw-link", "player:output_FL", card.sink() + ":playback_FL"});
    ASSERT_TRUE(tool->wait_exit());
    probe.sync();
    EXPECT_TRUE(linked(card.sink(), 0));
    guarded.daemon->wait_report("foreign-link: removed", from);
}

TEST(WardenLive, an_observer_leaves_links_alone) {
    bench::Session session({.quantum = 256, .rate = rate});
    bench::SimCard card(session);
    Daemon daemon(session, {"--observe"});
    daemon.wait_report("sink:");
    bench::GraphProbe probe(session);
    Source player(session, {.signal = {"tone", "997", "-20"}, .name = "player", .autoconnect = false});
    ASSERT_TRUE(probe.wait_until([&](const Graph &graph) {
        const auto *node = graph.node("player");
        return node != nullptr && graph.ports_of(node->id, false).size() == 2 && graph.node(card.sink()) != nullptr;
    }));
    const Graph graph = probe.snapshot();
    probe.create_link(graph.ports_of(graph.node("player")->id, false).front().id,
                      graph.ports_of(graph.node(card.sink())->id, true).front().id);
    card.wait_sound();
    EXPECT_EQ(probe.snapshot().links_between("player", card.sink()).size(), 1U);
}

TEST(WardenLive, the_guards_ports_are_those_of_the_sink_for_a_jack_client) {
    Scene scene(256);
    const Graph graph = scene.guarded.probe.snapshot();
    const auto sink = graph.ports_of(graph.node(scene.guarded.card.sink())->id, true);
    const auto guard = graph.ports_of(graph.node(scene.guarded.guard_name())->id, true);
    ASSERT_EQ(sink.size(), guard.size());
    for (std::size_t at = 0; at < sink.size(); ++at) {
        EXPECT_EQ(guard[at].name(), sink[at].name());
        for (const char *key : {"port.physical", "port.terminal"})
            EXPECT_EQ(bench::get(guard[at].properties, key), "true") << key;
        EXPECT_TRUE(bench::get(guard[at].properties, "port.alias").ends_with(":" + sink[at].name()))
            << bench::get(guard[at].properties, "port.alias");
    }
}

TEST(WardenControl, without_it_what_is_linked_past_the_guard_is_heard) {
    Scene scene(256, false);
    Guarded &guarded = scene.guarded;
    const auto daemon_from = guarded.daemon->mark();
    {
        const WithoutWarden without(guarded.session);
        const auto from = guarded.card.recording().frames();
        scene.link("player", guarded.card.sink());
        Recording recording = guarded.card.recording();
        EXPECT_TRUE(bench::poll_until([&] {
            recording.refresh();
            return recording.first_above(ceiling() * 1.1F, from).has_value();
        })) << "the attack is no attack";
        guarded.daemon->wait_report("degraded: no-link-warden", daemon_from);
    }
    // It comes back by itself and does what it missed.
    EXPECT_TRUE(scene.wait_links("player", guarded.card.sink(), 0)) << scene.logs();
}

} // namespace
} // namespace soundwarden::integration
