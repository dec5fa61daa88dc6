// SPDX-License-Identifier: MIT
// What an output may get: the built-in matrix (product.md, "The matrix") and the decision made from it. Pure; any
// thread; throws nothing but std::bad_alloc.
#pragma once

#include "model/classification.hpp"
#include "model/decision.hpp"
#include "model/output.hpp"
#include "model/units.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::policy {

/// The user's volume after each plug of an ear-worn or unknown load (product.md, "Start level").
inline constexpr Decibels start_level{-15.0};
/// How far the guard's gain is held below the settling ceiling while facts come in.
inline constexpr Decibels settling_margin{15.0};
/// Where the hidden ramp of `low` begins.
inline constexpr Decibels low_start{-20.0};

/// How a cell's cap is found.
enum class CapFrom : std::uint8_t {
    none,       ///< allow, block
    headphones, ///< voltage method, 150 mV
    in_ear,     ///< 8 dB lower
    passive,    ///< 12 dB below `headphones`
    fixed,      ///< Cell::fixed
};

/// One cell of the matrix.
struct Cell {
    Verdict verdict = Verdict::allow;
    CapFrom cap_from = CapFrom::none;
    Decibels fixed{0.0};
    bool governor = false;
    bool start_low = false;
    bool ask = false;
    bool stereo_only = false; ///< with more than two channels: allow
    std::string_view reason{};
};

/// The cell for a load at a kind of output. Loads that cannot be there, and `nothing`, are as `unknown`.
const Cell &cell(OutputKind kind, Load load);

/// The load under whose column the cell stands ("headset" is `headphones`, "nothing" is `unknown`).
Load column_of(OutputKind kind, Load load);

struct Caps {
    Decibels headphones;
    Decibels in_ear;
};
/// Gain caps by the voltage method of EN 50332-2: programme at −10 dBFS gives at most 150 mV (reference/sensing.md
/// §3.5). Never above 0 dB. full_scale > 0.
Caps default_caps(Volts full_scale);

/// The cap for 65 dB(A): 75 dB − SPL at full scale (product.md, "Confidence").
Decibels quiet_cap(const OutputFacts &facts, Volts class_full_scale, Load load);

/// Probability from which a load counts as plausible.
double plausible_from(Posture posture);

/// The verdict over all plausible loads of the classification. class_full_scale stands in where facts.full_scale is not
/// known.
Decision decide(const OutputFacts &facts, Volts class_full_scale, const Classification &classification,
                Posture posture);

/// The lowest ceiling over every load that may turn up here (priors, and `unknown`); block counts as the 65 dB(A) cap.
/// Nothing: no load asks for a ceiling.
std::optional<Decibels> settling_ceiling(const OutputFacts &facts, Volts class_full_scale,
                                         const std::vector<WeightedLoad> &priors, Posture posture);

/// Whether a sink with this output needs a guard: any load that may turn up here has a cell other than plain allow.
bool needs_guard(const OutputFacts &facts, const std::vector<WeightedLoad> &priors, Posture posture);

} // namespace soundwarden::policy
