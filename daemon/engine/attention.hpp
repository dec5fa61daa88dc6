// SPDX-License-Identifier: MIT
// What people are asked and told: the question what hangs on an output, and the first time that its limiter acts.
#pragma once

#include "memory.hpp"
#include "sink.hpp"
#include "step.hpp"

#include <cstdint>

namespace soundwarden::engine {

/// What is there this long after the start, or after PipeWire came back, was there before: nobody is asked about it at login.
inline constexpr Duration login_time = std::chrono::seconds(10);

/// The highest sample of a cue, before the gain and the limiter; lower where the output's cap is.
inline constexpr Decibels cue_peak{-30.0};

/// Something was plugged into the output just now, or may have been. `before`: as it was; null: it is new here.
void note_plug(const Output &output, const Output *before, Memory &memory, Time now);

/// Asks once for each socket and fingerprint, when the facts are in; takes the question back when it is answered, or pointless.
/// `asking`: anybody is to be asked at all.
void tend_questions(const Sink &sink, bool asking, Step &step);
/// Of outputs that are there no longer.
void forget_questions(const std::map<SinkKey, Sink> &sinks, Memory &memory);
/// The open question's number; 0: none.
std::uint32_t question_of(const Output &output, const Memory &memory);

/// OutputView::recalled.
std::uint32_t recalled_at(const Output &output, const Memory &memory);

/// The first time in this run that its limiter takes something away from an output: told, and heard by a cue, which passes the limiter like
/// everything else. Safety: a blocked output stays silent, so there is no cue for a block.
void tend_limiter(const Sink &sink, Step &step);
/// It was first limited with what hangs there now.
bool newly_limited(const Output &output, const Memory &memory);

} // namespace soundwarden::engine
