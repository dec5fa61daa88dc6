// SPDX-License-Identifier: MIT
// The event log's two halves: what waits in memory, and the table in the database.
#pragma once

#include "host/log_entry.hpp"
#include "sqlite.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace soundwarden::host {

class EventLog {
  public:
    static constexpr std::size_t most_waiting = 4096;    ///< in memory; the oldest make room
    static constexpr std::int64_t most_kept = 50'000;    ///< in the database
    static constexpr std::int64_t most_days_kept = 400;
    /// Of the whole database. With entries of usual length it is half of that; the longest possible make room sooner.
    static constexpr std::int64_t most_file_bytes = 14 << 20;

    /// Keeps it until it is written. What its subject said last, said again, only counts up. Longer texts are cut, and
    /// what is no UTF-8 is replaced. Returns how many wait.
    std::size_t add(LogEntry entry);
    std::size_t waiting() const { return waiting_.size(); }

    /// The file from which it goes on from here: numbers what waits after what is there. Throws SqliteError.
    void join(Database &database);
    /// Writes all that waits in one transaction, and takes away some of what is too much or too old, so that no single
    /// flush takes long. Where it throws SqliteError, everything still waits.
    void flush(Database &database, std::int64_t now_unix_ms);
    /// What fits, oldest first: from the database (nullptr: there is none) and of what waits. Throws SqliteError.
    std::vector<LogEntry> read(Database *database, const LogQuery &query) const;

  private:
    struct Waiting {
        LogEntry entry;
        std::uint32_t times = 1;
        LogEntry written() const;
    };
    void drop_oldest();
    static void trim(Database &database, std::int64_t now_unix_ms);

    std::deque<Waiting> waiting_;                            ///< ids are without gaps
    std::unordered_map<std::string, std::int64_t> last_of_;  ///< by subject: the id of its last entry that waits
    std::int64_t last_id_ = 0;
    std::uint64_t dropped_ = 0; ///< since the last flush
};

} // namespace soundwarden::host
