// SPDX-License-Identifier: MIT
// Leads people to the guard by the configured default sink: volume keys, mixers and new streams mean the guard.
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

    /// Where a smart filter leads to the guard instead (1.x without our part in WirePlumber), the default is left alone.
    void enable(bool enabled);
    void guard_linked(const engine::SinkKey &sink);
    void guard_gone(const engine::SinkKey &sink);
    void default_changed();

  private:
    Mirror &mirror_;
    bool enabled_ = false;
    std::map<engine::SinkKey, bool> linked_;
    /// What was configured before we wrote (empty: nothing was).
    std::optional<std::string> before_;
};

} // namespace soundwarden::pipewire_adapter
