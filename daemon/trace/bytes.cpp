// SPDX-License-Identifier: MIT
#include "bytes.hpp"

#include <algorithm>
#include <cstddef>

namespace soundwarden::trace {
namespace {

// U+10FF00 to U+10FFFF: F4 8F BC..BF 80..BF.
constexpr std::string_view private_lead = "\xF4\x8F";

unsigned char at(std::string_view text, std::size_t index) { return static_cast<unsigned char>(text[index]); }
bool continues(std::string_view text, std::size_t index) { return index < text.size() && (at(text, index) & 0xC0U) == 0x80U; }

/// Bytes of the character that begins there (Unicode 15, table 3-7); 0: none does.
std::size_t character_length(std::string_view text) {
    const unsigned char first = at(text, 0);
    if (first < 0x80) return 1;
    if (first < 0xC2 || first > 0xF4 || !continues(text, 1)) return 0;
    if (first < 0xE0) return 2;
    const unsigned char second = at(text, 1);
    if (!continues(text, 2)) return 0;
    if (first < 0xF0) {
        const bool overlong = first == 0xE0 && second < 0xA0;
        const bool surrogate = first == 0xED && second > 0x9F;
        return overlong || surrogate ? 0 : 3;
    }
    if (!continues(text, 3)) return 0;
    const bool overlong = first == 0xF0 && second < 0x90;
    const bool beyond = first == 0xF4 && second > 0x8F;
    return overlong || beyond ? 0 : 4;
}

bool is_private(std::string_view text) { return text.size() >= 4 && text.starts_with(private_lead) && at(text, 2) >= 0xBC && continues(text, 3); }

} // namespace

std::string utf8_of(std::string_view bytes) {
    // Almost all of them.
    if (std::all_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return std::string(bytes);
    std::string text;
    text.reserve(bytes.size());
    while (!bytes.empty()) {
        const std::size_t length = is_private(bytes) ? 0 : character_length(bytes);
        if (length > 0) {
            text += bytes.substr(0, length);
        } else {
            const unsigned char byte = at(bytes, 0);
            text += private_lead;
            text += static_cast<char>(0xBCU | byte >> 6U);
            text += static_cast<char>(0x80U | (byte & 0x3FU));
        }
        bytes.remove_prefix(length > 0 ? length : 1);
    }
    return text;
}

std::string bytes_of(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size());
    while (!text.empty()) {
        if (is_private(text)) {
            bytes += static_cast<char>((at(text, 2) & 3U) << 6U | (at(text, 3) & 0x3FU));
            text.remove_prefix(4);
        } else {
            bytes += text.front();
            text.remove_prefix(1);
        }
    }
    return bytes;
}

} // namespace soundwarden::trace
