// SPDX-License-Identifier: MIT
#include "usb_descriptors.hpp"

#include <algorithm>

namespace soundwarden::sense {
namespace {

using Bytes = std::span<const std::uint8_t>;

namespace descriptor {
constexpr std::uint8_t configuration = 0x02;
constexpr std::uint8_t interface = 0x04;
constexpr std::uint8_t association = 0x0B;
constexpr std::uint8_t class_interface = 0x24;
constexpr std::uint8_t input_terminal = 0x02; // subtypes of class_interface
constexpr std::uint8_t output_terminal = 0x03;
} // namespace descriptor

constexpr std::uint8_t audio_class = 1;
constexpr std::uint8_t audio_control = 1; // subclass of an interface
constexpr std::uint8_t version_2 = 0x20;  // protocols of an interface
constexpr std::uint8_t version_3 = 0x30;

/// Lengths of terminals (the kernel's linux/usb/audio.h, audio-v2.h, audio-v3.h); all have their number in byte 3, their type in 4 and 5.
std::size_t terminal_length(std::uint8_t protocol, bool output) {
    switch (protocol) {
    case version_2: return output ? 12 : 17;
    case version_3: return output ? 19 : 20;
    default: return output ? 9 : 12; // the kernel takes protocols that it does not know for version 1
    }
}

bool is_usb_stream(std::uint32_t type) { return type >> 8 == 0x01; }

/// A function of USB Audio 3 whose profile stands for its descriptors: what its output terminal (number 3) and input terminal (number 4)
/// are; 0: it has none.
struct BasicProfile {
    std::uint8_t subclass;
    std::uint32_t output;
    std::uint32_t input;
};
constexpr BasicProfile basic_profiles[] = {
    {0x20, 0x0300, 0x0200}, // generic input and output
    {0x21, 0x0302, 0},      // headphones
    {0x22, 0x0301, 0},      // speaker
    {0x23, 0, 0x0201},      // microphone
    {0x24, 0x0402, 0x0402}, // headset
    {0x25, 0x0402, 0x0402}, // headset adapter
    {0x26, 0x0403, 0x0403}, // speakerphone
};

class DescriptorReader {
  public:
    explicit DescriptorReader(std::optional<std::uint8_t> configuration) : wanted_(configuration) {}

    void read(Bytes one) {
        switch (one[1]) {
        case descriptor::configuration: enter_configuration(one); break;
        case descriptor::association: add_basic_profile(one); break;
        case descriptor::interface: enter_interface(one); break;
        case descriptor::class_interface: add_terminal(one); break;
        default: break;
        }
    }
    std::vector<UsbTerminal> take() { return std::move(terminals_); }

  private:
    void enter_configuration(Bytes one) {
        counts_ = !wanted_ || (one.size() >= 6 && one[5] == *wanted_);
        in_control_ = false;
    }
    void enter_interface(Bytes one) {
        in_control_ = one.size() >= 9 && one[5] == audio_class && one[6] == audio_control;
        if (in_control_) protocol_ = one[7];
    }
    void add_basic_profile(Bytes one) {
        if (one.size() < 8 || one[4] != audio_class || one[6] != version_3) return;
        const auto profile = std::find_if(std::begin(basic_profiles), std::end(basic_profiles),
                                          [&](const BasicProfile &each) { return each.subclass == one[5]; });
        if (profile == std::end(basic_profiles)) return;
        if (profile->output != 0) add({.type = profile->output, .id = 3, .output = true});
        if (profile->input != 0) add({.type = profile->input, .id = 4, .output = false});
    }
    void add_terminal(Bytes one) {
        if (!in_control_ || one.size() < 6) return;
        const bool output = one[2] == descriptor::output_terminal;
        if (!output && one[2] != descriptor::input_terminal) return;
        if (one.size() < terminal_length(protocol_, output)) return;
        const std::uint32_t type = one[4] | static_cast<std::uint32_t>(one[5]) << 8;
        add({.type = type, .id = one[3], .output = output && !is_usb_stream(type)});
    }
    void add(const UsbTerminal &terminal) {
        const bool known = std::find(terminals_.begin(), terminals_.end(), terminal) != terminals_.end();
        if (counts_ && !known && terminals_.size() < most_terminals) terminals_.push_back(terminal);
    }

    std::optional<std::uint8_t> wanted_;
    bool counts_ = true;
    bool in_control_ = false;
    std::uint8_t protocol_ = 0;
    std::vector<UsbTerminal> terminals_{};
};

} // namespace

std::vector<UsbTerminal> parse_usb_descriptors(Bytes bytes, std::optional<std::uint8_t> configuration) {
    DescriptorReader reader(configuration);
    while (bytes.size() >= 2 && bytes[0] >= 2 && bytes[0] <= bytes.size()) {
        reader.read(bytes.first(bytes[0]));
        bytes = bytes.subspan(bytes[0]);
    }
    return reader.take();
}

} // namespace soundwarden::sense
