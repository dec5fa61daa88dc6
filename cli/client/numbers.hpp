// SPDX-License-Identifier: MIT
// Numbers of the bus, where "none" is no number.
#pragma once

#include <cmath>
#include <optional>

namespace soundwarden::cli {

/// Nothing for NaN and infinity.
inline std::optional<double> finite(double number) { return std::isfinite(number) ? std::optional{number} : std::nullopt; }

} // namespace soundwarden::cli
