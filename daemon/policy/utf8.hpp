// SPDX-License-Identifier: MIT
// UTF-8, character by character, and texts of strangers made harmless. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace soundwarden::policy {

/// The first character of a text. What is no UTF-8 (overlong forms and surrogates included) is one byte long.
struct Character {
    char32_t code = 0;
    std::uint32_t length = 1; ///< bytes
    bool valid = false;
};
/// text: not empty.
Character first_character(std::string_view text);

/// Whether a character could act on a terminal or hide what stands there: control characters, direction marks,
/// invisible ones. A tab is one too.
bool is_harmful(char32_t code);

/// A text for a message: harmful characters and broken bytes as "\x1B" or "\u202E", cut with "…" after that many
/// characters.
std::string visible(std::string_view text, std::size_t most_characters = 60);

/// The same between quotation marks.
std::string in_quotes(std::string_view text);

/// One character of a line as people see it; a tab is blanks.
std::string visible_character(std::string_view bytes, const Character &character, bool tab_as_blanks);

} // namespace soundwarden::policy
