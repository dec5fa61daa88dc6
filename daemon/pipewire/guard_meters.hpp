// SPDX-License-Identifier: MIT
// What guards measure, as others ask for it. Main thread.
#pragma once

#include "guard.hpp"
#include "objects.hpp"
#include "pipewire_adapter/adapter.hpp"

#include <map>
#include <optional>
#include <utility>

namespace soundwarden::pipewire_adapter {

/// Readings of peaks, which begin anew with each: several who ask at about the same time are given the same one.
class MeterReadings {
  public:
    std::optional<Meter> read(const engine::SinkKey &sink, const Guard &guard, Time now);
    void forget(const engine::SinkKey &sink) { readings_.erase(sink); }

  private:
    std::map<engine::SinkKey, std::pair<Time, std::optional<Meter>>> readings_; // good until then
};

/// `node`: its sink, null where it is not known.
Heard heard_through(const Guard &guard, const SinkObject *node);

} // namespace soundwarden::pipewire_adapter
