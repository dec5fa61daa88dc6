// SPDX-License-Identifier: MIT
// The kernel's text about HDA codecs.
#include "codec_dump.hpp"
#include "text.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace soundwarden::sense {
namespace {

std::string sample(const std::string &name) {
    std::ifstream file(SOUNDWARDEN_SENSE_DATA "/codecs/" + name);
    EXPECT_TRUE(file.is_open()) << name;
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

constexpr bool socket = true;
constexpr bool drives_headphones = true;
constexpr bool detects = true;

std::string show(const HdaPin &pin) {
    return std::to_string(pin.codec) + ":" + std::to_string(pin.node) + " " + std::string(name_of(pin.use)) + " " +
           std::string(name_of(pin.place)) + (pin.jack ? " jack" : "") + (pin.headphone_driver ? " hp" : "") +
           (pin.detects ? " detects" : "");
}

void expect_pins(const HdaCodec &codec, const std::vector<HdaPin> &expected) {
    std::vector<std::string> have;
    std::vector<std::string> want;
    for (const HdaPin &pin : codec.pins) have.push_back(show(pin));
    for (const HdaPin &pin : expected) want.push_back(show(pin));
    EXPECT_EQ(have, want);
}

TEST(CodecDumps, OfALaptopShowSpeakerAndHeadphoneHole) {
    const HdaCodec codec = parse_codec_dump(sample("laptop-alc295.txt"));
    EXPECT_EQ(codec.name, "Realtek ALC295");
    EXPECT_EQ(codec.address, 0U);
    EXPECT_EQ(codec.vendor_id, 0x10ec0295U);
    expect_pins(codec, {
                           // NO_PRESENCE: it is soldered.
                           {0, 0x14, JackUse::speaker, JackPlace::internal, !socket, !drives_headphones, !detects},
                           {0, 0x17, JackUse::speaker, JackPlace::unknown, !socket, !drives_headphones, !detects},
                           {0, 0x21, JackUse::headphones, JackPlace::unknown, socket, drives_headphones, detects},
                       });
}

TEST(CodecDumps, OfADesktopShowTheHeadphoneDriverAtALineOut) {
    // "HP" among a line-out's capabilities: reference/sensing.md §1.4, row D2 of §6.2.
    const HdaCodec codec = parse_codec_dump(sample("desktop-alc1220.txt"));
    EXPECT_EQ(codec.vendor_id, 0x10ec1220U);
    expect_pins(codec, {
                           {0, 0x14, JackUse::line_out, JackPlace::rear, socket, drives_headphones, detects},
                           {0, 0x15, JackUse::line_out, JackPlace::rear, socket, !drives_headphones, detects},
                           {0, 0x16, JackUse::line_out, JackPlace::rear, socket, !drives_headphones, detects},
                           {0, 0x17, JackUse::speaker, JackPlace::unknown, !socket, !drives_headphones, !detects},
                           {0, 0x18, JackUse::microphone, JackPlace::rear, socket, !drives_headphones, detects},
                           {0, 0x1a, JackUse::line_in, JackPlace::rear, socket, !drives_headphones, detects},
                           {0, 0x1b, JackUse::headphones, JackPlace::front, socket, drives_headphones, detects},
                           {0, 0x1e, JackUse::spdif, JackPlace::rear, socket, !drives_headphones, !detects},
                       });
}

TEST(CodecDumps, OfADisplaysCodecShowNoPlace) {
    const HdaCodec codec = parse_codec_dump(sample("display-kabylake.txt"));
    EXPECT_EQ(codec.name, "Intel Kabylake HDMI");
    expect_pins(codec, {
                           {2, 0x05, JackUse::hdmi, JackPlace::unknown, socket, !drives_headphones, detects},
                           {2, 0x06, JackUse::hdmi, JackPlace::unknown, !socket, !drives_headphones, detects},
                       });
}

TEST(CodecDumps, OfADockKnowTheSeparateChassisAndASharedPin) {
    expect_pins(parse_codec_dump(sample("dock-cx20632.txt")),
                {
                    {1, 0x16, JackUse::headphones, JackPlace::dock, socket, drives_headphones, detects},
                    {1, 0x17, JackUse::speaker, JackPlace::internal, socket, !drives_headphones, !detects},
                    {1, 0x1d, JackUse::line_out, JackPlace::front, socket, !drives_headphones, detects},
                });
}

std::string pin_text(const char *capabilities, const char *config, const char *wcaps = "0x40058d", const char *vendor = "0x10ec0295") {
    return std::string("Address: 0\nVendor Id: ") + vendor + "\nNode 0x14 [Pin Complex] wcaps " + wcaps + ": Stereo\n  Pincap " +
           capabilities + ": OUT\n  Pin Default " + config + ": [Jack] HP Out at Ext Left\n";
}

TEST(CodecDumps, CountTheNumbersNotTheWords) {
    // Capabilities: an output without a headphone driver; default: a line-out at the rear. The words behind them say otherwise.
    expect_pins(parse_codec_dump(pin_text("0x00000014", "0x01014010")),
                {{0, 0x14, JackUse::line_out, JackPlace::rear, socket, !drives_headphones, detects}});
}

TEST(CodecDumps, UsesFollowTheDefaultDevice) {
    const std::pair<const char *, JackUse> devices[] = {
        {"0x01000000", JackUse::line_out}, {"0x01100000", JackUse::speaker},    {"0x01200000", JackUse::headphones},
        {"0x01300000", JackUse::line_in},  {"0x01400000", JackUse::spdif},      {"0x01500000", JackUse::spdif},
        {"0x01600000", JackUse::other},    {"0x01700000", JackUse::other},      {"0x01800000", JackUse::line_in},
        {"0x01900000", JackUse::line_in},  {"0x01a00000", JackUse::microphone}, {"0x01b00000", JackUse::other},
        {"0x01c00000", JackUse::spdif},    {"0x01d00000", JackUse::spdif},      {"0x01e00000", JackUse::other},
        {"0x01f00000", JackUse::other},    {"0x18500000", JackUse::hdmi},
    };
    for (const auto &[config, use] : devices) {
        const HdaCodec codec = parse_codec_dump(pin_text("0x00000010", config));
        ASSERT_EQ(codec.pins.size(), 1U) << config;
        EXPECT_EQ(name_of(codec.pins[0].use), name_of(use)) << config;
    }
    // The bit that means HDMI elsewhere swaps left and right at Realtek's (proc.c, print_pin_caps).
    EXPECT_EQ(parse_codec_dump(pin_text("0x00000090", "0x01500000")).pins.at(0).use, JackUse::spdif);
    EXPECT_EQ(parse_codec_dump(pin_text("0x00000090", "0x01500000", "0x40058d", "0x8086280b")).pins.at(0).use, JackUse::hdmi);
    EXPECT_EQ(parse_codec_dump(pin_text("0x01000010", "0x01500000")).pins.at(0).use, JackUse::hdmi) << "DisplayPort";
}

TEST(CodecDumps, PlacesFollowTheKernelsJackNames) {
    const std::pair<const char *, JackPlace> places[] = {
        {"0x00200000", JackPlace::unknown}, {"0x01200000", JackPlace::rear},     {"0x02200000", JackPlace::front},
        {"0x03200000", JackPlace::unknown}, {"0x04200000", JackPlace::unknown},  {"0x07200000", JackPlace::rear},
        {"0x08200000", JackPlace::front},   {"0x10200000", JackPlace::internal}, {"0x21200000", JackPlace::dock},
        {"0x22200000", JackPlace::dock},    {"0x38200000", JackPlace::unknown},  {"0x81200000", JackPlace::internal},
        {"0x41200000", JackPlace::unknown}, {"0xc1200000", JackPlace::rear},
    };
    for (const auto &[config, place] : places)
        EXPECT_EQ(name_of(parse_codec_dump(pin_text("0x00000010", config)).pins.at(0).place), name_of(place)) << config;
}

TEST(CodecDumps, DetectionNeedsCapabilityMessageAndWiring) {
    // sound/hda/common/jack.c, is_jack_detectable.
    EXPECT_TRUE(parse_codec_dump(pin_text("0x00000014", "0x01014010")).pins.at(0).detects);
    EXPECT_FALSE(parse_codec_dump(pin_text("0x00000010", "0x01014010")).pins.at(0).detects);
    EXPECT_FALSE(parse_codec_dump(pin_text("0x00000014", "0x01014110")).pins.at(0).detects) << "NO_PRESENCE";
    EXPECT_FALSE(parse_codec_dump(pin_text("0x00000014", "0x01014010", "0x40050d")).pins.at(0).detects) << "cannot speak by itself";
}

TEST(CodecDumps, WhatIsNotWholeIsLeftOut) {
    EXPECT_EQ(parse_codec_dump(""), HdaCodec{});
    EXPECT_EQ(parse_codec_dump("no codec at all\n\n  Pincap 0x00000010: OUT\n  Pin Default 0x01014010: [Jack]\n"), HdaCodec{})
        << "no node above";
    EXPECT_TRUE(parse_codec_dump("Node 0x14 [Pin Complex] wcaps 0x40058d:\n  Pincap 0x00000010: OUT\n").pins.empty());
    EXPECT_TRUE(parse_codec_dump("Node 0x14 [Pin Complex] wcaps 0x40058d:\n  Pin Default 0x01014010: [Jack]\n").pins.empty());
    EXPECT_TRUE(parse_codec_dump("Node 0x14 [Audio Output] wcaps 0x41d:\n  Pincap 0x00000010: OUT\n  Pin Default 0x01014010: [Jack]\n")
                    .pins.empty());
    EXPECT_TRUE(parse_codec_dump(pin_text("0x00000020", "0x01014010")).pins.empty()) << "an input only";
    EXPECT_TRUE(parse_codec_dump(pin_text("0x", "0x01014010")).pins.empty());
    EXPECT_TRUE(parse_codec_dump(pin_text("0x1234567890", "0x01014010")).pins.empty());
    EXPECT_TRUE(parse_codec_dump(pin_text("-0x00000010", "0x01014010")).pins.empty());
    EXPECT_EQ(parse_codec_dump("Codec: \x1B[2J Realtek\t\xFF\n").name, "[2J Realtek ?");
}

TEST(CodecDumps, CutAnywhereGiveTheBeginningOfTheWhole) {
    const std::string text = sample("desktop-alc1220.txt");
    const HdaCodec whole = parse_codec_dump(text);
    for (std::size_t length = 0; length <= text.size(); length += 7) {
        const HdaCodec part = parse_codec_dump(std::string_view(text).substr(0, length));
        ASSERT_LE(part.pins.size(), whole.pins.size());
        for (std::size_t i = 0; i + 1 < part.pins.size(); ++i) ASSERT_EQ(part.pins[i], whole.pins[i]) << length;
    }
}

TEST(CodecDumps, PinsWithoutEndAreBounded) {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += pin_text("0x00000010", "0x01014010");
    EXPECT_EQ(parse_codec_dump(text).pins.size(), most_pins);
}

} // namespace
} // namespace soundwarden::sense
