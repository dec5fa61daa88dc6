// SPDX-License-Identifier: MIT
#include "render/sheet.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace soundwarden::cli {
namespace {

std::string_view code_of(Tone tone) {
    switch (tone) {
    case Tone::plain: return "";
    case Tone::bold: return "1";
    case Tone::dim: return "2";
    case Tone::good: return "32";
    case Tone::attention: return "33";
    case Tone::alarm: return "1;31";
    }
    return "";
}

} // namespace

std::string painted(std::string text, Tone tone, const Style &style) {
    if (!style.colour || tone == Tone::plain || text.empty()) return text;
    return "\x1b[" + std::string{code_of(tone)} + "m" + text + "\x1b[0m";
}

std::string one_decimal(double number) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.1f", std::round(number * 10) / 10 + 0.0);
    return text.data();
}

std::string db(double number) { return one_decimal(number) + " dB"; }
std::string dbfs(double number) { return one_decimal(number) + " dBFS"; }

std::string joined(const std::vector<std::string> &words) {
    std::string text;
    for (const auto &word : words) text += (text.empty() ? "" : ", ") + printable(word);
    return text;
}

void Sheet::add(std::string_view label, const std::string &value, Tone tone) {
    lines_.push_back({label == last_ ? std::string{} : std::string{label}, painted(value, tone, style_)});
    last_ = label;
}

std::string Sheet::take() {
    constexpr std::size_t usual_width = 14, gap = 2;
    std::size_t width = usual_width;
    for (const Line &line : lines_) width = std::max(width, columns_of(line.label) + gap);
    std::string text;
    for (const Line &line : lines_)
        text += "  " + painted(line.label, Tone::dim, style_) + std::string(width - columns_of(line.label), ' ') + line.value + "\n";
    return text;
}

} // namespace soundwarden::cli
