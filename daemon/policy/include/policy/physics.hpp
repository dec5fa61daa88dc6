// SPDX-License-Identifier: MIT
// From volts, ohms and sensitivities to levels at the ear and caps (reference/sensing.md §3.4, architecture.md "What decides the
// cap"). Pure; any thread.
#pragma once

#include "model/load.hpp"
#include "model/output.hpp"
#include "model/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::policy {

/// What a full-scale sine is taken for at the terminals of a power amplifier, where nobody says more.
inline constexpr Volts speaker_out_full_scale{20.0};

/// dB SPL at 1 V of the most sensitive headphones that EN 50332-2 permits (94 dB at 75 mV).
inline constexpr Decibels headphone_sensitivity{116.5};
inline constexpr Decibels in_ear_sensitivity{124.7};
/// Of a full-scale sine, where the voltage at the ear's transducer is nobody's to know (hdmi, spdif, usb-fixed, bluetooth).
inline constexpr Decibels governed_spl{110.0};
inline constexpr Decibels governed_in_ear_spl{118.0};
/// Programme stands this far below a full-scale sine.
inline constexpr Decibels programme_crest{10.0};

/// One addend of a level, for people: "full scale 1.4 V", +2.9 dB, assumed.
struct Addend {
    std::string what;
    double db = 0.0;
    bool assumed = false;
    bool operator==(const Addend &) const = default;
};

/// SPL of a full-scale sine at the load, with the numbers that make it.
struct SplSum {
    Decibels total;
    std::vector<Addend> addends;
    std::vector<std::string> assumed; ///< tokens: "full-scale", "sensitivity", "spl-at-full-scale"
};

/// Whether the addends are wanted: their texts cost more than all the arithmetic.
enum class Detail : std::uint8_t { total, addends };

/// What is assumed where a fact is missing: the class's full-scale voltage, the load's class sensitivity; impedances that are not
/// known take nothing away. `facts`: of the load, where known.
SplSum spl_at_full_scale(const OutputFacts &output, Volts class_full_scale, Load load, const LoadFacts &facts, Detail detail = Detail::addends);

/// Gain cap that keeps programme at `target`: target + 10 dB − SPL at full scale, at most 0 dB. Where the load is known by its
/// name only, at most 15 dB above the cap of its class; by a pattern, never above it (product.md, "Start level").
struct Cap {
    Decibels value;
    SplSum sum;
    std::string_view bounded_by{}; ///< "class + 15 dB", "class", or empty
};
Cap cap_for_target(Decibels target, const OutputFacts &output, Volts class_full_scale, Load load, const LoadFacts &facts,
                   Detail detail = Detail::addends);

} // namespace soundwarden::policy
