// SPDX-License-Identifier: MIT
// What policy files say, read and checked: rules, facts about outputs, models of loads, settings. Pure; any thread.
#pragma once

#include "model/classification.hpp"
#include "model/decision.hpp"
#include "model/limiter_mode.hpp"
#include "model/load.hpp"
#include "model/output.hpp"
#include "model/units.hpp"
#include "policy/glob.hpp"
#include "policy/quantity.hpp"
#include "policy/source.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::policy {

/// A value and where it stands.
template <class T> struct Placed {
    T value{};
    Place place{};
    bool operator==(const Placed &) const = default;
};
template <class T> using Maybe = std::optional<Placed<T>>;

/// A set of enumerators, as bits.
template <class E> struct SetOf {
    std::uint16_t bits = 0;
    static constexpr SetOf all() { return {static_cast<std::uint16_t>((1U << Names<E>::table.size()) - 1U)}; }
    constexpr bool contains(E value) const { return (bits >> static_cast<unsigned>(value) & 1U) != 0; }
    constexpr void insert(E value) { bits = static_cast<std::uint16_t>(bits | 1U << static_cast<unsigned>(value)); }
    constexpr bool covers(SetOf other) const { return (other.bits & ~bits) == 0; }
    constexpr bool empty() const { return bits == 0; }
    bool operator==(const SetOf &) const = default;
};

/// When a rule speaks. All conditions must hold; what is not named holds always.
struct When {
    SetOf<OutputKind> kinds = SetOf<OutputKind>::all();
    SetOf<Load> loads = SetOf<Load>::all();
    SetOf<Confidence> confidences = SetOf<Confidence>::all();
    std::vector<Glob> outputs{};      ///< any of them fits the output's name, its id, its sink's node.name or its card's description
    std::uint32_t least_channels = 0; ///< of the sink, or of the channel group
    std::uint32_t most_channels = 64;
    std::optional<Ohms> most_impedance{}; ///< of the load, where it was measured; not measured: the rule does not speak
    bool operator==(const When &) const = default;
};

/// What a rule gives to an output with a load.
struct Gives {
    Verdict verdict = Verdict::allow;
    /// limit: a fixed cap, dB re full scale, <= 0.
    std::optional<Decibels> cap{};
    /// limit: highest level at the ear, dB(A): makes the cap where none is fixed (physics.hpp), and is what the governor holds.
    std::optional<Decibels> target{};
    /// limit by target: the cap is lower by this much more, dB >= 0.
    Decibels below{0.0};
    /// limit: slow gain holds the level over 30 s to `target`.
    bool governor = false;
    /// allow: not above what the load is rated for, where that is known.
    bool to_rating = false;
    /// allow: a hidden ramp from −20 dB once per socket and load.
    bool start_low = false;
    /// The user's volume after a plug is at most this, dB <= 0; nothing: as product.md has it (−15 dB for ears and the unknown).
    std::optional<Decibels> start_level{};
    bool ask = false;
    std::string reason{};  ///< stable token, [a-z0-9-]+
    std::string message{}; ///< for people, a sentence; may be empty
    std::optional<Decibels> override_max{}; ///< dBFS; nothing: the cap + 10 dB, speaker-out −20 dBFS
    std::optional<Duration> override_for_max{}; ///< nothing: 30 min
    bool operator==(const Gives &) const = default;
};

/// One `[[rule]]`. Of those that are not locked the last one that matches decides; every locked one that matches bounds what comes
/// out, wherever it stands, and makes nothing laxer.
struct Rule {
    std::string name;
    When when;
    Gives gives;
    bool locked = false; ///< in a root-owned layer: a bound that nobody but root takes away
    Place place;
};

/// Whether encoded streams (AC-3, DTS), which nothing can limit, may reach an output.
enum class Passthrough : std::uint8_t { allow, block };
} // namespace soundwarden::policy
template <> struct soundwarden::Names<soundwarden::policy::Passthrough> {
    using E = soundwarden::policy::Passthrough;
    static constexpr std::array<std::pair<E, std::string_view>, 2> table{{
        {E::allow, "allow"},
        {E::block, "block"},
    }};
};
namespace soundwarden::policy {

/// Which sockets an `[[output]]` is about: all patterns must fit (SocketFacts has what they are matched with).
struct Match {
    std::optional<Glob> node{}, device{}, description{}, api{}, bus{}, bus_path{}, card{}, driver{}, form_factor{}, route{},
        route_description{}, port_type{}, product{};
    std::string vendor_id{};  ///< four hexadecimal digits, lower case; empty: any
    std::string product_id{}; ///< likewise
    bool operator==(const Match &) const = default;
};

/// One `[[output]]`: facts about a socket, and how its guard works. Of several that match, the last one to name a value has it.
struct OutputEntry {
    std::string name;
    Match match;
    Maybe<OutputKind> kind{};
    Maybe<std::vector<std::uint32_t>> channels{}; ///< the channel group, from 1, rising
    Maybe<Volts> full_scale{};                    ///< rms of a full-scale sine
    Maybe<Ohms> output_impedance{};
    Maybe<Decibels> gain_after_dac{};
    Maybe<std::vector<std::string>> shares{}; ///< names of outputs that carry the same signal
    Maybe<LimiterMode> mode{};
    Maybe<double> release_ms{}; ///< 1 to 10000
    Maybe<bool> hold_device{};
    Maybe<Passthrough> passthrough{};
    std::string source{}; ///< where the facts come from: address and date
    Layer layer = Layer::builtin;
    Place place;
};

/// One `[[load]]`: a model by its name.
struct LoadModel {
    std::string name;
    Load kind = Load::headphones;
    std::vector<Glob> match{}; ///< over what the device calls itself; may be empty
    std::optional<Ohms> impedance{};
    std::optional<Sensitivity> sensitivity{};
    std::optional<double> rating_watts{}; ///< of a loudspeaker
    std::string source{};
    Layer layer = Layer::builtin;
    Place place;
    /// dB SPL at 1 V; nothing where it is not known, or is stated per milliwatt without an impedance.
    std::optional<Decibels> sensitivity_per_volt() const;
};

/// `[settings]`, merged: the last one to name a value has it, locked ones bound it.
struct SettingValues {
    Maybe<Posture> posture{};
    Maybe<Duration> settle{};         ///< 0.1 s to 10 s
    Maybe<Duration> unplug_hold{};    ///< 0.1 s to 10 s
    Maybe<Duration> orphan_silence{}; ///< 0 s to 600 s
    Maybe<Decibels> orphan_level{};   ///< −100 to −10 dB
    Maybe<bool> notifications{};
    Maybe<bool> cue{};
    Maybe<double> dose_allowance{};   ///< Pa²h in a week
    Maybe<std::vector<double>> dose_notices{}; ///< per cent of it, rising, 1 to 10000
    Maybe<double> dose_soft_landing{};         ///< per cent of it, 1 to 10000
    Maybe<double> dose_stop{};                 ///< per cent of it, 1 to 10000
    Maybe<Decibels> dose_warn_above{};         ///< dB(A), 80 to 120
    Maybe<LimiterMode> mode{};
    Maybe<double> release_ms{};
};

} // namespace soundwarden::policy
