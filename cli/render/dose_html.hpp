// SPDX-License-Identifier: MIT
// `soundwarden dose --html`: a report in one file.
#pragma once

#include "dose.hpp"

#include <string>

namespace soundwarden::cli {

/// A page that needs no network and runs no script; it is well-formed XML too.
std::string dose_html(const DoseReport &report);

} // namespace soundwarden::cli
