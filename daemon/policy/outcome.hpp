// SPDX-License-Identifier: MIT
// One rule made into numbers for one output and one load; and how two of those stand to each other.
#pragma once

#include "policy/decide.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::policy {

struct Outcome {
    Load load = Load::unknown;
    double probability = 0.0;
    const Rule *rule = nullptr; ///< nothing: no rule matched
    Verdict verdict = Verdict::allow;
    std::optional<Decibels> cap; ///< limit: its cap; block: the 65 dB(A) cap that stands in while unsure
    bool cap_from_target = false;
    std::optional<Decibels> governor; ///< dB re a full-scale sine at the sink
    bool start_low = false;
    bool ask = false;
    std::optional<Decibels> start_level;
    std::string_view reason;  ///< the rule's, or a literal
    std::string_view message; ///< likewise
    Decibels override_max{0.0};
    Duration override_for_max = Duration::max();
    bool locked = false;
    std::vector<std::string> assumed;
};

/// What is known of the output, and of the load at it.
struct Case {
    const OutputFacts &output;
    Volts class_full_scale;
    const LoadFacts &load_facts; ///< only where they are about this load
};

/// `rule`: nullptr gives the strictest that a socket for the ears may have ("no-rule").
Outcome outcome_of(const Rule *rule, const Case &at, WeightedLoad load);

/// The level at the sink, dB re a full-scale sine, that is `target` at the ear. A model that only a name speaks for makes nothing louder.
Decibels governor_for(Decibels target, const Case &at, Load load);

/// Block before limit, lower caps before higher, a lower target of the governor, `low` before plain allow.
bool stricter(const Outcome &a, const Outcome &b);

/// `outcome` made no laxer than `bound` in any respect. Safety: locked rules are never exceeded.
void bound(Outcome &outcome, const Outcome &bound);

} // namespace soundwarden::policy
