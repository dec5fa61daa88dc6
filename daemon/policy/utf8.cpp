// SPDX-License-Identifier: MIT
#include "utf8.hpp"

#include <cstdio>

namespace soundwarden::policy {
namespace {

bool is_continuation(unsigned char byte) { return (byte & 0xC0U) == 0x80U; }

unsigned char byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

} // namespace

Character first_character(std::string_view text) {
    const unsigned char lead = byte_at(text, 0);
    if (lead < 0x80) return {lead, 1, true};
    const std::uint32_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {lead, 1, false};
    char32_t code = lead & (0xFFU >> (length + 1));
    for (std::uint32_t i = 1; i < length; ++i) {
        if (!is_continuation(byte_at(text, i))) return {lead, 1, false};
        code = code << 6 | (byte_at(text, i) & 0x3FU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool outside = code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF);
    if (overlong || outside) return {lead, 1, false};
    return {code, length, true};
}

bool is_harmful(char32_t code) {
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || code == 0xAD || code == 0x61C ||
           (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF || (code >= 0xFFF9 && code <= 0xFFFB) ||
           (code >= 0xE0000 && code <= 0xE007F);
}

std::string visible_character(std::string_view bytes, const Character &character, bool tab_as_blanks) {
    char escaped[16];
    if (character.valid && !is_harmful(character.code)) return std::string(bytes.substr(0, character.length));
    if (character.code == '\t') return tab_as_blanks ? "    " : "\\t";
    if (!character.valid || character.code < 0x80)
        std::snprintf(escaped, sizeof escaped, "\\x%02X", static_cast<unsigned>(character.code));
    else
        std::snprintf(escaped, sizeof escaped, "\\u%04X", static_cast<unsigned>(character.code));
    return escaped;
}

std::string visible(std::string_view text, std::size_t most_characters) {
    std::string out;
    for (std::size_t count = 0; !text.empty(); ++count) {
        if (count == most_characters) return out + "…";
        const Character character = first_character(text);
        out += visible_character(text, character, false);
        text.remove_prefix(character.length);
    }
    return out;
}

std::string in_quotes(std::string_view text) { return "\"" + visible(text) + "\""; }

} // namespace soundwarden::policy
