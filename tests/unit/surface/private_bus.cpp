// SPDX-License-Identifier: MIT
#include "private_bus.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace soundwarden::test {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string &what) { throw std::system_error{errno, std::generic_category(), what}; }

std::array<int, 2> make_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe2");
    return ends;
}

int left_ms(Clock::time_point end) {
    const auto left = std::chrono::ceil<milliseconds>(end - Clock::now()).count();
    return static_cast<int>(std::max<std::int64_t>(0, left));
}

} // namespace

milliseconds scaled(milliseconds limit) {
    const char *value = std::getenv("SOUNDWARDEN_TIMEOUT_SCALE");
    const double scale = value == nullptr ? 1.0 : std::max(1.0, std::strtod(value, nullptr));
    return milliseconds{static_cast<std::int64_t>(static_cast<double>(limit.count()) * scale)};
}

TempDir::TempDir() {
    std::string name = "/tmp/soundwarden-test-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) fail("mkdtemp");
    path_ = name;
}

TempDir::~TempDir() {
    std::error_code none;
    std::filesystem::remove_all(path_, none);
}

Process::Process(const std::vector<std::string> &command, const Environment &environment, Stdout out) {
    const auto in_pipe = make_pipe();
    const auto out_pipe = make_pipe();
    const auto err_pipe = make_pipe();
    std::vector<std::string> settings;
    for (const auto &[name, value] : environment) settings.push_back(name + "=" + value);
    std::vector<char *> arguments, variables;
    for (const auto &word : command) arguments.push_back(const_cast<char *>(word.c_str()));
    arguments.push_back(nullptr);
    for (const auto &setting : settings) variables.push_back(const_cast<char *>(setting.c_str()));
    variables.push_back(nullptr);
    const pid_t parent = getpid();

    pid_ = fork();
    if (pid_ < 0) fail("fork");
    if (pid_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) _exit(127);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
        std::signal(SIGPIPE, SIG_DFL);
        dup2(in_pipe[0], STDIN_FILENO);
        dup2(out.errors_to.empty() ? err_pipe[1]
                                   : open(out.errors_to.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600),
             STDERR_FILENO);
        switch (out.kind) {
        case Stdout::Kind::pipe: dup2(out_pipe[1], STDOUT_FILENO); break;
        case Stdout::Kind::descriptor: dup2(out.descriptor, STDOUT_FILENO); break;
        case Stdout::Kind::closed: close(STDOUT_FILENO); break;
        }
        execvpe(arguments[0], arguments.data(), variables.data());
        _exit(127);
    }
    pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    close(in_pipe[0]);
    close(out_pipe[1]);
    close(err_pipe[1]);
    in_ = in_pipe[1];
    out_ = out_pipe[0];
    err_ = err_pipe[0];
}

Process::~Process() {
    if (!status_) {
        ::kill(pid_, SIGKILL);
        ::kill(pid_, SIGCONT);
        int status = 0;
        waitpid(pid_, &status, 0);
    }
    for (const int descriptor : {in_, out_, err_, pidfd_})
        if (descriptor >= 0) close(descriptor);
}

void Process::write_line(const std::string &line) const {
    const std::string whole = line + "\n";
    if (write(in_, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size())) fail("write to child");
}

/// Takes what its stdout or stderr has; false when the time is over or stdout has ended.
bool Process::fill(milliseconds limit) {
    const auto end = Clock::now() + limit;
    while (true) {
        std::array<pollfd, 2> watched{{{out_, POLLIN, 0}, {err_, POLLIN, 0}}};
        if (poll(watched.data(), watched.size(), left_ms(end)) == 0) return false;
        std::array<char, 65536> bytes{};
        if (watched[1].revents != 0) {
            if (const auto length = read(err_, bytes.data(), bytes.size()); length > 0) {
                errors_.append(bytes.data(), static_cast<std::size_t>(length));
            } else {
                close(err_);
                err_ = -1;
            }
        }
        if (watched[0].revents != 0) {
            const auto length = read(out_, bytes.data(), bytes.size());
            if (length <= 0) return false;
            buffer_.append(bytes.data(), static_cast<std::size_t>(length));
            return true;
        }
    }
}

std::optional<std::string> Process::read_line(milliseconds limit) {
    const auto end = Clock::now() + scaled(limit);
    while (buffer_.find('\n') == std::string::npos)
        if (!fill(milliseconds{left_ms(end)})) return std::nullopt;
    const auto at = buffer_.find('\n');
    std::string line = buffer_.substr(0, at);
    buffer_.erase(0, at + 1);
    return line;
}

std::optional<std::string> Process::read_until(const std::string &part, milliseconds limit) {
    const auto end = Clock::now() + scaled(limit);
    while (Clock::now() < end) {
        auto line = read_line(limit);
        if (!line || line->find(part) != std::string::npos) return line;
    }
    return std::nullopt;
}

void Process::close_stdin() {
    close(in_);
    in_ = -1;
}

void Process::close_stdout() {
    close(out_);
    out_ = -1;
}

void Process::signal(int number) const { ::kill(pid_, number); }

std::optional<int> Process::wait(milliseconds limit) {
    if (status_) return status_;
    pollfd end{pidfd_, POLLIN, 0};
    if (poll(&end, 1, static_cast<int>(scaled(limit).count())) == 0) return std::nullopt;
    int status = 0;
    if (waitpid(pid_, &status, 0) != pid_) return std::nullopt;
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return status_;
}

std::string Process::rest_of_stdout(milliseconds limit) {
    const auto end = Clock::now() + scaled(limit);
    while (fill(milliseconds{left_ms(end)})) {
    }
    return std::exchange(buffer_, {});
}

std::string Process::stderr_text() {
    while (err_ >= 0) {
        pollfd watched{err_, POLLIN, 0};
        if (poll(&watched, 1, status_ ? 1000 : 0) == 0) break;
        std::array<char, 65536> bytes{};
        const auto length = read(err_, bytes.data(), bytes.size());
        if (length <= 0) break;
        errors_.append(bytes.data(), static_cast<std::size_t>(length));
    }
    return errors_;
}

Result run(const std::vector<std::string> &command, const Environment &environment, Stdout out) {
    Process process{command, environment, out};
    Result result;
    result.out = process.rest_of_stdout();
    result.exit_code = process.wait().value_or(-1);
    result.err = process.stderr_text();
    return result;
}

PrivateBus::PrivateBus() : address_("unix:path=" + (directory_.path() / "bus").string()) {
    std::ofstream{directory_.path() / "bus.conf"}
        << "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
           " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
           "<busconfig><type>custom</type><keep_umask/><listen>"
        << address_
        << "</listen><auth>EXTERNAL</auth><policy context=\"default\"><allow send_destination=\"*\" "
           "eavesdrop=\"true\"/>"
           "<allow eavesdrop=\"true\"/><allow own=\"*\"/></policy>"
           // As on a real session bus.
           "<limit name=\"max_incoming_bytes\">1000000000</limit><limit name=\"max_outgoing_bytes\">1000000000</limit>"
           "<limit name=\"max_replies_per_connection\">50000</limit></busconfig>\n";
}

void PrivateBus::start() {
    std::error_code none;
    std::filesystem::remove(directory_.path() / "bus", none);
    const char *path = std::getenv("PATH");
    daemon_ = std::make_unique<Process>(
        std::vector<std::string>{"dbus-daemon", "--nofork", "--nopidfile", "--nosyslog", "--print-address=1",
                                 "--config-file=" + (directory_.path() / "bus.conf").string()},
        Environment{{"PATH", path == nullptr ? "/usr/bin:/bin" : path}},
        Stdout{.errors_to = (directory_.path() / "bus.log").string()});
    if (!daemon_->read_line()) throw std::runtime_error{"dbus-daemon does not start"};
}

void PrivateBus::kill() {
    daemon_->signal(SIGKILL);
    daemon_->wait();
    daemon_.reset();
}

Environment PrivateBus::environment() const {
    return {{"DBUS_SESSION_BUS_ADDRESS", address_},
            {"HOME", directory_.path().string()},
            {"LC_ALL", "C.UTF-8"},
            {"TZ", "UTC"},
            {"TERM", "xterm"}};
}

} // namespace soundwarden::test
