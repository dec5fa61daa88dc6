// SPDX-License-Identifier: MIT
#include "render/dose_svg.hpp"

#include "render/dose_words.hpp"
#include "render/markup.hpp"
#include "translate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace soundwarden::cli {
namespace {

constexpr double width = 760, height = 400;
constexpr double left = 66, right = width - 84, top = 78, bottom = height - 104;
constexpr const char *grey = "#767676";   ///< 4.5 : 1 on white and on black
constexpr const char *orange = "#d2601f"; ///< of the pictures in docs/
constexpr const char *red = "#d0425a";
constexpr std::size_t most_labels = 8;
constexpr std::size_t days_with_numbers = 10; ///< as many have room for a number over each bar and a weekday below

struct Text {
    double x, y;
    std::string words;
    const char *anchor = "start";
    int size = 12;
    const char *colour = grey;
    const char *weight = "normal";
};

std::string number(double value) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", value + 0.0);
    return text.data();
}

std::string drawn(const Text &text) {
    // The report, which knows its background, colours the words that have no colour of their own.
    return std::string{"<text"} + (std::string_view{text.colour} == grey ? " class='words'" : "") + " x='" + number(text.x) + "' y='" + number(text.y) + "' text-anchor='" + text.anchor + "' font-size='" + std::to_string(text.size) +
           "' font-weight='" + text.weight + "' fill='" + text.colour + "'>" + escaped(text.words) + "</text>\n";
}

std::string horizontal(double y, const char *colour, const char *more) {
    return "<line x1='" + number(left) + "' y1='" + number(y) + "' x2='" + number(right) + "' y2='" + number(y) + "' stroke='" + colour + "' " + more + "/>\n";
}

std::string box(double x, double y, double wide, double high, const std::string &fill) {
    return "<rect x='" + number(x) + "' y='" + number(y) + "' width='" + number(wide) + "' height='" + number(high) + "' " + fill + "/>\n";
}

const std::string solid = std::string{"fill='"} + orange + "'";
const std::string hatched = std::string{"fill='url(#soundwarden-estimated)' stroke='"} + orange + "' stroke-width='1'";

/// Per cent of a week over the height of the picture.
class Axis {
  public:
    explicit Axis(double most) {
        const double enough = std::max(most * 1.08, even_day_percent * 1.05);
        const double decade = std::pow(10.0, std::floor(std::log10(enough / 5.0)));
        for (const double step : {1.0, 2.0, 5.0, 10.0})
            if (step * decade * 5.0 >= enough * 0.999) {
                step_ = step * decade;
                break;
            }
        end_ = std::ceil(enough / step_ - 0.001) * step_;
    }
    double at(double percent) const { return bottom - std::clamp(percent / end_, 0.0, 1.0) * (bottom - top); }
    bool shows(double percent) const { return percent <= end_; }

    std::string drawn_ticks() const {
        std::string text;
        for (double tick = 0.0; tick <= end_ * 1.001; tick += step_) {
            text += horizontal(at(tick), grey, tick > 0.0 ? "stroke-opacity='0.3'" : "");
            std::array<char, 32> words{};
            std::snprintf(words.data(), words.size(), "%g %%", tick);
            text += drawn({left - 8, at(tick) + 4, words.data(), "end"});
        }
        return text;
    }

  private:
    double step_ = 5.0, end_ = 15.0;
};

std::string marks(const Axis &axis) {
    const double day = axis.at(even_day_percent);
    std::string text = horizontal(day, grey, "stroke-dasharray='2 4' stroke-width='1.3'");
    text += drawn({right + 6, day - 2, tr("1/7: the same"), "start", 11}) + drawn({right + 6, day + 11, tr("every day"), "start", 11});
    if (!axis.shows(100.0)) return text;
    text += horizontal(axis.at(100.0), red, "stroke-dasharray='6 4' stroke-width='1.6'");
    return text + drawn({right + 6, axis.at(100.0) - 2, tr("100 %: all"), "start", 11, red}) + drawn({right + 6, axis.at(100.0) + 11, tr("of a week"), "start", 11, red});
}

std::string day_words(const Dose &dose, const DoseDay &day) {
    return filled(tr("{0}: {1} of a week's allowance, {2} h of listening, loudest {3}"), day_text(day), day_percent(dose, day.exposure, dose_signs(true)),
                  listened_text(day.exposure.seconds), loudest_text(day.exposure.loudest_dba));
}

struct Place {
    double x, wide, slot; ///< of a bar
};

Place place_of(std::size_t at, std::size_t count) {
    const double slot = (right - left) / static_cast<double>(count);
    const double wide = std::min(slot * (count > 60 ? 1.0 : 0.68), 56.0);
    return {left + slot * static_cast<double>(at) + (slot - wide) / 2, wide, slot};
}

/// Baseline of the number over a bar: where one of the lines would strike it through, it stands above that.
double above_bar(const Axis &axis, double percent) {
    double y = axis.at(percent) - 6;
    for (const double line : {even_day_percent, 100.0})
        if (axis.shows(line) && axis.at(line) > y - 11 && axis.at(line) < y + 4) y = axis.at(line) - 5;
    return y;
}

std::string bar(const Dose &dose, const DoseDay &day, const Place &place, const Axis &axis, bool numbered) {
    const double all = percent_of_week(dose, day.exposure.pa2h);
    if (all <= 0.0) return {};
    const double counted = std::clamp(percent_of_week(dose, day.exposure.pa2h - day.exposure.estimated_pa2h), 0.0, all);
    std::string text = "<g><title>" + escaped(day_words(dose, day)) + "</title>\n";
    if (counted > 0.0) text += box(place.x, axis.at(counted), place.wide, bottom - axis.at(counted), solid);
    if (counted < all) text += box(place.x, axis.at(all), place.wide, axis.at(counted) - axis.at(all), hatched);
    if (numbered) text += drawn({place.x + place.wide / 2, above_bar(axis, all), day_percent(dose, day.exposure, dose_signs(true)), "middle"});
    return text + "</g>\n";
}

std::string days(const DoseReport &report, const Axis &axis) {
    const std::size_t count = report.days.size();
    const bool few = count <= days_with_numbers;
    const std::size_t step = few ? 1 : (count + most_labels - 1) / most_labels;
    std::string text;
    for (std::size_t at = 0; at < count; ++at) {
        const DoseDay &day = report.days[at];
        const Place place = place_of(at, count);
        const double middle = place.x + place.wide / 2;
        text += bar(report.dose, day, place, axis, few);
        if (few) text += drawn({middle, bottom + 18, weekday_text(day), "middle"}) + drawn({middle, bottom + 33, day.date.substr(5), "middle", 11});
        else if (at % step == 0) text += drawn({middle, bottom + 18, day.date, "middle", 11});
    }
    return text;
}

std::string legend(double y) {
    return box(left, y - 10, 16, 11, solid) + drawn({left + 23, y, tr("counted with known sensitivities, within 3 dB")}) + box(left + 330, y - 10, 16, 11, hatched) +
           drawn({left + 353, y, tr("≈ estimated: something was assumed, within 6 dB")});
}

constexpr std::string_view svg_head = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 760 400' width='760' height='400' role='img' "
                                  "font-family='DejaVu Sans, Verdana, sans-serif'>\n";

/// How the part is drawn that rests on assumptions.
std::string hatching() {
    return std::string{"<defs><pattern id='soundwarden-estimated' width='7' height='7' patternUnits='userSpaceOnUse' patternTransform='rotate(45)'>"
                       "<rect width='7' height='7' fill='"} +
           orange + "' fill-opacity='0.22'/><rect width='2.5' height='7' fill='" + orange + "'/></pattern></defs>\n";
}

} // namespace

std::string dose_svg(const DoseReport &report) {
    const std::string title = filled(tr("Sound at the ears, {0} to {1}"), report.days.front().date, report.days.back().date);
    const std::string sentence = report.since_given ? period_use(report, dose_signs(true)) : week_sentence(report.dose, dose_signs(true));
    double most = 0.0;
    for (const DoseDay &day : report.days) most = std::max(most, percent_of_week(report.dose, day.exposure.pa2h));
    const Axis axis{most};
    std::string text{svg_head};
    text += "<title>" + escaped(title) + "</title>\n<desc>" + escaped(filled(tr("{0}. Bars: each day's part of a week's allowance, per cent."), sentence)) + "</desc>\n" + hatching();
    text += drawn({width / 2, 24, title, "middle", 16, grey, "bold"}) + drawn({width / 2, 45, sentence, "middle"});
    text += drawn({left - 52, top - 14, tr("of a week's allowance"), "start", 11});
    text += axis.drawn_ticks() + days(report, axis) + marks(axis);
    if (most <= 0.0) text += drawn({(left + right) / 2, (top + bottom) / 2 - 20, tr("nothing was counted"), "middle", 14});
    return text + legend(bottom + 62) + drawn({left, bottom + 84, no_conformity(), "start", 11}) + "</svg>\n";
}

} // namespace soundwarden::cli
