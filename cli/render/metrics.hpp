// SPDX-License-Identifier: MIT
// `status -o openmetrics`: for node_exporter's textfile collector and whatever else reads OpenMetrics 1.0.
#pragma once

#include "dose.hpp"
#include "status.hpp"

#include <optional>
#include <string>

namespace soundwarden::cli {

/// No status: the daemon cannot be reached; soundwarden_up is 0 and nothing else is told. No dose: an older daemon counts none. Gauges and
/// counters only, whose lines mean the same in Prometheus' older text format, which the collector reads.
std::string metrics_text(const std::optional<Status> &status, const std::optional<Dose> &dose);

} // namespace soundwarden::cli
