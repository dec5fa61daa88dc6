// SPDX-License-Identifier: MIT
// From the facts of a sink to its outputs: identity, kind, classification, decision.
#pragma once

#include "engine/engine.hpp"
#include "sink.hpp"
#include "step.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace soundwarden::engine {

/// The facts with every number in its range: what an adapter hands over may be anything a card or a client wrote.
SinkFacts sanitized(SinkFacts facts);

/// What there is besides the sink's own facts.
struct Known {
    const Rules &rules;
    const CardFacts *card; ///< what is sensed of its card; null: nothing
    Memory &memory;        ///< answers that are too old are dropped here, and plugs counted
    Time now;
};

/// One output per route, or one for a sink without routes. Ids of `before` are kept where the same output is meant;
/// `taken`: whether another sink's output has an id; asked for new outputs only.
std::vector<Output> describe_outputs(const SinkFacts &facts, const std::vector<Output> &before,
                                     const std::function<bool(const OutputId &)> &taken, const Known &known);

/// The sensed card that this sink plays to: by ALSA's number, and only where both are plugged in at the same place.
const CardFacts *card_of(const SinkFacts &facts, const std::map<std::uint32_t, CardFacts> &cards);

/// Something was plugged in, or may have been.
bool is_plug(Availability before, Availability now);

/// Whether what was answered for could be another thing the next time, and nobody would notice: analog plugs have no identity, and
/// only a measured line or measured ohms tell loads apart. A device with an address or a DAC of its own is its own load.
bool anonymous(const Output &output);

/// The user's `guard OUTPUT off`: allowed, nothing is asked. What the output may be (needs_guard) stays as it is.
void leave_alone(Output &output);

/// Lowers what the governor holds where an ear hears the output. Safety: the last word, behind overrides.
void hold_dose(Output &output, std::optional<Decibels> limit);

/// An override: limited to `ceiling`, and never more than the decision permits (Decision::override_max).
void overrule(Output &output, Decibels ceiling);

} // namespace soundwarden::engine
