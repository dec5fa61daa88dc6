// SPDX-License-Identifier: MIT
// A printed policy is the same policy.
#include "policy/policy_set.hpp"
#include "policy_random.hpp"
#include "policy_same.hpp"

#include <gtest/gtest.h>

namespace soundwarden::policy {
namespace {

std::string said_of(const Loaded &loaded) {
    std::string out;
    for (const Diagnostic &diagnostic : loaded.diagnostics) out += text_of(diagnostic);
    return out;
}

Loaded read_again(const std::string &text) {
    return check({{.path = "printed.toml", .layer = Layer::etc, .content = text}});
}

TEST(Print, TheShippedPolicyIsReadAsTheSame) {
    const std::string text = print(*builtin());
    const Loaded again = read_again(text);
    ASSERT_TRUE(again.set) << said_of(again);
    EXPECT_EQ(difference(*again.set, *builtin()), "");
    EXPECT_NE(text.find("# builtin:10-matrix.toml:14:1\n[[rule]]\nname = \"headphone-out/unknown\"\n"),
              std::string::npos);
}

TEST(Print, EveryRandomPolicyIsReadAsTheSame) {
    constexpr Layer layers[] = {Layer::vendor, Layer::run, Layer::etc, Layer::user};
    std::size_t rules = 0;
    for (std::uint32_t seed = 1; seed <= 200; ++seed) {
        RandomPolicy random(seed);
        std::vector<SourceText> texts;
        for (std::uint32_t i = 0; i <= random.pick(5); ++i) {
            const std::string name = std::to_string(10 * random.pick(4)) + "-x.toml";
            texts.push_back({.path = "/" + std::to_string(i) + "/" + name,
                             .layer = layers[random.pick(4)],
                             .content = random.file(name)});
        }
        const Loaded loaded = load(texts);
        ASSERT_TRUE(loaded.set) << seed << "\n" << said_of(loaded);
        const std::string text = print(*loaded.set);
        const Loaded again = read_again(text);
        ASSERT_TRUE(again.set) << seed << "\n" << said_of(again) << text;
        ASSERT_EQ(difference(*again.set, *loaded.set), "") << seed << "\n" << text;
        rules += loaded.set->rules.size();
    }
    EXPECT_GT(rules, 10'000U);
}

TEST(Print, NamesThatSeveralFilesHaveAreToldApartByTheFile) {
    const std::string rule = "schema = 1\n[[rule]]\nname = \"mine\"\nverdict = \"block\"\n";
    const Loaded loaded = load({{.path = "/etc/60-a.toml", .layer = Layer::etc, .content = rule},
                                {.path = "/etc/70-b.toml", .layer = Layer::etc, .content = rule}});
    ASSERT_TRUE(loaded.set) << said_of(loaded);
    const Loaded again = read_again(print(*loaded.set));
    ASSERT_TRUE(again.set) << said_of(again);
    EXPECT_EQ(difference(*again.set, *loaded.set), "");
}

TEST(Print, LockedSettingsAreToldWhereTheyCannotBeWritten) {
    const Loaded loaded = load(
        {{.path = "/etc/50-a.toml",
          .layer = Layer::etc,
          .content = "schema = 1\n[settings]\nposture = \"strict\"\nlocked = true\n"},
         {.path = "/home/60-b.toml", .layer = Layer::user, .content = "schema = 1\n[settings]\nsettle = \"1 s\"\n"}});
    ASSERT_TRUE(loaded.set) << said_of(loaded);
    const std::string text = print(*loaded.set);
    EXPECT_NE(text.find("# posture = \"strict\" # /etc/50-a.toml:3:11\n\n[settings]\nposture = \"strict\" # "
                        "/etc/50-a.toml:3:11\nsettle = \"1 s\" # /home/60-b.toml:3:10\n"),
              std::string::npos)
        << text;
    const Loaded all = load({{.path = "/etc/50-a.toml",
                              .layer = Layer::etc,
                              .content = "schema = 1\n[settings]\nposture = \"strict\"\nlocked = true\n"}});
    EXPECT_TRUE(read_again(print(*all.set)).set->locked_settings.posture);
}

TEST(Print, LockedRulesOfReplacedFilesAreShownAsComments) {
    const Loaded loaded =
        load({{.path = "/etc/60-a.toml",
               .layer = Layer::etc,
               .content = "schema = 1\n[[rule]]\nname = \"root's\"\nverdict = \"block\"\nlocked = true\n"},
              {.path = "/home/60-a.toml", .layer = Layer::user, .content = ""}});
    ASSERT_TRUE(loaded.set) << said_of(loaded);
    EXPECT_NE(print(*loaded.set).find("# [[rule]]\n# name = \"root's\"\n"), std::string::npos);
    EXPECT_EQ(difference(*read_again(print(*loaded.set)).set, *loaded.set), "");
}

} // namespace
} // namespace soundwarden::policy
