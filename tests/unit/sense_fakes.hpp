// SPDX-License-Identifier: MIT
// Controls, switches and udev without a kernel that has any: behind the seams of sense/, with real descriptors, so that a real loop
// wakes for them. Also used by the benchmark.
#pragma once

#include "ports.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace soundwarden::test {

using namespace sense;

/// Readable while raised.
class Flag {
  public:
    Flag() : descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
    ~Flag() { close(descriptor_); }
    Flag(const Flag &) = delete;
    Flag &operator=(const Flag &) = delete;
    int descriptor() const { return descriptor_; }
    void raise() const { eventfd_write(descriptor_, 1); }
    void lower() const {
        eventfd_t count = 0;
        eventfd_read(descriptor_, &count);
    }

  private:
    int descriptor_;
};

/// One card's controls as the kernel keeps them. Like the kernel's, the queue of events holds each control once, with all that happened
/// to it (sound/core/control.c, snd_ctl_notify); `merges` off: each event stays by itself.
struct FakeCard {
    struct Control {
        ControlId id;
        ControlInfo info;
        std::vector<std::int64_t> values{};
        std::vector<std::uint8_t> bytes{};
        std::string item{};
        int info_error = 0;
        int read_error = 0;
        int reads = 0;
    };
    ControlCard card{"PCH", "HDA Intel PCH", "HDA-Intel", "HDA:10ec0295,10280924,00100002"};
    std::map<std::uint32_t, Control> controls{};
    std::deque<ControlEvent> events{};
    Flag waiting{};
    bool merges = true;
    int open_error = 0;
    int list_error = 0;
    int next_error = 0;
    bool gone = false;
    int opened = 0;
    int open_now = 0;
    std::uint64_t taken = 0; ///< events

    std::uint32_t add(ControlId id, ControlInfo info) {
        const std::uint32_t number = controls.empty() ? 1 : controls.rbegin()->first + 1;
        id.number = number;
        controls[number] = {std::move(id), info};
        if (opened > 0) {
            ControlEvent event{controls[number].id};
            event.added = true;
            tell(event);
        }
        return number;
    }
    std::uint32_t add_jack(const std::string &name, bool plugged, std::uint32_t index = 0) {
        const auto number = add({0, ControlInterface::card, name, index, 0}, {ControlType::boolean, 1, true});
        controls[number].values = {plugged ? 1 : 0};
        return number;
    }
    std::uint32_t add_number(const std::string &name, std::int64_t value, ControlType type = ControlType::integer) {
        const auto number = add({0, ControlInterface::mixer, name, 0, 0}, {type, 1, true});
        controls[number].values = {value};
        return number;
    }
    std::uint32_t add_choice(const std::string &name, const std::string &item) {
        const auto number = add({0, ControlInterface::mixer, name, 0, 0}, {ControlType::enumerated, 1, true});
        controls[number].item = item;
        return number;
    }
    void set(std::uint32_t number, std::int64_t value) {
        controls.at(number).values = {value};
        ControlEvent event{controls.at(number).id};
        event.value = true;
        tell(event);
    }
    void remove(std::uint32_t number, bool silently = false) {
        ControlEvent event{controls.at(number).id};
        event.removed = true;
        controls.erase(number);
        if (!silently) tell(event);
    }
    void tell(const ControlEvent &event) {
        waiting.raise();
        for (ControlEvent &known : events) {
            if (!merges) break;
            if (known.removed || event.removed || known.id.number != event.id.number) continue;
            known.value = known.value || event.value;
            known.info = known.info || event.info;
            known.added = known.added || event.added;
            return;
        }
        events.push_back(event);
    }
    /// Pulled out: what is open gives ENODEV.
    void pull_out() {
        gone = true;
        waiting.raise();
    }
};

class FakeControls final : public ControlPort {
  public:
    explicit FakeControls(std::shared_ptr<FakeCard> card) : card_(std::move(card)) {
        ++card_->opened;
        ++card_->open_now;
    }
    ~FakeControls() override { --card_->open_now; }
    int descriptor() const override { return card_->waiting.descriptor(); }
    Reply<ControlCard> card() override { return reply(card_->card); }
    Reply<std::vector<ControlId>> list() override {
        if (card_->list_error != 0) return Reply<std::vector<ControlId>>::failed(card_->list_error);
        std::vector<ControlId> ids;
        for (const auto &[number, control] : card_->controls) ids.push_back(control.id);
        return reply(std::move(ids));
    }
    Reply<ControlInfo> info(const ControlId &id) override {
        const auto *control = find(id);
        if (control == nullptr) return Reply<ControlInfo>::failed(missing());
        return control->info_error != 0 ? Reply<ControlInfo>::failed(control->info_error) : reply(control->info);
    }
    Reply<std::vector<std::int64_t>> integers(const ControlId &id, const ControlInfo &) override {
        return read<std::vector<std::int64_t>>(id, [](const auto &control) { return control.values; });
    }
    Reply<std::string> item(const ControlId &id) override {
        return read<std::string>(id, [](const auto &control) { return control.item; });
    }
    Reply<std::vector<std::uint8_t>> bytes(const ControlId &id, const ControlInfo &) override {
        return read<std::vector<std::uint8_t>>(id, [](const auto &control) { return control.bytes; });
    }
    Reply<ControlEvent> next() override {
        if (card_->gone) return Reply<ControlEvent>::failed(ENODEV);
        if (card_->next_error != 0) return Reply<ControlEvent>::failed(card_->next_error);
        if (card_->events.empty()) {
            card_->waiting.lower();
            return Reply<ControlEvent>::failed(EAGAIN);
        }
        ControlEvent event = card_->events.front();
        card_->events.pop_front();
        ++card_->taken;
        return reply(std::move(event));
    }

  private:
    int missing() const { return card_->gone ? ENODEV : ENOENT; }
    FakeCard::Control *find(const ControlId &id) {
        const auto control = card_->controls.find(id.number);
        return card_->gone || control == card_->controls.end() ? nullptr : &control->second;
    }
    template <class T, class Take> Reply<T> read(const ControlId &id, Take take) {
        auto *control = find(id);
        if (control == nullptr) return Reply<T>::failed(missing());
        ++control->reads;
        return control->read_error != 0 ? Reply<T>::failed(control->read_error) : reply<T>(take(*control));
    }

    std::shared_ptr<FakeCard> card_;
};

/// An input device. `dropped`: the kernel's queue ran over; what stands in `missed` is given while catching up.
struct FakeInput {
    std::string phys = "ALSA";
    std::string name = "HDA Intel PCH Headphone";
    bool letters = false;
    JackBits able{.headphone = true};
    JackBits on{};
    struct Step {
        SwitchPort::Event event;
        JackBits on; ///< after it
    };
    std::deque<Step> steps{};
    std::deque<Step> missed{};
    Flag waiting{};
    int open_error = 0;
    int opened = 0;

    void push(SwitchPort::Event event, JackBits after) {
        steps.push_back({event, after});
        waiting.raise();
    }
    void toggle(JackBits after) { push({SwitchPort::Got::change, SwitchPort::Kind::toggle, 2, 1}, after); }
    void press(JackBits state, std::int32_t value = 1) { push({SwitchPort::Got::change, SwitchPort::Kind::key, 164, value}, state); }
    void drop(JackBits state) { push({SwitchPort::Got::dropped}, state); }
    void pull_out() { push({SwitchPort::Got::gone}, {}); }
};

class FakeSwitches final : public SwitchPort {
  public:
    explicit FakeSwitches(std::shared_ptr<FakeInput> input) : input_(std::move(input)), on_(input_->on) {}
    int descriptor() const override { return input_->waiting.descriptor(); }
    std::string physical_path() const override { return input_->phys; }
    std::string name() const override { return input_->name; }
    bool types() const override { return input_->letters; }
    JackBits able() const override { return input_->able; }
    JackBits on() const override { return on_; }
    Event next(Sync sync) override {
        auto &queue = sync == Sync::yes ? input_->missed : input_->steps;
        if (queue.empty()) {
            if (sync == Sync::no) input_->waiting.lower();
            return {};
        }
        const auto step = queue.front();
        queue.pop_front();
        // libevdev's picture stays behind until it has caught up.
        if (step.event.got == Got::change) on_ = step.on;
        return step.event;
    }

  private:
    std::shared_ptr<FakeInput> input_;
    JackBits on_;
};

struct FakeUdev {
    std::deque<Reply<DeviceEvent>> events{};
    std::map<std::string, std::string> id_paths{}; ///< by the device's last name
    Flag waiting{};

    void tell(const std::string &action, const std::string &subsystem, const std::string &name) {
        events.push_back(reply(DeviceEvent{action, subsystem, name}));
        waiting.raise();
    }
    void lose() {
        events.push_back(Reply<DeviceEvent>::failed(ENOBUFS));
        waiting.raise();
    }
};

class FakeMonitor final : public DeviceMonitor {
  public:
    explicit FakeMonitor(std::shared_ptr<FakeUdev> udev) : udev_(std::move(udev)) {}
    int descriptor() const override { return udev_->waiting.descriptor(); }
    Reply<DeviceEvent> next() override {
        if (udev_->events.empty()) {
            udev_->waiting.lower();
            return Reply<DeviceEvent>::failed(EAGAIN);
        }
        auto event = udev_->events.front();
        udev_->events.pop_front();
        return event;
    }
    std::string property(const std::filesystem::path &device, std::string_view key) const override {
        const auto found = udev_->id_paths.find(device.filename().string());
        return key == "ID_PATH" && found != udev_->id_paths.end() ? found->second : "";
    }

  private:
    std::shared_ptr<FakeUdev> udev_;
};

} // namespace soundwarden::test
