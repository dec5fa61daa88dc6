// SPDX-License-Identifier: MIT
// Names of mixer controls, switches of input devices, serial numbers.
#include "names.hpp"
#include "switches.hpp"
#include "text.hpp"
#include "usb_serial.hpp"

#include <gtest/gtest.h>

#include <string>

namespace soundwarden::sense {
namespace {

TEST(ControlNames, ImpedanceIsOfOneEarpiece) {
    // reference/sensing.md §2: wcd937x.c, wcd934x.c "HPHL Impedance", "HPHR Impedance".
    for (const char *name : {"HPHL Impedance", "hphl  impedance", "HPL Impedance", "HPOUTL Impedance", "HPH Left Impedance",
                             "Headphone Left Impedance", "Left Headphone Impedance", "Headphone L Impedance"})
        EXPECT_EQ(impedance_side(name), Side::left) << name;
    for (const char *name : {"HPHR Impedance", "HPR Impedance", "HPOUTR Impedance", "Headphones Right Impedance", "HP R Impedance"})
        EXPECT_EQ(impedance_side(name), Side::right) << name;
    for (const char *name : {"", "Impedance", "HPH Type", "Headphones Impedance Playback Enum", "Speaker Left Impedance",
                             "Headphone Impedance", "HPHL Impedance Switch", "HPHL"})
        EXPECT_EQ(impedance_side(name), std::nullopt) << name;
}

TEST(ControlNames, SelectedModeIsAnSdcaEntitys) {
    // sound/soc/sdca/sdca_asoc.c: "<entity label> <control label>", with the component's name in front on some cards.
    for (const char *name : {"GE 35 Selected Mode", "GE35 Selected Mode", "cs42l45 GE 35 Selected Mode", "ge 35 selected mode"})
        EXPECT_TRUE(is_selected_mode(name)) << name;
    for (const char *name : {"", "Selected Mode", "GE 35 Detected Mode", "GE 35 Selected Mode Enum", "GE 35 Mode"})
        EXPECT_FALSE(is_selected_mode(name)) << name;
}

TEST(ControlNames, ItemsOfSelectedModeAreLowerCaseWords) {
    // Items: sound/soc/sdca/sdca_asoc.c (the first three) and include/sound/sdca_function.h (SDCA_TERM_TYPE_*_NAME).
    const std::pair<const char *, const char *> items[] = {
        {"Jack Unplugged", "jack_unplugged"},
        {"Jack Unknown", "jack_unknown"},
        {"Detection in Progress", "detection_in_progress"},
        {"Headphone", "headphone"},
        {"Headset", "headset"},
        {"LineOut Stereo", "line_out_stereo"},
        {"LineOut Front-LR", "line_out_front_lr"},
        {"LineIn Center-LFE", "line_in_center_lfe"},
        {"Microphone ", "microphone"},
        {"Speaker Stereo", "speaker_stereo"},
        {"Line-Out", "line_out"},
        {"", ""},
        {"  \x1B[0m", "0m"},
    };
    for (const auto &[item, mode] : items) EXPECT_EQ(mode_of_item(item), mode) << item;
    EXPECT_EQ(mode_of_item(std::string(10'000, 'A')).size(), longest_name);
}

TEST(ControlNames, OutputSelectorsAreWhatSomebodySet) {
    // reference/sensing.md §2: xonar_pcm179x.c, xonar_dg_mixer.c.
    EXPECT_EQ(parse_declared("Analog Output"), Declared::output);
    EXPECT_EQ(parse_declared("Analog Output Playback Enum"), Declared::output);
    EXPECT_EQ(parse_declared("Headphones Impedance Playback Enum"), Declared::impedance);
    for (const char *name : {"", "Analog Output 1", "Analogue Output 01 Playback Enum", "Analog Output Playback Volume", "Digital Output",
                             "Headphones Impedance", "HPHL Impedance"})
        EXPECT_EQ(parse_declared(name), std::nullopt) << name;
}

struct SideNamed {
    const char *control;
    SidePathKind kind;
    SidePathPart part;
};

TEST(ControlNames, SidePathsAreKnownByWhatDriversCallThem) {
    using enum SidePathKind;
    using enum SidePathPart;
    const SideNamed all[] = {
        // USB headsets; sound/soc/codecs/ssm2602.c, wm8731.c, max98090.c; sound/soc/ti/omap-mcbsp-st.c; sound/soc/tegra (by alsa-ucm-conf).
        {"Sidetone Playback Switch", sidetone, toggle},
        {"Sidetone Playback Volume", sidetone, volume},
        {"Mono Sidetone Playback Volume", sidetone, volume},
        {"Output Mixer Mic Sidetone Switch", sidetone, toggle},
        {"Digital Sidetone Volume", sidetone, volume},
        {"McBSP2 Sidetone Switch", sidetone, toggle},
        {"Side Tone Volume", sidetone, volume},
        {"Sidetone Mixer Playback", sidetone, choice},
        // sound/usb/mixer_scarlett2.c
        {"Direct Monitor Playback Switch", direct_monitor, toggle},
        {"Direct Monitor Playback Enum", direct_monitor, choice},
        {"Monitor Mix A Input 01 Playback Volume", direct_monitor, volume},
        // sound/pci/oxygen/oxygen_mixer.c
        {"Analog Input Monitor Playback Switch", direct_monitor, toggle},
        {"Analog Input Monitor Playback Volume", direct_monitor, volume},
        {"Digital Input Monitor Playback Switch", direct_monitor, toggle},
        // sound/usb/line6/toneport.c, podhd.c; sound/pci/echoaudio; sound/pci/asihpi
        {"Monitor Playback Volume", direct_monitor, volume},
        {"Monitor Mixer Volume", direct_monitor, volume},
        {"Line 0 Line 0 Monitor Playback Volume", direct_monitor, volume},
        // sound/hda/codecs/generic.c; sound/usb/mixer.c
        {"Mic Playback Switch", direct_monitor, toggle},
        {"Front Mic Playback Volume", direct_monitor, volume},
        {"Loopback Mixing", direct_monitor, choice},
        // sound/hda/common/beep.c; sound/hda/codecs; sound/pci/ac97; sound/soc/codecs/wm9713.c
        {"Beep Playback Switch", beep, toggle},
        {"Beep Playback Volume", beep, volume},
        {"PC Beep", beep, choice},
        {"PC Beep Playback Switch", beep, toggle},
        {"PC BEEP Playback Volume", beep, volume},
        {"PC Beep Playback Headphone Volume", beep, volume},
        {"PC Speaker Playback Switch", beep, toggle},
    };
    for (const SideNamed &each : all) {
        const auto control = parse_side_path(each.control);
        ASSERT_TRUE(control.has_value()) << each.control;
        EXPECT_EQ(name_of(control->kind), name_of(each.kind)) << each.control;
        EXPECT_EQ(control->part, each.part) << each.control;
    }
}

TEST(ControlNames, WhatIsRecordedOrOnlyCalledAMonitorIsNoSidePath) {
    for (const char *name : {"",
                             "Master Playback Volume",
                             "Headphone Playback Switch",
                             "Speaker Playback Volume",
                             "Line Playback Volume",
                             "PCM Playback Volume",
                             "Mic Capture Switch",
                             "Mic Boost Volume",
                             "Mic Boost Playback Volume",
                             "Sidetone Mixer Capture",
                             "Sidetone HPF Switch",
                             "RECMIX Beep Switch",
                             "Beep Frequency",
                             "Master 1 (Monitor) Playback Volume",
                             "Master 1 (Monitor) Playback Switch",
                             "Monitor Output Playback Volume",
                             "Monitor Bias",
                             "Auto-Mute Mode",
                             "Microphone",
                             "Loopback Capture Volume"})
        EXPECT_EQ(parse_side_path(name), std::nullopt) << name;
}

TEST(JackSwitches, AreReadFromTheCodesOfTheKernel) {
    // linux/input-event-codes.h: 0x02, 0x04, 0x06, 0x07, 0x08, 0x0d.
    EXPECT_EQ(jack_bits(0), JackBits{});
    EXPECT_EQ(jack_bits(1ULL << 0x02), (JackBits{.headphone = true}));
    EXPECT_EQ(jack_bits(1ULL << 0x04), (JackBits{.microphone = true}));
    EXPECT_EQ(jack_bits(1ULL << 0x06), (JackBits{.line_out = true}));
    EXPECT_EQ(jack_bits(1ULL << 0x0D), (JackBits{.line_in = true}));
    EXPECT_EQ(jack_bits(1ULL << 0x07), (JackBits{.physical = true}));
    EXPECT_EQ(jack_bits(1ULL << 0x08), (JackBits{.video_out = true}));
    // "B: SW=140" of an HDMI jack in /proc/bus/input/devices.
    EXPECT_EQ(jack_bits(0x140), (JackBits{.line_out = true, .video_out = true}));
}

TEST(JackSwitches, OfLidsAndTabletsAreNone) {
    const std::uint64_t of_jacks = 1U << 0x02 | 1U << 0x04 | 1U << 0x06 | 1U << 0x07 | 1U << 0x08 | 1U << 0x0D;
    EXPECT_FALSE(jack_bits(~of_jacks).any());
    EXPECT_EQ(jack_bits(~std::uint64_t{0}), jack_bits(of_jacks));
}

TEST(JackSwitches, HaveTheJacksNameBehindTheCards) {
    // sound/core/jack.c, snd_jack_dev_register: "<card's short name> <jack id>".
    EXPECT_EQ(jack_of_device("HDA Intel PCH Front Headphone", "HDA Intel PCH"), "Front Headphone");
    EXPECT_EQ(jack_of_device("sof-hda-dsp HDMI/DP,pcm=3", "sof-hda-dsp"), "HDMI/DP,pcm=3");
    EXPECT_EQ(jack_of_device("HDA Intel PCH2 Mic", "HDA Intel PCH"), "");
    EXPECT_EQ(jack_of_device("HDA Intel PCH", "HDA Intel PCH"), "");
    EXPECT_EQ(jack_of_device("gpio-keys", "rk3399-gru-sound"), "");
    EXPECT_EQ(jack_of_device(" Headphone", ""), "");
}

struct Serial {
    const char *serial;
    const char *vendor = "";
    const char *product = "";
};

TEST(UsbSerials, ThatDifferFromDeviceToDeviceTellThemApart) {
    const Serial all[] = {
        {"Y8XQ2A90B4C1D7", "Focusrite", "Scarlett 2i2 USB"},
        {"AB12CD34", "0d8c", "0014"},
        {"A00126390", "Logitech", "Z305"},
        {"000000163", "Jabra", "Speak 510"},
        {"2A:45:8F", "", ""},
        {"DWH44N2330DJKL1ATQ", "Apple, Inc.", "USB-C to 3.5mm Headphone Jack Adapter"},
        {"SN4711", "", ""},
        {"201908084711", "", ""},
        {"199408A7", "", ""},
        {"EVO4-93B1", "Audient", "EVO4"},
    };
    for (const Serial &each : all) EXPECT_TRUE(tells_apart(each.serial, each.vendor, each.product)) << each.serial;
}

TEST(UsbSerials, ThatAreConstantsOrNamesDoNot) {
    // reference/sensing.md §6.4: non-empty, not "0000…", not the model's constant.
    const Serial all[] = {
        {""},
        {"    "},
        {"----"},
        {"1"},
        {"A1"},
        {"0000"},
        {"00000000"},
        {"0000:0000"},
        {"FFFFFFFF"},
        {"xxxxxxxxxxxx"},
        {"000000000001"},
        {"00000001"},
        {"0123456789"},
        {"123456789ABCDEF"},
        {"123456789abc"},
        {"0123456789ABCDEF0123456789ABCDEF"},
        {"12345678"},
        {"1234567890"},
        {"9876543210"},
        {"FEDCBA98"},
        {"abcdefgh"},
        {"ABABABAB"},
        {"12341234"},
        {"20080411"},
        {"2017-01-11"},
        {"201701110001"},
        {"N/A"},
        {"n/a "},
        {"None"},
        {"Default"},
        {"Unknown"},
        {"Not Specified"},
        {"To be filled by O.E.M."},
        {"SN0001"},
        {"S/N: 00000000"},
        {"Serial Number"},
        {"USB Audio"},
        {"0d8c", "0d8c", "0014"},
        {"0d8c0014", "0d8c", "0014"},
        {"0d8c-0014", "0D8C", "0014"},
        {"0BDA4A27", "0bda", "4a27"},
        {"DragonFly", "AudioQuest", "AudioQuest DragonFly Black v1.5"},
        {"ALC4080", "Realtek", "alc4080"},
        {"C-Media", "C-Media Electronics Inc.", "USB Audio Device"},
        {"EVO4", "Audient", "EVO4"},
        {"EVO4-0001", "Audient", "EVO4"},
        {"A12\nB7"},
        {"\xE2\x82\xAC"
         "A8F3"},
    };
    for (const Serial &each : all) EXPECT_FALSE(tells_apart(each.serial, each.vendor, each.product)) << each.serial;
    EXPECT_FALSE(tells_apart(std::string(127, 'A') + "17B9", "", ""));
}

} // namespace
} // namespace soundwarden::sense
