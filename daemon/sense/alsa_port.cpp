// SPDX-License-Identifier: MIT
// Controls by alsa-lib.
#include "ports.hpp"

#include <alsa/asoundlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <sys/stat.h>
#include <utility>

namespace soundwarden::sense {
namespace {

struct CloseControl {
    void operator()(snd_ctl_t *control) const noexcept { snd_ctl_close(control); }
};
using Control = std::unique_ptr<snd_ctl_t, CloseControl>;

/// alsa-lib's structures are opaque and made by functions of the same form.
template <auto free> struct Free {
    template <class T> void operator()(T *object) const noexcept { free(object); }
};
template <class T, auto free> using Made = std::unique_ptr<T, Free<free>>;
template <class T, auto free, class Make> Made<T, free> make(Make make_one) {
    T *object = nullptr;
    if (make_one(&object) < 0 || object == nullptr) throw std::bad_alloc();
    return Made<T, free>(object);
}
auto make_id() { return make<snd_ctl_elem_id_t, snd_ctl_elem_id_free>(snd_ctl_elem_id_malloc); }
auto make_info() { return make<snd_ctl_elem_info_t, snd_ctl_elem_info_free>(snd_ctl_elem_info_malloc); }
auto make_value() { return make<snd_ctl_elem_value_t, snd_ctl_elem_value_free>(snd_ctl_elem_value_malloc); }
auto make_event() { return make<snd_ctl_event_t, snd_ctl_event_free>(snd_ctl_event_malloc); }
auto make_card() { return make<snd_ctl_card_info_t, snd_ctl_card_info_free>(snd_ctl_card_info_malloc); }

ControlInterface interface_of(snd_ctl_elem_iface_t interface) {
    switch (interface) {
    case SND_CTL_ELEM_IFACE_CARD: return ControlInterface::card;
    case SND_CTL_ELEM_IFACE_MIXER: return ControlInterface::mixer;
    case SND_CTL_ELEM_IFACE_PCM: return ControlInterface::pcm;
    default: return ControlInterface::other;
    }
}

ControlType type_of(snd_ctl_elem_type_t type) {
    switch (type) {
    case SND_CTL_ELEM_TYPE_BOOLEAN: return ControlType::boolean;
    case SND_CTL_ELEM_TYPE_INTEGER: return ControlType::integer;
    case SND_CTL_ELEM_TYPE_ENUMERATED: return ControlType::enumerated;
    case SND_CTL_ELEM_TYPE_BYTES: return ControlType::bytes;
    default: return ControlType::other;
    }
}

// What one value of the kernel's interface holds (struct snd_ctl_elem_value); a control that claims more lies.
constexpr std::uint32_t most_integers = 128;
constexpr std::uint32_t most_bytes = 512;

class AlsaControls final : public ControlPort {
  public:
    AlsaControls(Control control, int descriptor) : control_(std::move(control)), descriptor_(descriptor) {}

    int descriptor() const override { return descriptor_; }
    Reply<ControlCard> card() override;
    Reply<std::vector<ControlId>> list() override;
    Reply<ControlInfo> info(const ControlId &control) override;
    Reply<std::vector<std::int64_t>> integers(const ControlId &control, const ControlInfo &info) override;
    Reply<std::string> item(const ControlId &control) override;
    Reply<std::vector<std::uint8_t>> bytes(const ControlId &control, const ControlInfo &info) override;
    Reply<ControlEvent> next() override;

  private:
    /// The kernel finds a control by its number where that is above 0.
    void name_it(const ControlId &control) { snd_ctl_elem_id_set_numid(id_.get(), control.number); }
    int read(const ControlId &control) {
        name_it(control);
        snd_ctl_elem_value_clear(value_.get());
        snd_ctl_elem_value_set_id(value_.get(), id_.get());
        return snd_ctl_elem_read(control_.get(), value_.get());
    }

    Control control_;
    int descriptor_;
    Made<snd_ctl_elem_id_t, snd_ctl_elem_id_free> id_ = make_id();
    Made<snd_ctl_elem_info_t, snd_ctl_elem_info_free> info_ = make_info();
    Made<snd_ctl_elem_value_t, snd_ctl_elem_value_free> value_ = make_value();
    Made<snd_ctl_event_t, snd_ctl_event_free> event_ = make_event();
};

Reply<ControlCard> AlsaControls::card() {
    const auto card = make_card();
    if (const int error = snd_ctl_card_info(control_.get(), card.get()); error < 0) return Reply<ControlCard>::failed(error);
    return reply(ControlCard{snd_ctl_card_info_get_id(card.get()), snd_ctl_card_info_get_name(card.get()),
                              snd_ctl_card_info_get_driver(card.get()), snd_ctl_card_info_get_components(card.get())});
}

Reply<std::vector<ControlId>> AlsaControls::list() {
    constexpr unsigned most = 16384; // the largest mixers have some thousands
    constexpr unsigned spare = 64;   // that may come between the two calls; more come with events of their own
    const auto list = make<snd_ctl_elem_list_t, snd_ctl_elem_list_free>(snd_ctl_elem_list_malloc);
    if (const int error = snd_ctl_elem_list(control_.get(), list.get()); error < 0) return Reply<std::vector<ControlId>>::failed(error);
    const unsigned space = std::min(most, snd_ctl_elem_list_get_count(list.get()) + spare);
    if (snd_ctl_elem_list_alloc_space(list.get(), space) < 0) return Reply<std::vector<ControlId>>::failed(ENOMEM);
    std::vector<ControlId> controls;
    const int error = snd_ctl_elem_list(control_.get(), list.get());
    const unsigned used = error < 0 ? 0 : snd_ctl_elem_list_get_used(list.get());
    for (unsigned at = 0; at < used; ++at)
        controls.push_back({snd_ctl_elem_list_get_numid(list.get(), at), interface_of(snd_ctl_elem_list_get_interface(list.get(), at)),
                            snd_ctl_elem_list_get_name(list.get(), at), snd_ctl_elem_list_get_index(list.get(), at),
                            snd_ctl_elem_list_get_device(list.get(), at)});
    snd_ctl_elem_list_free_space(list.get());
    return error < 0 ? Reply<std::vector<ControlId>>::failed(error) : reply(std::move(controls));
}

Reply<ControlInfo> AlsaControls::info(const ControlId &control) {
    name_it(control);
    snd_ctl_elem_info_clear(info_.get());
    snd_ctl_elem_info_set_id(info_.get(), id_.get());
    if (const int error = snd_ctl_elem_info(control_.get(), info_.get()); error < 0) return Reply<ControlInfo>::failed(error);
    ControlInfo info{type_of(snd_ctl_elem_info_get_type(info_.get())), snd_ctl_elem_info_get_count(info_.get()),
                     snd_ctl_elem_info_is_readable(info_.get()) != 0};
    if (info.type == ControlType::integer) info.minimum = snd_ctl_elem_info_get_min(info_.get());
    return reply(info);
}

Reply<std::vector<std::int64_t>> AlsaControls::integers(const ControlId &control, const ControlInfo &info) {
    using Values = Reply<std::vector<std::int64_t>>;
    if (info.count == 0 || info.count > most_integers) return Values::failed(EPROTO);
    if (const int error = read(control); error < 0) return Values::failed(error);
    std::vector<std::int64_t> values(info.count);
    for (std::uint32_t at = 0; at < info.count; ++at)
        values[at] = info.type == ControlType::boolean ? snd_ctl_elem_value_get_boolean(value_.get(), at)
                                                       : snd_ctl_elem_value_get_integer(value_.get(), at);
    return reply(std::move(values));
}

Reply<std::string> AlsaControls::item(const ControlId &control) {
    if (const int error = read(control); error < 0) return Reply<std::string>::failed(error);
    const unsigned item = snd_ctl_elem_value_get_enumerated(value_.get(), 0);
    name_it(control);
    snd_ctl_elem_info_clear(info_.get());
    snd_ctl_elem_info_set_id(info_.get(), id_.get());
    snd_ctl_elem_info_set_item(info_.get(), item);
    if (const int error = snd_ctl_elem_info(control_.get(), info_.get()); error < 0) return Reply<std::string>::failed(error);
    // It may have become another type of control since it was asked for; and the kernel gives the last item for one beyond it.
    if (snd_ctl_elem_info_get_type(info_.get()) != SND_CTL_ELEM_TYPE_ENUMERATED || item >= snd_ctl_elem_info_get_items(info_.get()))
        return Reply<std::string>::failed(EPROTO);
    return reply(std::string(snd_ctl_elem_info_get_item_name(info_.get())));
}

Reply<std::vector<std::uint8_t>> AlsaControls::bytes(const ControlId &control, const ControlInfo &info) {
    using Bytes = Reply<std::vector<std::uint8_t>>;
    if (info.count == 0 || info.count > most_bytes) return Bytes::failed(EPROTO);
    if (const int error = read(control); error < 0) return Bytes::failed(error);
    const auto *first = static_cast<const std::uint8_t *>(snd_ctl_elem_value_get_bytes(value_.get()));
    return reply(std::vector<std::uint8_t>(first, first + info.count));
}

Reply<ControlEvent> AlsaControls::next() {
    using Event = Reply<ControlEvent>;
    const int got = snd_ctl_read(control_.get(), event_.get());
    if (got < 0) return Event::failed(got);
    if (got == 0) return Event::failed(EAGAIN);
    ControlEvent event;
    if (snd_ctl_event_get_type(event_.get()) != SND_CTL_EVENT_ELEM) return reply(std::move(event)); // about nothing that is known
    event.id = {snd_ctl_event_elem_get_numid(event_.get()), interface_of(snd_ctl_event_elem_get_interface(event_.get())),
                snd_ctl_event_elem_get_name(event_.get()), snd_ctl_event_elem_get_index(event_.get()),
                snd_ctl_event_elem_get_device(event_.get())};
    const unsigned mask = snd_ctl_event_elem_get_mask(event_.get());
    event.removed = mask == SND_CTL_EVENT_MASK_REMOVE;
    if (event.removed) return reply(std::move(event));
    event.value = (mask & SND_CTL_EVENT_MASK_VALUE) != 0;
    event.info = (mask & SND_CTL_EVENT_MASK_INFO) != 0;
    event.added = (mask & SND_CTL_EVENT_MASK_ADD) != 0;
    return reply(std::move(event));
}

/// alsa-lib prints to stderr what it also returns.
void say_nothing(const char *, int, const char *, int, const char *, ...) {}

struct FreeConfig {
    void operator()(snd_config_t *config) const noexcept { snd_config_delete(config); }
};

} // namespace

Reply<std::unique_ptr<ControlPort>> open_controls(const std::filesystem::path &node, std::uint32_t card) {
    using Port = Reply<std::unique_ptr<ControlPort>>;
    // alsa-lib would try to have a missing node's module loaded.
    struct stat status {};
    if (stat(node.c_str(), &status) != 0) return Port::failed(errno);
    if (!S_ISCHR(status.st_mode)) return Port::failed(ENOTTY);

    snd_lib_error_set_handler(say_nothing);
    const std::string text = "ctl.soundwarden { type hw card " + std::to_string(card) + " }";
    snd_config_t *parsed = nullptr;
    if (const int error = snd_config_load_string(&parsed, text.c_str(), text.size()); error < 0) return Port::failed(error);
    const std::unique_ptr<snd_config_t, FreeConfig> config(parsed);
    snd_ctl_t *opened = nullptr;
    if (const int error = snd_ctl_open_lconf(&opened, "soundwarden", SND_CTL_READONLY | SND_CTL_NONBLOCK, config.get()); error < 0)
        return Port::failed(error);
    Control control(opened);
    if (const int error = snd_ctl_subscribe_events(control.get(), 1); error < 0) return Port::failed(error);
    std::array<pollfd, 1> descriptors{};
    if (snd_ctl_poll_descriptors_count(control.get()) != 1 || snd_ctl_poll_descriptors(control.get(), descriptors.data(), 1) != 1)
        return Port::failed(EPROTO);
    return reply<std::unique_ptr<ControlPort>>(std::make_unique<AlsaControls>(std::move(control), descriptors[0].fd));
}

} // namespace soundwarden::sense
