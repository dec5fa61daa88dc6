// SPDX-License-Identifier: MIT
// The scenarios of guest/desk.sh: what people do at a desk, and what machines do to them, judged by the samples that the card played and by
// what the daemon said.
#include "boot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace soundwarden::system_test {
namespace {

constexpr double stored_start_dbfs = -23.876; // 0.064, what session managers start an unknown card with
constexpr double silence_dbfs = -60.0;
constexpr double in_ear_db = 8.0;     // the settling ceiling is so far below an unknown load's cap (product.md, "Start level")
constexpr double latest_fall_s = 1.5; // an emulated machine on a loaded host; the real figure is guard-timing's
constexpr double nothing_dbfs = -90.0; // the last bit of 16

struct Desk {
    static constexpr const char *name = "desk";
};
class AtTheDesk : public BootTest<Desk> {
  protected:
    static double cap() { return boot().cap("usual", "Headphones"); }
    static nlohmann::json status(const std::string &name) { return nlohmann::json::parse(note(name + ".json")); }
    static bool has_reason(const std::string &name, const std::string &reason) {
        const auto all = status(name).at("reasons");
        return std::find(all.begin(), all.end(), reason) != all.end();
    }
    static int exit_code(const std::string &name) { return std::stoi(note(name)); }
    /// Nothing above the cap from `mark` to the end of `mark-after`, and there is sound again.
    static void expect_held(const std::string &mark) {
        const double loudest = boot().peak(mark, 0.0, mark + "-after end");
        std::printf("%s: %.1f dBFS at most, cap %.1f dB; then %.1f dBFS\n", mark.c_str(), loudest, cap(), boot().steady(mark + "-after"));
        EXPECT_LE(loudest, cap() + rounding_db) << mark;
        EXPECT_GT(boot().steady(mark + "-after"), silence_dbfs) << mark << ": the sound is not back";
    }
};

TEST_F(AtTheDesk, FullScaleAtAHundredPercentGivesTheCap) { EXPECT_NEAR(boot().steady("usual"), cap(), rounding_db); }

TEST_F(AtTheDesk, AnAnswerThatRestrictsActsAtOnce) {
    EXPECT_NEAR(boot().cap("answered", "Headphones"), cap() - in_ear_db, 0.1) << "in-ears are 8 dB more sensitive";
    EXPECT_LE(boot().steady("answered"), cap() - in_ear_db + rounding_db);
    EXPECT_GT(boot().steady("answered"), silence_dbfs);
}

TEST_F(AtTheDesk, AnOverrideIsLouderForItsTimeAndNoLonger) {
    EXPECT_GT(boot().steady("override"), cap() + 1.0) << "louder for a while";
    EXPECT_LE(boot().steady("override"), -6.0 + rounding_db);
    EXPECT_LE(boot().steady("override-over"), cap() + rounding_db);
    EXPECT_NE(exit_code("override-too-loud"), 0) << note("override-too-loud.txt");
}

TEST_F(AtTheDesk, PanicIsSilenceAndResumeTheWayBack) {
    EXPECT_LT(boot().steady("panic"), nothing_dbfs);
    EXPECT_GT(boot().steady("resumed"), silence_dbfs);
    EXPECT_LE(boot().peak("panic", 0.0, "resumed end"), cap() + rounding_db);
}

TEST_F(AtTheDesk, AnEditedPolicyActsABrokenOneLoosensNothingAndAMendedOneActs) {
    EXPECT_LE(boot().steady("edited"), -30.0 + rounding_db);
    EXPECT_GT(boot().steady("edited"), silence_dbfs);
    EXPECT_TRUE(has_reason("broken", "policy-invalid"));
    EXPECT_LE(boot().steady("broken"), -30.0 + rounding_db) << "what held before goes on";
    EXPECT_GT(boot().steady("mended"), -30.0 + 3.0);
    EXPECT_LE(boot().steady("mended"), cap() + rounding_db);
}

TEST_F(AtTheDesk, ReleasedItIsLowAndBegunAgainItIsHeld) {
    EXPECT_LE(boot().peak("released", 0.0, "released-after end"), cap() + rounding_db);
    EXPECT_LE(boot().steady("released-after"), stored_start_dbfs + rounding_db);
    EXPECT_GT(boot().steady("released-after"), silence_dbfs);
    expect_held("begun");
}

TEST_F(AtTheDesk, ADeviceThatWakesIsHeldFromItsFirstSample) { expect_held("woken"); }

TEST_F(AtTheDesk, OtherCardsAreSeenAndGuardedWhileThisOnePlaysOn) {
    int others = 0;
    const auto told = status("cards");
    for (const auto &output : told.at("outputs")) {
        const auto sink = output.at("sink").get<std::string>();
        if (sink.find("snd_dummy") == std::string::npos && sink.find("snd_aloop") == std::string::npos) continue;
        ++others;
        EXPECT_NE(output.at("state"), "unprotected") << output.dump();
    }
    EXPECT_GE(others, 2) << status("cards").dump(2);
    EXPECT_NEAR(boot().steady("cards"), boot().steady("woken-after"), 6.0) << "this one plays on";
    EXPECT_LE(boot().steady("cards"), cap() + rounding_db);
}

TEST_F(AtTheDesk, TheHeldVolumeOfACardIsRefusedToEverybodyAlsoAfterAKill) {
    const auto said = note("hold.txt");
    EXPECT_NE(said.find("before: user taken, root taken"), std::string::npos) << "control\n" << said << note("hold-controls.txt");
    EXPECT_NE(said.find("held: user refused, root refused"), std::string::npos) << said;
    EXPECT_NE(said.find("held again: user refused, root refused"), std::string::npos) << said;
    EXPECT_NE(said.find("stopped: user taken, root taken"), std::string::npos) << said;
    EXPECT_GT(boot().steady("held"), silence_dbfs) << "sound on the other card goes on";
}

TEST_F(AtTheDesk, ProAudioIsUnprotectedUntilSomebodySaysWhereThePhonesAreAndTheWayBackIsHeld) {
    bool unprotected = false;
    const auto told = status("pro-audio");
    for (const auto &output : told.at("outputs"))
        unprotected = unprotected || (output.at("active").get<bool>() && output.at("state") == "unprotected");
    EXPECT_TRUE(unprotected) << status("pro-audio").dump(2);
    const double loudest = boot().peak("profile-back", 0.5, "profile-after end");
    std::printf("profile-back: %.1f dBFS at most, cap %.1f dB\n", loudest, cap());
    EXPECT_LE(loudest, cap() + rounding_db);
    EXPECT_GT(boot().steady("profile-after"), silence_dbfs);
}

// By the guard's own meter: what snd-aloop plays is on no wire of ours, and nobody else may look at a guarded sink.
TEST_F(AtTheDesk, ASurroundSinkIsGuardedAndPlaysAtItsCap) {
    bool guarded = false;
    const auto told = status("surround");
    for (const auto &output : told.at("outputs")) {
        if (!output.at("active").get<bool>() || output.at("sink").get<std::string>().find("surround-51") == std::string::npos) continue;
        guarded = true;
        EXPECT_EQ(output.at("state"), "guarded");
        EXPECT_LE(output.at("cap_dbfs").get<double>(), 0.0);
        EXPECT_NEAR(output.at("peak_dbfs").get<double>(), output.at("cap_dbfs").get<double>(), 0.2);
    }
    EXPECT_TRUE(guarded) << told.dump(2) << note("loopback-profiles.txt");
}

TEST_F(AtTheDesk, AContactThatBouncesIsHeldUntilItIsQuiet) {
    double cap = -120.0;
    const auto told = status("bounced");
    for (const auto &output : told.at("outputs"))
        if (output.at("active").get<bool>() && output.at("sink").get<std::string>().starts_with("alsa_output.pci")) cap = output.at("cap_dbfs").get<double>();
    const double loudest = boot().peak("bounce", on_its_way_s, "bounce-after end");
    std::printf("bounce: %.1f dBFS at most, cap %.1f dB\n", loudest, cap);
    EXPECT_LE(loudest, cap + rounding_db);
    EXPECT_GT(boot().steady("bounce-after"), silence_dbfs);
    EXPECT_NE(note("bounced.txt").find("bad contact"), std::string::npos) << note("bounced.txt");
}

/// When the engine ordered a clamp for the card with the jacks: nothing may rise, and the gain is no higher than it was ordered before.
std::vector<std::int64_t> clamps(const std::string &trace) {
    std::vector<std::int64_t> times;
    double gain = 0.0;
    std::istringstream lines(trace);
    for (std::string line; std::getline(lines, line);) {
        if (line.find("\"effect\":\"order-guard\"") == std::string::npos) continue;
        const auto step = nlohmann::json::parse(line);
        for (const auto &effect : step.at("effects")) {
            if (effect.at("effect") != "order-guard" || !effect.at("sink").get<std::string>().starts_with("alsa_output.pci")) continue;
            const auto &order = effect.at("order");
            const double before = std::exchange(gain, order.at("gain").get<double>());
            if (order.at("rise-db-per-s").get<double>() == 0.0 && gain <= before) times.push_back(step.at("t").get<std::int64_t>());
        }
    }
    return times;
}

/// From each of the kernel's edges in the guest to the clamp because of it; an edge without one before the next edge is NaN.
std::vector<double> reactions_ms(const std::string &edges, const std::string &trace) {
    const auto ordered = clamps(trace);
    std::vector<std::int64_t> moments;
    std::istringstream times(edges);
    for (std::int64_t plugged = 0, at = 0; times >> plugged >> at;) moments.push_back(at);
    std::vector<double> reactions;
    for (std::size_t edge = 0; edge < moments.size(); ++edge) {
        const auto clamp = std::lower_bound(ordered.begin(), ordered.end(), moments[edge]);
        const bool in_time = clamp != ordered.end() && (edge + 1 == moments.size() || *clamp < moments[edge + 1]);
        reactions.push_back(in_time ? static_cast<double>(*clamp - moments[edge]) / 1e6 : std::nan(""));
    }
    return reactions;
}

TEST_F(AtTheDesk, FromTheKernelsEdgeToTheClampIsMilliseconds) {
    auto reactions = reactions_ms(note("edges.txt"), note("edges.trace"));
    ASSERT_GE(reactions.size(), 30U);
    for (std::size_t edge = 0; edge < reactions.size(); ++edge) ASSERT_FALSE(std::isnan(reactions[edge])) << "edge " << edge << " was followed by no clamp";
    std::sort(reactions.begin(), reactions.end());
    const auto at = [&](double part) { return reactions[static_cast<std::size_t>(part * static_cast<double>(reactions.size() - 1))]; };
    std::printf("from the kernel's edge to the clamp for the next cycle, %zu edges: least %.1f, median %.1f, 90 %% %.1f, most %.1f ms\n", reactions.size(),
                at(0.0), at(0.5), at(0.9), at(1.0));
    EXPECT_LE(at(0.5), 500.0) << "a machine inside a machine on a loaded host; the real figure is guard-timing's";
    EXPECT_LE(boot().peak("edges", 0.0, "edges-after end"), cap() + rounding_db);
    // No output is up again from its settling level when the next edge comes, 1.2 s later.
    const double settling = cap() - in_ear_db;
    const double loudest = boot().peak("edges-first", latest_fall_s, "edges-last");
    std::printf("while the plug went in and out: %.1f dBFS at most, settling ceiling %.1f dB\n", loudest, settling);
    EXPECT_LE(loudest, settling + rounding_db);
    EXPECT_GT(loudest, silence_dbfs) << "sound goes on";
}

TEST_F(AtTheDesk, TroubleWithWhatItRemembersIsSaidAndLoosensNothing) {
    EXPECT_TRUE(has_reason("corrupt", "state-set-aside")) << status("corrupt").dump(2);
    EXPECT_TRUE(has_reason("full", "state-store")) << status("full").dump(2);
    EXPECT_TRUE(has_reason("read-only", "state-store")) << status("read-only").dump(2);
    EXPECT_TRUE(has_reason("no-home", "state-store")) << status("no-home").dump(2);
    for (const char *trouble : {"corrupt", "full", "read-only", "no-home"}) expect_held(trouble);
}

TEST_F(AtTheDesk, WithoutABusItProtects) {
    EXPECT_EQ(note("no-bus-active"), "active\n") << note("no-bus.txt");
    expect_held("no-bus");
}

} // namespace
} // namespace soundwarden::system_test
