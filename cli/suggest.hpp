// SPDX-License-Identifier: MIT
// "Did you mean …": the known word that a mistyped one is nearest to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::cli {

/// "; did you mean 'headphones'?", or nothing where no word is near. Case does not matter (ASCII).
std::string did_you_mean(std::string_view word, const std::vector<std::string> &known);

} // namespace soundwarden::cli
