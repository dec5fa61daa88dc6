// SPDX-License-Identifier: MIT
#include "report.hpp"

#include <cmath>
#include <cstdio>

namespace soundwarden::engine {
namespace {

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", value);
    return text;
}

} // namespace

std::string db_text(double db) {
    if (std::isinf(db)) return db > 0.0 ? "none" : "silence";
    return number(db) + " dB";
}

std::string decision_text(const Output &output) {
    std::string text = output.name + ": " + std::string(name_of(output.decision.verdict));
    if (output.decision.cap) text += " " + db_text(output.decision.cap->value);
    if (output.decision.start_low) text += " from a low level";
    text += " (" + std::string(name_of(output.load())) + " load";
    for (const std::string &fact : output.decision.assumed) {
        text += ", assumed " + fact;
        if (fact == "full-scale") text += " " + number(output.class_full_scale.value) + " V";
    }
    return text + ")";
}

std::string guard_description(const Sink &sink) {
    const Output *active = sink.active();
    const std::string &card = sink.facts.device_description;
    if (active == nullptr || !active->route)
        return sink.facts.description.empty() ? sink.facts.key : sink.facts.description;
    return card.empty() ? active->name : active->name + " (" + card + ")";
}

std::string guard_icon(const Sink &sink) {
    const Output *active = sink.active();
    if (active == nullptr) return "audio-card";
    switch (active->facts.kind) {
    case OutputKind::internal_speaker:
    case OutputKind::speaker_out: return "audio-speakers";
    case OutputKind::headphone_out: return "audio-headphones";
    case OutputKind::hdmi: return "video-display";
    default: break;
    }
    switch (active->load_class()) {
    case LoadClass::ears: return active->load() == Load::headset ? "audio-headset" : "audio-headphones";
    case LoadClass::speakers: return "audio-speakers";
    default: return "audio-card";
    }
}

} // namespace soundwarden::engine
