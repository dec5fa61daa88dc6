// SPDX-License-Identifier: MIT
// The event log as the CLI holds it, and the times people name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace soundwarden::cli {

/// As in dbus/org.soundwarden.SoundWarden1.Manager.xml.
struct LogEntry {
    std::int64_t id = 0;
    std::int64_t unix_ms = 0;
    std::string level;
    std::string what;
    std::string subject;
    std::string text;
    bool operator==(const LogEntry &) const = default;
};

struct LogRequest {
    std::string output;       ///< any part of a name or id, or of a sink's name; empty: all
    std::int64_t since_unix_ms = 0;
    std::uint32_t most = 100; ///< 0: as many as the daemon gives at once
    std::string what;
};

/// Milliseconds since 1970 of what a person names: "2h", "1d 30min", "3 days ago"; "today", "yesterday", "14:30",
/// "2026-11-29", "2026-11-29 14:30:15" in local time; the same with a T, and Z or +01:00 at its end; "@1764400000". Throws
/// Failure (exit_usage) that shows how to write it.
std::int64_t parse_since(std::string_view text, std::int64_t now_unix_ms);

} // namespace soundwarden::cli
