// SPDX-License-Identifier: MIT
// What all text output is made of: colours where they mean something, numbers, and labelled lines.
#pragma once

#include "terminal.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::cli {

enum class Tone : std::uint8_t { plain, bold, dim, good, attention, alarm };

std::string painted(std::string text, Tone tone, const Style &style);

/// Rounded to a tenth, never "-0.0".
std::string one_decimal(double number);
std::string db(double number);
std::string dbfs(double number);

/// Comma-separated, each printable.
std::string joined(const std::vector<std::string> &words);

/// Lines of a label and a value, the values below one another.
class Sheet {
  public:
    explicit Sheet(const Style &style) : style_(style) {}
    /// A line; the label stands only before the first of several with the same one.
    void add(std::string_view label, const std::string &value, Tone tone = Tone::plain);
    std::string take();

  private:
    struct Line {
        std::string label, value;
    };
    const Style &style_;
    std::string last_;
    std::vector<Line> lines_;
};

} // namespace soundwarden::cli
