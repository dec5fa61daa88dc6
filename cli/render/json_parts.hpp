// SPDX-License-Identifier: MIT
// What all JSON output is made of.
#pragma once

#include "render/json.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <optional>
#include <string>

namespace soundwarden::cli {

using Json = nlohmann::ordered_json;

/// Of every document; see soundwarden(1).
inline constexpr int json_schema = 1;

/// The nearest multiple of 1/steps, never "-0.0".
inline double rounded(double number, double steps) { return std::round(number * steps) / steps + 0.0; }

inline Json level(const std::optional<double> &db) { return db ? Json(rounded(*db, 100)) : Json(nullptr); }

/// An output as in `status`.
Json json_of(const Output &output);

/// Ends in a newline; what is no UTF-8 is replaced.
inline std::string text_of(const Json &json, JsonLayout layout) {
    const int indent = layout == JsonLayout::indented ? 2 : -1;
    return json.dump(indent, ' ', false, Json::error_handler_t::replace) + '\n';
}

} // namespace soundwarden::cli
