// SPDX-License-Identifier: MIT
// `doctor`: what weakens protection, what that means, and what mends it.
#pragma once

#include "answers.hpp"
#include "render/json.hpp"
#include "terminal.hpp"

#include <string>
#include <vector>

namespace soundwarden::cli {

std::string checks_text(const std::vector<Check> &checks, const Style &style);
std::string checks_json(const std::vector<Check> &checks, JsonLayout layout);

} // namespace soundwarden::cli
