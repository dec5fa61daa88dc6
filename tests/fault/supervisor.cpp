// SPDX-License-Identifier: MIT
#include "supervisor.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <utility>

namespace soundwarden::fault {
namespace {

// As in systemd/soundwarden.service.in.
constexpr std::int64_t restart_after_ns = 100'000'000;
constexpr std::array not_started_again_after{2, 4, 5};
constexpr std::int64_t start_within_ns = 90'000'000'000; // systemd's own

constexpr std::size_t last_lines = 12;

} // namespace

Supervisor::Supervisor(const bench::Session &session, std::string program, Options options)
    : session_(session), program_(std::move(program)), options_(std::move(options)) {
    const std::string path = (session_.dir() / "notify").string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    std::filesystem::remove(path);
    notify_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (notify_ < 0 || bind(notify_, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        throw std::runtime_error("no socket for what the daemon tells its service manager: " + path);
    const auto runtime = session_.dir() / "service";
    std::filesystem::create_directory(runtime);
    options_.environment.insert({{"NOTIFY_SOCKET", path},
                                 {"WATCHDOG_USEC", std::to_string(static_cast<std::int64_t>(options_.watchdog_s * 1e6))},
                                 {"RUNTIME_DIRECTORY", runtime.string()}});
    start();
}

Supervisor::~Supervisor() {
    process_.reset();
    close(notify_);
}

void Supervisor::start() {
    hear();
    std::vector<std::string> argv{program_, "--state-dir", (session_.dir() / "soundwarden").string(), "--kernel-root",
                                  (session_.dir() / "kernel").string(), "--ear-target", "140"};
    argv.insert(argv.end(), options_.arguments.begin(), options_.arguments.end());
    ready_ = ordered_ = by_watchdog_ = down_ = false;
    fed_ns_ = bench::now_ns();
    process_ = session_.spawn(argv, options_.environment);
}

void Supervisor::hear() {
    std::array<char, 512> text{};
    for (ssize_t got = 0; (got = recv(notify_, text.data(), text.size(), 0)) > 0;) {
        const std::string_view said(text.data(), static_cast<std::size_t>(got));
        if (said.find("WATCHDOG=trigger") != std::string_view::npos) fed_ns_ = 0;
        else if (said.find("WATCHDOG=1") != std::string_view::npos || said.find("READY=1") != std::string_view::npos) fed_ns_ = bench::now_ns();
        if (said.find("WATCHDOG=1") != std::string_view::npos) ++fed_;
        if (said.find("READY=1") != std::string_view::npos) ready_ = true;
    }
}

void Supervisor::ended() {
    End end{*process_->wait_exit(), ordered_, by_watchdog_, {}};
    const auto lines = process_->lines();
    const auto from = lines.size() - std::min(lines.size(), last_lines);
    for (std::size_t at = from; at < lines.size(); ++at) end.last_words += "    " + lines[at].text + '\n';
    const auto &never = not_started_again_after;
    given_up_ = std::find(never.begin(), never.end(), end.status.code) != never.end();
    ends_.push_back(std::move(end));
    down_ = true;
    ended_ns_ = bench::now_ns();
}

void Supervisor::look() {
    hear();
    if (stopped_ || given_up_) return;
    const auto now = bench::now_ns();
    if (down_) {
        if (now - ended_ns_ >= restart_after_ns) start();
        return;
    }
    if (!process_->running()) return ended();
    const auto patience_ns = ready_ ? static_cast<std::int64_t>(options_.watchdog_s * 1e9) : start_within_ns;
    if (now - fed_ns_ <= patience_ns || by_watchdog_) return;
    by_watchdog_ = true;
    process_->signal(SIGKILL); // systemd sends SIGABRT first, and this after it
}

bool Supervisor::wait_until(const std::function<bool()> &condition, bench::milliseconds timeout) {
    return bench::poll_until(
        [&] {
            look();
            return condition();
        },
        timeout);
}

void Supervisor::wait(bench::milliseconds time) {
    const auto until = bench::now_ns() + std::chrono::nanoseconds(time).count();
    wait_until([&] { return bench::now_ns() >= until; }, time * 10);
}

void Supervisor::end(int number) {
    ordered_ = true;
    process_->signal(number);
}

void Supervisor::signal(int number) { process_->signal(number); }

bench::ExitStatus Supervisor::stop() {
    stopped_ = true;
    return process_->stop();
}

std::string Supervisor::text() const {
    std::string text;
    for (const End &end : ends_) {
        text += "  ended with " + (end.status.signal != 0 ? "signal " + std::to_string(end.status.signal) : "code " + std::to_string(end.status.code));
        text += std::string(end.ordered ? ", ordered" : "") + (end.by_watchdog ? ", by the watchdog" : "") + ":\n" + end.last_words;
    }
    return text + (given_up_ ? "  not started again\n" : "  the newest:\n" + process_->output());
}

} // namespace soundwarden::fault
