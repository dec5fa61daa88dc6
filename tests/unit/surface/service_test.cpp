// SPDX-License-Identifier: MIT
// What the service manager and the journal get: the watchdog's pings, waits after crashes, the fields of a line.
#include "host/journal.hpp"
#include "host/logging.hpp"
#include "host/notify.hpp"
#include "host/starts.hpp"
#include "host/watchdog.hpp"
#include "poll_loop.hpp"
#include "private_bus.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace soundwarden {
namespace {

using namespace host;
using namespace std::chrono_literals;

/// A service manager that listens, for as long as it lives.
class Manager {
  public:
    explicit Manager(const char *watchdog_usec) {
        const std::string path = (temp_.path() / "notify").string();
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        descriptor_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        EXPECT_EQ(bind(descriptor_, reinterpret_cast<const sockaddr *>(&address), sizeof address), 0);
        setenv("NOTIFY_SOCKET", path.c_str(), 1);
        if (watchdog_usec != nullptr) setenv("WATCHDOG_USEC", watchdog_usec, 1);
        setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
    }
    ~Manager() {
        close(descriptor_);
        for (const char *name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) unsetenv(name);
    }
    Manager(const Manager &) = delete;
    Manager &operator=(const Manager &) = delete;

    /// What was said since the last call, each message in its own line.
    std::string heard() {
        std::string all;
        char text[256];
        for (ssize_t got = 0; (got = recv(descriptor_, text, sizeof text, 0)) > 0;) all.append(text, static_cast<std::size_t>(got)) += '\n';
        return all;
    }

  private:
    test::TempDir temp_;
    int descriptor_ = -1;
};

TEST(Watchdog, WithoutAServiceManagerNothingRuns) {
    test::PollLoop loop;
    const Watchdog watchdog(loop, [] { return ADD_FAILURE() << "asked", true; });
    EXPECT_FALSE(watchdog.interval());
    EXPECT_FALSE(loop.run_until([] { return false; }, 20ms));
}

TEST(Watchdog, ThirtySecondsMakeOnePingEachFifteen) {
    Manager manager("30000000");
    test::PollLoop loop;
    const Watchdog watchdog(loop, [] { return true; });
    EXPECT_EQ(watchdog.interval(), 15s);
    EXPECT_EQ(manager.heard(), "WATCHDOG=1\n") << "one at once";
}

TEST(Watchdog, PingsAsLongAsThereIsProgress) {
    Manager manager("40000");
    test::PollLoop loop;
    int asked = 0;
    const Watchdog watchdog(loop, [&] { return ++asked, true; });
    ASSERT_TRUE(loop.run_until([&] { return asked >= 4; }, 20s));
    const auto heard = manager.heard();
    EXPECT_EQ(std::count(heard.begin(), heard.end(), '\n'), asked);
    EXPECT_EQ(heard.find("trigger"), std::string::npos);
}

TEST(Watchdog, WithoutProgressItDoubtsOnceAndThenPullsTheTrigger) {
    Manager manager("40000");
    test::PollLoop loop;
    int asked = 0;
    const Watchdog watchdog(loop, [&] { return ++asked <= 1; });
    ASSERT_TRUE(loop.run_until([&] { return asked == 2; }, 20s));
    EXPECT_EQ(manager.heard(), "WATCHDOG=1\n") << "one doubt is none yet";
    ASSERT_TRUE(loop.run_until([&] { return asked == 3; }, 20s));
    EXPECT_EQ(manager.heard(), "WATCHDOG=trigger\n");
}

TEST(Watchdog, OneMissIsForgivenWhereItGoesOn) {
    Manager manager("40000");
    test::PollLoop loop;
    int asked = 0;
    const Watchdog watchdog(loop, [&] { return ++asked != 2; });
    ASSERT_TRUE(loop.run_until([&] { return asked == 4; }, 20s));
    EXPECT_EQ(manager.heard(), "WATCHDOG=1\nWATCHDOG=1\nWATCHDOG=1\n");
}

TEST(Notify, AServiceManagerThatDoesNotReadStopsNothing) {
    Manager manager(nullptr);
    const auto before = std::chrono::steady_clock::now();
    for (int n = 0; n < 5000; ++n) notify_status("line " + std::to_string(n));
    EXPECT_LT(std::chrono::steady_clock::now() - before, 20s);
    EXPECT_TRUE(manager.heard().starts_with("STATUS=line 0\n")) << "control: there is somebody";
    notify_ready("and now it reads");
    EXPECT_EQ(manager.heard(), "READY=1\nSTATUS=and now it reads\n");
}

TEST(Starts, TenCrashesWaitForNothingAndThenLongerAndLongerUpToTenSeconds) {
    const test::TempDir temp;
    auto now = 1'000'000ms;
    for (int start = 0; start < 10; ++start) EXPECT_EQ(Starts(temp.path()).begin(now += 100ms), 0ms) << start;
    for (const auto expected : {200ms, 400ms, 800ms, 1600ms, 3200ms, 6400ms, 10'000ms, 10'000ms})
        EXPECT_EQ(Starts(temp.path()).begin(now += 100ms), expected);
}

TEST(Starts, AMinuteWithoutACrashForgetsAll) {
    const test::TempDir temp;
    auto now = 1'000'000ms;
    for (int start = 0; start < 20; ++start) (void)Starts(temp.path()).begin(now);
    EXPECT_EQ(Starts(temp.path()).begin(now + 60s), 0ms);
}

TEST(Starts, AnEndAsItShouldBeForgetsAll) {
    const test::TempDir temp;
    for (int start = 0; start < 20; ++start) (void)Starts(temp.path()).begin(5s);
    Starts(temp.path()).end_well();
    EXPECT_TRUE(std::filesystem::is_empty(temp.path()));
    EXPECT_EQ(Starts(temp.path()).begin(5s), 0ms);
}

TEST(Starts, WhatCannotBeReadCountsAsNothing) {
    const test::TempDir temp;
    std::ofstream(temp.path() / "starts") << "nonsense 1 2 3\n99999999999999999999999\n";
    EXPECT_EQ(Starts(temp.path()).begin(5s), 0ms);
    EXPECT_EQ(Starts("/nonexistent/directory").begin(5s), 0ms);
    EXPECT_EQ(Starts({}).begin(5s), 0ms);
    Starts({}).end_well();
}

TEST(Starts, TimesFromAfterNowAreOfAnotherBoot) {
    const test::TempDir temp;
    for (int start = 0; start < 20; ++start) (void)Starts(temp.path()).begin(1'000s);
    EXPECT_EQ(Starts(temp.path()).begin(5s), 0ms);
}

bool contains(const std::vector<std::string> &fields, const std::string &field) {
    return std::find(fields.begin(), fields.end(), field) != fields.end();
}

TEST(Journal, EachDecisionCarriesOutputLoadRuleAndCap) {
    engine::OutputView output;
    output.id = "alsa_card_headphones";
    output.classification.loads = {{Load::headphones, 0.9}, {Load::unknown, 0.1}};
    output.decision.verdict = Verdict::limit;
    output.decision.cap = Decibels{-9.44};
    output.decision.reason = "headphone-cap";
    output.decision.rule = {"headphone-out, headphones", "/etc/soundwarden/policy.d/10.toml", 12, 1};
    const auto fields = journal_fields({engine::Level::info, "decision", "sink", "Headphones: limit"}, &output);
    for (const char *field : {"MESSAGE=decision: Headphones: limit", "PRIORITY=6", "SYSLOG_IDENTIFIER=soundwardend", "SOUNDWARDEN_EVENT=decision",
                              "SOUNDWARDEN_SINK=sink", "SOUNDWARDEN_OUTPUT=alsa_card_headphones", "SOUNDWARDEN_LOAD=headphones",
                              "SOUNDWARDEN_VERDICT=limit", "SOUNDWARDEN_REASON=headphone-cap", "SOUNDWARDEN_CAP_DB=-9.4",
                              "SOUNDWARDEN_RULE=/etc/soundwarden/policy.d/10.toml:12 headphone-out, headphones"})
        EXPECT_TRUE(contains(fields, field)) << field;
    EXPECT_TRUE(contains(fields, "MESSAGE_ID=" + std::string{message_id("decision")}));
    EXPECT_EQ(message_id("decision").size(), 32U);
}

TEST(Journal, WhatConcernsNoOutputHasNoFieldsOfOne) {
    const auto fields = journal_fields({engine::Level::warning, "panic", {}, "on"}, nullptr);
    EXPECT_TRUE(contains(fields, "PRIORITY=4"));
    for (const auto &field : fields) {
        EXPECT_FALSE(field.starts_with("SOUNDWARDEN_OUTPUT")) << field;
        EXPECT_FALSE(field.starts_with("SOUNDWARDEN_SINK")) << field;
    }
}

TEST(Journal, ANameOfADeviceMakesNoFieldOfItsOwn) {
    const auto fields = journal_fields({engine::Level::info, "sink", "evil\nPRIORITY=0", "a\nMESSAGE=b\x1b[31m"}, nullptr);
    for (const auto &field : fields) EXPECT_EQ(field.find_first_of("\n\x1b"), std::string::npos) << field;
    EXPECT_TRUE(contains(fields, "MESSAGE=sink: a?MESSAGE=b?[31m"));
}

TEST(Journal, WhatATerminalWouldObeyBecomesAQuestionMark) {
    EXPECT_EQ(plain_text("a\x1b[31mb\x7f"), "a?[31mb?");
    EXPECT_EQ(plain_text("\xC2\x9B" "31m \xC2\xA0 \xC3\xA9"), "?31m \xC2\xA0 \xC3\xA9") << "C1, and what is none";
    EXPECT_EQ(plain_text("\xE2\x80\xAE" "x\xE2\x81\xA9 \xE2\x80\x93"), "?x? \xE2\x80\x93") << "an override, an isolate's end, a dash";
    EXPECT_EQ(plain_text("\xC2"), "\xC2") << "half a character stays what it is";
}

TEST(Journal, AnUnknownKindHasNoIdentifier) { EXPECT_TRUE(message_id("nonsense").empty()); }

} // namespace
} // namespace soundwarden
