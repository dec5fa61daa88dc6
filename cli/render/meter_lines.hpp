// SPDX-License-Identifier: MIT
// `meter` as lines: for whatever is no terminal.
#pragma once

#include "meter.hpp"
#include "terminal.hpp"

#include <map>
#include <string>
#include <string_view>

namespace soundwarden::cli {

/// A line for each output; `names` by id, `time` stands in front.
std::string meter_text(const MeterPacket &packet, const std::map<std::string, std::string> &names, std::string_view time, const Style &style);

/// One JSON object on a line, with "event": "meters"; `time` is RFC 3339.
std::string meter_json(const MeterPacket &packet, const std::map<std::string, std::string> &names, std::string_view time);

} // namespace soundwarden::cli
