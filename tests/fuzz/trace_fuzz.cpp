// SPDX-License-Identifier: MIT
// One trace, whatever it is: an answer for each, the same line again from what is written of it, and a replay that ends.
#include "trace/replay.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

namespace {

using namespace soundwarden::trace;

void require(bool holds, const char *what) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

void require_stable(std::string_view line) {
    const auto parsed = parse_line(line);
    if (const auto *problem = std::get_if<Problem>(&parsed)) return require(!problem->what.empty(), "what cannot be read has a reason");
    const std::string once = text_of(std::get<Line>(parsed));
    const auto again = parse_line(std::string_view(once).substr(0, once.size() - 1));
    require(std::holds_alternative<Line>(again), "what was written can be read");
    require(text_of(std::get<Line>(again)) == once, "what was read is written as it was");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string text(data, data + size);
    std::size_t lines = 0;
    for (std::string_view rest = text; !rest.empty(); ++lines) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        require_stable(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    const Replay result = replay(text);
    require(result.steps <= lines, "there are no more steps than lines");
    require(result.different <= result.steps && (result.different > 0) == result.first.has_value(), "a difference is shown");
    return 0;
}
