// SPDX-License-Identifier: MIT
// The seams between what the kernel offers (controls, switches, udev) and what is made of it. Behind them are alsa-lib, libevdev and
// libudev; tests have others. Everything here: main thread only, nothing blocks, nothing throws but std::bad_alloc.
#pragma once

#include "model/card.hpp"
#include "sense/sense.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace soundwarden::sense {

/// A value, or the errno that stands in its place.
template <class T> struct Reply {
    std::optional<T> value{};
    int error = 0; ///< of errno.h, above 0 where there is no value

    static Reply failed(int code) { return {std::nullopt, code > 0 ? code : -code}; }
    explicit operator bool() const { return value.has_value(); }
};
template <class T> Reply<T> reply(T value) { return {std::move(value), 0}; }

enum class ControlInterface : std::uint8_t { card, mixer, pcm, other };

/// What a control is called. Names are what a driver or a program gave it: any bytes.
struct ControlId {
    std::uint32_t number = 0; ///< ALSA's numid: of this control while it exists
    ControlInterface interface = ControlInterface::other;
    std::string name{};
    std::uint32_t index = 0;
    std::uint32_t device = 0; ///< PCM device, where the interface is pcm
};

enum class ControlType : std::uint8_t { boolean, integer, enumerated, bytes, other };
struct ControlInfo {
    ControlType type = ControlType::other;
    std::uint32_t count = 0; ///< values
    bool readable = false;
    std::int64_t minimum = 0; ///< of integers
};

/// What has happened to a control.
struct ControlEvent {
    ControlId id;
    bool value = false;
    bool info = false; ///< its type or count
    bool added = false;
    bool removed = false; ///< alone
};

/// What a card's control interface says of the card.
struct ControlCard {
    std::string id{};
    std::string name{};
    std::string driver{};
    std::string components{};
};

/// One card's control interface, open for reading, its events subscribed.
class ControlPort {
  public:
    virtual ~ControlPort() = default;
    /// Readable while events wait.
    virtual int descriptor() const = 0;
    virtual Reply<ControlCard> card() = 0;
    virtual Reply<std::vector<ControlId>> list() = 0;
    virtual Reply<ControlInfo> info(const ControlId &control) = 0;
    /// The values of a boolean or integer control. A value that is not there reads as an error.
    virtual Reply<std::vector<std::int64_t>> integers(const ControlId &control, const ControlInfo &info) = 0;
    /// The name of the item that an enumerated control's first value stands at.
    virtual Reply<std::string> item(const ControlId &control) = 0;
    virtual Reply<std::vector<std::uint8_t>> bytes(const ControlId &control, const ControlInfo &info) = 0;
    /// The next event that waits. EAGAIN: none; ENODEV: the card has gone; anything else: there will be no more.
    virtual Reply<ControlEvent> next() = 0;
};

/// One input device of a jack, open for reading.
class SwitchPort {
  public:
    enum class Got : std::uint8_t {
        change,  ///< one event
        dropped, ///< the kernel's queue ran over: next(Sync::yes) until `nothing` tells what was missed
        nothing, ///< no event waits
        gone,    ///< the device has gone
    };
    enum class Kind : std::uint8_t { toggle, key, other };
    struct Event {
        Got got = Got::nothing;
        Kind kind = Kind::other;
        std::uint32_t code = 0;
        std::int32_t value = 0;
    };
    enum class Sync : bool { no, yes };

    virtual ~SwitchPort() = default;
    virtual int descriptor() const = 0;
    virtual std::string physical_path() const = 0; ///< "ALSA" for what the jack layer made
    virtual std::string name() const = 0;
    virtual bool types() const = 0; ///< it has letters: a keyboard, whatever it calls itself
    virtual JackBits able() const = 0;
    /// As of the last event that next() gave (at first: as the kernel has them).
    virtual JackBits on() const = 0;
    virtual Event next(Sync sync) = 0;
};

/// One message of udev, sent when it has done its part: the node is there, with its permissions.
struct DeviceEvent {
    std::string action;    ///< "add", "change", "remove", …
    std::string subsystem; ///< "sound", "input", "typec"
    std::string name;      ///< of the device: "card0", "event7"
};

class DeviceMonitor {
  public:
    virtual ~DeviceMonitor() = default;
    virtual int descriptor() const = 0;
    /// The next message. EAGAIN: none waits; ENOBUFS: some were lost.
    virtual Reply<DeviceEvent> next() = 0;
    /// What udev knows of a device of /sys ("ID_PATH" of a card); empty: nothing.
    virtual std::string property(const std::filesystem::path &device, std::string_view key) const = 0;
};

/// How to get at them.
struct Ports {
    /// Opens a card's control interface. EACCES, ENOENT, ENODEV as open(2).
    std::function<Reply<std::unique_ptr<ControlPort>>(const std::filesystem::path &node, std::uint32_t card)> controls;
    /// Opens an input device; ENOTTY where the node is none.
    std::function<Reply<std::unique_ptr<SwitchPort>>(const std::filesystem::path &node)> switches;
    /// Nothing where no udev runs (a container): nodes are watched instead.
    std::function<std::unique_ptr<DeviceMonitor>()> monitor;
};

/// alsa-lib's. No configuration file is read: a user's .asoundrc cannot make "card 0" something else.
Reply<std::unique_ptr<ControlPort>> open_controls(const std::filesystem::path &node, std::uint32_t card);
/// libevdev's.
Reply<std::unique_ptr<SwitchPort>> open_switches(const std::filesystem::path &node);
/// libudev's.
std::unique_ptr<DeviceMonitor> open_monitor();

inline Ports kernel_ports() { return {open_controls, open_switches, open_monitor}; }

} // namespace soundwarden::sense
