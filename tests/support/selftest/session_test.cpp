// SPDX-License-Identifier: MIT
// The private session: it sees nothing of the machine, and leaves nothing behind, whatever way a test ends.
#include "bench/graph_probe.hpp"
#include "bench/programs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

namespace soundwarden::bench {
namespace {

namespace fs = std::filesystem;

TEST(PrivateSession, ShowsNothingOfTheMachine) {
    const Session session;
    const GraphProbe probe(session);
    const Graph graph = probe.snapshot();
    EXPECT_TRUE(graph.devices.empty());
    for (const auto &[id, node] : graph.nodes) EXPECT_FALSE(node.media_class().starts_with("Audio/")) << node.name();
    EXPECT_TRUE(std::any_of(graph.metadata.begin(), graph.metadata.end(),
                            [](const auto &entry) { return entry.second.name == "default"; }));
    for (const char *name : {"XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME",
                             "HOME", "DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS"})
        EXPECT_NE(session.environment().at(name).find(session.dir().string()), std::string::npos) << name;
    EXPECT_EQ(fs::status(session.runtime_dir()).permissions(), fs::perms::owner_all);
}

TEST(PrivateSession, ClockIsAsAsked) {
    const Session session({.quantum = 64, .rate = 44'100, .rates = {44'100, 96'000}});
    const GraphProbe probe(session);
    const Graph graph = probe.snapshot();
    EXPECT_EQ(graph.meta("settings", 0, "clock.quantum"), "64");
    EXPECT_EQ(graph.meta("settings", 0, "clock.min-quantum"), "64");
    EXPECT_EQ(graph.meta("settings", 0, "clock.rate"), "44100");
    const std::string rates = graph.meta("settings", 0, "clock.allowed-rates").value_or("");
    EXPECT_NE(rates.find("44100"), std::string::npos) << rates;
    EXPECT_NE(rates.find("96000"), std::string::npos) << rates;
}

TEST(PrivateSession, LeavesNeitherProcessesNorFiles) {
    fs::path dir;
    std::vector<pid_t> pids;
    {
        const Session session;
        dir = session.dir();
        for (const Server server : {Server::dbus, Server::pipewire, Server::wireplumber})
            pids.push_back(session.pid(server));
        for (const pid_t pid : pids) EXPECT_TRUE(is_alive(pid));
        session.kill(Server::pipewire, SIGKILL); // also works when some are already dead
    }
    for (const pid_t pid : pids) EXPECT_FALSE(is_alive(pid));
    EXPECT_FALSE(fs::exists(dir));
}

TEST(PrivateSession, ServersRestart) {
    Session session;
    const pid_t wireplumber = session.pid(Server::wireplumber);
    session.restart(Server::wireplumber);
    EXPECT_NE(session.pid(Server::wireplumber), wireplumber);
    const pid_t pipewire = session.pid(Server::pipewire);
    session.kill(Server::pipewire, SIGKILL);
    session.restart(Server::pipewire);
    EXPECT_NE(session.pid(Server::pipewire), pipewire);
    EXPECT_FALSE(is_alive(pipewire));
    EXPECT_TRUE(GraphProbe(session).connected());
}

TEST(PrivateSession, TooLongAPathIsRefusedClearly) {
    Process process({session_program(), "run", "/tmp/" + std::string(100, 'x')});
    EXPECT_EQ(process.wait_exit(), ExitStatus{.code = 1});
    EXPECT_NE(process.output().find("too long"), std::string::npos) << process.output();
}

TEST(PrivateSession, StartStopAndRestartByHand) {
    std::string pattern = "/tmp/sw-hand-XXXXXX";
    const fs::path dir = mkdtemp(pattern.data());
    const auto run = [&](std::vector<std::string> words) {
        words.insert(words.begin(), session_program());
        Process process(words);
        const auto status = process.wait_exit(milliseconds{40'000});
        EXPECT_EQ(status, ExitStatus{.code = 0}) << process.output();
    };
    run({"start", dir, "--quantum", "256"});
    std::vector<pid_t> pids;
    for (const char *name : {"session", "dbus", "pipewire", "wireplumber"}) {
        std::ifstream file(dir / (std::string("pid.") + name));
        pid_t pid = 0;
        file >> pid;
        EXPECT_TRUE(is_alive(pid)) << name;
        pids.push_back(pid);
    }
    run({"restart", dir, "wireplumber"});
    EXPECT_FALSE(is_alive(pids[3]));
    EXPECT_TRUE(GraphProbe((dir / "run/pipewire-0").string()).connected());
    kill(pids[2], SIGKILL); // PipeWire
    run({"stop", dir});
    for (const pid_t pid : pids) EXPECT_FALSE(is_alive(pid));
    fs::remove_all(dir);
}

// --- what must not be left by a test that was killed
// -------------------------------------------------------------------

TEST(Killed, LeavesNothingRunning) {
    Process victim({SOUNDWARDEN_VICTIM});
    const auto line = victim.wait_for_line("^victim ", milliseconds{60'000});
    ASSERT_TRUE(line) << victim.output();
    std::istringstream words(line->text);
    std::string word;
    std::string dir;
    words >> word >> dir;
    std::vector<pid_t> pids;
    for (pid_t pid = 0; words >> pid;) pids.push_back(pid);
    ASSERT_EQ(pids.size(), 5U);
    for (const pid_t pid : pids) EXPECT_TRUE(is_alive(pid));
    victim.signal(SIGKILL);
    for (const pid_t pid : pids) EXPECT_TRUE(poll_until([pid] { return !is_alive(pid); })) << pid;
    EXPECT_TRUE(poll_until([&dir] { return !fs::exists(dir); })) << dir;
}

} // namespace
} // namespace soundwarden::bench
