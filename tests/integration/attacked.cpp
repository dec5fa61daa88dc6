// SPDX-License-Identifier: MIT
#include "attacked.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <vector>

namespace soundwarden::integration {

using bench::Recording;
using bench::Source;
using bench::SourceOptions;

namespace {

SourceOptions pressing(const std::string &target) {
    return {.signal = {"tone", "997", "0"}, .target = target, .level_db = pressing_db};
}

/// Prints the table behind the last test.
class Table : public testing::Environment {
  public:
    void add(const AttackResult &result) { results_.push_back(result); }
    void TearDown() override {
        if (results_.empty()) return;
        std::printf("\n%-58s %12s %8s %10s\n", "attack (samples above the ceiling at the sink)", "unguarded", "guarded", "back ms");
        for (const auto &result : results_)
            std::printf("%-58s %12llu %8llu %10.0f\n", result.attack.c_str(), static_cast<unsigned long long>(result.control),
                        static_cast<unsigned long long>(result.above), result.back_ms);
    }

  private:
    std::vector<AttackResult> results_;
};

// GoogleTest owns it.
Table *const table = static_cast<Table *>(testing::AddGlobalTestEnvironment(new Table));

} // namespace

void add_result(const AttackResult &result) { table->add(result); }

// No lockstep: a simulated card that waits for a late graph would wait a second for a guard that dies in mid-cycle.
Attacked::Attacked(unsigned quantum, Protection protection, const Socket &socket)
    : guarded({.preset = socket.preset,
               .lockstep = false,
               .node_properties = protection == Protection::full ? std::vector<std::string>{} : takes_no_clamp()},
              {.quantum = quantum, .rate = attack_rate_hz, .policy = protection == Protection::full},
              protection != Protection::none),
      protection_(protection), socket_(socket) {
    if (!socket.jack.empty()) guarded.plug(true);
    if (protected_by_daemon()) guarded.set_user_volume(1.0);
    press_again();
    guarded.wait_level(static_cast<double>(socket.ceiling) * (protected_by_daemon() ? 0.999 : 1.1));
}

std::int64_t Attacked::crash() {
    const auto when = bench::now_ns();
    signal(SIGKILL);
    if (guarded.daemon) guarded.daemon->process().wait_exit();
    return when;
}

void Attacked::signal(int number) {
    if (guarded.daemon) guarded.daemon->process().signal(number);
}

void Attacked::start_daemon() {
    if (protection_ != Protection::none) guarded.daemon = std::make_unique<Daemon>(guarded.session);
}

void Attacked::press_again(const std::string &target) {
    source = std::make_unique<Source>(guarded.session, pressing(target));
    source->wait_streaming();
}

void Attacked::restart_wireplumber() {
    guarded.card.remove();
    guarded.session.restart(bench::Server::wireplumber);
    guarded.card.add_again(socket_.preset);
    if (!socket_.jack.empty()) guarded.card.jack(socket_.jack, true);
}

std::uint64_t Attacked::above(Recording::Frame from) const {
    return guarded.card.recording().count_above(socket_.ceiling, from);
}

Recording::Frame Attacked::frames() const { return guarded.card.recording().frames(); }

double Attacked::heard_after_ms(std::int64_t since, Recording::Frame from) const {
    Recording recording = guarded.card.recording();
    const float wanted = socket_.settling * static_cast<float>(amplitude(Decibels{-1.0}));
    std::optional<Recording::Frame> heard;
    bench::poll_until([&] {
        recording.refresh();
        heard = recording.first_above(wanted, from);
        return heard.has_value();
    });
    if (!heard) return std::numeric_limits<double>::infinity();
    return std::max(0.0, static_cast<double>(recording.t_ns_of(*heard) - since) * 1e-6);
}

double Attacked::back_after_ms() {
    const auto from = frames(); // the sink stands still meanwhile, so time does not tell frames
    const auto start = bench::now_ns();
    start_daemon();
    return heard_after_ms(start, from);
}

PausedThread::PausedThread(pid_t process, pid_t thread) : thread_(thread) {
    if (ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) != 0)
        throw std::runtime_error("thread " + std::to_string(thread) + " of " + std::to_string(process) +
                                 " cannot be seized: " + std::strerror(errno));
    int status = 0;
    if (ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr) != 0 || waitpid(thread, &status, __WALL) != thread)
        throw std::runtime_error("thread " + std::to_string(thread) + " does not stop: " + std::strerror(errno));
}

PausedThread::~PausedThread() { ptrace(PTRACE_DETACH, thread_, nullptr, nullptr); }

pid_t data_thread(pid_t process) {
    // 1.x names it; before it carries the program's name and is the first one that was made beside the main thread.
    pid_t first = 0;
    for (const auto &task : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
        const pid_t thread = std::stoi(task.path().filename());
        std::string name;
        std::getline(std::ifstream(task.path() / "comm"), name);
        if (name.starts_with("data-loop")) return thread;
        if (thread != process && (first == 0 || thread < first)) first = thread;
    }
    if (first == 0) throw std::runtime_error("process " + std::to_string(process) + " has no data thread");
    return first;
}

} // namespace soundwarden::integration
