// SPDX-License-Identifier: MIT
// Takes out of a text what no parser should see, and says what that was. Pure; any thread.
#pragma once

#include "report.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace soundwarden::policy {

/// The text as it may be parsed: most often a view of what came.
struct Clean {
    std::string_view same{};
    std::string changed{};
    bool is_changed = false;
};

/// The text in valid UTF-8 without control characters (but tabs and ends of lines), each of them replaced by one
/// character so that lines and columns stay, without a byte order mark. Nothing: this is no text. Everything that is
/// wrong is reported.
std::optional<Clean> clean_text(std::string_view content, Report &report);

} // namespace soundwarden::policy
