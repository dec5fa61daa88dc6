// SPDX-License-Identifier: MIT
// `soundwarden dose -o csv`: RFC 4180, for spreadsheets.
#pragma once

#include "dose.hpp"

#include <string>
#include <string_view>

namespace soundwarden::cli {

/// A header, then one line for each hour and output that was listened to (hours that end after the period begins); CRLF at the ends of lines.
std::string dose_csv(const DoseReport &report);

/// In quotes where it has to be.
std::string csv_field(std::string_view text);

} // namespace soundwarden::cli
