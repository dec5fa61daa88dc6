// SPDX-License-Identifier: MIT
// Whether the server still answers this connection. Main thread only.
#pragma once

#include "main_loop.hpp"

#include <pipewire/pipewire.h>

#include <functional>
#include <memory>
#include <optional>

namespace soundwarden::pipewire_adapter {

/// A server reads nothing more from a client that has bound a metadata object until the client that exports it has answered
/// a ping; where that one ends before it has, this is never taken back (PipeWire 0.3.65 to 1.5, module-metadata/metadata.c:
/// global_unbind forgets what impl_resource_destroy would have undone). Events still come, but whatever is asked or written
/// is lost. So each binding is followed by a question, and one that stays open though the object has gone says it.
class ReplyWatch {
  public:
    /// `deaf` is called once, from the main loop, when the server does not answer any more: connect anew.
    ReplyWatch(MainLoop &loop, pw_core *core, std::function<void()> deaf);
    ReplyWatch(const ReplyWatch &) = delete;
    ReplyWatch &operator=(const ReplyWatch &) = delete;

    /// A metadata object was just bound.
    void bound();
    /// One that was bound has gone.
    void gone();
    /// From the core's done event.
    void done(int seq);

  private:
    MainLoop &loop_;
    pw_core *core_;
    std::unique_ptr<loop::Timer> patience_;
    std::optional<int> open_;    // the newest question without an answer
    std::optional<int> doubted_; // the one that was open when an object went
};

} // namespace soundwarden::pipewire_adapter
