// SPDX-License-Identifier: MIT
// The three files of a demo, read: source.wav, sink.wav, timeline.jsonl (docs/demo.md).
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace soundwarden::check {

using Frame = std::uint64_t;
using Nanoseconds = std::int64_t; ///< CLOCK_MONOTONIC

/// One cycle of the graph: when the sink was handed which frames.
struct Cycle {
    Nanoseconds t_ns = 0;
    Frame frame = 0;
    std::uint32_t frames = 0;
    std::uint64_t position = 0; ///< of the graph's clock
    std::uint32_t flags = 0;
};

inline constexpr std::uint32_t flag_gap = 1;
inline constexpr std::uint32_t flag_run_start = 2;
inline constexpr std::uint32_t flag_overflow = 4;

struct Event {
    Nanoseconds t_ns = 0;
    std::string kind;
    nlohmann::json fields;
};

struct Take {
    std::uint32_t rate_hz = 0;
    std::uint32_t channels = 0;
    std::uint32_t quantum = 0;   ///< frames of a cycle
    std::vector<float> played;   ///< interleaved; frame for frame what belongs to `heard`
    std::vector<float> heard;    ///< what the sink was handed
    std::vector<Cycle> cycles;   ///< in order
    std::vector<Event> events;   ///< in order
    std::string misfit;          ///< how the files contradict each other; empty: they do not

    /// Frames that both recordings have.
    Frame frames() const { return (played.size() < heard.size() ? played.size() : heard.size()) / channels; }
    double seconds() const { return static_cast<double>(frames()) / rate_hz; }
    Nanoseconds quantum_ns() const { return static_cast<Nanoseconds>(quantum) * 1'000'000'000 / rate_hz; }
    /// The first frame handed to the sink at or after t_ns.
    Frame frame_at(Nanoseconds t_ns) const;
    /// When the sink was handed this frame: with its whole cycle.
    Nanoseconds t_ns_of(Frame frame) const;
};

/// Throws std::runtime_error with a sentence for people where a file cannot be used at all.
Take read_take(const std::filesystem::path &directory);

} // namespace soundwarden::check
