// SPDX-License-Identifier: MIT
// The file that a trace of the engine goes to (`--trace FILE`). Main thread only.
#pragma once

#include "engine/event.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace soundwarden::host {

/// A trace is for a while, not for ever: it ends here, so that a forgotten one does not fill the disk.
inline constexpr std::uint64_t most_trace_bytes = std::uint64_t{256} << 20U;

/// Writes what it is handed at once (no fsync: it survives the death of the process, not that of the machine). What cannot be written
/// ends the trace, with trouble; what stands in the file by then are whole steps. Never throws but std::bad_alloc.
class TraceFile {
  public:
    /// Makes the file, mode 0600. One that is there already is left alone, with trouble: it may hold the trace of a crash.
    explicit TraceFile(const std::string &path, std::uint64_t most_bytes = most_trace_bytes);
    ~TraceFile();
    TraceFile(const TraceFile &) = delete;
    TraceFile &operator=(const TraceFile &) = delete;

    /// The lines of one step: all of them or none.
    void append(std::string_view lines);
    /// Whether anything is still recorded.
    bool open() const { return descriptor_ >= 0; }
    /// For the engine: token "trace"; the sentence is empty while all goes well.
    engine::Degraded trouble() const;

  private:
    void end(const std::string &why);

    std::string path_;
    std::uint64_t most_bytes_;
    std::uint64_t bytes_ = 0; ///< of whole steps
    int descriptor_ = -1;
    std::string trouble_;
};

/// From the kernel's generator: nobody can guess it.
std::uint32_t random_number();

} // namespace soundwarden::host
