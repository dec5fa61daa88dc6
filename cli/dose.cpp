// SPDX-License-Identifier: MIT
#include "dose.hpp"

#include "dose/history.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <ctime>
#include <utility>

namespace soundwarden::cli {
namespace {

constexpr std::int64_t day_s = 86'400, hour_s = 3600, minute_s = 60;
constexpr std::int64_t minutes_kept_s = dose::kept_for(dose::Span::minute);

std::tm local(std::int64_t unix_s) {
    const auto time = static_cast<std::time_t>(unix_s);
    std::tm parts{};
    localtime_r(&time, &parts);
    return parts;
}

struct Date {
    int year, month, day;
    auto operator<=>(const Date &) const = default;
};

Date date_at(std::int64_t unix_s) {
    const std::tm parts = local(unix_s);
    return {parts.tm_year, parts.tm_mon, parts.tm_mday};
}

/// Noon of the day that lies so many days after the one of `unix_s`: there is one on (nearly) every day, other than midnight.
std::int64_t noon(std::int64_t unix_s, int days_after) {
    std::tm parts = local(unix_s);
    parts.tm_mday += days_after;
    parts.tm_hour = 12;
    parts.tm_min = parts.tm_sec = 0;
    parts.tm_isdst = -1;
    return static_cast<std::int64_t>(mktime(&parts));
}

/// The first second with that date, wherever clocks are changed on that day: there are zones that skip midnight.
std::int64_t first_second(std::int64_t noon_s) {
    const Date date = date_at(noon_s);
    std::int64_t before = noon_s - day_s, within = noon_s;
    while (within - before > 1) {
        const std::int64_t middle = before + (within - before) / 2;
        (date_at(middle) >= date ? within : before) = middle;
    }
    return within;
}

DoseDay day_at(std::int64_t noon_s) {
    const std::tm parts = local(noon_s);
    std::array<char, 64> date{}, weekday{};
    std::strftime(date.data(), date.size(), "%Y-%m-%d", &parts);
    std::strftime(weekday.data(), weekday.size(), "%a", &parts);
    return {first_second(noon_s), date.data(), weekday.data(), {}};
}

std::vector<DoseDay> days_between(std::int64_t since_s, std::int64_t now_s) {
    std::vector<DoseDay> days;
    const Date last = date_at(now_s);
    for (std::int64_t at = noon(since_s, 0);; at = noon(at, 1)) {
        // A date that a zone skipped (Samoa, 2011-12-30) is no day.
        if (days.empty() || date_at(at) > date_at(days.back().start_s)) days.push_back(day_at(at));
        if (date_at(at) >= last) return days;
    }
}

/// From here on minutes are counted, before it hours: a full hour from which on every minute is there.
std::int64_t minutes_known_from(const Dose &dose, std::int64_t now_s) {
    const auto full_hour_after = [](std::int64_t unix_s) { return (unix_s / hour_s + 1) * hour_s; };
    // An hour's distance from where the daemon forgets them.
    const std::int64_t kept = full_hour_after(now_s - minutes_kept_s) + hour_s;
    const bool cut = dose.minutes.size() >= most_dose_rows;
    return cut ? std::max(kept, full_hour_after(dose.minutes.front().start_s)) : kept;
}

DoseDay &day_of(std::vector<DoseDay> &days, std::int64_t start_s) {
    const auto after = std::upper_bound(days.begin(), days.end(), start_s, [](std::int64_t at, const DoseDay &day) { return at < day.start_s; });
    return after == days.begin() ? *after : *(after - 1);
}

/// Each exposure in its day, in its output's share and in the period.
void count(DoseReport &report, const std::vector<const DoseRow *> &rows) {
    std::map<std::string, dose::Exposure> outputs;
    for (const DoseRow *row : rows) {
        day_of(report.days, row->start_s).exposure += row->exposure;
        report.period += row->exposure;
        outputs[row->output] += row->exposure;
    }
    for (const auto &[output, exposure] : outputs) {
        const auto name = report.dose.names.find(output);
        report.outputs.push_back({output, name == report.dose.names.end() ? std::nullopt : std::optional{name->second}, exposure});
    }
    std::stable_sort(report.outputs.begin(), report.outputs.end(),
                     [](const DoseShare &a, const DoseShare &b) { return a.exposure.pa2h > b.exposure.pa2h; });
}

} // namespace

std::int64_t start_of_day(std::int64_t unix_s, int days_before) { return first_second(noon(unix_s, -days_before)); }
std::int64_t start_of_week(std::int64_t now_s) { return start_of_day(now_s, 6); }

std::int64_t minutes_from(std::int64_t since_s, std::int64_t now_s) { return std::max(since_s, now_s - minutes_kept_s); }

DoseReport dose_report(Dose dose, std::optional<std::int64_t> since_s, std::int64_t now_s) {
    DoseReport report;
    report.dose = std::move(dose);
    report.now_s = now_s;
    report.since_given = since_s.has_value();
    // By full minutes: a minute that has begun before belongs to what was asked for, too.
    const std::int64_t from = std::min(since_s.value_or(start_of_week(now_s)), now_s);
    report.since_s = from - ((from % minute_s) + minute_s) % minute_s;
    report.days = days_between(report.since_s, now_s);
    const std::int64_t split = minutes_known_from(report.dose, now_s);
    std::vector<const DoseRow *> rows;
    for (const DoseRow &row : report.dose.hours)
        if (row.start_s >= report.since_s && row.start_s < split) rows.push_back(&row);
    for (const DoseRow &row : report.dose.minutes)
        if (row.start_s >= std::max(report.since_s, split)) rows.push_back(&row);
    count(report, rows);
    return report;
}

double percent_of_week(const Dose &dose, double pa2h) { return dose.allowance_pa2h > 0.0 ? 100.0 * pa2h / dose.allowance_pa2h : 0.0; }

double percent_per_week(const DoseReport &report) {
    const auto seconds = static_cast<double>(std::max<std::int64_t>(report.now_s - report.since_s, 1));
    return percent_of_week(report.dose, report.period.pa2h) * static_cast<double>(dose::week_s) / seconds;
}

} // namespace soundwarden::cli
