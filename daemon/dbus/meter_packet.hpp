// SPDX-License-Identifier: MIT
// A packet of Manager.Meters: dbus/org.soundwarden.SoundWarden1.Manager.xml says what is in it.
#pragma once

#include "dbus/service.hpp"
#include "published.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::dbus {

struct MeteredOutput {
    const OutputValues *output = nullptr;
    std::optional<Meter> meter{};      ///< nothing: nothing plays
    std::optional<double> level_dba{}; ///< at the ear; nothing: not known
};

/// JSON on one line. Levels are rounded to 0.01 dB; what is not finite is null.
std::string meter_packet(std::int64_t monotonic_ms, const std::vector<MeteredOutput> &outputs, double dose_percent);

} // namespace soundwarden::dbus
