// SPDX-License-Identifier: MIT
// How `soundwarden replay` tells its story. The programs end to end: tests/integration/replay_cli_test.cpp.
#include "golden.hpp"
#include "render/replay.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace soundwarden {
namespace {

using namespace cli;
using namespace std::chrono_literals;

engine::OutputView headphones() {
    engine::OutputView output;
    output.id = "pci_0000_00_1f_3_analog_output_headphones";
    output.name = "Headphones";
    output.sink = "alsa_output.pci-0000_00_1f.3.analog-stereo";
    output.facts.kind = OutputKind::headphone_out;
    output.classification = {{{Load::headphones, 0.95}, {Load::unknown, 0.05}}, Confidence::high, {}};
    output.decision.verdict = Verdict::limit;
    output.decision.cap = Decibels{-9.4012};
    output.decision.governor = Decibels{-20.0};
    output.decision.start_level = Decibels{-15.0};
    output.decision.ask = true;
    output.decision.reason = "headphone-cap";
    output.decision.rule = {"headphone-out/ears", "builtin:10-matrix.toml", 31, 1};
    output.decision.assumed = {"full-scale"};
    return output;
}

std::vector<Told> story() {
    engine::OutputView gone = headphones();
    gone.active = false;
    gone.decision = Decision{};
    gone.classification = {};
    return {{2, 0s, engine::Report{engine::Level::info, "sink", headphones().sink, "Built-in Audio"}},
            {2, 0s, headphones()},
            {7, 301234567ns, engine::Report{engine::Level::warning, "degraded", "", "no-bus: \x1b[31mthere is none"}},
            {9, 3725s, engine::Report{engine::Level::error, "guard", "a", "failed"}},
            {9, 3725s, engine::Report{engine::Level::debug, "a-long-word", "a", "said"}},
            {12, 3726s, gone}};
}

trace::Replay same() {
    trace::Replay replay;
    replay.header.version = "0.1.0";
    replay.steps = 12;
    return replay;
}
trace::Replay different() {
    trace::Replay replay = same();
    replay.different = 2;
    replay.first = {11, "{\"effect\":\"limit-sink\",\"sink\":\"a\",\"level\":0.5}", ""};
    replay.notices = {"the last line is torn"};
    return replay;
}

std::string text_of_all(const Style &style) {
    std::string text;
    for (const Told &told : story()) text += told_text(told, style);
    return text + outcome_text(same(), style) + outcome_text(different(), style);
}

TEST(ReplayText, ReadsAsKept) { EXPECT_EQ(text_of_all({}), test::golden("replay.txt", text_of_all({}))); }

TEST(ReplayText, HasColoursWhereTheyMeanSomething) {
    const Style colours{.colour = true, .width = {}};
    EXPECT_EQ(text_of_all(colours), test::golden("replay.colours.txt", text_of_all(colours)));
}

TEST(ReplayText, LetsNoEscapeThrough) { EXPECT_EQ(text_of_all({}).find('\x1b'), std::string::npos); }

TEST(ReplayLines, AreKept) {
    std::string text;
    for (const Told &told : story()) text += told_line(told);
    text += outcome_line(same()) + outcome_line(different());
    EXPECT_EQ(text, test::golden("replay.jsonl", text));
}

TEST(ReplayJson, IsKept) {
    const std::string text = replay_json(different(), story());
    EXPECT_EQ(text, test::golden("replay.json", text));
    EXPECT_EQ(nlohmann::json::parse(text)["story"].size(), story().size());
}

TEST(ReplayDiagnostics, NameFileAndLine) {
    EXPECT_EQ(replay_diagnostics(same(), "a.jsonl"), "");
    EXPECT_EQ(replay_diagnostics(different(), "a.jsonl"),
              "a.jsonl:11: error: the engine answers otherwise than it did\n"
              "  recorded: {\"effect\":\"limit-sink\",\"sink\":\"a\",\"level\":0.5}\n  here:     nothing\n"
              "a.jsonl: note: the last line is torn\n");
    trace::Replay unreadable = same();
    unreadable.unreadable = trace::Unreadable{3, "card: is no whole number"};
    EXPECT_EQ(replay_diagnostics(unreadable, "a.jsonl"), "a.jsonl:3: error: card: is no whole number\n");
}

} // namespace
} // namespace soundwarden
