// SPDX-License-Identifier: MIT
// Situations of real hardware, one a row: what the socket is, what hangs there and how surely, whether something is plugged in, and how
// long facts keep coming in. The third column is the section of reference/sensing.md that the expectation comes from; the ranges are
// the priors of §6.2 times its weights, ± rounding.
#include "classify_test_world.hpp"

#include <gtest/gtest.h>

#include <ostream>

namespace soundwarden::classify::testing {
namespace {

struct Situation {
    const char *name;
    const char *section;
    SocketFacts socket;
    std::optional<CardFacts> card;
    OutputKind kind;
    Load top;
    double least;
    double most;
    Confidence confidence;
    Availability plug;
    Duration settle;
};
void PrintTo(const Situation &situation, std::ostream *out) { *out << situation.name << " (" << situation.section << ")"; }

SocketFacts changed(SocketFacts socket, void (*change)(SocketFacts &)) {
    change(socket);
    return socket;
}
CardFacts changed(CardFacts card, void (*change)(CardFacts &)) {
    change(card);
    return card;
}

using K = OutputKind;
using C = Confidence;
using A = Availability;
constexpr auto hp = JackUse::headphones;
constexpr auto lo = JackUse::line_out;
constexpr auto HP = &JackBits::headphone;
constexpr auto MIC = &JackBits::microphone;
constexpr auto LINE = &JackBits::line_out;
constexpr auto IN = &JackBits::physical;

SocketFacts platform_headphones() {
    return changed(headphones_of("platform"), [](SocketFacts &s) {
        s.route_name = "[Out] Headphones";
        s.bus_path = "platform-sound";
    });
}
SocketFacts ucm(const char *route, const char *description, const char *port, std::uint32_t outputs = 1) {
    SocketFacts socket = socket_on("usb", route, description, port);
    socket.outputs = outputs;
    return socket;
}
SocketFacts usb_with(const char *form_factor, const char *description) {
    SocketFacts socket = plain_of("usb");
    socket.form_factor = form_factor;
    socket.device_description = description;
    return socket;
}

// --- HDA: labels of sockets, presence of plugs (§0.2, §1.1) --------------------------------------------------------------------
const Situation hda_situations[] = {
    {"LaptopHeadphonesOut", "§6.2 H1", headphones_of(), hda({jack("Headphone", hp, false)}), K::headphone_out, Load::nothing, 1, 1,
     C::certain, A::no, 300ms},
    {"LaptopHeadphonesIn", "§0.2", headphones_of(), hda({jack("Headphone", hp, true)}), K::headphone_out, Load::unknown, 1, 1, C::low,
     A::yes, 300ms},
    // The group makes "plugged" look like "unknown" to PipeWire; the control knows, and the microphone is a phantom (§1.7, §5).
    {"ComboJackThatCannotTell", "§1.7, §5", changed(headphones_of(), [](SocketFacts &s) { s.availability_group = "Legacy 1"; }),
     hda({jack("Headphone", hp, true), phantom(headset_microphone({}))}), K::headphone_out, Load::unknown, 1, 1, C::low, A::yes, 300ms},
    {"ComboJackWithAHeadset", "§6.2 M1", headphones_of(), hda({jack("Headphone", hp, true), headset_microphone(true)}), K::headphone_out,
     Load::headset, 0.98, 1, C::high, A::yes, 300ms},
    {"ComboJackWithoutMicrophone", "§6.2 M3", headphones_of(), hda({jack("Headphone", hp, true), headset_microphone(false)}),
     K::headphone_out, Load::unknown, 1, 1, C::low, A::yes, 300ms},
    {"AMicrophoneInItsOwnSocketIsNoHeadset", "§6.2 M1", headphones_of(), hda({jack("Headphone", hp, true), microphone(true)}),
     K::headphone_out, Load::unknown, 1, 1, C::low, A::yes, 300ms},
    {"HoleForHeadphonesOrMicrophone", "§1.1", headphones_of(), hda({jack("Headphone Mic", JackUse::headphones_or_microphone, true)}),
     K::headphone_out, Load::unknown, 1, 1, C::low, A::yes, 300ms},
    {"PhantomHeadphonesAreNeverPlugged", "§1.1", headphones_of(), hda({phantom(jack("Headphone", hp, {}))}), K::headphone_out,
     Load::unknown, 1, 1, C::low, A::unknown, 300ms},
    {"RouteSaysYesAndJackSaysNo", "§0.4", with(headphones_of(), A::yes), hda({jack("Headphone", hp, false)}), K::headphone_out,
     Load::unknown, 1, 1, C::low, A::yes, 300ms},
    {"OnlyTheSwitchCanBeRead", "§1.2", headphones_of(),
     changed(hda(),
             [](CardFacts &c) {
                 c.switches.push_back({"HDA Intel PCH Front Headphone", bits({HP}), {}, false});
             }),
     K::headphone_out, Load::nothing, 1, 1, C::certain, A::no, 300ms},
    {"LaptopSpeaker", "§4.4", with(speaker_of(), A::no), hda({phantom(jack("Speaker", JackUse::speaker, {})), jack("Headphone", hp, true)}),
     K::internal_speaker, Load::internal_speaker, 1, 1, C::certain, A::unknown, 300ms},
    {"SpeakerThatIsASocket", "§1.1", speaker_of(), hda({jack("Speaker", JackUse::speaker, true)}), K::line_out, Load::unknown, 1, 1, C::low,
     A::yes, 300ms},
    {"SpeakerThatIsSoldered", "§1.4", speaker_of(),
     changed(hda({jack("Speaker", JackUse::speaker, true)}),
             [](CardFacts &c) { c.pins = {pin(JackUse::speaker, JackPlace::internal, false, false)}; }),
     K::internal_speaker, Load::internal_speaker, 1, 1, C::certain, A::unknown, 300ms},
    {"DesktopRear", "§0.2", with(line_of(), A::yes),
     changed(hda({jack("Line Out", lo, true)}), [](CardFacts &c) { c.pins = {pin(lo, JackPlace::rear, false)}; }), K::line_out,
     Load::unknown, 1, 1, C::low, A::yes, 300ms},
    {"DesktopRearWithHeadphoneDriver", "§6.2 D2", with(line_of(), A::yes),
     changed(hda({jack("Line Out", lo, true)}), [](CardFacts &c) { c.pins = {pin(lo, JackPlace::rear, true)}; }), K::headphone_out,
     Load::unknown, 1, 1, C::low, A::yes, 300ms},
    {"DesktopFront", "§1.7", headphones_of(), hda({jack("Front Headphone", hp, false, JackPlace::front), jack("Line Out", lo, true)}),
     K::headphone_out, Load::nothing, 1, 1, C::certain, A::no, 300ms},
    {"SecondFrontHeadphones", "§1.7", socket_on("pci", "analog-output-headphones-2", "Headphones 2", "headphones"),
     hda({jack("Front Headphone", hp, true, JackPlace::front), jack("Front Headphone", hp, false, JackPlace::front, 1)}), K::headphone_out,
     Load::nothing, 1, 1, C::certain, A::no, 300ms},
    {"DockHeadphones", "§1.7", with(headphones_of(), A::unknown),
     hda({jack("Headphone", hp, false), jack("Dock Headphone", hp, true, JackPlace::dock)}), K::headphone_out, Load::unknown, 1, 1, C::low,
     A::yes, 300ms},
    {"DockLineOutPulled", "§1.7", with(line_of(), A::no), hda({jack("Dock Line Out", lo, false, JackPlace::dock)}), K::line_out,
     Load::nothing, 1, 1, C::certain, A::no, 300ms},
    {"SurroundOnTheBack", "§6.2 C1",
     changed(line_of(),
             [](SocketFacts &s) {
                 s.channels = 6;
                 s.node_name = "alsa_output.pci-0000_00_1f.3.analog-surround-51";
             }),
     hda({jack("Line Out Front", lo, true), jack("Line Out Surround", lo, true), jack("Line Out CLFE", lo, true)}), K::line_out,
     Load::active_speakers, 0.79, 0.85, C::medium, A::yes, 300ms},
    {"SurroundWithHeadphoneDriver", "§6.2 C1, D2",
     changed(line_of(),
             [](SocketFacts &s) {
                 s.channels = 6;
                 s.node_name = "alsa_output.pci-0000_00_1f.3.analog-surround-51";
             }),
     changed(hda({jack("Line Out", lo, true)}), [](CardFacts &c) { c.pins = {pin(lo, JackPlace::rear, true)}; }), K::line_out,
     Load::active_speakers, 0.93, 0.95, C::medium, A::yes, 300ms},
    {"XonarToldHeadphones", "§6.2 X1", plain_of("pci"),
     changed(card_of("AV200"), [](CardFacts &c) { c.declared_output = "FP Headphones"; }), K::unknown, Load::headphones, 0.95, 0.98,
     C::high, A::unknown, 300ms},
    {"XonarToldSpeakers", "§6.2 X1", plain_of("pci"), changed(card_of("AV200"), [](CardFacts &c) { c.declared_output = "Speakers"; }),
     K::unknown, Load::unknown, 1, 1, C::low, A::unknown, 300ms},
    {"TypeCAnalogAdapter", "§1.4", headphones_of(),
     changed(hda({jack("Headphone", hp, true)}), [](CardFacts &c) { c.analog_accessory = true; }), K::headphone_out, Load::unknown, 1, 1,
     C::low, A::yes, 300ms},
    {"SofWithHdaCodecIsHda", "§0.2, §6.3",
     changed(headphones_of(), [](SocketFacts &s) { s.bus_path = "pci-0000:00:1f.3-platform-skl_hda_dsp_generic"; }),
     changed(card_of("sof-hda-dsp", {jack("Headphone", hp, true)}), [](CardFacts &c) { c.switches.push_back(all_bits(bits({LINE}))); }),
     K::headphone_out, Load::unknown, 1, 1, C::low, A::yes, 300ms},
};

// --- Codecs that measure (§2) --------------------------------------------------------------------------------------------------
const Situation measured_situations[] = {
    {"WcdHeadphones", "§6.2 H4", platform_headphones(), wcd(bits({HP, IN}), 31, 33), K::headphone_out, Load::headphones, 0.95, 0.98,
     C::high, A::yes, 3500ms},
    {"WcdHeadset", "§6.2 H4, M1", platform_headphones(), wcd(bits({HP, MIC, IN}), 31, 33), K::headphone_out, Load::headset, 0.98, 1,
     C::high, A::yes, 3500ms},
    // First headphones, then corrected: the bits of both moments.
    {"WcdBeforeItHasMeasured", "§6.3", platform_headphones(), wcd(bits({HP, IN})), K::headphone_out, Load::headphones, 0.93, 0.98, C::high,
     A::yes, 3500ms},
    {"WcdLine", "§6.2 H4", platform_headphones(), wcd(bits({LINE, IN}), 12000, 11000), K::headphone_out, Load::active_speakers, 0.66, 0.72,
     C::low, A::yes, 3500ms},
    {"WcdOpenExtensionCable", "§2", platform_headphones(), wcd(bits({LINE, IN})), K::headphone_out, Load::active_speakers, 0.66, 0.72,
     C::low, A::yes, 3500ms},
    {"WcdOut", "§6.2 H1", platform_headphones(), wcd({}), K::headphone_out, Load::nothing, 1, 1, C::certain, A::no, 3500ms},
    {"WcdShort", "§6.2 H4", platform_headphones(), wcd(bits({HP, IN}), 1, 1), K::headphone_out, Load::passive_speakers, 1, 1, C::certain,
     A::yes, 3500ms},
    {"Wcd4Ohm", "§6.2 H4", platform_headphones(), wcd(bits({HP, IN}), 4, 4), K::headphone_out, Load::passive_speakers, 0.85, 0.95,
     C::medium, A::yes, 3500ms},
    {"Wcd10Ohm", "§6.2 H4", platform_headphones(), wcd(bits({HP, IN}), 10, 10), K::headphone_out, Load::in_ear, 0.45, 0.65, C::low, A::yes,
     3500ms},
    {"Wcd300Ohm", "§6.2 H4", platform_headphones(), wcd(bits({HP, IN}), 300, 301), K::headphone_out, Load::headphones, 0.98, 1, C::high,
     A::yes, 3500ms},
    {"Wcd3000Ohm", "§6.2 H4", platform_headphones(), changed(wcd({}, 3000, 3000), [](CardFacts &c) { c.switches.clear(); }),
     K::headphone_out, Load::unknown, 1, 1, C::low, A::yes, 3500ms},
    {"Wcd8000Ohm", "§6.2 H4", platform_headphones(), changed(wcd({}, 8000, 8000), [](CardFacts &c) { c.switches.clear(); }),
     K::headphone_out, Load::active_speakers, 0.66, 0.72, C::low, A::yes, 3500ms},
    {"WcdWithOneChannelMeasured", "§6.2 H4: both channels", platform_headphones(),
     changed(wcd(bits({IN}), 32, 0), [](CardFacts &c) { c.switches[0].able.microphone = false; }), K::headphone_out, Load::unknown, 1, 1,
     C::low, A::yes, 3500ms},
    // Headphones where the bit says line: the two disagree, so both count and headphones stay plausible.
    {"WcdOhmsAgainstTheBit", "§6.2 H4, H5", platform_headphones(), wcd(bits({LINE, IN}), 32, 32), K::headphone_out, Load::active_speakers,
     0.3, 0.6, C::low, A::yes, 3500ms},
    {"Cs42l43Headphones", "§0.4, §2", platform_headphones(), cs42l43(bits({HP, IN}), true), K::headphone_out, Load::headphones, 0.93, 0.98,
     C::high, A::yes, 1500ms},
    {"Cs42l43Line", "§0.4, §2", platform_headphones(), cs42l43(bits({LINE, IN}), true), K::headphone_out, Load::active_speakers, 0.66, 0.72,
     C::low, A::yes, 1500ms},
    {"Cs42l43BothBitsMeasureNothing", "§0.4", platform_headphones(),
     changed(cs42l43(bits({HP, LINE, IN}), true), [](CardFacts &c) { c.switches[0].able.microphone = false; }), K::headphone_out,
     Load::unknown, 1, 1, C::low, A::yes, 1500ms},
    {"Cs42l43OpenCircuit", "§2", platform_headphones(), cs42l43(bits({IN}), false), K::headphone_out, Load::unknown, 1, 1, C::low, A::yes,
     1500ms},
    {"Cs42l43OpticalPlug", "§1.2", platform_headphones(), cs42l43(bits({LINE, &JackBits::video_out, IN}), true), K::headphone_out,
     Load::unknown, 1, 1, C::low, A::yes, 1500ms},
    {"Cs42l43WithoutItsSwitch", "§0.4", platform_headphones(), changed(cs42l43({}, true), [](CardFacts &c) { c.switches.clear(); }),
     K::headphone_out, Load::unknown, 1, 1, C::low, A::yes, 1500ms},
    {"SdcaHeadphone", "§1.1, §2", platform_headphones(), sdca("headphone"), K::headphone_out, Load::headphones, 0.93, 0.98, C::high, A::yes,
     1500ms},
    {"SdcaHeadset", "§1.1, §2", platform_headphones(), sdca("headset"), K::headphone_out, Load::headset, 0.98, 1, C::high, A::yes, 1500ms},
    {"SdcaLineOut", "§1.1, §2", platform_headphones(), sdca("line_out_stereo"), K::headphone_out, Load::active_speakers, 0.66, 0.72,
     C::low, A::yes, 1500ms},
    {"SdcaUnplugged", "§1.1", platform_headphones(), sdca("jack_unplugged"), K::headphone_out, Load::nothing, 1, 1, C::certain, A::no,
     1500ms},
    {"SdcaStillDetecting", "§1.1", platform_headphones(), sdca("detection_in_progress"), K::headphone_out, Load::unknown, 1, 1, C::low,
     A::unknown, 1500ms},
    {"Da7219Line", "§2", platform_headphones(),
     changed(card_of("acpd7219m98357"), [](CardFacts &c) { c.switches.push_back(all_bits(bits({LINE}))); }), K::headphone_out,
     Load::active_speakers, 0.66, 0.72, C::low, A::yes, 1500ms},
    {"ArizonaHeadphones", "§2", platform_headphones(),
     changed(card_of("bytcr-wm5102"), [](CardFacts &c) { c.switches.push_back(all_bits(bits({HP}))); }), K::headphone_out, Load::headphones,
     0.93, 0.98, C::high, A::yes, 1500ms},
    // As HDA, but it gets the time of one that may measure.
    {"UnknownAsocLineBit", "§0.3, §6.3", platform_headphones(),
     changed(card_of("sof-rt5682"), [](CardFacts &c) { c.switches.push_back(all_bits(bits({LINE}))); }), K::headphone_out, Load::unknown, 1,
     1, C::low, A::yes, 1500ms},
    {"UnknownAsocHeadset", "§6.2 M1", platform_headphones(),
     changed(card_of("sof-rt5682"),
             [](CardFacts &c) {
                 c.switches.push_back(all_bits(bits({HP, MIC})));
             }),
     K::headphone_out, Load::headset, 0.98, 1, C::high, A::yes, 1500ms},
    {"SpeakerCodecDoesNotMeasureTheJack", "§2", platform_headphones(),
     changed(cs42l43(bits({LINE, IN}), true),
             [](CardFacts &c) {
                 c.components = "hs:rt5682 spk:cs42l43-spk mic:rt712-sdca-dmic";
                 c.switches[0].able.microphone = false;
             }),
     K::headphone_out, Load::unknown, 1, 1, C::low, A::yes, 1500ms},
    {"MediaButtons", "§6.2 M2", platform_headphones(),
     changed(card_of("sof-rt5682"),
             [](CardFacts &c) {
                 c.switches.push_back(all_bits(bits({HP}), true));
                 c.switches[0].able.microphone = false;
             }),
     K::headphone_out, Load::headset, 0.94, 0.98, C::high, A::yes, 1500ms},
    {"GpioSwitchOut", "§1.3", platform_headphones(),
     changed(card_of("simple-card"),
             [](CardFacts &c) {
                 c.switches.push_back({"gpio-keys", bits({HP}), {}, false});
             }),
     K::headphone_out, Load::nothing, 1, 1, C::certain, A::no, 1500ms},
};

// --- HDMI and DisplayPort, S/PDIF, pro audio (§1.1, §1.7) ----------------------------------------------------------------------
const Situation digital_situations[] = {
    {"MonitorWithEld", "§6.2 H2", hdmi_of(3), with(hda({display_jack(3, true)}), receiver(3, true)), K::hdmi, Load::display, 1, 1,
     C::certain, A::yes, 300ms},
    {"MonitorGone", "§6.2 H1", with(hdmi_of(3), A::unknown), with(hda({display_jack(3, false)}), receiver(3, false)), K::hdmi,
     Load::nothing, 1, 1, C::certain, A::no, 300ms},
    {"MonitorOfAnotherPcm", "§1.1", with(hdmi_of(7), A::no), with(hda({display_jack(3, true), display_jack(7, false)}), receiver(3, true)),
     K::hdmi, Load::nothing, 1, 1, C::certain, A::no, 300ms},
    {"DviMonitorWithoutSound", "§1.1", hdmi_of(3), with(hda({display_jack(3, true)}), receiver(3, false)), K::hdmi, Load::unknown, 1, 1,
     C::low, A::yes, 300ms},
    {"MonitorNamedByPipeWire", "§6.2 H2", changed(hdmi_of(3), [](SocketFacts &s) { s.product = "DELL U2720Q"; }), std::nullopt, K::hdmi,
     Load::display, 1, 1, C::certain, A::unknown, 300ms},
    {"AsocDisplayWithoutPcm", "§1.1", hdmi_of(2), card_of("vc4-hdmi", {jack("HDMI", JackUse::hdmi, false)}), K::hdmi, Load::nothing, 1, 1,
     C::certain, A::no, 300ms},
    {"SpdifOfTheBoard", "§1.7", socket_on("pci", "iec958-stereo-output", "Digital Output (S/PDIF)", "spdif"), hda(), K::spdif,
     Load::unknown, 1, 1, C::low, A::unknown, 300ms},
    {"ProAudioAnalog", "§1.7",
     changed(socket_on("pci", "", "", ""),
             [](SocketFacts &s) {
                 s.pro_audio = true;
                 s.pcm_device = 0;
             }),
     hda({jack("Headphone", hp, false)}), K::unknown, Load::unknown, 1, 1, C::low, A::unknown, 300ms},
    {"ProAudioHdmi", "§1.7",
     changed(socket_on("pci", "", "", ""),
             [](SocketFacts &s) {
                 s.pro_audio = true;
                 s.pcm_device = 3;
             }),
     with(hda({display_jack(3, true)}), receiver(3, true)), K::hdmi, Load::display, 1, 1, C::certain, A::yes, 300ms},
};

// --- USB (§1.3, §1.4, §4.3) ----------------------------------------------------------------------------------------------------
const Situation usb_situations[] = {
    {"Uac1WithoutJack", "§1.3", plain_of("usb"), usb({0x0301}), K::unknown, Load::unknown, 1, 1, C::low, A::unknown, 300ms},
    {"Uac2ConnectorOut", "§1.1, §6.2 H1", headphones_of("usb"), usb({0x0302}, {jack("Headphone - Output", hp, false)}), K::headphone_out,
     Load::nothing, 1, 1, C::certain, A::no, 300ms},
    {"Uac2ConnectorIn", "§6.2 I2", headphones_of("usb"), usb({0x0302}, {jack("Headphone - Output", hp, true)}), K::headphone_out,
     Load::headphones, 0.7, 0.8, C::high, A::yes, 300ms},
    {"TheOnlyConnectorOfAPlainDevice", "§1.1", plain_of("usb"), usb({0x0301}, {jack("Out - Output", JackUse::speaker, false)}), K::unknown,
     Load::nothing, 1, 1, C::certain, A::no, 300ms},
    {"Alc4080SpeakerIsAJack", "§4.3, §4.4", ucm("[Out] Speaker", "Speakers", "speaker", 3),
     usb({0x0301, 0x0302, 0x0602}, {jack("Speaker - Output", JackUse::speaker, true), jack("Headphone - Output", hp, false)}), K::line_out,
     Load::unknown, 1, 1, C::low, A::yes, 300ms},
    {"Alc4080FrontHeadphonesOut", "§4.3", ucm("[Out] Headphones", "Front Headphones", "headphones", 3),
     usb({0x0301, 0x0302, 0x0602}, {jack("Speaker - Output", JackUse::speaker, true), jack("Headphone - Output", hp, false)}),
     K::headphone_out, Load::nothing, 1, 1, C::certain, A::no, 300ms},
    {"ScarlettLineWithHeadphoneAmplifier", "§4.3", ucm("[Out] Line1", "Headphones / Line 1-2", "line"), usb({0x0301}), K::shared_out,
     Load::unknown, 1, 1, C::low, A::unknown, 300ms},
    {"MotuHeadphoneAndMonitor", "§4.3", ucm("[Out] Line1", "Headphone + Monitor Out", "line", 2), usb({0x0301}), K::shared_out,
     Load::unknown, 1, 1, C::low, A::unknown, 300ms},
    {"TwoTerminalsOnOnePair", "§4.3, §6.1", plain_of("usb"), usb({0x0302, 0x0603}), K::shared_out, Load::unknown, 1, 1, C::low, A::unknown,
     300ms},
    {"TwoTerminalsOnFourChannels", "§4.3", changed(plain_of("usb"), [](SocketFacts &s) { s.channels = 4; }), usb({0x0302, 0x0603}),
     K::unknown, Load::unknown, 1, 1, C::low, A::unknown, 300ms},
    {"TerminalHeadphones", "§6.2 I2", plain_of("usb"), usb({0x0302}), K::headphone_out, Load::headphones, 0.7, 0.8, C::high, A::unknown,
     300ms},
    {"TerminalHeadset", "§6.2 I2", plain_of("usb"), usb({0x0402}), K::headphone_out, Load::headphones, 0.7, 0.8, C::high, A::unknown,
     300ms},
    {"TerminalDesktopSpeaker", "§6.2 I2", plain_of("usb"), usb({0x0304}), K::usb_fixed, Load::active_speakers, 0.75, 0.8, C::low,
     A::unknown, 300ms},
    {"TerminalLineConnector", "§6.2 I2", plain_of("usb"), usb({0x0603}), K::line_out, Load::unknown, 1, 1, C::low, A::unknown, 300ms},
    {"TerminalSpdif", "§6.2 I2", plain_of("usb"), usb({0x0605}), K::spdif, Load::unknown, 1, 1, C::low, A::unknown, 300ms},
    {"TerminalSpeakerSaysNothing", "§1.4", ucm("[Out] Line", "Line Out", "line"), usb({0x0301}), K::line_out, Load::unknown, 1, 1, C::low,
     A::unknown, 300ms},
    {"UsbSurroundIsPairsOfSockets", "§4.3, §6.2 C1",
     changed(plain_of("usb"),
             [](SocketFacts &s) {
                 s.channels = 4;
                 s.node_name = "alsa_output.usb-X.analog-surround-40";
             }),
     usb({0x0301}), K::unknown, Load::unknown, 1, 1, C::low, A::unknown, 300ms},
    {"UsbHeadset", "§6.2 I1", usb_with("headset", "Gaming Headset"), usb({0x0301}), K::usb_fixed, Load::headset, 0.94, 0.98, C::high,
     A::unknown, 300ms},
    {"UsbSpeaker", "§6.2 I1", usb_with("speaker", "Z-10 USB Speaker"), usb({0x0301}), K::usb_fixed, Load::active_speakers, 0.9, 0.93,
     C::medium, A::unknown, 300ms},
    {"UsbHeadphoneJackAdapter", "§4.3, §4.4", usb_with("headphone", "USB-C to 3.5mm Headphone Jack Adapter"), usb({0x0302}),
     K::headphone_out, Load::headphones, 0.7, 0.8, C::high, A::unknown, 300ms},
};

// --- Bluetooth (§4.2) ----------------------------------------------------------------------------------------------------------
SocketFacts of_class(const char *bluetooth_class) {
    SocketFacts socket = bluetooth("");
    socket.bluetooth_class = bluetooth_class;
    return socket;
}
const Situation bluetooth_situations[] = {
    // Speakers announce a headset, so this is never more than a guess; what is done is what headphones get.
    {"HeadsetThatIsASpeaker", "§4.2", bluetooth("headset"), std::nullopt, K::bluetooth, Load::headphones, 0.6, 0.75, C::low, A::unknown,
     300ms},
    {"ClassSpeaker", "§6.2 I3", bluetooth("speaker"), std::nullopt, K::bluetooth, Load::active_speakers, 0.83, 0.86, C::medium, A::unknown,
     300ms},
    {"ClassHeadphone", "§6.2 I3", bluetooth("headphone"), std::nullopt, K::bluetooth, Load::headphones, 0.96, 0.99, C::high, A::unknown,
     300ms},
    {"ClassHifi", "§6.2 I3", bluetooth("hifi"), std::nullopt, K::bluetooth, Load::active_speakers, 0.83, 0.86, C::medium, A::unknown,
     300ms},
    {"ClassCar", "§6.2 I3", bluetooth("car"), std::nullopt, K::bluetooth, Load::active_speakers, 0.83, 0.86, C::medium, A::unknown, 300ms},
    {"ClassHandsFree", "§6.2 I3", bluetooth("hands-free"), std::nullopt, K::bluetooth, Load::headphones, 0.55, 0.75, C::low, A::unknown,
     300ms},
    {"ClassNumberOfASpeaker", "§4.2", of_class("0x240414"), std::nullopt, K::bluetooth, Load::active_speakers, 0.83, 0.86, C::medium,
     A::unknown, 300ms},
    {"ClassNumberOfAHeadset", "§4.2", of_class("0x240404"), std::nullopt, K::bluetooth, Load::headphones, 0.6, 0.75, C::low, A::unknown,
     300ms},
    {"ClassNumberOfAPhone", "§4.2", of_class("0x5a020c"), std::nullopt, K::bluetooth, Load::unknown, 1, 1, C::low, A::unknown, 300ms},
    {"ClassNumberThatIsNone", "§4.2", of_class("0x"), std::nullopt, K::bluetooth, Load::unknown, 1, 1, C::low, A::unknown, 300ms},
    {"EarbudsByName", "§6.2 I4", bluetooth("headset", "Galaxy Buds2"), std::nullopt, K::bluetooth, Load::headphones, 0.35, 0.5, C::low,
     A::unknown, 300ms},
    {"LowEnergySpeakerByName", "§4.2, §6.2 I4", bluetooth("", "Kitchen Soundbar"), std::nullopt, K::bluetooth, Load::active_speakers, 0.55,
     0.6, C::low, A::unknown, 300ms},
    {"SwitchedOff", "§6.2 H1", with(bluetooth("headphone"), A::no), std::nullopt, K::bluetooth, Load::nothing, 1, 1, C::certain, A::no,
     300ms},
};

// --- Several sockets on one signal (§6.1) --------------------------------------------------------------------------------------
const Situation shared_situations[] = {
    {"TwoHeadphoneJacksOneFull", "§6.1", headphones_of(),
     hda({jack("Headphone", hp, true), jack("Headphone", hp, false, JackPlace::unknown, 1), headset_microphone(true)}), K::headphone_out,
     Load::headset, 0.98, 1, C::high, A::yes, 300ms},
    {"TwoHeadphoneJacksBothFull", "§6.1", headphones_of(),
     hda({jack("Headphone", hp, true), jack("Headphone", hp, true, JackPlace::unknown, 1), headset_microphone(true)}), K::headphone_out,
     Load::headset, 0.98, 1, C::high, A::yes, 300ms},
    {"OnlyTheSecondIsFull", "§6.1", headphones_of(),
     hda({jack("Headphone", hp, false), jack("Headphone", hp, true, JackPlace::unknown, 1)}), K::headphone_out, Load::unknown, 1, 1, C::low,
     A::yes, 300ms},
    // What was measured at one of them says nothing of the other.
    {"ALineBesideSomethingUnknown", "§6.1", changed(headphones_of("platform"), [](SocketFacts &s) { s.bus_path = "platform-sound"; }),
     changed(wcd(bits({LINE, IN}), 9000, 9000),
             [](CardFacts &c) {
                 c.jacks = {jack("Headphone", hp, true), jack("Headphone", hp, true, JackPlace::unknown, 1)};
             }),
     K::headphone_out, Load::unknown, 0.45, 0.6, C::low, A::yes, 3500ms},
    {"AnalogWithoutARouteOfItsOwn", "§6.1", plain_of("pci"), hda({jack("Headphone", hp, true), jack("Line Out", lo, true)}), K::unknown,
     Load::unknown, 1, 1, C::low, A::yes, 300ms},
    {"AnalogWithoutARouteAndNothingIn", "§1.7", plain_of("pci"), hda({jack("Headphone", hp, false), jack("Line Out", lo, false)}),
     K::unknown, Load::unknown, 1, 1, C::low, A::unknown, 300ms},
};

class Situations : public ::testing::TestWithParam<Situation> {};

TEST_P(Situations, AreRecognised) {
    const Situation &expected = GetParam();
    const CardFacts *card = expected.card ? &*expected.card : nullptr;
    const OutputKind kind = describe(expected.socket, card).facts.kind;
    EXPECT_EQ(name_of(kind), name_of(expected.kind));
    EXPECT_EQ(name_of(plugged(expected.socket, card)), name_of(expected.plug));
    EXPECT_EQ(settle_time(expected.socket, card), expected.settle);
    const Classification found = classify(expected.socket, kind, {card});
    ASSERT_FALSE(found.loads.empty());
    EXPECT_EQ(name_of(found.loads.front().load), name_of(expected.top));
    EXPECT_GE(found.loads.front().probability, expected.least);
    EXPECT_LE(found.loads.front().probability, expected.most);
    EXPECT_EQ(name_of(found.confidence), name_of(expected.confidence));
}

// What is for the ears is not made less probable by what else plays the same signal, and gets no more than unknown headphones
// (docs/decisions/009).
TEST(Sets, LeaveTheEarsWhatTheyHaveAlone) {
    for (const bool has_microphone : {false, true})
        for (const double ohms : {10.0, 32.0, 300.0, 8000.0}) {
            CardFacts card = wcd(has_microphone ? bits({HP, MIC, IN}) : bits({HP, IN}), ohms, ohms);
            card.jacks = {jack("Headphone", hp, true), jack("Headphone", hp, false, JackPlace::unknown, 1)};
            const SocketFacts socket = changed(headphones_of("platform"), [](SocketFacts &s) { s.bus_path = "platform-sound"; });
            const Classification one = classify(socket, K::headphone_out, {&card});
            card.jacks[1].plugged = true;
            const Classification both = classify(socket, K::headphone_out, {&card});
            EXPECT_NE(one.facts, LoadFacts{}) << ohms;
            EXPECT_EQ(both.facts, LoadFacts{}) << "what is known of one must not raise the cap of the other";
            EXPECT_NEAR(sum_of(both.loads), 1.0, 1e-9);
            for (const Load load : {Load::headphones, Load::headset, Load::in_ear})
                EXPECT_GE(probability_of(both.loads, load), 0.999 * probability_of(one.loads, load)) << ohms << " " << name_of(load);
        }
}

TEST(Sets, HoldWhatNobodyKnowsBesideALine) {
    CardFacts card = wcd(bits({LINE, IN}), 9000, 9000);
    card.jacks = {jack("Headphone", hp, true), jack("Headphone", hp, true, JackPlace::unknown, 1)};
    SocketFacts socket = headphones_of("platform");
    const Answer answer{Load::active_speakers, {}, fingerprint(socket, &card)};
    const Classification found = classify(socket, K::headphone_out, {&card, &answer});
    EXPECT_GT(probability_of(found.loads, Load::unknown), 0.4) << "the answer is of one of them";
    EXPECT_GT(probability_of(found.loads, Load::active_speakers), 0.4);
}

const auto by_name = [](const auto &test) { return std::string(test.param.name); };
INSTANTIATE_TEST_SUITE_P(Hda, Situations, ::testing::ValuesIn(hda_situations), by_name);
INSTANTIATE_TEST_SUITE_P(Measured, Situations, ::testing::ValuesIn(measured_situations), by_name);
INSTANTIATE_TEST_SUITE_P(Digital, Situations, ::testing::ValuesIn(digital_situations), by_name);
INSTANTIATE_TEST_SUITE_P(Usb, Situations, ::testing::ValuesIn(usb_situations), by_name);
INSTANTIATE_TEST_SUITE_P(Bluetooth, Situations, ::testing::ValuesIn(bluetooth_situations), by_name);
INSTANTIATE_TEST_SUITE_P(Shared, Situations, ::testing::ValuesIn(shared_situations), by_name);

} // namespace
} // namespace soundwarden::classify::testing
