// SPDX-License-Identifier: MIT
// Text in XML and HTML.
#pragma once

#include <string>
#include <string_view>

namespace soundwarden::cli {

/// For content and for attributes in either kind of quotes: nothing in it is markup, and nothing is a character that XML forbids.
std::string escaped(std::string_view text);

} // namespace soundwarden::cli
