// SPDX-License-Identifier: MIT
// The CLI's own part: names, exit codes, rendering. What it prints for a real daemon:
// tests/integration/dbus_cli_test.cpp, with the same golden files.
#include "failure.hpp"
#include "golden.hpp"
#include "orphans.hpp"
#include "render/json.hpp"
#include "render/text.hpp"
#include "scenes.hpp"
#include "status.hpp"
#include "subprocess.hpp"
#include "terminal.hpp"

#include <gtest/gtest.h>

namespace soundwarden {
namespace {

using namespace cli;

std::optional<double> value(const std::optional<Decibels> &level) {
    return level ? std::optional{level->value} : std::nullopt;
}

/// A scene as the CLI holds it after a fetch.
Status seen(const std::string &name, std::optional<double> peak = {}, std::optional<double> reduction = {}) {
    const auto snapshot = *test::scene(name);
    Status status;
    status.version = "1.2.3-test";
    status.state = name_of(snapshot.state);
    status.posture = "protect";
    for (const auto &reason : snapshot.reasons) status.reasons.push_back({reason.token, reason.sentence});
    for (const auto &view : snapshot.outputs) {
        Output output;
        output.id = view.id;
        output.name = view.name;
        output.sink = view.sink;
        output.kind = name_of(view.facts.kind);
        output.active = view.active;
        output.availability = name_of(view.availability);
        for (const auto &share : view.classification.loads)
            output.loads.push_back({std::string{name_of(share.load)}, share.probability});
        output.confidence = name_of(view.classification.confidence);
        for (const auto &fact : view.classification.evidence) output.evidence.push_back({fact.source, fact.text});
        output.verdict = name_of(view.decision.verdict);
        output.ceiling_dbfs = value(view.ceiling);
        output.cap_dbfs = value(view.decision.cap);
        output.state = name_of(view.state);
        output.reason = view.decision.reason;
        output.rule = {view.decision.rule.name, view.decision.rule.file, view.decision.rule.line};
        output.assumed = view.decision.assumed;
        output.ask = view.decision.ask;
        output.start_level_db = value(view.decision.start_level);
        if (view.facts.full_scale) output.full_scale_volts = view.facts.full_scale->value;
        if (view.facts.output_impedance) output.facts["output_impedance_ohm"] = view.facts.output_impedance->value;
        if (view.classification.facts.impedance) output.facts["load_impedance_ohm"] = view.classification.facts.impedance->value;
        if (view.classification.facts.sensitivity) output.facts["load_sensitivity_db_per_v"] = view.classification.facts.sensitivity->value;
        output.model = view.classification.facts.model;
        output.volume = view.volume;
        output.mute = view.mute;
        for (const auto &offender : view.offenders) output.offenders.push_back({offender.name, offender.times});
        if (view.active) {
            output.peak_dbfs = peak;
            output.gain_reduction_db = reduction;
        }
        status.outputs.push_back(output);
    }
    sort_outputs(status.outputs);
    return status;
}

constexpr const char *scenes_with_goldens[] = {"laptop",    "unplugged",   "settling",       "blocked", "degraded",
                                               "fail-safe", "unprotected", "not-protecting", "empty",   "twins"};

TEST(CliRendering, StatusTextIsAsKept) {
    for (const std::string name : scenes_with_goldens) {
        const auto text = status_text(seen(name, -12.34, 0.456), {});
        EXPECT_EQ(text, test::golden(name + ".status.txt", text)) << name;
    }
}

TEST(CliRendering, StatusJsonIsAsPromised) {
    for (const std::string name : scenes_with_goldens) {
        const auto json = status_json(seen(name, -12.34, 0.456), JsonLayout::indented);
        EXPECT_EQ(json, test::golden(name + ".status.json", json)) << name;
    }
}

TEST(CliRendering, ShowIsAsKept) {
    const auto status = seen("laptop", -12.34, 0.456);
    const auto text = show_text(find_output(status, "head"), {});
    EXPECT_EQ(text, test::golden("laptop.show.txt", text));
    const auto json = show_json(status, find_output(status, "head"), JsonLayout::one_line);
    EXPECT_EQ(json, test::golden("laptop.show.jsonl", json));
}

TEST(CliRendering, ColourIsAsKept) {
    std::string text;
    for (const std::string name : {"laptop", "blocked", "degraded", "unprotected", "not-protecting"})
        text += status_text(seen(name, -12.34, 0.456), {.colour = true, .width = {}});
    EXPECT_EQ(text, test::golden("colours.txt", text));
}

TEST(CliRendering, NarrowTerminalsAreNotOverrun) {
    std::string all;
    for (const std::size_t width : {100U, 90U, 80U, 40U}) {
        const auto text = status_text(seen("laptop", -12.34, 0.456), {.colour = false, .width = width});
        all += text + "---\n";
        for (std::size_t at = 0; at < text.size();) {
            const auto end = text.find('\n', at);
            EXPECT_LE(columns_of(text.substr(at, end - at)), width) << text.substr(at, end - at);
            at = end + 1;
        }
    }
    EXPECT_EQ(all, test::golden("laptop.narrow.txt", all));
}

TEST(CliRendering, MonitorLinesAreAsKept) {
    const auto before = seen("laptop");
    const auto after = seen("unplugged");
    const auto &plugged = find_output(before, "headphones");
    const auto &unplugged = find_output(after, "headphones");
    std::string text = changed_text(plugged, unplugged, changes(plugged, unplugged), "12:00:00.000", {});
    text += added_text(plugged, "12:00:00.001", {});
    text += removed_text(plugged, "12:00:00.002", {});
    text += state_text(seen("degraded"), "12:00:00.003", {});
    text += note_text("the daemon has gone; waiting for it", "12:00:00.004", {});
    EXPECT_EQ(text, test::golden("monitor.txt", text));
    const std::string time = "2026-01-02T03:04:05.678Z";
    std::string json = snapshot_line(seen("blocked"), time);
    json += output_line("changed", unplugged, changes(plugged, unplugged), time);
    json += output_line("added", plugged, {}, time);
    json += output_line("removed", plugged, {}, time);
    json += state_line(seen("degraded"), time);
    json += bare_line("daemon-gone", time) + bare_line("waiting", time);
    EXPECT_EQ(json, test::golden("monitor.jsonl", json));
}

TEST(CliRendering, AChangeBelowWhatIsShownMakesNoLine) {
    const auto before = seen("laptop").outputs.front();
    auto after = before;
    after.volume += 1e-6;
    EXPECT_EQ(changed_text(before, after, changes(before, after), "t", {}), "");
}

TEST(CliRendering, JsonRoundsToHundredthsAndHasNoNegativeZero) {
    auto status = seen("laptop", -0.001, 0.006);
    status.outputs.front().cap_dbfs = -9.40999;
    const auto json = status_json(status, JsonLayout::one_line);
    EXPECT_NE(json.find("\"peak_dbfs\":0.0"), std::string::npos);
    EXPECT_NE(json.find("\"gain_reduction_db\":0.01"), std::string::npos);
    EXPECT_NE(json.find("\"cap_dbfs\":-9.41"), std::string::npos);
    EXPECT_EQ(json.find("-0.0,"), std::string::npos);
}

TEST(CliRendering, ControlCharactersOfDeviceNamesNeverReachTheTerminal) {
    auto status = seen("laptop");
    for (Output &output : status.outputs) {
        output.name = "evil\x1b]0;owned\x07\xc2\x9b\x7f\n\xe2\x80\xae";
        output.reason = output.rule.name = output.rule.file = output.kind = output.confidence = "\x1b[2J\n";
        output.assumed = {"\x1b[2J"};
        output.evidence = {{"\x1b[2J", "\x1b[2J\r"}};
        output.loads = {{"\x1b[2J", 1.0}};
    }
    status.state = "\x1b[2J";
    status.reasons = {{"\x1b[2J", "\x1b[2J"}};
    const auto after = seen("laptop").outputs.front();
    const auto text = status_text(status, {}) + show_text(status.outputs.front(), {}) +
                      changed_text(status.outputs.front(), after, changes(status.outputs.front(), after), "t", {}) +
                      added_text(status.outputs.front(), "t", {}) + state_text(status, "t", {});
    for (const char *bad : {"\x1b", "\x07", "\r", "\xc2\x9b", "\x7f", "\xe2\x80\xae"})
        EXPECT_EQ(text.find(bad), std::string::npos) << testing::PrintToString(std::string{bad});
}

TEST(CliTerminal, WidthIsCountedInColumns) {
    EXPECT_EQ(columns_of("Kopfhörer"), 9U);
    EXPECT_EQ(shortened("Kopfhörer", 9), "Kopfhörer");
    EXPECT_EQ(shortened("Kopfhörer", 8), "Kopfhör…");
    EXPECT_EQ(shortened("abc", 0), "");
}

TEST(CliExitCode, TellsTheGravest) {
    EXPECT_EQ(exit_code_of(seen("laptop")), 0);
    EXPECT_EQ(exit_code_of(seen("laptop", -3, 0.1)), 0) << "0.1 dB is not yet limiting";
    EXPECT_EQ(exit_code_of(seen("laptop", -3, 0.11)), 10);
    EXPECT_EQ(exit_code_of(seen("unprotected", -3, 5)), 11);
    EXPECT_EQ(exit_code_of(seen("degraded", -3, 5)), 11);
    EXPECT_EQ(exit_code_of(seen("fail-safe")), 11);
    EXPECT_EQ(exit_code_of(seen("not-protecting")), 11);
    EXPECT_EQ(exit_code_of(seen("blocked", -3, 5)), 12);
    auto both = seen("blocked");
    both.state = "degraded";
    EXPECT_EQ(exit_code_of(both), 12);
    both.outputs.front().active = false;
    EXPECT_EQ(exit_code_of(both), 11) << "an output that is not in use blocks nothing";
    auto newer = seen("laptop");
    newer.state = "something-new";
    EXPECT_EQ(exit_code_of(newer), 11) << "a state that this CLI does not know is not taken for a good one";
    auto orphan = seen("laptop");
    orphan.outputs.front().state = "orphaned";
    EXPECT_EQ(exit_code_of(orphan), 11);
}

TEST(CliOrphans, PhasesAreFoundAmongOtherLines) {
    const auto phases = phases_in("Found \"soundwarden\" metadata 31\n"
                                  "update: id:0 key:'version' value:'1' type:'Spa:String'\n"
                                  "update: id:0 key:'sink.a' value:'silent' type:'Spa:String'\n"
                                  "update: id:0 key:'sink.it's' value:'quiet' type:'Spa:String'\n"
                                  "update: id:0 key:'sink.cut' value:'qui");
    EXPECT_EQ(phases, (std::map<std::string, std::string>{{"a", "silent"}, {"it's", "quiet"}}));
    EXPECT_TRUE(phases_in("").empty());
}

TEST(CliPrograms, AreRunToTheirEndOrKilled) {
    const auto result = run_program({"sh", "-c", "echo out; echo err >&2; exit 3"}, std::chrono::seconds{20});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->exit_code, 3);
    EXPECT_EQ(result->out, "out\n");
    EXPECT_EQ(result->err, "err\n");
    EXPECT_FALSE(run_program({"sleep", "1000"}, std::chrono::milliseconds{50}));
    EXPECT_THROW(run_program({"/no/such/program"}, std::chrono::seconds{1}), std::system_error);
}

int code_of_search(const Status &status, const std::string &text, std::string &message) {
    try {
        find_output(status, text);
    } catch (const Failure &failure) {
        message = failure.what();
        return failure.code;
    }
    return 0;
}

TEST(CliNames, AnyPartThatFitsOnlyOneIsEnough) {
    const auto laptop = seen("laptop");
    for (const std::string text :
         {"Headphones", "headphones", "HEADPH", "pci_0000_00_1f_3_analog_output_headphones", "output_head"})
        EXPECT_EQ(find_output(laptop, text).name, "Headphones") << text;
    EXPECT_EQ(find_output(laptop, "hdmi").name, "HDMI / DisplayPort");
}

TEST(CliNames, AWholeNameWinsOverParts) {
    auto status = seen("laptop");
    status.outputs.push_back(status.outputs.front());
    status.outputs.back().id = "other";
    status.outputs.back().name = "Headphones 2";
    EXPECT_EQ(find_output(status, "headphones").id, status.outputs.front().id);
}

TEST(CliNames, NoneOrSeveralListTheCandidates) {
    std::string message;
    EXPECT_EQ(code_of_search(seen("laptop"), "nonsense", message), 4);
    EXPECT_NE(message.find(test::laptop_headphones), std::string::npos);
    EXPECT_NE(message.find(test::laptop_speaker), std::string::npos);
    EXPECT_EQ(code_of_search(seen("twins"), "USB Headset", message), 4);
    EXPECT_NE(message.find("usb_headset_a"), std::string::npos);
    EXPECT_NE(message.find("usb_headset_b"), std::string::npos);
    EXPECT_EQ(code_of_search(seen("empty"), "x", message), 4);
    EXPECT_EQ(code_of_search(seen("blocked"), "", message), 4)
        << "an empty name means nothing, even where there is one output";
}

} // namespace
} // namespace soundwarden
