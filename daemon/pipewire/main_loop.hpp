// SPDX-License-Identifier: MIT
// loop::Loop on a pw_main_loop.
#pragma once

#include "loop/loop.hpp"

#include <pipewire/main-loop.h>

namespace soundwarden::pipewire_adapter {

/// The process's one main loop. Make it before any PipeWire context: signals are blocked in the thread that adds them, and
/// the context's data thread must inherit that (reference: guard-pair.md §8).
class MainLoop final : public loop::Loop {
  public:
    MainLoop();
    ~MainLoop() override;
    MainLoop(const MainLoop &) = delete;
    MainLoop &operator=(const MainLoop &) = delete;

    loop::Time now() const override;
    std::unique_ptr<loop::Io> watch(int descriptor, loop::Ready mask, std::function<void(loop::Ready)> callback) override;
    std::unique_ptr<loop::Timer> timer(std::function<void()> callback) override;
    std::unique_ptr<loop::Source> before_poll(std::function<void()> callback) override;
    std::unique_ptr<loop::Source> signal(int number, std::function<void()> callback) override;
    void run() override;
    void quit(int exit_code) override;
    int exit_code() const override { return exit_code_; }

    pw_loop *raw() const { return pw_main_loop_get_loop(loop_); }

  private:
    pw_main_loop *loop_;
    int exit_code_ = 0;
};

} // namespace soundwarden::pipewire_adapter
