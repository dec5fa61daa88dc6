// SPDX-License-Identifier: MIT
// What `replay` prints: what the engine said and decided, step by step, and whether it was the same as recorded.
#pragma once

#include "engine/effect.hpp"
#include "engine/snapshot.hpp"
#include "render/json.hpp"
#include "terminal.hpp"
#include "trace/replay.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace soundwarden::cli {

/// One thing that was said (a line of the journal) or decided (an output as it is from now on).
struct Told {
    std::size_t line = 0;            ///< of the trace, from 1
    std::chrono::nanoseconds after{}; ///< the first event
    std::variant<engine::Report, engine::OutputView> what{};
};

std::string told_text(const Told &told, const Style &style);
/// The last line: whether it is the same.
std::string outcome_text(const trace::Replay &replay, const Style &style);
/// For stderr, like a compiler: what cannot be read, where it first differs, notices. Empty: there is nothing to say.
std::string replay_diagnostics(const trace::Replay &replay, std::string_view file);

/// One object each, in one line.
std::string told_line(const Told &told);
std::string outcome_line(const trace::Replay &replay);
/// All in one document.
std::string replay_json(const trace::Replay &replay, const std::vector<Told> &story);

} // namespace soundwarden::cli
