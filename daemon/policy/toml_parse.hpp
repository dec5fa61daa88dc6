// SPDX-License-Identifier: MIT
// toml++ behind a curtain: it takes long to compile, and nothing else here needs to know it. Pure; any thread.
#pragma once

#include "document.hpp"

#include <string>
#include <string_view>

namespace soundwarden::policy {

/// A text as a table, or the first error in it.
struct TomlResult {
    Node table{};
    Spot error_at{};
    std::string error{}; ///< empty: none
};

/// text: valid UTF-8 with keys of at most most_key_parts parts. Lines count from 1 within it.
TomlResult parse_toml(std::string_view text);

} // namespace soundwarden::policy
