// SPDX-License-Identifier: MIT
// Audio terminals in USB descriptors.
#include "text.hpp"
#include "usb_descriptors.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace soundwarden::sense {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Terminals = std::vector<UsbTerminal>;

Bytes descriptor_bytes(const std::string &name) {
    std::ifstream file(SOUNDWARDEN_SENSE_DATA "/descriptors/" + name);
    EXPECT_TRUE(file.is_open()) << name;
    Bytes bytes;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line.substr(0, line.find('#')));
        for (std::string word; words >> word;) bytes.push_back(static_cast<std::uint8_t>(number_in(word, 16).value()));
    }
    EXPECT_FALSE(bytes.empty()) << name;
    return bytes;
}

constexpr bool output = true;

void expect_terminals(const Terminals &have, const Terminals &want) {
    ASSERT_EQ(have.size(), want.size());
    for (std::size_t i = 0; i < have.size(); ++i) {
        EXPECT_EQ(have[i].type, want[i].type) << i;
        EXPECT_EQ(have[i].id, want[i].id) << i;
        EXPECT_EQ(have[i].output, want[i].output) << i;
    }
}

// Types of terminals: reference/sensing.md §1.4.
TEST(UsbDescriptors, OfAHeadsetSayThatItIsOne) {
    expect_terminals(parse_usb_descriptors(descriptor_bytes("headset-uac1.hex")), {
                                                                            {0x0101, 1, !output},
                                                                            {0x0402, 2, !output},
                                                                            {0x0402, 3, output},
                                                                            {0x0101, 4, !output},
                                                                        });
}

TEST(UsbDescriptors, OfADongleSaySpeaker) {
    expect_terminals(parse_usb_descriptors(descriptor_bytes("dongle-uac1.hex")), {
                                                                           {0x0101, 1, !output},
                                                                           {0x0201, 2, !output},
                                                                           {0x0301, 6, output},
                                                                           {0x0101, 7, !output},
                                                                       });
}

TEST(UsbDescriptors, OfAnInterfaceSayEveryOutput) {
    expect_terminals(parse_usb_descriptors(descriptor_bytes("interface-uac2.hex")), {
                                                                              {0x0101, 1, !output},
                                                                              {0x0603, 2, !output},
                                                                              {0x0201, 3, !output},
                                                                              {0x0603, 20, output},
                                                                              {0x0302, 21, output},
                                                                              {0x0605, 22, output},
                                                                              {0x0101, 23, !output},
                                                                          });
}

TEST(UsbDescriptors, OfSeveralConfigurationsAreToldApart) {
    const Bytes bytes = descriptor_bytes("adapter-uac3.hex");
    const Terminals usb_audio_1{{0x0101, 1, !output}, {0x0302, 3, output}};
    const Terminals basic{{0x0402, 3, output}, {0x0402, 4, !output}};
    const Terminals usb_audio_3{{0x0402, 4, !output}, {0x0402, 3, output}};
    expect_terminals(parse_usb_descriptors(bytes, 1), usb_audio_1);
    expect_terminals(parse_usb_descriptors(bytes, 2), basic);
    expect_terminals(parse_usb_descriptors(bytes, 3), usb_audio_3);
    expect_terminals(parse_usb_descriptors(bytes, 4), {});
    // Each once.
    expect_terminals(parse_usb_descriptors(bytes), {usb_audio_1[0], usb_audio_1[1], basic[0], basic[1]});
}

const Bytes audio_control_1{0x09, 0x04, 0x00, 0x00, 0x00, 0x01, 0x01, 0x00, 0x00};
const Bytes audio_control_2{0x09, 0x04, 0x00, 0x00, 0x00, 0x01, 0x01, 0x20, 0x00};
const Bytes audio_streaming{0x09, 0x04, 0x01, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00};
const Bytes headphones_1{0x09, 0x24, 0x03, 0x03, 0x02, 0x03, 0x00, 0x02, 0x00};

Bytes together(std::initializer_list<Bytes> parts) {
    Bytes bytes;
    for (const Bytes &part : parts) bytes.insert(bytes.end(), part.begin(), part.end());
    return bytes;
}

TEST(UsbDescriptors, CountInsideAudioControlOnly) {
    EXPECT_EQ(parse_usb_descriptors(together({audio_control_1, headphones_1})).size(), 1U);
    EXPECT_TRUE(parse_usb_descriptors(together({headphones_1})).empty());
    EXPECT_TRUE(parse_usb_descriptors(together({audio_streaming, headphones_1})).empty());
    EXPECT_TRUE(parse_usb_descriptors(together({audio_control_1, audio_streaming, headphones_1})).empty());
    // A camera's class-specific descriptors look alike.
    EXPECT_TRUE(parse_usb_descriptors(together({{0x09, 0x04, 0x00, 0x00, 0x00, 0x0E, 0x01, 0x00, 0x00}, headphones_1})).empty());
    // Another configuration begins outside any interface.
    EXPECT_TRUE(
        parse_usb_descriptors(together({audio_control_1, {0x09, 0x02, 0x12, 0x00, 0x01, 0x01, 0x00, 0x80, 0x32}, headphones_1})).empty());
}

TEST(UsbDescriptors, ShorterThanTheirVersionAreNoTerminals) {
    // sound/usb/validate.c
    EXPECT_TRUE(parse_usb_descriptors(together({audio_control_2, headphones_1})).empty()) << "12 bytes in USB Audio 2";
    EXPECT_TRUE(parse_usb_descriptors(together({audio_control_1, {0x08, 0x24, 0x03, 0x03, 0x02, 0x03, 0x00, 0x02}})).empty());
    EXPECT_TRUE(parse_usb_descriptors(together({audio_control_1, {0x05, 0x24, 0x03, 0x03, 0x02}})).empty());
    EXPECT_TRUE(parse_usb_descriptors(together({{0x07, 0x04, 0x00, 0x00, 0x00, 0x01, 0x01}, headphones_1})).empty()) << "half an interface";
    Bytes longer = headphones_1;
    longer.push_back(0);
    longer[0] = 10;
    EXPECT_EQ(parse_usb_descriptors(together({audio_control_1, longer})).size(), 1U);
}

TEST(UsbDescriptors, OfUnknownProtocolAreReadAsTheFirst) {
    Bytes unknown = audio_control_1;
    unknown[7] = 0x42;
    EXPECT_EQ(parse_usb_descriptors(together({unknown, headphones_1})).size(), 1U);
}

TEST(UsbDescriptors, WithoutLengthOrCutEndTheReading) {
    EXPECT_TRUE(parse_usb_descriptors({}).empty());
    EXPECT_TRUE(parse_usb_descriptors(Bytes(1000, 0)).empty());
    EXPECT_TRUE(parse_usb_descriptors(Bytes(1000, 0xFF)).empty());
    EXPECT_EQ(parse_usb_descriptors(together({audio_control_1, headphones_1, {0x00, 0x24}, headphones_1, {0x09}})).size(), 1U);
    EXPECT_EQ(parse_usb_descriptors(together({audio_control_1, headphones_1, {0x01}, headphones_1})).size(), 1U);
    const Bytes whole = descriptor_bytes("interface-uac2.hex");
    const Terminals all = parse_usb_descriptors(whole);
    for (std::size_t length = 0; length < whole.size(); ++length) {
        const Terminals some = parse_usb_descriptors(std::span(whole).first(length));
        ASSERT_LE(some.size(), all.size());
        for (std::size_t i = 0; i < some.size(); ++i) ASSERT_EQ(some[i], all[i]) << length;
    }
}

TEST(UsbDescriptors, TerminalsWithoutEndAreBounded) {
    Bytes bytes = audio_control_1;
    for (unsigned i = 0; i < 5000; ++i) {
        Bytes terminal = headphones_1;
        terminal[3] = static_cast<std::uint8_t>(i);
        terminal[4] = static_cast<std::uint8_t>(i >> 8);
        bytes.insert(bytes.end(), terminal.begin(), terminal.end());
    }
    EXPECT_EQ(parse_usb_descriptors(bytes).size(), most_terminals);
}

} // namespace
} // namespace soundwarden::sense
