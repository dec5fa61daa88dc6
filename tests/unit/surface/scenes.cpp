// SPDX-License-Identifier: MIT
#include "scenes.hpp"

namespace soundwarden::test {
namespace {

using namespace engine;

OutputView headphones() {
    OutputView view;
    view.id = laptop_headphones;
    view.name = "Headphones";
    view.sink = laptop_sink;
    view.availability = Availability::yes;
    view.facts.kind = OutputKind::headphone_out;
    view.facts.full_scale = Volts{1.4};
    view.classification.loads = {{Load::headphones, 0.92}, {Load::in_ear, 0.06}, {Load::active_speakers, 0.02}};
    view.classification.confidence = Confidence::high;
    view.classification.evidence = {{"route", "analog-output-headphones = yes"}, {"device", "form factor internal"}};
    view.decision.verdict = Verdict::limit;
    view.decision.cap = Decibels{-9.41};
    view.decision.start_level = Decibels{-15.0};
    view.decision.reason = "headphone-cap";
    view.decision.rule = {"headphone-out/headphones", "builtin", 0};
    view.decision.assumed = {"full-scale", "sensitivity"};
    view.state = OutputState::guarded;
    view.ceiling = Decibels{-9.41};
    view.volume = 0.064;
    return view;
}

OutputView speaker() {
    OutputView view;
    view.id = laptop_speaker;
    view.name = "Speaker";
    view.sink = laptop_sink;
    view.active = false;
    view.facts.kind = OutputKind::internal_speaker;
    view.classification.loads = {{Load::internal_speaker, 1.0}};
    view.classification.confidence = Confidence::certain;
    view.classification.evidence = {{"route", "analog-output-speaker = unknown"}};
    view.decision.reason = "own-speaker";
    view.decision.rule = {"internal-speaker/internal-speaker", "builtin", 0};
    view.state = OutputState::free;
    view.volume = 0.512;
    return view;
}

OutputView display() {
    OutputView view;
    view.id = "pci_0000_00_1f_3_hdmi_output_0";
    view.name = "HDMI / DisplayPort";
    view.sink = "alsa_output.pci-0000_00_1f.3.hdmi-stereo";
    view.availability = Availability::yes;
    view.facts.kind = OutputKind::hdmi;
    view.classification.loads = {{Load::display, 1.0}};
    view.classification.confidence = Confidence::certain;
    view.decision.reason = "display";
    view.decision.rule = {"hdmi/display", "builtin", 0};
    view.state = OutputState::free;
    return view;
}

Snapshot laptop() { return {RunState::running, {}, {headphones(), speaker(), display()}}; }

Snapshot unplugged() {
    auto all = laptop();
    all.outputs[0].active = false;
    all.outputs[0].availability = Availability::no;
    all.outputs[0].ceiling.reset();
    all.outputs[0].classification.loads = {{Load::nothing, 1.0}};
    all.outputs[0].classification.confidence = Confidence::certain;
    all.outputs[1].active = true;
    std::swap(all.outputs[0], all.outputs[1]);
    return all;
}

Snapshot settling() {
    auto all = laptop();
    all.outputs[0].state = OutputState::settling;
    all.outputs[0].ceiling = Decibels{-24.5};
    return all;
}

Snapshot blocked() {
    auto view = headphones();
    view.id = "usb_amp_speaker_out";
    view.name = "Amplifier";
    view.sink = "alsa_output.usb-amp";
    view.facts.kind = OutputKind::speaker_out;
    view.facts.full_scale.reset();
    view.decision.verdict = Verdict::block;
    view.decision.cap.reset();
    view.decision.start_level.reset();
    view.decision.reason = "speaker-level-into-headphones";
    view.decision.rule = {"speaker-out/headphones", "builtin", 0};
    view.decision.assumed = {};
    view.state = OutputState::blocked;
    view.ceiling.reset();
    return {RunState::running, {}, {view}};
}

Snapshot degraded() {
    auto all = laptop();
    all.state = RunState::degraded;
    all.reasons = {{"no-wireplumber-part",
                    "the WirePlumber part is not loaded, so other programs can link past the guard; "
                    "mend with: systemctl --user restart wireplumber"}};
    return all;
}

Snapshot fail_safe() {
    auto all = laptop();
    all.state = RunState::fail_safe;
    all.reasons = {
        {"policy-ignored", "/etc/soundwarden/policy.d/50-site.toml:3:7: no such key; see: soundwarden policy check"}};
    return all;
}

Snapshot unprotected() {
    auto view = headphones();
    view.id = "usb_interface_pro";
    view.name = "Interface Pro";
    view.sink = "alsa_output.usb-interface.pro-output-0";
    view.facts.kind = OutputKind::unknown;
    view.facts.channels = 18;
    view.facts.full_scale.reset();
    view.classification.loads = {{Load::unknown, 1.0}};
    view.classification.confidence = Confidence::low;
    view.decision = {};
    view.decision.ask = true;
    view.decision.reason = "pro-audio";
    view.decision.rule = {"pro-audio", "builtin", 0};
    view.state = OutputState::unprotected;
    view.ceiling.reset();
    view.volume = 1.0;
    return {RunState::running, {}, {view}};
}

Snapshot not_protecting() {
    return {RunState::not_protecting,
            {{"pulseaudio",
              "PulseAudio owns the sound card; replace it: systemctl --user disable --now pulseaudio.socket"}},
            {}};
}

Snapshot twins() {
    auto left = headphones();
    left.id = "usb_headset_a";
    left.name = "USB Headset";
    left.sink = "alsa_output.usb-headset_a";
    left.facts.kind = OutputKind::usb_fixed;
    left.facts.output_impedance = Ohms{10.0};
    left.classification.facts = {Ohms{300.0}, Decibels{102.2}, {}, "Example 600", ModelFrom::user};
    auto right = left;
    right.id = "usb_headset_b";
    right.sink = "alsa_output.usb-headset_b";
    return {RunState::running, {}, {left, right}};
}

Snapshot crowd() {
    Snapshot all;
    for (int n = 0; n < 200; ++n) {
        auto view = headphones();
        view.id = "usb_headset_" + std::to_string(n);
        view.name = "Headset " + std::to_string(n);
        view.sink = "alsa_output.usb-headset_" + std::to_string(n);
        all.outputs.push_back(std::move(view));
    }
    return all;
}

Snapshot hostile() {
    auto all = laptop();
    all.outputs[0].name = "Phones\x1b[31m \xff\xfe \xed\xa0\x80 \xc3\xa9";
    all.outputs[1].id = "../up";
    all.outputs[2].classification.evidence = {{"eld", std::string{"a\0b", 3}}};
    return all;
}

} // namespace

std::optional<Snapshot> scene(const std::string &name) {
    if (name == "laptop") return laptop();
    if (name == "unplugged") return unplugged();
    if (name == "settling") return settling();
    if (name == "blocked") return blocked();
    if (name == "degraded") return degraded();
    if (name == "fail-safe") return fail_safe();
    if (name == "unprotected") return unprotected();
    if (name == "not-protecting") return not_protecting();
    if (name == "empty") return Snapshot{};
    if (name == "twins") return twins();
    if (name == "crowd") return crowd();
    if (name == "hostile") return hostile();
    return std::nullopt;
}

std::vector<LogSceneLine> log_scene() {
    constexpr std::int64_t morning = 1'795'939'200'000; // 2026-11-29 08:00 UTC
    return {
        {7, morning, "info", "edge", laptop_sink, "Headphones: plugged in"},
        {8, morning + 1'512, "info", "decision", laptop_sink, "Headphones: limit -9.4 dB (unknown load, assumed full-scale 1.4 V)"},
        {9, morning + 61'000, "warning", "foreign-link", laptop_sink, "removed a link past the guard, by pw-play (×3)"},
        {10, morning + 3'600'000, "error", "pipewire", "", "connection lost"},
        {11, morning + 7'200'999, "info", "sink", "alsa_output.usb-gone", "evil \x1b[31m name: gone"},
    };
}

} // namespace soundwarden::test
