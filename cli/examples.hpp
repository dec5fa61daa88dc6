// SPDX-License-Identifier: MIT
// What stands below a verb's help: what one would type, and what to read next.
#pragma once

#include <string>
#include <string_view>

namespace soundwarden::cli {

/// Empty for a verb that is not there.
std::string examples_of(std::string_view verb);

} // namespace soundwarden::cli
