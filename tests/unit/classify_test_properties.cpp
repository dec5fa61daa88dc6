// SPDX-License-Identifier: MIT
// What holds for any card, socket and answer, sensible or not.
#include "classify_test_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>

namespace soundwarden::classify::testing {
namespace {

int rounds() { return std::getenv("SOUNDWARDEN_NIGHTLY") != nullptr ? 2'000'000 : 20'000; }

/// Cards and sockets from words that mean something and numbers that may not.
class Dice {
  public:
    explicit Dice(std::uint32_t seed) : engine_(seed) {}

    bool chance(int one_in) { return below(one_in) == 0; }
    int below(int count) { return static_cast<int>(engine_() % static_cast<std::uint32_t>(count)); }
    template <class T>
    T one_of(std::initializer_list<T> values) {
        return *(values.begin() + below(static_cast<int>(values.size())));
    }
    template <class E>
    E any() {
        return Names<E>::table[static_cast<std::size_t>(below(static_cast<int>(Names<E>::table.size())))].first;
    }
    std::optional<bool> maybe() { return chance(4) ? std::nullopt : std::optional(chance(2)); }
    template <class T>
    void shuffle(std::vector<T> &values) {
        std::shuffle(values.begin(), values.end(), engine_);
    }

    JackBits bits() { return {chance(3), chance(4), chance(4), chance(8), chance(4), chance(8)}; }

    Jack jack() {
        Jack made;
        made.name = one_of<const char *>(
            {"Headphone", "Front Headphone", "Line Out", "Headset Mic", "Mic", "Speaker", "HDMI/DP,pcm=3", "Jack", ""});
        made.index = static_cast<std::uint32_t>(below(3));
        made.use = any<JackUse>();
        made.place = any<JackPlace>();
        made.channels = one_of<const char *>({"", "front", "surround"});
        if (chance(4)) made.pcm = static_cast<std::uint32_t>(below(4));
        made.input = chance(4);
        made.phantom = chance(4);
        if (!made.phantom) made.plugged = maybe();
        return made;
    }

    CardFacts card() {
        CardFacts made;
        made.driver = one_of<const char *>({"HDA-Intel", "USB-Audio", "sof-soundwire", "sm8550", "acpd7219m98357", "AV200", "Dummy", ""});
        made.name = one_of<const char *>({"HDA Intel PCH", "Card", ""});
        made.components = one_of<const char *>({"", "hs:cs42l43", "spk:cs42l43 hs:rt5682", "hs:"});
        for (int i = below(5); i > 0; --i) made.jacks.push_back(jack());
        for (int i = below(3); i > 0; --i)
            made.switches.push_back({one_of<const char *>({"HDA Intel PCH Front Headphone", "Card Headset Jack", "Headphone", ""}), bits(),
                                     chance(2) ? JackBits{} : bits(), chance(8)});
        for (int i = below(3); i > 0; --i)
            made.elds.push_back(receiver(static_cast<std::uint32_t>(below(4)), chance(2), one_of<const char *>({"A", "B", ""})));
        if (chance(4)) made.left_impedance = Ohms{ohms()};
        if (chance(4) || made.left_impedance) made.right_impedance = Ohms{ohms()};
        made.measures_impedance = made.left_impedance.has_value();
        made.selected_mode = one_of<const char *>({"", "", "", "headset", "headphone", "line_out", "jack_unplugged", "?"});
        made.declared_output = one_of<const char *>({"", "", "Headphones", "Speakers"});
        for (int i = below(3); i > 0; --i)
            made.pins.push_back({0, 0x14, any<JackUse>(), any<JackPlace>(), chance(2), chance(2), chance(2)});
        for (int i = below(4); i > 0; --i)
            made.terminals.push_back({one_of<std::uint32_t>({0x0301, 0x0302, 0x0304, 0x0402, 0x0603, 0x0605, 0xFFFFFFFF}), 1, !chance(4)});
        made.analog_accessory = chance(8);
        made.portable_machine = chance(2);
        return made;
    }

    SocketFacts socket() {
        SocketFacts made =
            socket_on(one_of<const char *>({"pci", "usb", "platform", "bluetooth", ""}),
                      one_of<const char *>({"analog-output-headphones", "analog-output-headphones-2", "analog-output-lineout",
                                            "analog-output-speaker", "analog-output", "hdmi-output-0", "[Out] Headphones1",
                                            "[Out] Headphones99999999999", "[Out] Line1", "[Out] 1", ""}),
                      one_of<const char *>({"Headphones", "Headphones / Line 1-2", ""}),
                      one_of<const char *>({"", "headphones", "line", "speaker", "hdmi", "spdif", "analog", "bluetooth"}));
        made.api = one_of<const char *>({"alsa", "alsa", "alsa", "bluez5", ""});
        made.node_name = one_of<const char *>({"x.analog-stereo", "x.hdmi-stereo", "x.analog-surround-51", ""});
        made.device_description = one_of<const char *>({"Thing", "Buds", "Speaker", "Headset", ""});
        made.form_factor = one_of<const char *>({"", "headset", "headphone", "speaker", "internal", "hands-free"});
        made.bluetooth_class = one_of<const char *>({"", "0x240404", "0x240414", "0x", "zz", "0xFFFFFFFFFFFF"});
        made.availability = any<Availability>();
        made.availability_group = chance(3) ? "Legacy 1" : "";
        made.product = chance(8) ? "A" : "";
        if (chance(3)) made.pcm_device = static_cast<std::uint32_t>(below(4));
        made.pro_audio = chance(8);
        made.channels = static_cast<std::uint32_t>(below(8));
        made.outputs = static_cast<std::uint32_t>(below(4));
        return made;
    }

    Answer answer(const SocketFacts &socket, const CardFacts &card) {
        Answer made;
        made.load = any<Load>();
        if (chance(3)) made.facts.impedance = Ohms{ohms()};
        if (chance(3)) made.facts.model = "Model";
        if (chance(2))
            made.fingerprint = fingerprint(socket, &card);
        else
            made.fingerprint.microphone = maybe();
        return made;
    }

    double ohms() { return one_of({0.0, -1.0, 1.0, 4.0, 10.0, 32.0, 300.0, 3000.0, 8000.0, 1e308, std::nan(""), HUGE_VAL}); }

  private:
    std::mt19937 engine_;
};

struct Case {
    SocketFacts socket;
    CardFacts card;
    OutputKind kind;
    Answer answer;
    bool fresh;
};

template <class Check>
void for_many(std::uint32_t seed, Check check) {
    Dice dice(seed);
    for (int round = 0; round < rounds(); ++round) {
        Case each{dice.socket(), dice.card(), OutputKind::unknown, {}, dice.chance(2)};
        each.kind = dice.chance(4) ? dice.any<OutputKind>() : describe(each.socket, &each.card).facts.kind;
        each.answer = dice.answer(each.socket, each.card);
        check(each, dice);
        if (::testing::Test::HasFailure()) FAIL() << "round " << round;
    }
}

Classification with_answer(const Case &each) { return classify(each.socket, each.kind, {&each.card, &each.answer, each.fresh}); }
Classification alone(const Case &each) { return classify(each.socket, each.kind, {&each.card}); }

void expect_distribution(const std::vector<WeightedLoad> &loads) {
    ASSERT_FALSE(loads.empty());
    EXPECT_NEAR(sum_of(loads), 1.0, 1e-9);
    for (std::size_t i = 0; i < loads.size(); ++i) {
        EXPECT_GE(loads[i].probability, 0.0);
        EXPECT_LE(loads[i].probability, 1.0);
        if (i > 0) {
            EXPECT_GE(loads[i - 1].probability, loads[i].probability);
        }
        for (std::size_t j = 0; j < i; ++j) EXPECT_NE(loads[i].load, loads[j].load);
    }
}

TEST(AnyCard, GivesProbabilitiesThatSumToOne) {
    for_many(1, [](const Case &each, Dice &) {
        expect_distribution(alone(each).loads);
        expect_distribution(with_answer(each).loads);
        expect_distribution(with_answer(each).unanswered);
    });
}

TEST(AnyCard, GivesTheSameWhateverTheOrderOfItsParts) {
    for_many(2, [](const Case &each, Dice &dice) {
        Case other = each;
        dice.shuffle(other.card.jacks);
        dice.shuffle(other.card.switches);
        dice.shuffle(other.card.elds);
        dice.shuffle(other.card.pins);
        dice.shuffle(other.card.terminals);
        EXPECT_EQ(with_answer(each), with_answer(other));
        EXPECT_EQ(describe(each.socket, &each.card), describe(other.socket, &other.card));
        EXPECT_EQ(jack_state(each.socket, &each.card), jack_state(other.socket, &other.card));
        EXPECT_EQ(fingerprint(each.socket, &each.card), fingerprint(other.socket, &other.card));
    });
}

TEST(AnyCard, SaysWithoutAnAnswerWhatItSaysWithout) {
    for_many(3, [](const Case &each, Dice &) {
        EXPECT_EQ(with_answer(each).unanswered, alone(each).loads);
        EXPECT_TRUE(alone(each).unanswered.empty());
        EXPECT_FALSE(alone(each).answered);
    });
}

TEST(AnyCard, HasNoLoadOnAnUnpluggedJackAndNothingOnlyThere) {
    for_many(4, [](const Case &each, Dice &) {
        const Classification found = with_answer(each);
        const bool nothing = found.loads.front().load == Load::nothing;
        if (each.kind == OutputKind::internal_speaker) {
            EXPECT_FALSE(nothing);
            return;
        }
        if (describe(each.socket, &each.card).facts.kind == OutputKind::internal_speaker) return; // called something else by a policy
        EXPECT_EQ(nothing, plugged(each.socket, &each.card) == Availability::no);
        if (nothing) {
            EXPECT_EQ(found.loads.front().probability, 1.0);
        }
    });
}

TEST(AnyCard, IsNotUnpluggedByASourceThatContradicts) {
    for_many(5, [](const Case &each, Dice &dice) {
        if (plugged(each.socket, &each.card) != Availability::yes) return;
        Case other = each;
        Jack contradicting = dice.jack();
        contradicting.name = "Another";
        contradicting.plugged = false;
        other.card.jacks.push_back(contradicting);
        if (other.socket.availability == Availability::unknown) other.socket.availability = Availability::no;
        // With a second display it is not known which of them is meant, where no PCM tells.
        if (contradicting.use == JackUse::hdmi) return;
        EXPECT_NE(plugged(other.socket, &other.card), Availability::no);
        EXPECT_NE(classify(other.socket, other.kind, {&other.card}).loads.front().load, Load::nothing);
    });
}

TEST(AnyCard, IsOnlyCertainByHardFactsAndFreshAnswers) {
    for_many(6, [](const Case &each, Dice &) {
        const Classification found = with_answer(each);
        if (found.confidence != Confidence::certain) return;
        EXPECT_EQ(found.loads.size(), 1U);
        const Load load = found.loads.front().load;
        const bool fact =
            load == Load::nothing || load == Load::display || load == Load::internal_speaker || load == Load::passive_speakers;
        EXPECT_TRUE(fact || (each.fresh && found.answered));
    });
}

// §6.2 H5: an open extension cable measures like a line.
TEST(AnyCard, KeepsHeadphonesPlausibleOnAMeasuredLine) {
    for_many(7, [](const Case &each, Dice &) {
        const Classification found = alone(each);
        const bool line = std::any_of(found.evidence.begin(), found.evidence.end(),
                                      [](const Observation &o) { return o.row == "H5" && o.text.ends_with(": line"); });
        if (!line || found.confidence == Confidence::certain) return;
        const double unknown = probability_of(found.loads, Load::unknown);
        EXPECT_GE(probability_of(found.loads, Load::headphones) + unknown, 0.15) << "posture protect overlooks less";
    });
}

TEST(AnyCard, SettlesInOneOfThreeTimes) {
    for_many(8, [](const Case &each, Dice &) {
        const Duration time = settle_time(each.socket, &each.card);
        EXPECT_TRUE(time == 300ms || time == 1500ms || time == 3500ms);
        EXPECT_EQ(time, settle_time(each.socket, &each.card));
    });
}

// Knowing that it is something for the ears must not be stricter than knowing nothing (docs/decisions/009).
TEST(InEars, AreOnlyPlausibleWhereSomethingNamesOrMeasuresThem) {
    for_many(9, [](const Case &each, Dice &) {
        const Classification found = alone(each);
        const bool told = std::any_of(found.evidence.begin(), found.evidence.end(),
                                      [](const Observation &o) { return o.row == "H4" || (o.row == "I4" && o.source == "device"); });
        if (!told) {
            EXPECT_EQ(probability_of(found.loads, Load::in_ear), 0.0);
        }
    });
}

} // namespace
} // namespace soundwarden::classify::testing
