// SPDX-License-Identifier: MIT
// The event log: what happened, for `soundwarden log`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace soundwarden::host {

struct LogEntry {
    std::int64_t id = 0;      ///< rises in the order in which it happened; given by the store
    std::int64_t unix_ms = 0; ///< wall clock, milliseconds since 1970; 0 where it is logged: now
    std::string level;        ///< "debug", "info", "warning" or "error"
    std::string what;         ///< a stable token: "edge", "decision", …; at most 64 bytes
    std::string subject;      ///< the sink's node.name where it is about one; at most 512 bytes
    std::string text;         ///< for people; at most 1280 bytes. " (×3)" at the end: three times within half a minute
    bool operator==(const LogEntry &) const = default;
};

struct LogQuery {
    std::int64_t since_unix_ms = std::numeric_limits<std::int64_t>::min();
    std::int64_t until_unix_ms = std::numeric_limits<std::int64_t>::max(); ///< inclusive
    std::string what;       ///< exactly; empty: any
    std::string subject;    ///< a part of it, case does not matter (ASCII); empty: any
    std::size_t most = 1000; ///< the newest so many
};

} // namespace soundwarden::host
