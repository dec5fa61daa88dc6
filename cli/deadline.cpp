// SPDX-License-Identifier: MIT
#include "deadline.hpp"

#include "exit_codes.hpp"
#include "translate.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <sys/time.h>
#include <unistd.h>

namespace soundwarden::cli {
namespace {

/// Calls that have their own timeout shall say so themselves: their message is better.
constexpr std::chrono::milliseconds grace{300};

// Made before the signal comes: its handler may not look anything up.
std::array<char, 512> message{};
std::size_t message_length = 0;

void prepare_message() {
    const std::string text = "soundwarden: " + tr("error:") + " " + tr("the session bus does not answer in time") + "\n";
    message_length = text.copy(message.data(), message.size());
}

void give_up(int) {
    [[maybe_unused]] const auto written = write(STDERR_FILENO, message.data(), message_length);
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
    prepare_message();
    struct sigaction action {};
    action.sa_handler = give_up;
    sigaction(SIGALRM, &action, nullptr);
    arm(timeout + grace);
}

Deadline::~Deadline() { arm(std::chrono::milliseconds{0}); }

} // namespace soundwarden::cli
