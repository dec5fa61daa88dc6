// SPDX-License-Identifier: MIT
// From the facts of a sink to its outputs: identity, kind, classification, decision.
#pragma once

#include "sink.hpp"

#include <set>
#include <string>
#include <vector>

namespace soundwarden::engine {

/// The facts with every number in its range: what an adapter hands over may be anything a card or a client wrote.
SinkFacts sanitized(SinkFacts facts);

/// One output per route, or one for a sink without routes. Ids of `before` are kept where the same output is meant;
/// `taken`: the ids of all other sinks' outputs.
std::vector<Output> describe_outputs(const SinkFacts &facts, const std::vector<Output> &before,
                                     const std::set<OutputId> &taken, Posture posture);

/// The user's `guard OUTPUT off`: allowed, nothing is asked. What the output may be (needs_guard) stays as it is.
void leave_alone(Output &output);

} // namespace soundwarden::engine
