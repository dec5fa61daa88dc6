// SPDX-License-Identifier: MIT
// Recorded lives, replayed: the same decisions bit for bit, also where all that is secret was hidden, and every difference is found.
#include "trace/replay.hpp"
#include "trace_test_life.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

namespace soundwarden::trace::testing {
namespace {

int lives() {
    const char *nightly = std::getenv("SOUNDWARDEN_NIGHTLY");
    return nightly != nullptr && std::string(nightly) == "1" ? 5'000 : 25;
}

std::string trace_of(int seed, bool hashed, int events = 40) {
    RecordedLife life(static_cast<std::uint64_t>(seed), hashed);
    life.run(events);
    return life.trace;
}

void expect_same(const Replay &result, const std::string &trace, int seed) {
    if (result.unreadable) FAIL() << "seed " << seed << " line " << result.unreadable->line << ": " << result.unreadable->sentence;
    if (!result.first) return;
    std::istringstream lines(trace);
    std::string line, before;
    for (std::size_t i = 0; i < result.first->line && std::getline(lines, line); ++i) before = i + 2 == result.first->line ? line : before;
    FAIL() << "seed " << seed << " line " << result.first->line << "\nrecorded: " << result.first->expected << "\ngot:      " << result.first->got
           << "\nat: " << before << "\n";
}

std::vector<std::string> lines_of(const std::string &text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line + "\n");
    return lines;
}
std::string joined(const std::vector<std::string> &lines) {
    std::string text;
    for (const std::string &line : lines) text += line;
    return text;
}

TEST(Replays, GiveEveryEffectBitForBit) {
    for (int seed = 0; seed < lives(); ++seed) {
        const std::string trace = trace_of(seed, false);
        const Replay result = replay(trace);
        EXPECT_GT(result.steps, 40U);
        ASSERT_NO_FATAL_FAILURE(expect_same(result, trace, seed));
    }
}

TEST(Replays, GiveEveryEffectBitForBitWhereSecretsAreHidden) {
    for (int seed = 0; seed < lives(); ++seed) {
        const std::string trace = trace_of(seed, true);
        ASSERT_NO_FATAL_FAILURE(expect_same(replay(trace), trace, seed));
    }
}

TEST(Replays, OfHiddenLivesHoldNoSecretInAnyForm) {
    std::string plain;
    for (int seed = 0; seed < lives(); ++seed) {
        plain += trace_of(seed, false);
        const std::string trace = trace_of(seed, true);
        for (const std::string &secret : secrets()) {
            const std::size_t at = trace.find(secret);
            ASSERT_EQ(at, std::string::npos) << "seed " << seed << ": " << secret << " in " << trace.substr(at > 200 ? at - 200 : 0, 400);
        }
    }
    // Control: without hiding each device is there in some form.
    for (const std::string &secret : {address, scarlett_serial, dongle_serial, std::string("Headset_0007"), std::string("4c_87_5d_0a_b1_f2")})
        EXPECT_NE(plain.find(secret), std::string::npos) << secret;
}

TEST(Replays, TellTheSameStoryWhetherSecretsAreHiddenOrNot) {
    const auto effects = [](const std::string &trace) {
        std::vector<std::size_t> kinds;
        replay(trace, [&](const ReplayedStep &step, const Engine &) {
            std::vector<std::size_t> of_step;
            for (const Effect &effect : step.effects) of_step.push_back(effect.index());
            std::sort(of_step.begin(), of_step.end()); // between sinks the order may differ
            kinds.insert(kinds.end(), of_step.begin(), of_step.end());
        });
        return kinds;
    };
    for (int seed = 0; seed < 20; ++seed) EXPECT_EQ(effects(trace_of(seed, true)), effects(trace_of(seed, false))) << "seed " << seed;
}

TEST(Replays, FindOneChangedNumber) {
    const std::string trace = trace_of(3, true);
    std::vector<std::string> lines = lines_of(trace);
    std::size_t changed = 0;
    for (std::size_t i = lines.size() / 2; i < lines.size() && changed == 0; ++i) {
        const std::size_t at = lines[i].find("\"effect\":\"order-guard\"");
        if (at == std::string::npos) continue;
        const std::size_t gain = lines[i].find("\"gain\":", at) + 7;
        lines[i].replace(gain, lines[i].find(',', gain) - gain, "0.25");
        changed = i + 1;
    }
    ASSERT_GT(changed, 0U);
    const Replay result = replay(joined(lines));
    ASSERT_FALSE(result.unreadable) << result.unreadable->sentence;
    ASSERT_TRUE(result.first);
    EXPECT_EQ(result.first->line, changed);
    EXPECT_NE(result.first->expected.find("\"gain\":0.25"), std::string::npos) << result.first->expected;
    EXPECT_NE(result.first->got.find("order-guard"), std::string::npos) << result.first->got;
    EXPECT_EQ(result.different, 1U);
}

TEST(Replays, FindWhatIsMissingAndWhatIsTooMuch) {
    const std::string trace = trace_of(4, false);
    std::vector<std::string> lines = lines_of(trace);
    const auto found = std::find_if(lines.begin() + 5, lines.end(), [](const std::string &line) { return line.find("\"effects\"") != std::string::npos; });
    ASSERT_NE(found, lines.end());
    const auto number = static_cast<std::size_t>(found - lines.begin());
    const std::string line = *found;
    std::vector<std::string> without = lines;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(number));
    const Replay missing = replay(joined(without));
    ASSERT_TRUE(missing.first);
    EXPECT_EQ(missing.first->expected, "");
    EXPECT_NE(missing.first->got, "");
    std::vector<std::string> more = lines;
    more[number].replace(more[number].rfind("]}"), 2, ",{\"effect\":\"finish\",\"exit-code\":3}]}");
    const Replay too_much = replay(joined(more));
    ASSERT_TRUE(too_much.first);
    EXPECT_EQ(too_much.first->line, number + 1);
    EXPECT_EQ(too_much.first->expected, "{\"effect\":\"finish\",\"exit-code\":3}");
}

TEST(Replays, OfATornTraceGoAsFarAsItGoes) {
    const std::string trace = trace_of(5, true);
    const std::size_t all = replay(trace).steps;
    std::mt19937 random(5);
    for (int i = 0; i < 60; ++i) {
        const std::size_t first_line = trace.find('\n') + 1;
        const std::size_t length = first_line + random() % (trace.size() - first_line);
        const std::string torn = trace.substr(0, length);
        const Replay result = replay(torn);
        ASSERT_FALSE(result.unreadable) << result.unreadable->sentence;
        ASSERT_NO_FATAL_FAILURE(expect_same(result, torn, 5)) << "cut at " << length;
        EXPECT_LE(result.steps, all);
        if (torn.back() != '\n' && trace[length] != '\n') {
            ASSERT_EQ(result.notices.size(), 1U);
            EXPECT_NE(result.notices[0].find("torn"), std::string::npos);
        }
    }
}

TEST(Replays, SayWhatCannotBeRead) {
    const std::string header = "{\"soundwarden-trace\":1,\"version\":\"x\",\"settings\":{},\"hashed\":false}\n";
    const auto expect = [](const std::string &trace, std::size_t line, const std::string &sentence) {
        const Replay result = replay(trace);
        ASSERT_TRUE(result.unreadable) << trace;
        EXPECT_EQ(result.unreadable->line, line);
        EXPECT_NE(result.unreadable->sentence.find(sentence), std::string::npos) << result.unreadable->sentence;
    };
    expect("", 1, "empty");
    expect("hello\n", 1, "is no trace");
    expect("{\"t\":1,\"event\":\"tick\"}\n", 1, "is no trace");
    expect("{\"soundwarden-trace\":9}\n", 1, "format 9");
    expect(header + "{\"t\":1,\"event\":\"tick\"}\n{\"t\":2,\"event\":\"card-gone\",\"card\":\"a\"}\n", 3, "card: is no whole number");
    expect(header + header, 2, "second header");
    expect(header + "{\"t\":1,\"effects\":[]}\n", 2, "without an event");
    expect(header + "{\"t\":1,\"event\":\"policy-loaded\",\"set\":{}}\n", 2, "no policy");
    expect(header + "{\"t\":1,\"event\":\"policy-loaded\",\"set\":{\"making\":\"loaded\",\"texts\":[{\"path\":\"a\",\"layer\":\"etc\",\"content\":\"x\"}]}}\n", 2,
           "no policy");
    EXPECT_EQ(replay(header).steps, 0U);
}

} // namespace
} // namespace soundwarden::trace::testing
