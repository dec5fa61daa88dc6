// SPDX-License-Identifier: MIT
#include "eld.hpp"

#include "text.hpp"

#include <algorithm>

namespace soundwarden::sense {
namespace {

constexpr std::size_t fixed_bytes = 20; // before the monitor's name
constexpr std::size_t longest_monitor_name = 16;
constexpr std::size_t audio_descriptor_bytes = 3;
constexpr unsigned linear_pcm = 1; // coding type

bool known_version(unsigned version) { return version == 2 || version == 31; }

/// EISA: three letters of five bits, 1 = A, the first in the high bits of the first byte. Empty where one is none.
std::string maker_of(std::uint8_t first, std::uint8_t second) {
    const unsigned packed = static_cast<unsigned>(first) << 8 | second;
    std::string letters;
    for (const unsigned shift : {10U, 5U, 0U}) {
        const unsigned letter = packed >> shift & 0x1FU;
        if (letter < 1 || letter > 26) return {};
        letters += static_cast<char>('A' + letter - 1);
    }
    return letters;
}

/// A name that is shorter than its place ends with a newline (EDID's way) or a zero.
std::string monitor_of(std::span<const std::uint8_t> bytes) {
    const auto end = std::find_if(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0 || byte == '\n'; });
    return clean_name(std::string(bytes.begin(), end));
}

std::uint32_t linear_channels(std::span<const std::uint8_t> descriptors) {
    std::uint32_t most = 0;
    for (std::size_t at = 0; at < descriptors.size(); at += audio_descriptor_bytes) {
        const unsigned first = descriptors[at];
        if ((first >> 3 & 0xFU) == linear_pcm) most = std::max(most, (first & 7U) + 1);
    }
    return most;
}

} // namespace

Eld parse_eld(std::span<const std::uint8_t> bytes, std::uint32_t pcm, std::uint32_t index) {
    Eld eld;
    eld.pcm = pcm;
    eld.index = index;
    if (bytes.size() < fixed_bytes || !known_version(bytes[0] >> 3U)) return eld;
    const std::size_t name_bytes = bytes[4] & 0x1FU;
    const std::size_t descriptor_bytes = audio_descriptor_bytes * (bytes[5] >> 4U);
    if (name_bytes > longest_monitor_name || bytes.size() < fixed_bytes + name_bytes + descriptor_bytes) return eld;
    eld.valid = true;
    eld.monitor = monitor_of(bytes.subspan(fixed_bytes, name_bytes));
    eld.maker = maker_of(bytes[16], bytes[17]);
    eld.product = bytes[18] | static_cast<std::uint32_t>(bytes[19]) << 8;
    eld.display_port = (bytes[5] >> 2 & 3U) == 1;
    eld.channels = linear_channels(bytes.subspan(fixed_bytes + name_bytes, descriptor_bytes));
    return eld;
}

} // namespace soundwarden::sense
