// SPDX-License-Identifier: MIT
// What displays say of themselves.
#include "eld.hpp"
#include "text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace soundwarden::sense {
namespace {

using Bytes = std::vector<std::uint8_t>;

/// A control's value after the kernel's include/drm/drm_eld.h, padded with zeros as drivers do.
Bytes eld_bytes(std::string_view monitor, std::initializer_list<Bytes> descriptors, bool display_port = false, std::size_t size = 128) {
    Bytes bytes(20, 0);
    bytes[0] = 2 << 3;
    bytes[2] = static_cast<std::uint8_t>((16 + monitor.size() + 3 * descriptors.size() + 3) / 4);
    bytes[4] = static_cast<std::uint8_t>(3 << 5 | monitor.size());
    bytes[5] = static_cast<std::uint8_t>(descriptors.size() << 4 | (display_port ? 1U << 2 : 0U));
    bytes[7] = 1;
    bytes[16] = 0x10; // "DEL": 4, 5, 12 in five bits each
    bytes[17] = 0xAC;
    bytes[18] = 0x34;
    bytes[19] = 0x12;
    bytes.insert(bytes.end(), monitor.begin(), monitor.end());
    for (const Bytes &descriptor : descriptors) bytes.insert(bytes.end(), descriptor.begin(), descriptor.end());
    bytes.resize(std::max(bytes.size(), size));
    return bytes;
}

const Bytes stereo_pcm{1 << 3 | 1, 0x07, 0x07};
const Bytes eight_channel_pcm{1 << 3 | 7, 0x7F, 0x07};
const Bytes six_channel_ac3{2 << 3 | 5, 0x07, 0x50};

TEST(Elds, OfADisplaySayNameMakerAndChannels) {
    Eld expected;
    expected.pcm = 7;
    expected.index = 1;
    expected.valid = true;
    expected.monitor = "DELL U2720Q";
    expected.maker = "DEL";
    expected.product = 0x1234;
    expected.display_port = true;
    expected.channels = 2;
    EXPECT_EQ(parse_eld(eld_bytes("DELL U2720Q", {stereo_pcm}, true), 7, 1), expected);
}

TEST(Elds, OfAReceiverCountLinearPcmOnly) {
    const Eld eld = parse_eld(eld_bytes("AVR", {six_channel_ac3, stereo_pcm, eight_channel_pcm}), 3, 0);
    EXPECT_EQ(eld.channels, 8U);
    EXPECT_FALSE(eld.display_port);
    EXPECT_EQ(parse_eld(eld_bytes("AVR", {six_channel_ac3}), 3, 0).channels, 0U);
    EXPECT_TRUE(parse_eld(eld_bytes("TV", {}), 3, 0).valid) << "audio without descriptors is basic audio";
}

TEST(Elds, OfThePartialVersionCountToo) {
    Bytes bytes = eld_bytes("TV", {stereo_pcm});
    bytes[0] = 31 << 3;
    EXPECT_TRUE(parse_eld(bytes, 3, 0).valid);
}

TEST(Elds, NamesAreFitToShow) {
    EXPECT_EQ(parse_eld(eld_bytes("LG TV\n     ", {stereo_pcm}), 3, 0).monitor, "LG TV");
    EXPECT_EQ(parse_eld(eld_bytes(std::string_view("TV\0x", 4), {stereo_pcm}), 3, 0).monitor, "TV");
    EXPECT_EQ(parse_eld(eld_bytes("\x1B[31mEvil\xFF", {stereo_pcm}), 3, 0).monitor, "[31mEvil?");
    EXPECT_EQ(parse_eld(eld_bytes("", {stereo_pcm}), 3, 0).monitor, "");
}

TEST(Elds, MakersAreThreeLettersOrNone) {
    Bytes bytes = eld_bytes("TV", {stereo_pcm});
    bytes[16] = 0x4C; // "SAM" = 19, 1, 13
    bytes[17] = 0x2D;
    EXPECT_EQ(parse_eld(bytes, 3, 0).maker, "SAM");
    bytes[16] = 0;
    bytes[17] = 0;
    EXPECT_EQ(parse_eld(bytes, 3, 0).maker, "");
    bytes[16] = 0x7F;
    bytes[17] = 0xFF;
    EXPECT_EQ(parse_eld(bytes, 3, 0).maker, "");
}

void expect_nothing(const Bytes &bytes) {
    Eld nothing;
    nothing.pcm = 3;
    EXPECT_EQ(parse_eld(bytes, 3, 0), nothing);
}

TEST(Elds, ThatAreEmptyShortOrBrokenAreNotValid) {
    expect_nothing({});
    expect_nothing(Bytes(128, 0));
    expect_nothing(Bytes(128, 0xFF));
    const Bytes good = eld_bytes("DELL U2720Q", {stereo_pcm}, true, 0);
    ASSERT_TRUE(parse_eld(good, 3, 0).valid);
    for (std::size_t length = 0; length < good.size(); ++length)
        expect_nothing(Bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(length)));
    Bytes bytes = eld_bytes("TV", {stereo_pcm});
    bytes[0] = 1 << 3;
    expect_nothing(bytes); // another version
    bytes = eld_bytes("TV", {stereo_pcm});
    bytes[4] = 3 << 5 | 17;
    expect_nothing(bytes); // reserved lengths of the name (pcm_drm_eld.c)
    bytes = eld_bytes("TV", {stereo_pcm}, false, 0);
    bytes[5] = 15 << 4;
    expect_nothing(bytes); // descriptors behind the end
}

TEST(Elds, LongerThanAnyAreReadAtTheirBeginning) {
    EXPECT_EQ(parse_eld(eld_bytes("TV", {stereo_pcm}, false, 100'000), 3, 0), parse_eld(eld_bytes("TV", {stereo_pcm}), 3, 0));
}

} // namespace
} // namespace soundwarden::sense
