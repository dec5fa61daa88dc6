// SPDX-License-Identifier: MIT
// Caps, thresholds and the settling ceiling: numbers of product.md and reference/sensing.md §3.
#include "classify/classify.hpp"
#include "model/load.hpp"
#include "policy_test_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

namespace soundwarden::policy {
namespace {

using K = OutputKind;
using L = Load;

OutputFacts output(K kind, std::uint32_t channels = 2) {
    OutputFacts facts;
    facts.kind = kind;
    facts.channels = channels;
    return facts;
}

Decision decide_for(K kind, std::vector<WeightedLoad> loads, Confidence confidence,
                    Posture posture = Posture::protect) {
    return testing::decide(output(kind), Volts{2.0}, {std::move(loads), confidence, {}}, posture);
}

// The shipped rules give the printed table (product.md, "Default caps").
TEST(DefaultCaps, AreTheOnesOfTheTable) {
    const struct {
        double volts, headphones, in_ear;
    } table[] = {{1.0, -6.5, -14.5}, {1.4, -9.4, -17.4}, {2.0, -12.5, -20.5}, {4.0, -18.5, -26.5}};
    for (const auto &row : table) {
        const auto cap = [&](L load) {
            return testing::decide(output(K::headphone_out), Volts{row.volts}, {{{load, 1.0}}, Confidence::certain, {}}, Posture::protect).cap->value;
        };
        EXPECT_NEAR(cap(L::headphones), row.headphones, 0.1) << row.volts;
        EXPECT_NEAR(cap(L::in_ear), row.in_ear, 0.1) << row.volts;
        EXPECT_NEAR(cap(L::headphones) - cap(L::in_ear), 8.0, 1e-9);
    }
}

TEST(DefaultCaps, NeverAmplify) {
    EXPECT_EQ(testing::decide(output(K::headphone_out), Volts{0.05}, {{{L::headphones, 1.0}}, Confidence::certain, {}}, Posture::protect).cap->value, 0.0);
}

TEST(QuietCap, IsSeventyFiveDecibelsBelowFullScaleSpl) {
    EXPECT_NEAR(quiet_cap(output(K::headphone_out), {1.4}, L::headphones).value, 75.0 - 116.5 - 2.92, 0.01);
    EXPECT_NEAR(quiet_cap(output(K::headphone_out), {1.0}, L::in_ear).value, 75.0 - 124.7, 0.01);
    EXPECT_NEAR(quiet_cap(output(K::speaker_out), {2.0}, L::headphones).value, 75.0 - 116.5 - 26.02, 0.01);
    EXPECT_NEAR(quiet_cap(output(K::bluetooth), {2.0}, L::headphones).value, -35.0, 0.01);
    EXPECT_NEAR(quiet_cap(output(K::usb_fixed), {2.0}, L::in_ear).value, -43.0, 0.01);
    OutputFacts known = output(K::speaker_out);
    known.full_scale = Volts{10.0};
    EXPECT_NEAR(quiet_cap(known, {2.0}, L::headphones).value, 75.0 - 136.5, 0.01);
}

// 100 dB(A) less the SPL of a full-scale sine: 116.5 or 124.7 dB/V, 110 and 118 where nobody knows the voltage.
TEST(EarTarget, IsTheDistanceFromFullScaleToOneHundredDecibels) {
    const auto target = [](K kind, L load) { return decide_for(kind, {{load, 1.0}}, Confidence::certain).governor.value_or(Decibels{99.0}).value; };
    EXPECT_NEAR(target(K::headphone_out, L::headphones), 100.0 - 116.5 - 6.02, 0.01); // 2 V
    EXPECT_NEAR(target(K::headphone_out, L::in_ear), 100.0 - 124.7 - 6.02, 0.01);
    EXPECT_NEAR(target(K::usb_fixed, L::headphones), -10.0, 0.01);
    EXPECT_NEAR(target(K::bluetooth, L::in_ear), -18.0, 0.01);
    EXPECT_EQ(target(K::headphone_out, L::line_input), 99.0) << "nobody's ears";
    EXPECT_EQ(target(K::speaker_out, L::headphones), 99.0) << "blocked";
    // The loudest of those that may be there counts, and the target is the user's.
    const Decision mixed = testing::decide(output(K::headphone_out), Volts{2.0}, {{{L::headphones, 0.8}, {L::in_ear, 0.2}}, Confidence::high, {}},
                                  Posture::protect, Decibels{85.0});
    EXPECT_NEAR(mixed.governor.value_or(Decibels{99.0}).value, 85.0 - 124.7 - 6.02, 0.01);
}

TEST(Plausible, FifteenPercentInProtectTwoInStrict) {
    EXPECT_EQ(plausible_from(Posture::observe), 0.15);
    EXPECT_EQ(plausible_from(Posture::protect), 0.15);
    EXPECT_EQ(plausible_from(Posture::strict), 0.02);
    const auto in_ear_at = [](double p, Posture posture) {
        return decide_for(K::headphone_out, {{L::active_speakers, 1.0 - p}, {L::in_ear, p}}, Confidence::medium,
                          posture)
            .verdict;
    };
    EXPECT_EQ(in_ear_at(0.149, Posture::protect), Verdict::allow);
    EXPECT_EQ(in_ear_at(0.15, Posture::protect), Verdict::limit);
    EXPECT_EQ(in_ear_at(0.019, Posture::strict), Verdict::allow);
    EXPECT_EQ(in_ear_at(0.02, Posture::strict), Verdict::limit);
}

TEST(Decision, TakesTheMostRestrictivePlausibleLoad) {
    const Decision decision = decide_for(
        K::headphone_out, {{L::active_speakers, 0.5}, {L::headphones, 0.3}, {L::in_ear, 0.2}}, Confidence::low);
    EXPECT_EQ(decision.verdict, Verdict::limit);
    EXPECT_NEAR(decision.cap->value, -20.5, 0.1);
    EXPECT_EQ(decision.rule.name, "headphone-out/in-ear");
}

TEST(Decision, WithNothingPlausibleEverythingCounts) {
    std::vector<WeightedLoad> loads;
    for (const L load : {L::headphones, L::headset, L::in_ear, L::active_speakers, L::line_input,
                         L::headphone_amplifier, L::passive_speakers, L::unknown})
        loads.push_back({load, 0.125});
    EXPECT_NEAR(decide_for(K::headphone_out, loads, Confidence::low).cap->value, -24.5, 0.1);
    EXPECT_EQ(decide_for(K::headphone_out, {}, Confidence::low).rule.name, "headphone-out/unknown");
}

TEST(Decision, BlocksOnlyWhenSure) {
    for (const Confidence sure : {Confidence::certain, Confidence::high})
        EXPECT_EQ(decide_for(K::speaker_out, {{L::headphones, 1.0}}, sure).verdict, Verdict::block);
    for (const Confidence unsure : {Confidence::medium, Confidence::low}) {
        const Decision decision = decide_for(K::speaker_out, {{L::headphones, 1.0}}, unsure);
        EXPECT_EQ(decision.verdict, Verdict::limit);
        EXPECT_EQ(decision.reason, "block-unsure");
        EXPECT_NEAR(decision.cap->value, -67.5, 0.1);
    }
}

TEST(Decision, APossibilityOnTheSideNeverMutes) {
    const Decision decision = decide_for(K::line_out, {{L::active_speakers, 0.95}, {L::passive_speakers, 0.05}},
                                         Confidence::high, Posture::strict);
    EXPECT_EQ(decision.verdict, Verdict::limit);
    EXPECT_EQ(decision.reason, "block-unsure");
}

TEST(Decision, StartsQuietlyForEarsAndTheUnknown) {
    for (const K kind : {K::headphone_out, K::line_out, K::shared_out, K::usb_fixed, K::bluetooth, K::unknown}) {
        EXPECT_EQ(decide_for(kind, {{L::headphones, 1.0}}, Confidence::certain).start_level, start_level)
            << name_of(kind);
        EXPECT_EQ(decide_for(kind, {{L::unknown, 1.0}}, Confidence::low).start_level, start_level) << name_of(kind);
        EXPECT_EQ(decide_for(kind, {{L::active_speakers, 1.0}}, Confidence::certain).start_level, std::nullopt)
            << name_of(kind);
    }
    EXPECT_EQ(decide_for(K::internal_speaker, {{L::internal_speaker, 1.0}}, Confidence::certain).start_level,
              std::nullopt);
    EXPECT_EQ(decide_for(K::hdmi, {{L::unknown, 1.0}}, Confidence::low).start_level, std::nullopt);
    EXPECT_EQ(decide_for(K::hdmi, {{L::headphones, 1.0}}, Confidence::certain).start_level, start_level);
    EXPECT_EQ(start_level.value, -15.0);
}

TEST(Decision, AsksWhenTheCapsDifferByMoreThanSixDecibels) {
    EXPECT_TRUE(decide_for(K::headphone_out, {{L::headphones, 0.5}, {L::in_ear, 0.5}}, Confidence::low).ask);
    EXPECT_FALSE(decide_for(K::headphone_out, {{L::headphones, 0.5}, {L::headset, 0.5}}, Confidence::low).ask);
}

// Who is asked on the desktop: an answer has to make a difference, and an unknown load may be any.
TEST(Decision, AnAnswerMattersWhereTheCapsOfWhatMayHangThereDifferByMoreThanSixDecibels) {
    const auto matters = [](const OutputFacts &facts, std::vector<WeightedLoad> loads, const std::vector<WeightedLoad> &priors) {
        return answer_matters(testing::subject_of(facts, Volts{2.0}), {std::move(loads), Confidence::low, {}}, priors, Posture::protect);
    };
    const std::vector<WeightedLoad> any{{L::headphones, 0.5}, {L::in_ear, 0.3}, {L::active_speakers, 0.2}};
    EXPECT_TRUE(matters(output(K::headphone_out), {{L::unknown, 1.0}}, any));
    EXPECT_TRUE(matters(output(K::headphone_out), {{L::headphones, 0.5}, {L::in_ear, 0.5}}, {}));
    EXPECT_FALSE(matters(output(K::headphone_out), {{L::headphones, 1.0}}, any)) << "it is known";
    EXPECT_FALSE(matters(output(K::headphone_out), {{L::headphones, 0.9}, {L::in_ear, 0.1}}, any)) << "not plausible";
    EXPECT_FALSE(matters(output(K::headphone_out), {{L::unknown, 1.0}}, {{L::headphones, 0.6}, {L::headset, 0.4}})) << "whatever it is";
    OutputFacts channels = output(K::line_out);
    channels.pro_audio = true;
    EXPECT_FALSE(matters(channels, {{L::unknown, 1.0}}, any)) << "no answer makes an output of them";
}

TEST(Decision, NobodyIsAskedWhatNothingIs) {
    EXPECT_FALSE(decide_for(K::headphone_out, {{L::nothing, 1.0}}, Confidence::certain).ask);
}

TEST(Decision, NamesWhatItAssumed) {
    const auto assumed = [](K kind, L load) { return decide_for(kind, {{load, 1.0}}, Confidence::certain).assumed; };
    EXPECT_EQ(assumed(K::headphone_out, L::unknown), (std::vector<std::string>{"sensitivity", "full-scale"}));
    EXPECT_EQ(assumed(K::bluetooth, L::headphones), std::vector<std::string>{"spl-at-full-scale"});
    EXPECT_TRUE(assumed(K::line_out, L::unknown).empty()); // a fixed −10 dB hangs on no voltage
    EXPECT_TRUE(assumed(K::headphone_out, L::line_input).empty());
}

TEST(Decision, AKnownFullScaleIsNotAssumed) {
    OutputFacts facts = output(K::headphone_out);
    facts.full_scale = Volts{1.0};
    const Decision decision =
        testing::decide(facts, Volts{4.0}, {{{L::headphones, 1.0}}, Confidence::certain, {}}, Posture::protect);
    EXPECT_NEAR(decision.cap->value, -6.5, 0.1);
    EXPECT_EQ(decision.assumed, std::vector<std::string>{"sensitivity"});
}

TEST(Decision, ProAudioPromisesNothingAndAsks) {
    OutputFacts facts = output(K::unknown, 18);
    facts.pro_audio = true;
    const Decision decision = testing::decide(facts, Volts{4.0}, {{{L::unknown, 1.0}}, Confidence::low, {}}, Posture::protect);
    EXPECT_EQ(decision.verdict, Verdict::allow);
    EXPECT_TRUE(decision.ask);
    EXPECT_EQ(decision.start_level, std::nullopt);
}

std::optional<Decibels> settling(K kind, double volts, Posture posture, std::uint32_t channels = 2) {
    return testing::settling_ceiling(output(kind, channels), {volts}, classify::plausible_loads(kind), posture);
}

TEST(SettlingCeiling, IsTheLowestOverThePriorsInProtect) {
    EXPECT_NEAR(settling(K::headphone_out, 1.4, Posture::protect)->value, -17.4, 0.1); // in-ears at 20 %
    EXPECT_NEAR(settling(K::headphone_out, 2.0, Posture::protect)->value, -20.5, 0.1);
    EXPECT_NEAR(settling(K::unknown, 2.0, Posture::protect)->value, -20.5, 0.1);
    EXPECT_NEAR(settling(K::line_out, 2.0, Posture::protect)->value, -12.5, 0.1); // headphones at 15 %, in-ears at 3 %
    EXPECT_NEAR(settling(K::shared_out, 4.0, Posture::protect)->value, -26.5, 0.1);
    EXPECT_NEAR(settling(K::speaker_out, 2.0, Posture::protect)->value, -30.0, 0.1); // the unknown one
    EXPECT_NEAR(settling(K::usb_fixed, 2.0, Posture::protect)->value, 0.0, 0.1);
    EXPECT_NEAR(settling(K::bluetooth, 2.0, Posture::protect)->value, -8.0, 0.1);
}

TEST(SettlingCeiling, InStrictCountsRareLoadsAndTheWorstInEars) {
    EXPECT_NEAR(settling(K::headphone_out, 1.4, Posture::strict)->value, -9.4 - 20.5, 0.1);
    EXPECT_NEAR(settling(K::line_out, 2.0, Posture::strict)->value, 75.0 - 122.52, 0.1);    // passive speakers: blocked
    EXPECT_NEAR(settling(K::speaker_out, 2.0, Posture::strict)->value, 75.0 - 142.52, 0.1); // headphones: blocked
    EXPECT_NEAR(settling(K::usb_fixed, 2.0, Posture::strict)->value, -8.0, 0.1);
}

TEST(SettlingCeiling, IsNoneWhereEveryLoadIsAllowed) {
    for (const K kind : {K::hdmi, K::spdif, K::internal_speaker, K::virtual_output})
        for (const Posture posture : {Posture::protect, Posture::strict})
            EXPECT_EQ(settling(kind, 2.0, posture), std::nullopt) << name_of(kind);
}

TEST(SettlingCeiling, IsNeverAboveWhatTheUnknownLoadGets) {
    for (const auto &[kind, name] : Names<OutputKind>::table)
        for (const Posture posture : {Posture::protect, Posture::strict}) {
            const Decision unknown = decide_for(kind, {{L::unknown, 1.0}}, Confidence::low, posture);
            const auto ceiling = settling(kind, 2.0, posture);
            if (!unknown.cap) continue;
            ASSERT_TRUE(ceiling) << name;
            EXPECT_LE(*ceiling, *unknown.cap) << name;
        }
}

TEST(NeedsGuard, BelongsToEverySinkWithACellOtherThanPlainAllow) {
    const auto needs = [](OutputFacts facts) {
        return testing::needs_guard(facts, classify::plausible_loads(facts.kind), Posture::protect);
    };
    for (const K kind :
         {K::headphone_out, K::line_out, K::shared_out, K::speaker_out, K::usb_fixed, K::bluetooth, K::unknown})
        EXPECT_TRUE(needs(output(kind))) << name_of(kind);
    for (const K kind : {K::virtual_output, K::hdmi, K::spdif, K::internal_speaker})
        EXPECT_FALSE(needs(output(kind))) << name_of(kind);
    EXPECT_TRUE(needs(output(K::line_out, 8))); // `low` counts
    OutputFacts pro = output(K::unknown, 18);
    pro.pro_audio = true;
    EXPECT_FALSE(needs(pro));
}

/// Whether a rule with this `output` speaks for a green socket of a card.
bool speaks_for_green(const std::string &output) {
    OutputFacts facts;
    facts.kind = OutputKind::line_out;
    const OutputNames names{"Line Out", "pci_line_out", "alsa_output.pci.analog-stereo", "Built-in Audio"};
    const auto set = testing::with("[[rule]]\nname = \"mine\"\nwhen = { output = " + output + " }\nverdict = \"block\"\n");
    const Classification line{{{Load::line_input, 1.0}}, Confidence::certain, {}};
    return policy::decide(testing::subject_of(facts, Volts{2.0}, set, names), line, Posture::protect).rule.name == "mine";
}

TEST(RuleOutput, FitsByAnyOfTheNames) {
    for (const char *one : {"\"line*\"", "\"pci_*\"", "\"*analog-stereo\"", "\"built-in*\"", "[\"Speaker\", \"Line Out\"]", "\"*\""})
        EXPECT_TRUE(speaks_for_green(one)) << one;
    for (const char *one : {"\"Line\"", "[\"Speaker\", \"Headphones\"]"}) EXPECT_FALSE(speaks_for_green(one)) << one;
}

TEST(RuleOutput, LeavesOutWhatOneOfItsNamesFitsWithAMarkInFront) {
    for (const char *one : {"\"!line*\"", "\"!pci_*\"", "\"!*analog-stereo\"", "\"!built-in*\"", "[\"*\", \"!Line Out\"]", "[\"!Line Out\", \"Built-in*\"]",
                            "[\"!Speaker\", \"!Line Out\"]", "[\"!Headphones\", \"Speaker\"]"})
        EXPECT_FALSE(speaks_for_green(one)) << one;
    for (const char *one : {"\"!Speaker\"", "[\"!Speaker\", \"!Headphones\"]", "[\"!Speaker\", \"Line*\"]"}) EXPECT_TRUE(speaks_for_green(one)) << one;
}

} // namespace
} // namespace soundwarden::policy
