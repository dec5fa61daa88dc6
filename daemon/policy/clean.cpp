// SPDX-License-Identifier: MIT
#include "clean.hpp"

#include "document.hpp"
#include "utf8.hpp"

#include <utility>

namespace soundwarden::policy {
namespace {

/// More broken characters than that on one line are one error.
constexpr std::size_t most_on_a_line = 1;

bool is_utf16(std::string_view content) { return content.starts_with("\xFF\xFE") || content.starts_with("\xFE\xFF"); }

std::string what_is_wrong(std::string_view rest, const Character &character) {
    const std::string shown = visible_character(rest, character, false);
    if (!character.valid) return "this is not valid UTF-8 (byte " + shown + "); save the file as UTF-8";
    if (character.code == '\r') return "a carriage return without a newline; end lines with a newline";
    return "the control character " + shown + " must not stand in a policy; take it out";
}

bool is_wrong(std::string_view rest, const Character &character) {
    if (!character.valid) return true;
    if (character.code == '\r') return !rest.substr(1).starts_with('\n');
    return (character.code < 0x20 && character.code != '\n' && character.code != '\t') || character.code == 0x7F;
}

/// Almost every text has nothing to find, and is looked through at memory speed.
bool is_plain(std::string_view text) {
    unsigned wrong = 0;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        wrong |= static_cast<unsigned>((byte < 0x20) & (byte != '\n') & (byte != '\t')) |
                 static_cast<unsigned>(byte >= 0x7F);
    }
    return wrong == 0;
}

} // namespace

std::optional<Clean> clean_text(std::string_view content, Report &report) {
    if (content.size() > largest_text) {
        report.error({}, "larger than 4 MiB: this is no policy");
        return std::nullopt;
    }
    if (is_utf16(content)) {
        report.error({1, 1}, "this is UTF-16; save the file as UTF-8");
        return std::nullopt;
    }
    if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);
    if (is_plain(content)) return Clean{.same = content};
    Spot spot{1, 1};
    std::size_t on_this_line = 0;
    std::string clean;
    clean.reserve(content.size());
    for (std::string_view rest = content; !rest.empty();) {
        const Character character = first_character(rest);
        if (character.valid && character.code == 0) {
            report.error(spot, "a NUL byte: this is not a text file");
            return std::nullopt;
        }
        const bool wrong = is_wrong(rest, character);
        if (wrong && ++on_this_line <= most_on_a_line)
            report.error(spot, report.full() ? "" : what_is_wrong(rest, character));
        if (wrong)
            clean += character.valid ? ' ' : '?';
        else
            clean += rest.substr(0, character.length);
        ++spot.column;
        if (character.valid && character.code == '\n') {
            ++spot.line;
            spot.column = 1;
            on_this_line = 0;
        }
        rest.remove_prefix(character.length);
    }
    return Clean{.changed = std::move(clean), .is_changed = true};
}

} // namespace soundwarden::policy
