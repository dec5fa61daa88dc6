// SPDX-License-Identifier: MIT
// What holds of everything that sensing reads.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>

namespace fuzz {

inline void require(bool holds, const char *what) {
    if (holds) return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

/// One character of valid UTF-8 in its shortest form, or -1. Written apart from what is tried.
inline long take_character(std::string_view &text) {
    static constexpr long least[] = {0, 0x80, 0x800, 0x10000};
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t more = lead < 0x80 ? 0 : (lead & 0xE0) == 0xC0 ? 1 : (lead & 0xF0) == 0xE0 ? 2 : (lead & 0xF8) == 0xF0 ? 3 : 9;
    if (more > 3 || more >= text.size()) return -1;
    long code = more == 0 ? lead : lead & (0x3F >> more);
    for (std::size_t i = 1; i <= more; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xC0) != 0x80) return -1;
        code = code * 64 + (byte & 0x3F);
    }
    text.remove_prefix(more + 1);
    return code < least[more] || code > 0x10FFFF || code / 0x800 == 0xD800 / 0x800 ? -1 : code;
}

/// Valid UTF-8 of at most so many bytes that does nothing to a terminal and hides nothing; no blanks at its ends or in a row.
inline void require_printable(std::string_view text, std::size_t most_bytes) {
    require(text.size() <= most_bytes, "a text is cut");
    require(text.empty() || (text.front() != ' ' && text.back() != ' '), "a text has no blanks around it");
    require(text.find("  ") == std::string_view::npos, "blanks in a row are one");
    while (!text.empty()) {
        const long code = take_character(text);
        require(code >= 0, "a text is valid UTF-8");
        require(code >= 0x20 && (code < 0x7F || code > 0xA0), "no control characters");
        require(code != 0x200B && code != 0x200E && code != 0x200F && (code < 0x2028 || code > 0x202E) &&
                    (code < 0x2066 || code > 0x2069) && code != 0xFEFF && code / 0x1000 != 0xE0,
                "nothing invisible, no marks of direction");
    }
}

/// Dies where this much of the processor's time was used up: no input of a kernel's size takes long.
class TimeBound {
  public:
    TimeBound() : begin_(std::clock()) {}
    TimeBound(const TimeBound &) = delete;
    TimeBound &operator=(const TimeBound &) = delete;
    ~TimeBound() { require(std::clock() - begin_ < 2 * CLOCKS_PER_SEC, "an answer within two seconds"); }

  private:
    std::clock_t begin_;
};

} // namespace fuzz
