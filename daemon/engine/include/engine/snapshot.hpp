// SPDX-License-Identifier: MIT
// The state as others see it: what D-Bus publishes and the CLI prints.
#pragma once

#include "engine/event.hpp"
#include "model/card.hpp"
#include "model/classification.hpp"
#include "model/decision.hpp"
#include "model/output.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::engine {

enum class RunState : std::uint8_t { running, degraded, fail_safe, not_protecting };
enum class OutputState : std::uint8_t { free, guarded, settling, blocked, orphaned, unprotected };

struct Reason {
    std::string token;    ///< stable: "no-bus", "policy-ignored", …
    std::string sentence; ///< for people, with the mending command
    bool operator==(const Reason &) const = default;
};

/// Who tried to get past the guard, and how often since it was first there.
struct Offender {
    std::string name; ///< as in ForeignLink
    std::uint32_t times = 0;
    bool operator==(const Offender &) const = default;
};

struct OutputView {
    OutputId id;
    std::string name;             ///< "Headphones"
    SinkKey sink;
    bool active = true;           ///< the route that the sink plays to now
    Availability availability = Availability::unknown;
    OutputFacts facts;
    Classification classification;
    Decision decision;
    std::optional<Ear> ear{};     ///< nothing: no ear hears it, as far as is known
    OutputState state = OutputState::free;
    std::optional<Decibels> ceiling; ///< now in force at the sink; nothing for allow and block, and for inactive outputs
    double volume = 1.0;          ///< the user's volume in the guard, amplitude; 1 without a guard
    bool mute = false;
    /// People are to be asked what hangs there: the number of the question, another one for each in this run. 0: nothing to ask.
    std::uint32_t question = 0;
    /// An answer from an earlier plug permits more than would hold without it, and nothing measured says that the same hangs there: the
    /// number of this plug. 0: there is none.
    std::uint32_t recalled = 0;
    /// Nothing there tells a headset from headphones: the desktop may have a question of its own about that.
    bool jack_unsure = false;
    /// The limiter has taken something away, for the first time in this run, from what hangs there now.
    bool limited = false;
    std::vector<Offender> offenders; ///< of the sink, by name; at most 16, the last of which stands for all others then
    bool operator==(const OutputView &) const = default;
};

/// A way to the ear that no guard sees, on a card.
struct SidePathView {
    std::string card; ///< its name
    std::uint32_t number = 0; ///< ALSA's
    SidePath path;
    bool operator==(const SidePathView &) const = default;
};

struct Snapshot {
    RunState state = RunState::running;
    std::vector<Reason> reasons;
    std::vector<OutputView> outputs; ///< ordered by sink, then route; active ones first within a sink
    std::vector<SidePathView> side_paths{};
    bool operator==(const Snapshot &) const = default;
};

} // namespace soundwarden::engine

template <> struct soundwarden::Names<soundwarden::engine::RunState> {
    using E = soundwarden::engine::RunState;
    static constexpr std::array<std::pair<E, std::string_view>, 4> table{{
        {E::running, "running"},
        {E::degraded, "degraded"},
        {E::fail_safe, "fail-safe"},
        {E::not_protecting, "not-protecting"},
    }};
};
template <> struct soundwarden::Names<soundwarden::engine::OutputState> {
    using E = soundwarden::engine::OutputState;
    static constexpr std::array<std::pair<E, std::string_view>, 6> table{{
        {E::free, "free"},
        {E::guarded, "guarded"},
        {E::settling, "settling"},
        {E::blocked, "blocked"},
        {E::orphaned, "orphaned"},
        {E::unprotected, "unprotected"},
    }};
};
