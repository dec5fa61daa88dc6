// SPDX-License-Identifier: MIT
// Numbers with units: what is one, what is none, and that both directions agree.
#include "policy/quantity.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace soundwarden::policy {
namespace {

using Q = Quantity;

TEST(Quantity, EveryUnitGivesItsBaseUnit) {
    const struct {
        Q what;
        const char *text;
        double value;
    } table[] = {
        {Q::gain, "-12 dB", -12},
        {Q::gain, "-12dBFS", -12},
        {Q::gain, "+3 dB", 3},
        {Q::gain, "\u221212.5 dB", -12.5},
        {Q::gain, "0 dB", 0},
        {Q::gain, "-0.25   dB", -0.25},
        {Q::spl, "94 dB(A)", 94},
        {Q::spl, "94 dBA", 94},
        {Q::spl, "94 dB SPL", 94},
        {Q::volts, "1.4 V", 1.4},
        {Q::volts, "150 mV", 0.15},
        {Q::ohms, "32 ohm", 32},
        {Q::ohms, "32 Ohm", 32},
        {Q::ohms, "32 \u03A9", 32},
        {Q::ohms, "32\u2126", 32},
        {Q::ohms, "10 kohm", 10000},
        {Q::ohms, "10 k\u03A9", 10000},
        {Q::ohms, "4.7 k\u2126", 4700},
        {Q::watts, "20 W", 20},
        {Q::watts, "500 mW", 0.5},
        {Q::time, "50 ms", 0.05},
        {Q::time, "5 s", 5},
        {Q::time, "30 min", 1800},
        {Q::time, "2 h", 7200},
        {Q::dose, "1.6 Pa2h", 1.6},
        {Q::percent, "80 %", 80},
        {Q::percent, "0.5%", 0.5},
        {Q::dose, "1.6 Pa\u00B2h", 1.6},
        {Q::sensitivity, "116.5 dB SPL/V", 116.5},
        {Q::sensitivity, "116.5 dB/V", 116.5},
    };
    for (const auto &row : table) {
        const Parsed parsed = parse_quantity(row.what, row.text);
        EXPECT_TRUE(parsed) << row.text << ": " << parsed.error;
        EXPECT_DOUBLE_EQ(parsed.value, row.value) << row.text;
        EXPECT_FALSE(parsed.per_milliwatt) << row.text;
    }
    for (const char *text : {"97 dB SPL/mW", "97 dB/mW"}) {
        const Parsed parsed = parse_quantity(Q::sensitivity, text);
        EXPECT_TRUE(parsed && parsed.per_milliwatt && parsed.value == 97) << text;
    }
}

TEST(Quantity, NothingIsGuessed) {
    const struct {
        Q what;
        const char *text;
    } table[] = {
        {Q::gain, ""},
        {Q::gain, "-12"},
        {Q::gain, "dB"},
        {Q::gain, "-12 db"},
        {Q::gain, "-12 DB"},
        {Q::gain, "-12,5 dB"},
        {Q::gain, "- 12 dB"},
        {Q::gain, "--12 dB"},
        {Q::gain, "-12. dB"},
        {Q::gain, ".5 dB"},
        {Q::gain, "1e1 dB"},
        {Q::gain, "inf dB"},
        {Q::gain, "nan dB"},
        {Q::gain, "0x10 dB"},
        {Q::gain, " -12 dB"},
        {Q::gain, "-12 dB "},
        {Q::gain, "-12\tdB"},
        {Q::gain, "-12 dB(A)"},
        {Q::gain, "1.2.3 dB"},
        {Q::spl, "94 dB"},
        {Q::spl, "94 db(A)"},
        {Q::volts, "1.4 v"},
        {Q::volts, "1.4 uV"},
        {Q::ohms, "32 R"},
        {Q::ohms, "32 OHM"},
        {Q::ohms, "8 \u03C9"},
        {Q::time, "5 sec"},
        {Q::time, "5 m"},
        {Q::time, "5 minutes"},
        {Q::dose, "1.6 Pa"},
        {Q::percent, "80 percent"},
        {Q::sensitivity, "97 dB"},
        {Q::sensitivity, "97 dB SPL"},
        {Q::sensitivity, "97 dB SPL at 1 V"},
        {Q::watts, "20 VA"},
        {Q::gain, "\xFF"},
        {Q::gain, "1\xFF dB"},
    };
    for (const auto &row : table) {
        const Parsed parsed = parse_quantity(row.what, row.text);
        EXPECT_FALSE(parsed) << row.text;
        EXPECT_NE(parsed.error.find("; write it like \""), std::string::npos) << row.text << ": " << parsed.error;
    }
    EXPECT_FALSE(parse_quantity(Q::gain, std::string(400, '9') + " dB"));
}

TEST(Quantity, ErrorsSayWhatIsWrong) {
    EXPECT_EQ(parse_quantity(Q::gain, "-12").error, "\"-12\" has no unit; write it like \"-12 dB\"");
    EXPECT_EQ(parse_quantity(Q::gain, "-12,5 dB").error,
              "\"-12,5 dB\" has a comma in its number, which takes a point; write it like \"-12 dB\"");
    EXPECT_EQ(parse_quantity(Q::volts, "2 W").error,
              "\"W\" is no unit for this; write it like \"1.4 V\" or \"150 mV\"");
    EXPECT_EQ(parse_quantity(Q::time, "soon").error,
              "\"soon\" does not begin with a number; write it like \"50 ms\", \"5 s\" or \"30 min\"");
    EXPECT_EQ(parse_quantity(Q::time, "1 \x1B[31m").error,
              "\"\\x1B[31m\" is no unit for this; write it like \"50 ms\", \"5 s\" or \"30 min\"");
}

TEST(Quantity, IsPrintedInItsShortestCanonicalForm) {
    EXPECT_EQ(quantity_text(Q::gain, -12), "-12 dB");
    EXPECT_EQ(quantity_text(Q::gain, -0.0), "0 dB");
    EXPECT_EQ(quantity_text(Q::spl, 94.5), "94.5 dB(A)");
    EXPECT_EQ(quantity_text(Q::sensitivity, 97, true), "97 dB SPL/mW");
    EXPECT_EQ(quantity_text(Q::sensitivity, 116.5), "116.5 dB SPL/V");
    EXPECT_EQ(quantity_text(Q::ohms, 1e6), "1000000 ohm");
    EXPECT_EQ(quantity_text(Q::time, 0.3), "0.3 s");
    EXPECT_EQ(quantity_text(Q::dose, 1.6), "1.6 Pa2h");
    EXPECT_EQ(quantity_text(Q::percent, 12.5), "12.5 %");
}

TEST(Quantity, WhatIsPrintedIsReadAsTheSameNumber) {
    std::mt19937_64 random(1);
    std::uniform_real_distribution<double> exponent(-12, 12);
    for (int i = 0; i < 20000; ++i) {
        const double value = std::pow(10.0, exponent(random)) * (i % 2 == 0 ? 1 : -1);
        const auto what = static_cast<Q>(random() % 9);
        const bool per_milliwatt = what == Q::sensitivity && i % 3 == 0;
        const Parsed parsed = parse_quantity(what, quantity_text(what, value, per_milliwatt));
        ASSERT_TRUE(parsed) << parsed.error;
        ASSERT_EQ(parsed.value, value);
        ASSERT_EQ(parsed.per_milliwatt, per_milliwatt);
    }
}

TEST(Quantity, AMilliwattIsTurnedIntoAVolt) {
    // reference/sensing.md §3.4: HD 600, 97 dB/mW at 300 ohm.
    EXPECT_NEAR(per_volt({97}, {300}).value, 102.2, 0.05);
    EXPECT_NEAR(per_volt({100}, {1000}).value, 100, 1e-12);
}

} // namespace
} // namespace soundwarden::policy
