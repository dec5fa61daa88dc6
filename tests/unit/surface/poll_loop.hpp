// SPDX-License-Identifier: MIT
// loop::Loop on poll(2): for tests of adapters without PipeWire. It counts its sleeps, so that "at rest nobody is
// woken" can be tested.
#pragma once

#include "loop/loop.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace soundwarden::test {

class PollLoop final : public loop::Loop {
  public:
    PollLoop();
    ~PollLoop() override;
    PollLoop(const PollLoop &) = delete;
    PollLoop &operator=(const PollLoop &) = delete;

    loop::Time now() const override;
    std::unique_ptr<loop::Io> watch(int descriptor, loop::Ready mask,
                                    std::function<void(loop::Ready)> callback) override;
    std::unique_ptr<loop::Timer> timer(std::function<void()> callback) override;
    std::unique_ptr<loop::Source> before_poll(std::function<void()> callback) override;
    std::unique_ptr<loop::Source> signal(int number, std::function<void()> callback) override;
    void run() override;
    void quit(int exit_code) override;
    int exit_code() const override { return exit_code_; }

    /// Runs until `done` says so (asked after each round) or the time is over; true where it was done.
    bool run_until(const std::function<bool()> &done, std::chrono::milliseconds limit);
    /// How often poll(2) has returned with something to do.
    std::uint64_t wake_ups() const { return wake_ups_; }

  private:
    struct Shared;
    class Watch;
    class Clock;
    class Hook;
    class Signal;
    void round(std::optional<loop::Time> limit);

    std::shared_ptr<Shared> shared_;
    std::uint64_t wake_ups_ = 0;
    bool quit_ = false;
    int exit_code_ = 0;
};

} // namespace soundwarden::test
