// SPDX-License-Identifier: MIT
// The adapter's parts that need no bus. With one: tests/integration/dbus_cli_test.cpp.
#include "guarded.hpp"
#include "published.hpp"
#include "scenes.hpp"
#include "utf8.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace soundwarden {
namespace {

using namespace dbus;

template <class Body>
std::string error_name_of(Body &&body) {
    try {
        guarded(body);
    } catch (const sdbus::Error &error) {
        return error.getName();
    }
    return "";
}

TEST(Guarded, PassesTheValueOn) {
    EXPECT_EQ(guarded([] { return 42; }), 42);
}

TEST(Guarded, TurnsWhateverIsThrownIntoABusError) {
    EXPECT_EQ(error_name_of([]() -> int { throw std::runtime_error{"broke"}; }), bus::error::internal);
    EXPECT_EQ(error_name_of([]() -> int { throw 42; }), bus::error::internal);
    EXPECT_EQ(error_name_of([]() -> int { throw std::bad_alloc{}; }), bus::error::internal);
}

TEST(Guarded, LetsErrorsOfTheBusThrough) {
    EXPECT_EQ(error_name_of([]() -> int {
                  throw sdbus::Error{bus::ErrorName{"org.example.Own"}, "own"};
              }),
              "org.example.Own");
}

TEST(Guarded, MakesTheMessageFitForTheBus) {
    try {
        guarded([]() -> int { throw std::runtime_error{"bad \xff byte"}; });
        FAIL();
    } catch (const sdbus::Error &error) {
        EXPECT_EQ(error.getMessage(), "bad ? byte");
    }
}

TEST(ValidUtf8, KeepsWhatIsValid) {
    for (const std::string text :
         {"", "plain", "Kopfhörer", "€", "\xf0\x9f\x8e\xa7", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf"})
        EXPECT_EQ(valid_utf8(text), text);
}

TEST(ValidUtf8, ReplacesEveryByteThatIsNot) {
    EXPECT_EQ(valid_utf8("a\xff"), "a?");
    EXPECT_EQ(valid_utf8("\xc3"), "?") << "cut short";
    EXPECT_EQ(valid_utf8("\xc0\xaf"), "??") << "longer than it need be";
    EXPECT_EQ(valid_utf8("\xe0\x80\xaf"), "???");
    EXPECT_EQ(valid_utf8("\xed\xa0\x80"), "???") << "surrogate";
    EXPECT_EQ(valid_utf8("\xf4\x90\x80\x80"), "????") << "beyond U+10FFFF";
    EXPECT_EQ(valid_utf8("\xf8\x88\x80\x80\x80"), "?????");
    EXPECT_EQ(valid_utf8(std::string_view{"a\0b", 3}), "a?b");
    EXPECT_EQ(valid_utf8("\xe2\x82x"), "??x");
}

TEST(Published, NoneIsInfinityAndNotKnownIsZero) {
    const auto values = output_values(test::scene("blocked")->outputs.front());
    EXPECT_TRUE(std::isinf(values.cap_dbfs) && values.cap_dbfs > 0);
    EXPECT_TRUE(std::isinf(values.ceiling_dbfs) && values.ceiling_dbfs > 0);
    EXPECT_TRUE(std::isinf(values.start_level_db) && values.start_level_db > 0);
    EXPECT_EQ(values.full_scale_volts, 0.0);
}

TEST(Published, EqualSnapshotsDifferInNothing) {
    const auto view = test::scene("laptop")->outputs.front();
    EXPECT_TRUE(differences(output_values(view), output_values(view)).empty());
    EXPECT_TRUE(differences(manager_values(*test::scene("degraded"), Posture::strict),
                            manager_values(*test::scene("degraded"), Posture::strict))
                    .empty());
}

TEST(Published, EachDifferenceIsNamed) {
    using Change = std::function<void(engine::OutputView &)>;
    const std::vector<std::pair<std::string, Change>> all{
        {"Name", [](auto &v) { v.name += "x"; }},
        {"Sink", [](auto &v) { v.sink += "x"; }},
        {"Kind", [](auto &v) { v.facts.kind = OutputKind::line_out; }},
        {"Active", [](auto &v) { v.active = !v.active; }},
        {"Availability", [](auto &v) { v.availability = Availability::no; }},
        {"Loads", [](auto &v) { v.classification.loads.front().probability = 0.5; }},
        {"Confidence", [](auto &v) { v.classification.confidence = Confidence::low; }},
        {"Evidence", [](auto &v) { v.classification.evidence.clear(); }},
        {"Verdict", [](auto &v) { v.decision.verdict = Verdict::block; }},
        {"CeilingDbfs", [](auto &v) { v.ceiling = Decibels{-30}; }},
        {"CapDbfs", [](auto &v) { v.decision.cap.reset(); }},
        {"State", [](auto &v) { v.state = engine::OutputState::settling; }},
        {"Reason", [](auto &v) { v.decision.reason = "other"; }},
        {"Rule", [](auto &v) { v.decision.rule.line = 7; }},
        {"Assumed", [](auto &v) { v.decision.assumed.clear(); }},
        {"Ask", [](auto &v) { v.decision.ask = true; }},
        {"Governor", [](auto &v) { v.decision.governor = Decibels{-20.0}; }},
        {"StartLevelDb", [](auto &v) { v.decision.start_level.reset(); }},
        {"FullScaleVolts", [](auto &v) { v.facts.full_scale = Volts{2}; }},
        {"Volume", [](auto &v) { v.volume = 0.5; }},
        {"Mute", [](auto &v) { v.mute = true; }},
        {"Offenders", [](auto &v) { v.offenders.push_back({"player", 2}); }},
    };
    const auto before = test::scene("laptop")->outputs.front();
    for (const auto &[name, change] : all) {
        auto after = before;
        change(after);
        const auto names = differences(output_values(before), output_values(after));
        ASSERT_EQ(names.size(), 1U) << name;
        EXPECT_EQ(std::string{names.front()}, name);
    }
}

TEST(Published, IdsAreWhatAPathTakes) {
    EXPECT_TRUE(valid_id("pci_0000_00_1f_3_analog_output_headphones"));
    for (const std::string bad : {"", "../up", "a-b", "A", "ä", "a b", "a/b"}) EXPECT_FALSE(valid_id(bad)) << bad;
}

} // namespace
} // namespace soundwarden
