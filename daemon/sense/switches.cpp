// SPDX-License-Identifier: MIT
#include "switches.hpp"

namespace soundwarden::sense {

JackBits jack_bits(std::uint64_t switches) {
    const auto on = [switches](unsigned code) { return (switches >> code & 1U) != 0; };
    JackBits bits;
    bits.headphone = on(switch_code::headphone_insert);
    bits.microphone = on(switch_code::microphone_insert);
    bits.line_out = on(switch_code::line_out_insert);
    bits.line_in = on(switch_code::line_in_insert);
    bits.physical = on(switch_code::jack_physical_insert);
    bits.video_out = on(switch_code::video_out_insert);
    return bits;
}

std::string_view jack_of_device(std::string_view device_name, std::string_view card_name) {
    if (card_name.empty() || !device_name.starts_with(card_name)) return {};
    device_name.remove_prefix(card_name.size());
    if (!device_name.starts_with(' ')) return {};
    device_name.remove_prefix(1);
    return device_name;
}

} // namespace soundwarden::sense
