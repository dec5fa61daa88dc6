// SPDX-License-Identifier: MIT
// Every cell of the matrix in product.md, by name, with its numbers at 2 V. A load named here is taken as certain.
#include "model/load.hpp"
#include "model/output.hpp"
#include "policy_test_world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>

namespace soundwarden::policy {
namespace {

namespace testing = soundwarden::policy::testing;
using K = OutputKind;
using L = Load;

enum class Gets { limit, low, allow, block };
constexpr bool asks = true;

struct CellCase {
    K kind;
    L load;
    Gets gets;
    std::optional<double> cap_db; // to 0.1 dB, at 2 V
    bool ask = false;
    bool governor = false;
};
void PrintTo(const CellCase &c, std::ostream *out) { *out << name_of(c.kind) << "/" << name_of(c.load); }

constexpr double hs = -12.5;
constexpr double ie = -20.5;
constexpr double passive = -24.5;
constexpr bool gov = true;
constexpr auto no_cap = std::nullopt;

const CellCase cells[] = {
    {K::headphone_out, L::headphones, Gets::limit, hs, !asks, gov},
    {K::headphone_out, L::headset, Gets::limit, hs, !asks, gov},
    {K::headphone_out, L::in_ear, Gets::limit, ie, !asks, gov},
    {K::headphone_out, L::active_speakers, Gets::low, no_cap},
    {K::headphone_out, L::passive_speakers, Gets::limit, passive, asks},
    {K::headphone_out, L::line_input, Gets::allow, no_cap},
    {K::headphone_out, L::headphone_amplifier, Gets::low, no_cap},
    {K::headphone_out, L::unknown, Gets::limit, hs, asks, gov},

    {K::line_out, L::headphones, Gets::limit, hs, asks, gov},
    {K::line_out, L::headset, Gets::limit, hs, asks, gov},
    {K::line_out, L::in_ear, Gets::limit, ie, asks, gov},
    {K::line_out, L::active_speakers, Gets::low, no_cap},
    {K::line_out, L::passive_speakers, Gets::block, no_cap, asks},
    {K::line_out, L::line_input, Gets::allow, no_cap},
    {K::line_out, L::headphone_amplifier, Gets::low, no_cap},
    {K::line_out, L::unknown, Gets::limit, -10.0, asks},

    {K::shared_out, L::headphones, Gets::limit, hs, !asks, gov},
    {K::shared_out, L::headset, Gets::limit, hs, !asks, gov},
    {K::shared_out, L::in_ear, Gets::limit, ie, !asks, gov},
    {K::shared_out, L::active_speakers, Gets::limit, hs, asks, gov},
    {K::shared_out, L::passive_speakers, Gets::limit, passive, asks},
    {K::shared_out, L::line_input, Gets::limit, hs, asks, gov},
    {K::shared_out, L::headphone_amplifier, Gets::limit, hs, asks, gov},
    {K::shared_out, L::unknown, Gets::limit, hs, asks, gov},

    {K::speaker_out, L::headphones, Gets::block, no_cap},
    {K::speaker_out, L::headset, Gets::block, no_cap},
    {K::speaker_out, L::in_ear, Gets::block, no_cap},
    {K::speaker_out, L::active_speakers, Gets::block, no_cap, asks},
    {K::speaker_out, L::passive_speakers, Gets::allow, no_cap},
    {K::speaker_out, L::line_input, Gets::block, no_cap},
    {K::speaker_out, L::headphone_amplifier, Gets::block, no_cap},
    {K::speaker_out, L::unknown, Gets::limit, -30.0, asks},

    {K::internal_speaker, L::headphones, Gets::allow, no_cap},
    {K::internal_speaker, L::in_ear, Gets::allow, no_cap},
    {K::internal_speaker, L::active_speakers, Gets::allow, no_cap},
    {K::internal_speaker, L::passive_speakers, Gets::allow, no_cap},
    {K::internal_speaker, L::line_input, Gets::allow, no_cap},
    {K::internal_speaker, L::headphone_amplifier, Gets::allow, no_cap},
    {K::internal_speaker, L::internal_speaker, Gets::allow, no_cap},
    {K::internal_speaker, L::unknown, Gets::allow, no_cap},

    {K::hdmi, L::headphones, Gets::limit, 0.0, !asks, gov},
    {K::hdmi, L::headset, Gets::limit, 0.0, !asks, gov},
    {K::hdmi, L::in_ear, Gets::limit, -8.0, !asks, gov},
    {K::hdmi, L::active_speakers, Gets::allow, no_cap},
    {K::hdmi, L::passive_speakers, Gets::allow, no_cap},
    {K::hdmi, L::line_input, Gets::allow, no_cap},
    {K::hdmi, L::headphone_amplifier, Gets::allow, no_cap},
    {K::hdmi, L::display, Gets::allow, no_cap},
    {K::hdmi, L::unknown, Gets::allow, no_cap},

    {K::spdif, L::headphones, Gets::limit, 0.0, !asks, gov},
    {K::spdif, L::headset, Gets::limit, 0.0, !asks, gov},
    {K::spdif, L::in_ear, Gets::limit, -8.0, !asks, gov},
    {K::spdif, L::active_speakers, Gets::allow, no_cap},
    {K::spdif, L::passive_speakers, Gets::allow, no_cap},
    {K::spdif, L::line_input, Gets::allow, no_cap},
    {K::spdif, L::headphone_amplifier, Gets::allow, no_cap},
    {K::spdif, L::display, Gets::allow, no_cap},
    {K::spdif, L::unknown, Gets::allow, no_cap},

    {K::usb_fixed, L::headphones, Gets::limit, 0.0, !asks, gov},
    {K::usb_fixed, L::headset, Gets::limit, 0.0, !asks, gov},
    {K::usb_fixed, L::in_ear, Gets::limit, -8.0, !asks, gov},
    {K::usb_fixed, L::active_speakers, Gets::low, no_cap},
    {K::usb_fixed, L::passive_speakers, Gets::limit, 0.0, !asks, gov},
    {K::usb_fixed, L::line_input, Gets::limit, 0.0, !asks, gov},
    {K::usb_fixed, L::headphone_amplifier, Gets::limit, 0.0, !asks, gov},
    {K::usb_fixed, L::unknown, Gets::limit, 0.0, !asks, gov},

    {K::bluetooth, L::headphones, Gets::limit, 0.0, !asks, gov},
    {K::bluetooth, L::headset, Gets::limit, 0.0, !asks, gov},
    {K::bluetooth, L::in_ear, Gets::limit, -8.0, !asks, gov},
    {K::bluetooth, L::active_speakers, Gets::low, no_cap},
    {K::bluetooth, L::passive_speakers, Gets::limit, 0.0, !asks, gov},
    {K::bluetooth, L::line_input, Gets::limit, 0.0, !asks, gov},
    {K::bluetooth, L::headphone_amplifier, Gets::limit, 0.0, !asks, gov},
    {K::bluetooth, L::unknown, Gets::limit, 0.0, !asks, gov},

    {K::virtual_output, L::headphones, Gets::allow, no_cap},
    {K::virtual_output, L::in_ear, Gets::allow, no_cap},
    {K::virtual_output, L::active_speakers, Gets::allow, no_cap},
    {K::virtual_output, L::passive_speakers, Gets::allow, no_cap},
    {K::virtual_output, L::line_input, Gets::allow, no_cap},
    {K::virtual_output, L::headphone_amplifier, Gets::allow, no_cap},
    {K::virtual_output, L::unknown, Gets::allow, no_cap},

    {K::unknown, L::headphones, Gets::limit, hs, !asks, gov},
    {K::unknown, L::headset, Gets::limit, hs, !asks, gov},
    {K::unknown, L::in_ear, Gets::limit, ie, !asks, gov},
    {K::unknown, L::active_speakers, Gets::low, no_cap},
    {K::unknown, L::passive_speakers, Gets::limit, passive, asks},
    {K::unknown, L::line_input, Gets::allow, no_cap},
    {K::unknown, L::headphone_amplifier, Gets::low, no_cap},
    {K::unknown, L::unknown, Gets::limit, hs, asks, gov},
};

Decision certain(K kind, L load, std::uint32_t channels = 2) {
    OutputFacts facts;
    facts.kind = kind;
    facts.channels = channels;
    return testing::decide(facts, Volts{2.0}, {{{load, 1.0}}, Confidence::certain, {}}, Posture::protect);
}

std::string test_name(const ::testing::TestParamInfo<CellCase> &test) {
    std::string name = std::string(name_of(test.param.kind)) + "_" + std::string(name_of(test.param.load));
    for (char &c : name)
        if (c == '-') c = '_';
    return name;
}

class Matrix : public ::testing::TestWithParam<CellCase> {};

TEST_P(Matrix, CellIsAsSpecified) {
    const CellCase &expected = GetParam();
    const Decision decision = certain(expected.kind, expected.load);
    const Verdict verdict = expected.gets == Gets::limit   ? Verdict::limit
                            : expected.gets == Gets::block ? Verdict::block
                                                           : Verdict::allow;
    EXPECT_EQ(decision.verdict, verdict);
    EXPECT_EQ(decision.start_low, expected.gets == Gets::low);
    EXPECT_EQ(decision.ask, expected.ask);
    EXPECT_EQ(decision.governor.has_value(), expected.governor);
    ASSERT_EQ(decision.cap.has_value(), expected.cap_db.has_value());
    if (expected.cap_db) {
        EXPECT_NEAR(decision.cap->value, *expected.cap_db, 0.1);
    }
    EXPECT_EQ(decision.rule.file, "builtin:10-matrix.toml");
    EXPECT_GT(decision.rule.line, 0U);
    EXPECT_EQ(decision.rule.column, 1U);
    EXPECT_FALSE(decision.reason.empty());
}

INSTANTIATE_TEST_SUITE_P(Cells, Matrix, ::testing::ValuesIn(cells), test_name);

TEST(MatrixRows, LineOutWithMoreThanTwoChannelsAllowsTheUnknown) {
    EXPECT_EQ(certain(K::line_out, L::unknown, 6).verdict, Verdict::allow);
    EXPECT_FALSE(certain(K::line_out, L::unknown, 6).ask);
    EXPECT_EQ(certain(K::line_out, L::unknown, 1).verdict, Verdict::limit);
    EXPECT_EQ(certain(K::line_out, L::headphones, 6).verdict, Verdict::limit);
}

TEST(MatrixRows, WhatCannotBeThereIsAsUnknown) {
    for (const K kind :
         {K::headphone_out, K::line_out, K::shared_out, K::speaker_out, K::usb_fixed, K::bluetooth, K::unknown})
        for (const L load : {L::nothing, L::display, L::internal_speaker}) {
            EXPECT_EQ(certain(kind, load).verdict, certain(kind, L::unknown).verdict) << name_of(kind);
            EXPECT_EQ(certain(kind, load).cap, certain(kind, L::unknown).cap) << name_of(kind);
        }
}

TEST(MatrixRows, RulesAreNamedKindSlashLoad) {
    EXPECT_EQ(certain(K::headphone_out, L::unknown).rule.name, "headphone-out/unknown");
    EXPECT_EQ(certain(K::headphone_out, L::headset).rule.name, "headphone-out/headphones");
    EXPECT_EQ(certain(K::internal_speaker, L::internal_speaker).rule.name, "internal-speaker/internal-speaker");
    EXPECT_EQ(certain(K::hdmi, L::display).rule.name, "hdmi/display");
}

} // namespace
} // namespace soundwarden::policy
