// SPDX-License-Identifier: MIT
#include "report.hpp"

#include "utf8.hpp"

#include <algorithm>
#include <utility>

namespace soundwarden::policy {
namespace {

constexpr std::size_t left_of_caret = 100;

/// The line's characters around a column, each made harmless, and which of them the column is.
struct Around {
    std::vector<std::string> characters;
    std::size_t caret = 0;
    bool cut_left = false;
    bool cut_right = false;
};

Around around(std::string_view line, std::uint32_t column) {
    Around out;
    const std::size_t caret = column == 0 ? 0 : column - 1;
    const std::size_t from = caret > left_of_caret ? caret - left_of_caret : 0;
    std::size_t index = 0;
    for (; index < from && !line.empty(); ++index) line.remove_prefix(first_character(line).length);
    out.cut_left = from > 0;
    out.caret = caret - std::min(index, caret);
    for (; !line.empty() && out.characters.size() < out.caret + longest_excerpt; ++index) {
        const Character character = first_character(line);
        out.characters.push_back(visible_character(line, character, true));
        line.remove_prefix(character.length);
    }
    out.cut_right = !line.empty();
    out.caret = std::min(out.caret, out.characters.size());
    return out;
}

/// Columns on a screen, for a text without harmful characters; rough, for the caret.
std::size_t characters_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

} // namespace

Excerpt excerpt(std::string_view line, std::uint32_t column) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    Around near = around(line, column);
    // From the caret to the left as far as there is room, then to the right.
    std::size_t first = near.caret;
    std::size_t left = 0;
    while (first > 0 && left + characters_of(near.characters[first - 1]) <= left_of_caret)
        left += characters_of(near.characters[--first]);
    Excerpt out;
    if (first > 0 || near.cut_left) out.text = "…";
    for (std::size_t i = first; i < near.caret; ++i) out.text += near.characters[i];
    std::size_t count = characters_of(out.text);
    out.column = static_cast<std::uint32_t>(count + 1);
    std::size_t i = near.caret;
    for (; i < near.characters.size() && count + characters_of(near.characters[i]) < longest_excerpt; ++i) {
        out.text += near.characters[i];
        count += characters_of(near.characters[i]);
    }
    if (i < near.characters.size() || near.cut_right) out.text += "…";
    while (!out.text.empty() && out.text.back() == ' ') out.text.pop_back();
    return out;
}

Report::Report(const SourceText &text, std::uint32_t file)
    : path_(visible(text.path, 4096)), content_(text.content), file_(file), starts_{0} {
    for (std::size_t at = content_.find('\n'); at != std::string_view::npos; at = content_.find('\n', at + 1))
        starts_.push_back(at + 1);
}

std::string_view Report::line(std::uint32_t number) const {
    if (number == 0 || number > starts_.size()) return {};
    const std::size_t begin = starts_[number - 1];
    const std::size_t end = number < starts_.size() ? starts_[number] - 1 : content_.size();
    std::string_view text = content_.substr(begin, end - begin);
    if (number == 1 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    return text;
}

bool Report::has_error_on(std::uint32_t line) const {
    return std::any_of(diagnostics_.begin(), diagnostics_.end(),
                       [line](const Diagnostic &d) { return d.line == line && d.severity == Severity::error; });
}

void Report::add(Severity severity, Spot spot, std::string message) {
    std::size_t &count = severity == Severity::error ? errors_ : warnings_;
    if (++count > most) return;
    Diagnostic diagnostic{severity, path_, spot.line, spot.column, std::move(message)};
    const Excerpt shown = excerpt(line(spot.line), spot.column);
    if (!shown.text.empty()) {
        diagnostic.source = shown.text;
        diagnostic.source_column = shown.column;
    }
    diagnostics_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Report::take() {
    std::stable_sort(diagnostics_.begin(), diagnostics_.end(), [](const Diagnostic &a, const Diagnostic &b) {
        return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    });
    const auto more = [this](Severity severity, std::size_t count, const char *what) {
        if (count > most)
            diagnostics_.push_back(
                {severity, path_, 0, 0,
                 std::to_string(count - most) + " more " + what + " in this file are not shown; mend these first"});
    };
    more(Severity::error, errors_, "errors");
    more(Severity::warning, warnings_, "warnings");
    return std::move(diagnostics_);
}

} // namespace soundwarden::policy
