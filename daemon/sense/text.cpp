// SPDX-License-Identifier: MIT
#include "text.hpp"

#include <algorithm>
#include <charconv>

namespace soundwarden::sense {
namespace {

struct Character {
    char32_t code = 0;
    std::size_t length = 1; // bytes
    bool valid = false;
};

unsigned char byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

/// text: not empty. Overlong forms and surrogates are no UTF-8.
Character first_character(std::string_view text) {
    const unsigned char lead = byte_at(text, 0);
    if (lead < 0x80) return {lead, 1, true};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
    char32_t code = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte_at(text, i) & 0xC0U) != 0x80U) return {};
        code = code << 6 | (byte_at(text, i) & 0x3FU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
    return {code, length, true};
}

bool is_blank(char32_t code) {
    return code <= 0x20 || (code >= 0x7F && code <= 0xA0) || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 ||
           code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

/// Soft hyphen, marks of direction and joining, tags, variation selectors, what is reserved for no character at all.
bool is_hidden(char32_t code) {
    return code == 0xAD || code == 0x34F || code == 0x61C || code == 0x115F || code == 0x1160 || (code >= 0x17B4 && code <= 0x17B5) ||
           (code >= 0x180B && code <= 0x180F) || (code >= 0x200B && code <= 0x200F) || (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2060 && code <= 0x206F) || code == 0x3164 || (code >= 0xFE00 && code <= 0xFE0F) || code == 0xFEFF || code == 0xFFA0 ||
           (code >= 0xFFF0 && code <= 0xFFFB) || (code & 0xFFFEU) == 0xFFFEU || (code >= 0xFDD0 && code <= 0xFDEF) ||
           (code >= 0xE0000 && code <= 0xE0FFF);
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// "dp0" is two words; "cs42l45" is one.
void add_word(Words &words, std::string word) {
    const auto digits = std::find_if(word.begin(), word.end(), is_digit);
    const auto split = digits - word.begin();
    const bool letters_then_digits = split > 0 && digits != word.end() && std::all_of(digits, word.end(), is_digit);
    if (!letters_then_digits) {
        words.push_back(std::move(word));
        return;
    }
    words.push_back(word.substr(0, static_cast<std::size_t>(split)));
    words.push_back(word.substr(static_cast<std::size_t>(split)));
}

} // namespace

std::string clean_name(std::string_view text, std::size_t most_bytes) {
    std::string clean;
    bool blank = false;
    while (!text.empty()) {
        const Character character = first_character(text);
        const std::string_view bytes = character.valid ? text.substr(0, character.length) : std::string_view("?");
        text.remove_prefix(character.length);
        if (character.valid && is_blank(character.code)) {
            blank = !clean.empty();
            continue;
        }
        if (character.valid && is_hidden(character.code)) continue;
        if (clean.size() + (blank ? 1 : 0) + bytes.size() > most_bytes) break;
        if (blank) clean += ' ';
        blank = false;
        clean += bytes;
    }
    return clean;
}

Words name_words(std::string_view text) {
    Words words;
    std::string word;
    for (const char c : text) {
        if (is_letter(c) || is_digit(c)) {
            word += lower(c);
        } else if (!word.empty()) {
            add_word(words, std::move(word));
            word.clear();
        }
    }
    if (!word.empty()) add_word(words, std::move(word));
    return words;
}

std::optional<std::size_t> first_of(const Words &words, std::initializer_list<std::string_view> any) {
    const auto found = std::find_first_of(words.begin(), words.end(), any.begin(), any.end());
    if (found == words.end()) return std::nullopt;
    return static_cast<std::size_t>(found - words.begin());
}

std::optional<std::uint32_t> number_in(std::string_view digits, int base) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return number;
}

} // namespace soundwarden::sense
