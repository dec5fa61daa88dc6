// SPDX-License-Identifier: MIT
// A recorded trace through an engine of its own. Pure; any thread; throws nothing but std::bad_alloc.
//
// What the engine answers is compared with what was recorded, bit for bit: in the order in which it stands there, for each sink (or output,
// where an effect names no sink). Between sinks the order may differ where pseudonyms sort otherwise than what they stand for. An output
// whose id ends in "_" and 8 characters because its name was taken has other ones here, made of pseudonyms: they count as the same.
#pragma once

#include "engine/engine.hpp"
#include "trace/line.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::trace {

/// One step as it went here.
struct ReplayedStep {
    std::size_t line = 0; ///< of the event, from 1
    Time time{};
    engine::Event event;
    engine::Effects effects{};
};

/// The first place where the engine answers otherwise than it did.
struct Difference {
    std::size_t line = 0; ///< of the effects, or of the event where none were recorded
    std::string expected; ///< as recorded, JSON; empty: nothing
    std::string got;      ///< likewise
    bool operator==(const Difference &) const = default;
};

/// Why a trace cannot be replayed.
struct Unreadable {
    std::size_t line = 0;
    std::string sentence; ///< "facts.rate-hz: is no whole number"
};

struct Replay {
    Header header{};
    std::size_t steps = 0;
    std::size_t different = 0; ///< steps
    std::optional<Difference> first{};
    std::optional<Unreadable> unreadable{}; ///< nothing was replayed, or only what stands before it
    std::vector<std::string> notices{};     ///< sentences: a torn end
};

/// Called after each step; the engine is as it is then.
using Watch = std::function<void(const ReplayedStep &step, const engine::Engine &engine)>;

Replay replay(std::string_view text, const Watch &watch = {});

} // namespace soundwarden::trace
