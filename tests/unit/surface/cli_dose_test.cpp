// SPDX-License-Identifier: MIT
// `soundwarden dose` without a bus: which day what counts in, and what is printed.
#include "dose.hpp"
#include "golden.hpp"
#include "in_german.hpp"
#include "render/dose_csv.hpp"
#include "render/dose_html.hpp"
#include "render/dose_json.hpp"
#include "render/dose_svg.hpp"
#include "render/dose_text.hpp"
#include "render/dose_words.hpp"
#include "render/markup.hpp"
#include "terminal.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <limits>
#include <sstream>

namespace soundwarden {
namespace {

using namespace cli;

constexpr std::int64_t noon = 1'795'953'600; // 2026-11-29 12:00 UTC, a Sunday; 13:00 in Berlin
constexpr std::int64_t minute = 60, hour = 3600, day = 24 * hour;

// Zones by their rules: they need no files of zones.
constexpr const char *berlin = "CET-1CEST,M3.5.0,M10.5.0/3";
constexpr const char *kathmandu = "<+0545>-5:45";
constexpr const char *cairo = "EET-2EEST,M4.5.5/0,M10.5.4/24"; // clocks go from 0:00 to 1:00

void live_in(const char *zone) {
    setenv("TZ", zone, 1);
    tzset();
}

std::int64_t utc(int year, int month, int day_of_month, int hours = 0, int minutes = 0) {
    std::tm parts{};
    parts.tm_year = year - 1900;
    parts.tm_mon = month - 1;
    parts.tm_mday = day_of_month;
    parts.tm_hour = hours;
    parts.tm_min = minutes;
    return timegm(&parts);
}

DoseRow row(std::int64_t start_s, double pa2h, double estimated_pa2h = 0.0, const std::string &output = "jack", double dba = 84.0) {
    return {start_s, output, {pa2h, estimated_pa2h, 60.0, dba}};
}

/// A week with a quiet day, known and assumed sensitivities, and an output that has gone.
Dose week() {
    Dose dose;
    dose.minutes = {row(noon - 6 * day, 0.02), row(noon - 6 * day + minute, 0.05, 0.05, "bluez", 88.26), row(noon - 4 * day, 0.24, 0.24, "bluez", 92.4),
                    row(noon - 3 * day, 0.31), row(noon - 2 * day, 0.0004), row(noon - day, 0.12, 0.04), row(noon - hour, 0.25, 0.1, "jack", 81.0)};
    for (DoseRow &each : dose.minutes) each.exposure.seconds = each.exposure.pa2h * 30'000;
    for (DoseRow each : dose.minutes) {
        each.start_s -= each.start_s % hour;
        if (!dose.hours.empty() && dose.hours.back().start_s == each.start_s && dose.hours.back().output == each.output) dose.hours.back().exposure += each.exposure;
        else dose.hours.push_back(each);
    }
    dose::Exposure sum;
    for (const DoseRow &each : dose.minutes) sum += each.exposure;
    dose.week_pa2h = sum.pa2h;
    dose.week_estimated_pa2h = sum.estimated_pa2h;
    dose.week_least_pa2h = dose::least_pa2h(sum);
    dose.week_most_pa2h = dose::most_pa2h(sum);
    dose.level_dba = 81.04;
    dose.level_estimated = true;
    dose.seconds_left = 50'400;
    dose.names = {{"jack", "Headphones"}, {"hdmi", "TV"}};
    return dose;
}

class CliDose : public testing::Test {
  protected:
    void SetUp() override { live_in(berlin); }
};

std::vector<double> by_day(const DoseReport &report) {
    std::vector<double> exposures;
    for (const DoseDay &each : report.days) exposures.push_back(each.exposure.pa2h);
    return exposures;
}

// ---- days -------------------------------------------------------------------------------------------------------------------------

TEST_F(CliDose, SevenLocalDaysEndToday) {
    const auto report = dose_report(week(), {}, noon);
    ASSERT_EQ(report.days.size(), 7U);
    EXPECT_EQ(report.days.front().date, "2026-11-23");
    EXPECT_EQ(report.days.front().weekday, "Mon");
    EXPECT_EQ(report.days.front().start_s, utc(2026, 11, 22, 23));
    EXPECT_EQ(report.days.back().date, "2026-11-29");
    EXPECT_EQ(report.days.at(1).exposure, dose::Exposure{}) << "a day without sound is there all the same";
    EXPECT_EQ(report.since_s, start_of_week(noon));
}

TEST_F(CliDose, ADayEndsAtLocalMidnight) {
    const std::int64_t midnight = utc(2026, 11, 28, 23);
    Dose dose;
    dose.minutes = {row(midnight - minute, 1.0), row(midnight, 2.0)};
    EXPECT_EQ(by_day(dose_report(dose, {}, noon)), (std::vector<double>{0, 0, 0, 0, 0, 1, 2}));
}

TEST_F(CliDose, TheDayInSpringHas23Hours) {
    const std::int64_t starts = utc(2026, 3, 28, 23), ends = utc(2026, 3, 29, 22);
    Dose dose;
    dose.minutes = {row(starts - minute, 1), row(starts, 2), row(ends - minute, 4), row(ends, 8)};
    const auto report = dose_report(dose, {}, utc(2026, 3, 30, 12));
    EXPECT_EQ(by_day(report), (std::vector<double>{0, 0, 0, 0, 1, 6, 8}));
    EXPECT_EQ(report.days.at(5).date, "2026-03-29");
    EXPECT_EQ(report.days.at(6).start_s - report.days.at(5).start_s, 23 * hour);
}

TEST_F(CliDose, TheDayInAutumnHas25Hours) {
    const std::int64_t starts = utc(2026, 10, 24, 22), ends = utc(2026, 10, 25, 23);
    Dose dose;
    dose.minutes = {row(starts - minute, 1), row(starts, 2), row(ends - minute, 4), row(ends, 8)};
    const auto report = dose_report(dose, {}, utc(2026, 10, 26, 12));
    EXPECT_EQ(by_day(report), (std::vector<double>{0, 0, 0, 0, 1, 6, 8}));
    EXPECT_EQ(report.days.at(5).date, "2026-10-25");
    EXPECT_EQ(report.days.at(6).start_s - report.days.at(5).start_s, 25 * hour);
}

TEST_F(CliDose, MinutesAreExactWhereMidnightIsNoFullHour) {
    live_in(kathmandu);
    const std::int64_t midnight = utc(2026, 11, 28, 18, 15);
    Dose dose;
    dose.minutes = {row(midnight - minute, 1), row(midnight, 2)};
    dose.hours = {row(midnight - 15 * minute, 3)}; // both: they are not counted twice
    const auto report = dose_report(dose, {}, noon);
    EXPECT_EQ(by_day(report), (std::vector<double>{0, 0, 0, 0, 0, 1, 2}));
    EXPECT_EQ(report.days.back().start_s, midnight);
}

TEST_F(CliDose, AnHourCountsInTheDayInWhichItBegins) {
    live_in(kathmandu);
    const std::int64_t midnight = utc(2026, 10, 28, 18, 15);
    Dose dose;
    dose.hours = {row(midnight - 15 * minute, 1), row(midnight + 45 * minute, 2)};
    const auto report = dose_report(dose, utc(2026, 10, 27, 18, 15), noon);
    EXPECT_EQ(report.days.at(0).exposure.pa2h, 1);
    EXPECT_EQ(report.days.at(1).exposure.pa2h, 2);
}

TEST_F(CliDose, ADayMayBeginAtOneOClock) {
    live_in(cairo);
    const auto report = dose_report({}, {}, utc(2026, 4, 25, 12));
    ASSERT_EQ(report.days.at(5).date, "2026-04-24");
    EXPECT_EQ(report.days.at(5).start_s, utc(2026, 4, 23, 22));
    EXPECT_EQ(report.days.at(6).start_s - report.days.at(5).start_s, 23 * hour);
}

TEST_F(CliDose, WhatIsOlderThanMinutesAreKeptComesByHours) {
    const std::int64_t since = noon - 20 * day;
    Dose dose;
    dose.hours = {row(since, 1), row(noon - 10 * day, 2), row(noon - 2 * day, 4)};
    dose.minutes = {row(noon - 2 * day, 4)};
    const auto report = dose_report(dose, since, noon);
    EXPECT_EQ(report.period.pa2h, 7) << "each second is in one hour and in one minute, and counts once";
    EXPECT_EQ(report.days.size(), 21U);
    EXPECT_NEAR(percent_per_week(report), 100 * 7 / 1.6 * 7 / 20, 1e-9);
}

TEST_F(CliDose, MinutesThatTheDaemonCutsOffComeByHours) {
    Dose dose;
    for (std::size_t at = 0; at < most_dose_rows; ++at) dose.minutes.push_back(row(noon - 5 * day + static_cast<std::int64_t>(at) / 4 * minute, 0));
    dose.minutes.front().start_s = noon - 5 * day;
    dose.hours = {row(noon - 6 * day, 1), row(noon - 4 * day, 2)};
    EXPECT_EQ(dose_report(dose, {}, noon).period.pa2h, 1);
}

TEST_F(CliDose, WhatLiesAheadCountsAsOfToday) {
    Dose dose;
    dose.minutes = {row(noon + 3 * day, 1)};
    EXPECT_EQ(dose_report(dose, {}, noon).days.back().exposure.pa2h, 1);
    EXPECT_EQ(dose_report(dose, noon + day, noon).days.size(), 1U) << "from a time on that has not come: today";
}

TEST_F(CliDose, OutputsThatHaveGoneAreKeptById) {
    const auto report = dose_report(week(), {}, noon);
    ASSERT_EQ(report.outputs.size(), 2U);
    EXPECT_EQ(report.outputs.at(0).output, "jack") << "what gave most comes first";
    EXPECT_EQ(report.outputs.at(0).name, "Headphones");
    EXPECT_EQ(report.outputs.at(1).name, std::nullopt);
}

// ---- text, JSON, CSV --------------------------------------------------------------------------------------------------------------

TEST_F(CliDose, TextIsAsKept) {
    const auto report = dose_report(week(), {}, noon);
    const auto text = dose_text(report, {});
    EXPECT_EQ(text, test::golden("dose.txt", text));
    const auto ascii = dose_text(report, {.colour = false, .width = {}, .utf8 = false});
    EXPECT_EQ(ascii, test::golden("dose.ascii.txt", ascii));
    for (const char letter : ascii) EXPECT_GT(letter, 0);
    const auto colours = dose_text(report, {.colour = true, .width = 100, .utf8 = true});
    EXPECT_EQ(colours, test::golden("dose.colours.txt", colours));
}

TEST_F(CliDose, BarsFitTheTerminal) {
    const auto report = dose_report(week(), {}, noon);
    for (const std::size_t width : {20U, 44U, 50U, 60U, 80U, 200U}) {
        const auto text = dose_text(report, {.colour = false, .width = width, .utf8 = true});
        std::istringstream lines{text.substr(text.find("DAY"))};
        for (std::string line; std::getline(lines, line) && !line.empty();) EXPECT_LE(columns_of(line), std::max<std::size_t>(width, 46)) << line;
        EXPECT_EQ(text.find("█") != std::string::npos, width >= 60) << width;
    }
}

TEST_F(CliDose, APeriodIsToldPerWeek) {
    Dose dose = week();
    dose.limit_dba = 80;
    dose.seconds_left = std::numeric_limits<double>::infinity();
    dose.level_dba = 61;
    const auto text = dose_text(dose_report(dose, noon - 14 * day, noon), {});
    EXPECT_EQ(text, test::golden("dose.since.txt", text));
}

TEST_F(CliDose, NothingIsNothing) {
    const auto report = dose_report({}, {}, noon);
    const auto text = dose_text(report, {});
    EXPECT_EQ(text, test::golden("dose.nothing.txt", text));
    const auto json = dose_json(report, JsonLayout::indented);
    EXPECT_EQ(json, test::golden("dose.nothing.json", json));
    EXPECT_NE(dose_svg(report).find("nothing was counted"), std::string::npos);
    EXPECT_NE(dose_html(report).find("Nothing was counted"), std::string::npos);
    EXPECT_EQ(dose_csv(report), "start,output,pa2h,estimated_pa2h,percent,seconds,loudest_dba\r\n");
}

TEST_F(CliDose, EstimatesAreMarked) {
    Dose known = week();
    for (auto *rows : {&known.minutes, &known.hours})
        for (DoseRow &each : *rows) each.exposure.estimated_pa2h = 0.0;
    known.week_estimated_pa2h = 0.0;
    known.level_dba.reset();
    for (const Dose &dose : {week(), known}) {
        const auto report = dose_report(dose, {}, noon);
        const bool marked = dose.week_estimated_pa2h > 0.0;
        const auto text = dose_text(report, {});
        EXPECT_EQ(text.find("≈") != std::string::npos, marked) << text;
        EXPECT_EQ(text.find("estimated") != std::string::npos, marked) << text;
        EXPECT_EQ(dose_svg(report).find("stroke-width='1'") != std::string::npos, true) << "the legend";
        EXPECT_EQ(dose_svg(report).find(">≈ 15 %<") != std::string::npos, marked);
    }
}

TEST_F(CliDose, JsonIsAsPromised) {
    const auto report = dose_report(week(), {}, noon);
    const auto json = dose_json(report, JsonLayout::indented);
    EXPECT_EQ(json, test::golden("dose.json", json));
    const auto lines = dose_json(report, JsonLayout::one_line);
    EXPECT_EQ(lines, test::golden("dose.jsonl", lines));
}

TEST_F(CliDose, CsvIsAsPromised) {
    const auto csv = dose_csv(dose_report(week(), {}, noon));
    EXPECT_EQ(csv, test::golden("dose.csv", csv));
}

TEST_F(CliDose, CsvIsQuotedWhereItHasToBe) {
    EXPECT_EQ(csv_field("plain_1"), "plain_1");
    EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
    EXPECT_EQ(csv_field("say \"hm\"\n"), "\"say \"\"hm\"\"\n\"");
}

TEST_F(CliDose, ALineOfCsvHasItsOwnOffset) {
    live_in(kathmandu);
    Dose dose;
    dose.hours = {row(noon - hour, 1)};
    EXPECT_NE(dose_csv(dose_report(dose, {}, noon)).find("2026-11-29T16:45:00+05:45,jack,"), std::string::npos);
}

TEST_F(CliDose, NumbersAreForPeople) {
    EXPECT_EQ(percent_text(0.04), "<0.1 %");
    EXPECT_EQ(percent_text(9.96), "10 %");
    EXPECT_EQ(percent_text(1234.4), "1234 %");
    EXPECT_EQ(exposure_number(0.0), "0");
    EXPECT_EQ(exposure_number(0.0001), "<0.001");
    EXPECT_EQ(exposure_number(0.9876), "0.99");
    EXPECT_EQ(exposure_number(123.4), "123");
    EXPECT_EQ(listened_text(2), "0:01");
    EXPECT_EQ(listened_text(3600 * 25 + 59), "25:01");
    EXPECT_EQ(duration_text(5), "less than a minute");
    EXPECT_EQ(duration_text(59 * 60), "59 min");
    EXPECT_EQ(duration_text(3599), "1 h");
    EXPECT_EQ(duration_text(3 * 3600 + 1200), "3 h 20 min");
    EXPECT_EQ(duration_text(14 * 3600), "14 h");
    EXPECT_EQ(duration_text(9 * 86'400), "9 days");
}

// ---- pictures and reports ---------------------------------------------------------------------------------------------------------

/// For tests/house/dose_report.py, which parses them, and for people to look at.
void keep(const std::string &name, const std::string &text) {
    if (const char *directory = std::getenv("SOUNDWARDEN_DOSE_SAMPLES")) std::ofstream{std::string{directory} + "/" + name} << text;
}

Dose hostile() {
    Dose dose = week();
    dose.names["jack"] = "<b>&\"x'\x1b[31m\xEF\xBF\xBE</script>";
    dose.names.erase("bluez");
    return dose;
}

TEST_F(CliDose, NamesAreNoMarkup) {
    EXPECT_EQ(escaped("<b>&\"x'"), "&lt;b&gt;&amp;&quot;x&#39;");
    EXPECT_EQ(escaped("a\x1b\nb\xEF\xBF\xBF"), "a??b?");
    const auto html = dose_html(dose_report(hostile(), {}, noon));
    EXPECT_EQ(html.find("<b>"), std::string::npos);
    EXPECT_NE(html.find("&lt;b&gt;&amp;&quot;x&#39;"), std::string::npos);
}

TEST_F(CliDose, PicturesAndReportsNeedNothingFromElsewhere) {
    Dose loud = hostile();
    for (DoseRow &each : loud.minutes) each.exposure.pa2h *= 6;
    const std::pair<const char *, DoseReport> reports[]{{"week", dose_report(hostile(), {}, noon)},
                                                        {"loud", dose_report(loud, {}, noon)},
                                                        {"nothing", dose_report({}, {}, noon)},
                                                        {"quarter", dose_report(week(), noon - 90 * day, noon)}};
    for (const auto &[name, report] : reports) {
        const auto svg = dose_svg(report), html = dose_html(report);
        keep(std::string{name} + ".svg", svg);
        keep(std::string{name} + ".html", html);
        for (std::string text : {svg, html}) {
            const std::string xmlns = "xmlns='http://www.w3.org/2000/svg'";
            ASSERT_NE(text.find(xmlns), std::string::npos);
            text.erase(text.find(xmlns), xmlns.size());
            for (const char *what : {"http:", "https:", "<script", "src=", "href=", "@import", "nan", "inf "}) EXPECT_EQ(text.find(what), std::string::npos) << name << " " << what;
        }
        EXPECT_NE(html.find("content=\"default-src 'none'; style-src 'unsafe-inline'\""), std::string::npos);
        EXPECT_TRUE(svg.starts_with("<svg ") && svg.find("viewBox='") != std::string::npos);
    }
}

TEST_F(CliDose, TheWholeAllowanceIsMarkedWhereItIsInSight) {
    EXPECT_EQ(dose_svg(dose_report(week(), {}, noon)).find("100 %: all"), std::string::npos);
    Dose loud = week();
    loud.minutes.back().exposure.pa2h = 1.7;
    EXPECT_NE(dose_svg(dose_report(loud, {}, noon)).find("100 %: all"), std::string::npos);
}

// ---- in German --------------------------------------------------------------------------------------------------------------------

class CliDoseInGerman : public CliDose {
    test::InGerman german_;
};

TEST_F(CliDoseInGerman, TextsPicturesAndReportsAreTranslated) {
    const auto report = dose_report(week(), {}, noon);
    const auto text = dose_text(report, {});
    EXPECT_EQ(text, test::golden("de.dose.txt", text));
    const auto since = dose_text(dose_report(week(), noon - 2 * day, noon), {});
    EXPECT_NE(since.find("\nSeit 2026-11-27 13:00 +01:00: "), std::string::npos) << since;
    const auto svg = dose_svg(report);
    EXPECT_NE(svg.find("Schall an den Ohren, 2026-11-23 bis 2026-11-29"), std::string::npos) << svg;
    EXPECT_NE(svg.find(">Mo</text>"), std::string::npos) << svg;
    const auto html = dose_html(report);
    EXPECT_NE(html.find("<html lang=\"de\">"), std::string::npos);
    EXPECT_NE(html.find("Diese Zahlen sind kein ärztlicher Rat."), std::string::npos);
    Dose loud = week();
    for (DoseRow &each : loud.minutes) each.exposure.pa2h *= 6;
    keep("german.svg", dose_svg(dose_report(loud, {}, noon)));
    keep("german.html", html);
}

TEST_F(CliDoseInGerman, NumbersForProgramsStayAsTheyAre) {
    const auto report = dose_report(week(), {}, noon);
    EXPECT_EQ(dose_csv(report), test::golden("dose.csv", dose_csv(report)));
    const auto json = dose_json(report, JsonLayout::indented);
    EXPECT_EQ(json, test::golden("dose.json", json));
}

// ---- speed ------------------------------------------------------------------------------------------------------------------------

TEST_F(CliDose, MoreThanAYearIsReadyAtOnce) {
    Dose dose;
    for (std::int64_t at = noon - 400 * day; at < noon; at += hour) dose.hours.push_back(row(at, 0.001, 0.001));
    for (std::int64_t at = noon - 8 * day; at < noon; at += minute) dose.minutes.push_back(row(at, 0.001 / 60, 0.001 / 60));
    const auto before = std::chrono::steady_clock::now();
    const auto report = dose_report(std::move(dose), noon - 400 * day, noon);
    const auto grouped = std::chrono::steady_clock::now();
    std::size_t bytes = 0;
    for (const auto &text : {dose_text(report, {}), dose_json(report, JsonLayout::indented), dose_csv(report), dose_html(report)}) bytes += text.size();
    const auto rendered = std::chrono::steady_clock::now();
    const auto ms = [](auto span) { return std::chrono::duration<double, std::milli>(span).count(); };
    std::cout << report.days.size() << " days: grouped in " << ms(grouped - before) << " ms, " << bytes << " bytes rendered in " << ms(rendered - grouped) << " ms\n";
    EXPECT_EQ(report.days.size(), 401U);
    EXPECT_NEAR(report.period.pa2h, 9.6, 1e-6);
    EXPECT_LT(ms(rendered - before), 1000) << "a bound that only a mistake in the order of things breaks";
}

} // namespace
} // namespace soundwarden
