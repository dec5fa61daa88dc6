// SPDX-License-Identifier: MIT
// From the rows of the bus to what the CLI holds.
#pragma once

#include "answers.hpp"
#include "bus/sdbus_compat.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace soundwarden::cli {

using ExplainedRow = sdbus::Struct<std::string, std::string, std::uint32_t, std::uint32_t, bool, bool, bool, std::string>;
using AddendRow = sdbus::Struct<std::string, double, bool>;
using ExplainedRows = std::tuple<std::string, std::vector<ExplainedRow>, std::vector<AddendRow>, std::map<std::string, sdbus::Variant>>;
using CheckRow = sdbus::Struct<std::string, std::string, std::string, std::string, std::string>;
using GraphNodeRow = sdbus::Struct<std::uint32_t, std::string, std::string, std::string, std::string>;
using GraphLinkRow = sdbus::Struct<std::uint32_t, std::uint32_t, bool>;

/// Throws sdbus::Error where a value has another type than promised.
Explained explained_of(const ExplainedRows &rows);
std::vector<Check> checks_of(const std::vector<CheckRow> &rows);
Graph graph_of(const std::tuple<std::vector<GraphNodeRow>, std::vector<GraphLinkRow>> &rows);

} // namespace soundwarden::cli
