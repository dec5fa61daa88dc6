// SPDX-License-Identifier: MIT
#include "switch_device.hpp"

#include "text.hpp"

#include <utility>

namespace soundwarden::sense {

bool is_jack(const SwitchPort &port) { return port.physical_path() == "ALSA" && port.able().any() && !port.types(); }

SwitchDevice::SwitchDevice(std::unique_ptr<SwitchPort> port) : port_(std::move(port)) {
    switches_.name = clean_name(port_->name());
    switches_.able = port_->able();
    switches_.on = port_->on();
}

void SwitchDevice::heed() {
    for (std::size_t taken = 0; taken < most_events && !gone_; ++taken) {
        const auto event = port_->next(SwitchPort::Sync::no);
        switch (event.got) {
        case SwitchPort::Got::change: take(event); break;
        case SwitchPort::Got::dropped: catch_up(); break;
        case SwitchPort::Got::gone: gone_ = true; break;
        case SwitchPort::Got::nothing: return;
        }
    }
}

void SwitchDevice::take(const SwitchPort::Event &event) {
    if (event.kind == SwitchPort::Kind::toggle) set(port_->on());
    // A jack's keys are the buttons of what hangs on it: nothing else presses them.
    if (event.kind == SwitchPort::Kind::key && event.value != 0 && switches_.on.any()) switches_.buttons = true;
}

/// The kernel's queue ran over: libevdev compares its picture with the kernel's and gives the differences as events. What happened
/// between is lost, so a plug may have been another's.
void SwitchDevice::catch_up() {
    constexpr std::size_t most = 2048; // more than an input device has switches and keys
    switches_.buttons = false;
    for (std::size_t taken = 0; taken < most; ++taken) {
        const auto event = port_->next(SwitchPort::Sync::yes);
        if (event.got == SwitchPort::Got::gone) gone_ = true;
        if (event.got != SwitchPort::Got::change) break;
        take(event);
    }
    set(port_->on());
}

void SwitchDevice::set(JackBits on) {
    switches_.on = on;
    if (!on.any()) switches_.buttons = false;
}

} // namespace soundwarden::sense
