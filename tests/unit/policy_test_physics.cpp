// SPDX-License-Identifier: MIT
// From volts, ohms and sensitivities to levels and caps: the worked examples of reference/sensing.md §3.5 ("Worked caps"), their SPL at
// 0 dBFS to 0.1 dB, and the caps of the same: target + 10 dB of crest − SPL, never above 0 dB (architecture.md).
#include "policy_test_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace soundwarden::policy {
namespace {

struct Socket {
    double volts, output_ohms;
};
constexpr Socket sockets[] = {{1.0, 1.0}, {1.4, 10.0}, {2.0, 2.0}, {4.0, 10.0}};

struct Model {
    const char *name;
    Load load;
    double sensitivity_per_volt, ohms;
    double spl[4]; // at the four sockets
};
const Model models[] = {
    // 94 dB at 7.01 mV; 107 dB/mW at 17 ohm; 97 dB/mW at 300 ohm.
    {"in-ears of 137 dB/V", Load::in_ear, 137.08, 12.8, {136.4, 135.0, 141.8, 144.1}},
    {"in-ears of 107 dB/mW", Load::in_ear, 124.70, 17.0, {124.2, 123.6, 129.8, 132.7}},
    {"the worst that EN 50332-2 permits", Load::headphones, 116.5, 32.0, {116.2, 117.1, 122.0, 126.2}},
    {"ATH-M50", Load::headphones, 115.0, 38.0, {114.8, 115.9, 120.6, 125.0}},
    {"K240", Load::headphones, 103.0, 64.0, {102.9, 104.7, 108.8, 113.8}},
    {"HD 600", Load::headphones, 102.23, 300.0, {102.2, 104.9, 108.2, 114.0}},
    {"DT 880, 600 ohm", Load::headphones, 98.2, 600.0, {98.2, 101.0, 104.2, 110.1}},
};

OutputFacts socket_of(const Socket &socket) {
    OutputFacts facts;
    facts.kind = OutputKind::headphone_out;
    facts.full_scale = Volts{socket.volts};
    facts.output_impedance = Ohms{socket.output_ohms};
    return facts;
}

LoadFacts facts_of(const Model &model, ModelFrom from = ModelFrom::measured) {
    LoadFacts facts;
    facts.sensitivity = Decibels{model.sensitivity_per_volt};
    facts.impedance = Ohms{model.ohms};
    facts.model_from = from;
    return facts;
}

TEST(Physics, SplAtFullScaleIsThatOfTheWorkedExamples) {
    for (const Model &model : models)
        for (std::size_t i = 0; i < std::size(sockets); ++i) {
            const SplSum sum = spl_at_full_scale(socket_of(sockets[i]), Volts{9.0}, model.load, facts_of(model));
            EXPECT_NEAR(sum.total.value, model.spl[i], 0.1) << model.name << " at " << sockets[i].volts << " V";
            EXPECT_TRUE(sum.assumed.empty());
            double added = 0.0;
            for (const Addend &addend : sum.addends) added += addend.db;
            EXPECT_NEAR(added, sum.total.value, 1e-9) << "the sum that people are shown is the sum";
        }
}

TEST(Physics, CapsAreTargetPlusCrestLessSpl) {
    for (const Model &model : models)
        for (std::size_t i = 0; i < std::size(sockets); ++i)
            for (const double target : {75.0, 85.0, 100.0}) {
                const Cap cap = cap_for_target(Decibels{target}, socket_of(sockets[i]), Volts{9.0}, model.load, facts_of(model));
                EXPECT_NEAR(cap.value.value, std::min(0.0, target + 10.0 - model.spl[i]), 0.1) << model.name;
                EXPECT_EQ(cap.bounded_by, "");
            }
}

// "Example: laptop 1.4 V/10 ohm with 32 ohm, 100 dB/mW phones: S_V = 114.9; divider −2.4 dB; SPL_0 = 115.5 dB" (§3.5).
TEST(Physics, TheExampleInWords) {
    EXPECT_NEAR(per_volt(Decibels{100.0}, Ohms{32.0}).value, 114.9, 0.1);
    LoadFacts facts;
    facts.sensitivity = per_volt(Decibels{100.0}, Ohms{32.0});
    facts.impedance = Ohms{32.0};
    facts.model_from = ModelFrom::measured;
    EXPECT_NEAR(spl_at_full_scale(socket_of({1.4, 10.0}), Volts{9.0}, Load::headphones, facts).total.value, 115.5, 0.1);
}

// The printed table of product.md, "Default caps", by the same formula with the values of the class: within 0.5 dB.
TEST(Physics, TheClassValuesGiveThePrintedTable) {
    const struct {
        double volts, headphones, in_ear;
    } table[] = {{1.0, -6.5, -14.5}, {1.4, -9.4, -17.4}, {2.0, -12.5, -20.5}, {4.0, -18.5, -26.5}};
    for (const auto &row : table) {
        OutputFacts facts;
        facts.kind = OutputKind::headphone_out;
        const auto cap = [&](Load load) { return cap_for_target(Decibels{100.0}, facts, Volts{row.volts}, load, {}).value.value; };
        EXPECT_NEAR(cap(Load::headphones), row.headphones, 0.5);
        EXPECT_NEAR(cap(Load::in_ear), row.in_ear, 0.5);
        // EN 50332-2: programme at −10 dB re full scale gives at most 150 mV.
        const double by_volts = 20.0 * std::log10(0.150 / (row.volts * std::pow(10.0, -10.0 / 20.0)));
        EXPECT_NEAR(cap(Load::headphones), by_volts, 1e-9) << "the voltage method says the same";
        EXPECT_NEAR(cap(Load::in_ear), by_volts - 8.0, 1e-9);
    }
}

TEST(Physics, WhatIsNotKnownIsNamedAndTakesNothingAway) {
    OutputFacts facts;
    facts.kind = OutputKind::headphone_out;
    const SplSum sum = spl_at_full_scale(facts, Volts{1.4}, Load::headphones, {});
    EXPECT_EQ(sum.assumed, (std::vector<std::string>{"sensitivity", "full-scale"}));
    facts.output_impedance = Ohms{75.0};
    EXPECT_EQ(spl_at_full_scale(facts, Volts{1.4}, Load::headphones, {}).total, sum.total) << "no divider without both ohms";
    facts.gain_after_dac = Decibels{6.0};
    EXPECT_NEAR(spl_at_full_scale(facts, Volts{1.4}, Load::headphones, {}).total.value, sum.total.value + 6.0, 1e-9);
}

TEST(Physics, WithoutVoltsTheLevelAtTheEarIsAssumed) {
    for (const OutputKind kind : {OutputKind::hdmi, OutputKind::spdif, OutputKind::usb_fixed, OutputKind::bluetooth}) {
        OutputFacts facts;
        facts.kind = kind;
        EXPECT_EQ(spl_at_full_scale(facts, Volts{2.0}, Load::headphones, {}).total.value, 110.0);
        EXPECT_EQ(spl_at_full_scale(facts, Volts{2.0}, Load::in_ear, {}).total.value, 118.0);
        EXPECT_EQ(spl_at_full_scale(facts, Volts{2.0}, Load::headphones, {}).assumed, std::vector<std::string>{"spl-at-full-scale"});
    }
}

// product.md, "Start level": a model that the user names raises the cap by at most 15 dB, a pattern never, measured ohms as far as it goes.
TEST(Model, ANameRaisesTheCapByFifteenDecibelsAtMost) {
    const Model &dt880 = models[6];
    const OutputFacts interface = socket_of({4.0, 10.0});
    const auto cap = [&](ModelFrom from) { return cap_for_target(Decibels{100.0}, interface, Volts{4.0}, Load::headphones, facts_of(dt880, from)); };
    EXPECT_NEAR(cap(ModelFrom::measured).value.value, -0.1, 0.1);
    EXPECT_NEAR(cap(ModelFrom::user).value.value, -18.5 + 15.0, 0.1);
    EXPECT_EQ(cap(ModelFrom::user).bounded_by, "class + 15 dB");
    EXPECT_NEAR(cap(ModelFrom::pattern).value.value, -18.5, 0.1);
    EXPECT_EQ(cap(ModelFrom::pattern).bounded_by, "class");
}

TEST(Model, ANameLowersTheCapAllTheWay) {
    const Model &hot = models[0];
    for (const ModelFrom from : {ModelFrom::measured, ModelFrom::user, ModelFrom::pattern})
        EXPECT_NEAR(cap_for_target(Decibels{100.0}, socket_of({1.4, 10.0}), Volts{1.4}, Load::in_ear, facts_of(hot, from)).value.value,
                    110.0 - 135.0, 0.1);
}

TEST(Model, ThatOnlyANameSpeaksForRaisesTheGovernorNoFurtherThanTheCap) {
    Classification named{{{Load::headphones, 1.0}}, Confidence::certain, {}, facts_of(models[6], ModelFrom::pattern)};
    Classification nobody{{{Load::headphones, 1.0}}, Confidence::certain, {}};
    const OutputFacts interface = socket_of({4.0, 10.0});
    const auto governor = [&](const Classification &classification) {
        return testing::decide(interface, Volts{4.0}, classification, Posture::protect).governor.value_or(Decibels{99.0}).value;
    };
    EXPECT_LE(governor(named), governor(nobody) + 0.1);
}

TEST(Rating, OfALoudspeakerCapsAPowerAmplifier) {
    OutputFacts amplifier;
    amplifier.kind = OutputKind::speaker_out;
    amplifier.full_scale = Volts{20.0};
    LoadFacts speaker;
    speaker.impedance = Ohms{8.0};
    speaker.rating_watts = 5.0; // the amplifier gives 50 W
    const Classification classification{{{Load::passive_speakers, 1.0}}, Confidence::certain, {}, speaker};
    const Decision decision = testing::decide(amplifier, Volts{2.0}, classification, Posture::protect);
    EXPECT_EQ(decision.verdict, Verdict::limit);
    EXPECT_NEAR(decision.cap->value, -10.0, 0.05);
    EXPECT_EQ(decision.reason, "speaker-rating");
    speaker.rating_watts = 80.0;
    EXPECT_EQ(testing::decide(amplifier, Volts{2.0}, {{{Load::passive_speakers, 1.0}}, Confidence::certain, {}, speaker}, Posture::protect).verdict,
              Verdict::allow);
}

// product.md, the matrix: "block when measured 2–8 ohm or shorted".
TEST(LowImpedance, BlocksWhereItWasMeasured) {
    OutputFacts socket = socket_of({1.4, 10.0});
    const auto verdict = [&](double ohms, ModelFrom from) {
        LoadFacts facts;
        facts.impedance = Ohms{ohms};
        facts.model_from = from;
        return testing::decide(socket, Volts{1.4}, {{{Load::passive_speakers, 1.0}}, Confidence::certain, {}, facts}, Posture::protect).verdict;
    };
    for (const OutputKind kind : {OutputKind::headphone_out, OutputKind::shared_out, OutputKind::unknown}) {
        socket.kind = kind;
        EXPECT_EQ(verdict(4.0, ModelFrom::measured), Verdict::block);
        EXPECT_EQ(verdict(0.5, ModelFrom::measured), Verdict::block);
        EXPECT_EQ(verdict(8.0, ModelFrom::measured), Verdict::block);
        EXPECT_EQ(verdict(8.5, ModelFrom::measured), Verdict::limit);
        EXPECT_EQ(verdict(4.0, ModelFrom::user), Verdict::limit) << "a name is no measurement";
    }
}

} // namespace
} // namespace soundwarden::policy
