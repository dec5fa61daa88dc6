// SPDX-License-Identifier: MIT
// `graph`: the guarded part of PipeWire's graph.
#pragma once

#include "answers.hpp"
#include "render/json.hpp"
#include "status.hpp"
#include "terminal.hpp"

#include <string>

namespace soundwarden::cli {

/// `outputs`: of the status, for the names of sinks and their ceilings.
std::string graph_text(const Graph &graph, const std::vector<Output> &outputs, const Style &style);
/// The DOT language of Graphviz.
std::string graph_dot(const Graph &graph, const std::vector<Output> &outputs);
std::string graph_json(const Graph &graph, JsonLayout layout);

} // namespace soundwarden::cli
