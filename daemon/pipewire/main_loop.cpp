// SPDX-License-Identifier: MIT
#include "main_loop.hpp"

#include "handles.hpp"
#include "pipewire_adapter/loop.hpp"

#include <algorithm>
#include <stdexcept>

namespace soundwarden::pipewire_adapter {
namespace {

loop::Ready ready_from(std::uint32_t mask) {
    auto ready = loop::Ready::none;
    if ((mask & SPA_IO_IN) != 0) ready = ready | loop::Ready::in;
    if ((mask & SPA_IO_OUT) != 0) ready = ready | loop::Ready::out;
    if ((mask & SPA_IO_ERR) != 0) ready = ready | loop::Ready::error;
    if ((mask & SPA_IO_HUP) != 0) ready = ready | loop::Ready::hang_up;
    return ready;
}

std::uint32_t mask_from(loop::Ready ready) {
    std::uint32_t mask = SPA_IO_ERR | SPA_IO_HUP;
    if (has(ready, loop::Ready::in)) mask |= SPA_IO_IN;
    if (has(ready, loop::Ready::out)) mask |= SPA_IO_OUT;
    return mask;
}

class WatchedIo final : public loop::Io {
  public:
    WatchedIo(pw_loop *loop, int descriptor, loop::Ready mask, std::function<void(loop::Ready)> callback)
        : loop_(loop), callback_(std::move(callback)) {
        source_ = pw_loop_add_io(loop, descriptor, mask_from(mask), false, on_io, this);
        if (source_ == nullptr) throw std::runtime_error("the main loop cannot watch a descriptor");
    }
    ~WatchedIo() override { pw_loop_destroy_source(loop_, source_); }
    void update(loop::Ready mask) override { pw_loop_update_io(loop_, source_, mask_from(mask)); }

  private:
    static void on_io(void *self, int, std::uint32_t mask) noexcept {
        contained("descriptor callback", [&] { static_cast<WatchedIo *>(self)->callback_(ready_from(mask)); });
    }
    pw_loop *loop_;
    spa_source *source_;
    std::function<void(loop::Ready)> callback_;
};

class OneShot final : public loop::Timer {
  public:
    OneShot(pw_loop *loop, std::function<void()> callback) : loop_(loop), callback_(std::move(callback)) {
        source_ = pw_loop_add_timer(loop, on_timer, this);
        if (source_ == nullptr) throw std::runtime_error("the main loop cannot make a timer");
    }
    ~OneShot() override { pw_loop_destroy_source(loop_, source_); }
    void arm(std::optional<loop::Time> when) override {
        timespec value{};
        timespec interval{};
        if (when) {
            // an all-zero value would disarm; the past fires at once
            const auto since = std::max<std::int64_t>(when->time_since_epoch().count(), 1);
            value.tv_sec = since / 1'000'000'000;
            value.tv_nsec = since % 1'000'000'000;
        }
        pw_loop_update_timer(loop_, source_, &value, &interval, true);
    }

  private:
    static void on_timer(void *self, std::uint64_t) noexcept { contained("timer callback", static_cast<OneShot *>(self)->callback_); }
    pw_loop *loop_;
    spa_source *source_;
    std::function<void()> callback_;
};

class BeforePoll final : public loop::Source {
  public:
    BeforePoll(pw_loop *loop, std::function<void()> callback) : callback_(std::move(callback)) {
        events_.version = SPA_VERSION_LOOP_CONTROL_HOOKS;
        events_.before = [](void *self) noexcept { contained("before-poll callback", static_cast<BeforePoll *>(self)->callback_); };
        events_.after = [](void *) noexcept {}; // 1.4 refuses a hook without one
        pw_loop_add_hook(loop, hook_.get(), &events_, this);
    }

  private:
    std::function<void()> callback_;
    spa_loop_control_hooks events_{};
    Hook hook_;
};

class SignalSource final : public loop::Source {
  public:
    SignalSource(pw_loop *loop, int number, std::function<void()> callback) : loop_(loop), callback_(std::move(callback)) {
        source_ = pw_loop_add_signal(loop, number, on_signal, this);
        if (source_ == nullptr) throw std::runtime_error("the main loop cannot take a signal");
    }
    ~SignalSource() override { pw_loop_destroy_source(loop_, source_); }

  private:
    static void on_signal(void *self, int) noexcept { contained("signal callback", static_cast<SignalSource *>(self)->callback_); }
    pw_loop *loop_;
    spa_source *source_;
    std::function<void()> callback_;
};

} // namespace

MainLoop::MainLoop() {
    pw_init(nullptr, nullptr);
    loop_ = pw_main_loop_new(nullptr);
    if (loop_ == nullptr) throw std::runtime_error("PipeWire's main loop cannot be made: is libspa-0.2-modules installed?");
}

MainLoop::~MainLoop() {
    pw_main_loop_destroy(loop_);
    pw_deinit();
}

loop::Time MainLoop::now() const { return std::chrono::steady_clock::now(); }

std::unique_ptr<loop::Io> MainLoop::watch(int descriptor, loop::Ready mask, std::function<void(loop::Ready)> callback) {
    return std::make_unique<WatchedIo>(raw(), descriptor, mask, std::move(callback));
}

std::unique_ptr<loop::Timer> MainLoop::timer(std::function<void()> callback) {
    return std::make_unique<OneShot>(raw(), std::move(callback));
}

std::unique_ptr<loop::Source> MainLoop::before_poll(std::function<void()> callback) {
    return std::make_unique<BeforePoll>(raw(), std::move(callback));
}

std::unique_ptr<loop::Source> MainLoop::signal(int number, std::function<void()> callback) {
    return std::make_unique<SignalSource>(raw(), number, std::move(callback));
}

std::shared_ptr<MainLoop> make_main_loop() { return std::make_shared<MainLoop>(); }

loop::Loop &as_loop(MainLoop &loop) { return loop; }

void MainLoop::run() { pw_main_loop_run(loop_); }

void MainLoop::quit(int exit_code) {
    exit_code_ = exit_code;
    pw_main_loop_quit(loop_);
}

} // namespace soundwarden::pipewire_adapter
