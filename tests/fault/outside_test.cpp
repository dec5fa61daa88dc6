// SPDX-License-Identifier: MIT
// What breaks around the daemon: its connections, the bus, the clock on the wall, memory, priority, device nodes. Each is done to a
// daemon that guards a sink under a tone far above its ceiling.
#include "rig.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <optional>
#include <ostream>
#include <sys/socket.h>

namespace soundwarden::fault {
namespace {

using bench::milliseconds;
using bench::Server;

void half_closed_to(Rig &rig, int how) {
    for (std::size_t which = 0; which < 3; ++which) { // each of its connections
        const auto connections = Connections::to(rig.daemon->pid(), "pipewire-0");
        ASSERT_GT(connections.size(), 0U) << "it has no connection to PipeWire";
        EXPECT_TRUE(connections.half_close(which, how));
        rig.wait(milliseconds{400});
    }
}
void nothing_more_is_read(Rig &rig) { half_closed_to(rig, SHUT_RD); }
void nothing_more_is_sent(Rig &rig) { half_closed_to(rig, SHUT_WR); }

void nonsense_from_pipewire(Rig &rig) {
    int told = 0;
    for (std::size_t which = 0; which < 6; ++which) {
        const auto accepted = Connections::accepted(rig.session.pid(Server::pipewire), rig.daemon->pid());
        if (accepted.garble(which, rig.random)) ++told;
        rig.wait(milliseconds{300});
    }
    EXPECT_GT(told, 0) << "nothing was sent";
}

// Nothing that PipeWire says is understood any more, and nothing is said of it.
void message_never_ends(Rig &rig) {
    const auto mark = rig.daemon->process().mark();
    const auto accepted = Connections::accepted(rig.session.pid(Server::pipewire), rig.daemon->pid());
    ASSERT_GE(accepted.size(), 2U);
    for (std::size_t which = 0; which < accepted.size(); ++which) EXPECT_TRUE(accepted.begin_message(which));
    EXPECT_TRUE(rig.wait_until([&] { return rig.daemon->process().wait_for_line("does not answer", milliseconds{0}, mark).has_value(); },
                               milliseconds{40'000}))
        << "it has not noticed\n"
        << rig.report();
}

void nonsense_to_pipewire(Rig &rig) {
    int told = 0;
    for (std::size_t which = 0; which < 6; ++which) {
        const auto connections = Connections::to(rig.daemon->pid(), "pipewire-0");
        if (connections.garble(which, rig.random)) ++told;
        rig.wait(milliseconds{300});
    }
    EXPECT_GT(told, 0) << "nothing was sent";
}

void bus_dies_and_returns(Rig &rig) {
    const auto mark = rig.daemon->process().mark();
    rig.session.kill(Server::dbus, SIGKILL);
    EXPECT_TRUE(rig.daemon->process().wait_for_line("no-bus", milliseconds{10'000}, mark)) << rig.report();
    rig.wait(milliseconds{300});
    rig.session.restart(Server::dbus);
    EXPECT_TRUE(rig.answers()) << "it does not answer on the new bus\n" << rig.report();
}

void clock_jumps(Rig &rig) {
    for (const auto by : {std::chrono::hours(26), std::chrono::hours(-52), std::chrono::hours(24 * 365 * 20), std::chrono::hours(-24 * 365 * 40)}) {
        rig.injection.move_clock(by);
        rig.something();
        rig.wait(milliseconds{300});
    }
}

void memory_pressure(Rig &rig) {
    for (const std::uint64_t spare : {std::uint64_t{0}, std::uint64_t{256U << 10U}, std::uint64_t{4U << 20U}}) {
        const MemoryPressure pressure(rig.daemon->pid(), spare);
        EXPECT_TRUE(pressure.works());
        for (int turn = 0; turn < 3; ++turn) {
            rig.something();
            rig.wait(milliseconds{150});
        }
    }
}

void lost_realtime(Rig &rig) {
    // Where the session grants none there is none to lose, and it has been without all the time.
    std::printf("threads that lost their real-time priority: %u\n", take_realtime(rig.daemon->pid()));
    for (int turn = 0; turn < 4; ++turn) {
        rig.something();
        rig.wait(milliseconds{150});
    }
}

void nodes_vanish(Rig &rig) {
    const auto descriptors = open_descriptors(rig.daemon->pid());
    rig.injection.start(bit(Class::node), 2);
    for (int turn = 0; turn < 40; ++turn) {
        rig.device_node(static_cast<unsigned>(turn % 3), turn % 4 != 3);
        rig.wait(milliseconds{30});
    }
    rig.injection.stop();
    EXPECT_GT(rig.injection.failed(), 0U) << "no node was opened";
    for (unsigned card = 0; card < 3; ++card) rig.device_node(card, false);
    EXPECT_TRUE(rig.wait_until([&] { return open_descriptors(rig.daemon->pid()) <= descriptors + 2; })) << "descriptors are left open";
    EXPECT_TRUE(rig.daemon->ends().empty()) << rig.report();
}

void stopped_and_continued(Rig &rig) {
    rig.daemon->signal(SIGSTOP);
    rig.wait(milliseconds{1500});
    rig.daemon->signal(SIGCONT);
}

struct Fault {
    const char *name;
    void (*happen)(Rig &);
    friend std::ostream &operator<<(std::ostream &stream, const Fault &fault) { return stream << fault.name; }
};

class OutsideFaults : public testing::TestWithParam<Fault> {
  public:
    // One session for all rows: a machine is not started anew for each fault either. A row that finds it silent has a new one.
    static void TearDownTestSuite() { rig.reset(); }
    static inline std::unique_ptr<Rig> rig;
};

TEST_P(OutsideFaults, never_make_it_louder_and_never_silence_it_for_good) {
    if (!rig) rig = std::make_unique<Rig>(Rig::Options{.seed = 11});
    rig->wait_pressing();
    const auto above = rig->judge.above();
    const auto ends = rig->daemon->ends().size();
    GetParam().happen(*rig);
    if (HasFatalFailure()) return;
    rig->plug(false);
    rig->reconnect();
    double heard_ms = 0.0;
    EXPECT_TRUE(rig->comes_back(&heard_ms)) << "silent for good\n" << rig->report();
    EXPECT_FALSE(rig->daemon->given_up()) << rig->report();
    EXPECT_EQ(rig->judge.above(), above) << rig->report();
    if (!HasFailure()) {
        EXPECT_NO_THROW(rig->wait_pressing()) << "it does not act any more\n" << rig->report();
        EXPECT_EQ(rig->deaf_to(), "") << rig->report();
    }
    std::printf("%s: heard again after %.0f ms, %zu ends of the daemon\n", GetParam().name, heard_ms, rig->daemon->ends().size() - ends);
    if (HasFailure()) rig.reset();
}

const Fault faults[] = {
    {"a half-closed socket, nothing more is read", nothing_more_is_read},
    {"a half-closed socket, nothing more is sent", nothing_more_is_sent},
    {"nonsense from PipeWire", nonsense_from_pipewire},
    {"a message from PipeWire that never ends", message_never_ends},
    {"nonsense to PipeWire", nonsense_to_pipewire},
    {"the bus dies and returns", bus_dies_and_returns},
    {"the clock jumps", clock_jumps},
    {"memory pressure", memory_pressure},
    {"lost real-time priority", lost_realtime},
    {"device nodes vanish before they are opened", nodes_vanish},
    {"stopped and continued", stopped_and_continued},
};

INSTANTIATE_TEST_SUITE_P(Row, OutsideFaults, testing::ValuesIn(faults), [](const auto &fault) {
    std::string name = fault.param.name;
    for (char &letter : name)
        if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
    return name;
});

} // namespace
} // namespace soundwarden::fault
