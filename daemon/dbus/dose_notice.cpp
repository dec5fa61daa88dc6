// SPDX-License-Identifier: MIT
#include "dose_notice.hpp"

#include "dose/exposure.hpp"

#include <array>
#include <cmath>
#include <utility>

namespace soundwarden::dbus {
namespace {

constexpr std::array<std::pair<dose::Notice::Kind, std::string_view>, 4> notice_words{{
    {dose::Notice::Kind::allowance, "allowance"},
    {dose::Notice::Kind::too_loud, "too-loud"},
    {dose::Notice::Kind::landing, "landing"},
    {dose::Notice::Kind::stop, "stop"},
}};

constexpr const char *the_allowance = "this week's sound allowance";

/// Nobody hears tenths of a decibel.
std::string dba(Decibels level) { return std::to_string(std::lround(level.value)) + " dB(A)"; }

/// >= 0, with one decimal where there is one: "80", "62.5".
std::string short_number(double number) {
    const long long tenths = std::llround(number * 10.0);
    const std::string whole = std::to_string(tenths / 10);
    return tenths % 10 == 0 ? whole : whole + "." + std::to_string(tenths % 10);
}

/// Rounded down: nobody is promised more than there is.
std::string duration(double seconds) {
    constexpr std::array<std::pair<double, const char *>, 3> units{{{86'400.0, "days"}, {3600.0, "hours"}, {60.0, "minutes"}}};
    for (const auto &[length, name] : units)
        if (seconds >= 2.0 * length) return std::to_string(std::llround(std::floor(seconds / length))) + " " + name;
    const auto whole = std::llround(std::floor(seconds));
    return whole < 1 ? "less than a second" : whole == 1 ? "1 second" : std::to_string(whole) + " seconds";
}

std::string estimated(const dose::Notice &notice) { return notice.estimate ? ", estimated" : ""; }

/// Of a threshold that was reached.
std::string allowance_title(double percent) {
    const std::string start = std::string{the_allowance}.replace(0, 1, "T");
    const auto times = std::llround(percent / 100.0);
    const bool whole = times >= 1 && short_number(percent) == std::to_string(100 * times);
    if (short_number(percent) == "50") return std::string{"Half of "} + the_allowance + " is used";
    if (!whole) return short_number(percent) + " % of " + the_allowance + " is used";
    if (times == 1) return start + " is used up";
    return start + " is used " + (times == 2 ? "twice" : std::to_string(times) + " times") + " over";
}

std::string allowance_body(const dose::Notice &notice) {
    if (const auto level = level_of(notice)) return "It is " + dba(*level) + " at your ears now" + estimated(notice) + ".";
    return notice.estimate ? "That is estimated." : "";
}

std::string too_loud_body(const dose::Notice &notice, double allowance_pa2h) {
    const double seconds = dose::seconds_until(allowance_pa2h, notice.level);
    return std::isfinite(seconds) ? "At this level a week's allowance lasts " + duration(seconds) + "." : "";
}

std::string held_body(const dose::Notice &notice, const std::string &what) {
    const std::string used = short_number(std::floor(notice.percent)) + " % of " + the_allowance + " is used";
    return used + estimated(notice) + ": levels " + what + ".";
}

NoticeText without_output(const dose::Notice &notice, double allowance_pa2h) {
    switch (notice.kind) {
    case dose::Notice::Kind::allowance: return {allowance_title(notice.percent), allowance_body(notice)};
    case dose::Notice::Kind::too_loud:
        return {dba(notice.level) + " at your ears" + estimated(notice), too_loud_body(notice, allowance_pa2h)};
    case dose::Notice::Kind::landing:
        return {"Sound gets quieter to spare your ears", held_body(notice, "fall slowly to " + dba(dose::landing_level))};
    case dose::Notice::Kind::stop:
        return {"Sound is held quiet to spare your ears", held_body(notice, "are held at " + dba(dose::stop_level))};
    }
    return {};
}

} // namespace

std::string_view word_of(dose::Notice::Kind kind) {
    for (const auto &[each, word] : notice_words)
        if (each == kind) return word;
    return {};
}

std::optional<Decibels> level_of(const dose::Notice &notice) {
    return std::isfinite(notice.level.value) && notice.level.value > 0.0 ? std::optional{notice.level} : std::nullopt;
}

NoticeText text_of(const dose::Notice &notice, double allowance_pa2h, const std::string &output_name) {
    NoticeText text = without_output(notice, allowance_pa2h);
    if (!output_name.empty()) text.body += (text.body.empty() ? "Output: " : " Output: ") + output_name + ".";
    return text;
}

} // namespace soundwarden::dbus
