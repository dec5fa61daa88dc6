// SPDX-License-Identifier: MIT
#include "poll_loop.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>
#include <vector>

namespace soundwarden::test {

/// What is registered; sources take themselves out. Callbacks are held by shared pointers, so that a source may end
/// itself from inside its own callback.
struct PollLoop::Shared {
    struct Entry {
        int descriptor = -1;
        loop::Ready mask = loop::Ready::none;
        std::optional<loop::Time> due;
        std::function<void(loop::Ready)> callback;
        bool gone = false;
    };
    std::vector<std::shared_ptr<Entry>> watches, timers, hooks;

    static void sweep(std::vector<std::shared_ptr<Entry>> &entries) {
        std::erase_if(entries, [](const auto &entry) { return entry->gone; });
    }
};

class PollLoop::Watch final : public loop::Io {
  public:
    explicit Watch(std::shared_ptr<Shared::Entry> entry) : entry_(std::move(entry)) {}
    ~Watch() override { entry_->gone = true; }
    void update(loop::Ready mask) override { entry_->mask = mask; }

  private:
    std::shared_ptr<Shared::Entry> entry_;
};

class PollLoop::Clock final : public loop::Timer {
  public:
    explicit Clock(std::shared_ptr<Shared::Entry> entry) : entry_(std::move(entry)) {}
    ~Clock() override { entry_->gone = true; }
    void arm(std::optional<loop::Time> when) override { entry_->due = when; }

  private:
    std::shared_ptr<Shared::Entry> entry_;
};

class PollLoop::Hook final : public loop::Source {
  public:
    explicit Hook(std::shared_ptr<Shared::Entry> entry) : entry_(std::move(entry)) {}
    ~Hook() override { entry_->gone = true; }

  private:
    std::shared_ptr<Shared::Entry> entry_;
};

class PollLoop::Signal final : public loop::Source {
  public:
    Signal(std::shared_ptr<Shared::Entry> entry, int descriptor) : entry_(std::move(entry)), descriptor_(descriptor) {}
    ~Signal() override {
        entry_->gone = true;
        close(descriptor_);
    }

  private:
    std::shared_ptr<Shared::Entry> entry_;
    int descriptor_;
};

PollLoop::PollLoop() : shared_(std::make_shared<Shared>()) {}
PollLoop::~PollLoop() = default;

loop::Time PollLoop::now() const {
    timespec time{};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return loop::Time{std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec}};
}

std::unique_ptr<loop::Io> PollLoop::watch(int descriptor, loop::Ready mask, std::function<void(loop::Ready)> callback) {
    auto entry = std::make_shared<Shared::Entry>(Shared::Entry{descriptor, mask, std::nullopt, std::move(callback)});
    shared_->watches.push_back(entry);
    return std::make_unique<Watch>(std::move(entry));
}

std::unique_ptr<loop::Timer> PollLoop::timer(std::function<void()> callback) {
    auto entry = std::make_shared<Shared::Entry>();
    entry->callback = [callback = std::move(callback)](loop::Ready) { callback(); };
    shared_->timers.push_back(entry);
    return std::make_unique<Clock>(std::move(entry));
}

std::unique_ptr<loop::Source> PollLoop::before_poll(std::function<void()> callback) {
    auto entry = std::make_shared<Shared::Entry>();
    entry->callback = [callback = std::move(callback)](loop::Ready) { callback(); };
    shared_->hooks.push_back(entry);
    return std::make_unique<Hook>(std::move(entry));
}

std::unique_ptr<loop::Source> PollLoop::signal(int number, std::function<void()> callback) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    const int descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    auto entry = std::make_shared<Shared::Entry>();
    entry->descriptor = descriptor;
    entry->mask = loop::Ready::in;
    entry->callback = [descriptor, callback = std::move(callback)](loop::Ready) {
        signalfd_siginfo info{};
        if (read(descriptor, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) callback();
    };
    shared_->watches.push_back(entry);
    return std::make_unique<Signal>(std::move(entry), descriptor);
}

void PollLoop::round(std::optional<loop::Time> limit) {
    for (const auto &hook : std::vector{shared_->hooks})
        if (!hook->gone) hook->callback({});
    Shared::sweep(shared_->hooks);
    Shared::sweep(shared_->watches);
    Shared::sweep(shared_->timers);

    std::optional<loop::Time> due = limit;
    for (const auto &timer : shared_->timers)
        if (timer->due) due = due ? std::min(*due, *timer->due) : *timer->due;

    const auto watched = shared_->watches;
    std::vector<pollfd> descriptors;
    for (const auto &entry : watched) {
        short events = 0;
        if (loop::has(entry->mask, loop::Ready::in)) events = static_cast<short>(events | POLLIN);
        if (loop::has(entry->mask, loop::Ready::out)) events = static_cast<short>(events | POLLOUT);
        descriptors.push_back({entry->descriptor, events, 0});
    }
    timespec pause{};
    if (due) {
        const auto left = std::max(std::chrono::nanoseconds{0}, std::chrono::nanoseconds{*due - now()});
        pause.tv_sec = static_cast<time_t>(left.count() / 1'000'000'000);
        pause.tv_nsec = static_cast<long>(left.count() % 1'000'000'000);
    }
    ppoll(descriptors.data(), descriptors.size(), due ? &pause : nullptr, nullptr);
    ++wake_ups_;

    for (std::size_t at = 0; at < descriptors.size(); ++at) {
        const short events = descriptors[at].revents;
        if (events == 0 || watched[at]->gone) continue;
        auto ready = loop::Ready::none;
        if ((events & POLLIN) != 0) ready = ready | loop::Ready::in;
        if ((events & POLLOUT) != 0) ready = ready | loop::Ready::out;
        if ((events & POLLERR) != 0) ready = ready | loop::Ready::error;
        if ((events & POLLHUP) != 0) ready = ready | loop::Ready::hang_up;
        watched[at]->callback(ready);
    }
    const auto time = now();
    for (const auto &timer : std::vector{shared_->timers}) {
        if (timer->gone || !timer->due || *timer->due > time) continue;
        timer->due.reset();
        timer->callback({});
    }
}

void PollLoop::run() {
    while (!quit_) round(std::nullopt);
}

bool PollLoop::run_until(const std::function<bool()> &done, std::chrono::milliseconds limit) {
    const auto end = now() + limit;
    while (!done()) {
        if (now() >= end) return false;
        round(end);
    }
    return true;
}

void PollLoop::quit(int exit_code) {
    exit_code_ = exit_code;
    quit_ = true;
}

} // namespace soundwarden::test
