// SPDX-License-Identifier: MIT
#include "render/markup.hpp"

#include "terminal.hpp"

namespace soundwarden::cli {

std::string escaped(std::string_view text) {
    // Names come from firmware: no controls, and no marks that turn text around. U+FFFE and U+FFFF are in no XML.
    const std::string clean = printable(text);
    std::string result;
    for (std::size_t at = 0; at < clean.size(); ++at) {
        const std::string_view rest = std::string_view{clean}.substr(at);
        if (rest.starts_with("\xEF\xBF\xBE") || rest.starts_with("\xEF\xBF\xBF")) {
            result += '?';
            at += 2;
            continue;
        }
        switch (clean[at]) {
        case '&': result += "&amp;"; break;
        case '<': result += "&lt;"; break;
        case '>': result += "&gt;"; break;
        case '"': result += "&quot;"; break;
        case '\'': result += "&#39;"; break;
        default: result += clean[at];
        }
    }
    return result;
}

} // namespace soundwarden::cli
