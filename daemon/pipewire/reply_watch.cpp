// SPDX-License-Identifier: MIT
#include "reply_watch.hpp"

#include <chrono>
#include <utility>

namespace soundwarden::pipewire_adapter {
namespace {

// A server that is only busy answers within a few milliseconds. One that took longer costs a needless reconnection.
constexpr auto patience = std::chrono::milliseconds(300);

} // namespace

ReplyWatch::ReplyWatch(MainLoop &loop, pw_core *core, std::function<void()> deaf)
    : loop_(loop), core_(core), patience_(loop.timer([this, deaf = std::move(deaf)] {
          if (std::exchange(doubted_, std::nullopt)) deaf();
      })) {}

void ReplyWatch::bound() { open_ = pw_core_sync(core_, PW_ID_CORE, 0); }

void ReplyWatch::gone() {
    if (!open_ || doubted_) return;
    doubted_ = open_;
    patience_->arm(loop_.now() + patience);
}

void ReplyWatch::done(int seq) {
    if (open_ == seq) open_.reset();
    if (doubted_ != seq) return;
    doubted_.reset();
    patience_->arm(std::nullopt);
}

} // namespace soundwarden::pipewire_adapter
