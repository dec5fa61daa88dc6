// SPDX-License-Identifier: MIT
// Signals as a descriptor: taken where the command looks at its other descriptors, and nowhere else.
#pragma once

#include "descriptor.hpp"

#include <csignal>
#include <initializer_list>
#include <optional>

namespace soundwarden::cli {

/// While it lives these signals do nothing but wait to be taken. Throws Failure.
class Signals {
  public:
    explicit Signals(std::initializer_list<int> numbers);
    Signals(const Signals &) = delete;
    Signals &operator=(const Signals &) = delete;
    ~Signals();

    /// Readable when there is one.
    int descriptor() const { return descriptor_.get(); }
    /// The next that has come; does not wait.
    std::optional<int> next() const;

  private:
    sigset_t before_{};
    Descriptor descriptor_;
};

} // namespace soundwarden::cli
