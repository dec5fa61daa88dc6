// SPDX-License-Identifier: MIT
// The part of TOML that nearly every policy is written in, read at once. toml++ goes through a text character by
// character with a dozen function calls for each: that alone takes more than the 100 ms in which ten thousand rules
// must be loaded. What this does not take goes to toml++, which alone says what is an error; the two are held to give
// the same (tests/fuzz/policy_text_fuzz.cpp). Pure; any thread.
#pragma once

#include "document.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace soundwarden::policy {

/// At most one header, in the first statement, of one bare key; pairs of a bare key with a text on one line without
/// escapes, a plain number, true or false, or a list or an inline table of those on one line; comments. Nothing:
/// anything else stands there, or it is not TOML. text: valid UTF-8 without control characters. line: the number of its
/// first.
std::optional<Node> parse_plain(std::string_view text, std::uint32_t line = 1);

} // namespace soundwarden::policy
