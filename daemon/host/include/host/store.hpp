// SPDX-License-Identifier: MIT
// What the daemon remembers from one run to the next: `state.db` (SQLite) in the state directory.
#pragma once

#include "engine/event.hpp"
#include "model/load.hpp"
#include "model/output.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace soundwarden::host {

/// Where the state lives: `chosen` where it is not empty, else $XDG_STATE_HOME/soundwarden, else
/// $HOME/.local/state/soundwarden. Empty where none of these can be told (relative paths in the environment do not
/// count).
std::filesystem::path state_directory(const std::string &chosen);

/// The state database, with everything also kept in memory. Main thread only; never throws but std::bad_alloc; waits
/// for another process' lock for at most 250 ms.
///
/// A database that cannot be read (damaged, not ours, made by a newer version) is set aside as `state.db.broken-<n>`
/// and a new one begun. One that cannot be opened or written now (locked, disk full, no permission) is left alone:
/// values stay in memory, `trouble` says so, and the next `put` that gets through writes all of them.
class Store {
  public:
    /// Makes the directory (mode 0700) and the database where they are missing. An empty path: memory only, with
    /// trouble.
    explicit Store(const std::filesystem::path &directory);
    Store(Store &&) noexcept;
    Store &operator=(Store &&) noexcept;
    ~Store();

    /// Everything that is remembered. What makes no sense (no such load class, a volume that is no number) is left out.
    engine::Remembered load() const;

    /// Volumes are amplitudes >= 0. Each of these is durable against the death of the process when it returns, as long
    /// as there is no trouble; values that did not change are not written again. Others than finite numbers >= 0 are
    /// ignored.
    void put_volume(const OutputId &output, LoadClass load_class, double volume);
    void put_mark(const engine::SinkKey &sink, const std::string &route, double volume);
    void forget_mark(const engine::SinkKey &sink, const std::string &route);
    /// A sink that is muted by us, with the user's own mute; nothing: no longer.
    void put_mute(const engine::SinkKey &sink, std::optional<bool> mute);
    /// An output that the user wants left alone, or no longer.
    void put_left_alone(const OutputId &output, bool left_alone);

    /// For the engine: token "state-store"; the sentence is empty while all is saved.
    engine::Degraded trouble() const;
    /// Something happened at the last opening that the journal should hold (a database was set aside); may be empty.
    const std::string &notice() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace soundwarden::host
