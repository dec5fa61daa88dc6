// SPDX-License-Identifier: MIT
#include "default_route.hpp"

namespace soundwarden::pipewire_adapter {

void DefaultRoute::enable(bool enabled) {
    enabled_ = enabled;
    default_changed();
}

void DefaultRoute::guard_linked(const engine::SinkKey &sink) {
    linked_[sink] = true;
    default_changed();
    mirror_.reread_soon(); // what is known of the default may be old
}

void DefaultRoute::guard_gone(const engine::SinkKey &sink) {
    linked_.erase(sink);
    if (mirror_.configured_sink() != std::string(guard_prefix) + sink) return;
    // An earlier run configured it and died: the guard stood for its sink.
    const std::string before = before_.value_or(sink);
    mirror_.configure_default(before.empty() ? std::nullopt : std::optional(before));
    before_.reset();
}

void DefaultRoute::default_changed() {
    const auto &current = mirror_.default_sink();
    if (!enabled_ || !linked_.contains(current)) return;
    const std::string guard = std::string(guard_prefix) + current;
    const auto &configured = mirror_.configured_sink();
    if (configured == guard) return;
    // A guard that was configured by us before is not the user's choice.
    if (!configured.starts_with(guard_prefix)) before_ = configured;
    mirror_.configure_default(guard);
}

} // namespace soundwarden::pipewire_adapter
