// SPDX-License-Identifier: MIT
// Arrivals and properties by libudev.
#include "ports.hpp"

#include <libudev.h>

#include <cerrno>
#include <sys/stat.h>
#include <utility>

namespace soundwarden::sense {
namespace {

template <auto unref> struct Unref {
    template <class T> void operator()(T *object) const noexcept { unref(object); }
};
using Context = std::unique_ptr<udev, Unref<udev_unref>>;
using Monitor = std::unique_ptr<udev_monitor, Unref<udev_monitor_unref>>;
using UdevDevice = std::unique_ptr<udev_device, Unref<udev_device_unref>>;

std::string text_or_none(const char *text) { return text == nullptr ? "" : text; }

class UdevMonitor final : public DeviceMonitor {
  public:
    UdevMonitor(Context context, Monitor monitor) : context_(std::move(context)), monitor_(std::move(monitor)) {}

    int descriptor() const override { return udev_monitor_get_fd(monitor_.get()); }

    Reply<DeviceEvent> next() override {
        errno = 0;
        const UdevDevice device(udev_monitor_receive_device(monitor_.get()));
        // It also returns nothing for a message of another subsystem than asked for; the next wake-up brings what is behind it.
        if (!device) return Reply<DeviceEvent>::failed(errno == ENOBUFS ? ENOBUFS : EAGAIN);
        return reply(DeviceEvent{text_or_none(udev_device_get_action(device.get())), text_or_none(udev_device_get_subsystem(device.get())),
                                  text_or_none(udev_device_get_sysname(device.get()))});
    }

    std::string property(const std::filesystem::path &place, std::string_view key) const override {
        const UdevDevice device(udev_device_new_from_syspath(context_.get(), place.c_str()));
        return device ? text_or_none(udev_device_get_property_value(device.get(), std::string(key).c_str())) : "";
    }

  private:
    Context context_;
    Monitor monitor_;
};

} // namespace

std::unique_ptr<DeviceMonitor> open_monitor() {
    struct stat status {};
    if (stat("/run/udev/control", &status) != 0) return nullptr;
    Context context(udev_new());
    if (!context) return nullptr;
    Monitor monitor(udev_monitor_new_from_netlink(context.get(), "udev"));
    if (!monitor) return nullptr;
    for (const char *subsystem : {"sound", "input", "typec"})
        if (udev_monitor_filter_add_match_subsystem_devtype(monitor.get(), subsystem, nullptr) < 0) return nullptr;
    // A dock brings some hundred messages at once. Not allowed above the system's own limit, which then has to do.
    constexpr int buffer_bytes = 1 << 20;
    udev_monitor_set_receive_buffer_size(monitor.get(), buffer_bytes);
    if (udev_monitor_enable_receiving(monitor.get()) < 0) return nullptr;
    return std::make_unique<UdevMonitor>(std::move(context), std::move(monitor));
}

} // namespace soundwarden::sense
