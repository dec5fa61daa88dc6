// SPDX-License-Identifier: MIT
// What reaches a guarded sink when the guard is not there to stop it. Each attack has a control without the part of
// Soundwarden that stands against it; that one must show samples above.
#include "attacked.hpp"

#include "bench/clock.hpp"
#include "bench/recording.hpp"

#include <gtest/gtest.h>
#include <pipewire/version.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <thread>

namespace soundwarden::integration {
namespace {

using bench::Recording;
using bench::SimCard;
using bench::Source;

constexpr unsigned rate = attack_rate_hz;

class Crash : public testing::TestWithParam<unsigned> {};

TEST_P(Crash, nothing_gets_past_a_guard_that_was_killed) {
    Attacked attacked(GetParam());
    std::vector<double> back_ms;
    std::uint64_t all_above = 0;
    const int rounds = nightly() ? 50 : 7; // three quanta: 21
    for (int round = 0; round < rounds; ++round) {
        const auto when = attacked.crash();
        attacked.guarded.card.wait_frames(rate / 5);
        Recording recording = attacked.guarded.card.recording();
        const auto silent_from = recording.frames() - rate / 20;
        EXPECT_EQ(recording.peak(silent_from), 0.0F) << "round " << round << ": still heard without a guard";
        back_ms.push_back(attacked.back_after_ms());
        ASSERT_LT(back_ms.back(), 10'000.0) << "round " << round << ": the sound does not come back\n"
                                            << attacked.guarded.daemon->process().output() << attacked.guarded.session.logs();
        attacked.guarded.daemon->wait_report("decision: Headphones");
        recording.refresh();
        const auto above = recording.count_above(headphone_ceiling(), recording.frame_at(when), recording.frames());
        EXPECT_EQ(above, 0U) << "round " << round;
        all_above += above;
    }
    RecordProperty("samples_above", std::to_string(all_above));
    std::sort(back_ms.begin(), back_ms.end());
    std::printf("kill -9, quantum %u: %d times, 0 samples above wanted; sound back after exec: min %.0f, median %.0f, max %.0f ms "
                "(promised: 300)\n",
                GetParam(), rounds, back_ms.front(), back_ms[back_ms.size() / 2], back_ms.back());
    EXPECT_LE(back_ms[back_ms.size() / 2], 600.0); // wide: machines are loaded
}

INSTANTIATE_TEST_SUITE_P(Quanta, Crash, testing::Values(64U, 256U, 1024U),
                         [](const auto &quantum) { return "q" + std::to_string(quantum.param); });

TEST(CrashControl, without_the_wireplumber_part_a_killed_guard_lets_everything_through) {
    Attacked attacked(256, Protection::no_part);
    const auto when = attacked.crash();
    Recording recording = attacked.guarded.card.recording();
    EXPECT_TRUE(bench::poll_until([&] {
        recording.refresh();
        return recording.first_above(headphone_ceiling() * 1.1F, recording.frame_at(when), recording.frames()).has_value();
    })) << "the attack is no attack";
}

TEST(Orphan, is_silent_for_five_seconds_and_then_quiet_until_the_guard_is_back) {
    Attacked attacked(256);
    const SimCard &card = attacked.guarded.card;
    const auto when = attacked.crash();
    attacked.source->level(0.0); // without a guard the limit is a gain: full scale is what it is for
    card.wait_frames(rate / 5);
    Recording recording = card.recording();
    const auto silent_from = recording.frames();
    auto status = attacked.guarded.session.spawn({program("SOUNDWARDEN")});
    const auto ended = status->wait_exit();
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->code, 3);
    EXPECT_NE(status->output().find(card.sink() + ": its guard is gone"), std::string::npos) << status->output();
    std::optional<Recording::Frame> heard;
    ASSERT_TRUE(bench::poll_until([&] {
        recording.refresh();
        heard = recording.first_above(0.0F, silent_from);
        return heard.has_value();
    })) << "dead for ever\n" << attacked.guarded.session.logs();
    const double silence_s = static_cast<double>(recording.t_ns_of(*heard) - when) * 1e-9;
    EXPECT_GE(silence_s, 4.9);
    EXPECT_LE(silence_s, 10.0); // 5 s on an idle machine
    card.wait_frames(rate);
    recording.refresh();
    const float quiet = amplitude_toward_zero(Decibels{-30.0});
    EXPECT_LE(recording.peak(silent_from), quiet);
    EXPECT_GE(recording.peak(silent_from), quiet * 0.999F);
    std::printf("orphan: silent for %.2f s, then %.3f dBFS\n", silence_s,
                decibels(static_cast<double>(recording.peak(silent_from))).value);

    attacked.start_daemon();
    attacked.guarded.daemon->wait_report("decision: Headphones");
    attacked.source->level(pressing_db);
    attacked.guarded.wait_level(static_cast<double>(headphone_ceiling()) * 0.999);
    recording.refresh();
    EXPECT_EQ(recording.count_above(headphone_ceiling(), silent_from), 0U);
}

/// Music that names the raw sink as its target, beside what already plays to the guard.
struct Rogue {
    explicit Rogue(Attacked &attacked) : Rogue(attacked, attacked.guarded.card.sink()) {}
    Rogue(Attacked &attacked, const std::string &target)
        : card(attacked.guarded.card), from(card.recording().frames()),
          source(attacked.guarded.session,
                 {.signal = {"tone", "2003", "0"}, .target = target, .level_db = pressing_db, .name = "rogue"}) {
        source.wait_streaming();
        card.wait_frames(rate / 2);
    }
    /// Samples above the ceiling since it came.
    std::uint64_t above() const { return card.recording().count_above(headphone_ceiling(), from); }

    const SimCard &card;
    Recording::Frame from;
    Source source;
};

TEST(Redirect, a_stream_that_names_the_raw_sink_is_led_to_the_guard) {
    std::uint64_t all_above = 0;
    for (const unsigned quantum : nightly() ? std::vector{64U, 256U, 1024U} : std::vector{64U, 1024U}) {
        Attacked attacked(quantum);
        const Rogue rogue(attacked);
        all_above += rogue.above();
        RecordProperty("samples_above", std::to_string(all_above));
        EXPECT_EQ(rogue.above(), 0U) << "quantum " << quantum;
        const auto graph = attacked.guarded.probe.snapshot();
        EXPECT_FALSE(graph.links_between("rogue", attacked.guarded.guard_name()).empty());
        EXPECT_TRUE(graph.links_between("rogue", attacked.guarded.card.sink()).empty());
    }
}

/// What any client can write to switch a smart filter off (WirePlumber 0.5).
void disable_smart_filter(Attacked &attacked) {
    const auto main = attacked.guarded.probe.wait_node(attacked.guarded.guard_name());
    attacked.guarded.probe.set_metadata("filters", main.id, "filter.smart.disabled", "true", "Spa:String");
}

TEST(Redirect, a_smart_filter_switched_off_changes_nothing) {
    Attacked attacked(256);
    const auto from = attacked.guarded.card.recording().frames();
    disable_smart_filter(attacked);
    EXPECT_EQ(Rogue(attacked).above(), 0U);
    attacked.guarded.wait_level(static_cast<double>(headphone_ceiling()) * 0.999);
    EXPECT_EQ(attacked.guarded.card.recording().count_above(headphone_ceiling(), from), 0U);
}

TEST(RedirectControl, without_the_wireplumber_part_that_gets_past_the_guard) {
    Attacked attacked(256, Protection::no_part);
    const WithoutWarden without(attacked.guarded.session); // it would remove what WirePlumber links
    disable_smart_filter(attacked);
    EXPECT_GT(Rogue(attacked).above(), 0U) << "the attack is no attack";
}

/// An effect between a stream and the card, as EasyEffects, echo-cancel and filter-chain make them: node "effect" plays out
/// of "effect.out".
std::unique_ptr<bench::Process> start_effect(const Attacked &attacked, const std::string &main, const std::string &out) {
    const std::string both = " node.link-group=effect audio.position=[FL,FR] ";
    auto effect = attacked.guarded.session.spawn({"pw-loopback",
                                                  "--capture-props={ node.name=effect media.class=Audio/Sink" + both + main + "}",
                                                  "--playback-props={ node.name=effect.out" + both + out + "}"});
    attacked.guarded.probe.wait_node("effect");
    attacked.guarded.probe.wait_node("effect.out");
    return effect;
}

TEST(Redirect, an_effect_that_names_the_raw_sink_plays_into_the_guard) {
    Attacked attacked(256);
    Guarded &guarded = attacked.guarded;
    const auto effect = start_effect(attacked, "", "target.object=" + guarded.card.sink());
    EXPECT_TRUE(guarded.probe.wait_until(
        [&](const bench::Graph &graph) { return graph.links_between("effect.out", guarded.guard_name()).size() == 2; }))
        << effect->output() << guarded.session.logs();
    const Rogue rogue(attacked, "effect");
    attacked.source->stop(); // what is heard now comes through the effect
    guarded.card.wait_frames(rate / 5);
    guarded.wait_level(static_cast<double>(headphone_ceiling()) * 0.999);
    EXPECT_EQ(rogue.above(), 0U);
    EXPECT_TRUE(guarded.probe.snapshot().links_between("effect.out", guarded.card.sink()).empty());
}

#if PW_CHECK_VERSION(1, 0, 0)
// A smart filter without a target stands in front of the default sink; it does not know of the one that guards it.
constexpr const char *smart_effect = "filter.smart=true filter.smart.name=effect ";

void choose_raw_sink(Attacked &attacked) {
    attacked.guarded.probe.set_metadata("default", 0, "default.configured.audio.sink",
                                        "{\"name\":\"" + attacked.guarded.card.sink() + "\"}", "Spa:String:JSON");
}

TEST(Redirect, a_smart_filter_without_a_target_plays_into_the_guard) {
    Attacked attacked(256);
    choose_raw_sink(attacked);
    const auto effect = start_effect(attacked, smart_effect, "");
    const Rogue rogue(attacked, "effect");
    attacked.guarded.wait_level(static_cast<double>(headphone_ceiling()) * 0.999);
    EXPECT_EQ(rogue.above(), 0U);
    EXPECT_TRUE(attacked.guarded.probe.snapshot().links_between("effect.out", attacked.guarded.card.sink()).empty());
}

TEST(RedirectControl, without_the_wireplumber_part_a_smart_filter_without_a_target_gets_past_the_guard) {
    Attacked attacked(256, Protection::no_part);
    const WithoutWarden without(attacked.guarded.session);
    choose_raw_sink(attacked);
    const auto effect = start_effect(attacked, smart_effect, "");
    EXPECT_GT(Rogue(attacked, "effect").above(), 0U) << "the attack is no attack";
}
#endif

#if !PW_CHECK_VERSION(1, 0, 0)
// WirePlumber 0.5 does not take a sink for the default that nobody may play into.
/// A client that binds the metadata again and again.
class Binder {
  public:
    explicit Binder(const bench::Session &session)
        : probe_(session), thread_([this] {
              while (!over_) probe_.reread_metadata(), probe_.sync();
          }) {}
    ~Binder() {
        over_ = true;
        thread_.join();
    }
    Binder(const Binder &) = delete;
    Binder &operator=(const Binder &) = delete;

  private:
    std::atomic<bool> over_{false};
    bench::GraphProbe probe_;
    std::thread thread_;
};

// The server drops changes of metadata for those who listen while one more client begins to: the daemon still takes its guard for the default.
TEST(Redirect, a_default_that_changed_unheard_is_the_guard_again_when_the_card_is_back) {
    Guarded guarded;
    const auto leads_to = [](const std::string &name) {
        return [&name](const bench::Graph &graph) { return graph.default_sink() == name; };
    };
    const std::string guard = guarded.guard_name(), raw = guarded.card.sink();
    ASSERT_TRUE(guarded.probe.wait_until(leads_to(guard)));
    Source source(guarded.session, {.signal = {"tone", "997", "0"}});
    source.wait_streaming();
    guarded.card.wait_sound();
    const auto choose_raw = [&] {
        return guarded.probe.set_metadata("default", 0, "default.configured.audio.sink", "{\"name\":\"" + raw + "\"}", "Spa:String:JSON");
    };
    // What is given back when the guard goes is then what stands there already, and nobody hears of it.
    ASSERT_TRUE(choose_raw() && guarded.probe.wait_until(leads_to(raw)) && guarded.probe.wait_until(leads_to(guard)));
    bool unheard = false;
    {
        const std::array binders{std::make_unique<Binder>(guarded.session), std::make_unique<Binder>(guarded.session), std::make_unique<Binder>(guarded.session)};
        guarded.card.wait_frames(rate); // by then the daemon has looked because of them
        for (int round = 0; round < 100 && !unheard; ++round) {
            ASSERT_TRUE(choose_raw());
            // Nobody plays into the raw sink, and so nothing until the guard is the default again.
            const auto played = guarded.card.recording().frames();
            unheard = !bench::poll_until([&] { return guarded.card.recording().frames() >= played + rate / 2; }, bench::milliseconds{2000});
        }
    }
    ASSERT_TRUE(unheard) << "the daemon heard of every change: the test tests nothing";
    const auto mark = guarded.daemon->mark();
    guarded.card.remove();
    guarded.daemon->wait_report("sink: gone", mark);
    guarded.card.add_again("laptop");
    guarded.daemon->wait_report("guard: linked", mark);
    EXPECT_TRUE(guarded.probe.wait_until(leads_to(guard))) << guarded.probe.snapshot().default_sink() << '\n' << guarded.daemon->process().output();
    guarded.card.wait_sound();
}
#endif

TEST(Redirect, a_default_set_by_hand_to_the_raw_sink_becomes_its_guard) {
    Attacked attacked(256);
    Guarded &guarded = attacked.guarded;
    const auto from = guarded.card.recording().frames();
    ASSERT_TRUE(guarded.probe.set_metadata("default", 0, "default.configured.audio.sink", "{\"name\":\"" + guarded.card.sink() + "\"}",
                                           "Spa:String:JSON"));
    EXPECT_TRUE(guarded.probe.wait_until([&](const bench::Graph &graph) {
        const auto value = graph.meta("default", 0, "default.audio.sink");
        return value && value->find("\"" + guarded.guard_name() + "\"") != std::string::npos;
    }));
    guarded.wait_level(static_cast<double>(headphone_ceiling()) * 0.999);
    EXPECT_EQ(guarded.card.recording().count_above(headphone_ceiling(), from), 0U);
}

/// The sink as another client sees it.
bool sees(const bench::GraphProbe &probe, const std::string &sink, bool there) {
    return probe.wait_until([&](const bench::Graph &graph) { return (graph.node(sink) != nullptr) == there; });
}

// Only a card that is open cannot be opened by others; the same in the virtual machine with aplay.
TEST(HoldDevices, keeps_the_sink_running_while_nothing_plays) {
    Guarded guarded({.lockstep = false}, {.quantum = 256, .rate = rate}, false);
    const auto state = [&] {
        const auto graph = guarded.probe.snapshot();
        const auto *sink = graph.node(guarded.card.sink());
        return sink == nullptr ? std::string("gone") : sink->state;
    };
    guarded.daemon = std::make_unique<Daemon>(guarded.session, std::vector<std::string>{"--hold-devices"});
    guarded.daemon->wait_report("decision:");
    guarded.probe.wait_until([&](const bench::Graph &) { return state() == "running"; });
    EXPECT_EQ(state(), "running");
    guarded.card.wait_frames(8 * rate); // WirePlumber suspends after 5 s
    EXPECT_EQ(state(), "running");
    EXPECT_EQ(guarded.card.recording().peak(), 0.0F);

    guarded.daemon->process().stop();
    guarded.daemon = std::make_unique<Daemon>(guarded.session); // the control
    guarded.daemon->wait_report("decision:");
    EXPECT_TRUE(guarded.probe.wait_until([&](const bench::Graph &) { return state() == "suspended"; })) << state();
}

TEST(Strict, the_raw_sink_is_not_there_for_other_clients_until_it_is_released) {
    bench::Session session({.quantum = 256, .rate = rate});
    const SimCard card(session, {.preset = "desktop", .lockstep = false});
    const bench::GraphProbe before(session);
    ASSERT_TRUE(before.wait_until([&](const bench::Graph &graph) { // a node is told before its ports
        const auto *sink = graph.node(card.sink());
        return sink != nullptr && !graph.ports_of(sink->id, true).empty();
    }));
    const auto known = before.snapshot();
    const auto raw_ports = known.ports_of(known.node(card.sink())->id, true);
    Daemon daemon(session, {"--posture", "strict"});
    daemon.wait_report("decision: Line Out");
    EXPECT_TRUE(sees(before, card.sink(), false));
    bench::GraphProbe after(session);
    EXPECT_TRUE(sees(after, card.sink(), false));
    EXPECT_NE(after.snapshot().node("soundwarden." + card.sink()), nullptr);

    // Who knew its ports beforehand cannot use them.
    Source player(session, {.signal = {"tone", "997", "0"}, .level_db = pressing_db, .name = "player"});
    player.wait_streaming();
    card.wait_sound();
    const auto from = card.recording().frames();
    ASSERT_FALSE(raw_ports.empty());
    ASSERT_TRUE(after.wait_until([](const bench::Graph &graph) { return graph.node("player") != nullptr; }));
    for (const auto &port : after.snapshot().ports_of(after.wait_node("player").id, false))
        after.create_link(port.id, raw_ports.front().id);
    after.sync();
    card.wait_frames(rate / 4);
    EXPECT_EQ(card.recording().count_above(amplitude_toward_zero({-10.0}), from), 0U);

    const auto release = session.spawn({program("SOUNDWARDEN"), "release"});
    const auto ended = release->wait_exit();
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->code, 0) << release->output();
    EXPECT_TRUE(sees(before, card.sink(), true)) << "still hidden";
    EXPECT_TRUE(sees(after, card.sink(), true)) << "still hidden";
}

TEST(StrictControl, by_default_it_is_there) {
    Guarded guarded;
    const bench::GraphProbe after(guarded.session);
    EXPECT_TRUE(sees(after, guarded.card.sink(), true));
}

#if !PW_CHECK_VERSION(1, 0, 0)
// WirePlumber 0.4's policy takes a stream for linked whose link was gone again in the moment in which it was made, as happens where a card
// comes and goes; by itself it never plays again. (0.5 has not been seen to lose one.)
TEST(LostStream, is_linked_to_its_new_guard_once_more) {
    Attacked attacked;
    Guarded &guarded = attacked.guarded;
    attacked.crash();
    ASSERT_TRUE(guarded.probe.wait_until([&](const bench::Graph &graph) { return graph.node(guarded.guard_name()) == nullptr; }));
    const auto from = attacked.frames();
    attacked.start_daemon();
    const auto streams = [&](const bench::Graph &graph) {
        const auto *guard = graph.node(guarded.guard_name());
        return guard == nullptr ? std::vector<bench::GraphLink>{} : graph.links_into(guard->id);
    };
    // Both channels: a link that came later would not be lost.
    ASSERT_TRUE(guarded.probe.wait_until([&](const bench::Graph &graph) { return streams(graph).size() == 2; })) << "never linked";
    for (const auto &link : streams(guarded.probe.snapshot())) ASSERT_TRUE(guarded.probe.destroy(link.id));
    ASSERT_TRUE(guarded.probe.wait_until([&](const bench::Graph &graph) { return streams(graph).empty(); })) << "nothing was lost";
    const auto frames = attacked.frames();
    EXPECT_LT(attacked.heard_after_ms(bench::now_ns(), frames), 10'000.0)
        << bench::to_text(guarded.probe.snapshot()) << guarded.daemon->process().output() << guarded.session.logs();
    EXPECT_EQ(attacked.above(from), 0U);
}
#endif

#if PW_CHECK_VERSION(1, 0, 0)
// A script of ours that does not load costs protection, never sound. WirePlumber 0.4.13 ends itself at any script that does
// not load, optional or not (wp_transition_advance on something that is none).
TEST(BrokenPart, sound_goes_on_under_the_ceiling_and_the_daemon_says_what_is_missing) {
    bench::Session session({.quantum = 256, .rate = rate});
    for (const char *base : {"config", "data"})
        std::ofstream(session.dir() / base / "wireplumber/scripts/soundwarden/enforce.lua") << "this is not ( Lua\n";
    session.restart(bench::Server::pipewire);
    SimCard card(session);
    Daemon daemon(session);
    daemon.wait_report("degraded: no-wireplumber-part");
    daemon.wait_report("decision: Speaker");
    card.jack("headphones", true);
    daemon.wait_report("decision: Headphones");
    const auto from = card.recording().frames();
    Source source(session, {.signal = {"tone", "997", "0"}, .level_db = pressing_db});
    source.wait_streaming();
    card.wait_sound();
    card.wait_frames(rate);
    const Recording recording = card.recording();
    EXPECT_GT(recording.peak(from), 0.0F);
    EXPECT_EQ(recording.count_above(headphone_ceiling(), from), 0U);
}
#endif

} // namespace
} // namespace soundwarden::integration
