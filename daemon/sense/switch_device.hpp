// SPDX-License-Identifier: MIT
// One input device of a jack: its switches, and whether its buttons were seen. (reference: sensing.md §1.2)
#pragma once

#include "model/card.hpp"
#include "ports.hpp"

#include <cstddef>
#include <memory>

namespace soundwarden::sense {

class SwitchDevice {
  public:
    /// Events that one call of heed() takes at most; the rest wakes the loop again.
    static constexpr std::size_t most_events = 256;

    explicit SwitchDevice(std::unique_ptr<SwitchPort> port);

    int descriptor() const { return port_->descriptor(); }
    const JackSwitches &switches() const { return switches_; }
    bool gone() const { return gone_; }
    void heed();

  private:
    void take(const SwitchPort::Event &event);
    void catch_up();
    void set(JackBits on);

    std::unique_ptr<SwitchPort> port_;
    JackSwitches switches_;
    bool gone_ = false;
};

/// The port is a jack's, as it says itself: made by the jack layer, with switches, and no keyboard.
bool is_jack(const SwitchPort &port);

} // namespace soundwarden::sense
