// SPDX-License-Identifier: MIT
#include "bench/process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <regex>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

extern char **environ; // NOLINT: POSIX wants it declared here

namespace soundwarden::bench {

namespace {

[[noreturn]] void fail(const char *what) { throw std::system_error(errno, std::generic_category(), what); }

struct Pipe {
    int read_end = -1;
    int write_end = -1;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
    return {ends[0], ends[1]};
}

void close_descriptor(int &descriptor) {
    if (descriptor >= 0) close(descriptor);
    descriptor = -1;
}

/// The pointers exec wants; valid as long as `strings` is.
std::vector<char *> pointers(std::vector<std::string> &strings) {
    std::vector<char *> result;
    for (std::string &string : strings) result.push_back(string.data());
    result.push_back(nullptr);
    return result;
}

/// In the child, between fork and exec: only async-signal-safe calls.
[[noreturn]] void become(char *const *argv, char *const *environment, const Pipe &in, const Pipe &out, const Pipe &err,
                         std::optional<pid_t> tied_to) {
    if (tied_to) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != *tied_to) _exit(127); // it died before the line above
    }
    dup2(in.read_end, STDIN_FILENO);
    dup2(out.write_end, STDOUT_FILENO);
    dup2(err.write_end, STDERR_FILENO);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    std::signal(SIGPIPE, SIG_DFL);
    execvpe(argv[0], argv, environment);
    const char *reason = std::strerror(errno);
    static_cast<void>(!write(STDERR_FILENO, reason, std::strlen(reason)));
    _exit(127);
}

} // namespace

bool is_alive(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    if (!std::getline(file, text)) return false;
    // The state follows the name, which stands in brackets and may hold any character.
    const auto bracket = text.rfind(") ");
    return bracket != std::string::npos && text[bracket + 2] != 'Z' && text[bracket + 2] != 'X';
}

Process::Environment current_environment() {
    Process::Environment result;
    for (char **entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto equals = text.find('=');
        if (equals != std::string_view::npos)
            result.emplace(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
    }
    return result;
}

Process::Process(std::vector<std::string> argv, const Environment &environment, Lifetime lifetime) {
    std::signal(SIGPIPE, SIG_IGN); // write_line() to a dead child reports it instead of ending the test
    std::vector<std::string> variables;
    for (const auto &[name, value] : environment.empty() ? current_environment() : environment)
        variables.push_back(name + '=' + value);
    const std::vector<char *> arguments = pointers(argv);
    const std::vector<char *> environment_pointers = pointers(variables);
    Pipe in = make_pipe();
    Pipe out = make_pipe();
    Pipe err = make_pipe();
    const auto tied_to = lifetime == Lifetime::ours ? std::optional(getpid()) : std::nullopt;
    pid_ = fork();
    if (pid_ < 0) fail("fork");
    if (pid_ == 0) become(arguments.data(), environment_pointers.data(), in, out, err, tied_to);
    close_descriptor(in.read_end);
    close_descriptor(out.write_end);
    close_descriptor(err.write_end);
    stdin_ = in.write_end;
    stdout_ = out.read_end;
    stderr_ = err.read_end;
    pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    wake_ = eventfd(0, EFD_CLOEXEC);
    if (wake_ < 0) fail("eventfd");
    reader_ = std::thread([this] { read_output(); });
}

Process::~Process() {
    if (running()) {
        signal(SIGKILL);
        reap(true);
    }
    // A grandchild may still hold the pipes open: the reader must not wait for it.
    const std::uint64_t one = 1;
    static_cast<void>(!write(wake_, &one, sizeof one));
    reader_.join();
    for (int *descriptor : {&stdin_, &stdout_, &stderr_, &wake_, &pidfd_}) close_descriptor(*descriptor);
}

bool Process::write_line(std::string_view line) {
    if (stdin_ < 0) return false;
    const std::string text = std::string(line) + '\n';
    std::size_t written = 0;
    while (written < text.size()) {
        const ssize_t count = write(stdin_, text.data() + written, text.size() - written);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return false;
        written += static_cast<std::size_t>(count);
    }
    return true;
}

void Process::close_stdin() { close_descriptor(stdin_); }

void Process::add_line(std::string text, bool from_stderr) {
    const std::scoped_lock lock(mutex_);
    lines_.push_back(OutputLine{lines_.size(), now_ns(), from_stderr, std::move(text)});
    changed_.notify_all();
}

/// Reads what is there; false at the end of the stream.
bool Process::take(int descriptor, std::string &partial, bool from_stderr) {
    std::array<char, 65'536> chunk;
    const ssize_t count = read(descriptor, chunk.data(), chunk.size());
    if (count < 0) return errno == EINTR || errno == EAGAIN;
    if (count == 0) {
        if (!partial.empty()) add_line(std::exchange(partial, {}), from_stderr);
        return false;
    }
    partial.append(chunk.data(), static_cast<std::size_t>(count));
    std::size_t begin = 0;
    for (std::size_t end; (end = partial.find('\n', begin)) != std::string::npos; begin = end + 1)
        add_line(partial.substr(begin, end - begin), from_stderr);
    partial.erase(0, begin);
    return true;
}

void Process::read_output() {
    std::array<pollfd, 3> descriptors{pollfd{stdout_, POLLIN, 0}, pollfd{stderr_, POLLIN, 0}, pollfd{wake_, POLLIN, 0}};
    std::array<std::string, 2> partial;
    bool stop = false;
    while (!stop && (descriptors[0].fd >= 0 || descriptors[1].fd >= 0)) {
        if (poll(descriptors.data(), descriptors.size(), -1) < 0) continue;
        bool any = false;
        for (std::size_t i = 0; i < 2; ++i) {
            if (descriptors[i].fd < 0 || descriptors[i].revents == 0) continue;
            any = true;
            if (!take(descriptors[i].fd, partial[i], i == 1)) descriptors[i].fd = -1;
        }
        stop = !any && descriptors[2].revents != 0; // only when everything written so far has been read
    }
    const std::scoped_lock lock(mutex_);
    ended_ = true;
    changed_.notify_all();
}

std::size_t Process::mark() const {
    const std::scoped_lock lock(mutex_);
    return lines_.size();
}

std::optional<OutputLine> Process::wait_for_line(const std::function<bool(const OutputLine &)> &wanted,
                                                 milliseconds timeout, std::size_t from) const {
    const auto deadline = std::chrono::steady_clock::now() + scaled(timeout);
    std::unique_lock lock(mutex_);
    std::size_t next = from;
    for (;;) {
        for (; next < lines_.size(); ++next)
            if (wanted(lines_[next])) return lines_[next];
        if (ended_ || std::chrono::steady_clock::now() >= deadline) return std::nullopt;
        changed_.wait_until(lock, deadline);
    }
}

std::optional<OutputLine> Process::wait_for_line(const std::string &pattern, milliseconds timeout,
                                                 std::size_t from) const {
    const std::regex expression(pattern);
    return wait_for_line([&](const OutputLine &line) { return std::regex_search(line.text, expression); }, timeout,
                         from);
}

std::vector<OutputLine> Process::lines(std::size_t from) const {
    const std::scoped_lock lock(mutex_);
    if (from >= lines_.size()) return {};
    return {lines_.begin() + static_cast<std::ptrdiff_t>(from), lines_.end()};
}

std::string Process::output() const {
    std::string text;
    for (const OutputLine &line : lines()) text += (line.from_stderr ? "! " : "") + line.text + '\n';
    return text;
}

bool Process::reap(bool block) {
    if (status_) return true;
    int status = 0;
    pid_t result = 0;
    do result = waitpid(pid_, &status, block ? 0 : WNOHANG);
    while (result < 0 && errno == EINTR);
    if (result == 0) return false;
    status_ = ExitStatus{};
    if (result == pid_ && WIFEXITED(status)) status_->code = WEXITSTATUS(status);
    if (result == pid_ && WIFSIGNALED(status)) status_->signal = WTERMSIG(status);
    return true;
}

bool Process::running() { return !reap(false); }

std::optional<ExitStatus> Process::wait_exit(milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + scaled(timeout);
    while (!reap(false)) {
        const auto left = std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) return std::nullopt;
        pollfd descriptor{pidfd_, POLLIN, 0};
        // A kernel without pidfds: looks again every 2 ms.
        poll(&descriptor, 1, pidfd_ >= 0 ? static_cast<int>(left.count()) : 2);
    }
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, std::min(deadline, std::chrono::steady_clock::now() + milliseconds{1000}),
                        [this] { return ended_; });
    return status_;
}

void Process::signal(int number) {
    if (!status_) kill(pid_, number); // not waited for yet: the pid is still this child's
}

ExitStatus Process::stop(milliseconds timeout) {
    signal(SIGTERM);
    if (!wait_exit(timeout)) {
        signal(SIGKILL);
        reap(true);
    }
    return *status_;
}

} // namespace soundwarden::bench
