// SPDX-License-Identifier: MIT
#include "subprocess.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

extern char **environ;

namespace soundwarden::cli {
namespace {

struct Pipe {
    Pipe() {
        if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    }
    Pipe(const Pipe &) = delete;
    Pipe &operator=(const Pipe &) = delete;
    ~Pipe() {
        for (int index : {0, 1}) close_end(index);
    }
    void close_end(int index) {
        int &end = ends.at(static_cast<std::size_t>(index));
        if (end >= 0) close(end);
        end = -1;
    }
    std::array<int, 2> ends{-1, -1};
};

pid_t start(const std::vector<std::string> &command, const Pipe &out, const Pipe &err) {
    std::vector<char *> arguments;
    for (const auto &word : command) arguments.push_back(const_cast<char *>(word.c_str()));
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out.ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, err.ends[1], STDERR_FILENO);
    pid_t child = -1;
    const int result = posix_spawnp(&child, arguments.front(), &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (result != 0) throw std::system_error(result, std::generic_category(), command.front());
    return child;
}

/// False at the end of what can be read.
bool take(int descriptor, std::string &text) {
    std::array<char, 4096> bytes{};
    const auto length = read(descriptor, bytes.data(), bytes.size());
    if (length > 0) text.append(bytes.data(), static_cast<std::size_t>(length));
    return length > 0 || (length < 0 && errno == EINTR);
}

/// Reads both until they end. False: the time was over before.
bool read_all(Pipe &out, Pipe &err, ProgramResult &result, std::chrono::steady_clock::time_point deadline) {
    while (out.ends[0] >= 0 || err.ends[0] >= 0) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
        if (left <= 0) return false;
        std::array<pollfd, 2> descriptors{{{out.ends[0], POLLIN, 0}, {err.ends[0], POLLIN, 0}}}; // −1 is left out
        poll(descriptors.data(), descriptors.size(), static_cast<int>(std::min<std::int64_t>(left, 60'000)));
        if (descriptors[0].revents != 0 && !take(out.ends[0], result.out)) out.close_end(0);
        if (descriptors[1].revents != 0 && !take(err.ends[0], result.err)) err.close_end(0);
    }
    return true;
}

} // namespace

std::optional<ProgramResult> run_program(const std::vector<std::string> &command, std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    Pipe out, err;
    const pid_t child = start(command, out, err);
    out.close_end(1);
    err.close_end(1);
    ProgramResult result;
    const bool ended = read_all(out, err, result, deadline);
    if (!ended) kill(child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    if (!ended) return std::nullopt;
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

} // namespace soundwarden::cli
