// SPDX-License-Identifier: MIT
#include "host/logging.hpp"
#include "host/notify.hpp"
#include "host/store.hpp"
#include "private_bus.hpp"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <sqlite3.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace soundwarden {
namespace {

using namespace host;
namespace fs = std::filesystem;

std::string slurp(const fs::path &path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// Runs `body` in a child, which ends with what it returns; its exit code, or 128 + signal.
template <class Body>
int in_child(Body &&body) {
    const pid_t child = fork();
    if (child == 0) {
        int code = 99;
        try {
            code = body();
        } catch (...) { // 99
        }
        _exit(code);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

class StoreTest : public testing::Test {
  protected:
    test::TempDir temp;
    fs::path directory = temp.path() / "deep" / "soundwarden";
    fs::path file = directory / "state.db";
};

TEST_F(StoreTest, RemembersVolumesAndMarks) {
    {
        Store store{directory};
        EXPECT_EQ(store.trouble().sentence, "");
        EXPECT_TRUE(store.load().volumes.empty());
        store.put_volume("out_a", LoadClass::ears, 0.25);
        store.put_volume("out_a", LoadClass::speakers, 0.75);
        store.put_volume("out_a", LoadClass::ears, 0.5);
        store.put_mark("sink", "route-1", 0.064);
        store.put_mark("sink", "route-2", 1.0);
        store.forget_mark("sink", "route-2");
        store.forget_mark("sink", "never-was");
        EXPECT_EQ(store.trouble().sentence, "");
    }
    const auto all = Store{directory}.load();
    ASSERT_EQ(all.volumes.size(), 2U);
    EXPECT_EQ(all.volumes[0].output, "out_a");
    EXPECT_EQ(all.volumes[0].load_class, LoadClass::ears);
    EXPECT_EQ(all.volumes[0].volume, 0.5);
    EXPECT_EQ(all.volumes[1].volume, 0.75);
    ASSERT_EQ(all.marks.size(), 1U);
    EXPECT_EQ(all.marks[0].route, "route-1");
    EXPECT_EQ(all.marks[0].volume, 0.064);
}

TEST_F(StoreTest, RemembersWhatIsLeftAloneAndWhatIsMuted) {
    {
        Store store{directory};
        store.put_left_alone("out_a", true);
        store.put_left_alone("out_b", true);
        store.put_left_alone("out_a", false);
        store.put_left_alone("never-was", false);
        store.put_mute("sink_a", true);
        store.put_mute("sink_b", true);
        store.put_mute("sink_b", false);
        store.put_mute("sink_c", false);
        store.put_mute("sink_c", std::nullopt);
        EXPECT_EQ(store.trouble().sentence, "");
    }
    const auto all = Store{directory}.load();
    EXPECT_EQ(all.left_alone, std::vector<OutputId>{"out_b"});
    ASSERT_EQ(all.mutes.size(), 2U);
    EXPECT_EQ(all.mutes[0].sink, "sink_a");
    EXPECT_TRUE(all.mutes[0].mute);
    EXPECT_FALSE(all.mutes[1].mute);
}

TEST_F(StoreTest, KeepsItsDirectoryPrivate) {
    const Store store{directory};
    struct stat facts {};
    ASSERT_EQ(stat(directory.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777U, 0700U);
}

TEST_F(StoreTest, TakesNoNonsense) {
    Store store{directory};
    store.put_volume("a", LoadClass::ears, -1.0);
    store.put_volume("a", LoadClass::ears, std::numeric_limits<double>::quiet_NaN());
    store.put_volume("a", LoadClass::ears, std::numeric_limits<double>::infinity());
    store.put_mark("a", "b", -0.1);
    EXPECT_TRUE(store.load().volumes.empty());
    EXPECT_TRUE(store.load().marks.empty());
    EXPECT_EQ(store.trouble().sentence, "");
    const std::string odd = "it's; DROP TABLE volumes; -- \xf0\x9f\x8e\xa7";
    store.put_volume(odd, LoadClass::ears, 0.5);
    EXPECT_EQ(Store{directory}.load().volumes.at(0).output, odd);
}

void expect_set_aside(const fs::path &directory) {
    Store store{directory};
    EXPECT_NE(store.notice().find("state.db.broken-1"), std::string::npos) << store.notice();
    EXPECT_EQ(store.trouble().sentence, "") << "the new one works";
    EXPECT_TRUE(fs::exists(directory / "state.db.broken-1"));
    store.put_volume("new", LoadClass::ears, 0.5);
    EXPECT_EQ(Store{directory}.load().volumes.size(), 1U);
    EXPECT_EQ(Store{directory}.notice(), "");
}

TEST_F(StoreTest, SetsAFileAsideThatIsNoDatabase) {
    fs::create_directories(directory);
    std::ofstream{file} << std::string(5000, 'x');
    expect_set_aside(directory);
    EXPECT_EQ(slurp(directory / "state.db.broken-1"), std::string(5000, 'x')) << "nothing is thrown away";
}

TEST_F(StoreTest, SetsADamagedDatabaseAside) {
    {
        Store store{directory};
        for (int n = 0; n < 500; ++n) store.put_volume("output_" + std::to_string(n), LoadClass::ears, 0.5);
    }
    std::fstream bytes{file, std::ios::in | std::ios::out | std::ios::binary};
    for (int page = 2; page < 6; ++page) {
        bytes.seekp(page * 4096);
        bytes << std::string(3000, '\xa5');
    }
    bytes.close();
    expect_set_aside(directory);
}

TEST_F(StoreTest, SetsATruncatedDatabaseAside) {
    {
        Store store{directory};
        for (int n = 0; n < 500; ++n) store.put_volume("output_" + std::to_string(n), LoadClass::ears, 0.5);
    }
    fs::resize_file(file, fs::file_size(file) / 2 + 100);
    expect_set_aside(directory);
}

TEST_F(StoreTest, SetsADatabaseOfANewerVersionAside) {
    { const Store store{directory}; }
    sqlite3 *database = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database, "PRAGMA user_version = 2", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
    expect_set_aside(directory);
}

TEST_F(StoreTest, BeginsAnEmptyFile) {
    fs::create_directories(directory);
    std::ofstream{file} << "";
    const Store store{directory};
    EXPECT_EQ(store.notice(), "");
    EXPECT_EQ(store.trouble().sentence, "");
}

TEST_F(StoreTest, EachBrokenOneIsKept) {
    fs::create_directories(directory);
    for (int n = 1; n <= 3; ++n) {
        std::ofstream{file} << std::string(5000, static_cast<char>('0' + n));
        const Store store{directory};
    }
    EXPECT_EQ(slurp(directory / "state.db.broken-3").front(), '3');
    EXPECT_EQ(slurp(directory / "state.db.broken-1").front(), '1');
}

TEST_F(StoreTest, ADirectoryThatCannotBeMadeIsTroubleAndNotTheEnd) {
    std::ofstream{temp.path() / "plain-file"} << "";
    Store store{temp.path() / "plain-file" / "state"};
    EXPECT_EQ(store.trouble().token, "state-store");
    EXPECT_NE(store.trouble().sentence, "");
    store.put_volume("a", LoadClass::ears, 0.5);
    EXPECT_EQ(store.load().volumes.size(), 1U) << "it is remembered in memory";
    EXPECT_NE(Store{""}.trouble().sentence, "");
}

TEST_F(StoreTest, WhatCouldNotBeWrittenIsWrittenOnceItCan) {
    std::ofstream{temp.path() / "deep"} << "in the way";
    Store store{directory};
    store.put_volume("a", LoadClass::ears, 0.5);
    store.put_mark("sink", "route", 0.1);
    ASSERT_NE(store.trouble().sentence, "");
    fs::remove(temp.path() / "deep");
    store.put_volume("b", LoadClass::ears, 0.25);
    EXPECT_EQ(store.trouble().sentence, "");
    const auto all = Store{directory}.load();
    EXPECT_EQ(all.volumes.size(), 2U);
    EXPECT_EQ(all.marks.size(), 1U);
}

TEST_F(StoreTest, AReadOnlyDirectoryIsTroubleAndTheFileIsLeftAlone) {
    {
        Store store{directory};
        store.put_volume("a", LoadClass::ears, 0.5);
    }
    const std::string before = slurp(file);
    fs::permissions(temp.path(), fs::perms::all);
    fs::permissions(temp.path() / "deep", fs::perms::all);
    fs::permissions(directory, fs::perms{0555});
    fs::permissions(file, fs::perms{0444});
    // Root may write anywhere: be somebody else.
    EXPECT_EQ(in_child([&] {
                  if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) return 98;
                  Store store{directory};
                  store.put_volume("b", LoadClass::ears, 0.25);
                  return store.trouble().sentence.empty() ? 1 : store.notice().empty() ? 0 : 2;
              }),
              0);
    fs::permissions(directory, fs::perms{0700});
    EXPECT_EQ(slurp(file), before);
    EXPECT_FALSE(fs::exists(directory / "state.db.broken-1"));
}

TEST_F(StoreTest, AFullDiskIsTroubleAndPasses) {
    EXPECT_EQ(in_child([&] {
                  std::signal(SIGXFSZ, SIG_IGN);
                  Store store{directory};
                  store.put_volume("before", LoadClass::ears, 0.5);
                  const auto size = static_cast<rlim_t>(fs::file_size(directory / "state.db-wal"));
                  rlimit limit{};
                  getrlimit(RLIMIT_FSIZE, &limit);
                  const rlimit full{size, limit.rlim_max};
                  setrlimit(RLIMIT_FSIZE, &full);
                  for (int n = 0; n < 50; ++n) store.put_volume("more_" + std::to_string(n), LoadClass::ears, 0.5);
                  if (store.trouble().sentence.empty()) return 1;
                  if (store.load().volumes.size() != 51) return 2;
                  setrlimit(RLIMIT_FSIZE, &limit);
                  store.put_volume("after", LoadClass::ears, 0.5);
                  return store.trouble().sentence.empty() ? 0 : 3;
              }),
              0);
    EXPECT_EQ(Store{directory}.load().volumes.size(), 52U) << "everything came to the disk in the end";
}

TEST_F(StoreTest, AForeignLockIsWaitedForOnlyShortly) {
    Store store{directory};
    sqlite3 *other = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &other), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    const auto begin = std::chrono::steady_clock::now();
    store.put_volume("a", LoadClass::ears, 0.5);
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_GE(took, std::chrono::milliseconds{200});
    EXPECT_LT(took, test::scaled(std::chrono::milliseconds{1000}));
    EXPECT_NE(store.trouble().sentence, "");
    ASSERT_EQ(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(other);
    store.put_volume("b", LoadClass::ears, 0.5);
    EXPECT_EQ(store.trouble().sentence, "");
    EXPECT_EQ(Store{directory}.load().volumes.size(), 2U);
    EXPECT_FALSE(fs::exists(directory / "state.db.broken-1"));
}

TEST_F(StoreTest, SurvivesBeingKilledWhileItWrites) {
    for (int attempt = 0; attempt < 5; ++attempt) {
        std::array<int, 2> ends{};
        ASSERT_EQ(pipe(ends.data()), 0);
        const pid_t child = fork();
        if (child == 0) {
            Store store{directory};
            for (int n = 1;; ++n) {
                store.put_volume("counter", LoadClass::ears, n);
                store.put_mark("sink_" + std::to_string(n % 50), "route", n);
                if (write(ends[1], &n, sizeof n) != sizeof n) _exit(1); // this one is durable now
            }
        }
        close(ends[1]);
        int durable = 0;
        const int enough = 20 + attempt * 37;
        while (durable < enough)
            ASSERT_EQ(read(ends[0], &durable, sizeof durable), static_cast<ssize_t>(sizeof durable));
        kill(child, SIGKILL);
        int n = 0;
        while (read(ends[0], &n, sizeof n) == sizeof n) durable = n;
        close(ends[0]);
        waitpid(child, nullptr, 0);
        Store store{directory};
        EXPECT_EQ(store.notice(), "");
        EXPECT_EQ(store.trouble().sentence, "");
        ASSERT_EQ(store.load().volumes.size(), 1U);
        EXPECT_GE(store.load().volumes[0].volume, durable) << "what a put returned from is not lost";
    }
}

TEST(StateDirectory, FollowsTheEnvironment) {
    setenv("XDG_STATE_HOME", "/x/state", 1);
    setenv("HOME", "/x/home", 1);
    EXPECT_EQ(state_directory("/chosen"), "/chosen");
    EXPECT_EQ(state_directory(""), "/x/state/soundwarden");
    setenv("XDG_STATE_HOME", "relative", 1);
    EXPECT_EQ(state_directory(""), "/x/home/.local/state/soundwarden");
    unsetenv("XDG_STATE_HOME");
    unsetenv("HOME");
    EXPECT_EQ(state_directory(""), "");
}

TEST(Notify, TellsTheServiceManager) {
    const test::TempDir temp;
    const std::string path = (temp.path() / "notify").string();
    const int socket_descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(bind(socket_descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
    const auto received = [&] {
        std::string text(500, '\0');
        const auto length = recv(socket_descriptor, text.data(), text.size(), MSG_DONTWAIT);
        text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
        return text;
    };
    unsetenv("NOTIFY_SOCKET");
    notify_ready("nobody asks");
    EXPECT_EQ(received(), "");
    setenv("NOTIFY_SOCKET", path.c_str(), 1);
    notify_ready("guarding 2 sinks\nSTOPPING=1");
    EXPECT_EQ(received(), "READY=1\nSTATUS=guarding 2 sinks STOPPING=1");
    notify_status("degraded");
    EXPECT_EQ(received(), "STATUS=degraded");
    notify_stopping();
    EXPECT_EQ(received(), "STOPPING=1");
    unsetenv("NOTIFY_SOCKET");
    close(socket_descriptor);
}

/// What a child logs to its stderr.
template <class Body>
std::string logged(Body &&body) {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe(ends.data()), 0);
    in_child([&] {
        dup2(ends[1], STDERR_FILENO);
        body();
        return 0;
    });
    close(ends[1]);
    std::string text(4000, '\0');
    const auto length = read(ends[0], text.data(), text.size());
    close(ends[0]);
    text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
    return text;
}

TEST(Logging, HasPrioritiesUnderTheJournal) {
    EXPECT_EQ(logged([] {
                  struct stat facts {};
                  fstat(STDERR_FILENO, &facts);
                  setenv("JOURNAL_STREAM", (std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino)).c_str(),
                         1);
                  set_up_logging(false);
                  spdlog::info("hello");
                  spdlog::debug("not shown");
                  spdlog::warn("careful");
                  spdlog::error("wrong");
              }),
              "<6>hello\n<4>careful\n<3>wrong\n");
}

TEST(Logging, IsPlainElsewhereAndTrustsNoText) {
    const std::string text = logged([] {
        setenv("JOURNAL_STREAM", "1:2", 1);
        set_up_logging(false);
        spdlog::info("evil \x1b[31m\nname");
    });
    EXPECT_NE(text.find("info    evil ?[31m?name\n"), std::string::npos) << text;
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(Logging, LevelsFollowOptionAndEnvironment) {
    const auto levels = [](bool verbose, const char *debug) {
        return logged([&] {
            setenv("SOUNDWARDEN_DEBUG", debug, 1);
            set_up_logging(verbose);
            spdlog::debug("D");
            spdlog::trace("T");
        });
    };
    EXPECT_EQ(levels(false, ""), "");
    EXPECT_EQ(levels(false, "0"), "");
    EXPECT_NE(levels(true, "").find("D\n"), std::string::npos);
    EXPECT_EQ(levels(true, "").find("T\n"), std::string::npos);
    EXPECT_NE(levels(false, "1").find("D\n"), std::string::npos);
    EXPECT_NE(levels(false, "trace").find("T\n"), std::string::npos);
}

} // namespace
} // namespace soundwarden
