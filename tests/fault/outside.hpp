// SPDX-License-Identifier: MIT
// What is done to a running daemon from outside: its connections to PipeWire, its memory, its priority. On copies of its descriptors
// (pidfd_getfd), which needs the rights of a debugger.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace soundwarden::fault {

/// Copies of a process' connections; closed with this object.
class Connections {
  public:
    /// Those of `client` to the socket whose path ends in `name`, as the client has them.
    static Connections to(pid_t client, const std::string &name);
    /// Those that `server` has accepted from `client`.
    static Connections accepted(pid_t server, pid_t client);
    ~Connections();
    Connections(Connections &&other) noexcept : descriptors_(std::exchange(other.descriptors_, {})) {}
    Connections &operator=(Connections &&) = delete;

    std::size_t size() const { return descriptors_.size(); }
    /// One direction of one of them ends: SHUT_RD, SHUT_WR or SHUT_RDWR. False: there is none.
    bool half_close(std::size_t which, int how) const;
    /// Puts bytes that are no message, or one that makes no sense, into one of them, behind whole messages. False: it takes none.
    bool garble(std::size_t which, std::mt19937 &random) const;
    /// The head of a message whose rest never comes: what is sent behind it is taken for the rest. False: it takes none.
    bool begin_message(std::size_t which) const;

  private:
    explicit Connections(std::vector<int> descriptors) : descriptors_(std::move(descriptors)) {}
    std::vector<int> descriptors_;
};

/// While this lives, the process' address space may grow by so much and no more.
class MemoryPressure {
  public:
    MemoryPressure(pid_t process, std::uint64_t spare_bytes);
    ~MemoryPressure();
    MemoryPressure(const MemoryPressure &) = delete;
    MemoryPressure &operator=(const MemoryPressure &) = delete;
    bool works() const { return works_; } ///< the limit stands

  private:
    pid_t process_;
    bool works_ = false;
};

/// Takes the real-time priority from all threads of the process; how many had one.
unsigned take_realtime(pid_t process);

/// Of /proc/PID/status, "VmRSS" for one: its number; 0 where the process has gone.
std::uint64_t status_number(pid_t process, const std::string &key);
std::size_t open_descriptors(pid_t process);
/// How often any thread of the process has gone to sleep.
std::uint64_t wake_ups(pid_t process);

} // namespace soundwarden::fault
