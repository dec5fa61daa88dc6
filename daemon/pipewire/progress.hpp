// SPDX-License-Identifier: MIT
// Whether the data thread goes on.
#pragma once

#include <pipewire/pipewire.h>

#include <atomic>
#include <cstdint>

namespace soundwarden::pipewire_adapter {

/// Asks the data thread, through its own loop, to count; whether it did is looked at when it is asked the next time. A thread that has nothing
/// to do counts as well: that costs it one wake-up. Main thread; must outlive the contexts that it has asked.
class Progress {
  public:
    /// Whether what was asked last has been counted, and asks again. True where nothing was asked, or there is no context.
    bool look(pw_context *context);
    /// The context has gone, and with it the thread and what was asked of it.
    void forget() { asked_ = counted_.load(std::memory_order_acquire); }

  private:
    std::uint64_t asked_ = 0;
    std::atomic<std::uint64_t> counted_{0};
};

} // namespace soundwarden::pipewire_adapter
