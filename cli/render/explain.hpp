// SPDX-License-Identifier: MIT
// `explain`: how the verdict of an output comes about.
#pragma once

#include "answers.hpp"
#include "render/json.hpp"
#include "status.hpp"
#include "terminal.hpp"

#include <string>

namespace soundwarden::cli {

std::string explain_text(const Output &output, const Explained &explained, const Style &style);
std::string explain_json(const Output &output, const Explained &explained, JsonLayout layout);

} // namespace soundwarden::cli
