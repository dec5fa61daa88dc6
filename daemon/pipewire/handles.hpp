// SPDX-License-Identifier: MIT
// Owners for PipeWire's C handles, and the few version differences. Main thread only.
#pragma once

#include <pipewire/pipewire.h>
#include <spa/utils/hook.h>
#include <spa/utils/result.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <utility>

namespace soundwarden::pipewire_adapter {

/// Deleter made of a C function.
template <auto destroy> struct Deleter {
    template <class T> void operator()(T *handle) const noexcept { destroy(handle); }
};

using ContextPtr = std::unique_ptr<pw_context, Deleter<pw_context_destroy>>;
using CorePtr = std::unique_ptr<pw_core, Deleter<pw_core_disconnect>>;
using StreamPtr = std::unique_ptr<pw_stream, Deleter<pw_stream_destroy>>;
using PropertiesPtr = std::unique_ptr<pw_properties, Deleter<pw_properties_free>>;

/// A listener's hook; removed before its owner dies. Not movable: PipeWire keeps its address.
class Hook {
  public:
    Hook() = default;
    Hook(const Hook &) = delete;
    Hook &operator=(const Hook &) = delete;
    ~Hook() { remove(); }

    spa_hook *get() noexcept { return &hook_; }
    void remove() noexcept {
        if (hook_.link.next != nullptr) spa_hook_remove(&hook_);
        hook_ = {};
    }

  private:
    spa_hook hook_{};
};

/// A bound global (node, device, metadata, registry): the proxy dies with the owner.
template <class T> class Bound {
  public:
    Bound() = default;
    explicit Bound(T *object) : object_(object) {}
    Bound(Bound &&other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    Bound &operator=(Bound &&other) noexcept {
        if (this != &other) {
            reset();
            object_ = std::exchange(other.object_, nullptr);
        }
        return *this;
    }
    Bound(const Bound &) = delete;
    Bound &operator=(const Bound &) = delete;
    ~Bound() { reset(); }

    T *get() const noexcept { return object_; }
    explicit operator bool() const noexcept { return object_ != nullptr; }
    void reset() noexcept {
        if (object_ != nullptr) pw_proxy_destroy(reinterpret_cast<pw_proxy *>(object_));
        object_ = nullptr;
    }

  private:
    T *object_ = nullptr;
};

/// 0.3.65's client.conf loads no module-rt: the data thread would run without real-time priority.
inline const char *client_config() {
#if PW_CHECK_VERSION(1, 0, 0)
    return "client.conf";
#else
    return "client-rt.conf";
#endif
}

/// Runs the body of a C callback: nothing may escape into C, so what does is logged. But where memory is out, what the callback was to do
/// is lost, and who goes on without it may be deaf for good: the process ends, and a new one begins with what is there.
template <class F> void contained(const char *what, const F &action) noexcept {
    try {
        action();
    } catch (const std::bad_alloc &) {
        std::abort();
    } catch (const std::exception &error) {
        spdlog::error("PipeWire: {}: {}", what, error.what());
    } catch (...) {
        spdlog::error("PipeWire: {}: unknown error", what);
    }
}

} // namespace soundwarden::pipewire_adapter
