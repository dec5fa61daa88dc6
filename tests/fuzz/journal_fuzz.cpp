// SPDX-License-Identifier: MIT
// Texts on their way to the journal and to terminals, whatever they are: names of devices and programs stand in them.
#include "host/logging.hpp"
#include "sense_invariants.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace {

/// Whether it does something to a terminal, or turns the direction of writing.
bool is_unwanted(long code) {
    return code < 0x20 || (code >= 0x7F && code <= 0x9F) || (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const fuzz::TimeBound bound;
    const std::string text(data, data + size);
    const std::string plain = soundwarden::host::plain_text(text);
    fuzz::require(plain.size() <= text.size(), "it gets no longer");
    fuzz::require(soundwarden::host::plain_text(plain) == plain, "plain text is plain");
    bool harmless = true;
    for (std::string_view rest = text; !rest.empty() && harmless;) {
        const long code = fuzz::take_character(rest);
        harmless = code >= 0 && !is_unwanted(code);
    }
    fuzz::require(!harmless || plain == text, "what is harmless stays as it is");
    for (std::string_view rest = plain; !rest.empty();) {
        const std::string_view before = rest;
        const long code = fuzz::take_character(rest);
        if (code < 0) rest = before.substr(1); // a byte that is no character begins none either
        else fuzz::require(!is_unwanted(code), "nothing that a terminal obeys");
    }
    return 0;
}
