// SPDX-License-Identifier: MIT
// The files a simulated sink writes, shared by the recorder (simcard/recorder.hpp) and the reader
// (bench/recording.hpp):
//   NAME.raw  the samples the sink played, 32-bit float, interleaved, nothing else
//   NAME.idx  a RecordingHeader, then one RecordingCycle for each cycle of the graph
// Both grow while the sink plays; an entry of NAME.idx is written after its samples.
#pragma once

#include <array>
#include <cstdint>

namespace soundwarden::bench {

struct RecordingHeader {
    std::array<char, 8> magic{'S', 'W', 'R', 'E', 'C', '0', '1', '\0'};
    std::uint32_t header_size = sizeof(RecordingHeader);
    std::uint32_t cycle_size = 0;
    std::uint32_t channels = 0;
    std::uint32_t reserved = 0;
};
static_assert(sizeof(RecordingHeader) == 24);

/// What RecordingCycle::flags can hold.
namespace cycle_flag {
inline constexpr std::uint32_t gap = 1;       ///< the graph brought no data in time: hardware would have played silence
inline constexpr std::uint32_t run_start = 2; ///< first cycle after the sink was started or resumed
inline constexpr std::uint32_t overflow = 4;  ///< the recorder lost at least one cycle before this one
inline constexpr std::uint32_t following = 8; ///< another node drove the graph
} // namespace cycle_flag

struct RecordingCycle {
    std::uint64_t position = 0;   ///< clock.position: frames since the driver began, at graph rate
    std::int64_t clock_ns = 0;    ///< clock.nsec: the nominal start of the cycle, CLOCK_MONOTONIC
    std::int64_t wall_ns = 0;     ///< CLOCK_MONOTONIC when the sink was handed the samples (or noticed the gap)
    std::uint64_t file_frame = 0; ///< where these samples begin in NAME.raw
    std::uint32_t frames = 0;     ///< how many there are; differs from the quantum behind a resampler, 0 in a gap
    std::uint32_t quantum = 0;    ///< clock.duration
    std::uint32_t graph_rate = 0; ///< clock.rate
    std::uint32_t sink_rate = 0;  ///< the rate of the samples
    std::uint32_t flags = 0;
    float hardware_gain = 1.0F; ///< gain of channel 0 that the simulated mixer applied to these samples
};
static_assert(sizeof(RecordingCycle) == 56);

} // namespace soundwarden::bench
