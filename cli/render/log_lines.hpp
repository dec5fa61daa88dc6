// SPDX-License-Identifier: MIT
// What `soundwarden log` prints.
#pragma once

#include "log.hpp"
#include "render/json.hpp"
#include "terminal.hpp"

#include <string>
#include <vector>

namespace soundwarden::cli {

/// A line each, in local time; nothing for no entries.
std::string log_text(const std::vector<LogEntry> &entries, const Style &style);
/// indented: one document with "entries"; one_line: a line for each entry, nothing for none.
std::string log_json(const std::vector<LogEntry> &entries, JsonLayout layout);

} // namespace soundwarden::cli
