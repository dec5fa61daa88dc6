// SPDX-License-Identifier: MIT
// The owner of a file descriptor.
#pragma once

#include <unistd.h>
#include <utility>

namespace soundwarden::cli {

class Descriptor {
  public:
    Descriptor() = default;
    /// Takes it over; −1: none.
    explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
    Descriptor(Descriptor &&other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Descriptor &operator=(Descriptor &&other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~Descriptor() { reset(); }

    int get() const { return descriptor_; }
    explicit operator bool() const { return descriptor_ >= 0; }
    void reset() {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }

  private:
    int descriptor_ = -1;
};

} // namespace soundwarden::cli
