// SPDX-License-Identifier: MIT
// What ears got, as the CLI holds it, by local days and by outputs. The zone is the process's (TZ).
#pragma once

#include "dose/exposure.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::cli {

/// One row of Dose.History.
struct DoseRow {
    std::int64_t start_s = 0; ///< Unix seconds, a multiple of the span
    std::string output;       ///< id; the output may be gone
    dose::Exposure exposure;
    bool operator==(const DoseRow &) const = default;
};

/// As in dbus/org.soundwarden.SoundWarden1.Dose.xml.
struct Dose {
    double allowance_pa2h = dose::adult_allowance_pa2h; ///< of seven days
    double week_pa2h = 0.0;                             ///< of the last seven days
    double week_estimated_pa2h = 0.0;
    double week_least_pa2h = 0.0, week_most_pa2h = 0.0;
    std::optional<double> level_dba;            ///< now; nothing: nothing plays
    bool level_estimated = false;               ///< something of that was assumed
    std::optional<double> seconds_left;         ///< +infinity: it is never used up like this; nothing: nothing plays
    std::optional<double> limit_dba;            ///< what levels are held to because of the dose; nothing: they are not
    std::vector<DoseRow> hours;                 ///< oldest first
    std::vector<DoseRow> minutes;               ///< oldest first
    std::map<std::string, std::string> names{}; ///< of the outputs that are there now, by id
};

/// The daemon gives so many rows of a span at most.
inline constexpr std::size_t most_dose_rows = 20'000;

/// A local day: 23 to 25 hours.
struct DoseDay {
    std::int64_t start_s = 0; ///< its first second
    std::string date;         ///< "2026-11-29"
    std::string weekday;      ///< "Sun"
    dose::Exposure exposure;
};

struct DoseShare {
    std::string output;              ///< id
    std::optional<std::string> name; ///< nothing: it is not there now
    dose::Exposure exposure;
};

struct DoseReport {
    Dose dose;
    std::int64_t since_s = 0, now_s = 0;
    bool since_given = false;         ///< else: today and the six days before
    std::vector<DoseDay> days;        ///< oldest first, without gaps
    std::vector<DoseShare> outputs;   ///< what gave most first
    dose::Exposure period;            ///< all days together
};

/// First second of the local day `days_before` days before the one of `unix_s`.
std::int64_t start_of_day(std::int64_t unix_s, int days_before);
/// Of today and the six days before it.
std::int64_t start_of_week(std::int64_t now_s);

/// What is asked for minute by minute when `now_s` is now: they are kept for eight days.
std::int64_t minutes_from(std::int64_t since_s, std::int64_t now_s);

/// Rows that begin at `since_s` (a full minute) or later, each in the day in which it begins: minutes where they are kept, hours before
/// that. What lies ahead of `now_s` counts as of now: no clock that is set back makes an ear forget.
DoseReport dose_report(Dose dose, std::optional<std::int64_t> since_s, std::int64_t now_s);

/// Per cent of the allowance of a week.
double percent_of_week(const Dose &dose, double pa2h);
/// Of the period's exposure, were it spread evenly: per cent of the allowance, a week.
double percent_per_week(const DoseReport &report);

} // namespace soundwarden::cli
