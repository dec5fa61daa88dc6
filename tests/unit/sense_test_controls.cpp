// SPDX-License-Identifier: MIT
// A card's controls, as they should be and as they should not.
#include "sense_test_world.hpp"
#include "text.hpp"

namespace soundwarden::test {
namespace {

class SenseControls : public SenseTest {
  protected:
    SenseControls() { card = add_card(0); }
    std::shared_ptr<FakeCard> card;
};

TEST_F(SenseControls, EachJackIsToldWithItsStateAtTheStart) {
    card->add_jack("Headphone Jack", true);
    card->add_jack("Line Out Jack", false);
    card->add_jack("Speaker Phantom Jack", true);
    start();
    ASSERT_EQ(facts().jacks.size(), 3U);
    EXPECT_EQ(plugged("Headphone"), true);
    EXPECT_EQ(plugged("Line Out"), false);
    EXPECT_EQ(facts().jacks[2].phantom, true);
    EXPECT_EQ(facts().jacks[2].plugged, std::nullopt) << "a phantom's 1 means nothing (sensing.md §1.1)";
    EXPECT_EQ(facts().driver, "HDA-Intel");
    EXPECT_EQ(facts().name, "HDA Intel PCH");
    EXPECT_EQ(facts().components, "HDA:10ec0295,10280924,00100002");
    EXPECT_TRUE(facts().troubles.empty());
    EXPECT_EQ(told[0], 1);
}

TEST_F(SenseControls, APlugIsToldOnceAndWhatDoesNotChangeIsNot) {
    const auto headphone = card->add_jack("Headphone Jack", false);
    const auto volume = card->add_number("Master Playback Volume", 3);
    start();
    card->set(headphone, 1);
    ASSERT_TRUE(until([&] { return plugged("Headphone") == true; }));
    EXPECT_EQ(told[0], 2);
    card->set(headphone, 1);
    card->set(volume, 9);
    settle();
    EXPECT_EQ(told[0], 2);
    EXPECT_EQ(card->controls.at(volume).reads, 0) << "what says nothing of a load is never read";
}

TEST_F(SenseControls, SeveralEdgesThatWaitAreToldAsOneWithTheLastState) {
    card->merges = false;
    const auto headphone = card->add_jack("Headphone Jack", false);
    const auto line = card->add_jack("Line Out Jack", false);
    start();
    const int reads = card->controls.at(headphone).reads;
    for (int edge = 0; edge < 99; ++edge) card->set(headphone, edge % 2);
    card->set(headphone, 1);
    card->set(line, 1);
    ASSERT_TRUE(until([&] { return plugged("Headphone") == true; }));
    EXPECT_EQ(plugged("Line Out"), true);
    EXPECT_EQ(told[0], 2);
    EXPECT_EQ(card->controls.at(headphone).reads, reads + 1);
}

TEST_F(SenseControls, ACardInAFrenzyDoesNotStarveAnother) {
    const auto other = add_card(1, "devices/pci0000:00/0000:00:14.0");
    const auto plug = other->add_jack("Headphone Jack", false);
    card->merges = false;
    const auto headphone = card->add_jack("Headphone Jack", false);
    start();
    for (std::size_t edge = 0; edge < 100 * CardControls::most_events; ++edge) card->set(headphone, static_cast<std::int64_t>(edge % 2));
    other->set(plug, 1);
    ASSERT_TRUE(until([&] { return plugged("Headphone", 1) == true; }));
    EXPECT_LE(card->taken, 2 * CardControls::most_events) << "the other card had to wait for all of these";
    ASSERT_TRUE(until([&] { return card->events.empty(); }));
    settle();
    EXPECT_EQ(plugged("Headphone"), true) << "the last edge counts";
}

TEST_F(SenseControls, AControlThatComesLaterIsSeenAndOneThatGoesIsGone) {
    card->add_jack("Headphone Jack", false);
    start();
    const auto dock = card->add_jack("Dock Headphone Jack", true);
    ASSERT_TRUE(until([&] { return facts().jacks.size() == 2; }));
    EXPECT_EQ(plugged("Dock Headphone"), true);
    card->remove(dock);
    ASSERT_TRUE(until([&] { return facts().jacks.size() == 1; }));
    EXPECT_EQ(facts().jacks[0].name, "Headphone");
}

TEST_F(SenseControls, AControlThatVanishesBetweenItsEventAndTheReadIsGone) {
    const auto headphone = card->add_jack("Headphone Jack", false);
    card->add_jack("Line Out Jack", true);
    start();
    card->set(headphone, 1);
    card->remove(headphone, true);
    ASSERT_TRUE(until([&] { return facts().jacks.size() == 1; }));
    EXPECT_EQ(plugged("Line Out"), true);
    EXPECT_TRUE(facts().troubles.empty());
}

TEST_F(SenseControls, OneThatComesAndGoesBeforeItIsLookedAtLeavesNothing) {
    card->merges = false;
    start();
    const auto dock = card->add_jack("Dock Headphone Jack", true);
    card->set(dock, 1);
    card->remove(dock);
    const auto again = card->add_jack("Dock Line Out Jack", true);
    EXPECT_EQ(again, dock) << "under the number of the other";
    ASSERT_TRUE(until([&] { return !facts().jacks.empty(); }));
    ASSERT_EQ(facts().jacks.size(), 1U);
    EXPECT_EQ(facts().jacks[0].name, "Dock Line Out");
    EXPECT_EQ(facts().jacks[0].plugged, true);
}

TEST_F(SenseControls, AnErrorOfOneControlIsNotAnothers) {
    const auto headphone = card->add_jack("Headphone Jack", true);
    card->add_jack("Line Out Jack", true);
    card->controls.at(headphone).read_error = EIO;
    start();
    EXPECT_EQ(plugged("Headphone"), std::nullopt);
    EXPECT_EQ(plugged("Line Out"), true);
    card->controls.at(headphone).read_error = 0;
    card->set(headphone, 1);
    ASSERT_TRUE(until([&] { return plugged("Headphone") == true; }));
    card->controls.at(headphone).read_error = EIO;
    card->set(headphone, 0);
    ASSERT_TRUE(until([&] { return plugged("Headphone") == std::nullopt; })) << "an old state is no state";
}

TEST_F(SenseControls, LiesAboutTypeAndCountAreNotBelieved) {
    const auto two = card->add_jack("Headphone Jack", true);
    card->controls.at(two).info.count = 2;
    const auto none = card->add_jack("Line Out Jack", true);
    card->controls.at(none).info.count = 0;
    const auto closed = card->add_jack("Front Headphone Jack", true);
    card->controls.at(closed).info.readable = false;
    const auto empty = card->add_jack("Dock Headphone Jack", true);
    card->controls.at(empty).values.clear();
    const auto silent = card->add_jack("Rear Line Out Jack", true);
    card->controls.at(silent).info_error = EIO;
    const auto chooser = card->add_jack("Dock Line Out Jack", true);
    card->controls.at(chooser).info.type = ControlType::enumerated;
    card->add({0, ControlInterface::mixer, "Speaker Jack", 0, 0}, {ControlType::boolean, 1, true});
    start();
    ASSERT_EQ(facts().jacks.size(), 5U) << "a selector, or a control of the mixer, is no jack";
    for (const Jack &jack : facts().jacks) EXPECT_EQ(jack.plugged, std::nullopt) << jack.name;
}

TEST_F(SenseControls, ATypeThatChangesIsAskedForAnew) {
    const auto headphone = card->add_jack("Headphone Jack", true);
    start();
    card->controls.at(headphone).info.count = 3;
    ControlEvent event{card->controls.at(headphone).id};
    event.info = true;
    card->tell(event);
    ASSERT_TRUE(until([&] { return plugged("Headphone") == std::nullopt; }));
}

TEST_F(SenseControls, NamesWithControlCharactersAndOfTenKilobytesAreToldCleanOrNotAtAll) {
    card->add_jack("Head\x1b[31mphone\nJack", true);
    card->add_jack("Headphone" + std::string(10 * 1024, 'x') + " Jack", true);
    card->add_jack("Headphone \xff\xfe Jack", true);
    card->add_jack("", true);
    card->card.name = "HDA\x07Intel";
    card->add_number("Sidetone\n" + std::string(10 * 1024, 'x') + " Switch", 1);
    start();
    const auto unfit = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f' || c == '\xff'; };
    const auto clean = [&](const std::string &text) { return text.size() <= longest_name && std::none_of(text.begin(), text.end(), unfit); };
    EXPECT_TRUE(clean(facts().name));
    EXPECT_FALSE(facts().jacks.empty());
    for (const Jack &jack : facts().jacks) EXPECT_TRUE(clean(jack.name)) << jack.name.size();
    for (const SidePath &path : facts().side_paths) EXPECT_TRUE(clean(path.control)) << path.control.size();
}

TEST_F(SenseControls, TheReceiverOfAMonitorIsReadWithEachChange) {
    const auto eld = card->add({0, ControlInterface::pcm, "ELD", 0, 3}, {ControlType::bytes, 0, true});
    start();
    ASSERT_EQ(facts().elds.size(), 1U);
    EXPECT_FALSE(facts().elds[0].valid);
    EXPECT_EQ(facts().elds[0].pcm, 3U);
    // Version 2, baseline of 8 words; DisplayPort, one descriptor of linear PCM with 8 channels; name "TV"; maker "DEL" (0x10ac).
    std::vector<std::uint8_t> bytes(36, 0);
    bytes[0] = 2U << 3U;
    bytes[2] = 8;
    bytes[4] = 2;                      // length of the name
    bytes[5] = 1U << 4U | 1U << 2U;    // one descriptor, DisplayPort
    bytes[16] = 0x10, bytes[17] = 0xac;
    bytes[18] = 0x34, bytes[19] = 0x12;
    bytes[20] = 'T', bytes[21] = 'V';
    bytes[22] = 1U << 3U | 7U, bytes[23] = 0x07, bytes[24] = 0x07;
    card->controls.at(eld).bytes = bytes;
    card->controls.at(eld).info.count = 36;
    ControlEvent event{card->controls.at(eld).id};
    event.value = event.info = true;
    card->tell(event);
    ASSERT_TRUE(until([&] { return facts().elds[0].valid; }));
    EXPECT_EQ(facts().elds[0].monitor, "TV");
    EXPECT_EQ(facts().elds[0].channels, 8U);
    EXPECT_TRUE(facts().elds[0].display_port);
    card->controls.at(eld).bytes = std::vector<std::uint8_t>(36, 0xff);
    card->tell(event);
    ASSERT_TRUE(until([&] { return !facts().elds[0].valid; })) << "malformed bytes are no receiver";
}

TEST_F(SenseControls, ImpedanceIsReadAgainWithEachEdgeOfAJackAndZeroIsNotMeasured) {
    const auto left = card->add_number("HPHL Impedance", 0);
    const auto right = card->add_number("HPHR Impedance", 0);
    const auto headset = card->add_jack("Headset Jack", false);
    start();
    EXPECT_TRUE(facts().measures_impedance);
    EXPECT_EQ(facts().left_impedance, std::nullopt);
    // The kernel tells no event of these controls (sensing.md §2).
    card->controls.at(left).values = {31};
    card->controls.at(right).values = {32};
    card->set(headset, 1);
    ASSERT_TRUE(until([&] { return facts().left_impedance.has_value(); }));
    EXPECT_EQ(facts().left_impedance, Ohms{31});
    EXPECT_EQ(facts().right_impedance, Ohms{32});
    card->controls.at(left).values = {0};
    card->controls.at(right).read_error = EINVAL;
    card->set(headset, 0);
    ASSERT_TRUE(until([&] { return !facts().left_impedance.has_value(); }));
    EXPECT_EQ(facts().right_impedance, std::nullopt);
}

TEST_F(SenseControls, TheModeOfASoundWireCodecAndTheOutputThatSomebodyChoseAreRead) {
    const auto mode = card->add_choice("GE 35 Selected Mode", "Jack Unplugged");
    card->add_choice("Analog Output", "FP Headphones");
    start();
    EXPECT_EQ(facts().selected_mode, "jack_unplugged");
    EXPECT_EQ(facts().declared_output, "FP Headphones");
    card->controls.at(mode).item = "Headset";
    ControlEvent event{card->controls.at(mode).id};
    event.value = true;
    card->tell(event);
    ASSERT_TRUE(until([&] { return facts().selected_mode == "headset"; }));
}

TEST_F(SenseControls, WaysPastTheGuardAreToldWithWhetherTheyAreOpen) {
    const auto sidetone = card->add_number("Sidetone Playback Switch", 0, ControlType::boolean);
    card->add_number("Sidetone Playback Volume", 12);
    const auto beep = card->add_number("Beep Playback Volume", 0);
    card->controls.at(beep).info.minimum = -10;
    card->add_choice("Direct Monitor Playback Enum", "Off");
    start();
    std::map<std::string, bool> open;
    for (const SidePath &path : facts().side_paths) open[path.control] = path.on;
    const std::map<std::string, bool> expected{
        {"Sidetone Playback Switch", false}, {"Beep Playback Volume", true}, {"Direct Monitor Playback Enum", false}};
    EXPECT_EQ(open, expected) << "a volume beside its own switch says nothing";
    card->set(sidetone, 1);
    ASSERT_TRUE(until([&] { return facts().side_paths[0].on; }));
    card->controls.at(sidetone).read_error = EIO;
    card->set(sidetone, 0);
    settle();
    EXPECT_TRUE(facts().side_paths[0].on) << "what cannot be seen to be closed is open";
}

TEST_F(SenseControls, ACardThatMayNotBeOpenedIsToldWithWhatTheFilesSay) {
    write(places.proc / "asound/cards", " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n"
                                        "                      HDA Intel PCH at 0xf7e10000 irq 32\n");
    write(card_device(0) / "hwC0D0/vendor_id", "0x10ec0295\n");
    write(card_device(0) / "hwC0D0/subsystem_id", "0x10280924\n");
    write(card_device(0) / "hwC0D0/revision_id", "0x100002\n");
    card->open_error = EACCES;
    start();
    EXPECT_EQ(facts().id, "PCH");
    EXPECT_EQ(facts().driver, "HDA-Intel");
    EXPECT_EQ(facts().name, "HDA Intel PCH");
    EXPECT_EQ(facts().components, "HDA:10ec0295,10280924,00100002") << "as the driver writes it";
    ASSERT_EQ(facts().troubles.size(), 1U);
    EXPECT_EQ(facts().troubles[0], (SenseTrouble{"controls", (places.dev / "snd/controlC0").string(), "Permission denied"}));
    EXPECT_NE(degraded["cards-unreadable"].find("usermod"), std::string::npos) << "names what mends it";
}

TEST_F(SenseControls, APermissionThatComesLaterIsTakenAndTheTroubleEnds) {
    card->add_jack("Headphone Jack", true);
    card->open_error = EACCES;
    start();
    ASSERT_EQ(facts().troubles.size(), 1U);
    card->open_error = 0;
    fs::permissions(places.dev / "snd/controlC0", fs::perms::owner_read); // as a seat's access list changes the node
    ASSERT_TRUE(until([&] { return facts().troubles.empty(); }));
    EXPECT_EQ(plugged("Headphone"), true);
    EXPECT_EQ(degraded.at("cards-unreadable"), "");
}

TEST_F(SenseControls, OneCardThatMayNotBeOpenedIsItsOwnTrouble) {
    add_card(1, "devices/pci0000:00/0000:00:14.0")->open_error = EACCES;
    start();
    EXPECT_EQ(facts(1).troubles.size(), 1U);
    EXPECT_TRUE(facts(0).troubles.empty());
    EXPECT_TRUE(degraded.empty());
}

TEST_F(SenseControls, AListThatCannotBeReadIsTold) {
    card->list_error = EIO;
    start();
    ASSERT_EQ(facts().troubles.size(), 1U);
    EXPECT_EQ(facts().troubles[0].source, "controls");
}

TEST_F(SenseControls, MoreJacksThanAnyCardHasAreTrouble) {
    for (std::uint32_t at = 0; at < CardControls::most_controls + 10; ++at) card->add_jack("Line Out Jack", false, at);
    start();
    EXPECT_EQ(facts().jacks.size(), CardControls::most_controls);
    ASSERT_EQ(facts().troubles.size(), 1U);
    EXPECT_EQ(facts().troubles[0].source, "controls");
}

TEST_F(SenseControls, ACardThatIsPulledOutIsGoneAtOnceAndItsDescriptorIsClosed) {
    card->add_jack("Headphone Jack", true);
    start();
    card->pull_out();
    ASSERT_TRUE(until([&] { return gone == std::vector<std::uint32_t>{0}; }));
    EXPECT_EQ(card->open_now, 0);
    settle();
    EXPECT_EQ(gone.size(), 1U);
}

TEST_F(SenseControls, ControlsThatTellNothingMoreAreTroubleOfACardThatIsStillThere) {
    const auto headphone = card->add_jack("Headphone Jack", true);
    start();
    card->next_error = EIO;
    card->set(headphone, 0);
    ASSERT_TRUE(until([&] { return facts().troubles.size() == 1; }));
    EXPECT_TRUE(facts().jacks.empty()) << "an old state is no state";
    EXPECT_TRUE(gone.empty());
    EXPECT_EQ(card->open_now, 0);
    card->next_error = 0;
    watcher->look(0);
    EXPECT_EQ(plugged("Headphone"), false);
    EXPECT_TRUE(facts().troubles.empty());
}

TEST_F(SenseControls, ACardThatIsPulledOutWhileItIsOpenedIsNeverTold) {
    card->gone = true;
    card->list_error = ENODEV;
    start();
    EXPECT_TRUE(known.empty());
    EXPECT_TRUE(gone.empty());
    EXPECT_EQ(card->open_now, 0);
}

TEST_F(SenseControls, NobodyIsWokenAtRest) {
    card->add_jack("Headphone Jack", true);
    start();
    settle();
    const auto before = loop.wake_ups();
    loop.run_until([] { return false; }, 50ms);
    EXPECT_EQ(loop.wake_ups(), before + 1) << "only the end of this wait";
}

} // namespace
} // namespace soundwarden::test
