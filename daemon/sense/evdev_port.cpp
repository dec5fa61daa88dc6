// SPDX-License-Identifier: MIT
// Switches by libevdev.
#include "ports.hpp"
#include "switches.hpp"

#include <libevdev/libevdev.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace soundwarden::sense {
namespace {

struct FreeDevice {
    void operator()(libevdev *device) const noexcept { libevdev_free(device); }
};

/// A descriptor of an input device and libevdev's picture of it, which does not own it.
class Device {
  public:
    explicit Device(int descriptor) : descriptor_(descriptor) {}
    ~Device() {
        device_.reset();
        close(descriptor_);
    }
    Device(const Device &) = delete;
    Device &operator=(const Device &) = delete;

    /// Reads the device's names, abilities and state. Returns an errno, or 0.
    int load() {
        libevdev *made = nullptr;
        const int error = libevdev_new_from_fd(descriptor_, &made);
        device_.reset(made);
        return -error;
    }
    libevdev *get() const { return device_.get(); }
    int descriptor() const { return descriptor_; }

  private:
    int descriptor_;
    std::unique_ptr<libevdev, FreeDevice> device_;
};

const char *or_empty(const char *text) { return text == nullptr ? "" : text; }

/// Of the switches, those of a jack of which `is` is true.
template <class Is> JackBits bits_of(Is is) {
    std::uint64_t switches = 0;
    for (unsigned code = 0; code < SW_CNT; ++code)
        if (is(code)) switches |= std::uint64_t{1} << code;
    return jack_bits(switches);
}

class EvdevSwitches final : public SwitchPort {
  public:
    explicit EvdevSwitches(std::unique_ptr<Device> device) : device_(std::move(device)) {}

    int descriptor() const override { return device_->descriptor(); }
    std::string physical_path() const override { return or_empty(libevdev_get_phys(device_->get())); }
    std::string name() const override { return or_empty(libevdev_get_name(device_->get())); }
    bool types() const override {
        static constexpr std::array<unsigned, 4> letters{KEY_A, KEY_E, KEY_SPACE, KEY_ENTER};
        for (const unsigned key : letters)
            if (libevdev_has_event_code(device_->get(), EV_KEY, key) != 0) return true;
        return false;
    }
    JackBits able() const override {
        return bits_of([&](unsigned code) { return libevdev_has_event_code(device_->get(), EV_SW, code) != 0; });
    }
    JackBits on() const override {
        return bits_of([&](unsigned code) { return libevdev_get_event_value(device_->get(), EV_SW, code) != 0; });
    }
    Event next(Sync sync) override;

  private:
    std::unique_ptr<Device> device_;
};

SwitchPort::Event EvdevSwitches::next(Sync sync) {
    input_event event{};
    const int status = libevdev_next_event(device_->get(), sync == Sync::yes ? LIBEVDEV_READ_FLAG_SYNC : LIBEVDEV_READ_FLAG_NORMAL, &event);
    if (status == -EAGAIN || status == -EINTR) return {Got::nothing};
    if (status < 0) return {Got::gone};
    if (status == LIBEVDEV_READ_STATUS_SYNC && sync == Sync::no) return {Got::dropped};
    const Kind kind = event.type == EV_SW ? Kind::toggle : event.type == EV_KEY ? Kind::key : Kind::other;
    return {Got::change, kind, event.code, event.value};
}

} // namespace

Reply<std::unique_ptr<SwitchPort>> open_switches(const std::filesystem::path &node) {
    using Port = Reply<std::unique_ptr<SwitchPort>>;
    struct stat status {};
    if (stat(node.c_str(), &status) != 0) return Port::failed(errno);
    if (!S_ISCHR(status.st_mode)) return Port::failed(ENOTTY);
    const int descriptor = open(node.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0) return Port::failed(errno);
    auto device = std::make_unique<Device>(descriptor);
    if (const int error = device->load(); error != 0) return Port::failed(error);
    return reply<std::unique_ptr<SwitchPort>>(std::make_unique<EvdevSwitches>(std::move(device)));
}

} // namespace soundwarden::sense
