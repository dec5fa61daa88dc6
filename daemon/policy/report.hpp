// SPDX-License-Identifier: MIT
// Collects what is to be said about one text, with the lines it is said about. Pure; one thread at a time.
#pragma once

#include "policy/source.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::policy {

/// A place in one text; lines and characters from 1, line 0: the text as a whole.
struct Spot {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    auto operator<=>(const Spot &) const = default;
};

/// A line as people may see it: tabs expanded, nothing that acts on a terminal, cut around the column.
struct Excerpt {
    std::string text;
    std::uint32_t column = 0; ///< of the caret, from 1
};
inline constexpr std::size_t longest_excerpt = 160; ///< characters
Excerpt excerpt(std::string_view line, std::uint32_t column);

class Report {
  public:
    /// How many diagnostics of each severity a text may have; the rest is counted.
    static constexpr std::size_t most = 100;

    /// Keeps a view of the text's content.
    Report(const SourceText &text, std::uint32_t file);

    void error(Spot spot, std::string message) { add(Severity::error, spot, std::move(message)); }
    void warning(Spot spot, std::string message) { add(Severity::warning, spot, std::move(message)); }

    /// Whether one more error would only be counted: then its words need not be found.
    bool full() const { return errors_ >= most; }
    std::size_t errors() const { return errors_; }

    /// Whether an error on this line was reported and is shown.
    bool has_error_on(std::uint32_t line) const;

    Place place(Spot spot) const { return {file_, spot.line, spot.column}; }
    std::string_view line(std::uint32_t number) const;

    /// In the order of lines and columns; when more were counted, the last one says how many.
    std::vector<Diagnostic> take();

  private:
    void add(Severity severity, Spot spot, std::string message);

    std::string path_;
    std::string_view content_;
    std::uint32_t file_;
    std::vector<std::size_t> starts_; // of lines
    std::vector<Diagnostic> diagnostics_{};
    std::size_t errors_ = 0;
    std::size_t warnings_ = 0;
};

} // namespace soundwarden::policy
