// SPDX-License-Identifier: MIT
#include "host/data_threads.hpp"
#include "host/logging.hpp"
#include "host/notify.hpp"
#include "host/store.hpp"
#include "private_bus.hpp"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdlib>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace soundwarden {
namespace {

using namespace host;

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

TEST(DataThreads, are_told_from_all_others_by_their_names) {
    const auto before = data_threads();
    std::atomic<bool> end{false}, named{false};
    std::thread other([&] {
        pthread_setname_np(pthread_self(), "link-warden");
        named = true;
        while (!end) std::this_thread::yield();
    });
    while (!named) std::this_thread::yield();
    std::thread playing([&] {
        pthread_setname_np(pthread_self(), "data-loop.0");
        while (!end) std::this_thread::yield();
    });
    while (data_threads().count == before.count) std::this_thread::yield(); // until it has its name
    EXPECT_EQ(data_threads().count, before.count + 1);
    EXPECT_EQ(data_threads().realtime, before.realtime) << "an ordinary thread";
    end = true;
    playing.join();
    other.join();
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
