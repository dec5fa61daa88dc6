// SPDX-License-Identifier: MIT
// Cards and input devices that come and go, told by udev or, where there is none, by their nodes.
#include "sense_test_world.hpp"

namespace soundwarden::test {
namespace {

class SenseArrivals : public SenseTest {};
class SenseArrivalsByUdev : public SenseTest {
  protected:
    SenseArrivalsByUdev() { udev = std::make_shared<FakeUdev>(); }
};

TEST_F(SenseArrivalsByUdev, ACardIsReadWhenUdevHasFinishedWithItAndNotBefore) {
    start();
    add_card(0)->add_jack("Headphone Jack", true);
    udev->tell("add", "sound", "card0");
    udev->tell("add", "sound", "controlC0");
    udev->tell("add", "sound", "pcmC0D0p");
    settle(6);
    EXPECT_TRUE(control_nodes.empty()) << "its node may have come, its permissions have not";
    udev->tell("change", "sound", "card0");
    ASSERT_TRUE(until([&] { return told[0] == 1; }));
    EXPECT_EQ(plugged("Headphone"), true);
}

TEST_F(SenseArrivalsByUdev, ACardGoesWithItsSwitches) {
    const auto card = add_card(0);
    const auto input = add_input(7, card_device(0));
    start();
    ASSERT_EQ(facts().switches.size(), 1U);
    remove_card(0);
    udev->tell("remove", "sound", "card0");
    ASSERT_TRUE(until([&] { return gone.size() == 1; }));
    EXPECT_EQ(card->open_now, 0);
    EXPECT_EQ(input.use_count(), 2) << "its descriptor is closed: only the world and this test know it";
    udev->tell("remove", "sound", "card0");
    udev->tell("remove", "sound", "card9");
    settle();
    EXPECT_EQ(gone.size(), 1U);
}

TEST_F(SenseArrivalsByUdev, AnotherCardUnderTheSameNumberIsAnother) {
    add_card(1)->add_jack("Headphone Jack", true);
    start();
    remove_card(1);
    add_card(1, "devices/pci0000:00/0000:00:14.0")->add_jack("Line Out Jack", false);
    udev->tell("change", "sound", "card1"); // "remove" was lost
    ASSERT_TRUE(until([&] { return told[1] == 2; }));
    EXPECT_EQ(gone, std::vector<std::uint32_t>{1});
    EXPECT_EQ(facts(1).jacks.at(0).name, "Line Out");
}

TEST_F(SenseArrivalsByUdev, OneThatIsPulledOutAndPluggedInAgainIsAnotherThoughItsPlaceIsTheSame) {
    const auto first = add_card(1);
    first->add_jack("Headphone Jack", true);
    start();
    const fs::path before = card_device(1);
    fs::rename(before, before.parent_path() / "old"); // so that its inode is not given again, as in sysfs
    fs::remove(places.sys / "class/sound/card1");
    add_card(1)->add_jack("Line Out Jack", false);
    first->pull_out(); // and no message has come yet
    ASSERT_TRUE(until([&] { return told[1] == 2; }));
    EXPECT_EQ(gone, std::vector<std::uint32_t>{1});
    EXPECT_EQ(facts(1).jacks.at(0).name, "Line Out");
}

TEST_F(SenseArrivalsByUdev, WhereMessagesWereLostAllIsLookedAtAnew) {
    add_card(0);
    start();
    remove_card(0);
    add_card(1, "devices/pci0000:00/0000:00:14.0");
    add_input(7, card_device(1));
    udev->lose();
    ASSERT_TRUE(until([&] { return told[1] > 0; }));
    EXPECT_EQ(gone, std::vector<std::uint32_t>{0});
    EXPECT_EQ(facts(1).switches.size(), 1U);
}

TEST_F(SenseArrivalsByUdev, AnInputDeviceComesAndGoesAtRunTime) {
    add_card(0);
    start();
    const auto input = add_input(7, card_device(0));
    input->on = {.headphone = true};
    udev->tell("add", "input", "input7");
    udev->tell("add", "input", "event7");
    ASSERT_TRUE(until([&] { return facts().switches.size() == 1; }));
    EXPECT_TRUE(facts().switches[0].on.headphone);
    udev->tell("remove", "input", "event7");
    ASSERT_TRUE(until([&] { return facts().switches.empty(); }));
}

TEST_F(SenseArrivalsByUdev, AnInputDeviceThatComesBeforeItsCardWaitsForIt) {
    start();
    add_card(0);
    add_input(7, card_device(0));
    udev->tell("add", "input", "event7");
    settle(6);
    EXPECT_TRUE(input_nodes.empty());
    udev->tell("change", "sound", "card0");
    ASSERT_TRUE(until([&] { return told[0] == 1; }));
    EXPECT_EQ(facts().switches.size(), 1U);
}

TEST_F(SenseArrivalsByUdev, ManyMessagesDoNotKeepTheLoop) {
    const auto card = add_card(0);
    const auto jack = card->add_jack("Headphone Jack", false);
    start();
    for (int message = 0; message < 10000; ++message) udev->tell("add", "input", "mouse1");
    card->set(jack, 1);
    ASSERT_TRUE(until([&] { return plugged("Headphone") == true; }));
    EXPECT_GT(udev->events.size(), 5000U) << "the plug had to wait for all of these";
}

TEST_F(SenseArrivalsByUdev, MessagesAboutNothingAreNothing) {
    add_card(0);
    start();
    for (const char *name : {"", "card", "card-1", "cardx", "card99999999999999999999", "card7", "controlC0", "hwC0D0"})
        for (const char *action : {"add", "change", "remove", ""})
            udev->tell(action, "sound", name);
    for (const char *name : {"", "event", "event-1", "event77", "input7"}) udev->tell("add", "input", name);
    ASSERT_TRUE(until([&] { return udev->events.empty(); }));
    settle();
    EXPECT_EQ(told, (std::map<std::uint32_t, int>{{0, 1}}));
    EXPECT_TRUE(gone.empty());
}

TEST_F(SenseArrivals, WithoutUdevANodeThatComesIsACardAndOneThatGoesWasOne) {
    start();
    EXPECT_TRUE(known.empty());
    add_card(0)->add_jack("Headphone Jack", true);
    ASSERT_TRUE(until([&] { return told[0] > 0; }));
    EXPECT_EQ(plugged("Headphone"), true);
    add_input(7, card_device(0));
    ASSERT_TRUE(until([&] { return facts().switches.size() == 1; }));
    fs::remove(places.dev / "input/event7");
    ASSERT_TRUE(until([&] { return facts().switches.empty(); }));
    remove_card(0);
    ASSERT_TRUE(until([&] { return gone.size() == 1; }));
}

TEST_F(SenseArrivals, WithoutUdevTheFirstCardBringsTheDirectory) {
    fs::remove_all(places.dev / "snd");
    start();
    add_card(0)->add_jack("Headphone Jack", true);
    ASSERT_TRUE(until([&] { return told[0] > 0; }));
    // The directory goes with the last card, and comes again.
    fs::remove_all(places.dev / "snd");
    fs::remove_all(places.sys / "class/sound");
    ASSERT_TRUE(until([&] { return gone.size() == 1; }));
    fs::create_directories(places.sys / "class/sound");
    fs::create_directories(places.dev / "snd");
    add_card(3, "devices/platform/sound");
    EXPECT_TRUE(until([&] { return told[3] > 0; }));
}

TEST_F(SenseArrivals, WithoutSysfsANodeIsEnough) {
    add_card(0)->add_jack("Headphone Jack", true);
    fs::remove_all(places.sys);
    start();
    EXPECT_EQ(plugged("Headphone"), true);
    EXPECT_EQ(facts().driver, "HDA-Intel");
}

TEST_F(SenseArrivals, WithoutANodeACardOfSysfsIsToldWithItsTrouble) {
    add_card(0);
    fs::remove(places.dev / "snd/controlC0");
    start();
    ASSERT_EQ(facts().troubles.size(), 1U);
    EXPECT_EQ(facts().troubles[0].why, "No such file or directory");
}

TEST_F(SenseArrivals, LookingReadsACardThatIsNotKnownYetAndOnlyThat) {
    udev = std::make_shared<FakeUdev>();
    start();
    add_card(0)->add_jack("Headphone Jack", true);
    watcher->look(0);
    EXPECT_EQ(plugged("Headphone"), true) << "before look() returns";
    EXPECT_EQ(control_nodes.size(), 1U);
    watcher->look(0);
    watcher->look(5);
    EXPECT_EQ(control_nodes.size(), 1U);
    udev->tell("change", "sound", "card0");
    settle(6);
    EXPECT_EQ(told[0], 1) << "the same picture is told once";
}

TEST_F(SenseArrivals, WhoIsToldMayLook) {
    udev = std::make_shared<FakeUdev>();
    add_card(0);
    add_card(1, "devices/pci0000:00/0000:00:14.0");
    std::vector<std::uint32_t> order;
    watcher.emplace(loop,
                    [&](const engine::Event &event) {
                        if (const auto *sensed = std::get_if<engine::CardSensed>(&event)) order.push_back(sensed->facts.card);
                        if (order.size() == 1) {
                            add_card(2, "devices/pci0000:00/0000:00:15.0");
                            watcher->look(2);
                        }
                    },
                    places, ports());
    watcher->start();
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, (std::vector<std::uint32_t>{0, 1, 2}));
}

TEST_F(SenseArrivals, SixtyFourCardsWithSixteenJacksAreAllTold) {
    for (std::uint32_t number = 0; number < 64; ++number) {
        const auto card = add_card(number, "devices/pci0000:00/" + std::to_string(number));
        for (std::uint32_t jack = 0; jack < 16; ++jack) card->add_jack("Line Out Jack", jack % 2 == 1, jack);
    }
    start();
    ASSERT_EQ(known.size(), 64U);
    for (const auto &[number, facts] : known) EXPECT_EQ(facts.jacks.size(), 16U) << number;
    for (auto &[number, card] : cards) card->set(16, 0);
    const auto out = [](const auto &one) { return one.second.jacks[15].plugged == false; };
    EXPECT_TRUE(until([&] { return std::all_of(known.begin(), known.end(), out); }));
}

} // namespace
} // namespace soundwarden::test
