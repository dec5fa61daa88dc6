// SPDX-License-Identifier: MIT
// What a verb prints that has changed something.
#pragma once

#include "status.hpp"
#include "verbs/verbs.hpp"

#include <string>

namespace soundwarden::cli {

/// `text` for people; for programs the output as it is now, or with a null `output` everything. Throws Failure.
void print_done(const Global &global, const std::string &text, const Status &status, const Output *output);

} // namespace soundwarden::cli
