// SPDX-License-Identifier: MIT
#include "render/dose_text.hpp"

#include "render/dose_words.hpp"
#include "render/sheet.hpp"
#include "translate.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace soundwarden::cli {
namespace {

constexpr std::size_t widest_bar = 40, narrowest_bar = 4, usual_width = 80;

Tone tone_of_week(double percent) {
    if (percent >= 100.0) return Tone::alarm;
    return percent >= 80.0 ? Tone::attention : Tone::good;
}

Tone tone_of_day(double percent) {
    if (percent >= 100.0) return Tone::alarm;
    return percent > even_day_percent ? Tone::attention : Tone::plain;
}

struct Line {
    std::array<std::string, 4> cells; ///< day, of a week, listened, loudest
    Tone tone = Tone::plain;
    double counted_percent = 0.0, estimated_percent = 0.0;
};

Line line_of(const Dose &dose, const DoseDay &day, const DoseSigns &signs) {
    const double percent = percent_of_week(dose, day.exposure.pa2h), estimated = percent_of_week(dose, day.exposure.estimated_pa2h);
    return {{day_text(day), day_percent(dose, day.exposure, signs), listened_text(day.exposure.seconds), loudest_text(day.exposure.loudest_dba)},
            tone_of_day(percent), std::max(0.0, percent - estimated), estimated};
}

std::string repeated(const std::string &sign, std::size_t times) {
    std::string text;
    for (std::size_t at = 0; at < times; ++at) text += sign;
    return text;
}

/// Whatever counted is seen: at least one sign for more than nothing.
std::string bar_of(const Line &line, double full_percent, std::size_t width, const DoseSigns &signs) {
    const double sum = line.counted_percent + line.estimated_percent;
    if (sum <= 0.0) return {};
    const auto columns = [&](double percent) { return static_cast<std::size_t>(std::lround(percent / full_percent * static_cast<double>(width))); };
    const std::size_t all = std::clamp<std::size_t>(columns(sum), 1, width);
    const std::size_t counted = std::min(all, line.estimated_percent > 0.0 ? columns(line.counted_percent) : all);
    return repeated(signs.counted, counted) + repeated(signs.estimated, all - counted);
}

class Table {
  public:
    Table(const DoseReport &report, const Style &style) : style_(style), signs_(dose_signs(style.utf8)) {
        for (const DoseDay &day : report.days) lines_.push_back(line_of(report.dose, day, signs_));
        for (std::size_t at = 0; at < headings.size(); ++at) widths_[at] = columns_of(headings_[at] = tr(headings[at]));
        for (const Line &line : lines_) {
            for (std::size_t at = 0; at < headings.size(); ++at) widths_[at] = std::max(widths_[at], columns_of(line.cells[at]));
            full_percent_ = std::max(full_percent_, line.counted_percent + line.estimated_percent);
        }
        std::size_t others = 0;
        for (const std::size_t width : widths_) others += width + column_gap;
        const std::size_t width = style.width.value_or(usual_width);
        const std::size_t left = width > others ? width - others : 0;
        bar_ = left < narrowest_bar ? 0 : std::min(left, widest_bar);
    }

    std::string text() const {
        std::string text;
        add(text, headings_, Tone::bold, Tone::bold, {});
        for (const Line &line : lines_) add(text, line.cells, Tone::plain, line.tone, bar_ == 0 ? "" : bar_of(line, full_percent_, bar_, signs_));
        return text;
    }

  private:
    static constexpr std::array<const char *, 4> headings{N_("DAY"), N_("OF A WEEK"), N_("LISTENED"), N_("LOUDEST")};

    template <class Cells>
    void add(std::string &text, const Cells &cells, Tone tone, Tone tone_of_use, const std::string &bar) const {
        std::string line;
        for (std::size_t at = 0; at < cells.size(); ++at) {
            const std::string cell{cells[at]};
            const std::string fill(widths_[at] - columns_of(cell), ' ');
            const std::string shown = painted(cell, at == 1 ? tone_of_use : tone, style_);
            const bool last = at + 1 == cells.size();
            // The date on the left, numbers on the right.
            line += at == 0 ? shown + fill : std::string(column_gap, ' ') + fill + shown;
            if (last && !bar.empty()) line += std::string(column_gap, ' ') + painted(bar, tone_of_use, style_);
        }
        text += line + "\n";
    }

    const Style &style_;
    const DoseSigns &signs_;
    std::array<std::string, 4> headings_;
    std::vector<Line> lines_;
    std::array<std::size_t, 4> widths_{};
    double full_percent_ = even_day_percent; ///< what a bar of full width stands for
    std::size_t bar_ = 0;
};

} // namespace

std::string dose_text(const DoseReport &report, const Style &style) {
    const DoseSigns &signs = dose_signs(style.utf8);
    const Dose &dose = report.dose;
    std::string text = painted(week_sentence(dose, signs), tone_of_week(percent_of_week(dose, dose.week_pa2h)), style) + "\n" + now_sentence(dose) + "\n";
    if (const std::string limit = limit_sentence(dose); !limit.empty()) text += painted(limit, Tone::attention, style) + "\n";
    if (report.since_given) text += period_sentence(report, signs) + "\n";
    text += "\n" + Table{report, style}.text() + "\n";
    if (any_estimated(report)) text += painted(signs.about + " " + signs.estimated + " " + estimated_sentence(), Tone::dim, style) + "\n";
    return text + painted(allowance_sentence(dose, signs), Tone::dim, style) + "\n" + painted(no_conformity(), Tone::dim, style) + "\n";
}

} // namespace soundwarden::cli
