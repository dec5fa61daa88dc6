// SPDX-License-Identifier: MIT
#include "model/classification.hpp"
#include "model/decision.hpp"
#include "model/load.hpp"
#include "model/output.hpp"
#include "model/units.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <string_view>

namespace soundwarden {
namespace {

template <class E>
void expect_names_both_ways() {
    std::set<std::string_view> seen;
    for (const auto &[value, name] : Names<E>::table) {
        EXPECT_EQ(name_of(value), name);
        EXPECT_EQ(from_name<E>(name), value);
        EXPECT_TRUE(seen.insert(name).second) << name << " stands for two";
    }
    EXPECT_EQ(from_name<E>("no-such-name"), std::nullopt);
}

TEST(Names, EachEnumerationReadsBackWhatItWrites) {
    expect_names_both_ways<Load>();
    expect_names_both_ways<LoadClass>();
    expect_names_both_ways<OutputKind>();
    expect_names_both_ways<Availability>();
    expect_names_both_ways<Confidence>();
    expect_names_both_ways<Verdict>();
    expect_names_both_ways<Posture>();
}

TEST(LoadClasses, EarsAndSpeakersAndLinesAreApart) {
    for (const Load load : {Load::headphones, Load::headset, Load::in_ear}) EXPECT_EQ(class_of(load), LoadClass::ears);
    for (const Load load : {Load::active_speakers, Load::passive_speakers, Load::internal_speaker})
        EXPECT_EQ(class_of(load), LoadClass::speakers);
    for (const Load load : {Load::line_input, Load::headphone_amplifier}) EXPECT_EQ(class_of(load), LoadClass::line);
    EXPECT_EQ(class_of(Load::display), LoadClass::display);
    for (const Load load : {Load::nothing, Load::unknown}) EXPECT_EQ(class_of(load), LoadClass::unknown);
}

TEST(Units, AmplitudeTowardZeroNeverExceedsTheExactValue) {
    for (int tenth = -1200; tenth <= 200; ++tenth) {
        const Decibels gain{static_cast<double>(tenth) / 10.0};
        const float rounded = amplitude_toward_zero(gain);
        EXPECT_LE(static_cast<double>(rounded), amplitude(gain));
        EXPECT_GT(static_cast<double>(std::nextafterf(rounded, std::numeric_limits<float>::infinity())),
                  amplitude(gain));
    }
}

TEST(Units, UnityIsExactAndTheEndsStay) {
    EXPECT_EQ(amplitude_toward_zero({0.0}), 1.0F);
    EXPECT_EQ(amplitude_toward_zero({-std::numeric_limits<double>::infinity()}), 0.0F);
    EXPECT_EQ(amplitude_toward_zero({std::numeric_limits<double>::infinity()}), std::numeric_limits<float>::infinity());
    EXPECT_EQ(decibels(1.0).value, 0.0);
    EXPECT_NEAR(decibels(0.5).value, -6.0206, 1e-4);
    EXPECT_TRUE(std::isinf(decibels(0.0).value));
}

} // namespace
} // namespace soundwarden
