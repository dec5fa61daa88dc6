// SPDX-License-Identifier: MIT
// Rules that can do nothing are warned of, and no others.
#include "policy/policy_set.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace soundwarden::policy {
namespace {

std::string rule_of(const std::string &name, const std::string &body) {
    return "[[rule]]\nname = \"" + name + "\"\n" + body;
}

std::string warnings(const std::vector<SourceText> &texts) {
    const Loaded loaded = check(texts);
    std::string out;
    for (const Diagnostic &d : loaded.diagnostics) {
        EXPECT_EQ(d.severity, Severity::warning) << text_of(d);
        out += std::to_string(d.line) + ": " + d.message + "\n";
    }
    return out;
}
std::string warnings(const std::string &rules, Layer layer = Layer::etc) {
    return warnings({{.path = "/x/60-a.toml", .layer = layer, .content = "schema = 1\n" + rules}});
}

const std::string block = "verdict = \"block\"\n";
const std::string allow = "verdict = \"allow\"\n";

TEST(NeverDecides, WhereALaterRuleOfTheFileCoversIt) {
    EXPECT_EQ(warnings(rule_of("a", allow) + rule_of("b", block)),
              "2: never decides: \"b\" at line 5, read later, matches whatever this one does\n");
    const std::string covered[][2] = {
        {"when = { load = \"in-ear\" }\n", ""},
        {"when = { load = \"in-ear\" }\n", "when = { load = [\"in-ear\", \"headset\"] }\n"},
        {"when = { output = \"A*\" }\n", "when = { output = [\"A*\", \"B*\"] }\n"},
        {"when = { output = \"A*\" }\n", "when = { output = \"*\" }\n"},
        {"when = { output = [\"A*\", \"!B*\"] }\n", "when = { output = \"A*\" }\n"},
        {"when = { output = \"!B*\" }\n", ""},
        {"when = { channels = 4 }\n", "when = { channels = \"> 2\" }\n"},
        {"when = { impedance = \"<= 4 ohm\" }\n", "when = { impedance = \"<= 8 ohm\" }\n"},
        {"when = { impedance = \"<= 4 ohm\" }\n", ""},
        {"when = { confidence = \"low\", kind = \"hdmi\" }\n", "when = { confidence = [\"low\", \"medium\"] }\n"},
    };
    for (const auto &pair : covered) {
        EXPECT_NE(warnings(rule_of("a", allow + pair[0]) + rule_of("b", block + pair[1])), "") << pair[0] << pair[1];
        EXPECT_EQ(warnings(rule_of("a", allow + pair[1]) + rule_of("b", block + pair[0])), "") << pair[0] << pair[1];
    }
}

TEST(NeverDecides, IsNotSaidOfWhatStillDoesSomething) {
    EXPECT_EQ(warnings(rule_of("a", allow + "when = { load = \"in-ear\" }\n") +
                       rule_of("b", block + "when = { kind = \"hdmi\" }\n")),
              "");
    EXPECT_EQ(warnings(rule_of("a", block + "locked = true\n") + rule_of("b", block)), "") << "a locked one still binds";
    EXPECT_EQ(warnings(rule_of("a", allow + "when = { output = [\"A\", \"B\"] }\n") +
                       rule_of("b", block + "when = { output = \"A\" }\n")),
              "");
    EXPECT_EQ(warnings(rule_of("a", allow + "when = { output = \"A*\" }\n") + rule_of("b", block + "when = { output = [\"A*\", \"!AB*\"] }\n")), "");
    EXPECT_EQ(warnings(rule_of("a", allow + "when = { output = \"A*\" }\n") + rule_of("b", block + "when = { output = [\"*\", \"!AB*\"] }\n")), "");
    EXPECT_EQ(warnings({{.path = "/x/60-a.toml",
                         .layer = Layer::etc,
                         .content = "schema = 1\n" + rule_of("a", allow + "when = { load = \"in-ear\" }\n")},
                        {.path = "/x/61-b.toml", .layer = Layer::etc, .content = "schema = 1\n" + rule_of("b", block)}}),
              "")
        << "another file may well replace what an earlier one says";
}

TEST(Contradicts, WhereTwoFilesOfALayerSayDifferentThingsOfTheSame) {
    const std::string when = "when = { load = \"in-ear\", output = \"A*\" }\n";
    const auto said = [&](Layer second, const std::string &body) {
        return warnings(
            {{.path = "/x/60-a.toml", .layer = Layer::etc, .content = "schema = 1\n" + rule_of("a", allow + when)},
             {.path = "/y/61-b.toml", .layer = second, .content = "schema = 1\n" + rule_of("b", body + when)}});
    };
    EXPECT_EQ(said(Layer::etc, block),
              "2: contradicts \"b\" at /y/61-b.toml:2:1; this one, read earlier, never decides\n");
    EXPECT_EQ(said(Layer::user, block), "");
    EXPECT_EQ(said(Layer::etc, allow), "");
}

TEST(HasNoEffect, WhereALockedRuleTakesAllOfIt) {
    const auto said = [](const std::string &bound, const std::string &body, Layer layer = Layer::user,
                         const std::string &name = "61-b.toml") {
        return warnings({{.path = "/etc/60-a.toml",
                          .layer = Layer::etc,
                          .content = "schema = 1\n" + rule_of("a", bound + "locked = true\n")},
                         {.path = "/y/" + name, .layer = layer, .content = "schema = 1\n" + rule_of("b", body)}});
    };
    const std::string text = "2: has no effect: locked rule \"a\" at /etc/60-a.toml:2:1 is stricter\n";
    const auto cap = [](int db) { return "verdict = \"limit\"\ncap = \"" + std::to_string(db) + " dB\"\n"; };
    const auto target = [](int db) { return "verdict = \"limit\"\ntarget = \"" + std::to_string(db) + " dB(A)\"\n"; };
    EXPECT_EQ(said(block, allow), text);
    EXPECT_EQ(said(block, cap(-12)), text);
    EXPECT_EQ(said(cap(-20), cap(-12)), text);
    EXPECT_EQ(said(cap(-20), allow), text);
    EXPECT_EQ(said(target(85), target(94)), text);
    EXPECT_EQ(said(cap(-20), cap(-12), Layer::etc), text) << "read later: it was meant to relax";
    EXPECT_EQ(said(cap(-20), cap(-12), Layer::user, "59-b.toml"), text);
    EXPECT_EQ(said(cap(-20), cap(-12), Layer::vendor, "59-b.toml"), "")
        << "the shipped rules are no mistake because of a lock";
    EXPECT_EQ(said(cap(-12), cap(-20)), "") << "tightening is always possible";
    EXPECT_EQ(said(cap(-12), block), "");
    EXPECT_EQ(said(target(85), cap(-20)), "") << "nobody knows before the facts are in";
    EXPECT_EQ(said(target(94), target(85)), "");
    EXPECT_EQ(said(block + "when = { load = \"in-ear\" }\n", allow), "");
}

TEST(Lint, TenThousandRulesThatAllDifferAreNoTrouble) {
    std::string text = "schema = 1\n";
    for (int i = 0; i < 10'000; ++i) {
        std::string loads;
        for (int bit = 0; bit < 10; ++bit)
            if ((i * 37 % 1023 + 1) >> bit & 1)
                loads += (loads.empty() ? "\"" : ", \"") +
                         std::string(Names<Load>::table[static_cast<std::size_t>(bit)].second) + "\"";
        text += rule_of("r" + std::to_string(i), block + "when = { load = [" + loads +
                                                  "], channels = " + std::to_string(i % 64 + 1) +
                                                  " }\nlocked = " + (i % 2 == 0 ? "true" : "false") + "\n");
    }
    const auto begin = std::chrono::steady_clock::now();
    check({{.path = "/x/60-a.toml", .layer = Layer::etc, .content = text}});
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

} // namespace
} // namespace soundwarden::policy
