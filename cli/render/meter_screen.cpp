// SPDX-License-Identifier: MIT
#include "render/meter_screen.hpp"

#include "render/sheet.hpp"
#include "translate.hpp"
#include "words.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace soundwarden::cli {
namespace {

constexpr double lowest_db = -60.0; ///< where a bar begins; it ends at 0 dBFS
constexpr double near_ceiling_db = 6.0;
constexpr double shown_from_db = 0.05; ///< rounds to 0.1

// ---- words --------------------------------------------------------------------------------------------------------

/// Names come from firmware, and where only ASCII may be drawn with a terminal may not know what a byte above that does.
std::string shown(std::string_view text, const Style &style) {
    std::string result = printable(text);
    if (style.utf8) return result;
    std::string ascii;
    for (const char c : result)
        if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) ascii += static_cast<unsigned char>(c) < 0x80U ? c : '?';
    return ascii;
}

std::string cut(const std::string &text, std::size_t columns, const Style &style) {
    if (columns_of(text) <= columns) return text;
    return style.utf8 ? shortened(text, columns) : columns == 0 ? "" : text.substr(0, columns - 1) + "~";
}

std::string pushed_right(const std::string &text, std::size_t columns) {
    if (text.empty()) return text; // nothing follows it
    const std::size_t used = columns_of(text);
    return std::string(columns > used ? columns - used : 0, ' ') + text;
}

Tone tone_of_output(const std::string &state) {
    if (state == "running" || state == "guarded") return Tone::good;
    if (state == "free") return Tone::dim;
    return state == "settling" || state == "degraded" ? Tone::attention : Tone::alarm;
}

/// A line that is put together from the left, and never gets too long.
class ScreenLine {
  public:
    ScreenLine(std::size_t columns, const Style &style) : left_(columns), style_(style) {}
    std::size_t left() const { return left_; }
    ScreenLine &add(const std::string &text, Tone tone = Tone::plain) {
        const std::string fits = cut(text, left_, style_);
        left_ -= std::min(left_, columns_of(fits));
        text_ += painted(fits, tone, style_);
        return *this;
    }
    /// Blanks, so that so many columns are left.
    ScreenLine &fill(std::size_t columns) { return left_ > columns ? add(std::string(left_ - columns, ' ')) : *this; }
    std::string take() { return std::move(text_); }

  private:
    std::size_t left_;
    const Style &style_;
    std::string text_;
};

// ---- bars ---------------------------------------------------------------------------------------------------------

struct Signs {
    std::array<std::string_view, 9> eighths;
    std::string_view track, hold, ceiling, reduction;
};
const Signs &signs(const Style &style) {
    static const Signs drawn{{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"}, "·", "┃", "│", "▒"};
    static const Signs ascii{{"", "", "", "", "", "#", "#", "#", "#"}, ".", "!", "|", "<"};
    return style.utf8 ? drawn : ascii;
}

/// Columns from the left edge of a bar, 0 to `width`.
double place(double db, std::size_t width) {
    return std::clamp((db - lowest_db) / -lowest_db, 0.0, 1.0) * static_cast<double>(width);
}

/// The column that holds a level.
std::size_t column(double db, std::size_t width) { return std::min(width - 1, static_cast<std::size_t>(place(db, width))); }

/// Signs one by one, painted in runs.
class Bar {
  public:
    Bar(std::size_t width, const Style &style) : cells_(width, {std::string{signs(style).track}, Tone::dim}) {}
    void put(std::size_t at, std::string_view sign, Tone tone) {
        if (at < cells_.size() && !sign.empty()) cells_[at] = {std::string{sign}, tone};
    }
    void add_to(ScreenLine &line) const {
        for (std::size_t at = 0; at < cells_.size();) {
            const Tone tone = cells_[at].second;
            std::string run;
            for (; at < cells_.size() && cells_[at].second == tone; ++at) run += cells_[at].first;
            line.add(run, tone);
        }
    }

  private:
    std::vector<std::pair<std::string, Tone>> cells_;
};

/// Of a level this high: far from the ceiling, close to it, or above what it should be.
Tone tone_at(double db, const MeterRow &row) {
    const double ceiling = row.now.ceiling_dbfs.value_or(0.0);
    if (db > ceiling + shown_from_db) return Tone::alarm;
    return db > ceiling - near_ceiling_db ? Tone::attention : Tone::good;
}

void add_level_bar(ScreenLine &line, const MeterRow &row, std::size_t width, const Style &style) {
    if (width == 0) return;
    Bar bar{width, style};
    if (row.bar_dbfs) {
        const double end = place(*row.bar_dbfs, width);
        for (std::size_t at = 0; static_cast<double>(at) < end; ++at) {
            const double filled = std::min(1.0, end - static_cast<double>(at));
            // The last column stands for the level itself: rounding may not paint it as if it were above the ceiling.
            const double db = std::min(*row.bar_dbfs, lowest_db * (1.0 - static_cast<double>(at + 1) / static_cast<double>(width)));
            bar.put(at, signs(style).eighths[static_cast<std::size_t>(std::lround(filled * 8.0))], tone_at(db, row));
        }
    }
    if (row.hold_dbfs && *row.hold_dbfs > lowest_db) bar.put(column(*row.hold_dbfs, width), signs(style).hold, tone_at(*row.hold_dbfs, row));
    if (row.now.ceiling_dbfs) bar.put(column(*row.now.ceiling_dbfs, width), signs(style).ceiling, Tone::bold);
    bar.add_to(line);
}

/// Grows from the ceiling down, on the same scale.
void add_reduction_bar(ScreenLine &line, const MeterRow &row, std::size_t width, const Style &style) {
    if (width == 0) return;
    Bar bar{width, style};
    const double reduction = row.now.gain_reduction_db.value_or(0.0);
    if (reduction >= shown_from_db) {
        const double from = row.now.ceiling_dbfs.value_or(0.0);
        for (std::size_t at = column(from - reduction, width); at <= column(from, width); ++at) bar.put(at, signs(style).reduction, Tone::attention);
    }
    bar.add_to(line);
}

// ---- an output ----------------------------------------------------------------------------------------------------

/// Its name on the left; on the right what there is room for, the most important last.
std::string heading(const MeterRow &row, std::size_t columns, const Style &style) {
    struct Part {
        std::string text;
        Tone tone = Tone::plain;
    };
    std::vector<Part> parts{{shown(state_word(row.now.state), style), tone_of_output(row.now.state)}};
    if (row.now.ceiling_dbfs) parts.push_back({filled(tr("ceiling {0}"), dbfs(*row.now.ceiling_dbfs))});
    if (row.now.level_dba) parts.push_back({filled(tr("ear {0}"), one_decimal(*row.now.level_dba) + " dB(A)")});
    if (row.now.governor_db && *row.now.governor_db <= -shown_from_db) parts.push_back({filled(tr("governor {0}"), db(*row.now.governor_db)), Tone::attention});
    const std::string name = shown(row.name, style);
    const std::size_t least_name = std::min(columns_of(name), columns / 2);
    std::size_t used = 0, fitting = 0;
    for (const Part &part : parts) {
        const std::size_t more = used + column_gap + columns_of(part.text);
        if (more + least_name > columns) break;
        used = more;
        ++fitting;
    }
    ScreenLine line{columns, style};
    line.add(cut(name, columns - used, style), Tone::bold).fill(used);
    for (std::size_t at = fitting; at-- > 0;) line.add(std::string(column_gap, ' ')).add(parts[at].text, parts[at].tone);
    return line.take();
}

std::string level_text(const MeterRow &row) { return row.bar_dbfs ? one_decimal(*row.bar_dbfs) : "-"; }

std::string reduction_text(const MeterRow &row) {
    const double reduction = row.now.gain_reduction_db.value_or(0.0);
    return reduction >= shown_from_db ? one_decimal(-reduction) : "";
}

/// Columns of a screen line: a bar between numbers. `bar` may be 0.
struct Columns {
    std::size_t bar = 0, level = 0, more = 0; ///< more: the hold, or the reduction
    std::size_t all() const { return bar + level + more; }
};

constexpr std::size_t level_columns = 7;                         // " -100.0"
constexpr std::size_t hold_columns = 12, reduction_columns = 7;  // "  hold -12.3", "  -12.3"
constexpr std::size_t least_bar = 8;

Columns columns_for(std::size_t columns, std::size_t more) {
    if (columns >= least_bar + level_columns + more) return {columns - level_columns - more, level_columns, more};
    if (columns >= least_bar + level_columns) return {columns - level_columns, level_columns, 0};
    return {0, std::min(columns, level_columns), 0};
}

std::string level_line(const MeterRow &row, std::size_t columns, bool with_hold, const Style &style) {
    const Columns at = columns_for(columns, with_hold ? hold_columns : reduction_columns);
    ScreenLine line{columns, style};
    add_level_bar(line, row, at.bar, style);
    line.add(pushed_right(level_text(row), at.level));
    if (at.more == 0) return line.take();
    if (with_hold) line.add(row.hold_dbfs ? pushed_right(tr("hold") + pushed_right(one_decimal(*row.hold_dbfs), 6), at.more) : "");
    else line.add(pushed_right(reduction_text(row), at.more), Tone::attention);
    return line.take();
}

std::string reduction_line(const MeterRow &row, std::size_t columns, const Style &style) {
    const Columns at = columns_for(columns, hold_columns);
    ScreenLine line{columns, style};
    add_reduction_bar(line, row, at.bar, style);
    const std::string text = reduction_text(row);
    if (!text.empty()) line.add(pushed_right(text, at.level), Tone::attention).add(" " + tr("limiter"), Tone::dim);
    return line.take();
}

std::string short_line(const MeterRow &row, std::size_t columns, const Style &style) {
    const std::size_t name = std::min<std::size_t>(columns / 3, 24);
    ScreenLine line{columns, style};
    line.add(cut(shown(row.name, style), name > 0 ? name - 1 : 0, style), Tone::bold).fill(columns - name);
    const Columns at = columns_for(columns - name, reduction_columns);
    add_level_bar(line, row, at.bar, style);
    line.add(pushed_right(level_text(row), at.level));
    if (at.more > 0) line.add(pushed_right(reduction_text(row), at.more), Tone::attention);
    return line.take();
}

// ---- the screen ---------------------------------------------------------------------------------------------------

/// What it is made of, by how much room there is.
struct Layout {
    bool title = false, scale = false, foot = false;
    std::size_t lines_each = 1; ///< 4 (the last one blank), 2 or 1
    std::size_t rows = 0;       ///< that have room
    bool more = false;          ///< a line says how many have none
};

Layout layout_for(std::size_t count, std::size_t lines) {
    Layout layout;
    layout.foot = lines >= 4;
    layout.title = lines >= 5;
    layout.scale = lines >= 8 && count > 0;
    const std::size_t left = lines - layout.foot - layout.title - layout.scale;
    for (const std::size_t each : {4U, 2U, 1U}) {
        layout.lines_each = each;
        layout.rows = count;
        if (count * each <= left) return layout;
    }
    layout.more = left >= 2;
    layout.rows = left - layout.more;
    return layout;
}

std::string title_line(const MeterView &view, std::size_t columns, const Style &style) {
    ScreenLine line{columns, style};
    line.add("soundwarden", Tone::bold).add("  ");
    if (view.daemon_state.empty()) line.add(tr("no daemon"), Tone::alarm);
    else line.add(shown(daemon_state_word(view.daemon_state), style), tone_of_output(view.daemon_state));
    const std::string keys = tr("q quits");
    if (line.left() > columns_of(keys) + column_gap) line.fill(columns_of(keys)).add(keys, Tone::dim);
    return line.take();
}

/// Levels over the bars of full lines.
std::string scale_line(const Layout &layout, std::size_t columns, const Style &style) {
    const std::size_t name = layout.lines_each == 1 ? std::min<std::size_t>(columns / 3, 24) : 0;
    const std::size_t width = columns_for(columns - name, layout.lines_each == 4 ? hold_columns : reduction_columns).bar;
    if (width == 0) return {};
    std::string text(name + width, ' ');
    const double step = width >= 48 ? 10.0 : 20.0;
    for (double db = lowest_db; db <= 0.0; db += step) {
        const std::string mark = std::to_string(std::lround(db));
        const std::size_t at = name + column(db, width);
        // Its last digit over the level; the first one cannot stand further left.
        const std::size_t from = at + 1 >= mark.size() + name ? at + 1 - mark.size() : name;
        text.replace(from, mark.size(), mark);
    }
    ScreenLine line{columns, style};
    line.add(text, Tone::dim);
    constexpr std::string_view unit = "  dBFS";
    if (line.left() > unit.size()) line.add(std::string{unit}, Tone::dim);
    return line.take();
}

std::string foot_line(const MeterView &view, std::size_t columns, const Style &style) {
    ScreenLine line{columns, style};
    if (!view.notice.empty()) return line.add(shown(view.notice, style), Tone::attention).take();
    if (!view.dose_percent) return {};
    const double percent = *view.dose_percent;
    const Tone tone = percent >= 100.0 ? Tone::alarm : percent >= 80.0 ? Tone::attention : Tone::good;
    // The number alone has a colour.
    const std::string sentence = tr("dose {0} of the week");
    const std::size_t number = std::min(sentence.find("{0}"), sentence.size());
    line.add(sentence.substr(0, number)).add(one_decimal(percent) + " %", tone).add(sentence.substr(std::min(number + 3, sentence.size())));
    if (line.left() < least_bar + column_gap) return line.take();
    line.add(std::string(column_gap, ' '));
    Bar bar{line.left(), style};
    const double end = std::clamp(percent / 100.0, 0.0, 1.0) * static_cast<double>(line.left());
    for (std::size_t at = 0; static_cast<double>(at) < end; ++at)
        bar.put(at, signs(style).eighths[static_cast<std::size_t>(std::lround(std::min(1.0, end - static_cast<double>(at)) * 8.0))], tone);
    bar.add_to(line);
    return line.take();
}

void add_output(std::vector<std::string> &lines, const MeterRow &row, std::size_t lines_each, std::size_t columns, const Style &style) {
    if (lines_each == 1) {
        lines.push_back(short_line(row, columns, style));
        return;
    }
    lines.push_back(heading(row, columns, style));
    lines.push_back(level_line(row, columns, lines_each == 4, style));
    if (lines_each != 4) return;
    lines.push_back(reduction_line(row, columns, style));
    lines.emplace_back();
}

std::string more_line(const MeterView &view, std::size_t first, std::size_t rows, std::size_t columns, const Style &style) {
    const std::size_t above = first, below = view.rows.size() - first - rows;
    const std::string text = filled(tr("{0} more above, {1} below (arrow keys)"), above, below);
    return ScreenLine{columns, style}.add(text, Tone::dim).take();
}

} // namespace

std::vector<std::string> meter_screen(const MeterView &view, ScreenSize size, const Style &style) {
    if (size.rows == 0 || size.columns == 0) return {};
    const Layout layout = layout_for(view.rows.size(), size.rows);
    std::vector<std::string> lines;
    if (layout.title) lines.push_back(title_line(view, size.columns, style));
    if (layout.scale) lines.push_back(scale_line(layout, size.columns, style));
    const std::size_t first = std::min(view.first, view.rows.size() - layout.rows);
    for (std::size_t at = first; at < first + layout.rows; ++at) add_output(lines, view.rows[at], layout.lines_each, size.columns, style);
    if (view.rows.empty() && !view.daemon_state.empty() && lines.size() + layout.foot < size.rows)
        lines.push_back(ScreenLine{size.columns, style}.add(tr("no active outputs"), Tone::dim).take());
    if (layout.more) lines.push_back(more_line(view, first, layout.rows, size.columns, style));
    if (!layout.foot) return lines;
    lines.resize(size.rows - 1);
    lines.push_back(foot_line(view, size.columns, style));
    return lines;
}

std::size_t rows_with_room(const MeterView &view, ScreenSize size) { return size.rows == 0 ? 0 : layout_for(view.rows.size(), size.rows).rows; }

} // namespace soundwarden::cli
