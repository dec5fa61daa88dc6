// SPDX-License-Identifier: MIT
// What goes wrong around a guard, while a tone far above full scale presses in: each fault is run once on a machine without
// Soundwarden, where the sink must hear it, and once with it, where not one sample may be above the ceiling.
#include "attacked.hpp"

#include "bench/clock.hpp"

#include <gtest/gtest.h>
#include <pipewire/version.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ostream>

namespace soundwarden::integration {
namespace {

using bench::Graph;
using bench::GraphProbe;
using bench::Server;
using bench::Source;

constexpr unsigned rate = attack_rate_hz;

/// What an attack leaves behind: when it was over, and how many frames the sink had played by then.
struct Over {
    std::int64_t at_ns = 0;
    bench::Recording::Frame frames = 0;
    std::uint64_t above_elsewhere = 0; ///< samples above the ceiling that another sink was handed
};

Over over(const Attacked &attacked) { return {bench::now_ns(), attacked.frames(), 0}; }

Over daemon_stopped(Attacked &attacked) {
    attacked.signal(SIGSTOP);
    attacked.guarded.card.wait_frames(3 * rate);
    const auto end = over(attacked);
    attacked.signal(SIGCONT);
    return end;
}

Over main_thread_stopped(Attacked &attacked) {
    if (!attacked.protected_by_daemon()) return daemon_stopped(attacked);
    const auto pid = attacked.guarded.daemon->process().pid();
    const PausedThread paused(pid, pid);
    attacked.guarded.card.wait_frames(3 * rate);
    return over(attacked);
}

Over data_thread_stopped(Attacked &attacked) {
    if (!attacked.protected_by_daemon()) return daemon_stopped(attacked);
    const auto pid = attacked.guarded.daemon->process().pid();
    const PausedThread paused(pid, data_thread(pid));
    attacked.guarded.card.wait_frames(rate);
    return over(attacked);
}

#if PW_CHECK_VERSION(1, 0, 0)
Over wireplumber_restarted(Attacked &attacked) {
    attacked.restart_wireplumber();
    return over(attacked);
}
#endif

/// The tone aims at the raw sink and is there before the card and the daemon are.
Over pipewire_crashed(Attacked &attacked) {
    Guarded &guarded = attacked.guarded;
    const auto mark = guarded.daemon ? guarded.daemon->mark() : 0;
    guarded.session.kill(Server::pipewire, SIGKILL);
    if (guarded.daemon) guarded.daemon->wait_report("connection lost", mark);
    guarded.session.restart(Server::pipewire);
    attacked.source = std::make_unique<Source>(
        guarded.session,
        bench::SourceOptions{.signal = {"tone", "997", "0"}, .target = guarded.card.sink(), .level_db = pressing_db});
    guarded.card.command("connect");
    const auto end = over(attacked);
    attacked.source->wait_streaming();
    return end;
}

Over suspended_and_resumed(Attacked &attacked) {
    attacked.source->stop();
    const Guarded &guarded = attacked.guarded;
    if (!guarded.probe.wait_until([&](const Graph &graph) {
            const auto *sink = graph.node(guarded.card.sink());
            return sink != nullptr && sink->state == "suspended";
        }))
        throw std::runtime_error("the sink is not suspended");
    const auto end = over(attacked);
    attacked.press_again();
    return end;
}

Over device_away_and_back(Attacked &attacked) {
    attacked.guarded.card.remove();
    const auto end = over(attacked);
    attacked.guarded.card.add_again("laptop");
    attacked.guarded.card.jack("headphones", true);
    return end;
}

Over default_moved(Attacked &attacked) {
    attacked.guarded.probe.set_metadata("default", 0, "default.configured.audio.sink",
                                        "{\"name\":\"" + attacked.guarded.card.sink() + "\"}", "Spa:String:JSON");
    attacked.guarded.card.wait_frames(rate / 4);
    return over(attacked);
}

/// To another sink: the guard's own output is what a mixer's user may drag there.
Over out_stream_moved(Attacked &attacked) {
    Guarded &guarded = attacked.guarded;
    const auto other = guarded.card.add("second", "hdmi");
    if (const auto *out = guarded.probe.snapshot().node(guarded.guard_name() + ".out"))
        guarded.probe.set_metadata("default", out->id, "target.object", other, "Spa:Id");
    guarded.card.wait_frames(rate / 4);
    return over(attacked);
}

/// The same socket under another name: a sink of the card's that nobody has seen before.
Over profile_switched(Attacked &attacked) {
    const bench::SimCard &card = attacked.guarded.card;
    constexpr int pro_audio_device = 0;
    attacked.guarded.card.profile("pro-audio");
    if (!bench::poll_until([&] {
            try {
                return card.recording({}, pro_audio_device).first_sound().has_value();
            } catch (const std::runtime_error &) { // not there yet
                return false;
            }
        }))
        throw std::runtime_error("nothing is heard from the pro-audio sink");
    const auto heard = card.recording({}, pro_audio_device).frames();
    bench::poll_until([&] { return card.recording({}, pro_audio_device).frames() > heard + rate / 2; });
    const auto elsewhere = card.recording({}, pro_audio_device).count_above(headphone_ceiling());
    const auto frames = attacked.frames();
    const auto now = bench::now_ns();
    attacked.guarded.card.profile("output:analog-stereo");
    return {now, frames, elsewhere};
}

struct Fault {
    const char *name;
    Over (*attack)(Attacked &);
    Socket (*socket)() = laptop_headphones;
    friend std::ostream &operator<<(std::ostream &stream, const Fault &fault) { return stream << fault.name; }
};

class Faults : public testing::TestWithParam<Fault> {};

TEST_P(Faults, let_nothing_through_and_the_tone_comes_back) {
    AttackResult result{GetParam().name};
    {
        Attacked unguarded(256, Protection::none, GetParam().socket());
        const auto from = unguarded.frames();
        const auto end = GetParam().attack(unguarded);
        unguarded.heard_after_ms(end.at_ns, end.frames);
        result.control = unguarded.above(from) + end.above_elsewhere;
        EXPECT_GT(result.control, 0U) << "the attack is no attack";
    }
    Attacked attacked(256, Protection::full, GetParam().socket());
    const auto from = attacked.frames();
    const auto end = GetParam().attack(attacked);
    result.back_ms = attacked.heard_after_ms(end.at_ns, end.frames);
    EXPECT_LT(result.back_ms, 20'000.0) << "the sound does not come back\n"
                                        << attacked.guarded.daemon->process().output() << attacked.guarded.session.logs();
    attacked.guarded.card.wait_frames(rate / 2);
    result.above = attacked.above(from) + end.above_elsewhere;
    EXPECT_EQ(result.above, 0U) << attacked.guarded.daemon->process().output() << attacked.guarded.session.logs();
    add_result(result);
}

const Fault faults[] = {
    {"SIGSTOP for 3 s", daemon_stopped},
    {"main thread stopped for 3 s", main_thread_stopped},
    {"data thread stopped for 1 s", data_thread_stopped},
    {"PipeWire killed and restarted", pipewire_crashed, desktop_line_out},
    {"sink suspended and resumed", suspended_and_resumed},
    {"device removed and back under a new id", device_away_and_back},
    {"profile switched to pro-audio and back", profile_switched},
    {"default sink set to the raw sink", default_moved},
    {"the guard's output moved to another sink", out_stream_moved},
#if PW_CHECK_VERSION(1, 0, 0)
    // 0.4.13 links what was there before nowhere when it is restarted alone, with or without our script (reference: wireplumber-part.md §1).
    {"WirePlumber restarted", wireplumber_restarted},
#endif
};

INSTANTIATE_TEST_SUITE_P(Row, Faults, testing::ValuesIn(faults), [](const auto &fault) {
    std::string name = fault.param.name;
    for (char &letter : name)
        if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
    return name;
});

// A service restart, and a stop with nobody to come back: under full scale, which is what the limit left behind is for.
TEST(Leaving, sigterm_leaves_nothing_above_the_last_ceiling) {
    AttackResult result{"SIGTERM, then nobody"};
    {
        Attacked unguarded(256, Protection::no_part);
        const auto from = unguarded.frames();
        unguarded.crash(); // what leaving in good order is better than
        unguarded.guarded.card.wait_frames(rate / 4);
        result.control = unguarded.above(from);
        EXPECT_GT(result.control, 0U) << "the attack is no attack";
    }
    Attacked attacked;
    attacked.source->level(0.0);
    const auto from = attacked.frames();
    attacked.signal(SIGTERM);
    ASSERT_TRUE(attacked.guarded.daemon->process().wait_exit());
    attacked.guarded.card.wait_frames((nightly() ? 55 : 1) * rate, {}, std::chrono::seconds(120)); // 5 s of silence first
    const auto end = over(attacked);
    attacked.start_daemon();
    attacked.guarded.daemon->wait_report("guard: linked");
    attacked.source->level(pressing_db); // the start level is far below the ceiling
    result.back_ms = attacked.heard_after_ms(end.at_ns, end.frames);
    EXPECT_LT(result.back_ms, 20'000.0);
    result.above = attacked.above(from);
    EXPECT_EQ(result.above, 0U);
    add_result(result);
}

/// A headset nobody has seen before appears under a tone that waits for it by name.
struct Appearing {
    std::uint64_t above = 0;
    double heard_ms = 0.0;
};

Appearing headset_appears(const std::string &preset, const std::string &node, Protection protection) {
    Attacked attacked(256, protection);
    Guarded &guarded = attacked.guarded;
    const auto tone = [&] {
        return std::make_unique<Source>(guarded.session,
                                        bench::SourceOptions{.signal = {"tone", "2003", "0"},
                                                             .target = node,
                                                             .level_db = pressing_db,
                                                             .name = "waiting",
                                                             .properties = {"node.dont-fallback=true", "node.linger=true"}});
    };
    auto waiting = tone();
    const auto mark = guarded.daemon ? guarded.daemon->mark() : 0;
    const auto start = bench::now_ns();
    guarded.card.add("headset", preset);
    // WirePlumber 0.4.13 by itself does not always move a stream that waits: without us it may ask again.
    if (protection == Protection::none && guarded.probe.wait_node(node).id != 0 &&
        !guarded.probe.wait_until([&](const Graph &graph) { return !graph.links_between("waiting", node).empty(); },
                                  std::chrono::seconds(3)))
        waiting = tone();
    guarded.card.wait_sound("headset");
    if (guarded.daemon) guarded.daemon->wait_report("decision:", mark);
    guarded.card.wait_frames(rate, "headset");
    auto recording = guarded.card.recording("headset");
    const auto heard = recording.first_sound();
    // Its matrix cell is "gov": a cap of 0 dB.
    return {recording.count_above(1.0F), heard ? static_cast<double>(recording.t_ns_of(*heard) - start) * 1e-6 : -1.0};
}

TEST(Appearing, an_unknown_usb_headset_is_never_heard_above_its_ceiling) {
    const char *const node = "alsa_output.headset.analog-stereo";
    const auto control = headset_appears("usb-headset", node, Protection::none);
    EXPECT_GT(control.above, 0U) << "the attack is no attack";
    const auto guarded = headset_appears("usb-headset", node, Protection::full);
    EXPECT_EQ(guarded.above, 0U);
    add_result({"unknown USB headset appears", control.above, guarded.above, guarded.heard_ms});
}

TEST(Appearing, an_unknown_bluetooth_headset_is_never_heard_above_its_ceiling) {
    const char *const node = "bluez_output.headset.1";
    const auto control = headset_appears("bluetooth-headset", node, Protection::none);
    EXPECT_GT(control.above, 0U) << "the attack is no attack";
    const auto guarded = headset_appears("bluetooth-headset", node, Protection::full);
    EXPECT_EQ(guarded.above, 0U);
    add_result({"unknown Bluetooth-like headset appears", control.above, guarded.above, guarded.heard_ms});
}

// A program that hangs holds up everything behind it in the graph. Only the pair is ours: it is made anew, and never louder for it.
TEST(StandingStill, guard_behind_a_program_that_hangs_is_made_anew_and_lets_nothing_through) {
    Attacked attacked(256);
    Source hung(attacked.guarded.session, {.signal = {"tone", "2003", "0"}, .target = attacked.guarded.guard_name(), .level_db = pressing_db, .name = "hung"});
    hung.wait_streaming();
    // It streams before what it plays is part of the guard's cycle; stopped then it would hold up nothing.
    ASSERT_TRUE(attacked.guarded.probe.wait_until([&](const Graph &graph) {
        const auto links = graph.links_between("hung", attacked.guarded.guard_name());
        return !links.empty() && std::all_of(links.begin(), links.end(), [](const auto &link) { return link.state == "active"; });
    }));
    attacked.guarded.card.wait_frames(rate / 4);
    const auto mark = attacked.guarded.daemon->mark();
    hung.process().signal(SIGSTOP);
    attacked.guarded.daemon->wait_report("nothing comes through the guard", mark);
    attacked.guarded.daemon->wait_report("guard: linked", mark);
    const auto frames = attacked.frames();
    const auto resumed_at = bench::now_ns();
    hung.process().signal(SIGCONT);
    const double heard_ms = attacked.heard_after_ms(resumed_at, frames);
    EXPECT_LT(heard_ms, 20'000.0) << "dead\n" << attacked.guarded.daemon->process().output();
    EXPECT_EQ(attacked.above(0), 0U);
    std::printf("heard again %.0f ms after the program went on\n", heard_ms);
}

// Any program may ask the server to remove any node.
TEST(Destroyed, guard_is_made_anew_and_lets_nothing_through) {
    Attacked attacked(256);
    for (const char *const end : {"", ".out"}) {
        const auto mark = attacked.guarded.daemon->mark();
        ASSERT_TRUE(attacked.guarded.probe.destroy(attacked.guarded.probe.wait_node(attacked.guarded.guard_name() + end).id));
        attacked.guarded.daemon->wait_report("guard: linked", mark);
        const auto frames = attacked.frames(); // what is heard from here on went through the new one
        EXPECT_LT(attacked.heard_after_ms(bench::now_ns(), frames), 20'000.0) << "dead\n" << attacked.guarded.daemon->process().output();
    }
    EXPECT_EQ(attacked.above(0), 0U) << attacked.guarded.daemon->process().output();
}

// A click in a patchbay, or two: the session manager believes that the links are there, and makes none.
TEST(Destroyed, links_behind_the_guard_come_back_and_let_nothing_through) {
    Attacked attacked(256);
    const auto out = attacked.guarded.guard_name() + ".out";
    const auto sink = attacked.guarded.card.sink();
    for (const std::size_t clicks : {1U, 2U}) {
        ASSERT_TRUE(attacked.guarded.probe.wait_until([&](const Graph &graph) { return graph.links_between(out, sink).size() == 2; }));
        const auto links = attacked.guarded.probe.snapshot().links_between(out, sink);
        const auto mark = attacked.guarded.daemon->mark();
        for (std::size_t at = 0; at < clicks; ++at) ASSERT_TRUE(attacked.guarded.probe.destroy(links[at].id));
        attacked.guarded.daemon->wait_report("guard: linked", mark);
        const auto frames = attacked.frames();
        EXPECT_LT(attacked.heard_after_ms(bench::now_ns(), frames), 20'000.0) << "dead\n" << attacked.guarded.daemon->process().output();
    }
    EXPECT_EQ(attacked.above(0), 0U) << attacked.guarded.daemon->process().output();
}

} // namespace
} // namespace soundwarden::integration
