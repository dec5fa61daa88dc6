// SPDX-License-Identifier: MIT
// One reading of a guard's meters, spread to all who want to know: a reading takes the peaks along. Main thread.
#pragma once

#include "dbus/service.hpp"
#include "loop/loop.hpp"
#include "published.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace soundwarden::dbus {

/// What two readings, one right after the other, come to: the higher peaks, the governor as it stands in the later one.
Meter together(const Meter &earlier, const Meter &later);

class MeterReadings {
  public:
    /// `one_reading`: how long of_now() tells the same.
    MeterReadings(loop::Loop &loop, Service::MeterSource source, std::chrono::milliseconds one_reading)
        : loop_(loop), source_(std::move(source)), one_reading_(one_reading) {}

    /// Called with each reading, whoever asked for it. It must not ask itself.
    std::function<void(const engine::SinkKey &sink, const Meter &meter)> on_reading;

    /// Reads the guard. Throws what the source throws.
    void read(const engine::SinkKey &sink);

    /// What was measured since this was asked last. Several who ask at about the same time are told the same: the properties of
    /// one output are asked for one by one. Throws what the source throws.
    std::optional<Meter> of_now(const engine::SinkKey &sink);

    /// Forgets the sinks that have none of these outputs.
    void keep_only(const std::map<std::string, OutputValues> &outputs);

  private:
    struct Kept {
        std::optional<Meter> unasked; ///< since of_now() was asked
        std::optional<Meter> told;
        loop::Time until{};           ///< so long that is told to everybody
    };
    loop::Loop &loop_;
    Service::MeterSource source_;
    std::chrono::milliseconds one_reading_;
    std::map<engine::SinkKey, Kept> kept_;
};

} // namespace soundwarden::dbus
