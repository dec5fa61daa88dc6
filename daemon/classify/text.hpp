// SPDX-License-Identifier: MIT
// Searching labels without regard to case. ASCII only: what routes, profiles and form factors are written in.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace soundwarden::classify {

inline std::string lower(std::string_view text) {
    std::string out(text);
    for (char &c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

inline bool is_any(std::string_view text, std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words)
        if (text == word) return true;
    return false;
}

/// `text` in lower case contains one of the words.
inline bool names_any(const std::string &text, std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words)
        if (text.find(word) != std::string::npos) return true;
    return false;
}

} // namespace soundwarden::classify
