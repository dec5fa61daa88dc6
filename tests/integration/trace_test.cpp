// SPDX-License-Identifier: MIT
// A real daemon's trace, from a real session: replayed on the spot, it gives the same decisions bit for bit.
#include "guarded.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace soundwarden::integration {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

struct Traced {
    explicit Traced(const fs::path &trace) : file(trace) {}

    /// Exit code and all that was said.
    std::pair<int, std::string> replay(const bench::Session &session) const {
        const auto process = session.spawn({program("SOUNDWARDEN"), "replay", file.string()});
        const auto status = process->wait_exit();
        return {status ? status->code : -1, process->output()};
    }
    std::size_t times(const std::string &part) const {
        const std::string text = content_of(file);
        std::size_t count = 0;
        for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
        return count;
    }
    fs::path file;
};

TEST(Trace, of_a_session_replays_bit_for_bit) {
    Guarded guarded({}, {.quantum = 256, .rate = 48000}, false);
    const Traced traced(guarded.session.dir() / "trace.jsonl");
    guarded.daemon = std::make_unique<Daemon>(guarded.session, std::vector<std::string>{"--trace", traced.file.string()});
    guarded.daemon->wait_report("decision:");
    guarded.plug(true);
    guarded.set_user_volume(slider(0.5));
    guarded.plug(false);
    guarded.daemon->process().signal(SIGHUP);
    guarded.card.add("extra", "desktop");
    guarded.daemon->wait_report("guard: linked", guarded.daemon->mark());
    guarded.card.remove("extra");
    guarded.daemon->process().signal(SIGTERM);
    const auto status = guarded.daemon->process().wait_exit();
    ASSERT_TRUE(status);
    EXPECT_EQ(status->code, 0) << guarded.daemon->process().output();
    const auto [code, said] = traced.replay(guarded.session);
    EXPECT_EQ(code, 0) << said;
    EXPECT_NE(said.find("decision"), std::string::npos) << said;
    EXPECT_NE(said.find("the same as recorded, bit for bit"), std::string::npos) << said;
    // Control: it is all there.
    EXPECT_GE(traced.times("\"event\":\"policy-loaded\""), 1U);
    EXPECT_GE(traced.times("\"event\":\"guard-took\""), 3U);
    EXPECT_EQ(traced.times("\"event\":\"shut-down\""), 1U);
    EXPECT_EQ(traced.times("\"effect\":\"finish\""), 1U);
    EXPECT_EQ(fs::status(traced.file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(Trace, of_a_daemon_that_was_killed_can_be_replayed) {
    Guarded guarded({}, {.quantum = 256, .rate = 48000}, false);
    const Traced traced(guarded.session.dir() / "trace.jsonl");
    guarded.daemon = std::make_unique<Daemon>(guarded.session, std::vector<std::string>{"--trace", traced.file.string()});
    guarded.daemon->wait_report("decision:");
    guarded.plug(true);
    guarded.daemon->process().signal(SIGKILL);
    ASSERT_TRUE(guarded.daemon->process().wait_exit());
    const auto [code, said] = traced.replay(guarded.session);
    EXPECT_EQ(code, 0) << said;
    EXPECT_NE(said.find("Headphones: limit"), std::string::npos) << said;
}

TEST(Trace, that_cannot_be_written_leaves_the_daemon_at_work_and_is_said) {
    Guarded guarded({}, {.quantum = 256, .rate = 48000}, false);
    const fs::path file = guarded.session.dir() / "trace.jsonl";
    std::ofstream{file} << "of a crash";
    guarded.daemon = std::make_unique<Daemon>(guarded.session, std::vector<std::string>{"--trace", file.string()});
    guarded.daemon->wait_report("degraded: trace: nothing is recorded");
    guarded.daemon->wait_report("decision:");
    guarded.plug(true);
    EXPECT_EQ(content_of(file), "of a crash");
    const auto status = guarded.session.spawn({program("SOUNDWARDEN"), "status"});
    ASSERT_TRUE(status->wait_exit());
    EXPECT_NE(status->output().find("is there already"), std::string::npos) << status->output();
}

} // namespace
} // namespace soundwarden::integration
