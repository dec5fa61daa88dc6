// SPDX-License-Identifier: MIT
// What is sensed of cards and what people answer, in the engine: edges, settling, bad contacts, answers, identity. Numbers are
// those of the sources cited: product.md ("Moments", "Default caps"), reference/sensing.md §6.3 and §6.4.
#include "engine_test_sensed.hpp"

#include "policy/policy_set.hpp"

#include <gtest/gtest.h>

namespace soundwarden::engine::testing {
namespace {

constexpr double start_level = -15.0;
constexpr double in_ear_room = 8.0; // below the headphone cap

double guard_volume_db(World &world) { return to_db(world.guard().volume); }

std::size_t reports(const Effects &effects, const std::string &what) {
    return static_cast<std::size_t>(std::count_if(effects.begin(), effects.end(), [&](const Effect &effect) {
        const auto *report = std::get_if<Report>(&effect);
        return report != nullptr && report->what == what;
    }));
}

bool clamps(const World &world) {
    for (const OrderGuard &effect : world.in_last<OrderGuard>())
        if (effect.order.rise_db_per_s == 0.0F) return true;
    return false;
}

// --- Edges -----------------------------------------------------------------------------------------------------------------

TEST(Jack, that_is_seen_before_the_route_clamps_in_the_same_step) {
    SensedLaptop at;
    at.rest();
    ASSERT_EQ(at.world.view(speaker_id).state, OutputState::free);
    at.card.jacks[0].plugged = true;
    at.sense();
    EXPECT_TRUE(clamps(at.world));
    EXPECT_LE(at.world.guard().gain, headphone_cap - in_ear_room + start_level + 0.01);
    EXPECT_LE(at.world.guard().ceiling, headphone_cap - in_ear_room + 0.01);
    EXPECT_EQ(at.world.view(headphones_id).availability, Availability::yes);
}

TEST(Jack, control_what_is_no_business_of_the_output_clamps_nothing) {
    SensedLaptop at;
    at.card.jacks.push_back({.name = "Dock Mic", .use = JackUse::microphone, .place = JackPlace::dock, .input = true, .plugged = false});
    at.sense();
    at.rest();
    at.card.jacks.back().plugged = true;
    at.card.side_paths.push_back({SidePathKind::beep, "Beep Playback Switch", true});
    at.sense();
    EXPECT_FALSE(clamps(at.world));
    EXPECT_EQ(at.world.view(speaker_id).state, OutputState::free);
}

TEST(Jack, of_another_card_under_the_same_number_is_not_heeded) {
    SensedLaptop at;
    at.rest();
    at.card.bus_path = "pci-0000:07:00.0";
    at.card.jacks[0].plugged = true;
    at.sense();
    EXPECT_EQ(at.world.view(headphones_id).availability, Availability::no);
}

TEST(Settling, lasts_as_long_as_the_codec_may_change_its_mind) {
    // reference/sensing.md §6.3: 0.3 s, 1.5 s for codecs that measure, 3.5 s for Qualcomm's WCD
    for (const auto &[driver, settle] : {std::pair{"HDA-Intel", 300ms}, {"cs42l43", 1500ms}, {"wcd938x", 3500ms}}) {
        SensedLaptop at(driver);
        at.rest();
        at.plug();
        at.world.run(settle - 50ms);
        EXPECT_EQ(at.world.view(headphones_id).state, OutputState::settling) << driver;
        at.world.run(100ms);
        EXPECT_EQ(at.world.view(headphones_id).state, OutputState::guarded) << driver;
    }
}

TEST(Settling, a_codec_that_says_headphones_and_then_line_never_opens_in_between) {
    SensedLaptop at("wcd938x");
    at.card.switches = {{.name = "Headset Jack", .able = {.headphone = true, .microphone = true, .line_out = true}, .on = {}}};
    at.sense();
    at.rest();
    at.card.switches[0].on.headphone = true;
    at.plug();
    for (int i = 0; i < 18; ++i) {
        at.world.run(180ms);
        ASSERT_EQ(at.world.view(headphones_id).state, OutputState::settling);
        at.card.switches[0].on = {.headphone = i % 2 == 0, .line_out = i % 2 != 0};
        at.sense();
        ASSERT_LE(at.world.guard().ceiling, headphone_cap - in_ear_room + 0.01);
    }
    at.world.run(10s);
    EXPECT_NE(at.world.view(headphones_id).state, OutputState::settling);
}

TEST(BadContact, holds_the_clamp_and_is_logged_once) {
    SensedLaptop at;
    at.plug();
    at.rest();
    at.world.all.clear();
    for (int edge = 0; edge < 40; ++edge) {
        at.card.jacks[0].plugged = edge % 2 != 0;
        at.sense();
        EXPECT_TRUE(clamps(at.world)) << edge;
        at.world.run(50ms);
    }
    EXPECT_EQ(reports(at.world.all, "contact"), 1U);
    EXPECT_LE(reports(at.world.all, "edge"), 3U);
    EXPECT_EQ(reports(at.world.all, "decision"), 0U);
    at.world.run(4900ms);
    EXPECT_EQ(at.world.view(headphones_id).state, OutputState::settling);
    at.world.run(200ms);
    EXPECT_EQ(at.world.view(headphones_id).state, OutputState::guarded);
}

TEST(BadContact, control_three_edges_in_two_seconds_are_none) {
    SensedLaptop at;
    at.plug();
    at.rest();
    at.world.all.clear();
    for (int edge = 0; edge < 3; ++edge) {
        at.card.jacks[0].plugged = edge % 2 != 0;
        at.sense();
        at.world.run(50ms);
    }
    EXPECT_EQ(reports(at.world.all, "contact"), 0U);
}

// --- Answers ----------------------------------------------------------------------------------------------------------------

TEST(Answer, that_eases_opens_slowly_and_turns_nothing_up) {
    SensedLaptop at;
    at.plug();
    at.rest();
    const double before = guard_volume_db(at.world);
    at.world.send(AnswerWish{headphones_id, Load::active_speakers, {}});
    EXPECT_LE(at.world.guard().gain, headphone_cap + 0.01);
    ASSERT_EQ(at.world.in_all<RememberAnswer>().size(), 1U);
    EXPECT_EQ(at.world.in_all<RememberAnswer>()[0].answer->load, Load::active_speakers);
    at.world.run(1s);
    EXPECT_LE(guard_volume_db(at.world), before + 0.01);
    at.rest();
    EXPECT_EQ(at.world.view(headphones_id).decision.verdict, Verdict::allow);
    EXPECT_LE(guard_volume_db(at.world), before + 0.01);
    EXPECT_EQ(at.world.guard().ceiling, none);
    EXPECT_FALSE(at.world.view(headphones_id).decision.ask);
}

TEST(Answer, that_eases_without_a_measurement_starts_each_plug_at_the_start_level) {
    SensedLaptop at;
    at.plug();
    at.rest();
    at.world.send(AnswerWish{headphones_id, Load::active_speakers, {}});
    at.rest();
    at.world.move_slider(0.9);
    at.rest();
    at.unplug();
    at.rest();
    at.plug();
    EXPECT_LE(guard_volume_db(at.world), start_level + 0.01);
    at.rest();
    EXPECT_LE(guard_volume_db(at.world), start_level + 0.01);
    EXPECT_EQ(at.world.view(headphones_id).decision.verdict, Verdict::allow) << "the slider may go all the way";
}

TEST(Answer, that_restricts_holds_at_once_and_for_ever) {
    SensedLaptop at;
    at.plug();
    at.rest();
    at.world.send(AnswerWish{headphones_id, Load::in_ear, {}});
    EXPECT_LE(at.world.guard().ceiling, headphone_cap - in_ear_room + 0.01) << "in the same step";
    SensedLaptop later;
    later.world.engine.step(Remembered{.answers = {{headphones_id, at.world.in_all<RememberAnswer>()[0].answer.value(), 24h * 4000, 900}}}, later.world.now);
    later.plug();
    later.rest();
    ASSERT_TRUE(later.world.view(headphones_id).decision.cap);
    EXPECT_NEAR(later.world.view(headphones_id).decision.cap->value, headphone_cap - in_ear_room, 0.05);
}

TEST(Answer, that_eases_is_asked_for_again_after_90_days_or_30_plugs) {
    Answer speakers;
    speakers.load = Load::active_speakers;
    {
        SensedLaptop reference; // the same socket's fingerprint, so that nothing else is a reason
        reference.plug();
        reference.world.send(AnswerWish{headphones_id, Load::active_speakers, {}});
        speakers = *reference.world.in_all<RememberAnswer>()[0].answer;
    }
    for (const auto &[age, plugs, holds] : {std::tuple{Duration(24h * 89), 0U, true}, {Duration(24h * 91), 0U, false}, {Duration(0), 29U, true}, {Duration(0), 30U, false}}) {
        SensedLaptop at(Remembered{.answers = {{headphones_id, speakers, age, plugs}}});
        at.plug();
        at.rest();
        const OutputView view = at.world.view(headphones_id);
        EXPECT_EQ(view.decision.verdict, holds ? Verdict::allow : Verdict::limit) << age / 24h << " days, " << plugs << " plugs";
        const auto told = at.world.in_all<RememberAnswer>();
        ASSERT_FALSE(told.empty());
        EXPECT_EQ(told.back().answer.has_value(), holds);
        if (!holds) continue;
        EXPECT_EQ(told.back().plugs, plugs + 1);
    }
}

TEST(Answer, for_something_that_measures_otherwise_is_not_trusted_and_asked_again) {
    SensedLaptop at;
    at.plug();
    at.rest();
    at.world.send(AnswerWish{headphones_id, Load::active_speakers, {}});
    at.rest();
    at.unplug();
    at.card.jacks[1].plugged = true; // this time a headset
    at.plug();
    at.rest();
    const OutputView view = at.world.view(headphones_id);
    EXPECT_EQ(view.decision.verdict, Verdict::limit);
    EXPECT_TRUE(view.decision.ask);
}

TEST(Answer, is_taken_back_by_forget) {
    SensedLaptop at;
    at.plug();
    at.rest();
    at.world.send(AnswerWish{headphones_id, Load::line_input, {}});
    at.rest();
    ASSERT_EQ(at.world.guard().ceiling, none);
    at.world.send(ForgetWish{headphones_id});
    EXPECT_LE(at.world.guard().ceiling, headphone_cap + 0.01) << "in the same step";
    EXPECT_FALSE(at.world.in_all<RememberAnswer>().back().answer);
    at.rest();
    EXPECT_EQ(at.world.view(headphones_id).decision.verdict, Verdict::limit);
}

TEST(Answer, with_a_model_follows_its_numbers) {
    SensedLaptop at;
    at.plug();
    at.rest();
    LoadFacts facts;
    facts.impedance = Ohms{300.0};
    facts.sensitivity = Decibels{102.2};
    at.world.send(AnswerWish{headphones_id, Load::headphones, facts});
    at.rest();
    ASSERT_TRUE(at.world.view(headphones_id).decision.cap);
    EXPECT_GT(at.world.view(headphones_id).decision.cap->value, headphone_cap + 1.0);
}

TEST(Answer, that_makes_no_sense_is_refused) {
    SensedLaptop at;
    at.plug();
    EXPECT_EQ(at.world.engine.refusal(AnswerWish{"nowhere", Load::headphones, {}}), Refusal::no_such_output);
    EXPECT_EQ(at.world.engine.refusal(AnswerWish{headphones_id, Load::display, {}}), Refusal::senseless);
    EXPECT_EQ(at.world.engine.refusal(AnswerWish{headphones_id, Load::headphones, {.impedance = Ohms{-1.0}}}), Refusal::senseless);
    EXPECT_EQ(at.world.engine.refusal(AnswerWish{headphones_id, Load::headphones, {.sensitivity = Decibels{std::nan("")}}}), Refusal::senseless);
    EXPECT_EQ(at.world.engine.refusal(AnswerWish{headphones_id, Load::in_ear, {}}), Refusal::none);
    at.world.send(AnswerWish{headphones_id, Load::display, {}});
    EXPECT_TRUE(at.world.in_all<RememberAnswer>().empty());
}

TEST(Answer, volumes_of_one_class_are_never_restored_for_another) {
    SensedLaptop at;
    at.plug();
    at.rest();
    at.world.send(AnswerWish{headphones_id, Load::headphones, {}});
    at.rest();
    at.world.move_slider(0.1);
    at.rest();
    at.world.send(AnswerWish{headphones_id, Load::active_speakers, {}});
    at.rest();
    at.world.move_slider(0.95);
    at.rest();
    at.world.send(AnswerWish{headphones_id, Load::headphones, {}});
    EXPECT_NEAR(guard_volume_db(at.world), -20.0, 0.01) << "in the same step, and not the start level that every plug is held to";
}

// --- Models by name -----------------------------------------------------------------------------------------------------------

TEST(Model, that_a_headset_calls_itself_by_is_evidence_and_never_raises_its_cap) {
    const auto heard = [](const std::string &policy) {
        World world;
        const policy::Loaded loaded = policy::load({{"/etc/soundwarden/policy.d/60-site.toml", policy::Layer::etc, policy}});
        EXPECT_TRUE(loaded.set);
        if (loaded.set) world.send(PolicyLoaded{loaded.set, false});
        SinkFacts facts = laptop();
        facts.api = "bluez5";
        facts.bus = "bluetooth";
        facts.bus_path = "AA:BB:CC:DD:EE:FF";
        facts.device_description = "Maker Buds 3";
        facts.form_factor.clear();
        facts.routes = {route(0, "headphone-output", "Headphone", "bluetooth", Availability::unknown)};
        world.add(facts);
        world.run(30s);
        return world.engine.snapshot().outputs.at(0);
    };
    const OutputView unnamed = heard("schema = 1\n");
    const OutputView named = heard("schema = 1\n[[load]]\nname = \"Maker Buds\"\nkind = \"in-ear\"\nmatch = \"Maker Buds*\"\nsensitivity = \"90 dB SPL/V\"\nimpedance = \"16 ohm\"\n");
    EXPECT_EQ(named.classification.facts.model, "Maker Buds");
    EXPECT_EQ(named.classification.facts.model_from, ModelFrom::pattern);
    ASSERT_TRUE(unnamed.decision.governor);
    ASSERT_TRUE(named.decision.governor);
    EXPECT_LE(named.decision.governor->value, unnamed.decision.governor->value);
}

// --- Identity ---------------------------------------------------------------------------------------------------------------

SinkFacts usb_sink(std::uint32_t card, const std::string &name, const std::string &port) {
    SinkFacts facts = laptop();
    facts.key = "alsa_output." + name + ".analog-stereo";
    facts.device_name = "alsa_card." + name;
    facts.bus = "usb";
    facts.bus_path = port;
    facts.form_factor.clear();
    facts.pcm = PcmAddress{card, 0};
    facts.routes = {route(0, "analog-output", "Analog Output", "analog", Availability::unknown)};
    facts.active = RouteState{0, 0.5, false, false};
    return facts;
}

CardFacts usb_card(std::uint32_t card, const std::string &port, const std::string &serial) {
    CardFacts facts;
    facts.card = card;
    facts.driver = "USB-Audio";
    facts.bus_path = port;
    facts.vendor_id = "1235";
    facts.product_id = "8210";
    facts.usb_serial = serial;
    return facts;
}

std::vector<OutputId> ids_of(const World &world) {
    std::vector<OutputId> ids;
    for (const OutputView &view : world.engine.snapshot().outputs) ids.push_back(view.id);
    return ids;
}

TEST(Identity, follows_a_serial_number_to_another_port_and_another_card_number) {
    World one;
    one.send(CardSensed{usb_card(1, "pci-0000:00:14.0-usb-0:1:1.0", "Y7D3")});
    one.add(usb_sink(1, "usb-Maker_Thing_Y7D3-00", "pci-0000:00:14.0-usb-0:1:1.0"));
    World two;
    two.send(CardSensed{usb_card(3, "pci-0000:00:14.0-usb-0:4:1.0", "Y7D3")});
    two.add(usb_sink(3, "usb-Maker_Thing_Y7D3-00.2", "pci-0000:00:14.0-usb-0:4:1.0"));
    EXPECT_EQ(ids_of(one), ids_of(two));
    EXPECT_EQ(ids_of(one).size(), 1U);
}

TEST(Identity, without_a_serial_number_is_the_port_and_not_the_order_of_plugging) {
    const std::string first = "pci-0000:00:14.0-usb-0:1:1.0";
    const std::string second = "pci-0000:00:14.0-usb-0:2:1.0";
    World one;
    one.add(usb_sink(1, "usb-Maker_Thing-00", first));
    one.add(usb_sink(2, "usb-Maker_Thing-00.2", second));
    World two; // the other way round
    two.add(usb_sink(1, "usb-Maker_Thing-00", second));
    two.add(usb_sink(2, "usb-Maker_Thing-00.2", first));
    auto ids_one = ids_of(one);
    auto ids_two = ids_of(two);
    ASSERT_EQ(ids_one.size(), 2U);
    EXPECT_NE(ids_one[0], ids_one[1]);
    EXPECT_EQ(ids_one[0], ids_two[1]);
    EXPECT_EQ(ids_one[1], ids_two[0]);
}

TEST(Identity, two_with_the_same_serial_number_are_two) {
    World world;
    world.send(CardSensed{usb_card(1, "a", "SAME")});
    world.send(CardSensed{usb_card(2, "b", "SAME")});
    world.add(usb_sink(1, "usb-Maker_Thing_SAME-00", "a"));
    world.add(usb_sink(2, "usb-Maker_Thing_SAME-00.2", "b"));
    const auto ids = ids_of(world);
    ASSERT_EQ(ids.size(), 2U);
    EXPECT_NE(ids[0], ids[1]);
}

// --- What a codec measures as a line -----------------------------------------------------------------------------------------

// reference/sensing.md §2 and §6.3: an open extension cable measures like a line, and nobody sees what is plugged into its far end.
TEST(MeasuredLine, is_held_like_headphones_until_somebody_has_said_what_it_is) {
    SensedLaptop at("cs42l43");
    at.card.switches = {{.name = "Jack", .able = {.headphone = true, .microphone = true, .line_out = true}, .on = {}}};
    at.sense();
    at.rest();
    const auto plug_line = [&] {
        at.card.switches[0].on.line_out = true;
        at.plug();
        at.rest();
        ASSERT_EQ(at.world.view(headphones_id).classification.loads.front().load, Load::active_speakers);
    };
    plug_line();
    EXPECT_LE(at.world.guard().ceiling, headphone_cap + 0.01);
    EXPECT_TRUE(at.world.view(headphones_id).decision.ask);

    at.world.send(AnswerWish{headphones_id, Load::active_speakers, {}});
    at.rest();
    EXPECT_EQ(at.world.guard().ceiling, none);

    at.card.switches[0].on.line_out = false;
    at.unplug();
    at.rest();
    plug_line();
    EXPECT_EQ(at.world.guard().ceiling, none) << "an answer to the same plug counts";
    EXPECT_FALSE(at.world.view(headphones_id).decision.ask);
}

// --- What cannot be read ----------------------------------------------------------------------------------------------------

TEST(Unreadable, sources_are_reasons_with_the_command_that_mends_them) {
    SensedLaptop at;
    at.rest();
    EXPECT_EQ(at.world.engine.snapshot().state, RunState::running);
    at.card.troubles = {{"switches", "/dev/input/event5", "Permission denied"}};
    at.sense();
    ASSERT_EQ(at.world.engine.snapshot().reasons.size(), 1U);
    EXPECT_EQ(at.world.engine.snapshot().reasons[0].token, "sense-switches");
    EXPECT_NE(at.world.engine.snapshot().reasons[0].sentence.find("/dev/input/event5"), std::string::npos);
    EXPECT_NE(at.world.engine.snapshot().reasons[0].sentence.find("70-soundwarden-jacks.rules"), std::string::npos);
    EXPECT_EQ(at.world.engine.snapshot().state, RunState::degraded);
    at.card.troubles.clear();
    at.sense();
    EXPECT_TRUE(at.world.engine.snapshot().reasons.empty());
}

TEST(Unreadable, a_card_that_goes_takes_its_facts_along_and_is_an_edge) {
    SensedLaptop at;
    at.plug();
    at.rest();
    at.world.send(CardGone{0});
    EXPECT_TRUE(clamps(at.world)) << "what was known is not any more";
    at.rest();
    EXPECT_EQ(at.world.view(headphones_id).decision.verdict, Verdict::limit);
}

TEST(SidePaths, are_told_for_those_who_look_for_leaks) {
    SensedLaptop at;
    at.card.side_paths = {{SidePathKind::sidetone, "Sidetone Playback Switch", true}};
    at.sense();
    ASSERT_EQ(at.world.engine.snapshot().side_paths.size(), 1U);
    EXPECT_EQ(at.world.engine.snapshot().side_paths[0].path.control, "Sidetone Playback Switch");
}

} // namespace
} // namespace soundwarden::engine::testing
