// SPDX-License-Identifier: MIT
// A locked rule is never exceeded: by no user file, answer, option or model, however they are combined.
#include "policy_test_world.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <random>

namespace soundwarden::policy {
namespace {

using testing::with;

const char *const locked_85 = "[[rule]]\nname = \"quiet\"\nwhen = { load = [\"unknown\", \"nothing\", \"headphones\", \"headset\", \"in-ear\"] }\n"
                              "verdict = \"limit\"\ntarget = \"85 dB(A)\"\nlocked = true\n";

OutputFacts socket(OutputKind kind = OutputKind::headphone_out) {
    OutputFacts facts;
    facts.kind = kind;
    return facts;
}

Decision certain(const testing::Set &set, Load load, const OutputFacts &facts = socket(), const OutputFacts &trusted = socket()) {
    return decide(Subject(set, facts, trusted, Volts{1.4}, {}), {{{load, 1.0}}, Confidence::certain, {}}, Posture::protect);
}

TEST(LockedRule, BoundsARuleThatIsReadLater) {
    const auto set = with({{Layer::etc, locked_85},
                           {Layer::user, "[[rule]]\nname = \"loud\"\nwhen = {}\nverdict = \"allow\"\n"}});
    const Decision decision = certain(set, Load::headphones);
    EXPECT_NEAR(decision.cap->value, -24.4, 0.1);
    EXPECT_EQ(decision.rule.name, "quiet");
    EXPECT_TRUE(decision.locked);
    EXPECT_EQ(certain(set, Load::line_input).verdict, Verdict::allow) << "of which it does not speak";
}

TEST(LockedRule, MakesNothingLaxer) {
    const auto set = with("[[rule]]\nname = \"lax\"\nwhen = {}\nverdict = \"limit\"\ncap = \"-1 dB\"\nlocked = true\n");
    EXPECT_EQ(certain(set, Load::headphones, socket(OutputKind::speaker_out), socket(OutputKind::speaker_out)).verdict, Verdict::block);
    EXPECT_NEAR(certain(set, Load::headphones).cap->value, -9.4, 0.1);
    EXPECT_NEAR(certain(set, Load::line_input).cap->value, -1.0, 1e-9);
}

TEST(LockedRule, IsTightenedByAnybody) {
    const auto set = with({{Layer::etc, locked_85},
                           {Layer::user, "[[rule]]\nname = \"mine\"\nwhen = { load = \"headphones\" }\nverdict = \"limit\"\ncap = \"-40 dB\"\n"}});
    EXPECT_NEAR(certain(set, Load::headphones).cap->value, -40.0, 1e-9);
    EXPECT_TRUE(certain(set, Load::headphones).governor) << "the locked target goes on";
}

TEST(LockedRule, LooksThroughAUsersFactsOfTheSocket) {
    const auto set = with(locked_85);
    OutputFacts claimed = socket(OutputKind::virtual_output);
    EXPECT_NEAR(certain(set, Load::headphones, claimed).cap->value, -24.4, 0.1) << "the trusted facts say a headphone socket";
    claimed = socket();
    claimed.full_scale = Volts{0.01};
    EXPECT_NEAR(certain(set, Load::headphones, claimed).cap->value, -24.4, 0.1) << "volts that the user claims";
}

TEST(LockedRule, LooksThroughAnAnswer) {
    const auto set = with(locked_85);
    const Classification answered{{{Load::line_input, 1.0}}, Confidence::certain, {}, {}, {{Load::unknown, 1.0}}};
    const Decision decision = decide(Subject(set, socket(), socket(), Volts{1.4}, {}), answered, Posture::protect);
    EXPECT_NEAR(decision.cap->value, -24.4, 0.1);
    EXPECT_TRUE(decision.governor);
}

TEST(LockedRule, IsLiftedByNoModel) {
    const auto set = with(locked_85);
    LoadFacts dull;
    dull.sensitivity = Decibels{90.0};
    dull.model_from = ModelFrom::user;
    const Classification named{{{Load::headphones, 1.0}}, Confidence::certain, {}, dull};
    EXPECT_NEAR(decide(Subject(set, socket(), socket(), Volts{1.4}, {}), named, Posture::protect).cap->value, -24.4, 0.1);
}

TEST(LockedRule, IsLiftedByNoOverrideAndNoOption) {
    const auto set = with(locked_85);
    const Subject subject(set, socket(), socket(), Volts{1.4}, {});
    const Classification headphones{{{Load::headphones, 1.0}}, Confidence::certain, {}};
    const Decision decision = decide(subject, headphones, Posture::protect, Decibels{140.0});
    EXPECT_LE(decision.override_max.value, decision.cap->value);
    EXPECT_NEAR(decision.governor->value, 85.0 - 116.5 - 2.92, 0.05);
    EXPECT_EQ(effective_posture(*set, Posture::observe), Posture::protect);
    EXPECT_EQ(effective_posture(*set, Posture::strict), Posture::strict);
    EXPECT_EQ(effective_posture(*builtin(), Posture::observe), Posture::observe);
}

TEST(LockedRule, OfAUsersIsNone) {
    const auto set = with({{Layer::user, locked_85}});
    EXPECT_FALSE(certain(set, Load::headphones).locked);
    EXPECT_TRUE(set->locked.empty());
    EXPECT_NEAR(certain(set, Load::headphones).cap->value, -24.4, 0.1) << "but a rule like any other";
}

// A user's file of the same name stands in place of root's: what that one locks binds all the same.
TEST(LockedRule, OutlivesAUsersFileOfTheSameName) {
    const std::string header = "schema = 1\n";
    const Loaded loaded = load({{"/etc/60-a.toml", Layer::etc, header + locked_85},
                                {"/home/60-a.toml", Layer::user, header + "[[rule]]\nname = \"x\"\nwhen = {}\nverdict = \"allow\"\n"}});
    ASSERT_NE(loaded.set, nullptr);
    EXPECT_NEAR(certain(loaded.set, Load::headphones).cap->value, -24.4, 0.1);
    const Loaded masked = load({{"/etc/60-a.toml", Layer::etc, header + locked_85}, {"/home/60-a.toml", Layer::user, ""}});
    ASSERT_NE(masked.set, nullptr);
    EXPECT_NEAR(certain(masked.set, Load::headphones).cap->value, -24.4, 0.1);
    const Loaded elsewhere = load({{"/etc/60-a.toml", Layer::etc, header + locked_85}, {"/tmp/90-b.toml", Layer::directory, header}});
    ASSERT_NE(elsewhere.set, nullptr);
    EXPECT_NEAR(certain(elsewhere.set, Load::headphones).cap->value, -24.4, 0.1) << "--policy-dir";
    const Loaded by_root = load({{"/usr/60-a.toml", Layer::vendor, header + locked_85}, {"/etc/60-a.toml", Layer::etc, ""}});
    ASSERT_NE(by_root.set, nullptr);
    EXPECT_NEAR(certain(by_root.set, Load::headphones).cap->value, -9.4, 0.1) << "root may mask its own";
}

TEST(LockedRule, MayStandInPlaceOfAProfile) {
    const auto set = with("[settings]\nlocked = true\nposture = \"strict\"\n");
    EXPECT_EQ(effective_posture(*set, Posture::observe), Posture::strict);
    EXPECT_EQ(effective_posture(*with({{Layer::etc, "[settings]\nlocked = true\nposture = \"strict\"\n"},
                                       {Layer::user, "[settings]\nposture = \"protect\"\n"}}),
                                std::nullopt),
              Posture::strict);
}

// One load is locked, another is held lower by the user's own rule, with an override of its own: both may be there.
TEST(LockedRule, BoundsAnOverrideWhereAnotherLoadDecides) {
    const auto set = with({{Layer::etc, "[[rule]]\nname = \"lock\"\nwhen = { load = \"headphones\" }\nverdict = \"limit\"\ncap = \"-20 dB\"\nlocked = true\n"
                                        "override-for-max = \"1 min\"\n"},
                           {Layer::user, "[[rule]]\nname = \"mine\"\nwhen = { load = \"in-ear\" }\nverdict = \"limit\"\ncap = \"-40 dB\"\n"
                                         "override-max = \"0 dBFS\"\noverride-for-max = \"20 h\"\n"}});
    const Classification both{{{Load::in_ear, 0.5}, {Load::headphones, 0.5}}, Confidence::high, {}};
    const Decision decision = decide(Subject(set, socket(), socket(), Volts{1.4}, {}), both, Posture::protect);
    EXPECT_EQ(decision.cap->value, -40.0);
    EXPECT_LE(decision.override_max.value, -20.0);
    EXPECT_EQ(decision.override_for_max, std::chrono::minutes(1));
}

// A bound by a speaker's rating is a bound too.
TEST(LockedRule, ToTheRatingIsOne) {
    const auto set = with("[[rule]]\nname = \"rating\"\nwhen = { kind = \"speaker-out\" }\nverdict = \"allow\"\nto-rating = true\nlocked = true\n");
    EXPECT_TRUE(Subject(set, socket(OutputKind::speaker_out), socket(OutputKind::speaker_out), Volts{1.4}, {}).locked());
}

// A name's ohms behind a resistor raise no cap beyond its class either (product.md, "Start level").
TEST(Model, OhmsWithoutASensitivityRaiseTheCapNoFurtherThanASensitivityDoes) {
    OutputFacts behind = socket();
    behind.output_impedance = Ohms{120.0};
    LoadFacts low;
    low.impedance = Ohms{4.0};
    const auto cap = [&](ModelFrom from) {
        low.model_from = from;
        return cap_for_target(Decibels{100.0}, behind, Volts{4.0}, Load::in_ear, low).value.value;
    };
    const double of_class = cap_for_target(Decibels{100.0}, behind, Volts{4.0}, Load::in_ear, {}).value.value;
    EXPECT_NEAR(cap(ModelFrom::pattern), of_class, 1e-9);
    EXPECT_LE(cap(ModelFrom::user), of_class + 15.0 + 1e-9);
    EXPECT_GT(cap(ModelFrom::measured), of_class + 15.0);
}

// What root says of a socket counts for root's locks, whoever puts a file of the same name in place of it.
TEST(LockedRule, KeepsTheFactsOfAFileThatIsReplaced) {
    const std::string facts = "schema = 1\n[[output]]\nname = \"amp\"\nmatch = { node = \"x\" }\nkind = \"headphone-out\"\ngain-after-dac = \"10 dB\"\n";
    SocketFacts where;
    where.node_name = "x";
    for (const SourceText &over : {SourceText{"/home/70-facts.toml", Layer::user, "", {}, false}, SourceText{"/tmp/d/80-b.toml", Layer::directory, "schema = 1\n", {}, false}}) {
        const Loaded loaded = load({{"/etc/70-facts.toml", Layer::etc, facts}, {"/etc/60-a.toml", Layer::etc, std::string("schema = 1\n") + locked_85}, over});
        ASSERT_NE(loaded.set, nullptr);
        const Profile trusted = profiles_for(*loaded.set, where, true).at(0);
        EXPECT_EQ(trusted.kind, OutputKind::headphone_out) << over.path;
        ASSERT_TRUE(trusted.gain_after_dac) << over.path;
        EXPECT_EQ(trusted.gain_after_dac->value, 10.0);
    }
}

TEST(LockedRule, KeepsAChannelGroupOfAFileThatIsReplaced) {
    SocketFacts where;
    where.node_name = "x";
    where.pro_audio = true;
    where.channels = 18;
    const std::string facts = "schema = 1\n[[output]]\nname = \"phones\"\nmatch = { node = \"x\" }\nkind = \"headphone-out\"\nchannels = [9, 10]\n";
    const Loaded loaded = load({{"/etc/70-facts.toml", Layer::etc, facts},
                                {"/etc/60-a.toml", Layer::etc, std::string("schema = 1\n") + locked_85},
                                {"/home/70-facts.toml", Layer::user, "", {}, false}});
    ASSERT_NE(loaded.set, nullptr);
    const std::vector<Profile> groups = profiles_for(*loaded.set, where);
    ASSERT_EQ(groups.size(), 1U);
    EXPECT_EQ(groups[0].channels, (std::vector<std::uint32_t>{9, 10}));
    EXPECT_EQ(groups[0].kind, OutputKind::headphone_out);
}

// Random locks under random wishes. What is asserted is written out once more, without the code under test: for each load that is
// plausible by itself, each locked rule that speaks of it by the trusted facts bounds the cap.
class Wishes {
  public:
    explicit Wishes(unsigned seed) : random_(seed) {}

    template <class E> E any() { return Names<E>::table[random_() % Names<E>::table.size()].first; }
    template <class E> std::string name() { return "\"" + std::string(name_of(any<E>())) + "\""; }
    bool chance(unsigned one_in) { return random_() % one_in == 0; }
    int number(int from, int to) { return from + static_cast<int>(random_() % static_cast<unsigned>(to - from + 1)); }

    std::string when() {
        std::string text = "when = { ";
        if (!chance(3)) text += "kind = [" + name<OutputKind>() + ", " + name<OutputKind>() + "], ";
        if (!chance(3)) text += "load = [" + name<Load>() + ", " + name<Load>() + ", " + name<Load>() + "], ";
        text += "channels = \"<= 64\" }\n";
        return text;
    }
    std::string gives() {
        switch (number(0, 3)) {
        case 0: return "verdict = \"allow\"\n";
        case 1: return "verdict = \"block\"\n";
        case 2: return "verdict = \"limit\"\ncap = \"" + std::to_string(number(-60, 0)) + " dB\"\n";
        default: return "verdict = \"limit\"\ntarget = \"" + std::to_string(number(60, 110)) + " dB(A)\"\n";
        }
    }
    std::string rules(const char *prefix, int count, bool locked) {
        std::string text;
        for (int i = 0; i < count; ++i)
            text += "[[rule]]\nname = \"" + std::string(prefix) + std::to_string(i) + "\"\n" + when() + gives() + (locked ? "locked = true\n" : "");
        return text;
    }
    OutputFacts facts() {
        OutputFacts facts;
        facts.kind = any<OutputKind>();
        if (chance(2)) facts.full_scale = Volts{0.1 * number(1, 60)};
        return facts;
    }
    std::vector<WeightedLoad> loads() {
        std::vector<WeightedLoad> loads{{any<Load>(), 0.7}, {any<Load>(), 0.3}};
        return loads;
    }

  private:
    std::mt19937 random_;
};

unsigned seeds() { return std::getenv("SOUNDWARDEN_NIGHTLY") != nullptr ? 20000 : 300; }

TEST(LockedProperty, NoCombinationExceedsALock) {
    for (unsigned seed = 0; seed < seeds(); ++seed) {
        Wishes wish(seed);
        const auto set = with({{Layer::etc, wish.rules("lock", wish.number(1, 4), true)}, {Layer::user, wish.rules("user", 5, false)}});
        const OutputFacts trusted = wish.facts();
        const OutputFacts claimed = wish.chance(2) ? wish.facts() : trusted;
        Classification classification{wish.loads(), wish.any<Confidence>(), {}, {}, wish.loads()};
        classification.facts.sensitivity = Decibels{static_cast<double>(wish.number(80, 140))};
        classification.facts.model_from = wish.chance(2) ? ModelFrom::user : ModelFrom::pattern;
        const Posture posture = wish.chance(2) ? Posture::protect : Posture::strict;
        const Decision decision =
            decide(Subject(set, claimed, trusted, Volts{2.0}, {}), classification, posture, Decibels{static_cast<double>(wish.number(60, 140))});
        for (const WeightedLoad &load : classification.unanswered) {
            if (load.probability < plausible_from(posture)) continue;
            for (const Rule &rule : set->locked) {
                if (!rule.when.kinds.contains(trusted.kind) || !rule.when.loads.contains(load.load)) continue;
                double bound = 0.0;
                if (rule.gives.verdict == Verdict::allow) continue;
                if (rule.gives.verdict == Verdict::block) bound = quiet_cap(trusted, Volts{2.0}, load.load).value;
                else if (rule.gives.cap) bound = rule.gives.cap->value;
                else bound = cap_for_target(*rule.gives.target, trusted, Volts{2.0}, load.load, {}).value.value;
                ASSERT_NE(decision.verdict, Verdict::allow) << "seed " << seed << ", " << rule.name;
                if (decision.verdict == Verdict::limit) {
                    ASSERT_LE(decision.cap->value, bound + 1e-9) << "seed " << seed << ", " << rule.name;
                }
                ASSERT_LE(decision.override_max.value, bound + 1e-9) << "seed " << seed << ", " << rule.name;
            }
        }
    }
}

// product.md: the most restrictive rule over all plausible loads. Block counts as the 65 dB(A) cap.
TEST(PlausibleProperty, OneMoreLoadNeverRaisesTheCap) {
    const auto level = [](const Decision &decision) {
        if (decision.verdict == Verdict::block) return -1000.0;
        return decision.cap.value_or(Decibels{0.0}).value;
    };
    for (unsigned seed = 0; seed < seeds(); ++seed) {
        Wishes wish(seed);
        const auto set = with(wish.rules("rule", 6, false));
        const OutputFacts facts = wish.facts();
        const Subject subject(set, facts, facts, Volts{2.0}, {});
        Classification fewer{{{wish.any<Load>(), 0.5}}, wish.any<Confidence>(), {}};
        Classification more = fewer;
        more.loads.push_back({wish.any<Load>(), 0.2});
        const Decision before = decide(subject, fewer, Posture::protect);
        const Decision after = decide(subject, more, Posture::protect);
        // Silence needs a half of all probability for it; what is left then is the 65 dB(A) cap.
        const double bound = before.verdict == Verdict::block ? quiet_cap(facts, Volts{2.0}, fewer.loads[0].load).value : level(before);
        ASSERT_LE(level(after), bound + 1e-9) << "seed " << seed;
        if (before.governor && after.governor) {
            ASSERT_LE(*after.governor, *before.governor) << "seed " << seed;
        }
    }
}

} // namespace
} // namespace soundwarden::policy
