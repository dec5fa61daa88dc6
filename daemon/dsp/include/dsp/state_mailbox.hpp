// SPDX-License-Identifier: MIT
// Whole states on their way between the main thread, which makes and frees them, and the data thread, which uses them.
#pragma once

#include <atomic>
#include <memory>

namespace soundwarden::dsp {

/// T has a member `T *next`, which belongs to the mailbox while the state is in it. The data thread neither waits nor frees;
/// the main thread never waits. One thread on each side.
template <class T> class StateMailbox {
  public:
    StateMailbox() = default;
    StateMailbox(const StateMailbox &) = delete;
    StateMailbox &operator=(const StateMailbox &) = delete;
    /// When the data thread has stopped.
    ~StateMailbox() {
        delete offered_.load(std::memory_order_acquire);
        collect();
    }

    /// Main thread. In place of a state that was offered before and not taken yet. Frees what came back.
    void offer(std::unique_ptr<T> state) {
        collect();
        delete offered_.exchange(state.release(), std::memory_order_acq_rel);
    }

    /// Main thread. Frees what came back.
    void collect() noexcept {
        for (T *state = returned_.exchange(nullptr, std::memory_order_acquire); state != nullptr;) {
            T *next = state->next;
            delete state;
            state = next;
        }
    }

    /// Data thread. nullptr: nothing new. Wait-free.
    T *take() noexcept {
        if (offered_.load(std::memory_order_relaxed) == nullptr) return nullptr;
        return offered_.exchange(nullptr, std::memory_order_acq_rel);
    }

    /// Data thread. Wait-free: only this thread adds, so the list is taken, extended and put back.
    void give_back(T *state) noexcept {
        state->next = returned_.exchange(nullptr, std::memory_order_acq_rel);
        returned_.store(state, std::memory_order_release);
    }

  private:
    std::atomic<T *> offered_{nullptr};
    std::atomic<T *> returned_{nullptr};
};

} // namespace soundwarden::dsp
