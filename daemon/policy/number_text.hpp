// SPDX-License-Identifier: MIT
// Numbers as they stand in policy files. Pure; any thread.
#pragma once

#include "policy/quantity.hpp"

#include <string>
#include <string_view>

namespace soundwarden::policy {

/// The shortest decimal digits that give the same number, without an exponent. value: finite.
std::string number_text(double value);

/// How such a quantity is written, in quotation marks, for messages.
std::string_view example_of(Quantity what);

} // namespace soundwarden::policy
