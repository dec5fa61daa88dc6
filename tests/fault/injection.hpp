// SPDX-License-Identifier: MIT
// The test's side of the injector: a page for a process to be started under it, switched on and off, and what it has done.
#pragma once

#include "plan.hpp"

#include "bench/process.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace soundwarden::fault {

class Injection {
  public:
    /// Makes `file`. Nothing fails before start(). Throws std::system_error.
    Injection(std::filesystem::path file, std::uint64_t seed);
    ~Injection();
    Injection(const Injection &) = delete;
    Injection &operator=(const Injection &) = delete;

    /// What the process under test needs beside its own environment.
    bench::Process::Environment environment() const;

    /// From now on calls of these classes fail, each class as often as usual (plan.hpp), or on average one in `one_in`.
    void start(std::uint32_t classes, std::uint32_t one_in = 0);
    /// From now on every call goes through.
    void stop();
    /// Of CLOCK_REALTIME, as the process sees it.
    void move_clock(std::chrono::seconds by);

    std::uint64_t seed() const { return page_->seed; }
    std::uint64_t made(Call call) const { return page_->made[static_cast<std::size_t>(call)].load(); }
    std::vector<Record> records() const;
    /// "open#17 EMFILE, read#203 short, …", in the order in which they happened.
    std::string text() const;
    std::uint64_t failed() const; ///< calls
    /// The first record that the seed does not say; empty: none.
    std::string deviation() const;
    /// The first call that was made, should have failed by the seed and did not; empty: none. A process that is killed leaves one out.
    std::string omission() const;

  private:
    Page *page_;
    std::filesystem::path file_;
    std::uint32_t one_in(Call call) const;
};

} // namespace soundwarden::fault
