// SPDX-License-Identifier: MIT
// Where the statements of a TOML text begin and end, found without a parser, so that a text with errors has them too.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace soundwarden::policy {

/// ASCII only.
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// A character of a key without quotation marks.
inline bool is_bare(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; }

/// A header line, a `key = value` over all of its lines, or a line with neither.
struct Statement {
    enum class Kind : std::uint8_t { blank, header, pair };
    enum class Problem : std::uint8_t {
        none,
        open_text,    ///< """ or ''' without its end
        open_bracket, ///< [ or { without its end
        deep_key,     ///< a.b.c… beyond most_key_parts
        stray,        ///< a character beyond ASCII, outside of texts and comments
        no_header,    ///< brackets around nothing that could be a name
    };
    Kind kind = Kind::blank;
    Problem problem = Problem::none;
    bool dotted = false; ///< a key of several parts
    std::uint32_t line = 1; ///< of its first character
    std::uint32_t lines = 1;
    std::size_t begin = 0;
    std::size_t end = 0; ///< behind its last newline
    std::size_t problem_at = 0;
};

/// toml++ builds and ends nested tables by recursion; nobody needs keys like that.
inline constexpr std::size_t most_key_parts = 16;

class Scanner {
  public:
    explicit Scanner(std::string_view text) : text_(text) {}
    /// The next statement; nothing at the end of the text. Every byte belongs to one.
    std::optional<Statement> next();

  private:
    void scan_pair(Statement &statement);
    void scan_header(Statement &statement);
    std::size_t end_of_line(std::size_t at) const;
    std::size_t after_text(std::size_t at, Statement &statement);
    std::size_t after_long_text(std::size_t at, char quote, Statement &statement);

    std::string_view text_;
    std::size_t at_ = 0;
    std::uint32_t line_ = 1;
    bool no_more_long_[2] = {false, false}; // """ and ''': a search that found no end need not be made again
};

/// What a header line names.
struct Header {
    std::string name{}; ///< up to the first dot
    bool listed = false;
    bool dotted = false; ///< more follows: `[rule.when]`
};
Header header_of(std::string_view line);

} // namespace soundwarden::policy
