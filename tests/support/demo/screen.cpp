// SPDX-License-Identifier: MIT
#include "screen.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace soundwarden::demo {

namespace {

constexpr const char *bold = "1";
constexpr const char *dim = "2";
constexpr const char *red = "1;31";
constexpr const char *green = "32";
constexpr const char *yellow = "33";
constexpr const char *cyan = "36";

constexpr int width = 96;
constexpr double bar_from_db = -60.0;
constexpr double bar_db_a_cell = 4.0;
constexpr int bar_cells = 20; // to +20 dBFS
constexpr double loud_db = 0.0;
constexpr double middling_db = -15.0;

struct Column {
    const char *word;
    const char *code;
};

Column column_of(Who who) {
    switch (who) {
    case Who::user: return {"user", bold};
    case Who::program: return {"program", bold};
    case Who::system: return {"demo", bold};
    case Who::sensed: return {"sensed", cyan};
    case Who::decided: return {"decided", cyan};
    case Who::done: return {"done", cyan};
    }
    return {"", ""};
}

std::string padded(const std::string &text, std::size_t columns) {
    return text + std::string(text.size() < columns ? columns - text.size() : 0, ' ');
}

std::string bar(double db) {
    const auto filled = static_cast<int>(std::clamp(std::ceil((db - bar_from_db) / bar_db_a_cell), 0.0, double{bar_cells}));
    std::string text = "[";
    for (int cell = 0; cell < bar_cells; ++cell) text += cell < filled ? '#' : '.';
    return text + "]";
}

const char *colour_of(double db) { return db > loud_db ? red : (db > middling_db ? yellow : green); }

void print(const std::string &text) {
    std::fputs(text.c_str(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
}

} // namespace

std::string one_decimal(double value) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.1f", std::round(value * 10.0) / 10.0 + 0.0);
    return text.data();
}

std::string dbfs_text(double db) {
    if (std::isinf(db) && db < 0.0) return "silence";
    return (db > 0.0 ? "+" : "") + one_decimal(db) + " dBFS";
}

std::string Screen::painted(const std::string &text, const char *code) const {
    return colour_ ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
}

std::string Screen::moment(std::int64_t t_ns) const {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%8.3f s  ", static_cast<double>(t_ns - start_ns_) * 1e-9);
    return painted(text.data(), dim);
}

void Screen::title(const std::string &text) { print(painted(text, bold) + "\n" + painted(std::string(text.size(), '='), dim)); }

void Screen::paragraph(const std::string &text) {
    std::string line;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::string word = text.substr(at, end - at);
        if (!line.empty() && line.size() + 1 + word.size() > width) {
            print(line);
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
        at = end + 1;
    }
    print(line);
}

void Screen::chapter(const std::string &text) { print("\n" + painted(text, bold)); }

void Screen::line(std::int64_t t_ns, Who who, const std::string &text) {
    const Column column = column_of(who);
    print(moment(t_ns) + painted(padded(column.word, 9), column.code) + text);
}

void Screen::level(std::int64_t t_ns, double now_db, const std::string &remark) {
    print(moment(t_ns) + painted(padded("at sink", 9), dim) + painted(bar(now_db), colour_of(now_db)) + " " +
          padded(dbfs_text(now_db), 11) + (remark.empty() ? "" : "  " + painted(remark, dim)));
}

void Screen::level(std::int64_t t_ns, double before_db, double now_db, const std::string &remark) {
    print(moment(t_ns) + painted(padded("at sink", 9), dim) + painted(bar(now_db), colour_of(now_db)) + " " +
          dbfs_text(before_db) + " -> " + dbfs_text(now_db) + (remark.empty() ? "" : "  " + painted(remark, dim)));
}

} // namespace soundwarden::demo
