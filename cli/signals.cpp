// SPDX-License-Identifier: MIT
#include "signals.hpp"

#include "failure.hpp"

#include <cerrno>
#include <sys/signalfd.h>
#include <system_error>

namespace soundwarden::cli {

Signals::Signals(std::initializer_list<int> numbers) {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : numbers) sigaddset(&set, number);
    sigprocmask(SIG_BLOCK, &set, &before_);
    descriptor_ = Descriptor{signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!descriptor_) throw Failure{exit_failed, "signalfd: " + std::generic_category().message(errno)};
}

Signals::~Signals() {
    while (next()) { // what was not taken would act now
    }
    sigprocmask(SIG_SETMASK, &before_, nullptr);
}

std::optional<int> Signals::next() const {
    signalfd_siginfo info{};
    if (read(descriptor_.get(), &info, sizeof info) != sizeof info) return std::nullopt;
    return static_cast<int>(info.ssi_signo);
}

} // namespace soundwarden::cli
