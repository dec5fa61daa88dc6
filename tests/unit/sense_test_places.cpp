// SPDX-License-Identifier: MIT
// What sysfs and proc say, and files that are not what they should be.
#include "files.hpp"
#include "place.hpp"
#include "sense_test_world.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

namespace soundwarden::test {
namespace {

class SensePlaces : public SenseTest {};

TEST_F(SensePlaces, AFileIsReadToItsEndAndNoFurtherThanTheLimit) {
    const std::string text(10000, 'a');
    write(root / "file", text);
    EXPECT_EQ(read_file(root / "file").value, text);
    EXPECT_EQ(read_file(root / "file", 10000).value, text);
    EXPECT_EQ(read_file(root / "file", 9999).error, EFBIG);
    EXPECT_EQ(read_file(root / "none").error, ENOENT);
}

TEST_F(SensePlaces, AHugeFileIsRefused) {
    write(root / "huge", "");
    fs::resize_file(root / "huge", std::uintmax_t{1} << 40U); // sparse
    EXPECT_EQ(read_file(root / "huge").error, EFBIG);
    EXPECT_EQ(read_line(root / "huge"), "");
}

TEST_F(SensePlaces, WhatIsNoRegularFileIsNotOpened) {
    ASSERT_EQ(mkfifo((root / "fifo").c_str(), 0600), 0);
    const int writer = open((root / "fifo").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC); // a reader would find bytes
    ASSERT_EQ(::write(writer, "x", 1), 1);
    EXPECT_EQ(read_file(root / "fifo").error, EINVAL);
    close(writer);
    EXPECT_EQ(read_file(root / "fifo").error, EINVAL);
    EXPECT_EQ(read_file(root).error, EINVAL);
    EXPECT_EQ(read_file("/dev/zero").error, EINVAL);
    fs::create_symlink(root / "fifo", root / "link");
    EXPECT_EQ(read_file(root / "link").error, EINVAL);
    fs::create_symlink(root / "loop", root / "loop");
    EXPECT_EQ(read_file(root / "loop").error, ELOOP);
}

TEST_F(SensePlaces, ALineIsReadWithoutItsEndAndFitToShow) {
    write(root / "line", "isa\x1b[0m\tone\nsecond\n");
    EXPECT_EQ(read_line(root / "line").find('\x1b'), std::string::npos);
    EXPECT_EQ(read_line(root / "line").find("second"), std::string::npos);
}

TEST_F(SensePlaces, NumbersInNamesAreWholeOrNone) {
    EXPECT_EQ(number_after("card12", "card"), 12U);
    EXPECT_EQ(number_after("card", "card"), std::nullopt);
    EXPECT_EQ(number_after("card-1", "card"), std::nullopt);
    EXPECT_EQ(number_after("card1 ", "card"), std::nullopt);
    EXPECT_EQ(number_after("card99999999999", "card"), std::nullopt);
    EXPECT_EQ(number_after("controlC1", "card"), std::nullopt);
}

/// A FiiO-like device: one configuration with an AudioControl interface of USB Audio 1 and an output terminal of headphones.
std::string descriptors() {
    const std::vector<std::uint8_t> bytes{
        18, 1,    0x10, 0x01, 0, 0, 0, 64, 0x35, 0x12, 0x10, 0x82, 0, 1, 1, 2, 3, 1,     // device
        9,  2,    40,   0,    1, 1, 0, 0x80, 50,                                         // configuration 1
        9,  4,    0,    0,    0, 1, 1, 0, 0,                                             // AudioControl
        9,  0x24, 1,    0x00, 0x01, 30, 0, 1, 1,                                         // its header, USB Audio 1.0
        12, 0x24, 2,    1,    0x01, 0x01, 0, 2, 3, 0, 0, 0,                              // input terminal: stream
        9,  0x24, 3,    3,    0x02, 0x03, 0, 1, 0,                                       // output terminal: headphones
    };
    return {bytes.begin(), bytes.end()};
}

TEST_F(SensePlaces, AUsbCardIsKnownByItsDevice) {
    const std::string device = "devices/pci0000:00/0000:00:14.0/usb1/1-2";
    const auto card = add_card(1, device + "/1-2:1.0");
    card->card = {"D10", "D10", "USB-Audio", "USB1235:8210"};
    write(places.sys / device / "idVendor", "1235\n");
    write(places.sys / device / "idProduct", "8210\n");
    write(places.sys / device / "serial", "Y7XK4PZ1B6D3F9\n");
    write(places.sys / device / "bConfigurationValue", "1\n");
    write(places.sys / device / "descriptors", descriptors());
    udev = std::make_shared<FakeUdev>();
    udev->id_paths["card1"] = "pci-0000:00:14.0-usb-0:2:1.0";
    start();
    EXPECT_EQ(facts(1).vendor_id, "1235");
    EXPECT_EQ(facts(1).product_id, "8210");
    EXPECT_EQ(facts(1).usb_serial, "Y7XK4PZ1B6D3F9");
    EXPECT_EQ(facts(1).bus_path, "pci-0000:00:14.0-usb-0:2:1.0");
    const auto &terminals = facts(1).terminals;
    ASSERT_TRUE(std::any_of(terminals.begin(), terminals.end(), [](const UsbTerminal &one) { return one.type == 0x0302 && one.output; }));
}

TEST_F(SensePlaces, ASerialNumberThatTellsNothingApartIsNone) {
    const std::string device = "devices/pci0000:00/0000:00:14.0/usb1/1-2";
    add_card(1, device + "/1-2:1.0");
    write(places.sys / device / "idVendor", "1235\n");
    write(places.sys / device / "idProduct", "8210\n");
    write(places.sys / device / "serial", "000000000000\n");
    write(places.sys / device / "descriptors", descriptors());
    start();
    EXPECT_EQ(facts(1).usb_serial, "");
}

TEST_F(SensePlaces, DescriptorsThatCannotBeReadAreTroubleAndTheRestIsTold) {
    const std::string device = "devices/pci0000:00/0000:00:14.0/usb1/1-2";
    add_card(1, device + "/1-2:1.0")->add_jack("Headphone - Output Jack", true);
    write(places.sys / device / "idVendor", "1235\n");
    write(places.sys / device / "idProduct", "8210\n");
    ASSERT_EQ(mkfifo((places.sys / device / "descriptors").c_str(), 0600), 0);
    start();
    ASSERT_EQ(facts(1).troubles.size(), 1U);
    EXPECT_EQ(facts(1).troubles[0].source, "descriptors");
    EXPECT_EQ(facts(1).vendor_id, "1235");
    EXPECT_EQ(facts(1).jacks.size(), 1U);
}

TEST_F(SensePlaces, MalformedDescriptorsAreNoTerminals) {
    const std::string device = "devices/pci0000:00/0000:00:14.0/usb1/1-2";
    add_card(1, device + "/1-2:1.0");
    write(places.sys / device / "idVendor", "1235\n");
    write(places.sys / device / "idProduct", "8210\n");
    write(places.sys / device / "descriptors", descriptors().substr(0, 45) + std::string(1000, '\0'));
    start();
    EXPECT_TRUE(facts(1).terminals.empty());
}

TEST_F(SensePlaces, LiesInPlaceOfIdsMakeNoUsbDevice) {
    const std::string device = "devices/pci0000:00/0000:00:14.0/usb1/1-2";
    add_card(1, device + "/1-2:1.0");
    write(places.sys / device / "idVendor", std::string(1 << 21, '1'));
    write(places.sys / device / "idProduct", "82\n");
    start();
    EXPECT_EQ(facts(1).vendor_id, "");
}

constexpr const char *codec = "Codec: Realtek ALC295\nAddress: 0\nAFG Function Id: 0x1 (unsol 1)\nVendor Id: 0x10ec0295\n"
                              "Node 0x21 [Pin Complex] wcaps 0x40058d: Stereo Amp-Out\n"
                              "  Pincap 0x0001001c: OUT HP EAPD Detect\n"
                              "  Pin Default 0x0421101f: [Jack] HP Out at Ext Right\n"
                              "  Unsolicited: tag=02, enabled=1\n";

TEST_F(SensePlaces, ThePinsOfACodecFollowWhenTheyHaveBeenRead) {
    add_card(0);
    write(places.proc / "asound/card0/codec#0", codec);
    start();
    ASSERT_TRUE(until([&] { return !facts().pins.empty(); }));
    EXPECT_EQ(facts().pins[0].node, 0x21U);
    EXPECT_TRUE(facts().pins[0].headphone_driver);
    EXPECT_TRUE(facts().troubles.empty());
}

TEST_F(SensePlaces, ACodecThatCannotBeReadIsTroubleAndAnotherIsRead) {
    add_card(0);
    write(places.proc / "asound/card0/codec#0", codec);
    ASSERT_EQ(mkfifo((places.proc / "asound/card0/codec#2").c_str(), 0600), 0);
    write(places.proc / "asound/card0/codec#3", "");
    fs::resize_file(places.proc / "asound/card0/codec#3", std::uintmax_t{1} << 40U);
    start();
    ASSERT_TRUE(until([&] { return facts().troubles.size() == 2; }));
    EXPECT_EQ(facts().troubles[0].source, "codec");
    EXPECT_FALSE(facts().pins.empty());
}

TEST_F(SensePlaces, ACardThatGoesWhileItsCodecIsReadLeavesNothingBehind) {
    const auto card = add_card(0);
    write(places.proc / "asound/card0/codec#0", codec);
    start();
    card->pull_out();
    ASSERT_TRUE(until([&] { return gone.size() == 1; }));
    settle();
    EXPECT_TRUE(known.empty());
}

TEST_F(SensePlaces, TheChassisAndATypeCAdapterAreToldWithEachCard) {
    write(places.sys / "class/dmi/id/chassis_type", "10\n");
    write(places.sys / "class/typec/port0-partner/accessory_mode", "none\n");
    udev = std::make_shared<FakeUdev>();
    add_card(0);
    start();
    EXPECT_TRUE(facts().portable_machine);
    EXPECT_FALSE(facts().analog_accessory);
    write(places.sys / "class/typec/port0-partner/accessory_mode", "analog_audio\n");
    udev->tell("change", "typec", "port0-partner");
    ASSERT_TRUE(until([&] { return facts().analog_accessory; }));
    fs::remove_all(places.sys / "class/typec/port0-partner");
    udev->tell("remove", "typec", "port0-partner");
    ASSERT_TRUE(until([&] { return !facts().analog_accessory; }));
}

TEST_F(SensePlaces, ADesktopIsNotPortableNorIsAMachineThatDoesNotSay) {
    EXPECT_FALSE(portable_machine(places));
    for (const char *type : {"3\n", "7\n", "\n", "x\n", "-9\n", "9999999999\n"}) {
        write(places.sys / "class/dmi/id/chassis_type", type);
        EXPECT_FALSE(portable_machine(places)) << type;
    }
    for (const char *type : {"8\n", "9\n", "10\n", "14\n", "30\n", "31\n", "32\n"}) {
        write(places.sys / "class/dmi/id/chassis_type", type);
        EXPECT_TRUE(portable_machine(places)) << type;
    }
}

TEST_F(SensePlaces, ATreeThatIsNotThereIsAMachineWithoutCards) {
    fs::remove_all(root / "sys");
    fs::remove_all(root / "proc");
    fs::remove_all(root / "dev");
    start();
    settle();
    EXPECT_TRUE(known.empty());
    EXPECT_TRUE(degraded.empty());
}

/// What open(2) says to an ordinary user, through the ports themselves. Device nodes are made, where that is allowed at all.
TEST_F(SensePlaces, AnOrdinaryUserIsToldThatANodeMayNotBeOpened) {
    const fs::path node = root / "node";
    if (geteuid() != 0 || mknod(node.c_str(), S_IFCHR | 0600, makedev(1, 3)) != 0) GTEST_SKIP() << "no device node can be made here";
    fs::permissions(root, fs::perms::owner_all | fs::perms::others_exec);
    const pid_t child = fork();
    if (child == 0) {
        if (setgid(65534) != 0 || setuid(65534) != 0) _exit(3);
        _exit(open_switches(node).error == EACCES ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 3) GTEST_SKIP() << "no other user can be taken here";
    EXPECT_EQ(status, 0);
    EXPECT_NE(open_switches(node).error, 0) << "and /dev/null is no input device";
}

TEST_F(SensePlaces, ThePortsOpenNothingButDeviceNodes) {
    EXPECT_EQ(open_switches(root / "none").error, ENOENT);
    EXPECT_EQ(open_controls(root / "none", 0).error, ENOENT);
    write(root / "file", "");
    EXPECT_EQ(open_switches(root / "file").error, ENOTTY);
    EXPECT_EQ(open_controls(root / "file", 0).error, ENOTTY);
    ASSERT_EQ(mkfifo((root / "fifo").c_str(), 0600), 0);
    EXPECT_EQ(open_switches(root / "fifo").error, ENOTTY);
    EXPECT_EQ(open_controls(root / "fifo", 0).error, ENOTTY);
}

/// The real ports, on whatever this machine has: a machine without sound is told as one.
TEST_F(SensePlaces, SenseStartsOnThisMachine) {
    int sensed = 0;
    Sense sense(loop, [&](const engine::Event &event) { sensed += std::holds_alternative<engine::CardSensed>(event) ? 1 : 0; });
    sense.start();
    EXPECT_EQ(static_cast<std::size_t>(sensed), cards_at({}).size());
    sense.look(4711);
    EXPECT_EQ(static_cast<std::size_t>(sensed), cards_at({}).size());
}

} // namespace
} // namespace soundwarden::test
