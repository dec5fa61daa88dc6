// SPDX-License-Identifier: MIT
// What a socket is, and what may hang on it: situations of reference/sensing.md §4 and §6.2.
#include "classify/classify.hpp"
#include "model/load.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <tuple>

namespace soundwarden::classify {
namespace {

SocketFacts pci(std::string route, std::string description, std::string port) {
    SocketFacts socket;
    socket.node_name = "alsa_output.pci-0000_00_1f.3.analog-stereo";
    socket.device_name = "alsa_card.pci-0000_00_1f.3";
    socket.device_description = "Built-in Audio";
    socket.api = "alsa";
    socket.bus = "pci";
    socket.form_factor = "internal";
    socket.route_name = std::move(route);
    socket.route_description = std::move(description);
    socket.port_type = std::move(port);
    return socket;
}

SocketFacts usb(std::string route, std::string description, std::string port) {
    SocketFacts socket = pci(std::move(route), std::move(description), std::move(port));
    socket.node_name = "alsa_output.usb-Maker_Thing-00.analog-stereo";
    socket.device_name = "alsa_card.usb-Maker_Thing-00";
    socket.device_description = "Thing";
    socket.bus = "usb";
    socket.form_factor.clear();
    return socket;
}

SocketFacts bluetooth(std::string form_factor) {
    SocketFacts socket;
    socket.node_name = "bluez_output.AA_BB_CC_DD_EE_FF.1";
    socket.device_name = "bluez_card.AA_BB_CC_DD_EE_FF";
    socket.api = "bluez5";
    socket.bus = "bluetooth";
    socket.form_factor = std::move(form_factor);
    socket.route_name = "headphone-output";
    socket.port_type = "bluetooth";
    return socket;
}

struct KindCase {
    const char *name;
    SocketFacts socket;
    OutputKind kind;
};
void PrintTo(const KindCase &c, std::ostream *out) { *out << c.name; }

SocketFacts with(SocketFacts socket, void (*change)(SocketFacts &)) {
    change(socket);
    return socket;
}

class Kinds : public ::testing::TestWithParam<KindCase> {};
TEST_P(Kinds, IsWhatItsLabelsSay) { EXPECT_EQ(describe(GetParam().socket).facts.kind, GetParam().kind); }

const KindCase kind_cases[] = {
    {"LaptopSpeaker", pci("analog-output-speaker", "Speaker", "speaker"), OutputKind::internal_speaker},
    {"LaptopHeadphones", pci("analog-output-headphones", "Headphones", "headphones"), OutputKind::headphone_out},
    {"HeadsetSocket", pci("analog-output-headset", "Headset", "headset"), OutputKind::headphone_out},
    {"DesktopLine", pci("analog-output-lineout", "Line Out", "line"), OutputKind::line_out},
    {"PlainAnalog", pci("analog-output", "Analog Output", "analog"), OutputKind::unknown},
    {"PortWithoutType", pci("analog-output-headphones", "Headphones", ""), OutputKind::headphone_out},
    {"Hdmi", pci("hdmi-output-0", "HDMI / DisplayPort", "hdmi"), OutputKind::hdmi},
    {"Spdif", pci("iec958-stereo-output", "Digital Output (S/PDIF)", "spdif"), OutputKind::spdif},
    {"Iec958Port", pci("iec958-stereo-output", "Digital Output", "iec958"), OutputKind::spdif},
    {"HdmiByNodeName",
     with(pci("", "", ""), [](SocketFacts &s) { s.node_name = "alsa_output.pci-0000_01_00.1.hdmi-stereo"; }),
     OutputKind::hdmi},
    {"SpdifByNodeName",
     with(pci("", "", ""), [](SocketFacts &s) { s.node_name = "alsa_output.pci-0000_01_00.1.iec958-stereo"; }),
     OutputKind::spdif},
    {"AnalogWithoutRoutes", pci("", "", ""), OutputKind::unknown},
    {"UsbHeadset",
     with(usb("analog-output", "Analog Output", "analog"), [](SocketFacts &s) { s.form_factor = "headset"; }),
     OutputKind::usb_fixed},
    {"UsbSpeakers",
     with(usb("analog-output", "Analog Output", "analog"), [](SocketFacts &s) { s.form_factor = "speaker"; }),
     OutputKind::usb_fixed},
    {"UsbHandsFree", with(usb("", "", ""), [](SocketFacts &s) { s.form_factor = "hands-free"; }),
     OutputKind::usb_fixed},
    {"HeadphoneSocketOfUsbSpeakers",
     with(usb("analog-output-headphones", "Headphones", "headphones"),
          [](SocketFacts &s) { s.form_factor = "speaker"; }),
     OutputKind::headphone_out},
    // udev makes "headphone" of the model name: an adapter is a socket, not a headphone.
    {"HeadphoneJackAdapter",
     with(usb("analog-output-headphones", "Headphones", "headphones"),
          [](SocketFacts &s) {
              s.form_factor = "headphone";
              s.device_description = "USB-C to 3.5mm Headphone Jack Adapter";
          }),
     OutputKind::headphone_out},
    {"UsbHeadphonesPort", usb("[Out] Headphones", "Headphones", "headphones"), OutputKind::headphone_out},
    {"ScarlettShared", usb("[Out] Line1", "Headphones / Line 1-2", "line"), OutputKind::shared_out},
    {"MotuShared", usb("[Out] Line1", "Headphone + Monitor Out", "line"), OutputKind::shared_out},
    {"AudientShared", usb("[Out] Headphones", "Headphones / Monitor", "headphones"), OutputKind::shared_out},
    {"InterfaceLine", usb("[Out] Line2", "Line 3-4", "line"), OutputKind::line_out},
    {"BoardCodecOnUsb", usb("[Out] Speaker", "Speakers", "speaker"), OutputKind::line_out},
    {"UsbAnalog", usb("analog-output", "Analog Output", "analog"), OutputKind::unknown},
    {"BluetoothHeadphones", bluetooth("headphone"), OutputKind::bluetooth},
    {"BluetoothUnknown", bluetooth(""), OutputKind::bluetooth},
    {"ProAudio", with(usb("", "", ""), [](SocketFacts &s) { s.pro_audio = true; }), OutputKind::unknown},
    {"NullSink", with(SocketFacts{}, [](SocketFacts &s) { s.node_name = "null"; }), OutputKind::virtual_output},
    {"DeviceWithoutApi", with(SocketFacts{}, [](SocketFacts &s) { s.device_name = "odd_card"; }), OutputKind::unknown},
    {"UnheardOfApi", with(SocketFacts{}, [](SocketFacts &s) { s.api = "oss9"; }), OutputKind::unknown},
};
INSTANTIATE_TEST_SUITE_P(Sockets, Kinds, ::testing::ValuesIn(kind_cases),
                         [](const auto &test) { return test.param.name; });

TEST(Kind, NothingWithADeviceApiIsVirtual) {
    for (const char *api : {"alsa", "bluez5", "v4l2", "x"})
        for (const char *port : {"", "analog", "headphones", "speaker", "line", "hdmi", "network"})
            for (const bool pro : {false, true}) {
                SocketFacts socket;
                socket.api = api;
                socket.port_type = port;
                socket.pro_audio = pro;
                EXPECT_NE(describe(socket).facts.kind, OutputKind::virtual_output) << api << " " << port;
            }
}

TEST(Kind, ProAudioIsMarked) {
    SocketFacts socket = usb("", "", "");
    socket.pro_audio = true;
    EXPECT_TRUE(describe(socket).facts.pro_audio);
    EXPECT_FALSE(describe(usb("", "", "")).facts.pro_audio);
}

TEST(FullScale, IsNeverClaimedToBeKnown) {
    for (const KindCase &c : kind_cases) EXPECT_EQ(describe(c.socket).facts.full_scale, std::nullopt) << c.name;
}

TEST(FullScale, LaptopIsACardWithItsOwnSpeaker) {
    SocketFacts socket = pci("analog-output-headphones", "Headphones", "headphones");
    socket.has_internal_speaker = true;
    EXPECT_EQ(describe(socket).class_full_scale.value, 1.4);
    socket.bus = "platform";
    EXPECT_EQ(describe(socket).class_full_scale.value, 1.4);
}

TEST(FullScale, DesktopAndUnknownAreTwoVolts) {
    EXPECT_EQ(describe(pci("analog-output-headphones", "Headphones", "headphones")).class_full_scale.value, 2.0);
    EXPECT_EQ(describe(bluetooth("headphone")).class_full_scale.value, 2.0);
}

TEST(FullScale, UsbWithOneStereoOutputIsADongle) {
    EXPECT_EQ(describe(usb("[Out] Headphones", "Headphones", "headphones")).class_full_scale.value, 1.0);
}

TEST(FullScale, ASocketOfUnknownKindCountsAsTwoVoltsAtLeast) {
    EXPECT_EQ(describe(usb("analog-output", "Analog Output", "analog")).class_full_scale.value, 2.0);
    SocketFacts laptop = pci("analog-output", "Analog Output", "analog");
    laptop.has_internal_speaker = true;
    EXPECT_EQ(describe(laptop).class_full_scale.value, 2.0);
}

TEST(FullScale, UsbWithMoreThanThatIsAnInterface) {
    SocketFacts channels = usb("analog-output", "Analog Output", "analog");
    channels.channels = 4;
    EXPECT_EQ(describe(channels).class_full_scale.value, 4.0);
    SocketFacts outputs = usb("[Out] Headphones", "Headphones", "headphones");
    outputs.outputs = 2;
    EXPECT_EQ(describe(outputs).class_full_scale.value, 4.0);
    EXPECT_EQ(describe(usb("[Out] Line1", "Headphones / Line 1-2", "line")).class_full_scale.value, 4.0);
}

TEST(FullScale, UsbLineOutIsNoDongle) {
    EXPECT_EQ(describe(usb("[Out] Line", "Line Out", "line")).class_full_scale.value, 2.0);
}

Classification classified(const SocketFacts &socket) { return classify(socket, describe(socket).facts.kind); }

TEST(Loads, AnalogSocketsSayNothingOfTheLoad) {
    for (const SocketFacts &socket :
         {pci("analog-output-headphones", "Headphones", "headphones"), pci("analog-output-lineout", "Line Out", "line"),
          usb("[Out] Line1", "Headphones / Line 1-2", "line"), usb("analog-output", "Analog Output", "analog")}) {
        const Classification found = classified(socket);
        ASSERT_EQ(found.loads.size(), 1U);
        EXPECT_EQ(found.loads[0], (WeightedLoad{Load::unknown, 1.0}));
        EXPECT_EQ(found.confidence, Confidence::low);
        EXPECT_FALSE(found.evidence.empty());
    }
}

TEST(Loads, AnUnpluggedRouteHasNothingForCertain) {
    SocketFacts socket = pci("analog-output-headphones", "Headphones", "headphones");
    socket.availability = Availability::no;
    const Classification found = classified(socket);
    EXPECT_EQ(found.loads[0], (WeightedLoad{Load::nothing, 1.0}));
    EXPECT_EQ(found.confidence, Confidence::certain);
}

TEST(Loads, BuiltInSpeakersAndNamedDisplaysAreCertain) {
    EXPECT_EQ(classified(pci("analog-output-speaker", "Speaker", "speaker")).loads[0].load, Load::internal_speaker);
    EXPECT_EQ(classified(pci("analog-output-speaker", "Speaker", "speaker")).confidence, Confidence::certain);
    SocketFacts switched_off = pci("analog-output-speaker", "Speaker", "speaker");
    switched_off.availability = Availability::no; // as laptops say while headphones are plugged
    EXPECT_EQ(classified(switched_off).loads[0].load, Load::internal_speaker);
    SocketFacts hdmi = pci("hdmi-output-0", "HDMI", "hdmi");
    EXPECT_EQ(classified(hdmi).loads[0].load, Load::unknown);
    hdmi.product = "U2720Q";
    EXPECT_EQ(classified(hdmi).loads[0].load, Load::display);
    EXPECT_EQ(classified(hdmi).confidence, Confidence::certain);
}

// +15 for the class headphone, +12 for loudspeakers (sensing.md §6.2, I3).
TEST(Loads, BluetoothFormFactorsSayTheLoadExceptHeadset) {
    EXPECT_EQ(classified(bluetooth("headphone")).loads[0].load, Load::headphones);
    EXPECT_EQ(classified(bluetooth("headphone")).confidence, Confidence::high);
    for (const char *factor : {"speaker", "hifi", "car", "portable"}) {
        EXPECT_EQ(classified(bluetooth(factor)).loads[0].load, Load::active_speakers) << factor;
        EXPECT_EQ(classified(bluetooth(factor)).confidence, Confidence::medium) << factor;
    }
    EXPECT_EQ(classified(bluetooth("headset")).confidence, Confidence::low);
    EXPECT_EQ(classified(bluetooth("phone")).loads[0].load, Load::unknown);
    EXPECT_EQ(classified(bluetooth("")).loads[0].load, Load::unknown);
}

TEST(Loads, UsbDevicesWithATransducerOfTheirOwn) {
    for (const auto &[factor, load, confidence] : {std::tuple{"headset", Load::headset, Confidence::high},
                                                   {"headphone", Load::headphones, Confidence::high},
                                                   {"speaker", Load::active_speakers, Confidence::medium}}) {
        SocketFacts socket = usb("analog-output", "Analog Output", "analog");
        socket.form_factor = factor;
        EXPECT_EQ(classified(socket).loads[0].load, load);
        EXPECT_EQ(classified(socket).confidence, confidence);
    }
}

TEST(Loads, ProbabilitiesSumToOneAndComeMostProbableFirst) {
    const auto expect_sound = [](const std::vector<WeightedLoad> &loads) {
        const double sum =
            std::accumulate(loads.begin(), loads.end(), 0.0, [](double s, const auto &l) { return s + l.probability; });
        EXPECT_NEAR(sum, 1.0, 1e-9);
        EXPECT_GE(loads.front().probability, loads.back().probability);
    };
    for (const KindCase &c : kind_cases) expect_sound(classified(c.socket).loads);
    for (const auto &[kind, name] : Names<OutputKind>::table) {
        SCOPED_TRACE(name);
        expect_sound(plausible_loads(kind));
    }
}

} // namespace
} // namespace soundwarden::classify
