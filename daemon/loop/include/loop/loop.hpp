// SPDX-License-Identifier: MIT
// The event loop's interface: what the adapters need of it, without naming the library that implements it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace soundwarden::loop {

/// A point on the monotonic clock (the same type as soundwarden::Time; this folder includes nothing but the standard library).
using Time = std::chrono::time_point<std::chrono::steady_clock, std::chrono::nanoseconds>;

/// Readiness of a descriptor; combinable.
enum class Ready : std::uint32_t { none = 0, in = 1, out = 2, error = 4, hang_up = 8 };
constexpr Ready operator|(Ready a, Ready b) {
    return static_cast<Ready>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
constexpr bool has(Ready set, Ready bit) { return (static_cast<std::uint32_t>(set) & static_cast<std::uint32_t>(bit)) != 0; }

/// A registration with the loop; destroying it ends it. Main thread only. No callback runs after destruction.
class Source {
  public:
    virtual ~Source() = default;
};

/// A watched descriptor (not owned).
class Io : public Source {
  public:
    virtual void update(Ready mask) = 0;
};

/// A one-shot timer on the monotonic clock; nothing is armed after construction.
class Timer : public Source {
  public:
    /// Fires once at `when` (at once where that has passed). nullopt disarms.
    virtual void arm(std::optional<Time> when) = 0;
};

/// The one main loop. All functions and all callbacks: main thread only. A callback must not throw; what escapes is
/// logged by the loop and the process goes on.
class Loop {
  public:
    virtual ~Loop() = default;
    virtual Time now() const = 0;
    virtual std::unique_ptr<Io> watch(int descriptor, Ready mask, std::function<void(Ready)> callback) = 0;
    virtual std::unique_ptr<Timer> timer(std::function<void()> callback) = 0;
    /// Called before each time the loop goes to sleep (for libraries that must look at their queues then).
    virtual std::unique_ptr<Source> before_poll(std::function<void()> callback) = 0;
    /// A signal, delivered on the main thread. Register before any thread is started.
    virtual std::unique_ptr<Source> signal(int number, std::function<void()> callback) = 0;
    virtual void run() = 0;
    virtual void quit(int exit_code) = 0;
    virtual int exit_code() const = 0;
};

} // namespace soundwarden::loop
