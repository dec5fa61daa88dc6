// SPDX-License-Identifier: MIT
// Counts this thread's allocations while an object of the class lives.
#pragma once

namespace soundwarden::test {

class CountAllocations {
  public:
    CountAllocations();
    ~CountAllocations();
    CountAllocations(const CountAllocations &) = delete;
    CountAllocations &operator=(const CountAllocations &) = delete;
    unsigned so_far() const;
};

} // namespace soundwarden::test
