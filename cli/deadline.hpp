// SPDX-License-Identifier: MIT
// The last word on --timeout.
#pragma once

#include <chrono>

namespace soundwarden::cli {

/// While one of these lives, the process ends with exit_unreachable and a message a little after `timeout`, whatever it
/// is waiting for. For waits that no library call bounds: a bus that takes the connection and then says nothing. One at
/// a time.
class Deadline {
  public:
    explicit Deadline(std::chrono::milliseconds timeout);
    Deadline(const Deadline &) = delete;
    Deadline &operator=(const Deadline &) = delete;
    ~Deadline();
};

} // namespace soundwarden::cli
