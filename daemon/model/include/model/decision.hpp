// SPDX-License-Identifier: MIT
// Decision: the verdict for one output now, and why.
#pragma once

#include "model/names.hpp"
#include "model/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden {

enum class Verdict : std::uint8_t { allow, limit, block };
template <> struct Names<Verdict> {
    static constexpr std::array<std::pair<Verdict, std::string_view>, 3> table{{
        {Verdict::allow, "allow"},
        {Verdict::limit, "limit"},
        {Verdict::block, "block"},
    }};
};

enum class Posture : std::uint8_t { observe, protect, strict };
template <> struct Names<Posture> {
    static constexpr std::array<std::pair<Posture, std::string_view>, 3> table{{
        {Posture::observe, "observe"},
        {Posture::protect, "protect"},
        {Posture::strict, "strict"},
    }};
};

/// Where a rule stands. What is compiled in has the file "builtin:NAME"; what no file says has "builtin" and line 0.
struct RuleRef {
    std::string name;
    std::string file;
    std::uint32_t line = 0;   ///< from 1
    std::uint32_t column = 0; ///< from 1
    bool operator==(const RuleRef &) const = default;
};

struct Decision {
    Verdict verdict = Verdict::allow;
    std::optional<Decibels> cap; ///< set when the verdict is limit; gain cap and ceiling at once
    /// Slow gain holds the level at the ear: the highest A-weighted level over 30 s at the sink, in dB re a full-scale sine.
    std::optional<Decibels> governor;
    bool start_low = false;      ///< `low`: allowed, with a hidden ramp from −20 dB once per socket
    bool ask = false;            ///< the user should be asked what is attached
    /// The user's volume after each plug is at most this (ear-worn or unknown loads: −15 dB).
    std::optional<Decibels> start_level;
    std::string reason; ///< stable token, for example "headphone-cap", "block-unsure"
    std::string message{}; ///< for people: why, a sentence; may be empty
    RuleRef rule;
    std::vector<std::string> assumed; ///< facts that were not known and replaced: "full-scale", …
    bool locked = false; ///< a locked rule bounds this output: no answer, override, `guard off` or release lifts it
    Decibels override_max{0.0};                     ///< the highest ceiling that an override may set, dBFS
    Duration override_for_max = std::chrono::minutes(30); ///< and for how long
    bool operator==(const Decision &) const = default;
};

} // namespace soundwarden
