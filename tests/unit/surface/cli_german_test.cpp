// SPDX-License-Identifier: MIT
// What others say in English, in German: every check of the daemon's is known, and the screen of `meter` is as wide as before.
#include "engine/checks.hpp"
#include "in_german.hpp"
#include "render/meter_screen.hpp"
#include "render/text.hpp"
#include "words.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace soundwarden {
namespace {

using namespace cli;

class CliInGerman : public testing::Test {
    test::InGerman german_;
};

engine::OutputView output_of(engine::OutputState state, const std::string &reason, bool ask = false) {
    engine::OutputView view;
    view.id = "card_headphones";
    view.name = "Headphones";
    view.active = true;
    view.state = state;
    view.decision.reason = reason;
    view.decision.ask = ask;
    return view;
}

/// Everything that there may be to tell, on a machine where nothing is as it should be.
engine::Snapshot everything() {
    engine::Snapshot snapshot;
    for (const char *token : {"no-pipewire", "no-wireplumber-part", "guard-failed", "foreign-link", "direct-alsa", "policy-invalid", "no-bus", "no-link-warden",
                              "no-realtime", "released", "panic", "volume-contested", "sink-tampered", "sense-controls", "sense-switches"})
        snapshot.reasons.push_back({token, "no connection to PipeWire; systemctl --user start pipewire.service"});
    snapshot.outputs = {output_of(engine::OutputState::unprotected, ""), output_of(engine::OutputState::guarded, "", true),
                        output_of(engine::OutputState::free, "guard-off"), output_of(engine::OutputState::guarded, "override")};
    for (const auto kind : {SidePathKind::sidetone, SidePathKind::direct_monitor, SidePathKind::beep}) {
        engine::SidePathView view;
        view.card = "Headset";
        view.path.control = "Sidetone Playback Switch";
        view.path.kind = kind;
        view.path.on = true;
        snapshot.side_paths.push_back(view);
    }
    return snapshot;
}

TEST_F(CliInGerman, EveryCheckOfTheDaemonIsKnown) {
    const engine::Machine bad{"0.3.65", false, false, 2, 1, false, 3}, good{"1.4.2", true, true, 1, 1, true, 0};
    std::vector<engine::Check> checks = engine::checks_of(everything(), Posture::observe, bad);
    for (const auto &snapshot : {engine::Snapshot{}, everything()})
        for (const auto &machine : {good, bad})
            for (auto &check : engine::checks_of(snapshot, Posture::protect, machine)) checks.push_back(std::move(check));
    EXPECT_GT(checks.size(), 60U);
    for (const engine::Check &check : checks) {
        EXPECT_NE(said(check.found), check.found) << check.token;
        EXPECT_TRUE(check.means.empty() || said(check.means) != check.means) << check.token << ": " << check.means;
    }
}

TEST_F(CliInGerman, PartsOfASentenceStayAsTheyAre) {
    EXPECT_EQ(said("'Beep' of HDA is on: a beep inside the card"), "„Beep“ von HDA ist an: ein Piepser in der Karte");
    EXPECT_EQ(said("the load is headphones, not in-ear, headset"), "die Last ist headphones, nicht in-ear, headset");
    EXPECT_EQ(said("no guard could be made for a (b; c); trying again"), "für a (b; c) ließ sich kein Wächter einrichten; es wird wieder versucht");
    EXPECT_EQ(said("LOAD is required"), "LOAD fehlt");
    EXPECT_EQ(said("something new"), "something new");
    EXPECT_EQ(tr(""), "") << "not the catalog's header";
}

TEST_F(CliInGerman, WordsHaveTheirContext) {
    EXPECT_EQ(load_word("unknown"), "unbekannt");
    EXPECT_EQ(socket_word("line-out"), "Line-Ausgang");
    EXPECT_EQ(load_word("headphones"), "Kopfhörer");
    EXPECT_EQ(load_word("brand-new\x1b"), "brand-new?");
    EXPECT_EQ(trn("{0} fault", "{0} faults", 1), "1 Mangel");
    EXPECT_EQ(trn("{0} fault", "{0} faults", 0), "0 Mängel");
}

TEST_F(CliInGerman, NumbersKeepTheirPoint) { EXPECT_EQ(said("its rule permits no override that loud; at most -6.5 dBFS, for 60 s"), "die Regel erlaubt keine so laute Ausnahme; höchstens -6.5 dBFS, 60 s lang"); }

TEST_F(CliInGerman, NarrowTerminalsAreNotOverrun) {
    Output output;
    output.id = "card_headphones";
    output.name = "Größter Kopfhörer überhaupt";
    output.kind = "headphone-out";
    output.active = true;
    output.loads = {{"headphone-amplifier", 0.92}};
    output.confidence = "high";
    output.verdict = "limit";
    output.state = "guarded";
    output.cap_dbfs = -9.4;
    output.peak_dbfs = -12.3;
    output.gain_reduction_db = 0.5;
    Status status{"1", "running", {}, "protect", {output}};
    for (const std::size_t width : {120U, 100U, 80U, 40U, 20U}) {
        std::istringstream lines{status_text(status, {.colour = false, .width = width})};
        for (std::string line; std::getline(lines, line);) EXPECT_LE(columns_of(line), width) << line;
    }
    Output plugged = output;
    plugged.state = "settling";
    EXPECT_EQ(changed_text(output, plugged, {"state"}, "12:00:00", {}), "12:00:00  Größter Kopfhörer überhaupt: Zustand bewacht -> pendelt sich ein\n");
}

TEST_F(CliInGerman, TheMeterFitsItsScreen) {
    MeterRow row;
    row.name = "Kopfhörer";
    row.now.state = "settling";
    row.now.playing = true;
    row.now.ceiling_dbfs = -9.4;
    row.now.gain_reduction_db = 3.2;
    row.now.governor_db = -1.0;
    row.now.level_dba = 84.2;
    row.bar_dbfs = -12.0;
    row.hold_dbfs = -100.1;
    MeterView view{"degraded", "", std::vector<MeterRow>(9, row), 62.5, 0};
    for (const ScreenSize size : {ScreenSize{132, 43}, ScreenSize{80, 24}, ScreenSize{40, 10}, ScreenSize{20, 6}, ScreenSize{9, 5}}) {
        const auto lines = meter_screen(view, size, {});
        EXPECT_LE(lines.size(), size.rows);
        for (const std::string &line : lines) EXPECT_LE(columns_of(line), size.columns) << line;
    }
    const auto lines = meter_screen(view, {80, 24}, {});
    EXPECT_EQ(lines.front().find("soundwarden  eingeschränkt"), 0U) << lines.front();
    EXPECT_EQ(lines.back().find("Schalldosis 62.5 % der Woche  "), 0U) << lines.back();
}

} // namespace
} // namespace soundwarden
