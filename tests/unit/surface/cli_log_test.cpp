// SPDX-License-Identifier: MIT
// `soundwarden log`, `answer` and `forget` without a bus: what is printed, and which times are understood.
#include "failure.hpp"
#include "golden.hpp"
#include "log.hpp"
#include "render/log_lines.hpp"
#include "render/text.hpp"
#include "scenes.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace soundwarden {
namespace {

using namespace cli;

constexpr std::int64_t noon = 1'795'953'600'000; // 2026-11-29 12:00 UTC, 13:00 in the zone below
constexpr std::int64_t hour = 3'600'000, day = 24 * hour;

class CliLog : public testing::Test {
  protected:
    void SetUp() override {
        setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1); // needs no files of zones
        tzset();
    }
    static std::vector<LogEntry> entries() {
        std::vector<LogEntry> all;
        for (const auto &line : test::log_scene()) all.push_back({line.id, line.unix_ms, line.level, line.what, line.subject, line.text});
        return all;
    }
    static int refused(const std::string &text) {
        try {
            parse_since(text, noon);
        } catch (const Failure &failure) {
            return failure.code;
        }
        return 0;
    }
};

TEST_F(CliLog, TextIsAsKept) {
    const auto text = log_text(entries(), {});
    EXPECT_EQ(text, test::golden("log.txt", text));
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    const auto colours = log_text(entries(), {.colour = true, .width = {}});
    EXPECT_EQ(colours, test::golden("log.colours.txt", colours));
}

TEST_F(CliLog, OnANarrowTerminalTheSinksAreLeftOut) {
    const auto text = log_text(entries(), {.colour = false, .width = 80});
    EXPECT_EQ(text, test::golden("log.narrow.txt", text));
}

TEST_F(CliLog, JsonIsAsPromised) {
    const auto json = log_json(entries(), JsonLayout::indented);
    EXPECT_EQ(json, test::golden("log.json", json));
    const auto lines = log_json(entries(), JsonLayout::one_line);
    EXPECT_EQ(lines, test::golden("log.jsonl", lines));
    EXPECT_EQ(log_json({}, JsonLayout::one_line), "");
    EXPECT_EQ(log_json({}, JsonLayout::indented), "{\n  \"schema\": 1,\n  \"entries\": []\n}\n");
}

TEST_F(CliLog, TimesFromBefore1970AreTimesToo) {
    EXPECT_NE(log_json({{1, -1, "info", "edge", "", ""}}, JsonLayout::one_line).find("1969-12-31T23:59:59.999Z"), std::string::npos);
}

TEST_F(CliLog, AgesAreUnderstood) {
    const std::vector<std::pair<std::string, std::int64_t>> ages{
        {"30s", 30'000}, {"30 sec", 30'000}, {"5m", 300'000}, {"5min", 300'000}, {"5 minutes ago", 300'000}, {"2h", 2 * hour}, {"1 hour", hour},
        {"3d", 3 * day}, {"3 days ago", 3 * day}, {"2w", 14 * day}, {"1d 2h 30min", day + 2 * hour + 1'800'000}, {"1h30m", hour + 1'800'000}, {"0s", 0}};
    for (const auto &[text, age] : ages) EXPECT_EQ(parse_since(text, noon), noon - age) << text;
    EXPECT_EQ(parse_since("now", noon), noon);
}

TEST_F(CliLog, TimesAreLocalWhereNoZoneIsNamed) {
    EXPECT_EQ(parse_since("today", noon), noon - 13 * hour);
    EXPECT_EQ(parse_since("yesterday", noon), noon - 37 * hour);
    EXPECT_EQ(parse_since("08:30", noon), noon - 4 * hour - hour / 2);
    EXPECT_EQ(parse_since("8:30:15", noon), noon - 4 * hour - hour / 2 + 15'000);
    EXPECT_EQ(parse_since("2026-11-29", noon), noon - 13 * hour);
    EXPECT_EQ(parse_since("2026-11-29 13:00", noon), noon);
    EXPECT_EQ(parse_since("2026-11-29T13:00:05", noon), noon + 5'000);
    EXPECT_EQ(parse_since("2026-11-29T12:00:00Z", noon), noon);
    EXPECT_EQ(parse_since("2026-11-29T12:00:00.250Z", noon), noon);
    EXPECT_EQ(parse_since("2026-11-29T14:00:00+02:00", noon), noon);
    EXPECT_EQ(parse_since("2026-11-29T06:30:00-0530", noon), noon);
    EXPECT_EQ(parse_since("2026-07-01 14:00", noon), 1'782'907'200'000) << "in summer two hours ahead";
    EXPECT_EQ(parse_since("@1795953600", noon), noon);
    EXPECT_EQ(parse_since("2024-02-29", noon), 1'709'161'200'000);
}

TEST_F(CliLog, TheHourThatIsMissingInSpringIsNoMistake) {
    EXPECT_EQ(parse_since("yesterday", 1'774'782'000'000), 1'774'652'400'000) << "2026-03-29 is 23 hours long; the day before is whole";
}

TEST_F(CliLog, WhatIsNoTimeIsAUsageError) {
    for (const std::string text : {"", " ", "h", "3", "3x", "3 fortnights", "-2h", "2h-", "ago", "h2", "2026", "2026-13-01", "2026-02-30", "2026-11-29 25:00",
                                   "2026-11-29 13:60", "2026-11-29T", "2026-11-29 13:00 please", "24:00", "12", "12:3", "@", "@x", "@1 ", "tomorrow",
                                   "99999999999999999999s", "999999999w", "2026-11-29T12:00:00+99:00", "0000-00-00"})
        EXPECT_EQ(refused(text), exit_usage) << "'" << text << "'";
    try {
        parse_since("soon\x1b[31m", noon);
    } catch (const Failure &failure) {
        EXPECT_NE(std::string{failure.what()}.find("2h"), std::string::npos) << "how to write it";
        EXPECT_EQ(std::string{failure.what()}.find('\x1b'), std::string::npos);
    }
}

TEST_F(CliLog, AnswerAndForgetSayWhatHoldsNow) {
    Output output;
    output.id = test::laptop_headphones;
    output.name = "Headphones";
    output.loads = {{"in-ear", 1.0}};
    output.confidence = "certain";
    output.verdict = "limit";
    output.cap_dbfs = -20.5;
    output.state = "guarded";
    const auto text = answer_text(output, "in-ear") + "---\n" + answer_text(output, "unknown") + "---\n" + forget_text(output);
    EXPECT_EQ(text, test::golden("answer.txt", text));
}

} // namespace
} // namespace soundwarden
