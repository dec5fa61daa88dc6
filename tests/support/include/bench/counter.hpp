// SPDX-License-Identifier: MIT
// The counter signal: every sample says which channel of the source it belongs to and at which position of the graph it
// was made, exactly in a float (20 bits). The receiver reads loss, order, channel mapping, exactness and latency from
// each sample.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

namespace soundwarden::bench {

inline constexpr std::uint32_t counter_period = 65'536; ///< positions repeat after this many frames
inline constexpr double counter_scale = 1'048'576.0;    ///< 2^20; with up to 16 channels every sample is in (0, 1]

/// The sample of `channel` (0 to 15) at graph position `position`. Never 0.
inline float counter_sample(std::uint32_t channel, std::uint64_t position) {
    const std::uint64_t value = std::uint64_t{channel} * counter_period + position % counter_period + 1;
    return static_cast<float>(static_cast<double>(value) / counter_scale);
}

struct CounterValue {
    std::uint32_t channel = 0;
    std::uint32_t position = 0; ///< modulo counter_period
    bool exact = false;         ///< the sample is float(counter) × float(gain), to the last bit
};

/// What a sample that went through `gain` says; nullopt when it is no counter sample at all (silence, other sound).
inline std::optional<CounterValue> decode_counter(float sample, float gain = 1.0F) {
    const double value = std::round(static_cast<double>(sample) / static_cast<double>(gain) * counter_scale);
    if (!(value >= 1.0 && value <= counter_scale)) return std::nullopt;
    const auto count = static_cast<std::uint64_t>(value) - 1;
    CounterValue decoded;
    decoded.channel = static_cast<std::uint32_t>(count / counter_period);
    decoded.position = static_cast<std::uint32_t>(count % counter_period);
    decoded.exact = sample == counter_sample(decoded.channel, decoded.position) * gain;
    return decoded;
}

} // namespace soundwarden::bench
