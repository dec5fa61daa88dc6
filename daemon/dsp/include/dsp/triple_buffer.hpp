// SPDX-License-Identifier: MIT
// A wait-free mailbox for one writer thread and one reader thread: the reader always gets the newest complete value.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <type_traits>

namespace soundwarden::dsp {

/// Three slots: one the writer fills, one the reader holds, one in the middle. Neither side ever waits, allocates or calls
/// the kernel. One thread calls `write`, one other thread calls `read`.
template <class T> class TripleBuffer {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    explicit TripleBuffer(const T &initial) : slots_{initial, initial, initial} {}

    /// Writer thread. Wait-free.
    void write(const T &value) noexcept {
        slots_[back_] = value;
        back_ = middle_.exchange(back_ | fresh, std::memory_order_acq_rel) & index_mask;
    }

    /// Writer thread. The last value written was not read yet. Wait-free.
    bool unread() const noexcept { return (middle_.load(std::memory_order_relaxed) & fresh) != 0; }

    /// Reader thread. The newest value; the same reference holds until the next call. Wait-free.
    const T &read() noexcept {
        if ((middle_.load(std::memory_order_relaxed) & fresh) != 0)
            front_ = middle_.exchange(front_, std::memory_order_acq_rel) & index_mask;
        return slots_[front_];
    }

  private:
    static constexpr std::uint32_t fresh = 4;
    static constexpr std::uint32_t index_mask = 3;
    std::array<T, 3> slots_;
    std::uint32_t back_ = 0;                 // writer's
    std::atomic<std::uint32_t> middle_{1};   // shared
    std::uint32_t front_ = 2;                // reader's
};

} // namespace soundwarden::dsp
