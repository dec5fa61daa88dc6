// SPDX-License-Identifier: MIT
// Texts on their way to the bus and into notifications, whatever they are.
#include "sense_invariants.hpp"
#include "utf8.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace {

/// What a reader of markup shows of it.
std::string shown(std::string_view text) {
    static constexpr std::pair<std::string_view, char> entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}};
    std::string result;
    while (!text.empty()) {
        fuzz::require(text.front() != '<' && text.front() != '>', "there is no markup");
        if (text.front() != '&') {
            result += text.front();
            text.remove_prefix(1);
            continue;
        }
        bool known = false;
        for (const auto &[entity, character] : entities)
            if (!known && text.starts_with(entity)) {
                known = true;
                result += character;
                text.remove_prefix(entity.size());
            }
        fuzz::require(known, "an ampersand begins an entity");
    }
    return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const fuzz::TimeBound bound;
    const std::string text(data, data + size);
    const std::string valid = soundwarden::dbus::valid_utf8(text);
    fuzz::require(valid.size() == text.size(), "a byte that does not fit becomes one that does");
    for (std::string_view rest = valid; !rest.empty();) fuzz::require(fuzz::take_character(rest) > 0, "the bus gets valid UTF-8 without NUL");
    fuzz::require(soundwarden::dbus::valid_utf8(valid) == valid, "and what is valid as it is");
    fuzz::require(shown(soundwarden::dbus::escaped(valid)) == valid, "a notification shows what was said");
    return 0;
}
