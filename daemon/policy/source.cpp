// SPDX-License-Identifier: MIT
#include "policy/source.hpp"

#include "utf8.hpp"

#include <algorithm>

namespace soundwarden::policy {
namespace {

/// Columns that a character takes on a terminal: combining marks none, East Asian wide ones and pictures two.
std::size_t columns_of(char32_t code) {
    if ((code >= 0x300 && code <= 0x36F) || (code >= 0x1AB0 && code <= 0x1AFF) || (code >= 0xFE00 && code <= 0xFE0F))
        return 0;
    const bool wide = (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
                      (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
                      (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) ||
                      (code >= 0xFFE0 && code <= 0xFFE6) || (code >= 0x1F300 && code <= 0x1FAFF) ||
                      (code >= 0x20000 && code <= 0x3FFFD);
    return wide ? 2 : 1;
}

std::string caret_line(std::string_view source, std::uint32_t column) {
    std::string out;
    for (std::uint32_t i = 1; i < column; ++i) {
        if (source.empty()) {
            out += ' ';
            continue;
        }
        const Character character = first_character(source);
        out.append(columns_of(character.code), ' ');
        source.remove_prefix(character.length);
    }
    return out + "^";
}

} // namespace

std::string text_of(const Diagnostic &diagnostic, bool colour) {
    const bool error = diagnostic.severity == Severity::error;
    const auto coloured = [colour](const char *escape, const std::string &text) {
        return colour ? std::string(escape) + text + "\x1B[0m" : text;
    };
    std::string place = diagnostic.file + ":";
    if (diagnostic.line > 0) place += std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column) + ":";
    std::string out = coloured("\x1B[1m", place) + " " +
                      coloured(error ? "\x1B[1;31m" : "\x1B[1;35m", error ? "error:" : "warning:") + " " +
                      diagnostic.message + "\n";
    if (diagnostic.source.empty()) return out;
    out += "  " + diagnostic.source + "\n";
    return out + "  " + coloured("\x1B[1;32m", caret_line(diagnostic.source, diagnostic.source_column)) + "\n";
}

bool has_errors(const std::vector<Diagnostic> &diagnostics) {
    return std::any_of(diagnostics.begin(), diagnostics.end(),
                       [](const Diagnostic &d) { return d.severity == Severity::error; });
}

} // namespace soundwarden::policy
