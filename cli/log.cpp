// SPDX-License-Identifier: MIT
#include "log.hpp"

#include "failure.hpp"
#include "terminal.hpp"
#include "translate.hpp"

#include <array>
#include <charconv>
#include <ctime>
#include <limits>
#include <optional>

namespace soundwarden::cli {
namespace {

constexpr std::int64_t ms_per_s = 1000;
constexpr std::int64_t s_per_day = 86'400;
constexpr std::int64_t most_ago_s = 1000 * 366 * s_per_day;

[[noreturn]] void wrong(std::string_view text) {
    throw Failure{exit_usage, filled(tr("--since: '{0}' is no time; write it like 30min, 2h, 3d, today, yesterday, 14:30, 2026-11-29 or \"2026-11-29 14:30\""),
                                     printable(text))};
}

/// Reads from the front, and tells what was there.
class Reader {
  public:
    explicit Reader(std::string_view text) : left_(text) {}
    bool at_end() const { return left_.empty(); }
    bool take(std::string_view part) {
        if (!left_.starts_with(part)) return false;
        left_.remove_prefix(part.size());
        return true;
    }
    void skip_blanks() {
        while (take(" ")) {
        }
    }
    /// The next digits: at least and at most so many.
    std::optional<std::int64_t> number(std::size_t least, std::size_t most) {
        std::size_t digits = 0;
        while (digits < most && digits < left_.size() && left_[digits] >= '0' && left_[digits] <= '9') ++digits;
        if (digits < least) return std::nullopt;
        std::int64_t value = 0;
        std::from_chars(left_.data(), left_.data() + digits, value);
        left_.remove_prefix(digits);
        return value;
    }
    std::string_view word() {
        std::size_t letters = 0;
        while (letters < left_.size() && left_[letters] >= 'a' && left_[letters] <= 'z') ++letters;
        const auto found = left_.substr(0, letters);
        left_.remove_prefix(letters);
        return found;
    }

  private:
    std::string_view left_;
};

std::optional<std::int64_t> seconds_of(std::string_view unit) {
    struct Unit {
        std::string_view name;
        std::int64_t seconds;
    };
    constexpr std::array<Unit, 18> units{{{"s", 1}, {"sec", 1}, {"second", 1}, {"seconds", 1}, {"m", 60}, {"min", 60}, {"minute", 60},
                                          {"minutes", 60}, {"h", 3600}, {"hour", 3600}, {"hours", 3600}, {"d", s_per_day}, {"day", s_per_day},
                                          {"days", s_per_day}, {"w", 7 * s_per_day}, {"week", 7 * s_per_day}, {"weeks", 7 * s_per_day},
                                          {"hr", 3600}}};
    for (const Unit &each : units)
        if (each.name == unit) return each.seconds;
    return std::nullopt;
}

/// "1h 30min", "2 days ago".
std::optional<std::int64_t> span_s(std::string_view text) {
    Reader reader{text};
    std::int64_t sum = 0;
    bool any = false;
    while (!reader.at_end()) {
        if (any && reader.take("ago")) break;
        const auto count = reader.number(1, 9);
        reader.skip_blanks();
        const auto unit = seconds_of(reader.word());
        if (!count || !unit) return std::nullopt;
        sum += *count * *unit;
        if (sum > most_ago_s) return std::nullopt;
        any = true;
        reader.skip_blanks();
    }
    return any && reader.at_end() ? std::optional{sum} : std::nullopt;
}

std::tm local_day(std::int64_t unix_s) {
    const auto time = static_cast<std::time_t>(unix_s);
    std::tm day{};
    localtime_r(&time, &day);
    day.tm_hour = day.tm_min = day.tm_sec = 0;
    return day;
}

/// "14:30", "14:30:15" into the parts.
bool take_clock(Reader &reader, std::tm &parts) {
    const auto hour = reader.number(1, 2);
    if (!hour || *hour > 23 || !reader.take(":")) return false;
    const auto minute = reader.number(2, 2);
    if (!minute || *minute > 59) return false;
    parts.tm_hour = static_cast<int>(*hour);
    parts.tm_min = static_cast<int>(*minute);
    if (!reader.take(":")) return true;
    const auto second = reader.number(2, 2);
    if (!second || *second > 60) return false;
    parts.tm_sec = static_cast<int>(*second);
    return !reader.take(".") || reader.number(1, 9);
}

/// Where the clock was said with its zone: seconds east.
std::optional<std::int64_t> take_zone(Reader &reader, bool &valid) {
    if (reader.take("Z")) return 0;
    const bool west = reader.take("-");
    if (!west && !reader.take("+")) return std::nullopt;
    const auto hours = reader.number(2, 2);
    reader.take(":");
    const auto minutes = reader.number(2, 2);
    valid = hours && minutes && *hours <= 14 && *minutes <= 59;
    if (!valid) return std::nullopt;
    const std::int64_t east = *hours * 3600 + *minutes * 60;
    return west ? -east : east;
}

/// In local time, or in the given zone; nothing for days that no calendar has.
std::optional<std::int64_t> seconds_of(const std::tm &parts, std::optional<std::int64_t> east_s) {
    std::tm made = parts;
    made.tm_isdst = -1;
    const std::time_t time = east_s ? timegm(&made) : mktime(&made);
    if (made.tm_mday != parts.tm_mday || made.tm_mon != parts.tm_mon) return std::nullopt;
    return static_cast<std::int64_t>(time) - east_s.value_or(0);
}

/// "2026-11-29", "2026-11-29 14:30", "2026-11-29T14:30:00Z".
std::optional<std::int64_t> date_s(std::string_view text) {
    Reader reader{text};
    const auto year = reader.number(4, 4);
    if (!year || !reader.take("-")) return std::nullopt;
    const auto month = reader.number(1, 2);
    if (!month || *month < 1 || *month > 12 || !reader.take("-")) return std::nullopt;
    const auto day = reader.number(1, 2);
    if (!day || *day < 1 || *day > 31) return std::nullopt;
    std::tm parts{};
    parts.tm_year = static_cast<int>(*year) - 1900;
    parts.tm_mon = static_cast<int>(*month) - 1;
    parts.tm_mday = static_cast<int>(*day);
    std::optional<std::int64_t> east;
    if (!reader.at_end()) {
        bool valid = true;
        if (!reader.take("T") && !reader.take(" ")) return std::nullopt;
        if (!take_clock(reader, parts)) return std::nullopt;
        east = take_zone(reader, valid);
        if (!valid || !reader.at_end()) return std::nullopt;
    }
    return seconds_of(parts, east);
}

} // namespace

std::int64_t parse_since(std::string_view text, std::int64_t now_unix_ms) {
    const std::int64_t now_s = now_unix_ms / ms_per_s;
    std::tm today = local_day(now_s);
    if (text == "now") return now_unix_ms;
    if (text == "yesterday") --today.tm_mday;
    if (text == "today" || text == "yesterday") {
        today.tm_isdst = -1;
        return static_cast<std::int64_t>(mktime(&today)) * ms_per_s;
    }
    if (Reader reader{text}; reader.take("@")) {
        const auto seconds = reader.number(1, 12);
        if (!seconds || !reader.at_end()) wrong(text);
        return *seconds * ms_per_s;
    }
    if (const auto span = span_s(text)) return now_unix_ms - *span * ms_per_s;
    if (const auto date = date_s(text)) return *date * ms_per_s;
    Reader clock{text};
    if (!take_clock(clock, today) || !clock.at_end()) wrong(text);
    const auto time = seconds_of(today, std::nullopt);
    if (!time) wrong(text);
    return *time * ms_per_s;
}

} // namespace soundwarden::cli
