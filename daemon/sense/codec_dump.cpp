// SPDX-License-Identifier: MIT
#include "codec_dump.hpp"

#include "text.hpp"

#include <algorithm>
#include <optional>

namespace soundwarden::sense {
namespace {

namespace widget {
constexpr std::uint32_t unsolicited = 1U << 7;
}

namespace capability {
constexpr std::uint32_t presence_detect = 1U << 2;
constexpr std::uint32_t headphone_driver = 1U << 3;
constexpr std::uint32_t output = 1U << 4;
constexpr std::uint32_t hdmi = 1U << 7; // on Realtek's codecs: swaps left and right
constexpr std::uint32_t display_port = 1U << 24;
} // namespace capability

constexpr std::uint32_t no_presence = 1U << 8; // of the default configuration
constexpr std::uint32_t realtek = 0x10ec;

enum class Connection : std::uint32_t { socket, none, soldered, both };

/// Where a pin is, of its default configuration: the chassis in the upper two bits, the side in the lower four.
constexpr std::uint32_t location_of(std::uint32_t config) { return config >> 24 & 0x3FU; }
constexpr std::uint32_t location_hdmi = 0x18;
constexpr Connection connection_of(std::uint32_t config) { return static_cast<Connection>(config >> 30); }

struct Pin {
    std::uint32_t node = 0;
    std::uint32_t widget = 0;
    std::optional<std::uint32_t> capabilities{};
    std::optional<std::uint32_t> config{};
};

bool to_display(const Pin &pin, std::uint32_t vendor_id) {
    const bool hdmi = (*pin.capabilities & capability::hdmi) != 0 && vendor_id >> 16 != realtek;
    return hdmi || (*pin.capabilities & capability::display_port) != 0 || location_of(*pin.config) == location_hdmi;
}

JackUse use_of(const Pin &pin, std::uint32_t vendor_id) {
    switch (*pin.config >> 20 & 0xFU) {
    case 0x0: return JackUse::line_out;
    case 0x1: return JackUse::speaker;
    case 0x2: return JackUse::headphones;
    case 0x4: // S/PDIF out
    case 0x5: return to_display(pin, vendor_id) ? JackUse::hdmi : JackUse::spdif;
    case 0x3: // CD
    case 0x8:
    case 0x9: return JackUse::line_in; // auxiliary
    case 0xA: return JackUse::microphone;
    case 0xC:
    case 0xD: return JackUse::spdif;
    default: return JackUse::other;
    }
}

JackPlace place_of(std::uint32_t config) {
    if (connection_of(config) == Connection::none) return JackPlace::unknown;
    if (connection_of(config) == Connection::soldered) return JackPlace::internal;
    switch (location_of(config)) {
    case 0x01:
    case 0x07: return JackPlace::rear; // 0x07: the panel of the rear, as it is called for cards
    case 0x02:
    case 0x08: return JackPlace::front; // 0x08: a drive bay
    default: break;
    }
    const std::uint32_t chassis = location_of(config) & 0x30U;
    return chassis == 0x10 ? JackPlace::internal : chassis == 0x20 ? JackPlace::dock : JackPlace::unknown;
}

HdaPin fact_of(const Pin &pin, const HdaCodec &codec) {
    HdaPin fact;
    fact.codec = codec.address;
    fact.node = pin.node;
    fact.use = use_of(pin, codec.vendor_id);
    // An "internal" place is how the specification files a display's connector at the back of the machine.
    fact.place = fact.use == JackUse::hdmi ? JackPlace::unknown : place_of(*pin.config);
    const Connection connection = connection_of(*pin.config);
    fact.jack = connection == Connection::socket || connection == Connection::both;
    fact.headphone_driver = (*pin.capabilities & capability::headphone_driver) != 0;
    fact.detects = (*pin.capabilities & capability::presence_detect) != 0 && (*pin.config & no_presence) == 0 &&
                   (pin.widget & widget::unsolicited) != 0;
    return fact;
}

/// The number behind a label, up to a blank or colon; nothing where the line does not begin with the label.
std::optional<std::uint32_t> number_after(std::string_view line, std::string_view label, int base) {
    if (!line.starts_with(label)) return std::nullopt;
    line.remove_prefix(label.size());
    return number_in(line.substr(0, std::min(line.find_first_of(" :"), line.size())), base);
}

std::uint32_t widget_of(std::string_view line) {
    constexpr std::string_view label = "wcaps 0x";
    const std::size_t at = line.find(label);
    return at == std::string_view::npos ? 0 : number_after(line.substr(at), label, 16).value_or(0);
}

class DumpReader {
  public:
    void read(std::string_view line) {
        // What lies deeper belongs to the node before it.
        if (!line.starts_with(' ')) {
            finish_pin();
            read_top(line);
            return;
        }
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        if (!pin_) return;
        if (const auto number = number_after(line, "Pincap 0x", 16)) pin_->capabilities = number;
        if (const auto number = number_after(line, "Pin Default 0x", 16)) pin_->config = number;
    }
    HdaCodec take() {
        finish_pin();
        return std::move(codec_);
    }

  private:
    void read_top(std::string_view line) {
        constexpr std::string_view name = "Codec: ";
        if (codec_.name.empty() && line.starts_with(name)) codec_.name = clean_name(line.substr(name.size()));
        if (const auto number = number_after(line, "Address: ", 10)) codec_.address = *number;
        if (const auto number = number_after(line, "Vendor Id: 0x", 16)) codec_.vendor_id = *number;
        const auto node = number_after(line, "Node 0x", 16);
        if (node && line.find("[Pin Complex]") != std::string_view::npos) pin_ = Pin{.node = *node, .widget = widget_of(line)};
    }
    void finish_pin() {
        const bool whole = pin_ && pin_->capabilities && pin_->config;
        if (whole && (*pin_->capabilities & capability::output) != 0 && codec_.pins.size() < most_pins)
            codec_.pins.push_back(fact_of(*pin_, codec_));
        pin_.reset();
    }

    HdaCodec codec_{};
    std::optional<Pin> pin_{};
};

} // namespace

HdaCodec parse_codec_dump(std::string_view text) {
    DumpReader reader;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        reader.read(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return reader.take();
}

} // namespace soundwarden::sense
