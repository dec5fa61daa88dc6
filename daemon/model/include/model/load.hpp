// SPDX-License-Identifier: MIT
// Load: what is attached to an output.
#pragma once

#include "model/names.hpp"
#include "model/units.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace soundwarden {

enum class Load : std::uint8_t {
    nothing,
    headphones,
    headset,
    in_ear,
    active_speakers,
    passive_speakers,
    line_input,
    headphone_amplifier,
    internal_speaker,
    display,
    unknown,
};
template <> struct Names<Load> {
    static constexpr std::array<std::pair<Load, std::string_view>, 11> table{{
        {Load::nothing, "nothing"},
        {Load::headphones, "headphones"},
        {Load::headset, "headset"},
        {Load::in_ear, "in-ear"},
        {Load::active_speakers, "active-speakers"},
        {Load::passive_speakers, "passive-speakers"},
        {Load::line_input, "line-input"},
        {Load::headphone_amplifier, "headphone-amplifier"},
        {Load::internal_speaker, "internal-speaker"},
        {Load::display, "display"},
        {Load::unknown, "unknown"},
    }};
};

/// How far a model is believed.
enum class ModelFrom : std::uint8_t {
    nobody,   ///< no model is known
    pattern,  ///< what the device calls itself looks like it
    user,     ///< the user named it
    measured, ///< the ohms that were measured agree with it, or the facts were stated as such
};
template <> struct Names<ModelFrom> {
    static constexpr std::array<std::pair<ModelFrom, std::string_view>, 4> table{{
        {ModelFrom::nobody, "nobody"},
        {ModelFrom::pattern, "pattern"},
        {ModelFrom::user, "user"},
        {ModelFrom::measured, "measured"},
    }};
};

/// What is known of a load besides its kind.
struct LoadFacts {
    std::optional<Ohms> impedance{};
    std::optional<Decibels> sensitivity{}; ///< dB SPL at 1 V rms
    std::optional<double> rating_watts{};  ///< of a loudspeaker
    std::string model{};
    ModelFrom model_from = ModelFrom::nobody;
    bool operator==(const LoadFacts &) const = default;
};

/// The class under which a user's volume is remembered: a volume never crosses from one class to another.
enum class LoadClass : std::uint8_t { ears, speakers, line, display, unknown };
template <> struct Names<LoadClass> {
    static constexpr std::array<std::pair<LoadClass, std::string_view>, 5> table{{
        {LoadClass::ears, "ears"},
        {LoadClass::speakers, "speakers"},
        {LoadClass::line, "line"},
        {LoadClass::display, "display"},
        {LoadClass::unknown, "unknown"},
    }};
};

constexpr LoadClass class_of(Load load) {
    switch (load) {
    case Load::headphones:
    case Load::headset:
    case Load::in_ear: return LoadClass::ears;
    case Load::active_speakers:
    case Load::passive_speakers:
    case Load::internal_speaker: return LoadClass::speakers;
    case Load::line_input:
    case Load::headphone_amplifier: return LoadClass::line;
    case Load::display: return LoadClass::display;
    case Load::nothing:
    case Load::unknown: return LoadClass::unknown;
    }
    return LoadClass::unknown;
}

} // namespace soundwarden
