// SPDX-License-Identifier: MIT
// What people get wrong in TOML, recognised by how the statement looks.
#include "recover.hpp"
#include "scan.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace soundwarden::policy {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

/// A statement taken apart at its "=".
struct Pair {
    std::string_view key;
    std::string_view value;
    std::size_t value_at = 0; ///< in the statement
};
std::optional<Pair> pair_of(std::string_view statement) {
    const std::size_t equals = statement.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::size_t value = statement.find_first_not_of(" \t", equals + 1);
    const std::size_t at = std::min(value, statement.size());
    return Pair{trimmed(statement.substr(0, equals)), trimmed(statement.substr(at)), at};
}

/// Quotation marks of word processors.
std::optional<SyntaxError> curly_quotes(std::string_view statement, std::size_t at) {
    constexpr std::array<std::string_view, 9> marks{"\u201C", "\u201D", "\u201E", "\u201F", "\u2018",
                                                    "\u2019", "\u00AB", "\u00BB", "\u2033"};
    for (const std::string_view mark : marks)
        if (statement.substr(at).starts_with(mark))
            return SyntaxError{at, std::string(mark) + " is no quotation mark in TOML; write \" around a text"};
    return std::nullopt;
}

/// The closing bracket of an inline table must stand on the line of its opening one.
std::optional<SyntaxError> table_over_lines(std::string_view statement, std::size_t at) {
    const auto pair = pair_of(statement);
    if (!pair || at >= statement.size()) return std::nullopt;
    const bool line_ends = statement[at] == '\n' || statement[at] == '\r' || statement[at] == '#';
    if (!line_ends || !pair->value.starts_with('{') || statement.find('\n') + 1 >= statement.size())
        return std::nullopt;
    return SyntaxError{
        pair->value_at,
        "a table in { } must stand on one line; put all of it there, or write a table of its own below: [rule." +
            visible(pair->key) + "] or the like"};
}

std::optional<SyntaxError> twice(std::string_view statement, std::string_view toml_says) {
    if (toml_says.find("cannot redefine") == std::string_view::npos &&
        toml_says.find("cannot insert") == std::string_view::npos)
        return std::nullopt;
    const std::size_t begin = std::min(statement.find_first_not_of(blanks), statement.size());
    const std::string_view line = first_line(statement.substr(begin));
    const auto pair = pair_of(statement);
    const std::string what = line.starts_with('[') || !pair ? visible(trimmed(line)) : "\"" + visible(pair->key) + "\"";
    return SyntaxError{begin, what + " stands here a second time; take one of them away"};
}

std::optional<SyntaxError> broken_header(std::string_view statement) {
    const std::size_t begin = std::min(statement.find_first_not_of(blanks), statement.size());
    const std::string_view line = trimmed(first_line(statement.substr(begin)));
    if (!line.starts_with('[')) return std::nullopt;
    const Header header = header_of(line);
    const bool single = header.name == "settings";
    const std::string meant = header.name.empty() ? "[[rule]]"
                              : single            ? "[settings]"
                                                  : "[[" + visible(header.name) + "]]";
    return SyntaxError{begin, "this is no header of a table; write " + meant + " on a line of its own"};
}

std::optional<SyntaxError> no_equals(std::string_view statement) {
    const std::size_t begin = std::min(statement.find_first_not_of(blanks), statement.size());
    const std::string_view line = trimmed(first_line(statement.substr(begin)));
    if (line.starts_with(';') || line.starts_with("//")) return SyntaxError{begin, "a comment begins with #"};
    if (line.starts_with('{'))
        return SyntaxError{begin, "this looks like JSON; a policy is TOML, which begins with schema = 1"};
    const std::size_t equals = line.find('=');
    const std::size_t colon = line.find(':');
    if (colon < equals && line.substr(0, colon).find_first_of("\"' ") == std::string_view::npos)
        return SyntaxError{begin + colon, "a key and its value are joined by \"=\" here, not \":\""};
    if (equals != std::string_view::npos) return std::nullopt;
    return SyntaxError{begin, "this is neither a comment (#), a header ([[rule]]) nor KEY = VALUE",
                       SyntaxError::Kind::no_statement};
}

/// A text that was begun and not ended on its line.
std::optional<SyntaxError> open_text(const Pair &pair) {
    const std::string_view value = first_line(pair.value);
    if (!value.starts_with('"') && !value.starts_with('\'')) return std::nullopt;
    const char quote = value.front();
    std::size_t end = 1;
    while (end < value.size() && value[end] != quote) end += quote == '"' && value[end] == '\\' ? 2 : 1;
    if (end < value.size()) return std::nullopt;
    return SyntaxError{pair.value_at, std::string("this text is not closed on its line; end it with ") + quote,
                       SyntaxError::Kind::open_text};
}

std::optional<SyntaxError> behind_text(const Pair &pair, std::string_view statement, std::size_t at) {
    if (pair.value.empty() || at <= pair.value_at || at >= statement.size()) return std::nullopt;
    if (pair.value.front() != '"' && pair.value.front() != '\'') return std::nullopt;
    const std::string_view rest = trimmed(first_line(statement.substr(at)));
    const std::string_view before = trimmed(statement.substr(pair.value_at, at - pair.value_at));
    if (rest.empty() || before.size() < 2 || before.back() != pair.value.front()) return std::nullopt;
    return SyntaxError{at, "behind a value only a comment (#) may stand; several values are a list: [\"…\", \"…\"]"};
}

/// A word or a quantity without its quotation marks.
std::optional<SyntaxError> bare_text(const Pair &pair) {
    const std::string_view value = trimmed(first_line(pair.value).substr(0, pair.value.find('#')));
    if (value.empty()) return SyntaxError{pair.value_at, "\"" + visible(pair.key) + "\" has no value"};
    for (const std::string_view yes : {"True", "TRUE", "yes", "Yes", "on", "On"})
        if (value == yes) return SyntaxError{pair.value_at, "write true"};
    for (const std::string_view no : {"False", "FALSE", "no", "No", "off", "Off"})
        if (value == no) return SyntaxError{pair.value_at, "write false"};
    if (value.find_first_of("\"'[]{}=") != std::string_view::npos) return std::nullopt;
    if (value.find_first_not_of("+-0123456789._eExX") == std::string_view::npos) return std::nullopt;
    if (value.find_first_not_of("+-0123456789,") == std::string_view::npos)
        return SyntaxError{pair.value_at, "a number has a point, not a comma"};
    return SyntaxError{pair.value_at,
                       "a text stands in quotation marks: " + visible(pair.key) + " = \"" + visible(value) + "\""};
}

std::string as_toml_says(std::string_view description) {
    constexpr std::string_view lead = "Error while parsing ";
    if (description.starts_with(lead)) {
        description.remove_prefix(lead.size());
        const std::size_t colon = description.find(": ");
        if (colon != std::string_view::npos) description.remove_prefix(colon + 2);
    }
    if (description.starts_with("exceeded maximum nested")) return "nested deeper than anything here is";
    return "this is not TOML: " + visible(description, 160);
}

} // namespace

SyntaxError stray_error(std::string_view statement, std::size_t at) {
    if (auto found = curly_quotes(statement, at)) return *found;
    if (statement.substr(at).starts_with("\u00A0"))
        return {at, "a no-break space (U+00A0) stands here; write a plain one"};
    if (statement.substr(at).starts_with("\u2212"))
        return {at, "this minus (U+2212) is one in texts only; write \"-\""};
    if (const auto pair = pair_of(statement); pair && at >= pair->value_at && pair->value.find_first_of("\"'[{#") != 0)
        if (auto found = bare_text(*pair)) return *found;
    const Character character = first_character(statement.substr(at));
    return {at, "\"" + visible_character(statement.substr(at), character, false) +
                    "\" may stand in a text in quotation marks or in a comment only"};
}

SyntaxError syntax_error(std::string_view statement, std::size_t at, std::string_view toml_says) {
    at = std::min(at, statement.size());
    if (auto found = curly_quotes(statement, at)) return *found;
    if (auto found = twice(statement, toml_says)) return *found;
    if (auto found = broken_header(statement)) return *found;
    if (auto found = no_equals(statement)) return *found;
    if (auto found = table_over_lines(statement, at)) return *found;
    if (const auto pair = pair_of(statement)) {
        if (auto found = open_text(*pair)) return *found;
        if (auto found = behind_text(*pair, statement, at)) return *found;
        if (toml_says.find("not representable") != std::string_view::npos)
            return {pair->value_at, "this number is out of all bounds"};
        const bool begins_bare = pair->value.empty() || pair->value.find_first_of("\"'[{#") != 0;
        if (begins_bare)
            if (auto found = bare_text(*pair)) return *found;
    }
    if (statement.find('{') != std::string_view::npos && toml_says.find("expected '='") != std::string_view::npos)
        return {at, "a key without its value; several values of one key are a list: [\"…\", \"…\"]"};
    return {at, as_toml_says(toml_says)};
}

} // namespace soundwarden::policy
