// SPDX-License-Identifier: MIT
// Marks the guards' input ports as those of a sound card, so that JACK clients, which look for such ports, find the
// guard.
#pragma once

#include <pipewire/pipewire.h>

struct pw_impl_factory;

namespace soundwarden::pipewire_adapter {

/// 0.3.65 marks the ports of every Audio/Sink stream; 1.x takes the marks from the node inside the stream, which has
/// none and cannot be given any (docs/decisions/004). So on 1.x this stands between the streams and the factory that
/// makes their nodes. Main thread only; lives as long as the context.
class PortMarks {
  public:
    /// Where a server's library does not let it, nothing is marked.
    explicit PortMarks(pw_context *context);
    PortMarks(const PortMarks &) = delete;
    PortMarks &operator=(const PortMarks &) = delete;

  private:
    pw_impl_factory *real_ = nullptr;
};

} // namespace soundwarden::pipewire_adapter
