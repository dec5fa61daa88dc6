// SPDX-License-Identifier: MIT
// `meter`: what is drawn, line by line, and how bars move.
#include "failure.hpp"
#include "golden.hpp"
#include "meter.hpp"
#include "render/meter_lines.hpp"
#include "render/meter_screen.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <clocale>

namespace soundwarden::cli {
namespace {

MeterRow row(const std::string &name, std::optional<double> bar, std::optional<double> hold, std::optional<double> ceiling, double reduction = 0.0) {
    MeterRow made;
    made.name = name;
    made.now.id = "id";
    made.now.state = "guarded";
    made.now.playing = bar.has_value();
    made.now.ceiling_dbfs = ceiling;
    made.now.peak_dbfs = bar;
    if (bar) made.now.gain_reduction_db = reduction;
    if (bar) made.now.governor_db = 0.0;
    made.bar_dbfs = bar;
    made.hold_dbfs = hold;
    return made;
}

/// Headphones under pressure, an open display, and an amplifier that is kept silent.
MeterView listening() {
    MeterView view;
    view.daemon_state = "running";
    view.dose_percent = 43.21;
    view.rows = {row("Headphones", -14.2, -9.41, -9.41, 6.3), row("HDMI / DisplayPort", -3.0, -1.2, std::nullopt),
                 row("Amplifier", std::nullopt, std::nullopt, std::nullopt)};
    view.rows[0].now.level_dba = 98.7;
    view.rows[0].now.governor_db = -2.4;
    view.rows[1].now.state = "free";
    view.rows[2].now.state = "blocked";
    return view;
}

MeterView many(std::size_t count) {
    MeterView view;
    view.daemon_state = "degraded";
    view.dose_percent = 104.0;
    for (std::size_t at = 0; at < count; ++at) {
        const double level = -60.0 + 3.0 * static_cast<double>(at);
        view.rows.push_back(row("Output " + std::to_string(at + 1), level, level + 4.5, -6.0, at % 3 == 0 ? 1.5 : 0.0));
    }
    return view;
}

class MeterScreen : public testing::Test {
  protected:
    // Signs are as wide as the terminal that the goldens were looked at on.
    static void SetUpTestSuite() { std::setlocale(LC_CTYPE, "C.UTF-8"); }

    static std::string drawn(const MeterView &view, ScreenSize size, const Style &style = {}) {
        const auto lines = meter_screen(view, size, style);
        EXPECT_LE(lines.size(), size.rows);
        std::string text;
        for (const std::string &line : lines) {
            EXPECT_TRUE(style.colour || columns_of(line) <= size.columns) << line;
            text += line + "\n";
        }
        return text;
    }
    static void expect_golden(const std::string &name, const std::string &text) { EXPECT_EQ(text, test::golden("meter." + name + ".txt", text)); }
};

TEST_F(MeterScreen, TheUsualTerminal) { expect_golden("80x24", drawn(listening(), {80, 24})); }
TEST_F(MeterScreen, ASmallTerminal) { expect_golden("40x10", drawn(listening(), {40, 10})); }
TEST_F(MeterScreen, AWideTerminal) { expect_golden("132x43", drawn(listening(), {132, 43})); }
TEST_F(MeterScreen, OnlyAscii) {
    auto view = listening();
    view.rows[0].name = "Kopfhörer";
    const auto text = drawn(view, {80, 24}, {false, std::nullopt, false});
    EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7F); }));
    expect_golden("ascii", text);
}
TEST_F(MeterScreen, InColour) { expect_golden("colours", drawn(listening(), {80, 24}, {true, std::nullopt, true})); }
TEST_F(MeterScreen, SomewhatMoreThanHasRoomIsDrawnShorter) { expect_golden("eight", drawn(many(8), {80, 24})); }
TEST_F(MeterScreen, ALineEach) { expect_golden("twenty", drawn(many(20), {80, 24})); }
TEST_F(MeterScreen, OfTooManyItIsSaidHowMany) {
    auto view = many(50);
    expect_golden("fifty", drawn(view, {60, 12}));
    view.first = 7;
    const auto scrolled = drawn(view, {60, 12});
    EXPECT_NE(scrolled.find("Output 8 "), std::string::npos) << scrolled;
    EXPECT_NE(scrolled.find("7 more above, 35 below"), std::string::npos) << scrolled;
    view.first = 1000;
    EXPECT_NE(drawn(view, {60, 12}).find("42 more above, 0 below"), std::string::npos) << "never beyond the last one";
    EXPECT_EQ(rows_with_room(view, {60, 12}), 8U);
}
TEST_F(MeterScreen, WithoutADaemonAndWithoutOutputs) {
    MeterView view;
    view.notice = "the daemon has gone; waiting for it";
    expect_golden("gone", drawn(view, {80, 6}));
    view = {};
    view.daemon_state = "running";
    view.dose_percent = 0.0;
    expect_golden("nothing", drawn(view, {80, 6}));
}

TEST_F(MeterScreen, NoSizeIsTooSmallAndNoLineTooLong) {
    for (const bool utf8 : {true, false})
        for (std::size_t columns = 0; columns <= 100; ++columns)
            for (std::size_t rows = 0; rows <= 14; ++rows)
                for (const std::size_t count : {0U, 1U, 3U, 30U}) {
                    auto view = count == 3 ? listening() : many(count);
                    view.first = 5;
                    drawn(view, {columns, rows}, {false, std::nullopt, utf8});
                    if (HasFailure()) FAIL() << columns << "x" << rows << ", " << count << " outputs";
                }
    EXPECT_FALSE(drawn(listening(), {1, 1}).empty());
}

TEST_F(MeterScreen, LevelsBeyondTheScaleEndAtItsEdges) {
    auto view = listening();
    for (const double db : {-400.0, -60.0, 0.0, 30.0, 400.0}) {
        view.rows[0] = row("Odd", db, db, db, std::abs(db));
        drawn(view, {80, 24});
        drawn(view, {9, 5});
    }
}

TEST_F(MeterScreen, NamesCannotSteerTheTerminal) {
    auto view = listening();
    view.rows[0].name = "Phones\x1b[31m\n\x07";
    view.rows[0].now.state = "sta\x1bte";
    const auto text = drawn(view, {80, 24});
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
    EXPECT_EQ(text.find('\x07'), std::string::npos);
}

// ---- bars

MeterPacket packet(std::int64_t at_ms, std::optional<double> peak, std::optional<double> true_peak = std::nullopt) {
    MeterReading reading;
    reading.id = "a";
    reading.state = "guarded";
    reading.playing = peak.has_value();
    reading.peak_dbfs = peak;
    reading.true_peak_dbfs = true_peak;
    return {at_ms, {reading}, 12.0};
}

TEST(MeterBars, RiseAtOnceAndFallSlowly) {
    MeterBoard board;
    board.take(packet(1000, -20.0), {{"a", "Headphones"}});
    ASSERT_EQ(board.rows().size(), 1U);
    EXPECT_EQ(board.rows()[0].name, "Headphones");
    EXPECT_EQ(board.rows()[0].bar_dbfs, -20.0);
    board.take(packet(2700, -60.0), {});
    EXPECT_EQ(board.rows()[0].name, "a") << "called by its id";
    EXPECT_NEAR(board.rows()[0].bar_dbfs.value_or(0.0), -40.0, 1e-9) << "20 dB in 1.7 s";
    board.take(packet(2750, -6.0), {});
    EXPECT_EQ(board.rows()[0].bar_dbfs, -6.0);
    board.take(packet(20'000, std::nullopt), {});
    EXPECT_FALSE(board.rows()[0].bar_dbfs) << "silence in the end";
    EXPECT_EQ(board.dose_percent(), 12.0);
}

TEST(MeterBars, HoldTheHighestPeakForTwoSeconds) {
    MeterBoard board;
    board.take(packet(0, -10.0, -9.5), {});
    EXPECT_EQ(board.rows()[0].hold_dbfs, -9.5) << "between the samples";
    board.take(packet(1999, -50.0), {});
    EXPECT_EQ(board.rows()[0].hold_dbfs, -9.5);
    board.take(packet(2000, -50.0), {});
    EXPECT_EQ(board.rows()[0].hold_dbfs, board.rows()[0].bar_dbfs);
    board.take(packet(2050, -3.0), {});
    EXPECT_EQ(board.rows()[0].hold_dbfs, -3.0);
}

TEST(MeterBars, AnOutputThatComesBackBeginsAnew) {
    MeterBoard board;
    board.take(packet(0, -1.0), {});
    board.take({50, {}, std::nullopt}, {});
    EXPECT_TRUE(board.rows().empty());
    EXPECT_FALSE(board.dose_percent());
    board.take(packet(100, -30.0), {});
    EXPECT_EQ(board.rows()[0].bar_dbfs, -30.0);
    EXPECT_EQ(board.rows()[0].hold_dbfs, -30.0);
}

TEST(MeterPackets, ThatAreLatePutTogetherLoseNoPeak) {
    auto first = packet(0, -1.0, -0.5), second = packet(50, -20.0);
    first.outputs[0].gain_reduction_db = 3.0;
    second.outputs[0].gain_reduction_db = 1.0;
    second.outputs[0].state = "settling";
    const auto both = together(first, second);
    EXPECT_EQ(both.monotonic_ms, 50);
    EXPECT_EQ(both.outputs[0].peak_dbfs, -1.0);
    EXPECT_EQ(both.outputs[0].true_peak_dbfs, -0.5);
    EXPECT_EQ(both.outputs[0].gain_reduction_db, 3.0);
    EXPECT_EQ(both.outputs[0].state, "settling");
    EXPECT_TRUE(together(first, packet(50, std::nullopt)).outputs[0].playing);
    EXPECT_TRUE(together(first, {50, {}, std::nullopt}).outputs.empty()) << "it has gone";
}

TEST(MeterPackets, AreReadAsFarAsTheyAreKnown) {
    const auto read = parse_meter_packet(R"({"monotonic_ms":7,"new":{},"outputs":[{"id":"a","state":"guarded","ceiling_dbfs":null,"playing":true,
        "peak_dbfs":-3.5,"new":[1]}],"dose_percent":1.5})");
    EXPECT_EQ(read.monotonic_ms, 7);
    ASSERT_EQ(read.outputs.size(), 1U);
    EXPECT_EQ(read.outputs[0].peak_dbfs, -3.5);
    EXPECT_FALSE(read.outputs[0].ceiling_dbfs || read.outputs[0].level_dba);
    EXPECT_EQ(read.dose_percent, 1.5);
    for (const char *bad : {"", "{", "[]", "{}", R"({"monotonic_ms":"x","outputs":[]})", R"({"monotonic_ms":1,"outputs":[1]})",
                            R"({"monotonic_ms":1,"outputs":[{"id":3}]})"})
        EXPECT_THROW(parse_meter_packet(bad), Failure) << bad;
}

TEST(MeterLines, SayTheSameInWordsAndInJson) {
    auto shown = packet(5000, -12.34, -11.87);
    shown.outputs[0].ceiling_dbfs = -9.41;
    shown.outputs[0].gain_reduction_db = 3.0;
    shown.outputs[0].governor_db = -1.0;
    shown.outputs[0].level_dba = 84.21;
    MeterReading silent;
    silent.id = "b";
    silent.state = "free";
    shown.outputs.push_back(silent);
    const std::map<std::string, std::string> names{{"a", "Headphones\x1b"}};
    const auto text = meter_text(shown, names, "12:00:00.000", {});
    EXPECT_EQ(text, test::golden("meter.lines.txt", text));
    const auto json = meter_json(shown, names, "2026-11-29T12:00:00.000Z");
    EXPECT_EQ(json, test::golden("meter.jsonl", json));
    EXPECT_EQ(std::count(json.begin(), json.end(), '\n'), 1);
}

} // namespace
} // namespace soundwarden::cli
