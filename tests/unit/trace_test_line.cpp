// SPDX-License-Identifier: MIT
// Lines of a trace: everything comes back as it was, bit for bit, and what is wrong with a line is said with its field.
#include "trace/line.hpp"
#include "trace_test_values.hpp"

#include <gtest/gtest.h>

#include <set>

namespace soundwarden::trace::testing {
namespace {

constexpr int rounds = 10'000;

Line read(const std::string &text) {
    EXPECT_TRUE(text.ends_with('\n'));
    EXPECT_EQ(text.find('\n'), text.size() - 1) << "more than one line: " << text;
    auto parsed = parse_line(std::string_view(text).substr(0, text.size() - 1));
    if (const auto *problem = std::get_if<Problem>(&parsed)) {
        ADD_FAILURE() << problem->field << ": " << problem->what << "\n" << text;
        return Header{};
    }
    return std::get<Line>(std::move(parsed));
}

Problem problem_of(std::string_view text) {
    const auto parsed = parse_line(text);
    const auto *problem = std::get_if<Problem>(&parsed);
    return problem == nullptr ? Problem{"", "nothing"} : *problem;
}

TEST(TraceLines, EveryEventComesBackBitForBit) {
    RandomValues random(1);
    std::set<std::size_t> seen;
    for (int i = 0; i < rounds; ++i) {
        const EventLine line{Time{Duration{static_cast<std::int64_t>(random.bits())}}, random.any<engine::Event>()};
        seen.insert(line.event.index());
        const std::string text = text_of(Line{line});
        const Line back = read(text);
        const auto *event = std::get_if<EventLine>(&back);
        ASSERT_NE(event, nullptr) << text;
        EXPECT_EQ(event->time, line.time);
        ASSERT_TRUE(same(event->event, line.event)) << text << text_of(back);
        ASSERT_EQ(text_of(back), text);
    }
    EXPECT_EQ(seen.size(), std::variant_size_v<engine::Event>);
}

TEST(TraceLines, EveryEffectComesBackBitForBit) {
    RandomValues random(2);
    std::set<std::size_t> seen;
    for (int i = 0; i < rounds; ++i) {
        EffectsLine line{Time{Duration{static_cast<std::int64_t>(random.bits())}}, {}};
        for (std::size_t n = random.below(4); n > 0; --n) line.effects.push_back(random.any<engine::Effect>());
        for (const auto &effect : line.effects) seen.insert(effect.index());
        const std::string text = text_of(Line{line});
        const Line back = read(text);
        const auto *effects = std::get_if<EffectsLine>(&back);
        ASSERT_NE(effects, nullptr) << text;
        ASSERT_EQ(effects->effects.size(), line.effects.size());
        for (std::size_t n = 0; n < line.effects.size(); ++n) ASSERT_TRUE(same(effects->effects[n], line.effects[n])) << text;
        ASSERT_EQ(text_of(back), text);
    }
    EXPECT_EQ(seen.size(), std::variant_size_v<engine::Effect>);
}

TEST(TraceLines, HeadersOutputsAndNamesComeBack) {
    RandomValues random(3);
    for (int i = 0; i < rounds / 10; ++i) {
        const Header header{random.value<std::string>(), random.value<engine::Settings>(), random.value<bool>()};
        const Line back = read(text_of(Line{header}));
        ASSERT_TRUE(std::holds_alternative<Header>(back));
        EXPECT_TRUE(same(std::get<Header>(back).settings, header.settings));
        EXPECT_EQ(std::get<Header>(back).version, header.version);
        EXPECT_EQ(std::get<Header>(back).hashed, header.hashed);
        for (const std::string &text : {text_of(Line{OutputsLine{{}, random.value<std::string>(), random.value<std::vector<std::string>>()}}),
                                        text_of(Line{KnownLine{{}, {{random.value<std::string>(), random.value<std::string>()}}}})})
            EXPECT_EQ(text_of(read(text)), text);
    }
}

/// Each field on its own makes a difference after a round trip: none is written in another's place, or not at all.
template <class T, class Variant> void require_each_field_to_count() {
    RandomValues random(4);
    for_each_field<T>([&](const auto &each) {
        using M = std::decay_t<decltype(T{}.*each.member)>;
        T changed{};
        for (int tries = 0; tries < 1000 && same(changed.*each.member, T{}.*each.member); ++tries) changed.*each.member = random.value<M>();
        ASSERT_FALSE(same(changed, T{})) << Fields<T>::name << " " << each.name;
        std::string text;
        Variant back;
        if constexpr (std::is_same_v<Variant, engine::Event>) {
            const Line line = read(text = text_of(Line{EventLine{{}, changed}}));
            back = std::get<EventLine>(line).event;
        } else {
            const Line line = read(text = text_of(Line{EffectsLine{{}, {changed}}}));
            back = std::get<EffectsLine>(line).effects.at(0);
        }
        EXPECT_TRUE(same(back, Variant{changed})) << text;
    });
}
template <class Variant, std::size_t... i> void require_each_field_of_each(std::index_sequence<i...>) {
    (require_each_field_to_count<std::variant_alternative_t<i, Variant>, Variant>(), ...);
}

TEST(TraceLines, EachFieldCounts) {
    require_each_field_of_each<engine::Event>(std::make_index_sequence<std::variant_size_v<engine::Event>>{});
    require_each_field_of_each<engine::Effect>(std::make_index_sequence<std::variant_size_v<engine::Effect>>{});
}

template <class Variant, std::size_t... i> std::set<std::string_view> names_of(std::index_sequence<i...>) {
    return {Fields<std::variant_alternative_t<i, Variant>>::name...};
}

TEST(TraceLines, NoTwoEventsOrEffectsHaveOneName) {
    EXPECT_EQ(names_of<engine::Event>(std::make_index_sequence<std::variant_size_v<engine::Event>>{}).size(), std::variant_size_v<engine::Event>);
    EXPECT_EQ(names_of<engine::Effect>(std::make_index_sequence<std::variant_size_v<engine::Effect>>{}).size(), std::variant_size_v<engine::Effect>);
}

TEST(TraceLines, LookAsTheyAreDescribed) {
    EXPECT_EQ(text_of(Line{Header{"0.1.0", {}, true}}),
              "{\"soundwarden-trace\":1,\"version\":\"0.1.0\",\"settings\":{\"posture\":null,\"hold-devices\":false,\"ear-target\":null,"
              "\"limiter-mode\":null,\"release-ms\":null},\"hashed\":true}\n");
    EXPECT_EQ(text_of(Line{EventLine{Time{Duration{5}}, engine::GuardVolume{"a", 0.1, true}}}),
              "{\"t\":5,\"event\":\"guard-volume\",\"sink\":\"a\",\"volume\":0.1,\"mute\":true}\n");
    EXPECT_EQ(text_of(Line{EventLine{Time{Duration{5}}, engine::Tick{}}}), "{\"t\":5,\"event\":\"tick\"}\n");
    EXPECT_EQ(text_of(Line{EffectsLine{Time{Duration{5}}, {engine::ClampSink{"a", std::numeric_limits<float>::infinity(), {1, 2}}}}}),
              "{\"t\":5,\"effects\":[{\"effect\":\"clamp-sink\",\"sink\":\"a\",\"ceiling\":\"inf\",\"channels\":[1,2]}]}\n");
}

TEST(TraceLines, AFieldThatIsMissingHasItsDefault) {
    const Line line = read("{\"t\":5,\"event\":\"guard-volume\",\"sink\":\"a\"}\n");
    EXPECT_TRUE(same(std::get<EventLine>(line).event, engine::Event{engine::GuardVolume{"a", 1.0, false}}));
}

TEST(TraceLines, WhatIsWrongIsSaidWithItsField) {
    const auto expect = [](std::string_view text, std::string_view field, std::string_view what) {
        const Problem problem = problem_of(text);
        EXPECT_EQ(problem.field, field) << text;
        EXPECT_NE(problem.what.find(what), std::string::npos) << text << "\n" << problem.what;
    };
    expect("", "", "is no JSON from column 1");
    expect("{\"t\":5,", "", "is no JSON from column 8");
    expect("[]", "", "is no object");
    expect("{}", "", "has no time");
    expect("{\"t\":1.5,\"event\":\"tick\"}", "t", "is no whole number");
    expect("{\"t\":99999999999999999999,\"event\":\"tick\"}", "t", "is no whole number");
    expect("{\"t\":18446744073709551615,\"event\":\"tick\"}", "t", "is out of range");
    expect("{\"t\":5}", "", "is neither an event nor effects");
    expect("{\"t\":5,\"event\":7}", "", "has no \"event\" with a name");
    expect("{\"t\":5,\"event\":\"boom\"}", "", "has no name that is known here");
    expect("{\"t\":5,\"event\":\"tick\",\"loud\":true}", "loud", "does not know");
    expect("{\"t\":5,\"event\":\"sink-seen\",\"facts\":{\"routes\":[{},{\"index\":-1}]}}", "facts.routes[1].index", "is out of range");
    expect("{\"t\":5,\"event\":\"sink-seen\",\"facts\":{\"routes\":[{},{\"availability\":\"maybe\"}]}}", "facts.routes[1].availability", "no name");
    expect("{\"t\":5,\"event\":\"sink-seen\",\"facts\":{\"key\":null}}", "facts.key", "is no text");
    expect("{\"t\":5,\"event\":\"guard-linked\",\"linked\":1}", "linked", "is neither true nor false");
    expect("{\"t\":5,\"event\":\"guard-volume\",\"volume\":\"loud\"}", "volume", "is no number");
    expect("{\"t\":5,\"event\":\"guard-volume\",\"volume\":1e999}", "", "out of range");
    expect("{\"t\":5,\"effects\":{}}", "effects", "is no array");
    expect("{\"t\":5,\"effects\":[{\"effect\":\"clamp-sink\",\"ceiling\":0.1}]}", "effects[0].ceiling", "single-precision");
    expect("{\"t\":5,\"effects\":[],\"more\":1}", "", "\"more\"");
    expect("{\"t\":5,\"t\":6,\"event\":\"tick\"}", "", "has \"t\" twice");
    expect("{\"t\":5,\"event\":\"guard-gone\xFF\"}", "", "is no JSON");
    expect("{\"soundwarden-trace\":2,\"anything\":[]}", "", "format 2");
    expect("{\"soundwarden-trace\":\"1\"}", "soundwarden-trace", "is no whole number");
    expect(std::string(100'000, '['), "", "");
}

TEST(TraceLines, BytesThatAreNoTextComeBack) {
    for (int a = 0; a < 256; ++a)
        for (int b = 0; b < 256; ++b) {
            const std::string bytes{static_cast<char>(a), static_cast<char>(b)};
            ASSERT_EQ(bytes_of(utf8_of(bytes)), bytes);
        }
    EXPECT_EQ(utf8_of("Köln"), "Köln");
    EXPECT_EQ(utf8_of("\xFF"), "\xF4\x8F\xBF\xBF");
}

} // namespace
} // namespace soundwarden::trace::testing
