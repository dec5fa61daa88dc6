// SPDX-License-Identifier: MIT
// Parses a part of a text in spite of its errors. Pure; any thread.
#pragma once

#include "document.hpp"
#include "report.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::policy {

/// One stretch of lines of a text, and the number of its first.
struct Piece {
    std::string_view text;
    std::uint32_t line = 1;
};

struct Recovered {
    Node table{};         ///< what could be parsed
    bool damaged = false; ///< something is missing; it was reported
};

/// A part of a text that stands for itself.
struct Part {
    std::vector<Piece> pieces{};
    bool unclosed = false;   ///< the scanner found a problem in it
    std::size_t dotted = 0; ///< statements with a key of several parts
};
/// The pieces as one text. After each error the statement that it stands in is taken out, ten times at most.
Recovered parse_in_spite(const Part &part, Report &report);

/// toml++ looks each of them up among all others.
inline constexpr std::size_t most_dotted = 1000;

struct SyntaxError {
    enum class Kind : std::uint8_t {
        other,
        open_text,    ///< a text that goes on over the end of its line: what follows may be the rest of it
        no_statement, ///< a line that could be the rest of such a text
    };
    std::size_t at = 0; ///< in the statement
    std::string message{};
    Kind kind = Kind::other;
};
/// What is wrong in a statement, for people: where toml++ says what it met, this says what was surely meant, and where.
SyntaxError syntax_error(std::string_view statement, std::size_t at, std::string_view toml_says);
/// The same where a character beyond ASCII stands outside of texts and comments.
SyntaxError stray_error(std::string_view statement, std::size_t at);

} // namespace soundwarden::policy
