// SPDX-License-Identifier: MIT
// `soundwarden monitor` over the bus: what it prints, when it ends, what survives a restart.
#include "bus_test.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <poll.h>

namespace soundwarden {
namespace {

TEST_F(BusTest, MonitorPrintsASnapshotAndThenEachChangeAtOnce) {
    const auto served = daemon();
    const auto watching = monitor();
    const auto snapshot = next(*watching);
    EXPECT_EQ(snapshot.at("schema"), 1);
    EXPECT_EQ(snapshot.at("event"), "snapshot");
    EXPECT_EQ(snapshot.at("state"), "running");
    EXPECT_EQ(snapshot.at("outputs").size(), 3U);

    tell(*served, "meter -20.5 0.75");
    tell(*served, "scene settling");
    const auto settling = next(*watching);
    EXPECT_EQ(settling.at("event"), "changed");
    EXPECT_EQ(settling.at("id"), test::laptop_headphones);
    EXPECT_EQ(settling.at("changed"), Json({"ceiling_dbfs", "state"}));
    EXPECT_EQ(settling.at("ceiling_dbfs"), -24.5);
    EXPECT_EQ(settling.at("verdict"), "limit") << "the whole output";
    EXPECT_EQ(settling.at("peak_dbfs"), -20.5) << "the meters are those of now";
    EXPECT_EQ(settling.at("gain_reduction_db"), 0.75);

    tell(*served, "scene degraded");
    auto event = next(*watching);
    EXPECT_EQ(event.at("event"), "state");
    EXPECT_EQ(event.at("reasons"), Json({"no-wireplumber-part"}));
    EXPECT_EQ(next(*watching).at("state"), "guarded");

    tell(*served, "posture strict");
    event = next(*watching);
    EXPECT_EQ(event.at("event"), "state");
    EXPECT_EQ(event.at("posture"), "strict");

    tell(*served, "scene twins");
    std::multiset<std::string> events;
    for (int n = 0; n < 6; ++n) events.insert(next(*watching).at("event").get<std::string>());
    EXPECT_EQ(events, (std::multiset<std::string>{"removed", "removed", "removed", "added", "added", "state"}));
}

TEST_F(BusTest, MonitorInTextSaysWhatChanged) {
    const auto served = daemon();
    Process watching{command({"monitor"}), bus.environment()};
    EXPECT_TRUE(watching.read_until("HDMI / DisplayPort"));
    EXPECT_EQ(watching.read_line(), "");
    tell(*served, "scene settling");
    const auto line = watching.read_line();
    ASSERT_TRUE(line);
    EXPECT_TRUE(line->ends_with("  Headphones: ceiling -9.4 dBFS -> -24.5 dBFS, state guarded -> settling")) << *line;
}

TEST_F(BusTest, MonitorEndsWith0WhenAskedToEnd) {
    const auto served = daemon();
    for (const int number : {SIGINT, SIGTERM}) {
        const auto watching = monitor();
        next(*watching);
        watching->signal(number);
        EXPECT_EQ(watching->wait(), 0);
        EXPECT_EQ(watching->stderr_text(), "");
    }
}

TEST_F(BusTest, MonitorEndsWith0WhenItsReaderGoesEvenIfNothingHappens) {
    const auto served = daemon();
    const auto watching = monitor();
    next(*watching);
    watching->close_stdout();
    EXPECT_EQ(watching->wait(), 0);
    EXPECT_EQ(watching->stderr_text(), "");
}

TEST_F(BusTest, MonitorWaitsForTheDaemonAndSurvivesItsRestart) {
    const auto watching = monitor({"--wait"});
    EXPECT_EQ(next(*watching).at("event"), "waiting");
    for (int round = 0; round < 3; ++round) {
        auto served = daemon();
        const auto snapshot = next(*watching);
        EXPECT_EQ(snapshot.at("event"), "snapshot");
        // The objects are there before the name: whoever sees the name sees all of them.
        EXPECT_EQ(snapshot.at("outputs").size(), 3U);
        if (round == 1) {
            served->signal(SIGKILL);
            served->wait();
        } else {
            served.reset();
        }
        EXPECT_EQ(next(*watching).at("event"), "daemon-gone");
    }
}

TEST_F(BusTest, MonitorWithoutWaitSurvivesARestartToo) {
    auto served = daemon();
    const auto watching = monitor();
    EXPECT_EQ(next(*watching).at("event"), "snapshot");
    served.reset();
    EXPECT_EQ(next(*watching).at("event"), "daemon-gone");
    served = daemon();
    EXPECT_EQ(next(*watching).at("event"), "snapshot");
}

TEST_F(BusTest, MonitorEndsWith3WhenTheBusDies) {
    const auto served = daemon();
    const auto watching = monitor();
    next(*watching);
    bus.kill();
    EXPECT_EQ(watching->wait(), 3);
    EXPECT_NE(watching->stderr_text().find("session bus"), std::string::npos);
}

/// How often the process has gone to sleep so far.
long voluntary_switches(pid_t pid) {
    std::ifstream status{"/proc/" + std::to_string(pid) + "/status"};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("voluntary_ctxt_switches:")) return std::strtol(line.c_str() + 24, nullptr, 10);
    return -1;
}

TEST_F(BusTest, AtRestNobodyWakesUp) {
    const auto served = daemon();
    const auto watching = monitor();
    next(*watching);
    // A change and its echo, so that everything has been armed once.
    tell(*served, "wobble 3");
    next(*watching);
    next(*watching);
    tell(*served, "sleeps");
    const long before = voluntary_switches(watching->pid());
    // Nothing announces that nothing happens: this is the one wait for a time.
    poll(nullptr, 0, 500);
    EXPECT_LE(voluntary_switches(watching->pid()) - before, 1) << "monitor";
    EXPECT_LE(std::stoi(tell(*served, "sleeps")), 2) << "daemon: the question itself wakes it";
}

} // namespace
} // namespace soundwarden
