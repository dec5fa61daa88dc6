// SPDX-License-Identifier: MIT
// How exposures read, in every form that people read: numbers, sentences, and what they rest on.
#pragma once

#include "dose.hpp"

#include <cstdint>
#include <string>

namespace soundwarden::cli {

/// What stands for signs that not every terminal has.
struct DoseSigns {
    std::string about, pa2h, counted, estimated; ///< "≈", "Pa²h", and what bars are made of
};
const DoseSigns &dose_signs(bool utf8);

/// Of a week's allowance, the same on each day.
inline constexpr double even_day_percent = 100.0 / 7.0;

/// "62 %", "4.1 %", "0.3 %", "<0.1 %", "0 %".
std::string percent_text(double percent);
/// The same with the sign for estimates in front where a part of the exposure is one.
std::string day_percent(const Dose &dose, const dose::Exposure &exposure, const DoseSigns &signs);
/// "0.99": two digits, without a unit.
std::string exposure_number(double pa2h);
/// "1:05", in hours and minutes; what is less than a minute is one.
std::string listened_text(double seconds);
/// "84 dB(A)"; "-" for none.
std::string loudest_text(double dba);
/// "25 min", "3 h 20 min", "14 h", "9 days".
std::string duration_text(double seconds);
/// "between 31 % and 124 %", given how far levels may be off.
std::string range_text(const Dose &dose, double least_pa2h, double most_pa2h);
/// "31 % and 124 %", under a heading that says the rest.
std::string bare_range_text(const Dose &dose, double least_pa2h, double most_pa2h);
/// "Mon 2026-11-23".
std::string day_text(const DoseDay &day);
/// "Mon"; DoseDay has it as C does.
std::string weekday_text(const DoseDay &day);
/// "2026-11-29 13:00 +01:00", in local time; with `joined` as ISO 8601 has it: "2026-11-29T13:00:00+01:00".
std::string local_moment(std::int64_t unix_s, bool joined);

bool any_estimated(const DoseReport &report);

/// "62 % of this week's sound allowance (0.99 of 1.6 Pa²h), estimated: between 31 % and 124 %".
std::string week_sentence(const Dose &dose, const DoseSigns &signs);
/// "8.2 Pa²h in 41:30 h of listening, 61 % of the allowance per week, estimated: …"; of a period below a week, what it is of one.
std::string period_use(const DoseReport &report, const DoseSigns &signs);
/// "Since 2026-10-01 00:00 +02:00: …", for --since.
std::string period_sentence(const DoseReport &report, const DoseSigns &signs);
/// "81 dB(A) at the ears now, estimated; the rest lasts 14 h at this level", "Nothing plays to the ears now".
std::string now_sentence(const Dose &dose);
/// "Levels are held to 80 dB(A) because of the dose"; empty where they are not.
std::string limit_sentence(const Dose &dose);
/// Where the allowance comes from.
std::string allowance_sentence(const Dose &dose, const DoseSigns &signs);
/// What "estimated" means.
std::string estimated_sentence();
std::string no_conformity();

} // namespace soundwarden::cli
