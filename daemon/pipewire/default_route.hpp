// SPDX-License-Identifier: MIT
// Leads people to the guard where WirePlumber knows no smart filters (0.4): by the configured default sink.
#pragma once

#include "mirror.hpp"

#include <optional>
#include <string>

namespace soundwarden::pipewire_adapter {

/// Whenever the default sink is a raw sink whose guard is linked, that guard becomes the configured default; the user's own
/// choice is given back when the guard goes. Main thread only.
class DefaultRoute {
  public:
    explicit DefaultRoute(Mirror &mirror) : mirror_(mirror) {}

    void guard_linked(const engine::SinkKey &sink);
    void guard_gone(const engine::SinkKey &sink);
    void default_changed();

  private:
    Mirror &mirror_;
    std::map<engine::SinkKey, bool> linked_;
    /// What was configured before we wrote (empty: nothing was).
    std::optional<std::string> before_;
};

} // namespace soundwarden::pipewire_adapter
