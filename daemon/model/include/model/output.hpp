// SPDX-License-Identifier: MIT
// Output: a place where sound leaves the machine (a PipeWire sink and the route that is active on it).
#pragma once

#include "model/names.hpp"
#include "model/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden {

/// What the socket can drive.
enum class OutputKind : std::uint8_t {
    headphone_out,
    line_out,
    shared_out,       ///< headphone amplifier and line output fed by the same signal
    speaker_out,      ///< power amplifier terminals
    internal_speaker,
    hdmi,
    spdif,
    usb_fixed,        ///< a headset's or speaker's own DAC
    bluetooth,
    virtual_output,
    unknown,
};
template <> struct Names<OutputKind> {
    static constexpr std::array<std::pair<OutputKind, std::string_view>, 11> table{{
        {OutputKind::headphone_out, "headphone-out"},
        {OutputKind::line_out, "line-out"},
        {OutputKind::shared_out, "shared-out"},
        {OutputKind::speaker_out, "speaker-out"},
        {OutputKind::internal_speaker, "internal-speaker"},
        {OutputKind::hdmi, "hdmi"},
        {OutputKind::spdif, "spdif"},
        {OutputKind::usb_fixed, "usb-fixed"},
        {OutputKind::bluetooth, "bluetooth"},
        {OutputKind::virtual_output, "virtual"},
        {OutputKind::unknown, "unknown"},
    }};
};

/// Stable identity of an output: `[a-z0-9_]+`, the same across reboots, in JSON and as the last part of the D-Bus path.
using OutputId = std::string;

/// What is known of an output besides its load. `assumed` in a decision names the facts that were not known.
struct OutputFacts {
    OutputKind kind = OutputKind::unknown;
    std::uint32_t channels = 2;
    std::optional<Volts> full_scale;      ///< rms volts of a full-scale sine
    std::optional<Ohms> output_impedance;
    std::optional<Decibels> gain_after_dac;
    bool pro_audio = false; ///< channels without meaning: no guard until somebody says "phones here"
    bool operator==(const OutputFacts &) const = default;
};

/// Who hears an output.
struct Ear {
    Decibels spl_at_full_scale; ///< of a full-scale sine, dB SPL, without what the sink's own gain makes of it
    bool estimate = false;      ///< the load, its sensitivity or the output's voltage was assumed
    Decibels target{100.0};     ///< what the governor holds the level to, dB(A) over 30 s
    bool operator==(const Ear &) const = default;
};

/// Whether something is plugged into a route, as the card reports it.
enum class Availability : std::uint8_t { unknown, no, yes };
template <> struct Names<Availability> {
    static constexpr std::array<std::pair<Availability, std::string_view>, 3> table{{
        {Availability::unknown, "unknown"},
        {Availability::no, "no"},
        {Availability::yes, "yes"},
    }};
};

} // namespace soundwarden
