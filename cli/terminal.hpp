// SPDX-License-Identifier: MIT
// The terminal, or whatever stdout is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace soundwarden::cli {

enum class ColourChoice : std::uint8_t { automatic, always, never };

struct Style {
    bool colour = false;
    std::optional<std::size_t>
        width; ///< columns of the terminal; nothing: stdout is none, lines may be as long as they are
    bool utf8 = true; ///< else only ASCII may be drawn with
};

/// automatic: in colour on a terminal, but not with NO_COLOR (https://no-color.org) or TERM=dumb.
Style style_of_stdout(ColourChoice choice);
/// The same for stderr, where diagnostics go.
Style style_of_stderr(ColourChoice choice);

/// Opens /dev/null in place of whichever of stdin, stdout and stderr is closed, so that no other descriptor of ours
/// gets its number. First thing in main.
void fill_closed_descriptors();

/// Writes all of it to stdout, at once. False where the reader has gone (EPIPE); throws Failure for other errors, and
/// where stdout was closed from the beginning.
bool write_out(std::string_view text);

/// Writes all of it to stderr as it is, as far as anybody reads there.
void write_diagnostics(std::string_view text);

/// "soundwarden: error: …" on stderr.
void write_error(std::string_view message);

/// The text without control characters: names come from firmware and may hold terminal escapes. Each becomes '?'.
std::string printable(std::string_view text);

/// Columns that printable UTF-8 takes on a terminal.
std::size_t columns_of(std::string_view text);
/// Blanks between the columns of a table.
inline constexpr std::size_t column_gap = 2;

/// At most `columns` wide, "…" at the end where something is missing.
std::string shortened(std::string_view text, std::size_t columns);

} // namespace soundwarden::cli
