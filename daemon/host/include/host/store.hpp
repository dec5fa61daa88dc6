// SPDX-License-Identifier: MIT
// What the daemon remembers from one run to the next: `state.db` (SQLite) in the state directory.
#pragma once

#include "dose/history.hpp"
#include "engine/event.hpp"
#include "host/log_entry.hpp"
#include "model/answer.hpp"
#include "model/load.hpp"
#include "model/output.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::host {

/// Where the state lives: `chosen` where it is not empty, else $STATE_DIRECTORY, else $XDG_STATE_HOME/soundwarden, else
/// $HOME/.local/state/soundwarden. Empty where none of these can be told (relative paths in the environment do not
/// count).
std::filesystem::path state_directory(const std::string &chosen);

/// Milliseconds since 1970.
using WallClock = std::function<std::int64_t()>;
std::int64_t system_wall_clock();

/// The state database, with everything also kept in memory (of the event log only what is not written yet). Main thread
/// only; never throws but std::bad_alloc; waits for another process' lock for at most 250 ms, and not at all as long as
/// there is trouble.
///
/// A database that cannot be read (damaged, not ours, made by a newer version) is set aside as `state.db.broken-<n>` and
/// a new one begun with what is in memory and, where the damage was found at the opening, with the tables that are
/// sound; `set_aside` says so until the end of the run. One that cannot be opened or written now (locked, disk full, no
/// permission) is left alone: values stay in memory, `trouble` says so, and the next `put` or `flush` that gets through
/// writes all of them.
class Store {
  public:
    /// Makes the directory (mode 0700) and the database where they are missing, and brings an older schema up to date.
    /// An empty path: memory only, with trouble.
    explicit Store(const std::filesystem::path &directory, WallClock wall_clock = system_wall_clock);
    Store(Store &&) noexcept;
    Store &operator=(Store &&) noexcept;
    ~Store(); ///< flushes

    /// Everything that is remembered. What makes no sense (no such load class, a volume that is no number) is left out.
    /// The age of an answer that was given in the future, or more than 20 years ago, is 0: the clock was or is wrong.
    engine::Remembered load() const;

    /// Volumes are amplitudes >= 0. Each of these is durable against the death of the process when it returns, as long
    /// as there is no trouble; values that did not change are not written again. Others than finite numbers from 0 to
    /// 10^6 are ignored, and so are names that are empty or longer than 16 KiB.
    void put_volume(const OutputId &output, LoadClass load_class, double volume);
    void put_mark(const engine::SinkKey &sink, const std::string &route, double volume);
    void forget_mark(const engine::SinkKey &sink, const std::string &route);
    /// A sink that is muted by us, with the user's own mute; nothing: no longer.
    void put_mute(const engine::SinkKey &sink, std::optional<bool> mute);
    /// A panic holds, or no longer; and a sink without a guard that is muted for it, likewise with the user's own mute.
    void put_panic(bool on);
    void put_panic_mute(const engine::SinkKey &sink, std::optional<bool> mute);
    /// An output that the user wants left alone, or no longer.
    void put_left_alone(const OutputId &output, bool left_alone);

    /// Whether people have been greeted, and that they now are: once, ever.
    bool greeted() const;
    void put_greeted();

    /// What somebody answered, or nothing: it is forgotten; an empty `output` and nothing: all answers are. `age`: since
    /// it was given, >= 0; `plugs`: how often it was used since. What somebody said is on the disk, safe against the loss
    /// of power, when this returns true; that waits for the disk. An answer that only was used once more is kept like the
    /// values above. False: it is kept in memory only (see `trouble`), or not at all because it makes no sense.
    bool put_answer(const OutputId &output, const std::optional<Answer> &answer, Duration age, std::uint32_t plugs);

    /// What ears got, as far as it is stored: minutes, then hours, each in the order of time.
    std::vector<dose::Row> dose() const;
    /// Whether everything that the file had is known: false as long as it could not be opened.
    bool was_read() const;
    /// These in place of what is stored in their slots, together or not at all, and durable like the values above, and on their way to the disk; a row
    /// whose exposure is empty is taken away. Left out is what makes no sense: a start that is negative, beyond the year
    /// 9999 or no multiple of the span, a number that is negative or none, more estimated than there is, an output
    /// without a name or with one of more than 16 KiB. True: it is on disk, or nothing had to be written. False: it is in
    /// memory only (see `trouble`), and the next put that gets through writes all.
    bool put_dose(const std::vector<dose::Row> &rows);

    /// Entries of the event log wait in memory until `flush`; the newest 4096 of them where nothing can be written. What
    /// a subject's last entry said is not logged again but counted. Returns how many wait: flush once it is 256, and 30 s
    /// after the first.
    std::size_t log(LogEntry entry);
    /// Writes what waits, and what could not be written before; true: nothing is left. Takes away what is older than 400
    /// days or more than 50,000 entries.
    bool flush();
    /// Oldest first, also what waits. What cannot be read is missing.
    std::vector<LogEntry> read_log(const LogQuery &query);

    /// For the engine: token "state-store"; the sentence is empty while all is saved.
    engine::Degraded trouble() const;
    /// For the engine: token "state-set-aside"; the sentence is empty where no database was set aside in this run.
    engine::Degraded set_aside() const;
    /// What the journal should hold of that; may be empty.
    const std::string &notice() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace soundwarden::host
