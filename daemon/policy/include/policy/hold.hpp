// SPDX-License-Identifier: MIT
// What soundwarden-hold(8) holds the volumes inside sound cards at. Pure; any thread; throws nothing but std::bad_alloc.
#pragma once

#include "model/units.hpp"
#include "policy/glob.hpp"
#include "policy/source.hpp"

#include <optional>
#include <string>
#include <vector>

namespace soundwarden::policy {

/// One card's bounds.
struct HoldBounds {
    bool hold = true;            ///< false: the card is left alone
    Decibels cap{-20.0};         ///< at most this, as the card's own scale has it; <= 0
    double without_db = 100.0;   ///< percent of the range of a volume that has no scale; it is never raised, so 100 is where it stands
    std::vector<Glob> elements{}; ///< which volumes have the cap, by name; empty: "Master", and where there is none all of them
    bool operator==(const HoldBounds &) const = default;
};

/// `[[card]]`: the first whose pattern fits counts.
struct HoldCard {
    Glob match; ///< against the card's id, name and driver, each
    HoldBounds bounds;
    bool operator==(const HoldCard &) const = default;
};

struct Hold {
    HoldBounds usual{}; ///< of cards that no entry fits
    std::vector<HoldCard> cards{};

    /// `names`: what the card is called, each of which may fit.
    const HoldBounds &bounds_of(const std::vector<std::string> &names) const;
    bool operator==(const Hold &) const = default;
};

struct LoadedHold {
    std::optional<Hold> hold{}; ///< nothing: there are errors
    std::vector<Diagnostic> diagnostics{};
};

/// Reads one text. What a `[[card]]` does not say it has from the top of the file, and that has the values above.
LoadedHold read_hold(const SourceText &text);

} // namespace soundwarden::policy
