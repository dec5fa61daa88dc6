// SPDX-License-Identifier: MIT
// What people said is plugged into an output, and what was seen there when they said it.
#pragma once

#include "model/load.hpp"
#include "model/units.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace soundwarden {

/// What tells one load on a socket from another, as far as the hardware measures anything. Analog loads have no identity: two
/// headphones may have the same.
struct Fingerprint {
    std::optional<bool> microphone{}; ///< a microphone on the same plug; nothing: this socket cannot tell
    std::optional<bool> line{};       ///< the codec measured a high impedance; nothing: it does not measure
    std::optional<std::uint32_t> ohms_bucket{}; ///< which range the measured impedance is in (classify::ohms_bucket); nothing: not measured
    std::string product{};            ///< of a display
    bool measured() const { return microphone || line || ohms_bucket || !product.empty(); }
    bool operator==(const Fingerprint &) const = default;
};

struct Answer {
    Load load = Load::unknown; ///< unknown: "not sure", which says nothing and only ends the question
    LoadFacts facts{};         ///< what was said of it besides
    Fingerprint fingerprint{};
    bool operator==(const Answer &) const = default;
};

/// Loads that somebody may name.
constexpr bool answerable(Load load) {
    return load != Load::nothing && load != Load::internal_speaker && load != Load::display;
}

} // namespace soundwarden
