// SPDX-License-Identifier: MIT
// What is shipped: the rules have no errors, facts have sources, and each profile does what its first line says.
#include "classify/classify.hpp"
#include "policy_test_world.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace soundwarden::policy {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

Loaded profile(const std::string &name, Layer layer = Layer::etc) {
    const fs::path path = fs::path(SOUNDWARDEN_POLICIES) / "profiles" / (name + ".toml");
    return load({{"/etc/soundwarden/policy.d/80-" + name + ".toml", layer, content_of(path)}});
}

void expect_no_words(const Loaded &loaded) {
    for (const Diagnostic &diagnostic : loaded.diagnostics) ADD_FAILURE() << text_of(diagnostic);
    EXPECT_NE(loaded.set, nullptr);
}

Decision certain(const PolicySet &set, OutputKind kind, Load load) {
    OutputFacts facts;
    facts.kind = kind;
    const auto shared = std::make_shared<const PolicySet>(set);
    return decide(Subject(shared, facts, facts, Volts{2.0}, {}), {{{load, 1.0}}, Confidence::certain, {}}, effective_posture(set, std::nullopt));
}

constexpr OutputKind kinds_for_ears[] = {OutputKind::headphone_out, OutputKind::line_out,  OutputKind::shared_out, OutputKind::usb_fixed,
                                         OutputKind::bluetooth,     OutputKind::unknown, OutputKind::hdmi,       OutputKind::spdif};
constexpr Load ears[] = {Load::headphones, Load::headset, Load::in_ear};

TEST(Shipped, RulesAreCompiledInAndWithoutFault) {
    expect_no_words(load({}));
    EXPECT_GE(builtin()->rules.size(), 40U);
    EXPECT_GE(builtin()->outputs.size(), 100U);
    EXPECT_GE(builtin()->loads.size(), 100U);
}

TEST(Shipped, EveryFactHasASource) {
    for (const OutputEntry &entry : builtin()->outputs) EXPECT_NE(entry.source.find("://"), std::string::npos) << entry.name;
    for (const LoadModel &load : builtin()->loads) EXPECT_NE(load.source.find("://"), std::string::npos) << load.name;
}

TEST(Shipped, InstalledFilesAreTheOnesCompiledIn) {
    std::set<std::string> compiled;
    for (const SourceText &text : builtin_texts()) {
        const std::string name = text.path.substr(text.path.find(':') + 1);
        compiled.insert(name);
        EXPECT_EQ(text.content, content_of(fs::path(SOUNDWARDEN_POLICIES) / "policy.d" / name)) << name;
    }
    for (const auto &entry : fs::directory_iterator(fs::path(SOUNDWARDEN_POLICIES) / "policy.d"))
        EXPECT_TRUE(compiled.contains(entry.path().filename().string())) << entry.path();
}

TEST(HearingSafe, HoldsEveryEarAtEightyFiveDecibels) {
    const Loaded loaded = profile("hearing-safe");
    expect_no_words(loaded);
    ASSERT_NE(loaded.set, nullptr);
    for (const OutputKind kind : kinds_for_ears)
        for (const Load load : ears) {
            const Decision decision = certain(*loaded.set, kind, load);
            OutputFacts facts;
            facts.kind = kind;
            const double spl = spl_at_full_scale(facts, Volts{2.0}, load, {}).total.value;
            ASSERT_EQ(decision.verdict, Verdict::limit) << name_of(kind) << "/" << name_of(load);
            EXPECT_TRUE(decision.locked);
            // 85 dB(A) and 10 dB of crest; caps of in-ears are made 8.0 dB lower, their level is 8.2 dB higher.
            EXPECT_LE(decision.cap->value, 95.0 - spl + 0.25) << name_of(kind) << "/" << name_of(load);
            ASSERT_TRUE(decision.governor) << name_of(kind) << "/" << name_of(load);
            EXPECT_LE(decision.governor->value, 85.0 - spl + 1e-9) << name_of(kind) << "/" << name_of(load);
            EXPECT_LE(decision.override_max.value, decision.cap->value) << "no override above it";
        }
}

TEST(HearingSafe, HoldsWhatNobodyKnows) {
    const Loaded loaded = profile("hearing-safe");
    ASSERT_NE(loaded.set, nullptr);
    for (const OutputKind kind : {OutputKind::headphone_out, OutputKind::line_out, OutputKind::shared_out, OutputKind::unknown})
        EXPECT_LE(certain(*loaded.set, kind, Load::unknown).cap->value, 95.0 - 116.47 - 6.02 + 0.05) << name_of(kind);
    for (const OutputKind kind : {OutputKind::usb_fixed, OutputKind::bluetooth})
        EXPECT_LE(certain(*loaded.set, kind, Load::unknown).cap->value, -15.0) << name_of(kind);
    EXPECT_EQ(certain(*loaded.set, OutputKind::hdmi, Load::unknown).verdict, Verdict::allow) << "a display";
    EXPECT_EQ(certain(*loaded.set, OutputKind::internal_speaker, Load::internal_speaker).verdict, Verdict::allow);
    EXPECT_EQ(certain(*loaded.set, OutputKind::speaker_out, Load::headphones).verdict, Verdict::block);
}

TEST(HearingSafe, IsBoundInAnAdministratorsFileOnly) {
    const Loaded users = profile("hearing-safe", Layer::user);
    ASSERT_NE(users.set, nullptr);
    EXPECT_TRUE(users.set->locked.empty());
    EXPECT_FALSE(users.diagnostics.empty()) << "and it is told";
}

TEST(Kiosk, IsStrictSilentAndLocked) {
    const Loaded loaded = profile("kiosk");
    expect_no_words(loaded);
    ASSERT_NE(loaded.set, nullptr);
    EXPECT_EQ(effective_posture(*loaded.set, Posture::observe), Posture::strict);
    ASSERT_TRUE(loaded.set->settings.notifications);
    EXPECT_FALSE(loaded.set->settings.notifications->value);
    for (const OutputKind kind : {OutputKind::headphone_out, OutputKind::line_out, OutputKind::usb_fixed, OutputKind::bluetooth})
        for (const Load load : ears) {
            const Decision decision = certain(*loaded.set, kind, load);
            ASSERT_EQ(decision.verdict, Verdict::limit) << name_of(kind);
            EXPECT_TRUE(decision.locked);
            EXPECT_LE(decision.override_max.value, decision.cap->value);
        }
}

TEST(Studio, LiftsNoBlock) {
    const Loaded loaded = profile("studio");
    expect_no_words(loaded);
    ASSERT_NE(loaded.set, nullptr);
    for (const auto &[load, name] : Names<Load>::table)
        EXPECT_EQ(certain(*loaded.set, OutputKind::speaker_out, load).verdict, certain(*builtin(), OutputKind::speaker_out, load).verdict) << name;
}

TEST(Observe, ReportsOnly) {
    const Loaded loaded = profile("observe");
    expect_no_words(loaded);
    ASSERT_NE(loaded.set, nullptr);
    EXPECT_EQ(effective_posture(*loaded.set, std::nullopt), Posture::observe);
}

// A start with broken files: root's locks hold as far as they can be read.
TEST(FailSafe, KeepsTheLocksOfRootsSoundFiles) {
    const std::string lock = "schema = 1\n[[rule]]\nname = \"lock\"\nwhen = { load = \"headphones\" }\nverdict = \"limit\"\ncap = \"-40 dB\"\nlocked = true\n";
    const auto set = fail_safe({{"/etc/60-a.toml", Layer::etc, lock}, {"/etc/61-b.toml", Layer::etc, "nonsense"}, {"/home/62-c.toml", Layer::user, "[["}});
    ASSERT_NE(set, nullptr);
    EXPECT_EQ(certain(*set, OutputKind::headphone_out, Load::headphones).cap->value, -40.0);
    EXPECT_EQ(set->ref(set->locked.at(0)).file, "/etc/60-a.toml");
    EXPECT_NEAR(certain(*fail_safe({{"/etc/60-a.toml", Layer::etc, "nonsense"}}), OutputKind::headphone_out, Load::headphones).cap->value, -12.5, 0.1);
}

TEST(FailSafe, ANewLockDoesNotWaitForSomebodyElsesBrokenFile) {
    const std::string lock = "schema = 1\n[[rule]]\nname = \"lock\"\nwhen = { load = \"headphones\" }\nverdict = \"limit\"\ncap = \"-40 dB\"\nlocked = true\n";
    const SourceText broken{"/home/62-c.toml", Layer::user, "[["};
    EXPECT_EQ(with_roots_locks(*builtin(), {broken}), nullptr);
    const auto set = with_roots_locks(*builtin(), {{"/etc/60-a.toml", Layer::etc, lock}, broken});
    ASSERT_NE(set, nullptr);
    EXPECT_EQ(certain(*set, OutputKind::headphone_out, Load::headphones).cap->value, -40.0);
    EXPECT_EQ(with_roots_locks(*set, {{"/etc/60-a.toml", Layer::etc, lock}, broken}), nullptr) << "known already";
    EXPECT_EQ(with_roots_locks(*set, {{"/etc/60-a.toml", Layer::etc, "broken too"}, broken}), nullptr) << "a lock goes on";
}

TEST(FailSafe, ALockInAFileThatIsBrokenNowGoesOnBesideNewOnes) {
    const auto lock = [](const char *load, const char *cap) {
        return std::string("schema = 1\n[[rule]]\nname = \"") + load + "\"\nwhen = { load = \"" + load + "\" }\nverdict = \"limit\"\ncap = \"" + cap + "\"\nlocked = true\n";
    };
    const Loaded held = load({{"/etc/60-a.toml", Layer::etc, lock("headphones", "-40 dB")}});
    ASSERT_NE(held.set, nullptr);
    const auto set = with_roots_locks(*held.set, {{"/etc/60-a.toml", Layer::etc, "broken now"}, {"/etc/61-b.toml", Layer::etc, lock("in-ear", "-50 dB")}});
    ASSERT_NE(set, nullptr);
    EXPECT_EQ(certain(*set, OutputKind::headphone_out, Load::headphones).cap->value, -40.0);
    EXPECT_EQ(certain(*set, OutputKind::headphone_out, Load::in_ear).cap->value, -50.0);
    EXPECT_EQ(set->ref(set->locked.at(0)).file, "/etc/60-a.toml");
}

TEST(FailSafe, LockedSettingsBindToo) {
    const std::string lock = "schema = 1\n[settings]\nlocked = true\norphan-level = \"-50 dB\"\nposture = \"strict\"\n";
    const SourceText broken{"/home/62-c.toml", Layer::user, "[["};
    const auto at_start = fail_safe({{"/etc/60-a.toml", Layer::etc, lock}, broken});
    ASSERT_TRUE(at_start->settings.orphan_level);
    EXPECT_EQ(at_start->settings.orphan_level->value.value, -50.0);
    const auto later = with_roots_locks(*builtin(), {{"/etc/60-a.toml", Layer::etc, lock}, broken});
    ASSERT_NE(later, nullptr);
    EXPECT_EQ(effective_posture(*later, std::nullopt), Posture::strict);
    ASSERT_TRUE(later->settings.orphan_level);
    EXPECT_EQ(later->settings.orphan_level->value.value, -50.0);
    EXPECT_EQ(later->where(later->settings.orphan_level->place), "/etc/60-a.toml:4:16");
    EXPECT_EQ(with_roots_locks(*later, {{"/etc/60-a.toml", Layer::etc, lock}, broken}), nullptr) << "known already";
}

} // namespace
} // namespace soundwarden::policy
