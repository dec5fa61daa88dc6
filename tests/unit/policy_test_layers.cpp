// SPDX-License-Identifier: MIT
// Which file stands, which only binds, and that the order in which they are found says nothing.
#include "policy/policy_set.hpp"
#include "policy_random.hpp"
#include "policy_same.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace soundwarden::policy {
namespace {

using namespace std::chrono_literals;

const std::string head = "schema = 1\n";

SourceText text(Layer layer, const std::string &name, const std::string &content) {
    return {.path = "/" + std::string(name_of(layer)) + "/policy.d/" + name, .layer = layer, .content = content};
}
std::string rule(const std::string &name, const std::string &more = "") {
    return "[[rule]]\nname = \"" + name + "\"\nverdict = \"block\"\n" + more;
}

std::string said(const Loaded &loaded) {
    std::string out;
    for (const Diagnostic &diagnostic : loaded.diagnostics) out += text_of(diagnostic);
    return out;
}

/// Names of the rules that are not shipped ones, in order.
std::vector<std::string> names(const Loaded &loaded) {
    EXPECT_TRUE(loaded.set) << said(loaded);
    std::vector<std::string> out;
    if (loaded.set)
        for (const Rule &each : loaded.set->rules)
            if (!loaded.set->files[each.place.file].starts_with("builtin:")) out.push_back(each.name);
    return out;
}
bool has_shipped(const Loaded &loaded) {
    return std::any_of(loaded.set->rules.begin(), loaded.set->rules.end(),
                       [&](const Rule &each) { return loaded.set->files[each.place.file].starts_with("builtin:"); });
}
std::vector<std::string> locked(const Loaded &loaded) {
    std::vector<std::string> out;
    for (const Rule &each : loaded.set->locked) out.push_back(each.name);
    return out;
}
using Names_ = std::vector<std::string>;

TEST(Layers, FilesAreReadByNameWhateverTheirDirectory) {
    const Loaded loaded =
        load({text(Layer::user, "20-u.toml", head + rule("u")), text(Layer::etc, "30-e.toml", head + rule("e")),
              text(Layer::vendor, "25-v.toml", head + rule("v")), text(Layer::run, "9-r.toml", head + rule("r"))});
    EXPECT_EQ(names(loaded), (Names_{"u", "v", "e", "r"}));
    EXPECT_TRUE(has_shipped(loaded));
}

TEST(Layers, OfOneNameTheStrongestStands) {
    const Layer order[] = {Layer::vendor, Layer::run, Layer::etc, Layer::user};
    std::vector<SourceText> texts;
    for (const Layer layer : order) {
        texts.push_back(text(layer, "60-x.toml", head + rule(std::string(name_of(layer)))));
        EXPECT_EQ(names(load(texts)), Names_{std::string(name_of(layer))});
    }
}

TEST(Layers, AnEmptyFileMasks) {
    EXPECT_EQ(names(load({text(Layer::vendor, "60-x.toml", head + rule("v")), text(Layer::etc, "60-x.toml", "")})),
              Names_{});
    for (const Layer layer : {Layer::vendor, Layer::etc, Layer::user})
        EXPECT_FALSE(has_shipped(load({text(layer, "10-matrix.toml", "# gone\n")}))) << name_of(layer);
}

TEST(Layers, AFileOfTheSameNameStandsInPlaceOfTheShippedOne) {
    const Loaded loaded = load({text(Layer::vendor, "10-matrix.toml", head + rule("v"))});
    EXPECT_EQ(names(loaded), Names_{"v"});
    EXPECT_FALSE(has_shipped(loaded));
}

TEST(Layers, LockedRulesBindThroughAUsersReplacement) {
    const Loaded loaded =
        load({text(Layer::etc, "60-x.toml",
                   head + rule("free") + rule("bound", "locked = true\nwhen = { load = \"in-ear\" }\n")),
              text(Layer::user, "60-x.toml", "")});
    EXPECT_EQ(names(loaded), Names_{});
    EXPECT_EQ(locked(loaded), Names_{"bound"});
}

TEST(Layers, RootItselfMayTakeALockAway) {
    const Loaded loaded = load(
        {text(Layer::vendor, "60-x.toml", head + rule("bound", "locked = true\n")), text(Layer::etc, "60-x.toml", "")});
    EXPECT_EQ(locked(loaded), Names_{});
}

TEST(Layers, TheStrongestOfRootsBindsBehindAUser) {
    const Loaded loaded = load({text(Layer::vendor, "60-x.toml", head + rule("v", "locked = true\n")),
                                text(Layer::etc, "60-x.toml", head + rule("e", "locked = true\n")),
                                text(Layer::user, "60-x.toml", head + rule("u"))});
    EXPECT_EQ(names(loaded), Names_{"u"});
    EXPECT_EQ(locked(loaded), Names_{"e"});
}

TEST(Layers, WhatIsMarkedReplacedOnlyBinds) {
    SourceText marked = text(Layer::etc, "60-x.toml",
                             head + rule("free") + rule("bound", "locked = true\nwhen = { load = \"in-ear\" }\n"));
    marked.replaced_by_user = true;
    const Loaded loaded = load({marked});
    EXPECT_EQ(names(loaded), Names_{});
    EXPECT_EQ(locked(loaded), Names_{"bound"});
}

TEST(Layers, ADirectoryStandsInPlaceOfAllButTheShippedRulesAndLocks) {
    const std::vector<SourceText> machine{
        text(Layer::vendor, "60-v.toml",
             head + rule("v") + rule("v-bound", "locked = true\nwhen = { load = \"in-ear\" }\n")),
        text(Layer::etc, "10-matrix.toml", ""), text(Layer::run, "62-r.toml", head + rule("r")),
        text(Layer::user, "63-u.toml", head + rule("u")),
        text(Layer::etc, "70-d.toml", head + rule("e-bound", "locked = true\n"))};
    std::vector<SourceText> texts = machine;
    texts.push_back(text(Layer::directory, "70-d.toml", head + rule("d")));
    const Loaded loaded = load(texts);
    EXPECT_EQ(names(loaded), Names_{"d"});
    EXPECT_EQ(locked(loaded), (Names_{"v-bound", "e-bound"}));
    EXPECT_TRUE(has_shipped(loaded));
    texts = machine;
    texts.push_back(text(Layer::directory, "10-matrix.toml", ""));
    EXPECT_FALSE(has_shipped(load(texts)));
}

TEST(Layers, OnlyRootLocks) {
    for (const Layer layer : {Layer::user, Layer::directory}) {
        const Loaded loaded =
            load({text(layer, "60-x.toml",
                       head + rule("x", "locked = true\n") + "[settings]\nposture = \"strict\"\nlocked = true\n")});
        ASSERT_TRUE(loaded.set);
        EXPECT_TRUE(loaded.set->locked.empty());
        EXPECT_FALSE(loaded.set->locked_settings.posture);
        EXPECT_EQ(loaded.diagnostics.size(), 2U);
    }
    for (const Layer layer : {Layer::vendor, Layer::run, Layer::etc})
        EXPECT_EQ(locked(load({text(layer, "60-x.toml", head + rule("x", "locked = true\n"))})), Names_{"x"});
}

TEST(Layers, OneBrokenFileLeavesNoSet) {
    const Loaded loaded = load(
        {text(Layer::etc, "60-a.toml", head + rule("a")), text(Layer::user, "61-b.toml", "schema = 1\n[[rule]\n")});
    EXPECT_FALSE(loaded.set);
    EXPECT_TRUE(has_errors(loaded.diagnostics));
    EXPECT_TRUE(load({text(Layer::vendor, "60-a.toml", "nonsense"), text(Layer::etc, "60-a.toml", "")}).set)
        << "what does not count is not read";
}

TEST(Settings, TheLastOneToNameAValueHasIt) {
    const Loaded loaded =
        load({text(Layer::etc, "50-a.toml", head + "[settings]\nsettle = \"1 s\"\nposture = \"observe\"\n"),
              text(Layer::user, "60-b.toml", head + "[settings]\nsettle = \"2 s\"\n")});
    EXPECT_EQ(loaded.set->settings.settle->value, 2s);
    EXPECT_EQ(loaded.set->settings.posture->value, Posture::observe);
    EXPECT_EQ(loaded.set->where(loaded.set->settings.settle->place), "/user/policy.d/60-b.toml:3:10");
}

TEST(Settings, LockedOnesBoundAllOthersAndSayWhenTheyDo) {
    const std::string bounds =
        head + "[settings]\nlocked = true\nposture = \"protect\"\nsettle = \"1 s\"\nunplug-hold = \"1 "
               "s\"\norphan-silence = \"10 s\"\norphan-level = \"-40 dB\"\n"
               "notifications = true\ncue = true\ndose-allowance = \"1 Pa2h\"\ndose-notices = \"50 %\"\ndose-soft-landing = \"80 %\"\ndose-stop = \"100 %\"\n"
               "dose-warn-above = \"95 dB(A)\"\nmode = \"low\"\nrelease = \"20 ms\"\n";
    const std::string laxer =
        head + "[settings]\nposture = \"observe\"\nsettle = \"200 ms\"\nunplug-hold = \"200 ms\"\norphan-silence = \"0 "
               "s\"\norphan-level = \"-10 dB\"\n"
               "notifications = false\ncue = false\ndose-allowance = \"2 Pa2h\"\ndose-notices = \"60 %\"\ndose-soft-landing = \"90 %\"\ndose-stop = \"200 %\"\n"
               "dose-warn-above = \"100 dB(A)\"\nmode = \"smooth\"\nrelease = \"1 s\"\n";
    const std::string stricter =
        head + "[settings]\nposture = \"strict\"\nsettle = \"2 s\"\nunplug-hold = \"2 s\"\norphan-silence = \"20 "
               "s\"\norphan-level = \"-50 dB\"\ndose-allowance = \"0.5 Pa2h\"\ndose-soft-landing = \"50 %\"\ndose-stop = \"60 %\"\ndose-warn-above = \"90 dB(A)\"\n";
    const Loaded kept = load({text(Layer::etc, "50-a.toml", bounds), text(Layer::user, "60-b.toml", laxer)});
    EXPECT_TRUE(same(kept.set->settings, kept.set->locked_settings));
    EXPECT_EQ(kept.diagnostics.size(), 14U);
    EXPECT_EQ(kept.diagnostics.at(0).message, "has no effect: it is locked at /etc/policy.d/50-a.toml:4:11");
    const Loaded tightened = load({text(Layer::etc, "50-a.toml", bounds), text(Layer::user, "60-b.toml", stricter)});
    EXPECT_TRUE(tightened.diagnostics.empty()) << said(tightened);
    EXPECT_EQ(tightened.set->settings.posture->value, Posture::strict);
    EXPECT_EQ(tightened.set->settings.orphan_level->value, Decibels{-50});
    EXPECT_EQ(tightened.set->settings.mode->value, LimiterMode::low);
    const Loaded replaced = load({text(Layer::etc, "50-a.toml", bounds), text(Layer::user, "50-a.toml", "")});
    EXPECT_TRUE(same(replaced.set->settings, replaced.set->locked_settings)) << "they bind through a replacement";
}

TEST(Posture, NeverLaxerThanWhatIsLocked) {
    const auto set = [](const std::string &settings) {
        return load({text(Layer::etc, "50-a.toml", head + settings)}).set;
    };
    const auto observe = set("[settings]\nposture = \"observe\"\n");
    EXPECT_EQ(effective_posture(*builtin(), std::nullopt), Posture::protect);
    EXPECT_EQ(effective_posture(*builtin(), Posture::observe), Posture::observe);
    EXPECT_EQ(effective_posture(*observe, std::nullopt), Posture::observe);
    EXPECT_EQ(effective_posture(*observe, Posture::strict), Posture::strict);
    const auto bound = set("[settings]\nposture = \"strict\"\nlocked = true\n");
    EXPECT_EQ(effective_posture(*bound, Posture::observe), Posture::strict);
    const auto rules = set("[settings]\nposture = \"observe\"\n" + rule("x", "locked = true\n"));
    EXPECT_EQ(effective_posture(*rules, std::nullopt), Posture::protect);
    EXPECT_EQ(effective_posture(*rules, Posture::observe), Posture::protect);
    EXPECT_EQ(effective_posture(*rules, Posture::strict), Posture::strict);
}

TEST(Builtin, HasNoErrorsAndNoWarnings) {
    const Loaded loaded = check(builtin_texts());
    EXPECT_EQ(said(loaded), "");
    ASSERT_TRUE(loaded.set);
    EXPECT_FALSE(builtin()->rules.empty());
    EXPECT_EQ(difference(*loaded.set, *builtin()), "");
    EXPECT_EQ(builtin_texts().at(0).path, "builtin:10-matrix.toml");
}

TEST(Layers, TheOrderInWhichTextsComeSaysNothing) {
    constexpr Layer layers[] = {Layer::vendor, Layer::run, Layer::etc, Layer::user, Layer::directory};
    for (std::uint32_t seed = 1; seed <= 100; ++seed) {
        RandomPolicy random(seed);
        std::vector<SourceText> texts;
        const std::uint32_t layer_count = seed % 2 == 0 ? 5 : 4;
        for (std::uint32_t i = 0; i < 8; ++i) {
            const std::string name = std::to_string(10 * random.pick(4)) + "-x.toml";
            texts.push_back(text(layers[random.pick(layer_count)], name, random.file(name)));
        }
        const Loaded expected = load(texts);
        ASSERT_TRUE(expected.set) << said(expected);
        std::mt19937 shuffle(seed);
        for (int i = 0; i < 5; ++i) {
            std::shuffle(texts.begin(), texts.end(), shuffle);
            const Loaded loaded = load(texts);
            ASSERT_TRUE(loaded.set);
            ASSERT_EQ(loaded.set->files, expected.set->files) << seed;
            ASSERT_EQ(difference(*loaded.set, *expected.set), "") << seed;
            ASSERT_EQ(loaded.diagnostics, expected.diagnostics) << seed;
            ASSERT_EQ(locked(loaded), locked(expected)) << seed;
        }
    }
}

TEST(Origins, ASetCanBeMadeAgain) {
    const std::vector<SourceText> sound{text(Layer::etc, "60-a.toml", head + rule("a", "locked = true\n")), text(Layer::user, "61-b.toml", head + rule("b"))};
    const std::vector<SourceText> broken{text(Layer::etc, "60-a.toml", head + rule("c", "locked = true\n")), text(Layer::user, "61-b.toml", "[[")};
    const auto held = load(sound).set;
    ASSERT_TRUE(held);
    for (const auto &[making, set] : {std::pair(Making::loaded, held), std::pair(Making::fail_safe, fail_safe(broken)),
                                      std::pair(Making::roots_locks, with_roots_locks(*held, broken)), std::pair(Making::loaded, builtin())}) {
        ASSERT_TRUE(set && set->origin) << name_of(making);
        EXPECT_EQ(set->origin->making, making);
        const auto again = make_again(*set->origin, *held);
        ASSERT_TRUE(again) << name_of(making);
        EXPECT_EQ(difference(*again, *set), "") << name_of(making);
        EXPECT_EQ(again->files, set->files);
        ASSERT_EQ(again->locked.size(), set->locked.size());
        for (std::size_t i = 0; i < set->locked.size(); ++i) EXPECT_TRUE(same(again->locked[i], set->locked[i]));
        EXPECT_EQ(*again->origin, *set->origin);
    }
    EXPECT_EQ(make_again({Making::loaded, broken}, *held), nullptr);
    EXPECT_EQ(check(sound).set->origin, nullptr) << "not over the shipped rules";
}

} // namespace
} // namespace soundwarden::policy
