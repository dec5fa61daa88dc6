// SPDX-License-Identifier: MIT
// The user's word on protection, in samples: `guard OUTPUT off` opens slowly and `on` closes at once; `release` ends
// cleanly and low. What is not released stays shut: the controls.
#include "guarded.hpp"

#include "bench/clock.hpp"
#include "bench/recording.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

namespace soundwarden::integration {
namespace {

using bench::Graph;
using bench::GraphProbe;
using bench::Recording;
using bench::Session;
using bench::Source;

constexpr unsigned rate = 48000;
constexpr double pressing_db = 100.0; // the sink is at the ceiling in force, whatever the guard's gain
constexpr double left_volume = 0.064;

float ceiling() { return amplitude_toward_zero(headphone_cap); }

/// Runs `soundwarden`; its output. Fails the test where it does not end with `code`.
std::string cli(const Session &session, std::vector<std::string> arguments, int code = 0) {
    arguments.insert(arguments.begin(), program("SOUNDWARDEN"));
    const auto process = session.spawn(arguments);
    const auto status = process->wait_exit();
    EXPECT_TRUE(status && status->code == code) << process->output() << session.logs();
    return process->output();
}

void kill_daemon(Guarded &guarded) {
    guarded.daemon->process().signal(SIGKILL);
    guarded.daemon->process().wait_exit();
}

/// The active route's volume as the graph shows it.
double route_volume(const Guarded &guarded) {
    const Graph graph = guarded.probe.snapshot();
    const auto *sink = graph.node(guarded.card.sink());
    const auto *route = sink == nullptr ? nullptr : graph.route_of(*sink);
    if (route == nullptr || route->channel_volumes.empty()) return 1000.0;
    return static_cast<double>(*std::max_element(route->channel_volumes.begin(), route->channel_volumes.end()));
}

/// The route is at the volume that a release leaves, as soon as this connection has heard of it.
bool left_low(const Guarded &guarded) {
    return bench::poll_until([&] { return route_volume(guarded) <= left_volume * 1.001; });
}

/// What the session manager's part says of the sink; empty: it knows nothing of it.
std::string phase(const Guarded &guarded, const Graph &graph) {
    return graph.meta("soundwarden", 0, "sink." + guarded.card.sink()).value_or("");
}

/// Peak of the newest 50 ms once that many frames have been played from now on.
float peak_after(const Guarded &guarded, std::uint64_t frames) {
    guarded.card.wait_frames(frames);
    const Recording recording = guarded.card.recording();
    return recording.peak(recording.frames() - rate / 20);
}

struct Playing {
    explicit Playing(double level_db, bool with_part = true)
        : guarded({.lockstep = false}, {.quantum = 256, .rate = rate, .policy = with_part}) {
        guarded.plug(true);
        guarded.set_user_volume(1.0);
        source = std::make_unique<Source>(
            guarded.session, bench::SourceOptions{.signal = {"tone", "997", "0"}, .level_db = level_db, .name = "music"});
        source->wait_streaming();
        guarded.wait_level(static_cast<double>(ceiling()) * 0.999);
    }
    Guarded guarded;
    std::unique_ptr<Source> source;
};

TEST(GuardOff, opens_by_six_decibels_a_second_is_then_bit_exact_and_stays_off_over_a_restart) {
    Playing playing(0.0);
    Guarded &guarded = playing.guarded;
    const auto from = guarded.card.recording().frames();
    cli(guarded.session, {"guard", "headphones", "off"});
    guarded.wait_level(0.999);
    Recording recording = guarded.card.recording();
    const auto begun = recording.first_above(ceiling(), from);
    ASSERT_TRUE(begun);
    constexpr Recording::Frame window = rate / 20;
    for (auto at = *begun; at + window <= recording.frames(); at += window) {
        // A cycle that the busy card missed was time for the rise as well.
        const double missed = static_cast<double>(recording.gaps(*begun, at + window)) * 256.0;
        const double seconds = (static_cast<double>(at + window - *begun) + missed) / rate;
        const double allowed = static_cast<double>(ceiling()) * amplitude(Decibels{slow_rise_db_per_s * seconds + 0.1});
        ASSERT_LE(static_cast<double>(recording.peak(at, at + window)), std::min(allowed, 1.0)) << seconds << " s after the start";
        ASSERT_GE(recording.peak(at, at + window), ceiling() * 0.999F) << "it dips";
    }
    playing.source->stop();
    playing.source = std::make_unique<Source>(guarded.session, bench::SourceOptions{.signal = {"counter"}, .name = "counter"});
    playing.source->wait_streaming();
    const auto silent = guarded.card.recording().frames();
    guarded.card.wait_sound();
    guarded.card.wait_frames(rate);
    recording.refresh();
    const auto report = bench::check_counter(recording, 1.0F, silent);
    EXPECT_GT(report.counted, rate / 2U);
    EXPECT_EQ(report.wrong, 0U);

    guarded.daemon->process().signal(SIGTERM);
    guarded.daemon->process().wait_exit();
    guarded.daemon = std::make_unique<Daemon>(guarded.session);
    guarded.daemon->wait_report("decision: Headphones: allow");
    EXPECT_NE(cli(guarded.session, {"show", "headphones", "-o", "jsonl"}).find("\"reason\":\"guard-off\""), std::string::npos);
}

TEST(GuardOn, closes_at_once_under_a_pressing_tone) {
    Playing playing(pressing_db);
    Guarded &guarded = playing.guarded;
    cli(guarded.session, {"guard", "headphones", "off"});
    guarded.wait_level(1.0); // above full scale: nothing clips there any more
    const auto mark = guarded.daemon->mark();
    const auto called = bench::now_ns();
    cli(guarded.session, {"guard", "headphones", "on"});
    const auto when = guarded.daemon->wait_report("guard: .*guarded again", mark);
    guarded.daemon->wait_report("decision: Headphones: limit", mark);
    guarded.wait_level(static_cast<double>(ceiling()) * 0.999);
    guarded.card.wait_frames(rate / 10);
    const Recording recording = guarded.card.recording();
    const auto asked = recording.frame_at(when);
    const auto quiet = quiet_from(recording, ceiling(), asked, recording.frames());
    const double ms = static_cast<double>(quiet - asked) * 1000.0 / rate;
    const auto before = recording.frame_at(called);
    EXPECT_GT(recording.peak(before - rate / 100, before), 1.0F) << "the attack is no attack";
    std::printf("guard on: above the ceiling for %.1f ms after the daemon had it (promised: 10 ms and a quantum, 5.3 ms), %.1f ms after "
                "the command was started\n",
                ms, static_cast<double>(quiet - before) * 1000.0 / rate);
    EXPECT_LE(ms, 500.0); // wide: machines are loaded
    EXPECT_EQ(recording.count_above(ceiling(), quiet), 0U);
}

TEST(GuardOff, of_all_outputs_takes_the_pair_away_and_on_brings_it_back_before_anything_is_loud) {
    Playing playing(0.0);
    Guarded &guarded = playing.guarded;
    cli(guarded.session, {"guard", "speaker", "off"});
    const auto from = guarded.card.recording().frames();
    cli(guarded.session, {"guard", "headphones", "off"});
    ASSERT_TRUE(guarded.probe.wait_until([&](const Graph &graph) {
        return graph.node(guarded.guard_name()) == nullptr && phase(guarded, graph).empty();
    })) << guarded.session.logs();
    guarded.wait_level(0.01); // raw
    EXPECT_TRUE(left_low(guarded)) << route_volume(guarded);
    EXPECT_LE(peak_after(guarded, rate / 4), static_cast<float>(left_volume) * 1.001F);
    const auto mark = guarded.daemon->mark();
    cli(guarded.session, {"guard", "headphones", "on"});
    guarded.daemon->wait_report("decision: Headphones: limit", mark);
    guarded.wait_level(0.05); // from the start level, through the guard
    const Recording recording = guarded.card.recording();
    EXPECT_EQ(recording.count_above(ceiling(), from), 0U);
    EXPECT_EQ(phase(guarded, guarded.probe.snapshot()), "guarded");
}

TEST(Release, gives_the_default_back_leaves_the_card_low_and_nothing_is_held_afterwards) {
    Playing playing(0.0);
    Guarded &guarded = playing.guarded;
    EXPECT_EQ(phase(guarded, guarded.probe.snapshot()), "guarded");
    const auto from = guarded.card.recording().frames();
    cli(guarded.session, {"release", "headphones"});
    EXPECT_TRUE(left_low(guarded)) << route_volume(guarded);
    ASSERT_TRUE(guarded.probe.wait_until([&](const Graph &graph) {
        const auto configured = graph.meta("default", 0, "default.configured.audio.sink").value_or("");
        return graph.node(guarded.guard_name()) == nullptr && phase(guarded, graph).empty() &&
               configured.find("soundwarden") == std::string::npos && graph.default_sink() == guarded.card.sink();
    })) << guarded.session.logs();
    guarded.wait_level(0.01); // goes on raw…
    EXPECT_LE(peak_after(guarded, rate / 4), static_cast<float>(left_volume) * 1.001F); // …and low
    EXPECT_EQ(guarded.card.recording().count_above(ceiling(), from), 0U);

    kill_daemon(guarded);
    EXPECT_GT(peak_after(guarded, rate / 2), 0.01F) << "a released sink is nobody's business";

    guarded.daemon = std::make_unique<Daemon>(guarded.session); // a new run guards again
    guarded.daemon->wait_report("decision: Headphones");
    guarded.wait_level(0.01);
    EXPECT_EQ(phase(guarded, guarded.probe.snapshot()), "guarded");
    kill_daemon(guarded); // control: what is not released is silenced
    EXPECT_EQ(peak_after(guarded, rate / 2), 0.0F);

    // …until that is released without a daemon.
    const auto orphaned = guarded.card.recording().frames();
    EXPECT_NE(cli(guarded.session, {"release"}).find(guarded.card.sink() + " is released"), std::string::npos);
    guarded.card.wait_sound();
    EXPECT_GT(peak_after(guarded, rate / 2), 0.0F);
    EXPECT_TRUE(left_low(guarded)) << route_volume(guarded);
    EXPECT_LE(guarded.card.recording().peak(orphaned), static_cast<float>(left_volume) * 1.001F);
    EXPECT_NE(cli(guarded.session, {"release"}).find("Nothing is guarded"), std::string::npos);
}

TEST(Release, without_a_daemon_gives_the_default_back_and_frees_the_sink) {
    Playing playing(pressing_db);
    Guarded &guarded = playing.guarded;
    const auto configured = [](const Graph &graph) { return graph.meta("default", 0, "default.configured.audio.sink").value_or(""); };
    ASSERT_TRUE(guarded.probe.wait_until([&](const Graph &graph) { return graph.default_sink() == guarded.guard_name(); }));
    kill_daemon(guarded);
    ASSERT_TRUE(guarded.probe.wait_until([&](const Graph &graph) { return phase(guarded, graph) == "silent"; }));
    cli(guarded.session, {"release"});
    // With new eyes each time: what changes while some client binds a metadata object is not told to the others (module-metadata).
    const auto given_back = [&] {
        const Graph graph = GraphProbe(guarded.session).snapshot();
        return phase(guarded, graph).empty() && configured(graph).find(guarded.guard_name()) == std::string::npos &&
               graph.default_sink() == guarded.card.sink();
    };
    EXPECT_TRUE(bench::poll_until(given_back)) << guarded.session.logs();
    EXPECT_TRUE(left_low(guarded)) << route_volume(guarded);
    guarded.wait_level(left_volume * 0.9); // the music is heard again
}

// Somebody restores the volume while it is being lowered: as long as the card does not hold the low one, the limit stays.
TEST(Release, without_a_daemon_lifts_nothing_before_the_card_holds_the_low_volume) {
    Playing playing(0.0);
    Guarded &guarded = playing.guarded;
    kill_daemon(guarded);
    ASSERT_TRUE(guarded.probe.wait_until([&](const Graph &graph) { return phase(guarded, graph) == "silent"; }));
    const auto orphaned = guarded.card.recording().frames();
    const auto release = guarded.session.spawn({program("SOUNDWARDEN"), "release"});
    // Where this program was kept from writing for longer, the card may have held the low volume, and a release would be right.
    constexpr std::int64_t often_enough_ns = 200'000'000;
    unsigned writes = 0;
    auto written = bench::now_ns();
    for (const auto until = written + 1'500'000'000; written < until && bench::now_ns() - written < often_enough_ns; ++writes) {
        guarded.probe.set_sink_volume(guarded.card.sink(), 1.0F);
        const bool released = phase(guarded, guarded.probe.snapshot()).empty();
        if (bench::now_ns() - written >= often_enough_ns) break;
        ASSERT_FALSE(released) << "released while the volume is written to";
        written = bench::now_ns();
    }
    EXPECT_GT(writes, 0U);
    EXPECT_EQ(release->wait_exit().value_or(bench::ExitStatus{}).code, 0) << release->output();
    EXPECT_TRUE(left_low(guarded)) << route_volume(guarded);
    guarded.wait_level(left_volume * 0.9);
    EXPECT_LE(guarded.card.recording().peak(orphaned), static_cast<float>(left_volume) * 1.001F);
}

TEST(Release, gives_back_the_default_that_the_user_had_chosen) {
    Session session({.quantum = 256, .rate = rate});
    bench::SimCard card(session);
    bench::GraphProbe probe(session);
    const std::string chosen = "{\"name\":\"" + card.sink() + "\"}";
    const auto configured = [](const Graph &graph) { return graph.meta("default", 0, "default.configured.audio.sink").value_or(""); };
    ASSERT_TRUE(probe.set_metadata("default", 0, "default.configured.audio.sink", chosen));
    ASSERT_TRUE(probe.wait_until([&](const Graph &graph) { return configured(graph).find(card.sink()) != std::string::npos; }));
    auto daemon = std::make_unique<Daemon>(session);
    daemon->wait_report("decision:");
    const auto is_guard = [&](const Graph &graph) { return configured(graph).find("soundwarden." + card.sink()) != std::string::npos; };
    ASSERT_TRUE(probe.wait_until(is_guard)) << "the control: the guard is what is chosen meanwhile";
    for (const bool crashed_before : {false, true}) {
        if (crashed_before) {
            daemon = std::make_unique<Daemon>(session);
            daemon->wait_report("decision:");
            ASSERT_TRUE(probe.wait_until(is_guard));
            daemon->process().signal(SIGKILL);
            daemon->process().wait_exit();
            daemon = std::make_unique<Daemon>(session);
            daemon->wait_report("decision:");
        }
        cli(session, {"release"});
        EXPECT_TRUE(probe.wait_until([&](const Graph &graph) {
            return configured(graph).find("\"" + card.sink() + "\"") != std::string::npos && graph.default_sink() == card.sink();
        })) << configured(probe.snapshot());
        daemon->process().signal(SIGTERM);
        daemon->process().wait_exit();
    }
}

TEST(Release, without_the_wireplumber_part_is_as_low) {
    Playing playing(0.0, false);
    Guarded &guarded = playing.guarded;
    const auto from = guarded.card.recording().frames();
    cli(guarded.session, {"release"});
    EXPECT_TRUE(left_low(guarded)) << route_volume(guarded);
    guarded.wait_level(0.01);
    EXPECT_LE(peak_after(guarded, rate / 4), static_cast<float>(left_volume) * 1.001F);
    EXPECT_EQ(guarded.card.recording().count_above(ceiling(), from), 0U);
}

/// Without the part, full scale plays into the raw headphones before there is a daemon.
struct Unguarded {
    Unguarded() : session({.quantum = 256, .rate = rate, .policy = false}), card(session, {.lockstep = false}), probe(session) {
        // A session manager that is still starting may go back to the speakers once more.
        for (int attempt = 0; attempt < 4 && !is_loud(); ++attempt) {
            if (attempt > 0) card.jack("headphones", false);
            const auto from = card.mark();
            card.jack("headphones", true);
            card.wait_route("analog-output-headphones", from);
            probe.change_sink_volume(card.sink(), 1.0F);
            play();
        }
    }
    bool is_loud() {
        return source != nullptr && bench::poll_until(
                                        [&] {
                                            const Recording recording = card.recording();
                                            return recording.frames() > 960 && recording.peak(recording.frames() - 960) > 0.9F;
                                        },
                                        bench::milliseconds{5000});
    }
    /// WirePlumber 0.4 refuses a stream for good that comes while the card's items are made anew.
    void play() {
        for (int attempt = 0; attempt < 5; ++attempt) {
            source = std::make_unique<Source>(session, bench::SourceOptions{.signal = {"tone", "997", "0"}, .name = "music"});
            const auto event = source->wait_event([](const Source::Event &told) {
                return told.at("event") == "state" && (told.at("state") == "streaming" || told.at("state") == "error");
            });
            if (event.at("state") == "streaming") return;
        }
    }
    bool muted(const Graph &graph) const {
        const auto *sink = graph.node(card.sink());
        const auto *route = sink == nullptr ? nullptr : graph.route_of(*sink);
        return route != nullptr && route->mute;
    }
    Session session;
    bench::SimCard card;
    bench::GraphProbe probe;
    std::unique_ptr<Source> source;
};

/// On a busy machine a session manager may get stuck while it starts, and then nothing ever plays: such a session is made anew.
std::unique_ptr<Unguarded> loud_unguarded() {
    constexpr int most = 3;
    std::unique_ptr<Unguarded> made;
    for (int attempt = 1; attempt <= most && (made == nullptr || !made->is_loud()); ++attempt) {
        made.reset();
        try {
            made = std::make_unique<Unguarded>();
        } catch (const std::runtime_error &error) {
            if (attempt == most) throw;
            std::printf("a session that nothing plays in: %.200s\n", error.what());
        }
    }
    EXPECT_TRUE(made->is_loud()) << "the attack is no attack";
    return made;
}

/// The first frame of a millisecond of silence.
Recording::Frame first_silence(const Recording &recording, Recording::Frame from) {
    constexpr Recording::Frame least = rate / 1000;
    while (from + least < recording.frames()) {
        const auto sound = recording.first_sound(from, from + least);
        if (!sound) return from;
        from = *sound + 1;
    }
    return recording.frames();
}

TEST(MuteFirst, nothing_is_above_the_ceiling_from_the_mute_on_while_the_guard_of_a_playing_sink_is_made) {
    const auto session = loud_unguarded();
    Unguarded &unguarded = *session;
    Daemon daemon(unguarded.session);
    const auto when = daemon.wait_report("mute: muted until");
    daemon.wait_report("mute: undone");
    daemon.wait_report("decision: Headphones");
    unguarded.source->level(pressing_db);
    unguarded.card.wait_sound();
    unguarded.card.wait_frames(rate / 2);
    const Recording recording = unguarded.card.recording();
    const auto told = recording.frame_at(when);
    const auto silent = first_silence(recording, told);
    const auto sound = recording.first_sound(silent);
    ASSERT_LT(silent, recording.frames());
    ASSERT_TRUE(sound) << "dead for ever";
    std::printf("muted %.1f ms after it was told, silent for %.1f ms\n", static_cast<double>(silent - told) * 1000.0 / rate,
                static_cast<double>(*sound - silent) * 1000.0 / rate);
    EXPECT_GT(recording.peak(0, silent), 0.9F);
    EXPECT_EQ(recording.count_above(ceiling(), silent), 0U);
    EXPECT_FALSE(unguarded.muted(unguarded.probe.snapshot()));
}

TEST(MuteFirst, a_crash_meanwhile_is_undone_by_the_next_start) {
    const auto session = loud_unguarded();
    Unguarded &unguarded = *session;
    // What nobody moves to the guard keeps it muted for two seconds.
    Source rogue(unguarded.session, {.signal = {"tone", "2003", "0"}, .name = "rogue", .autoconnect = false});
    const auto from = unguarded.probe.wait_node("rogue");
    const auto to = unguarded.probe.wait_node(unguarded.card.sink());
    ASSERT_TRUE(unguarded.probe.wait_until([&](const Graph &graph) { return graph.ports_of(from.id, false).size() == 2; }));
    const Graph graph = unguarded.probe.snapshot();
    for (std::size_t port : {0U, 1U})
        ASSERT_TRUE(unguarded.probe.create_link(graph.ports_of(from.id, false).at(port).id, graph.ports_of(to.id, true).at(port).id));
    ASSERT_TRUE(unguarded.probe.wait_until([&](const Graph &now) { return now.links_between("rogue", unguarded.card.sink()).size() == 2; }));

    auto daemon = std::make_unique<Daemon>(unguarded.session);
    daemon->wait_report("mute: muted until");
    EXPECT_TRUE(unguarded.probe.wait_until([&](const Graph &now) { return unguarded.muted(now); }));
    daemon->process().signal(SIGKILL);
    daemon->process().wait_exit();
    unguarded.probe.sync();
    EXPECT_TRUE(unguarded.muted(unguarded.probe.snapshot())) << "the control: it stays muted";
    daemon = std::make_unique<Daemon>(unguarded.session);
    daemon->wait_report("mute: undone");
    EXPECT_TRUE(unguarded.probe.wait_until([&](const Graph &now) { return !unguarded.muted(now); }));
}

TEST(Verbs, are_refused_by_a_daemon_that_only_observes) {
    Session session;
    bench::SimCard card(session);
    Daemon daemon(session, {"--observe"});
    daemon.wait_report("sink:");
    EXPECT_NE(cli(session, {"guard", "headphones", "off"}, 5).find("observes"), std::string::npos);
    EXPECT_NE(cli(session, {"release"}, 5).find("observes"), std::string::npos);
}

} // namespace
} // namespace soundwarden::integration
