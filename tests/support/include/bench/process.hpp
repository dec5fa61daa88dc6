// SPDX-License-Identifier: MIT
// A child process whose output can be waited for and that cannot outlive the test.
#pragma once

#include "bench/clock.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <thread>
#include <vector>

namespace soundwarden::bench {

struct ExitStatus {
    int code = -1;  ///< of a normal end; -1 otherwise
    int signal = 0; ///< that ended it; 0 otherwise
    bool operator==(const ExitStatus &) const = default;
};

struct OutputLine {
    std::size_t index = 0; ///< of all lines of both streams
    std::int64_t t_ns = 0; ///< when it was read, CLOCK_MONOTONIC
    bool from_stderr = false;
    std::string text; ///< without the line end
};

class Process {
  public:
    using Environment = std::map<std::string, std::string>;

    enum class Lifetime {
        ours, ///< the kernel kills it (SIGKILL) when the thread that made this object ends: make it on the main thread
        until_eof, ///< it ends by itself when its standard input does, as it does when this process is killed
    };

    /// Starts `argv` with exactly the environment given (empty: this process's). The program is looked up in that PATH.
    /// Throws std::system_error.
    explicit Process(std::vector<std::string> argv, const Environment &environment = {},
                     Lifetime lifetime = Lifetime::ours);
    /// Kills what still runs, and waits for it.
    ~Process();
    Process(const Process &) = delete;
    Process &operator=(const Process &) = delete;

    pid_t pid() const { return pid_; }

    /// Writes `line` and a line end to its standard input. False when nobody reads there any more.
    bool write_line(std::string_view line);
    void close_stdin();

    /// Number of lines so far: where a later wait may begin.
    std::size_t mark() const;
    /// The first line from index `from` on that satisfies `wanted`; waits for it. Nullopt: the time ran out, or the
    /// output ended without it. The time-out is scaled (bench/clock.hpp).
    std::optional<OutputLine> wait_for_line(const std::function<bool(const OutputLine &)> &wanted,
                                            milliseconds timeout = default_timeout(), std::size_t from = 0) const;
    /// The same with an ECMAScript regular expression that must match somewhere in the line.
    std::optional<OutputLine> wait_for_line(const std::string &pattern, milliseconds timeout = default_timeout(),
                                            std::size_t from = 0) const;
    std::vector<OutputLine> lines(std::size_t from = 0) const;
    /// Everything, for messages of failed assertions.
    std::string output() const;

    /// False when it has ended.
    bool running();
    /// Nullopt: still running when the (scaled) time was over. All its output has been read when this returns.
    std::optional<ExitStatus> wait_exit(milliseconds timeout = default_timeout());
    /// To this process only; nothing happens when it has ended and been waited for.
    void signal(int number);
    /// SIGTERM, then wait; SIGKILL after the time-out.
    ExitStatus stop(milliseconds timeout = default_timeout());

  private:
    void read_output();
    bool take(int descriptor, std::string &partial, bool from_stderr);
    void add_line(std::string text, bool from_stderr);
    bool reap(bool block);

    pid_t pid_ = -1;
    int pidfd_ = -1;
    int stdin_ = -1, stdout_ = -1, stderr_ = -1;
    int wake_ = -1; ///< eventfd: ends the reader
    std::optional<ExitStatus> status_;
    mutable std::mutex mutex_; ///< guards what follows
    mutable std::condition_variable changed_;
    std::vector<OutputLine> lines_;
    bool ended_ = false; ///< both outputs are closed
    std::thread reader_;
};

/// Whether a process of that id runs. A zombie does not: it only waits for whoever should ask for its status.
bool is_alive(pid_t pid);

/// The environment of this process as a map.
Process::Environment current_environment();

} // namespace soundwarden::bench
