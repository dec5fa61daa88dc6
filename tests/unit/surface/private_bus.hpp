// SPDX-License-Identifier: MIT
// A session of one's own for tests: a directory, a bus, processes. Nothing of the machine's is seen, nothing stays
// behind.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace soundwarden::test {

using std::chrono::milliseconds;

/// Multiplied by SOUNDWARDEN_TIMEOUT_SCALE (>= 1).
milliseconds scaled(milliseconds limit);
inline constexpr milliseconds patience{10'000}; ///< what has not come by then (scaled) will not come

/// A fresh directory, removed with all in it.
class TempDir {
  public:
    TempDir();
    TempDir(const TempDir &) = delete;
    TempDir &operator=(const TempDir &) = delete;
    ~TempDir();
    const std::filesystem::path &path() const { return path_; }

  private:
    std::filesystem::path path_;
};

using Environment = std::map<std::string, std::string>;

/// Where a child's stdout goes, and its stderr: to a pipe, or to a file where one is named (for those that write much
/// and are not read).
struct Stdout {
    enum class Kind { pipe, closed, descriptor } kind = Kind::pipe;
    int descriptor = -1;
    std::string errors_to{};
};

/// A child process with pipes; killed (by its id) and collected at destruction, and by the kernel when the test dies.
class Process {
  public:
    Process(const std::vector<std::string> &command, const Environment &environment, Stdout out = {});
    Process(const Process &) = delete;
    Process &operator=(const Process &) = delete;
    ~Process();

    pid_t pid() const { return pid_; }
    void write_line(const std::string &line) const;
    /// The next whole line of its stdout (without the newline); nothing at its end or when the time is over.
    std::optional<std::string> read_line(milliseconds limit = patience);
    /// The next line that holds `part`; lines before it are dropped.
    std::optional<std::string> read_until(const std::string &part, milliseconds limit = patience);
    /// The end of its input.
    void close_stdin();
    /// Stops reading its stdout for good.
    void close_stdout();
    void signal(int number) const;
    /// Waits for its end: the exit code, or 128 + signal; nothing when the time is over.
    std::optional<int> wait(milliseconds limit = patience);
    /// All of stdout from here to its end; all that it has written to stderr.
    std::string rest_of_stdout(milliseconds limit = patience);
    std::string stderr_text();

  private:
    bool fill(milliseconds limit);
    pid_t pid_ = -1;
    int in_ = -1, out_ = -1, err_ = -1, pidfd_ = -1;
    std::string buffer_;
    std::string errors_;
    std::optional<int> status_;
};

struct Result {
    int exit_code = -1;
    std::string out, err;
};
/// Runs it to its end.
Result run(const std::vector<std::string> &command, const Environment &environment, Stdout out = {});

/// A dbus-daemon at an address that stays the same when it is started anew.
class PrivateBus {
  public:
    PrivateBus(); ///< not started
    void start();
    void kill(); ///< and waits for its end
    const std::string &address() const { return address_; }
    /// What a program in this session sees: the bus, a home of its own, no other settings.
    Environment environment() const;
    const std::filesystem::path &directory() const { return directory_.path(); }
    pid_t pid() const { return daemon_->pid(); }

  private:
    TempDir directory_;
    std::string address_;
    std::unique_ptr<Process> daemon_;
};

} // namespace soundwarden::test
