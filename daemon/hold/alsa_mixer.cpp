// SPDX-License-Identifier: MIT
// A card's controls by alsa-lib.
#include "hold/mixer.hpp"

#include <alsa/asoundlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <new>
#include <sys/stat.h>

namespace soundwarden::hold {
namespace {

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
using Control = Made<snd_ctl_t, snd_ctl_close>;
auto make_id() { return make<snd_ctl_elem_id_t, snd_ctl_elem_id_free>(snd_ctl_elem_id_malloc); }
auto make_info() { return make<snd_ctl_elem_info_t, snd_ctl_elem_info_free>(snd_ctl_elem_info_malloc); }
auto make_value() { return make<snd_ctl_elem_value_t, snd_ctl_elem_value_free>(snd_ctl_elem_value_malloc); }
auto make_event() { return make<snd_ctl_event_t, snd_ctl_event_free>(snd_ctl_event_malloc); }

constexpr std::uint32_t most_channels = 128; // of struct snd_ctl_elem_value; a control that claims more lies
constexpr std::size_t most_scale_words = 1024;
constexpr double per_decibel = 100.0; // alsa-lib counts hundredths of a decibel

class AlsaMixer final : public Mixer {
  public:
    AlsaMixer(Control control, int descriptor) : control_(std::move(control)), descriptor_(descriptor) {}

    int descriptor() const override { return descriptor_; }
    Reply<CardNames> card() override;
    Reply<std::vector<Element>> elements() override;
    Reply<std::vector<std::int64_t>> read(const Element &element) override;
    int write(const Element &element, const std::vector<std::int64_t> &values) override;
    int lock(const Element &element) override;
    int unlock(const Element &element) override;
    std::optional<std::int64_t> at_most(const Element &element, Decibels level) override;
    std::optional<Decibels> level(const Element &element, std::int64_t value) override;
    Reply<MixerEvent> next() override;

  private:
    std::optional<Element> describe(std::uint32_t number);
    /// The element's scale as alsa-lib's functions take it; nullptr: none.
    unsigned *scale(const Element &element);
    /// The kernel finds a control by its number where that is above 0.
    snd_ctl_elem_id_t *id(std::uint32_t number) {
        snd_ctl_elem_id_clear(id_.get());
        snd_ctl_elem_id_set_numid(id_.get(), number);
        return id_.get();
    }

    Control control_;
    int descriptor_;
    Made<snd_ctl_elem_id_t, snd_ctl_elem_id_free> id_ = make_id();
    Made<snd_ctl_elem_info_t, snd_ctl_elem_info_free> info_ = make_info();
    Made<snd_ctl_elem_value_t, snd_ctl_elem_value_free> value_ = make_value();
    Made<snd_ctl_event_t, snd_ctl_event_free> event_ = make_event();
    std::array<unsigned, most_scale_words> words_{};
};

Reply<CardNames> AlsaMixer::card() {
    const auto card = make<snd_ctl_card_info_t, snd_ctl_card_info_free>(snd_ctl_card_info_malloc);
    if (const int error = snd_ctl_card_info(control_.get(), card.get()); error < 0) return Reply<CardNames>::failed(error);
    return reply(CardNames{snd_ctl_card_info_get_id(card.get()), snd_ctl_card_info_get_name(card.get()), snd_ctl_card_info_get_driver(card.get())});
}

std::optional<Element> AlsaMixer::describe(std::uint32_t number) {
    snd_ctl_elem_info_clear(info_.get());
    snd_ctl_elem_info_set_id(info_.get(), id(number));
    if (snd_ctl_elem_info(control_.get(), info_.get()) < 0) return std::nullopt; // it has gone meanwhile
    if (snd_ctl_elem_info_get_type(info_.get()) != SND_CTL_ELEM_TYPE_INTEGER || !snd_ctl_elem_info_is_writable(info_.get())) return std::nullopt;
    return Element{number,
                   snd_ctl_elem_info_get_name(info_.get()),
                   snd_ctl_elem_info_get_index(info_.get()),
                   snd_ctl_elem_info_get_min(info_.get()),
                   snd_ctl_elem_info_get_max(info_.get()),
                   std::min(snd_ctl_elem_info_get_count(info_.get()), most_channels),
                   snd_ctl_elem_info_is_inactive(info_.get()) == 0};
}

Reply<std::vector<Element>> AlsaMixer::elements() {
    constexpr unsigned most = 16384; // the largest mixers have some thousands
    constexpr unsigned spare = 64;   // that may come between the two calls; more come with events of their own
    const auto list = make<snd_ctl_elem_list_t, snd_ctl_elem_list_free>(snd_ctl_elem_list_malloc);
    if (const int error = snd_ctl_elem_list(control_.get(), list.get()); error < 0) return Reply<std::vector<Element>>::failed(error);
    const unsigned space = std::min(most, snd_ctl_elem_list_get_count(list.get()) + spare);
    if (snd_ctl_elem_list_alloc_space(list.get(), space) < 0) return Reply<std::vector<Element>>::failed(ENOMEM);
    const int error = snd_ctl_elem_list(control_.get(), list.get());
    std::vector<Element> found;
    const unsigned used = error < 0 ? 0 : snd_ctl_elem_list_get_used(list.get());
    for (unsigned at = 0; at < used; ++at) {
        if (snd_ctl_elem_list_get_interface(list.get(), at) != SND_CTL_ELEM_IFACE_MIXER) continue;
        if (auto element = describe(snd_ctl_elem_list_get_numid(list.get(), at))) found.push_back(std::move(*element));
    }
    snd_ctl_elem_list_free_space(list.get());
    return error < 0 ? Reply<std::vector<Element>>::failed(error) : reply(std::move(found));
}

Reply<std::vector<std::int64_t>> AlsaMixer::read(const Element &element) {
    snd_ctl_elem_value_clear(value_.get());
    snd_ctl_elem_value_set_id(value_.get(), id(element.number));
    if (const int error = snd_ctl_elem_read(control_.get(), value_.get()); error < 0) return Reply<std::vector<std::int64_t>>::failed(error);
    std::vector<std::int64_t> values(element.channels);
    for (std::uint32_t at = 0; at < element.channels; ++at) values[at] = snd_ctl_elem_value_get_integer(value_.get(), at);
    return reply(std::move(values));
}

int AlsaMixer::write(const Element &element, const std::vector<std::int64_t> &values) {
    snd_ctl_elem_value_clear(value_.get());
    snd_ctl_elem_value_set_id(value_.get(), id(element.number));
    for (std::uint32_t at = 0; at < element.channels && at < values.size(); ++at)
        snd_ctl_elem_value_set_integer(value_.get(), at, static_cast<long>(values[at]));
    return std::max(0, -snd_ctl_elem_write(control_.get(), value_.get()));
}

// The kernel refuses a lock to everybody once there is one, to its own holder too.
int AlsaMixer::lock(const Element &element) {
    const int error = snd_ctl_elem_lock(control_.get(), id(element.number));
    if (error != -EBUSY) return std::max(0, -error);
    snd_ctl_elem_info_clear(info_.get());
    snd_ctl_elem_info_set_id(info_.get(), id(element.number));
    const bool ours = snd_ctl_elem_info(control_.get(), info_.get()) >= 0 && snd_ctl_elem_info_is_owner(info_.get()) != 0;
    return ours ? 0 : EBUSY;
}

int AlsaMixer::unlock(const Element &element) { return std::max(0, -snd_ctl_elem_unlock(control_.get(), id(element.number))); }

unsigned *AlsaMixer::scale(const Element &element) {
    if (snd_ctl_elem_tlv_read(control_.get(), id(element.number), words_.data(), sizeof words_) < 0) return nullptr;
    unsigned *record = nullptr;
    return snd_tlv_parse_dB_info(words_.data(), sizeof words_, &record) < 0 ? nullptr : record;
}

std::optional<Decibels> AlsaMixer::level(const Element &element, std::int64_t value) {
    unsigned *record = scale(element);
    long gain = 0;
    if (record == nullptr || snd_tlv_convert_to_dB(record, static_cast<long>(element.minimum), static_cast<long>(element.maximum), static_cast<long>(value), &gain) < 0)
        return std::nullopt;
    if (gain <= SND_CTL_TLV_DB_GAIN_MUTE) return Decibels{-std::numeric_limits<double>::infinity()};
    return Decibels{static_cast<double>(gain) / per_decibel};
}

// A search by level(), since how alsa-lib rounds differs from one kind of scale to the next.
std::optional<std::int64_t> AlsaMixer::at_most(const Element &element, Decibels wanted) {
    if (!level(element, element.minimum)) return std::nullopt;
    std::int64_t fits = element.minimum;
    std::int64_t above = element.maximum + 1;
    while (above - fits > 1) {
        const std::int64_t middle = fits + (above - fits) / 2;
        const auto got = level(element, middle);
        (got && *got <= wanted ? fits : above) = middle;
    }
    return fits;
}

Reply<MixerEvent> AlsaMixer::next() {
    const int got = snd_ctl_read(control_.get(), event_.get());
    if (got < 0) return Reply<MixerEvent>::failed(got);
    if (got == 0) return Reply<MixerEvent>::failed(EAGAIN);
    MixerEvent event;
    if (snd_ctl_event_get_type(event_.get()) != SND_CTL_EVENT_ELEM) return reply(event);
    event.number = snd_ctl_event_elem_get_numid(event_.get());
    const unsigned mask = snd_ctl_event_elem_get_mask(event_.get());
    event.elements = mask == SND_CTL_EVENT_MASK_REMOVE || (mask & (SND_CTL_EVENT_MASK_ADD | SND_CTL_EVENT_MASK_INFO | SND_CTL_EVENT_MASK_TLV)) != 0;
    event.value = !event.elements && (mask & SND_CTL_EVENT_MASK_VALUE) != 0;
    return reply(event);
}

/// alsa-lib prints to stderr what it also returns.
void say_nothing(const char *, int, const char *, int, const char *, ...) {}

Reply<std::unique_ptr<Mixer>> open_mixer(const std::filesystem::path &node, std::uint32_t card) {
    using Opened = Reply<std::unique_ptr<Mixer>>;
    // alsa-lib would try to have a missing node's module loaded.
    struct stat status {};
    if (stat(node.c_str(), &status) != 0) return Opened::failed(errno);
    if (!S_ISCHR(status.st_mode)) return Opened::failed(ENOTTY);

    snd_lib_error_set_handler(say_nothing);
    const std::string text = "ctl.hold { type hw card " + std::to_string(card) + " }";
    snd_config_t *parsed = nullptr;
    if (const int error = snd_config_load_string(&parsed, text.c_str(), text.size()); error < 0) return Opened::failed(error);
    const Made<snd_config_t, snd_config_delete> config(parsed);
    snd_ctl_t *opened = nullptr;
    if (const int error = snd_ctl_open_lconf(&opened, "hold", SND_CTL_NONBLOCK, config.get()); error < 0) return Opened::failed(error);
    Control control(opened);
    if (const int error = snd_ctl_subscribe_events(control.get(), 1); error < 0) return Opened::failed(error);
    pollfd descriptor{};
    if (snd_ctl_poll_descriptors_count(control.get()) != 1 || snd_ctl_poll_descriptors(control.get(), &descriptor, 1) != 1) return Opened::failed(EPROTO);
    return reply<std::unique_ptr<Mixer>>(std::make_unique<AlsaMixer>(std::move(control), descriptor.fd));
}

} // namespace

OpenMixer alsa_mixers(std::filesystem::path directory) {
    return [directory = std::move(directory)](std::uint32_t card) { return open_mixer(directory / ("controlC" + std::to_string(card)), card); };
}

} // namespace soundwarden::hold
