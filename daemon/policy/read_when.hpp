// SPDX-License-Identifier: MIT
// When a rule speaks. Pure; any thread.
#pragma once

#include "fields.hpp"

namespace soundwarden::policy {

/// `when = { … }`. Everything that is wrong is reported.
When read_when(const Node &table, Report &report, bool damaged);

} // namespace soundwarden::policy
