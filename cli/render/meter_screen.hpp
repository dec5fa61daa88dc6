// SPDX-License-Identifier: MIT
// `meter` on a whole terminal.
#pragma once

#include "meter.hpp"
#include "terminal.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace soundwarden::cli {

/// What there is to be seen.
struct MeterView {
    std::string daemon_state; ///< Status::state; empty: it is away
    std::string notice;       ///< a sentence in place of the dose; empty: none
    std::vector<MeterRow> rows;
    std::optional<double> dose_percent;
    std::size_t first = 0; ///< row at the top, where not all have room
};

struct ScreenSize {
    std::size_t columns = 80, rows = 24;
};

/// The lines of a screen, from the top: at most size.rows, none wider than size.columns, and no control characters in them but
/// colours. `style.width` does not matter.
std::vector<std::string> meter_screen(const MeterView &view, ScreenSize size, const Style &style);

/// How many of the rows have room: one less than that is the furthest that can be scrolled by.
std::size_t rows_with_room(const MeterView &view, ScreenSize size);

} // namespace soundwarden::cli
