// SPDX-License-Identifier: MIT
// Input devices of jacks.
#include "sense_test_world.hpp"

#include <sys/stat.h>

namespace soundwarden::test {
namespace {

constexpr JackBits out{};
constexpr JackBits headphone{.headphone = true};
constexpr JackBits headset{.headphone = true, .microphone = true};

class SenseSwitches : public SenseTest {
  protected:
    SenseSwitches() { card = add_card(0); }
    std::shared_ptr<FakeCard> card;
};

TEST_F(SenseSwitches, TheirStateIsToldAtTheStartAndWithEachChange) {
    const auto input = add_input(7, card_device(0));
    input->able = headset;
    input->on = headphone;
    start();
    ASSERT_EQ(facts().switches.size(), 1U);
    EXPECT_EQ(facts().switches[0], (JackSwitches{"HDA Intel PCH Headphone", headset, headphone, false}));
    input->toggle(headset);
    ASSERT_TRUE(until([&] { return facts().switches[0].on == headset; }));
}

TEST_F(SenseSwitches, TheyBelongToTheCardThatIsTheirParent) {
    add_card(1, "devices/pci0000:00/0000:00:14.0");
    add_input(7, card_device(1));
    start();
    EXPECT_TRUE(facts(0).switches.empty());
    EXPECT_EQ(facts(1).switches.size(), 1U);
}

TEST_F(SenseSwitches, WithoutAParentTheCardsNameDecidesUnlessTwoHaveIt) {
    add_input(7, places.sys / "devices/virtual/input");
    start();
    EXPECT_EQ(facts().switches.size(), 1U);

    watcher.reset();
    known.clear();
    add_card(1, "devices/pci0000:00/0000:00:14.0"); // of the same name
    start();
    EXPECT_TRUE(facts(0).switches.empty());
    EXPECT_TRUE(facts(1).switches.empty());
}

TEST_F(SenseSwitches, ButtonsCountUntilThePlugIsOut) {
    const auto input = add_input(7, card_device(0));
    input->able = headset;
    start();
    input->press(out);
    settle();
    EXPECT_FALSE(facts().switches[0].buttons) << "nothing is plugged in that could have buttons";
    input->toggle(headset);
    input->press(headset);
    input->press(headset, 0);
    ASSERT_TRUE(until([&] { return facts().switches[0].buttons; }));
    // Out and in again, in one queue: it may be another headset.
    input->toggle(out);
    input->toggle(headset);
    ASSERT_TRUE(until([&] { return !facts().switches[0].buttons; }));
    EXPECT_EQ(facts().switches[0].on, headset);
}

TEST_F(SenseSwitches, AQueueThatRanOverIsCaughtUp) {
    const auto input = add_input(7, card_device(0));
    input->able = headset;
    input->on = headset;
    start();
    input->press(headset);
    ASSERT_TRUE(until([&] { return facts().switches[0].buttons; }));
    input->missed.push_back({{SwitchPort::Got::change, SwitchPort::Kind::toggle, 4, 0}, headphone});
    input->drop(headset);
    ASSERT_TRUE(until([&] { return facts().switches[0].on == headphone; }));
    EXPECT_FALSE(facts().switches[0].buttons) << "there may have been another plug between";
    input->toggle(out);
    ASSERT_TRUE(until([&] { return facts().switches[0].on == out; })) << "and it goes on";
}

TEST_F(SenseSwitches, AControlAndASwitchOfOnePlugAreToldAtOnce) {
    const auto jack = card->add_jack("Headphone Jack", false);
    const auto input = add_input(7, card_device(0));
    start();
    card->set(jack, 1);
    input->toggle(headphone);
    ASSERT_TRUE(until([&] { return plugged("Headphone") == true; }));
    EXPECT_EQ(facts().switches[0].on, headphone);
    EXPECT_EQ(told[0], 2);
}

TEST_F(SenseSwitches, OnesThatMayNotBeReadAreTroubleOfTheirCardUntilTheyMay) {
    const auto input = add_input(7, card_device(0));
    input->on = headphone;
    input->open_error = EACCES;
    start();
    EXPECT_TRUE(facts().switches.empty());
    ASSERT_EQ(facts().troubles.size(), 1U);
    EXPECT_EQ(facts().troubles[0], (SenseTrouble{"switches", (places.dev / "input/event7").string(), "Permission denied"}));
    input->open_error = 0;
    fs::permissions(places.dev / "input/event7", fs::perms::owner_read);
    ASSERT_TRUE(until([&] { return facts().troubles.empty(); }));
    EXPECT_EQ(facts().switches[0].on, headphone);
}

TEST_F(SenseSwitches, NothingIsOpenedThatIsNotAJacks) {
    const fs::path virtual_input = places.sys / "devices/virtual/input";
    add_input(1, places.sys / "devices/platform/i8042", "isa0060/serio0/input0", "0"); // a keyboard
    add_input(2, places.sys / "devices/platform/gpio-keys", "gpio-keys/input0", "4");  // switches, but whose?
    add_input(3, card_device(0), "ALSA", "0");                                         // the card's, without a switch
    add_input(4, virtual_input, "ALSA ", "4");
    add_input(5, virtual_input, "alsa", "4");
    add_input(6, virtual_input, "ALSA/input0", "4");
    const auto lid = add_input(8, virtual_input, "PNP0C0D/button/input0", "1");
    lid->name = "HDA Intel PCH Headphone";
    start();
    // And none that comes later.
    udev.reset();
    write(places.dev / "input/event1", "");
    settle();
    EXPECT_EQ(input_nodes, std::vector<std::string>()) << "opened";
    EXPECT_TRUE(facts().switches.empty());
    EXPECT_TRUE(facts().troubles.empty());
}

TEST_F(SenseSwitches, AFileThatBlocksInPlaceOfPhysIsNoJack) {
    add_input(7, card_device(0));
    fs::remove(card_device(0) / "input7/phys");
    ASSERT_EQ(mkfifo((card_device(0) / "input7/phys").c_str(), 0600), 0);
    start();
    EXPECT_TRUE(input_nodes.empty());
    EXPECT_EQ(told[0], 1);
}

TEST_F(SenseSwitches, OneThatProvesToBeAKeyboardIsClosedAgain) {
    const auto keyboard = add_input(7, card_device(0));
    keyboard->letters = true;
    const auto another = add_input(8, card_device(0));
    another->phys = "usb-0000:00:14.0-1/input0";
    const auto nothing = add_input(9, card_device(0));
    nothing->able = {};
    start();
    EXPECT_TRUE(facts().switches.empty());
    EXPECT_TRUE(facts().troubles.empty());
    keyboard->press(headphone);
    settle();
    EXPECT_TRUE(keyboard->steps.size() == 1) << "nothing is read of it";
}

TEST_F(SenseSwitches, OneThatGoesIsForgotten) {
    const auto input = add_input(7, card_device(0));
    start();
    ASSERT_EQ(facts().switches.size(), 1U);
    input->pull_out();
    ASSERT_TRUE(until([&] { return facts().switches.empty(); }));
}

TEST_F(SenseSwitches, TheyComeInTheOrderOfTheirNamesWhateverTheirNumbersAre) {
    add_input(7, card_device(0))->name = "HDA Intel PCH Line Out";
    add_input(12, card_device(0))->name = "HDA Intel PCH Headphone";
    start();
    ASSERT_EQ(facts().switches.size(), 2U);
    EXPECT_EQ(facts().switches[0].name, "HDA Intel PCH Headphone");
}

} // namespace
} // namespace soundwarden::test
