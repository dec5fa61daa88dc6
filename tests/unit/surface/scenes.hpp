// SPDX-License-Identifier: MIT
// Machines in states worth looking at, as the engine would describe them.
#pragma once

#include "engine/snapshot.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::test {

/// By name:
///   laptop          headphones plugged in (active, limited) and speakers on one card, a display that may play
///   unplugged       the same card with nothing in the socket: the speakers play
///   settling        the laptop just after the edge
///   blocked         headphones on the terminals of a power amplifier
///   degraded        the laptop, with a reason
///   fail-safe       the laptop, with a broken policy
///   unprotected     a pro-audio interface that nothing guards
///   not-protecting  no output can be protected
///   empty           no outputs at all
///   twins           two equal USB headsets
///   crowd           200 headsets
///   hostile         names with escapes, invalid UTF-8 and an id that cannot be a path
/// Nothing for any other name.
std::optional<engine::Snapshot> scene(const std::string &name);

/// A morning in the event log, oldest first; with a name that a terminal must not see.
struct LogSceneLine {
    std::int64_t id;
    std::int64_t unix_ms;
    std::string level, what, subject, text;
};
std::vector<LogSceneLine> log_scene();

inline constexpr const char *laptop_sink = "alsa_output.pci-0000_00_1f.3.analog-stereo";
inline constexpr const char *laptop_headphones = "pci_0000_00_1f_3_analog_output_headphones";
inline constexpr const char *laptop_speaker = "pci_0000_00_1f_3_analog_output_speaker";

} // namespace soundwarden::test
