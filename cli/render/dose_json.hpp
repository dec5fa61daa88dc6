// SPDX-License-Identifier: MIT
// `soundwarden dose -o json`, `jsonl`: a promise; see soundwarden(1).
#pragma once

#include "dose.hpp"
#include "render/json.hpp"

#include <string>

namespace soundwarden::cli {

/// indented: one document; one_line: a line for each day (event "day"), then one for all else (event "summary").
std::string dose_json(const DoseReport &report, JsonLayout layout);

} // namespace soundwarden::cli
