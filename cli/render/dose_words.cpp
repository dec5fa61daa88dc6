// SPDX-License-Identifier: MIT
#include "render/dose_words.hpp"

#include "translate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>

namespace soundwarden::cli {
namespace {

constexpr double a_minute_s = 60.0, an_hour_s = 3600.0, a_day_s = 86'400.0;
constexpr double allowance_hours = 40.0; ///< a week, in H.870

template <class... Numbers>
std::string formatted(const char *format, Numbers... numbers) {
    std::array<char, 96> text{};
    std::snprintf(text.data(), text.size(), format, numbers...);
    return text.data();
}

std::string whole(double number) { return formatted("%.0f", number + 0.0); }
std::string dba(double level) { return whole(level) + " dB(A)"; }

std::string with_range(const std::string &sentence, const std::string &range, bool estimated) {
    return filled(estimated ? tr("{0}, estimated: {1}") : "{0}, {1}", sentence, range);
}

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
    const long minutes = seconds > 0.0 ? std::max(1L, std::lround(seconds / a_minute_s)) : 0;
    return formatted("%ld:%02ld", minutes / 60, minutes % 60);
}

std::string loudest_text(double level) { return level > 0.0 ? dba(level) : "-"; }

std::string duration_text(double seconds) {
    if (seconds < a_minute_s) return tr("less than a minute");
    const long minutes = std::lround(seconds / a_minute_s);
    if (minutes < 60) return formatted("%ld min", minutes);
    if (seconds < 10 * an_hour_s) return formatted("%ld h", minutes / 60) + (minutes % 60 == 0 ? "" : formatted(" %ld min", minutes % 60));
    return seconds < 2 * a_day_s ? whole(seconds / an_hour_s) + " h"
                               : trn("{0} day", "{0} days", static_cast<unsigned long>(std::nearbyint(seconds / a_day_s)));
}

std::string range_text(const Dose &dose, double least_pa2h, double most_pa2h) {
    return filled(tr("between {0} and {1}"), percent_text(percent_of_week(dose, least_pa2h)), percent_text(percent_of_week(dose, most_pa2h)));
}

std::string bare_range_text(const Dose &dose, double least_pa2h, double most_pa2h) {
    return filled(tr("{0} and {1}"), percent_text(percent_of_week(dose, least_pa2h)), percent_text(percent_of_week(dose, most_pa2h)));
}

std::string weekday_text(const DoseDay &day) {
    static constexpr std::array known{N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun")};
    const auto found = std::find(known.begin(), known.end(), std::string_view{day.weekday});
    return found == known.end() ? day.weekday : tr(*found);
}

std::string day_text(const DoseDay &day) { return weekday_text(day) + " " + day.date; }

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
    const std::string used = filled(tr("{0} of this week's sound allowance ({1} of {2} {3})"), percent_text(percent_of_week(dose, dose.week_pa2h)),
                                    exposure_number(dose.week_pa2h), exposure_number(dose.allowance_pa2h), signs.pa2h);
    if (dose.week_pa2h <= 0.0) return used;
    return with_range(used, range_text(dose, dose.week_least_pa2h, dose.week_most_pa2h), dose.week_estimated_pa2h > 0.0);
}

std::string period_use(const DoseReport &report, const DoseSigns &signs) {
    const auto seconds = static_cast<double>(std::max<std::int64_t>(report.now_s - report.since_s, 1));
    // What a few hours would come to in a week says nothing.
    const bool weeks = seconds >= static_cast<double>(dose::week_s);
    const double scale = weeks ? static_cast<double>(dose::week_s) / seconds : 1.0;
    const std::string text = filled(weeks ? tr("{0} in {1} h of listening, {2} of the allowance per week") : tr("{0} in {1} h of listening, {2} of a week's allowance"),
                                    exposure_number(report.period.pa2h) + " " + signs.pa2h, listened_text(report.period.seconds),
                                    percent_text(percent_of_week(report.dose, report.period.pa2h) * scale));
    if (report.period.pa2h <= 0.0) return text;
    return with_range(text, range_text(report.dose, dose::least_pa2h(report.period) * scale, dose::most_pa2h(report.period) * scale),
                      report.period.estimated_pa2h > 0.0);
}

std::string period_sentence(const DoseReport &report, const DoseSigns &signs) {
    return filled(tr("Since {0}: {1}"), local_moment(report.since_s, false), period_use(report, signs));
}

std::string now_sentence(const Dose &dose) {
    if (!dose.level_dba) return tr("Nothing plays to the ears now");
    const std::string level = filled(dose.level_estimated ? tr("{0} at the ears now, estimated") : tr("{0} at the ears now"), dba(*dose.level_dba));
    if (!dose.seconds_left) return level;
    if (std::isinf(*dose.seconds_left)) return filled(tr("{0}; so little that it does not count"), level);
    if (*dose.seconds_left <= 0.0) return filled(tr("{0}; nothing of the allowance is left"), level);
    return filled(tr("{0}; the rest lasts {1} at this level"), level, duration_text(*dose.seconds_left));
}

std::string limit_sentence(const Dose &dose) {
    return dose.limit_dba ? filled(tr("Levels are held to {0} because of the dose"), dba(*dose.limit_dba)) : std::string{};
}

std::string allowance_sentence(const Dose &dose, const DoseSigns &signs) {
    const auto is = [&](double pa2h) { return std::abs(dose.allowance_pa2h / pa2h - 1.0) < 0.01; };
    const std::string level = dba(dose::steady_level(dose.allowance_pa2h, allowance_hours * an_hour_s).value);
    const std::string allowance = exposure_number(dose.allowance_pa2h) + " " + signs.pa2h;
    if (is(dose::adult_allowance_pa2h)) return filled(tr("The allowance of a week is {0}, {1} for 40 hours (ITU-T H.870, mode 1, for adults)."), allowance, level);
    if (is(dose::sensitive_allowance_pa2h))
        return filled(tr("The allowance of a week is {0}, {1} for 40 hours (ITU-T H.870, mode 2, for ears that are more easily hurt)."), allowance, level);
    return filled(tr("The allowance of a week is {0}, {1} for 40 hours, as the policy says (ITU-T H.870 for adults: 80 dB(A) for 40 hours)."), allowance, level);
}

std::string estimated_sentence() { return tr("estimated: a sensitivity, a voltage or what is plugged in had to be assumed; levels may be off by 6 dB"); }

std::string no_conformity() { return tr("No conformity with any standard is claimed."); }

} // namespace soundwarden::cli
