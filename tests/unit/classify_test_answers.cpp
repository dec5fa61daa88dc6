// SPDX-License-Identifier: MIT
// What people say of a load beside what is sensed of it (reference/sensing.md §6.2, U1-U3; §6.4).
#include "classify_test_world.hpp"

#include <gtest/gtest.h>

namespace soundwarden::classify::testing {
namespace {

Answer said(Load load, Fingerprint fingerprint = {}, LoadFacts facts = {}) { return {load, std::move(facts), std::move(fingerprint)}; }

Classification told(const SocketFacts &socket, OutputKind kind, const Answer &answer, bool fresh = false, const CardFacts *card = nullptr) {
    return classify(socket, kind, {card, &answer, fresh});
}

SocketFacts wired() {
    SocketFacts socket = headphones_of("platform");
    socket.bus_path = "platform-sound";
    return socket;
}

TEST(Answers, OfThisPlugAreCertain) {
    for (const Load load : {Load::active_speakers, Load::in_ear, Load::headphone_amplifier, Load::passive_speakers}) {
        const Classification found = told(headphones_of(), OutputKind::headphone_out, said(load), true);
        EXPECT_EQ(found.loads, (std::vector<WeightedLoad>{{load, 1.0}}));
        EXPECT_EQ(found.confidence, Confidence::certain);
        EXPECT_TRUE(found.answered);
        EXPECT_FALSE(found.ask_again);
        EXPECT_EQ(found.unanswered, (std::vector<WeightedLoad>{{Load::unknown, 1.0}}));
        EXPECT_EQ(found.evidence.back().row, "U3");
    }
}

TEST(Answers, OfThisPlugDoNotPlugAnythingIn) {
    const CardFacts out = hda({jack("Headphone", JackUse::headphones, false)});
    const Classification found = told(headphones_of(), OutputKind::headphone_out, said(Load::headphones), true, &out);
    EXPECT_EQ(found.loads, (std::vector<WeightedLoad>{{Load::nothing, 1.0}}));
    EXPECT_FALSE(found.answered);
    EXPECT_EQ(found.unanswered, found.loads);
}

TEST(Answers, OfThisPlugDoNotMendAShort) {
    const CardFacts shorted = wcd(bits({&JackBits::headphone}), 1, 1);
    const Classification found = told(wired(), OutputKind::headphone_out, said(Load::line_input), true, &shorted);
    EXPECT_EQ(found.loads, (std::vector<WeightedLoad>{{Load::passive_speakers, 1.0}}));
    EXPECT_FALSE(found.answered);
    EXPECT_EQ(found.facts.model_from, ModelFrom::measured) << "the rule for short circuits asks for it";
    EXPECT_EQ(found.facts.impedance, Ohms{1.0});
}

TEST(Answers, OfAPhonesSocketBehindADisplayBeatTheDisplay) {
    const CardFacts card = with(hda({display_jack(3, true)}), receiver(3, true));
    const Classification fresh = told(hdmi_of(3), OutputKind::hdmi, said(Load::headphones), true, &card);
    EXPECT_EQ(fresh.loads.front().load, Load::headphones);
    EXPECT_EQ(fresh.unanswered, (std::vector<WeightedLoad>{{Load::display, 1.0}}));
    const Classification later = told(hdmi_of(3), OutputKind::hdmi, said(Load::headphones, fingerprint(hdmi_of(3), &card)), false, &card);
    EXPECT_EQ(later.loads.front().load, Load::headphones);
    EXPECT_TRUE(later.answered);
    const CardFacts other = with(hda({display_jack(3, true)}), receiver(3, true, "LG TV"));
    const Classification elsewhere =
        told(hdmi_of(3), OutputKind::hdmi, said(Load::headphones, fingerprint(hdmi_of(3), &card)), false, &other);
    EXPECT_EQ(elsewhere.loads, (std::vector<WeightedLoad>{{Load::display, 1.0}}));
    EXPECT_TRUE(elsewhere.ask_again);
    EXPECT_FALSE(elsewhere.answered);
}

// §6.2, U1: +20 over the priors; §6.4: the same fingerprint is used silently.
TEST(Answers, OfTheSameFingerprintAreUsed) {
    for (const Load load :
         {Load::headphones, Load::in_ear, Load::active_speakers, Load::line_input, Load::headphone_amplifier, Load::passive_speakers}) {
        const Classification found = told(headphones_of(), OutputKind::headphone_out, said(load));
        EXPECT_EQ(found.loads.front().load, load) << name_of(load);
        EXPECT_GT(found.loads.front().probability, 0.9) << name_of(load);
        EXPECT_TRUE(found.answered);
        EXPECT_FALSE(found.ask_again);
        EXPECT_EQ(found.unanswered, (std::vector<WeightedLoad>{{Load::unknown, 1.0}}));
    }
}

TEST(Answers, OfTheSameFingerprintLeaveNothingForTheEarsPlausibleInProtect) {
    for (const Load load : {Load::active_speakers, Load::line_input, Load::headphone_amplifier}) {
        const Classification found = told(headphones_of(), OutputKind::headphone_out, said(load));
        EXPECT_LT(probability_of(found.loads, Load::headphones), 0.15) << name_of(load);
    }
}

TEST(Answers, OfAnotherFingerprintAreAskedForAgain) {
    const Fingerprint line{false, true, {}, {}};
    const CardFacts now = wcd(bits({&JackBits::headphone}), 32, 32);
    const Classification alone = classify(wired(), OutputKind::headphone_out, {&now});
    const Classification found = told(wired(), OutputKind::headphone_out, said(Load::active_speakers, line), false, &now);
    EXPECT_TRUE(found.ask_again);
    EXPECT_EQ(found.unanswered, alone.loads);
    const double odds = probability_of(found.loads, Load::active_speakers) / probability_of(found.loads, Load::headphones);
    const double before = probability_of(alone.loads, Load::active_speakers) / probability_of(alone.loads, Load::headphones);
    EXPECT_NEAR(odds / before, 3.162, 0.01) << "+5 decibans";
    EXPECT_EQ(found.loads.front().load, Load::headphones);
}

// Else an answer for other hardware would be looser than knowing nothing: a line output's priors are 60 % powered speakers.
TEST(Answers, OfAnotherFingerprintDoNotSpeakAlone) {
    const Classification found = told(line_of(), OutputKind::line_out, said(Load::active_speakers, {false, true, {}, {}}));
    EXPECT_EQ(found.loads, (std::vector<WeightedLoad>{{Load::unknown, 1.0}}));
    EXPECT_TRUE(found.ask_again);
    EXPECT_FALSE(found.answered);
}

TEST(Answers, NotSureMovesNothing) {
    for (const bool fresh : {false, true}) {
        const Classification found = told(headphones_of(), OutputKind::headphone_out, said(Load::unknown), fresh);
        EXPECT_EQ(found.loads, (std::vector<WeightedLoad>{{Load::unknown, 1.0}}));
        EXPECT_EQ(found.confidence, Confidence::low);
        EXPECT_FALSE(found.answered);
        EXPECT_FALSE(found.ask_again);
        EXPECT_EQ(found.unanswered, found.loads);
    }
}

TEST(Answers, OfWhatNobodyMayNameMoveNothing) {
    for (const Load load : {Load::nothing, Load::internal_speaker, Load::display})
        for (const bool fresh : {false, true})
            EXPECT_FALSE(told(headphones_of(), OutputKind::headphone_out, said(load), fresh).answered) << name_of(load);
}

TEST(Answers, DoNotAskAgainWhileNothingIsPluggedIn) {
    const Classification found =
        told(with(headphones_of(), Availability::no), OutputKind::headphone_out, said(Load::headphones, {true, {}, {}, {}}));
    EXPECT_FALSE(found.ask_again);
}

TEST(Answers, InEarsTellInEarsApart) {
    const Classification found = told(headphones_of(), OutputKind::headphone_out, said(Load::in_ear));
    EXPECT_GT(probability_of(found.loads, Load::in_ear), 0.9);
    const Classification other = told(headphones_of(), OutputKind::headphone_out, said(Load::headphones));
    EXPECT_EQ(probability_of(other.loads, Load::in_ear), 0.0) << "their prior is the headphones'";
}

// --- What is known of the load -------------------------------------------------------------------------------------------------

LoadFacts hd600() {
    LoadFacts facts;
    facts.model = "Sennheiser HD 600";
    facts.impedance = Ohms{300.0};
    facts.sensitivity = Decibels{102.2};
    return facts;
}

TEST(LoadFactsOfAnAnswer, AreTheUsersWhereNothingIsMeasured) {
    const LoadFacts facts = told(headphones_of(), OutputKind::headphone_out, said(Load::headphones, {}, hd600()), true).facts;
    EXPECT_EQ(facts.model, "Sennheiser HD 600");
    EXPECT_EQ(facts.impedance, Ohms{300.0});
    EXPECT_EQ(facts.model_from, ModelFrom::user);
}

TEST(LoadFactsOfAnAnswer, AreBelievedWhereTheOhmsAgree) {
    const CardFacts card = wcd(bits({&JackBits::headphone}), 280, 285);
    const LoadFacts facts = told(wired(), OutputKind::headphone_out, said(Load::headphones, {}, hd600()), true, &card).facts;
    EXPECT_EQ(facts.model_from, ModelFrom::measured);
    EXPECT_EQ(facts.impedance, Ohms{280.0}) << "measured ohms win";
    EXPECT_EQ(facts.sensitivity, Decibels{102.2});
}

TEST(LoadFactsOfAnAnswer, DoNotCountWhereTheOhmsDisagree) {
    for (const double ohms : {32.0, 199.0, 451.0}) {
        const CardFacts card = wcd(bits({&JackBits::headphone}), ohms, ohms);
        const LoadFacts facts = told(wired(), OutputKind::headphone_out, said(Load::headphones, {}, hd600()), true, &card).facts;
        EXPECT_EQ(facts.model, "") << ohms;
        EXPECT_EQ(facts.sensitivity, std::nullopt) << ohms;
        EXPECT_EQ(facts.impedance, Ohms{ohms}) << ohms;
    }
}

TEST(LoadFactsOfAnAnswer, WithoutOhmsStayTheUsersBesideMeasuredOnes) {
    LoadFacts named = hd600();
    named.impedance.reset();
    const CardFacts card = wcd(bits({&JackBits::headphone}), 280, 285);
    const LoadFacts facts = told(wired(), OutputKind::headphone_out, said(Load::headphones, {}, named), true, &card).facts;
    EXPECT_EQ(facts.model_from, ModelFrom::user);
    EXPECT_EQ(facts.impedance, Ohms{280.0});
}

TEST(LoadFactsOfAnAnswer, NeverHideALoudspeakersOhms) {
    LoadFacts named = hd600();
    named.impedance.reset();
    const CardFacts card = wcd(bits({&JackBits::headphone}), 4, 4);
    const LoadFacts facts = told(wired(), OutputKind::headphone_out, said(Load::passive_speakers, {}, named), true, &card).facts;
    EXPECT_EQ(facts.model_from, ModelFrom::measured);
    EXPECT_EQ(facts.impedance, Ohms{4.0});
}

TEST(LoadFactsOfAnAnswer, AreNotThoseOfSomethingElse) {
    const CardFacts card = wcd(bits({&JackBits::headphone}), 32, 32);
    const LoadFacts facts =
        told(wired(), OutputKind::headphone_out, said(Load::headphones, {false, true, {}, {}}, hd600()), false, &card).facts;
    EXPECT_EQ(facts.model, "");
}

// --- Fingerprints --------------------------------------------------------------------------------------------------------------

TEST(Fingerprints, AreEmptyWhereNothingIsMeasured) {
    const CardFacts card = hda({jack("Headphone", JackUse::headphones, true), phantom(headset_microphone({}))});
    EXPECT_FALSE(fingerprint(headphones_of(), &card).measured());
    EXPECT_FALSE(fingerprint(headphones_of(), nullptr).measured());
}

TEST(Fingerprints, TellMicrophoneLineAndOhms) {
    const CardFacts card = wcd(bits({&JackBits::headphone, &JackBits::microphone}), 31, 33);
    EXPECT_EQ(fingerprint(wired(), &card), (Fingerprint{true, false, 3U, {}}));
    const CardFacts line = wcd(bits({&JackBits::line_out}), 9000, 9000);
    EXPECT_EQ(fingerprint(wired(), &line), (Fingerprint{false, true, 8U, {}}));
}

TEST(Fingerprints, AreEmptyWhileNothingIsPluggedIn) {
    const CardFacts card = wcd({});
    EXPECT_FALSE(fingerprint(wired(), &card).measured());
}

TEST(Fingerprints, TellADisplayWhoeverNamesIt) {
    const CardFacts card = with(hda({display_jack(3, true)}), receiver(3, true));
    EXPECT_EQ(fingerprint(hdmi_of(3), &card).product, "DELL U2720Q");
    SocketFacts named = hdmi_of(3);
    named.product = "DELL U2720Q";
    EXPECT_EQ(fingerprint(named, nullptr), fingerprint(hdmi_of(3), &card));
}

// §6.4: [<8, 8-12, 12-24, 24-50, 50-150, 150-400, 400-1k, 1k-5k, >5k].
TEST(OhmsBuckets, HaveTheBoundsOfTheReference) {
    const double bounds[] = {8, 12, 24, 50, 150, 400, 1000, 5000};
    std::uint32_t below = 0;
    for (const double bound : bounds) {
        EXPECT_EQ(ohms_bucket(Ohms{bound - 0.01}), below);
        EXPECT_EQ(ohms_bucket(Ohms{bound}), below + 1);
        ++below;
    }
    EXPECT_EQ(ohms_bucket(Ohms{0.0}), 0U);
    EXPECT_EQ(ohms_bucket(Ohms{1e9}), 8U);
}

// --- Edges ---------------------------------------------------------------------------------------------------------------------

TEST(JackState, ChangesWithEverySourceOfTheSocket) {
    const auto headphones = JackUse::headphones;
    CardFacts card = hda({jack("Headphone", headphones, false), headset_microphone(false), jack("Line Out", JackUse::line_out, false)});
    card.switches.push_back({"HDA Intel PCH Headphone", bits({&JackBits::headphone}), {}, false});
    const std::string before = jack_state(headphones_of(), &card);
    const auto differs = [&](void (*change)(CardFacts &)) {
        CardFacts other = card;
        change(other);
        return jack_state(headphones_of(), &other) != before;
    };
    EXPECT_TRUE(differs([](CardFacts &c) { c.jacks[0].plugged = true; }));
    EXPECT_TRUE(differs([](CardFacts &c) { c.jacks[0].plugged.reset(); }));
    EXPECT_TRUE(differs([](CardFacts &c) { c.jacks[1].plugged = true; }));
    EXPECT_TRUE(differs([](CardFacts &c) { c.switches[0].on.headphone = true; }));
    EXPECT_TRUE(differs([](CardFacts &c) { c.left_impedance = c.right_impedance = Ohms{32.0}; }));
    EXPECT_TRUE(differs([](CardFacts &c) { c.selected_mode = "headset"; }));
    EXPECT_TRUE(differs([](CardFacts &c) { c.declared_output = "Headphones"; }));
    EXPECT_TRUE(differs([](CardFacts &c) { c.analog_accessory = true; }));
    EXPECT_FALSE(differs([](CardFacts &c) { c.jacks[2].plugged = true; })) << "another socket's";
    EXPECT_FALSE(differs([](CardFacts &c) { c.switches[0].buttons = true; })) << "a button is no plug";
    EXPECT_FALSE(differs([](CardFacts &c) { c.side_paths.push_back({SidePathKind::beep, "Beep", true}); }));
}

TEST(JackState, OfADisplayIsItsReceiver) {
    const CardFacts here = with(hda({display_jack(3, true), display_jack(7, false)}), receiver(3, true));
    CardFacts other = here;
    other.elds[0] = receiver(3, true, "LG TV");
    EXPECT_NE(jack_state(hdmi_of(3), &here), jack_state(hdmi_of(3), &other));
    EXPECT_EQ(jack_state(hdmi_of(7), &here), jack_state(hdmi_of(7), &other));
}

TEST(JackState, OfWhatHasNoCardIsEmpty) {
    const CardFacts card = hda({jack("Headphone", JackUse::headphones, true)});
    EXPECT_EQ(jack_state(headphones_of(), nullptr), "");
    EXPECT_EQ(jack_state(bluetooth("headphone"), &card), "");
}

} // namespace
} // namespace soundwarden::classify::testing
