// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace soundwarden::cli {

/// ASCII letters in lower case, everything else as it is.
inline std::string lower(std::string_view text) {
    std::string result{text};
    for (char &c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

} // namespace soundwarden::cli
