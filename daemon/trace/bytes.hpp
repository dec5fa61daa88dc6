// SPDX-License-Identifier: MIT
// Any bytes as UTF-8 text, and back: JSON holds nothing else, and names from firmware may be anything.
#pragma once

#include <string>
#include <string_view>

namespace soundwarden::trace {

/// Valid UTF-8 stays as it is. A byte B that is part of none becomes the private character U+10FF00 + B; so does each byte of such a
/// private character, where the text itself has one. bytes_of(utf8_of(x)) == x for every x.
std::string utf8_of(std::string_view bytes);
std::string bytes_of(std::string_view text);

} // namespace soundwarden::trace
