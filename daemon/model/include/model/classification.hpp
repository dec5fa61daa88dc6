// SPDX-License-Identifier: MIT
// Classification: the set of plausible loads with their probabilities, a confidence, and the observations behind it.
#pragma once

#include "model/load.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace soundwarden {

enum class Confidence : std::uint8_t { certain, high, medium, low };
template <> struct Names<Confidence> {
    static constexpr std::array<std::pair<Confidence, std::string_view>, 4> table{{
        {Confidence::certain, "certain"},
        {Confidence::high, "high"},
        {Confidence::medium, "medium"},
        {Confidence::low, "low"},
    }};
};

struct WeightedLoad {
    Load load = Load::unknown;
    double probability = 0.0; ///< 0 to 1
    bool operator==(const WeightedLoad &) const = default;
};

/// One fact from one source ("route analog-output-headphones = yes").
struct Observation {
    std::string source; ///< "route", "jack", "switch", "eld", "codec", "device", "usb", "user", …
    std::string text;
    std::string row{};  ///< of the table of weights (classify/weights.hpp): "H1", "M1", …; empty: it weighs nothing
    bool operator==(const Observation &) const = default;
};

struct Classification {
    std::vector<WeightedLoad> loads; ///< most probable first; probabilities sum to 1
    Confidence confidence = Confidence::low;
    std::vector<Observation> evidence;
    LoadFacts facts{}; ///< of what is attached, where known; they count for loads of the class of loads.front()
    /// As it would be without the user's answers; empty: the same as `loads`. Locked rules look here too.
    std::vector<WeightedLoad> unanswered{};
    bool answered = false;  ///< an answer counts in `loads`
    bool ask_again = false; ///< there is an answer, but something else seems to hang there now
    bool operator==(const Classification &) const = default;
};

} // namespace soundwarden
