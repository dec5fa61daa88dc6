// SPDX-License-Identifier: MIT
// Rules that can do nothing, found in a whole policy. Pure; any thread.
#pragma once

#include "merge.hpp"

#include <vector>

namespace soundwarden::policy {

/// Warns in the reports of the files (one for each, as Place::file counts them). layers: of the files.
void lint(const PolicySet &set, const std::vector<Layer> &layers, std::vector<Report> &reports);

} // namespace soundwarden::policy
