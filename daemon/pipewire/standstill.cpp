// SPDX-License-Identifier: MIT
#include "standstill.hpp"

#include "model/fault.hpp"

#include <algorithm>

namespace soundwarden::pipewire_adapter {
namespace {

bool longer(std::uint64_t since_nsec, std::uint64_t now_nsec, std::chrono::nanoseconds limit) {
    return now_nsec > since_nsec && now_nsec - since_nsec > static_cast<std::uint64_t>(limit.count());
}

} // namespace

bool Standstill::look(const Look &now) {
    const bool moved = now.frames != frames_;
    frames_ = now.frames;
    if (!now.should_run || !now.data_thread_answers || now.driver_nsec == 0 || fault(Fault::standstill_unseen)) {
        stood_since_nsec_ = ran_since_nsec_ = 0;
        return false;
    }
    if (moved) {
        stood_since_nsec_ = 0;
        if (ran_since_nsec_ == 0) ran_since_nsec_ = now.driver_nsec;
        if (longer(ran_since_nsec_, now.driver_nsec, forgotten_after)) patience_ = first;
        return false;
    }
    ran_since_nsec_ = 0;
    if (stood_since_nsec_ == 0) stood_since_nsec_ = now.driver_nsec;
    if (!longer(stood_since_nsec_, now.driver_nsec, patience_)) return false;
    stood_since_nsec_ = 0;
    patience_ = std::min(patience_ * 2, longest);
    return true;
}

} // namespace soundwarden::pipewire_adapter
