// SPDX-License-Identifier: MIT
// How often this daemon was started and did not end well: one that crashes again and again must not take the whole processor.
#pragma once

#include <chrono>
#include <filesystem>

namespace soundwarden::host {

/// $RUNTIME_DIRECTORY, which the service manager keeps from one start to the next; empty where there is none.
std::filesystem::path service_directory();

/// Seconds and fractions since the machine was started, suspended or not.
std::chrono::milliseconds since_boot();

/// Starts of the last minute are counted in the file `starts` of a directory. Never throws: where it cannot be read or written, nothing is
/// counted and nobody waits. Main thread.
class Starts {
  public:
    /// An empty directory: nothing is counted.
    explicit Starts(const std::filesystem::path &directory);

    /// Counts a start at `now`, and says how long to wait before it: not at all for the first ten within a minute that did not end well, then
    /// 200 ms, and twice as long each time, up to 10 s.
    std::chrono::milliseconds begin(std::chrono::milliseconds now);
    /// This one ends as it should: those before it are forgotten.
    void end_well();

  private:
    std::filesystem::path file_; // empty: nowhere
};

} // namespace soundwarden::host
