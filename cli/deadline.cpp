// SPDX-License-Identifier: MIT
#include "deadline.hpp"

#include "exit_codes.hpp"

#include <csignal>
#include <sys/time.h>
#include <unistd.h>

namespace soundwarden::cli {
namespace {

/// Calls that have their own timeout shall say so themselves: their message is better.
constexpr std::chrono::milliseconds grace{300};

void give_up(int) {
    constexpr char message[] = "soundwarden: error: the session bus does not answer in time\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, message, sizeof message - 1);
    _exit(exit_unreachable);
}

void arm(std::chrono::milliseconds after) {
    itimerval timer{};
    timer.it_value.tv_sec = static_cast<time_t>(after.count() / 1000);
    timer.it_value.tv_usec = static_cast<suseconds_t>(after.count() % 1000 * 1000);
    setitimer(ITIMER_REAL, &timer, nullptr);
}

} // namespace

Deadline::Deadline(std::chrono::milliseconds timeout) {
    struct sigaction action {};
    action.sa_handler = give_up;
    sigaction(SIGALRM, &action, nullptr);
    arm(timeout + grace);
}

Deadline::~Deadline() { arm(std::chrono::milliseconds{0}); }

} // namespace soundwarden::cli
