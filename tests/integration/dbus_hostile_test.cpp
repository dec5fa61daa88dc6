// SPDX-License-Identifier: MIT
// A bus that is not well-meaning: calls that make no sense, forged signals, clients that leave amid a call. Every call gets its answer or
// an error with a name, nothing is lost, and memory stays where it was.
#include "bus_test.hpp"

#include "bus_calls.hpp"

#include <array>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <map>
#include <random>
#include <unistd.h>

namespace soundwarden {
namespace {

struct BusUnref {
    void operator()(sd_bus *bus) const { sd_bus_close_unref(bus); }
};
using BusPtr = std::unique_ptr<sd_bus, BusUnref>;

BusPtr connect_to(const std::string &address) {
    sd_bus *made = nullptr;
    if (sd_bus_new(&made) < 0) throw std::runtime_error("no memory for a bus");
    BusPtr bus{made};
    if (sd_bus_set_address(made, address.c_str()) < 0 || sd_bus_set_bus_client(made, 1) < 0 || sd_bus_negotiate_fds(made, 1) < 0 || sd_bus_start(made) < 0)
        throw std::runtime_error("cannot connect to " + address);
    return bus;
}

/// What became of the calls: how often each error, "" for an answer.
struct Tally {
    std::map<std::string, int> answers;
    int in_flight = 0;

    static int take(sd_bus_message *reply, void *self, sd_bus_error *) {
        auto *tally = static_cast<Tally *>(self);
        --tally->in_flight;
        const sd_bus_error *error = sd_bus_message_get_error(reply);
        ++tally->answers[error == nullptr ? "" : error->name == nullptr ? "(no name)" : error->name];
        return 1;
    }
};

long resident_kib_of(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/status");
    for (std::string word; file >> word;)
        if (word == "VmRSS:") {
            long kib = 0;
            file >> kib;
            return kib;
        }
    return -1;
}

class Hostile : public BusTest {
  protected:
    /// One whose "asked: …" nobody reads.
    std::unique_ptr<Process> unread_daemon() {
        const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        auto process = std::make_unique<Process>(std::vector<std::string>{SOUNDWARDEN_SCRIPTED_DAEMON}, bus.environment(),
                                                 Stdout{Stdout::Kind::descriptor, nowhere, "/dev/null"});
        close(nowhere);
        const auto until = std::chrono::steady_clock::now() + test::scaled(test::patience);
        while (cli({}).exit_code != 0 && std::chrono::steady_clock::now() < until) {}
        return process;
    }
    /// Pipelined: at most `most` unanswered.
    void work(sd_bus *connection, Tally &tally, int most) {
        while (tally.in_flight > most) {
            const int done = sd_bus_process(connection, nullptr);
            ASSERT_GE(done, 0) << "the bus threw us out";
            if (done == 0) {
                ASSERT_GT(sd_bus_wait(connection, 20'000'000), 0) << "no answer to " << tally.in_flight << " calls";
            }
        }
    }
    /// One after the other; what the scripted daemon says of them is dropped on the way.
    void attack(int calls, Tally &tally) {
        BusPtr connection = connect_to(bus.address());
        for (int n = 0; n < calls; ++n) {
            std::array<std::uint8_t, 160> data{};
            for (auto &byte : data) byte = static_cast<std::uint8_t>(random());
            test::Bytes bytes{data.data(), data.size()};
            if (n % 16 == 15) {
                if (const auto forged = test::signal_from(connection.get(), headphones_path, bytes)) sd_bus_send(connection.get(), forged.get(), nullptr);
                continue;
            }
            const auto call = test::call_from(connection.get(), headphones_path, bytes);
            if (!call) continue;
            ASSERT_GE(sd_bus_call_async(connection.get(), nullptr, call.get(), Tally::take, &tally, 60'000'000), 0);
            ++tally.in_flight;
            work(connection.get(), tally, 40);
            if (n % 1000 == 999) { // leaves amid them
                sd_bus_flush(connection.get());
                connection = connect_to(bus.address());
                tally.in_flight = 0;
            }
        }
        work(connection.get(), tally, 0);
    }

    std::mt19937 random{20261129};
};

TEST_F(Hostile, CallsGetAnAnswerOrANamedErrorAndChangeNothingElse) {
    const auto served = unread_daemon();
    const auto before = Json::parse(cli({"-o", "json"}).out);
    constexpr int rounds = 100'000;
    Tally tally;
    attack(rounds / 5, tally); // every table has its size
    const long memory = resident_kib_of(served->pid());
    attack(rounds - rounds / 5, tally);
    int answered = 0;
    for (const auto &[name, times] : tally.answers) {
        std::printf("%6d %s\n", times, name.empty() ? "(answered)" : name.c_str());
        answered += times;
        const bool named = name.empty() || name.starts_with("org.freedesktop.DBus.Error.") || name.starts_with("org.soundwarden.SoundWarden1.Error.");
        EXPECT_TRUE(named) << name;
        EXPECT_NE(name, "org.soundwarden.SoundWarden1.Error.Internal");
        EXPECT_NE(name, "org.freedesktop.DBus.Error.NoReply");
    }
    EXPECT_GT(answered, rounds / 2);
    EXPECT_GT(tally.answers[""], rounds / 20) << "the control: right ones are among them";
    std::printf("resident: %ld kiB before, %ld after %d calls\n", memory, resident_kib_of(served->pid()), rounds);
    EXPECT_LE(resident_kib_of(served->pid()) - memory, 4096);
    EXPECT_EQ(Json::parse(cli({"-o", "json"}).out), before);
}

} // namespace
} // namespace soundwarden
