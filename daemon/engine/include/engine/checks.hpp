// SPDX-License-Identifier: MIT
// What weakens protection on this machine, what that means for people, and the one command that mends it. Pure.
#pragma once

#include "engine/snapshot.hpp"
#include "model/decision.hpp"
#include "model/names.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace soundwarden::engine {

enum class Grade : std::uint8_t {
    fault,   ///< something is not protected, or may not be at the worst moment
    warning, ///< protected, but less well than it could be
    note,    ///< wished by somebody, or a matter of this machine's hardware
    ok,      ///< looked at, and in order
};

struct Check {
    std::string token; ///< stable
    Grade grade = Grade::ok;
    std::string found;   ///< for people
    std::string means;   ///< for people; empty with ok
    std::string command; ///< that mends it; empty: none does
    bool operator==(const Check &) const = default;
};

/// What the engine is not told, because it decides nothing.
struct Machine {
    std::string pipewire_version;  ///< of the server; empty: no connection
    bool holds_max_volume = false; ///< PipeWire's sinks can bound their own volume
    bool holds_ceiling = false;    ///< … and can hold a ceiling for any sum of streams
    unsigned data_threads = 0;     ///< of this process
    unsigned realtime_threads = 0; ///< of those
    bool supervised = false;       ///< a service manager started this process, and brings it back
    unsigned policy_warnings = 0;  ///< of the last reading
};

/// The gravest first.
std::vector<Check> checks_of(const Snapshot &snapshot, Posture posture, const Machine &machine);

} // namespace soundwarden::engine

template <> struct soundwarden::Names<soundwarden::engine::Grade> {
    using E = soundwarden::engine::Grade;
    static constexpr std::array<std::pair<E, std::string_view>, 4> table{{
        {E::fault, "fault"},
        {E::warning, "warning"},
        {E::note, "note"},
        {E::ok, "ok"},
    }};
};
