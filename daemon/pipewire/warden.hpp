// SPDX-License-Identifier: MIT
// The link warden: a thread with a connection of its own that destroys every foreign link into a guarded sink the
// moment the server registers it, before audio can flow, and leads its stream to the guard (docs/decisions/004).
#pragma once

#include "engine/event.hpp"
#include "link_watch.hpp"
#include "main_loop.hpp"

#include <pipewire/pipewire.h>
#include <spa/support/thread.h>

#include <cstdint>
#include <functional>
#include <memory>

namespace soundwarden::pipewire_adapter {

/// What the warden tells, on the main thread.
struct WardenEvents {
    std::function<void()> watching;             ///< it has seen the whole graph
    std::function<void(bool granted)> realtime; ///< once: whether it was given real-time priority
    std::function<void(const Trespass &, std::uint32_t times)> trespass;
    std::function<void()> ended; ///< it lost its connection, or never had one: destroy it, but not from within
};

/// Main thread only. The thread ends with the object.
class Warden {
  public:
    /// `context` is the daemon's: its module-rt makes the thread. It must outlive the warden.
    Warden(MainLoop &loop, pw_context *context, WardenEvents events);
    ~Warden();
    Warden(const Warden &) = delete;
    Warden &operator=(const Warden &) = delete;

    /// Takes the place of all earlier orders, within one turn of the warden's loop.
    void order(WatchOrders orders);

  private:
    class Thread;
    void hear();

    pw_loop *main_loop_;
    WardenEvents events_;
    std::unique_ptr<Thread> thread_;
    spa_thread_utils *utils_;
    spa_thread *handle_ = nullptr;
    spa_source *heard_ = nullptr;
};

} // namespace soundwarden::pipewire_adapter
