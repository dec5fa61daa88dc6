// SPDX-License-Identifier: MIT
// A trace: what the engine was told and what it answered, one JSON object a line. Pure; any thread; throws nothing but std::bad_alloc.
//
//   {"soundwarden-trace":1,"version":"0.1.0","settings":{…},"hashed":true}      the first line
//   {"t":NS,"event":"sink-seen",…}                                              what the engine was told, when
//   {"t":NS,"known":[{"alias":"unknown_sink_1","name":"alsa_output.…"}]}        what a name that stood for another means from the start
//   {"t":NS,"sink":"…","outputs":["…",…]}                                       the outputs of a sink, where they are others than before
//   {"t":NS,"effects":[{"effect":"order-guard",…},…]}                           what it wanted done; no line where that is nothing
//
// Times are nanoseconds of the monotonic clock. Fields are called as in engine/event.hpp and engine/effect.hpp, with "-" for "_"; numbers
// are exact; what JSON has no number for is "inf", "-inf" or "nan"; what is missing is null. A policy is recorded as the texts that it
// was made of, and how (policy::Making).
#pragma once

#include "engine/engine.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace soundwarden::trace {

/// Rises with every change after which older traces would be read wrongly. A field that joins a struct is none.
inline constexpr int format_version = 1;

struct Header {
    std::string version; ///< of the daemon that recorded it
    engine::Settings settings{};
    bool hashed = true;  ///< Bluetooth addresses and serial numbers are pseudonyms (trace/pseudonyms.hpp)
};
struct EventLine {
    Time time{};
    /// A policy that was read from a line is not made yet: it has nothing but its origin (policy::make_again), or not even that where
    /// it was not made of texts.
    engine::Event event;
};
struct Alias {
    std::string alias;
    std::string name;
};
struct KnownLine {
    Time time{};
    std::vector<Alias> known{};
};
struct OutputsLine {
    Time time{};
    engine::SinkKey sink;
    std::vector<OutputId> outputs{};
};
struct EffectsLine {
    Time time{};
    engine::Effects effects{};
};
using Line = std::variant<Header, EventLine, KnownLine, OutputsLine, EffectsLine>;

/// The line, with '\n'.
std::string text_of(const Line &line);
/// One event or effect without time, for people.
std::string text_of(const engine::Event &event);
std::string text_of(const engine::Effect &effect);

/// Why a line cannot be read.
struct Problem {
    std::string field; ///< "facts.routes[1].volume"; empty: the line as a whole
    std::string what;  ///< "is no whole number"
};
/// One line without its '\n'.
std::variant<Line, Problem> parse_line(std::string_view text);

} // namespace soundwarden::trace
