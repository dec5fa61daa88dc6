// SPDX-License-Identifier: MIT
// Calls to the daemon as bytes would have them: right ones, nearly right ones, and nonsense.
#pragma once

#include <systemd/sd-bus.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace soundwarden::test {

/// What bytes say, one after the other; zeros behind their end.
class Bytes {
  public:
    Bytes(const std::uint8_t *data, std::size_t size) : data_(data), left_(size) {}
    std::uint8_t next() {
        if (left_ == 0) return 0;
        --left_;
        return *data_++;
    }
    template <class N> N number() {
        std::uint64_t value = 0;
        for (std::size_t at = 0; at < sizeof(N); ++at) value = value << 8U | next();
        return static_cast<N>(value);
    }
    std::size_t below(std::size_t limit) { return next() % limit; }
    bool empty() const { return left_ == 0; }

  private:
    const std::uint8_t *data_;
    std::size_t left_;
};

struct MessageUnref {
    void operator()(sd_bus_message *message) const { sd_bus_message_unref(message); }
};
using MessagePtr = std::unique_ptr<sd_bus_message, MessageUnref>;

/// A method call to org.soundwarden.SoundWarden1; null where the bytes make none that can be sent. `output`: the path of an output
/// that is there.
MessagePtr call_from(sd_bus *bus, const std::string &output, Bytes &bytes);

/// A signal that says it comes from somebody else, to the daemon or to all.
MessagePtr signal_from(sd_bus *bus, const std::string &output, Bytes &bytes);

} // namespace soundwarden::test
