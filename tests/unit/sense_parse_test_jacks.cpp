// SPDX-License-Identifier: MIT
// Names of jack controls, as the kernel's drivers make them, and what they say.
#include "jack_name.hpp"
#include "text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace soundwarden::sense {
namespace {

using enum JackUse;
using Place = JackPlace;

struct Named {
    const char *control;
    const char *name;
    JackUse use;
    Place place = Place::unknown;
    const char *channels = "";
    std::optional<std::uint32_t> pcm{};
    bool input = false;
    bool phantom = false;
};

constexpr bool in = true;
constexpr bool phantom = true;
constexpr std::nullopt_t no_pcm = std::nullopt;

// Sources, by block: names made by sound/hda/common/auto_parser.c (snd_hda_get_pin_label, check_output_pfx, check_output_sfx,
// hda_get_input_pin_label) and sound/hda/common/jack.c (" Phantom", "Headphone Mic"); reference/sensing.md §1.1 and §1.7.
const Named hda[] = {
    {"Headphone Jack", "Headphone", headphones},
    {"Front Headphone Jack", "Front Headphone", headphones, Place::front},
    {"Dock Headphone Jack", "Dock Headphone", headphones, Place::dock},
    {"Dock Headphone Phantom Jack", "Dock Headphone", headphones, Place::dock, "", no_pcm, !in, phantom},
    {"Front Headphone Phantom Jack", "Front Headphone", headphones, Place::front, "", no_pcm, !in, phantom},
    {"Headphone Phantom Jack", "Headphone", headphones, Place::unknown, "", no_pcm, !in, phantom},
    {"Front Headphone Front Jack", "Front Headphone Front", headphones, Place::front, "front"},
    {"Front Headphone Surround Jack", "Front Headphone Surround", headphones, Place::front, "surround"},
    {"Headphone Surround Jack", "Headphone Surround", headphones, Place::unknown, "surround"},
    {"Headphone Mic Jack", "Headphone Mic", headphones_or_microphone},
    {"Headphone Mic Phantom Jack", "Headphone Mic", headphones_or_microphone, Place::unknown, "", no_pcm, !in, phantom},
    {"Line Out Jack", "Line Out", line_out},
    {"Line Out Phantom Jack", "Line Out", line_out, Place::unknown, "", no_pcm, !in, phantom},
    {"Line Out Front Jack", "Line Out Front", line_out, Place::unknown, "front"},
    {"Line Out Surround Jack", "Line Out Surround", line_out, Place::unknown, "surround"},
    {"Line Out CLFE Jack", "Line Out CLFE", line_out, Place::unknown, "clfe"},
    {"Line Out Side Jack", "Line Out Side", line_out, Place::unknown, "side"},
    {"Line Out CLFE Phantom Jack", "Line Out CLFE", line_out, Place::unknown, "clfe", no_pcm, !in, phantom},
    {"Line Out Front Phantom Jack", "Line Out Front", line_out, Place::unknown, "front", no_pcm, !in, phantom},
    {"Front Line Out Jack", "Front Line Out", line_out, Place::front},
    {"Rear Line Out Jack", "Rear Line Out", line_out, Place::rear},
    {"Dock Line Out Jack", "Dock Line Out", line_out, Place::dock},
    {"Front Line Out Front Jack", "Front Line Out Front", line_out, Place::front, "front"},
    {"Speaker Jack", "Speaker", speaker},
    {"Speaker Phantom Jack", "Speaker", speaker, Place::unknown, "", no_pcm, !in, phantom},
    {"Speaker Front Phantom Jack", "Speaker Front", speaker, Place::unknown, "front", no_pcm, !in, phantom},
    {"Speaker Surround Phantom Jack", "Speaker Surround", speaker, Place::unknown, "surround", no_pcm, !in, phantom},
    {"Bass Speaker Jack", "Bass Speaker", speaker},
    {"SPDIF Jack", "SPDIF", spdif},
    {"SPDIF Phantom Jack", "SPDIF", spdif, Place::unknown, "", no_pcm, !in, phantom},
    {"SPDIF In Jack", "SPDIF In", spdif, Place::unknown, "", no_pcm, in},
    {"SPDIF In Phantom Jack", "SPDIF In", spdif, Place::unknown, "", no_pcm, in, phantom},
    {"Digital In Jack", "Digital In", spdif, Place::unknown, "", no_pcm, in},
    {"HDMI/DP,pcm=3 Jack", "HDMI/DP,pcm=3", hdmi, Place::unknown, "", 3},
    {"HDMI/DP,pcm=11 Jack", "HDMI/DP,pcm=11", hdmi, Place::unknown, "", 11},
    {"HDMI/DP,pcm=3 Phantom Jack", "HDMI/DP,pcm=3", hdmi, Place::unknown, "", 3, !in, phantom},
    {"HDMI Phantom Jack", "HDMI", hdmi, Place::unknown, "", no_pcm, !in, phantom},
    {"Mic Jack", "Mic", microphone, Place::unknown, "", no_pcm, in},
    {"Mic Phantom Jack", "Mic", microphone, Place::unknown, "", no_pcm, in, phantom},
    {"Front Mic Jack", "Front Mic", microphone, Place::front, "", no_pcm, in},
    {"Rear Mic Jack", "Rear Mic", microphone, Place::rear, "", no_pcm, in},
    {"Dock Mic Jack", "Dock Mic", microphone, Place::dock, "", no_pcm, in},
    {"Internal Mic Jack", "Internal Mic", microphone, Place::internal, "", no_pcm, in},
    {"Internal Mic Phantom Jack", "Internal Mic", microphone, Place::internal, "", no_pcm, in, phantom},
    {"Headset Mic Jack", "Headset Mic", headset, Place::unknown, "", no_pcm, in},
    {"Headset Mic Phantom Jack", "Headset Mic", headset, Place::unknown, "", no_pcm, in, phantom},
    {"Line Jack", "Line", line_in, Place::unknown, "", no_pcm, in},
    {"Line Phantom Jack", "Line", line_in, Place::unknown, "", no_pcm, in, phantom},
    {"Dock Line Jack", "Dock Line", line_in, Place::dock, "", no_pcm, in},
    {"Aux Jack", "Aux", line_in, Place::unknown, "", no_pcm, in},
    {"CD Phantom Jack", "CD", line_in, Place::unknown, "", no_pcm, in, phantom},
    {"Misc Jack", "Misc", other},
};

// ASoC: names that machine drivers give snd_soc_card_jack_new(), and that alsa-ucm-conf asks for (its JackControl values,
// reference/sensing.md §1.1).
const Named asoc[] = {
    {"Headphones Jack", "Headphones", headphones},
    {"Headset Jack", "Headset", headset},
    {"Headset Microphone Jack", "Headset Microphone", headset, Place::unknown, "", no_pcm, in},
    {"Headset Mic 2 Jack", "Headset Mic 2", headset, Place::unknown, "", no_pcm, in},
    {"Headset Capture Jack", "Headset Capture", headset, Place::unknown, "", no_pcm, in},
    {"Headsets Playback Jack", "Headsets Playback", headset},
    {"Lineout Jack", "Lineout", line_out},
    {"LineOut Jack", "LineOut", line_out},
    {"Line In Jack", "Line In", line_in, Place::unknown, "", no_pcm, in},
    {"Speakers Jack", "Speakers", speaker},
    {"HDMI Jack", "HDMI", hdmi},
    {"HDMI1 Jack", "HDMI1", hdmi},
    {"mtk-rt5650 HDMI Jack", "mtk-rt5650 HDMI", hdmi},
    {"DP Jack", "DP", hdmi},
    {"DP0 Jack", "DP0", hdmi},
    {"DP1 Jack", "DP1", hdmi},
    {"HDMI/DP, pcm=3 Jack", "HDMI/DP, pcm=3", hdmi, Place::unknown, "", 3},
    {"HDMI/DP, pcm=18 Jack", "HDMI/DP, pcm=18", hdmi, Place::unknown, "", 18},
    {"AUX Jack", "AUX", line_in, Place::unknown, "", no_pcm, in},
    {"AUX Out Jack", "AUX Out", line_out},
    {"cs42l45 OT 43 Headphone Jack", "cs42l45 OT 43 Headphone", headphones},
    {"cs42l45 IT 31 Microphone Jack", "cs42l45 IT 31 Microphone", microphone, Place::unknown, "", no_pcm, in},
    {"jack 1 Headphones Jack", "jack 1 Headphones", headphones},
    {"HP Out Jack", "HP Out", headphones},
    {"Earphone Jack", "Earphone", headphones},
    {"Phones 1 Jack", "Phones 1", headphones},
    {"Head Phone Jack", "Head Phone", headphones},
    {"Headphone/Line Out Jack", "Headphone/Line Out", headphones},
    {"Built-in Speaker Jack", "Built-in Speaker", speaker, Place::internal},
    {"Optical Out Jack", "Optical Out", spdif},
    {"hook_switch Jack", "hook_switch", other},
    {"Jack Jack", "Jack", other},
};

// USB Audio 2 and 3: "<terminal> - Output Jack" (sound/usb/mixer.c, get_connector_control_name; terminal names: iterm_names there, names in
// sound/usb/mixer_maps.c, or the device's own string).
const Named usb[] = {
    {"Speaker - Output Jack", "Speaker - Output", speaker},
    {"Headphone - Output Jack", "Headphone - Output", headphones},
    {"Front Headphone - Output Jack", "Front Headphone - Output", headphones, Place::front},
    {"Headset - Output Jack", "Headset - Output", headset},
    {"Headset - Input Jack", "Headset - Input", headset, Place::unknown, "", no_pcm, in},
    {"Mic - Input Jack", "Mic - Input", microphone, Place::unknown, "", no_pcm, in},
    {"Front Mic - Input Jack", "Front Mic - Input", microphone, Place::front, "", no_pcm, in},
    {"Line - Output Jack", "Line - Output", line_out},
    {"Line - Input Jack", "Line - Input", line_in, Place::unknown, "", no_pcm, in},
    {"IEC958 In - Output Jack", "IEC958 In - Output", spdif},
    {"Digital In - Input Jack", "Digital In - Input", spdif, Place::unknown, "", no_pcm, in},
    {"Desktop Speaker - Output Jack", "Desktop Speaker - Output", speaker},
    {"LFE - Output Jack", "LFE - Output", speaker},
    {"Output - Output Jack", "Output - Output", other},
    {"Unknown - Output Jack", "Unknown - Output", other},
    {"External In - Input Jack", "External In - Input", other, Place::unknown, "", no_pcm, in},
    {"Mic Monitor - Output Jack", "Mic Monitor - Output", other},
    {"H\xC3\xB6rer - Output Jack", "H\xC3\xB6rer - Output", other},
};

// Nobody promises blanks and case; a device's string may be anything.
const Named odd[] = {
    {"headphone jack", "headphone", headphones},
    {"HEADPHONE JACK", "HEADPHONE", headphones},
    {"  Front   Headphone  Jack ", "Front Headphone", headphones, Place::front},
    {"Front\tHeadphone\nJack", "Front Headphone", headphones, Place::front},
    {"Headphone_Jack", "Headphone", headphones},
    {"\x1B[31mHeadphone\x07 Jack", "[31mHeadphone", other},
    {"Head\xE2\x80\xAEphone Jack", "Headphone", headphones},
    {"Speaker\xFF - Output Jack", "Speaker? - Output", speaker},
    {"Phantom Jack", "Phantom", other},
    {"\xC3\x9C Jack", "\xC3\x9C", other},
    {"HDMI/DP,pcm=99999999999 Jack", "HDMI/DP,pcm=99999999999", hdmi},
};

void expect_same(const Named &expected) {
    SCOPED_TRACE(expected.control);
    const auto jack = parse_jack(expected.control, 2);
    ASSERT_TRUE(jack.has_value());
    EXPECT_EQ(jack->name, expected.name);
    EXPECT_EQ(jack->index, 2U);
    EXPECT_EQ(name_of(jack->use), name_of(expected.use));
    EXPECT_EQ(name_of(jack->place), name_of(expected.place));
    EXPECT_EQ(jack->channels, expected.channels);
    EXPECT_EQ(jack->pcm, expected.pcm);
    EXPECT_EQ(jack->input, expected.input);
    EXPECT_EQ(jack->phantom, expected.phantom);
    EXPECT_FALSE(jack->plugged.has_value());
}

TEST(JackNames, OfHdaCodecsSayUsePlaceAndChannels) {
    for (const Named &each : hda) expect_same(each);
}

TEST(JackNames, OfAsocCardsAreReadAsWords) {
    for (const Named &each : asoc) expect_same(each);
}

TEST(JackNames, OfUsbTerminalsSayTheDirection) {
    for (const Named &each : usb) expect_same(each);
}

TEST(JackNames, AreReadWhateverTheirCaseBlanksAndBytes) {
    for (const Named &each : odd) expect_same(each);
}

TEST(JackNames, WhatIsNoJackIsNone) {
    // "… Jack Mode" and "… Jack Switch" are HDA's and ASoC's; the one before last is emu10k1's selector.
    for (const char *name : {"", " ", "Jack", " Jack ", "- Jack", "Headphone", "Headset Mic", "Headphone Jack Mode",
                             "Headphone Jack Switch", "Lumberjack", "Jackpot", "Headphone Playback Volume", "ELD", "Headphone Jack.",
                             "SB Live Analog/Digital Output Jack", "Audigy Analog/Digital Output Jack", "\xFF", "Jack Override"})
        EXPECT_FALSE(parse_jack(name, 0).has_value()) << name;
}

TEST(JackNames, OfTenKilobytesAreCutAtACharacter) {
    std::string name;
    while (name.size() < 10'000) name += "Front Headphone \xC3\xA4\xE2\x82\xAC";
    const auto jack = parse_jack(name + " Jack", 7);
    ASSERT_TRUE(jack.has_value());
    EXPECT_LE(jack->name.size(), longest_name);
    EXPECT_GT(jack->name.size(), longest_name - 5);
    EXPECT_EQ(jack->name, clean_name(jack->name)) << "valid UTF-8, nothing hidden";
    EXPECT_EQ(jack->use, headphones);
    EXPECT_EQ(jack->place, JackPlace::front);
    EXPECT_EQ(jack->index, 7U);
    EXPECT_FALSE(parse_jack(name, 0).has_value());
    EXPECT_FALSE(parse_jack(std::string(10'000, ' '), 0).has_value());
}

TEST(CleanNames, HoldNothingThatActsOnATerminalOrHides) {
    EXPECT_EQ(clean_name("  DELL\n U2720Q \x7F"), "DELL U2720Q");
    EXPECT_EQ(clean_name(std::string_view("a\0b", 3)), "a b");
    EXPECT_EQ(clean_name("a\xC2\x85"
                         "b\xE2\x80\xA8"
                         "c"),
              "a b c")
        << "C1 controls and line separators are blanks";
    EXPECT_EQ(clean_name("\xE2\x80\x8F"
                         "a\xEF\xBB\xBF"),
              "a");
    EXPECT_EQ(clean_name("\xC0\xAF\xED\xA0\x80\xF5"), "??????") << "overlong, surrogate, beyond Unicode";
    EXPECT_EQ(clean_name("\xE0\x80\xAF\xF0\x80\x80\xAF"), "???????") << "overlong";
    EXPECT_EQ(clean_name("\xE2\x82"), "??") << "cut in a character";
    EXPECT_EQ(clean_name("ab\xE2\x82\xAC", 4), "ab");
    EXPECT_EQ(clean_name("ab  c", 3), "ab") << "no blank at the end";
    EXPECT_EQ(clean_name(""), "");
}

TEST(NameWords, SplitDigitsFromLettersOnlyAtTheEnd) {
    EXPECT_EQ(name_words("HDMI/DP,pcm=3"), (Words{"hdmi", "dp", "pcm", "3"}));
    EXPECT_EQ(name_words("DP0 cs42l45 IEC958 2i2"), (Words{"dp", "0", "cs42l45", "iec", "958", "2i2"}));
    EXPECT_EQ(name_words("--"), Words{});
}

} // namespace
} // namespace soundwarden::sense
