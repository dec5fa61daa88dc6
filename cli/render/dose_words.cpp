// SPDX-License-Identifier: MIT
#include "render/dose_words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace soundwarden::cli {
namespace {

constexpr double minute_s = 60.0, hour_s = 3600.0, day_s = 86'400.0;
constexpr double allowance_hours = 40.0; ///< a week, in H.870

template <class... Numbers>
std::string formatted(const char *format, Numbers... numbers) {
    std::array<char, 96> text{};
    std::snprintf(text.data(), text.size(), format, numbers...);
    return text.data();
}

std::string whole(double number) { return formatted("%.0f", number + 0.0); }
std::string dba(double level) { return whole(level) + " dB(A)"; }

} // namespace

const DoseSigns &dose_signs(bool utf8) {
    static const DoseSigns full{"≈", "Pa²h", "█", "▒"};
    static const DoseSigns ascii{"~", "Pa2h", "#", "="};
    return utf8 ? full : ascii;
}

std::string percent_text(double percent) {
    if (percent <= 0.0) return "0 %";
    if (percent < 0.1) return "<0.1 %";
    return formatted(percent < 9.95 ? "%.1f %%" : "%.0f %%", percent);
}

std::string day_percent(const Dose &dose, const dose::Exposure &exposure, const DoseSigns &signs) {
    return (exposure.estimated_pa2h > 0.0 ? signs.about + " " : "") + percent_text(percent_of_week(dose, exposure.pa2h));
}

std::string exposure_number(double pa2h) {
    if (pa2h <= 0.0) return "0";
    if (pa2h < 0.001) return "<0.001";
    return formatted(pa2h < 9.95 ? "%.2g" : "%.0f", pa2h);
}

std::string listened_text(double seconds) {
    const long minutes = seconds > 0.0 ? std::max(1L, std::lround(seconds / minute_s)) : 0;
    return formatted("%ld:%02ld", minutes / 60, minutes % 60);
}

std::string loudest_text(double level) { return level > 0.0 ? dba(level) : "-"; }

std::string duration_text(double seconds) {
    if (seconds < minute_s) return "less than a minute";
    const long minutes = std::lround(seconds / minute_s);
    if (minutes < 60) return formatted("%ld min", minutes);
    if (seconds < 10 * hour_s) return formatted("%ld h", minutes / 60) + (minutes % 60 == 0 ? "" : formatted(" %ld min", minutes % 60));
    return seconds < 2 * day_s ? whole(seconds / hour_s) + " h" : whole(seconds / day_s) + " days";
}

std::string range_text(const Dose &dose, double least_pa2h, double most_pa2h, const char *between) {
    return between + percent_text(percent_of_week(dose, least_pa2h)) + " and " + percent_text(percent_of_week(dose, most_pa2h));
}

std::string local_moment(std::int64_t unix_s, bool joined) {
    const auto time = static_cast<std::time_t>(unix_s);
    std::tm parts{};
    localtime_r(&time, &parts);
    std::array<char, 64> text{};
    std::strftime(text.data(), text.size(), joined ? "%Y-%m-%dT%H:%M:%S%z" : "%Y-%m-%d %H:%M %z", &parts);
    std::string moment{text.data()};
    return moment.insert(moment.size() - 2, ":"); // +0100 is +01:00
}

bool any_estimated(const DoseReport &report) { return report.dose.week_estimated_pa2h > 0.0 || report.period.estimated_pa2h > 0.0; }

std::string week_sentence(const Dose &dose, const DoseSigns &signs) {
    const std::string used = percent_text(percent_of_week(dose, dose.week_pa2h)) + " of this week's sound allowance (" + exposure_number(dose.week_pa2h) + " of " +
                             exposure_number(dose.allowance_pa2h) + " " + signs.pa2h + ")";
    if (dose.week_pa2h <= 0.0) return used;
    return used + (dose.week_estimated_pa2h > 0.0 ? ", estimated: " : ", ") + range_text(dose, dose.week_least_pa2h, dose.week_most_pa2h);
}

std::string period_use(const DoseReport &report, const DoseSigns &signs) {
    const auto seconds = static_cast<double>(std::max<std::int64_t>(report.now_s - report.since_s, 1));
    std::string text = exposure_number(report.period.pa2h) + " " + signs.pa2h + " in " + listened_text(report.period.seconds) + " h of listening, ";
    // What a few hours would come to in a week says nothing.
    const bool weeks = seconds >= static_cast<double>(dose::week_s);
    const double scale = weeks ? static_cast<double>(dose::week_s) / seconds : 1.0;
    text += percent_text(percent_of_week(report.dose, report.period.pa2h) * scale);
    text += weeks ? " of the allowance per week" : " of a week's allowance";
    if (report.period.pa2h <= 0.0) return text;
    return text + (report.period.estimated_pa2h > 0.0 ? ", estimated: " : ", ") +
           range_text(report.dose, dose::least_pa2h(report.period) * scale, dose::most_pa2h(report.period) * scale);
}

std::string period_sentence(const DoseReport &report, const DoseSigns &signs) {
    return "Since " + local_moment(report.since_s, false) + ": " + period_use(report, signs);
}

std::string now_sentence(const Dose &dose) {
    if (!dose.level_dba) return "Nothing plays to the ears now";
    const std::string level = dba(*dose.level_dba) + " at the ears now" + (dose.level_estimated ? ", estimated" : "");
    if (!dose.seconds_left) return level;
    if (std::isinf(*dose.seconds_left)) return level + "; so little that it does not count";
    if (*dose.seconds_left <= 0.0) return level + "; nothing of the allowance is left";
    return level + "; the rest lasts " + duration_text(*dose.seconds_left) + " at this level";
}

std::string limit_sentence(const Dose &dose) {
    return dose.limit_dba ? "Levels are held to " + dba(*dose.limit_dba) + " because of the dose" : std::string{};
}

std::string allowance_sentence(const Dose &dose, const DoseSigns &signs) {
    const auto is = [&](double pa2h) { return std::abs(dose.allowance_pa2h / pa2h - 1.0) < 0.01; };
    const std::string level = dba(dose::steady_level(dose.allowance_pa2h, allowance_hours * hour_s).value) + " for 40 hours";
    const std::string allowance = "The allowance of a week is " + exposure_number(dose.allowance_pa2h) + " " + signs.pa2h + ", " + level;
    if (is(dose::adult_allowance_pa2h)) return allowance + " (ITU-T H.870, mode 1, for adults).";
    if (is(dose::sensitive_allowance_pa2h)) return allowance + " (ITU-T H.870, mode 2, for ears that are more easily hurt).";
    return allowance + ", as the policy says (ITU-T H.870 for adults: 80 dB(A) for 40 hours).";
}

std::string estimated_sentence() { return "estimated: a sensitivity, a voltage or what is plugged in had to be assumed; levels may be off by 6 dB"; }

} // namespace soundwarden::cli
