// SPDX-License-Identifier: MIT
// What `soundwarden dose` prints for people.
#pragma once

#include "dose.hpp"
#include "terminal.hpp"

#include <string>

namespace soundwarden::cli {

/// How much is used, what plays now, a bar for each day, and what the numbers rest on.
std::string dose_text(const DoseReport &report, const Style &style);

} // namespace soundwarden::cli
