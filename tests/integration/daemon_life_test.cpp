// SPDX-License-Identifier: MIT
// The daemon's own life: how it starts, leaves, comes back, rests, and what it does when others are missing.
#include "guarded.hpp"

#include "bench/clock.hpp"
#include "bench/recording.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>

namespace soundwarden::integration {
namespace {

using bench::Graph;
using bench::GraphProbe;
using bench::Process;
using bench::Recording;
using bench::Server;
using bench::Session;
using bench::SimCard;
using bench::Source;

std::string read_file(const std::filesystem::path &path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::size_t open_descriptors(pid_t pid) {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto &entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd")) ++count;
    return count;
}

std::uint64_t status_number(const std::filesystem::path &status, const std::string &key) {
    std::istringstream lines(read_file(status));
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(key + ":")) return std::stoull(line.substr(key.size() + 1));
    return 0;
}

/// How often any thread of the process has gone to sleep and woken: every wake-up ends in one voluntary switch.
std::uint64_t wake_ups(pid_t pid) {
    std::uint64_t sum = 0;
    for (const auto &task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task"))
        sum += status_number(task.path() / "status", "voluntary_ctxt_switches");
    return sum;
}

TEST(Leaving, sigterm_and_restart_under_full_scale_stay_under_the_last_ceiling) {
    Guarded guarded({}, {.quantum = 256, .rate = 48000});
    guarded.plug(true);
    guarded.set_user_volume(1.0);
    const float ceiling = amplitude_toward_zero(headphone_cap);
    Source source(guarded.session, {.signal = {"tone", "997", "0"}});
    source.wait_streaming();
    guarded.wait_level(static_cast<double>(ceiling) * 0.999);
    for (int round = 0; round < 3; ++round) {
        guarded.daemon->process().signal(SIGTERM);
        const auto status = guarded.daemon->process().wait_exit();
        ASSERT_TRUE(status);
        EXPECT_EQ(status->code, 0) << guarded.daemon->process().output();
        guarded.card.wait_frames(24000); // what plays on without the daemon
        guarded.daemon = std::make_unique<Daemon>(guarded.session);
        guarded.daemon->wait_report("decision: Headphones");
        guarded.card.wait_frames(24000);
    }
    const Recording recording = guarded.card.recording();
    EXPECT_EQ(recording.count_above(ceiling), 0U) << "highest " << recording.peak();
    // …and it comes back: as after a plug, at the start level (−15 dB).
    guarded.wait_level(static_cast<double>(ceiling) * amplitude(Decibels{-15.0}) * 0.99);
}

TEST(Leaving, sigterm_on_transparent_speakers_does_not_make_them_louder) {
    Guarded guarded({}, {.quantum = 256, .rate = 48000, .policy = false});
    guarded.set_user_volume(slider(0.5));
    Source source(guarded.session, {.signal = {"dc", "1.0"}});
    source.wait_streaming();
    guarded.wait_level(slider(0.5) * 0.9999);
    guarded.daemon->process().signal(SIGTERM);
    ASSERT_TRUE(guarded.daemon->process().wait_exit());
    guarded.card.wait_frames(48000);
    const Recording recording = guarded.card.recording();
    EXPECT_LE(recording.peak(), static_cast<float>(slider(0.5)) * 1.0001F);
    EXPECT_GT(recording.peak(recording.frames() - 9600), 0.0F) << "sound goes on without the daemon";
}

TEST(Leaving, the_user_volume_survives_a_restart) {
    Guarded guarded({}, {.quantum = 256, .rate = 48000});
    guarded.set_user_volume(slider(0.7));
    guarded.daemon->process().signal(SIGTERM);
    ASSERT_TRUE(guarded.daemon->process().wait_exit());
    guarded.daemon = std::make_unique<Daemon>(guarded.session);
    guarded.daemon->wait_report("decision: Speaker");
    EXPECT_NEAR(guarded.user_volume(), slider(0.7), 1e-4);
}

TEST(Cards, fifty_come_and_go_while_sound_plays_and_nothing_leaks) {
    Guarded guarded({.preset = "laptop", .record = true}, {.quantum = 1024, .rate = 48000});
    guarded.set_user_volume(1.0);
    Source source(guarded.session, {.signal = {"tone", "997", "-20"}, .target = guarded.guard_name()});
    source.wait_streaming();
    const pid_t pid = guarded.daemon->process().pid();
    const auto one_round = [&](int first, int count) {
        for (int card = first; card < first + count; ++card) guarded.card.add("extra" + std::to_string(card), "desktop");
        const auto here = guarded.probe.wait_until([&](const Graph &graph) {
            for (int card = first; card < first + count; ++card)
                if (graph.links_between("soundwarden.alsa_output.extra" + std::to_string(card) + ".analog-stereo.out",
                                        "alsa_output.extra" + std::to_string(card) + ".analog-stereo").empty())
                    return false;
            return true;
        });
        EXPECT_TRUE(here) << "not every sink got its guard\n" << guarded.daemon->process().output();
        for (int card = first; card < first + count; ++card) guarded.card.remove("extra" + std::to_string(card));
        const auto gone = guarded.probe.wait_until([](const Graph &graph) {
            for (const auto &[id, node] : graph.nodes)
                if (node.name().find("extra") != std::string::npos) return false;
            return true;
        });
        EXPECT_TRUE(gone) << "nodes were left behind";
    };
    for (int round = 0; round < 4; ++round) one_round(round * 5, 5); // caches and heap reach their size
    guarded.probe.sync();
    const auto descriptors = open_descriptors(pid);
    const auto memory_kib = status_number("/proc/" + std::to_string(pid) + "/status", "VmRSS");
    const auto nodes = guarded.probe.snapshot().nodes.size();
    for (int round = 0; round < 10; ++round) one_round(20 + round * 5, 5);
    ASSERT_TRUE(guarded.daemon->process().running()) << guarded.daemon->process().output();
    EXPECT_TRUE(bench::poll_until([&] { return open_descriptors(pid) <= descriptors; }))
        << open_descriptors(pid) << " descriptors, " << descriptors << " before";
    EXPECT_LE(guarded.probe.snapshot().nodes.size(), nodes);
    const auto grown = status_number("/proc/" + std::to_string(pid) + "/status", "VmRSS");
    EXPECT_LE(grown, memory_kib + 8192) << "KiB resident; before: " << memory_kib;
    guarded.card.wait_frames(4800);
    const Recording recording = guarded.card.recording("laptop");
    EXPECT_GT(recording.peak(recording.frames() - 4800), 0.0F) << "the sound of the first card has stopped";
}

TEST(State, is_for_its_owner_alone) {
    const mode_t before = umask(022); // as most have it; the daemon's own is stricter
    Guarded guarded({}, {.quantum = 1024, .rate = 48000});
    umask(before);
    const auto directory = guarded.session.dir() / "soundwarden";
    EXPECT_EQ(std::filesystem::status(directory).permissions(), std::filesystem::perms::owner_all);
    for (const char *const file : {"state.db", "state.db-wal", "state.db-shm"})
        EXPECT_EQ(std::filesystem::status(directory / file).permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write) << file;
}

// Ten seconds; a minute nightly.
TEST(Rest, the_daemon_does_not_wake_up) {
    Guarded guarded({}, {.quantum = 1024, .rate = 48000});
    const pid_t pid = guarded.daemon->process().pid();
    // Rest begins when so much time in a row has passed without a wake-up; what is still going on at first does not count.
    const int seconds = nightly() ? 60 : 10;
    std::uint64_t woken = 1;
    for (int attempt = 0; attempt < 4 && woken > 0; ++attempt) {
        const auto before = wake_ups(pid);
        const auto until = bench::now_ns() + seconds * std::int64_t{1'000'000'000};
        bench::poll_until([&] { return bench::now_ns() >= until; }, std::chrono::seconds(3 * seconds));
        woken = wake_ups(pid) - before;
    }
    RecordProperty("seconds", std::to_string(seconds));
    RecordProperty("wake_ups", std::to_string(woken));
    EXPECT_EQ(woken, 0U) << "the daemon wakes up at rest";
    // Control: the counter does see a wake-up.
    const auto before = wake_ups(pid);
    guarded.plug(true);
    EXPECT_GT(wake_ups(pid), before);
}

TEST(Missing, no_pipewire_is_exit_code_three_with_what_to_do) {
    Session session;
    session.kill(Server::pipewire, SIGKILL);
    ASSERT_TRUE(bench::poll_until([&] {
        const auto attempt = session.spawn({program("SOUNDWARDEND"), "--state-dir", (session.dir() / "s").string(), "--kernel-root", (session.dir() / "kernel").string()});
        const auto status = attempt->wait_exit();
        return status && status->code == 3 && attempt->output().find("systemctl --user start pipewire") != std::string::npos;
    }));
}

TEST(Missing, a_taken_bus_name_is_exit_code_four) {
    Guarded guarded;
    Daemon second(guarded.session);
    const auto status = second.process().wait_exit();
    ASSERT_TRUE(status);
    EXPECT_EQ(status->code, 4) << second.process().output();
    EXPECT_NE(second.process().output().find("org.soundwarden.SoundWarden1"), std::string::npos) << second.process().output();
}

TEST(Missing, without_a_bus_it_protects_and_says_so) {
    Session session({.quantum = 256, .rate = 48000});
    SimCard card(session, {.preset = "laptop"});
    const auto daemon = session.spawn({program("SOUNDWARDEND"), "--state-dir", (session.dir() / "s").string(), "--kernel-root", (session.dir() / "kernel").string()},
                                      {{"DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent"}});
    ASSERT_TRUE(daemon->wait_for_line("no-bus")) << daemon->output();
    ASSERT_TRUE(daemon->wait_for_line("decision:")) << daemon->output();
    daemon->signal(SIGTERM);
    const auto status = daemon->wait_exit();
    ASSERT_TRUE(status);
    EXPECT_EQ(status->code, 0);
}

TEST(Missing, usage_errors_are_exit_code_two) {
    Session session;
    for (const auto &arguments : {std::vector<std::string>{"--nonsense"}, {"--policy-dir", "/nonexistent"}, {"--state-dir"}}) {
        std::vector<std::string> argv{program("SOUNDWARDEND")};
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        const auto attempt = session.spawn(argv);
        const auto status = attempt->wait_exit();
        ASSERT_TRUE(status) << arguments.front();
        EXPECT_EQ(status->code, 2) << attempt->output();
    }
}

/// What `soundwarden …` prints in the session.
std::string cli_output(const Session &session, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program("SOUNDWARDEN"));
    const auto command = session.spawn(arguments);
    const auto status = command->wait_exit();
    EXPECT_TRUE(status && status->code == 0) << command->output();
    return command->output();
}

TEST(Memory, a_damaged_database_is_shown_until_the_next_start) {
    Session session({.quantum = 256, .rate = 48000});
    SimCard card(session, {.preset = "laptop"});
    const auto state = session.dir() / "state-of-this-test";
    std::filesystem::create_directories(state);
    std::ofstream(state / "state.db") << std::string(5000, 'x');
    for (const bool first : {true, false}) {
        const auto daemon = session.spawn({program("SOUNDWARDEND"), "--state-dir", state.string()});
        ASSERT_TRUE(daemon->wait_for_line("decision:")) << daemon->output();
        const std::string shown = cli_output(session, {"status"});
        EXPECT_EQ(shown.find("state-set-aside") != std::string::npos, first) << shown;
        EXPECT_EQ(shown.find("state.db.broken-1") != std::string::npos, first) << shown;
        daemon->signal(SIGTERM);
        ASSERT_TRUE(daemon->wait_exit());
    }
}

TEST(Memory, the_event_log_outlives_the_daemon) {
    Guarded guarded({}, {.quantum = 256, .rate = 48000});
    const std::vector<std::string> decisions{"log", "--what", "decision", "-o", "jsonl"};
    const std::string before = cli_output(guarded.session, decisions);
    EXPECT_NE(before.find("Speaker"), std::string::npos) << before;
    guarded.daemon->process().signal(SIGTERM);
    ASSERT_TRUE(guarded.daemon->process().wait_exit());
    guarded.daemon = std::make_unique<Daemon>(guarded.session);
    guarded.daemon->wait_report("decision: Speaker");
    const std::string after = cli_output(guarded.session, decisions);
    EXPECT_TRUE(after.starts_with(before)) << before << after;
    EXPECT_GT(after.size(), before.size()) << "and goes on";
}

TEST(Lost, a_pipewire_that_dies_is_found_again_and_guarded_again) {
    Guarded guarded({}, {.quantum = 256, .rate = 48000});
    for (int round = 0; round < 2; ++round) {
        const auto mark = guarded.daemon->mark();
        guarded.session.kill(Server::pipewire, SIGKILL);
        guarded.daemon->wait_report("connection lost", mark);
        guarded.session.restart(Server::pipewire);
        guarded.card.command("connect");
        guarded.daemon->wait_report("pipewire: connected", mark);
        guarded.daemon->wait_report("decision:", mark);
    }
    GraphProbe probe(guarded.session);
    EXPECT_TRUE(probe.wait_until([&](const Graph &graph) { return graph.node(guarded.guard_name()) != nullptr; }));
}

// PipeWire reads nothing more from a client that bound what a session manager exports, where that one ends before it has
// answered: found as a guard that was never made when WirePlumber was restarted while the daemon started.
TEST(Lost, a_session_manager_that_dies_while_it_is_asked_leaves_the_daemon_able_to_act) {
    Guarded guarded({}, {.quantum = 256, .rate = 48000, .policy = true});
    guarded.daemon.reset();
    guarded.card.remove();
    guarded.session.kill(Server::wireplumber, SIGSTOP);
    guarded.daemon = std::make_unique<Daemon>(guarded.session);
    EXPECT_TRUE(guarded.probe.wait_until([](const Graph &graph) {
        return std::any_of(graph.clients.begin(), graph.clients.end(),
                           [](const auto &client) { return bench::get(client.second, "application.name") == "Soundwarden"; });
    }));
    const auto asked_by = bench::now_ns() + 500'000'000; // nothing shows when it has asked
    bench::poll_until([&] { return bench::now_ns() > asked_by; });
    guarded.session.kill(Server::wireplumber, SIGKILL);
    guarded.daemon->wait_report("connection lost");
    guarded.session.restart(Server::wireplumber);
    guarded.card.add_again(bench::SimCardOptions{}.preset);
    guarded.daemon->wait_report("decision:");
    EXPECT_TRUE(guarded.probe.wait_until([&](const Graph &graph) { return graph.node(guarded.guard_name()) != nullptr; }));
}

TEST(Lost, killed_it_leaves_no_node_and_comes_back) {
    Guarded guarded({}, {.quantum = 256, .rate = 48000});
    guarded.daemon->process().signal(SIGKILL);
    ASSERT_TRUE(guarded.daemon->process().wait_exit());
    EXPECT_TRUE(guarded.probe.wait_until([&](const Graph &graph) { return graph.node(guarded.guard_name()) == nullptr; }));
    guarded.daemon = std::make_unique<Daemon>(guarded.session);
    guarded.daemon->wait_report("decision: Speaker");
    EXPECT_TRUE(guarded.probe.wait_until([&](const Graph &graph) { return graph.node(guarded.guard_name()) != nullptr; }));
}

} // namespace
} // namespace soundwarden::integration
