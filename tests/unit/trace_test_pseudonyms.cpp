// SPDX-License-Identifier: MIT
// Pseudonyms: in the form of what they stand for, the same everywhere, and nothing else is touched.
#include "trace/pseudonyms.hpp"
#include "trace_test_life.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <random>
#include <regex>

namespace soundwarden::trace::testing {
namespace {

Pseudonyms::Random numbers(std::uint32_t seed) {
    auto engine = std::make_shared<std::mt19937>(seed);
    return [engine] { return static_cast<std::uint32_t>((*engine)()); };
}

SinkFacts hidden(Pseudonyms &names, const SinkFacts &facts) { return std::get<SinkSeen>(names.hidden(Event{SinkSeen{facts}})).facts; }
std::string hidden(Pseudonyms &names, const std::string &text) { return std::get<Report>(names.hidden(Effect{Report{Level::info, "x", "", text}})).text; }

std::string lower(std::string text) {
    for (char &c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

TEST(HiddenNames, AnAddressHasOnePseudonymInEachOfItsForms) {
    Pseudonyms names(numbers(1));
    const SinkFacts facts = hidden(names, bluetooth());
    EXPECT_TRUE(std::regex_match(facts.bus_path, std::regex("[0-9A-F]{2}(:[0-9A-F]{2}){5}"))) << facts.bus_path;
    EXPECT_NE(facts.bus_path, address);
    std::string with_underscores = facts.bus_path;
    std::replace(with_underscores.begin(), with_underscores.end(), ':', '_');
    EXPECT_EQ(facts.key, "bluez_output." + with_underscores + ".1");
    EXPECT_EQ(facts.device_name, "bluez_card." + with_underscores);
    EXPECT_EQ(hidden(names, "the id 4c_87_5d_0a_b1_f2_headset_output is here"), "the id " + lower(with_underscores) + "_headset_output is here");
    std::string without = facts.bus_path;
    std::erase(without, ':');
    EXPECT_EQ(hidden(names, "4C875D0AB1F2!"), without + "!");
    EXPECT_EQ(facts.description, "WH-1000XM4");
}

TEST(HiddenNames, ASerialNumberHasOnePseudonymWhereverItStands) {
    Pseudonyms names(numbers(2));
    const SinkFacts facts = hidden(names, scarlett());
    const std::string start = "Focusrite_Scarlett_2i2_USB_";
    ASSERT_TRUE(facts.bus_path.starts_with(start)) << facts.bus_path;
    const std::string serial = facts.bus_path.substr(start.size());
    EXPECT_NE(serial, scarlett_serial);
    EXPECT_EQ(serial.size(), scarlett_serial.size());
    for (std::size_t i = 0; i < serial.size(); ++i) {
        EXPECT_EQ(std::isdigit(static_cast<unsigned char>(serial[i])) != 0, std::isdigit(static_cast<unsigned char>(scarlett_serial[i])) != 0) << serial;
        EXPECT_EQ(std::isupper(static_cast<unsigned char>(serial[i])) != 0, std::isupper(static_cast<unsigned char>(scarlett_serial[i])) != 0) << serial;
    }
    EXPECT_EQ(facts.key, "alsa_output.usb-" + start + serial + "-00.analog-stereo");
    EXPECT_EQ(facts.description, scarlett().description);
    EXPECT_EQ(hidden(names, "id " + lower(start) + "y8k3zx90c41a7b_analog_output is line-out"), "id " + lower(start + serial) + "_analog_output is line-out");
    EXPECT_EQ(hidden(names, "S/N " + scarlett_serial), "S/N " + serial);
    CardFacts card;
    card.usb_serial = scarlett_serial;
    EXPECT_EQ(std::get<CardSensed>(names.hidden(Event{CardSensed{card}})).facts.usb_serial, serial);
}

TEST(HiddenNames, ACardsSerialNumberIsFoundInWhatUdevMakesOfIt) {
    Pseudonyms names(numbers(3));
    CardFacts card;
    card.usb_serial = "AB 12-x";
    const std::string serial = std::get<CardSensed>(names.hidden(Event{CardSensed{card}})).facts.usb_serial;
    EXPECT_NE(serial, card.usb_serial);
    EXPECT_EQ(serial[2], ' ');
    std::string as_udev = serial;
    std::replace(as_udev.begin(), as_udev.end(), ' ', '_');
    EXPECT_EQ(hidden(names, usb_sink("Maker_Thing_AB_12-x", "Thing")).bus_path, "Maker_Thing_" + as_udev);
}

TEST(HiddenNames, WhatIsNoSecretStays) {
    Pseudonyms names(numbers(4));
    for (const SinkFacts &facts : {engine::testing::laptop(), usb_sink("C-Media_Electronics_Inc._USB_Audio_Device", "USB Audio Device")}) {
        const SinkFacts seen = hidden(names, facts);
        EXPECT_EQ(seen, facts) << seen.key << " " << seen.bus_path;
    }
    SinkFacts by_path = usb_sink("x", "y");
    by_path.bus_path = "pci-0000:00:14.0-usb-0:3:1.0";
    by_path.key = "alsa_output.pci-0000_00_14.0.iec958-stereo";
    by_path.device_name = "alsa_card.pci-0000_00_14.0";
    EXPECT_EQ(hidden(names, by_path), by_path);
    EXPECT_EQ(hidden(names, "00:1f:3a:22:11 is too short, and 00:1f:3a:22:11:001 is none"), "00:1f:3a:22:11 is too short, and 00:1f:3a:22:11:001 is none");
}

TEST(HiddenNames, WhatIsToldBeforeItsDeviceIsThereIsNamedOnceItIs) {
    Pseudonyms names(numbers(5));
    Remembered remembered;
    remembered.volumes = {{"focusrite_scarlett_2i2_usb_y8k3zx90c41a7b_out", LoadClass::ears, 0.5}, {"pci_0000_00_1f_3_analog_output_speaker", LoadClass::speakers, 0.5}};
    remembered.marks = {{scarlett().key, "out", 0.5}};
    const auto first = std::get<Remembered>(names.hidden(Event{remembered}));
    EXPECT_EQ(first.volumes[0].output, "unknown_output_1");
    EXPECT_EQ(first.volumes[1].output, "pci_0000_00_1f_3_analog_output_speaker");
    EXPECT_EQ(first.marks[0].sink, "unknown_sink_1");
    EXPECT_TRUE(names.take_known().empty());
    const SinkFacts facts = hidden(names, scarlett());
    names.know_output(remembered.volumes[0].output);
    const auto known = names.take_known();
    ASSERT_EQ(known.size(), 2U);
    EXPECT_EQ(known[0].alias, "unknown_sink_1");
    EXPECT_EQ(known[0].name, facts.key);
    EXPECT_EQ(known[1].alias, "unknown_output_1");
    EXPECT_EQ(known[1].name, lower(facts.bus_path) + "_out");
    EXPECT_EQ(std::get<Remembered>(names.hidden(Event{remembered})).marks[0].sink, facts.key);
}

TEST(HiddenNames, PolicyTextsAreHiddenToo) {
    Pseudonyms names(numbers(6));
    const std::string content = "[[output]]\nmatch = { bus-path = \"" + scarlett().bus_path + "\", node = \"" + bluetooth().key + "\" }\n";
    policy::PolicySet set;
    set.origin = std::make_shared<const policy::Origin>(policy::Origin{policy::Making::loaded, {text_in("/etc/x.toml", policy::Layer::etc, content)}});
    const Event event = names.hidden(Event{PolicyLoaded{std::make_shared<const policy::PolicySet>(set), false}});
    const std::string seen = std::get<PolicyLoaded>(event).set->origin->texts[0].content;
    EXPECT_EQ(seen, "[[output]]\nmatch = { bus-path = \"" + hidden(names, scarlett()).bus_path + "\", node = \"" + hidden(names, bluetooth()).key + "\" }\n");
}

TEST(HiddenNames, EachTraceHasOtherPseudonyms) {
    Pseudonyms a(numbers(7));
    Pseudonyms b(numbers(8));
    EXPECT_NE(hidden(a, scarlett()).bus_path, hidden(b, scarlett()).bus_path);
    EXPECT_NE(hidden(a, bluetooth()).bus_path, hidden(b, bluetooth()).bus_path);
}

TEST(HiddenNames, TwoSecretsNeverShareAPseudonym) {
    Pseudonyms names(numbers(9));
    std::set<std::string> seen;
    for (int i = 0; i < 3000; ++i) {
        std::string serial = std::to_string(i);
        serial.insert(0, 4 - serial.size(), '0');
        EXPECT_TRUE(seen.insert(hidden(names, usb_sink("Maker_Thing_" + serial, "Thing")).bus_path).second);
    }
}

} // namespace
} // namespace soundwarden::trace::testing
