// SPDX-License-Identifier: MIT
#include "policy/physics.hpp"

#include "model/fault.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace soundwarden::policy {
namespace {

// EN 50332-2: a player gives at most 150 mV with programme noise, which is 100 dB(A) with the most sensitive headphones.
constexpr double player_limit_volts = 0.150;
constexpr double player_limit_spl = 100.0;
constexpr double in_ear_below_headphones_db = 8.0;
constexpr double named_model_room_db = 15.0;

/// Kinds whose analog level nobody knows: their SPL at full scale is assumed as such.
bool is_governed_kind(OutputKind kind) {
    return kind == OutputKind::hdmi || kind == OutputKind::spdif || kind == OutputKind::usb_fixed || kind == OutputKind::bluetooth;
}

double level(double ratio) { return 20.0 * std::log10(ratio); }

std::string text(const char *format, double value) {
    char out[64];
    std::snprintf(out, sizeof out, format, value);
    return out;
}

/// `what`: gives the text, where texts are wanted.
template <class What> void add(SplSum &sum, Detail detail, What what, double db, const char *assumed = nullptr) {
    if (detail == Detail::addends) sum.addends.push_back({what(), db, assumed != nullptr});
    sum.total = sum.total + Decibels{db};
    if (assumed != nullptr) sum.assumed.emplace_back(assumed);
}

void add_voltage(SplSum &sum, Detail detail, const OutputFacts &output, Volts class_full_scale, const LoadFacts &facts) {
    const Volts of_class = output.kind == OutputKind::speaker_out ? speaker_out_full_scale : class_full_scale;
    const Volts volts = output.full_scale.value_or(of_class);
    add(sum, detail, [&] { return text("full scale %.4g V", volts.value); }, level(volts.value), output.full_scale ? nullptr : "full-scale");
    // What is not known takes nothing away, which is the safe side.
    if (!output.output_impedance || !facts.impedance) return;
    const double load = facts.impedance->value;
    const double source = output.output_impedance->value;
    add(sum, detail, [&] { return text("%.4g ohm", load) + text(" behind %.4g ohm", source); }, level(load / (load + source)));
}

SplSum sum_of(const OutputFacts &output, Volts class_full_scale, Load load, const LoadFacts &facts, double class_sensitivity, Detail detail) {
    SplSum sum;
    const bool in_ear = load == Load::in_ear;
    if (is_governed_kind(output.kind) && !output.full_scale) {
        add(sum, detail, [] { return std::string("a full-scale sine at the ear"); }, (in_ear ? governed_in_ear_spl : governed_spl).value,
            "spl-at-full-scale");
    } else {
        const double sensitivity = facts.sensitivity ? facts.sensitivity->value : class_sensitivity;
        add(sum, detail, [&] { return text("sensitivity %.1f dB SPL at 1 V", sensitivity); }, sensitivity,
            facts.sensitivity ? nullptr : "sensitivity");
        add_voltage(sum, detail, output, class_full_scale, facts);
    }
    if (output.gain_after_dac) add(sum, detail, [] { return std::string("gain after the converter"); }, output.gain_after_dac->value);
    return sum;
}

double cap_of(Decibels target, const SplSum &sum) { return std::min(0.0, target.value + programme_crest.value - sum.total.value); }

/// Programme at 150 mV and 100 dB(A) are the same for headphones, and in-ears get 8 dB less (product.md, "Default caps").
double class_sensitivity_for_caps(Load load) {
    return player_limit_spl - level(player_limit_volts) + (load == Load::in_ear ? in_ear_below_headphones_db : 0.0);
}

} // namespace

SplSum spl_at_full_scale(const OutputFacts &output, Volts class_full_scale, Load load, const LoadFacts &facts, Detail detail) {
    return sum_of(output, class_full_scale, load, facts, (load == Load::in_ear ? in_ear_sensitivity : headphone_sensitivity).value, detail);
}

Cap cap_for_target(Decibels target, const OutputFacts &output, Volts class_full_scale, Load load, const LoadFacts &facts, Detail detail) {
    const double of_class = class_sensitivity_for_caps(load);
    Cap cap;
    cap.sum = sum_of(output, class_full_scale, load, facts, of_class, detail);
    cap.value = {cap_of(target, cap.sum)};
    if (facts.model_from == ModelFrom::measured || fault(Fault::names_believed) || (!facts.sensitivity && !facts.impedance)) return cap;
    const bool named = facts.model_from == ModelFrom::user;
    const double class_cap = cap_of(target, sum_of(output, class_full_scale, load, {}, of_class, Detail::total));
    const double most = std::min(0.0, class_cap + (named ? named_model_room_db : 0.0));
    if (cap.value.value <= most) return cap;
    cap.value = {most};
    cap.bounded_by = named ? "class + 15 dB" : "class";
    return cap;
}

} // namespace soundwarden::policy
