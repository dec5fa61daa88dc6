// SPDX-License-Identifier: MIT
// One policy text, whatever it is: an answer for each, and the same policy again from what is printed of it.
#include "plain_parse.hpp"
#include "policy/policy_set.hpp"
#include "policy_invariants.hpp"
#include "toml_parse.hpp"
#include "utf8.hpp"

namespace {

using namespace soundwarden;
using namespace soundwarden::policy;

/// What parse_plain() may be handed.
bool is_clean(std::string_view text) {
    while (!text.empty()) {
        const Character character = first_character(text);
        if (!character.valid || character.code == 0x7F) return false;
        if (character.code == '\r' && !text.substr(1).starts_with('\n')) return false;
        if (character.code < 0x20 && character.code != '\n' && character.code != '\t' && character.code != '\r')
            return false;
        if (character.code == 0xFEFF) return false;
        text.remove_prefix(character.length);
    }
    return true;
}

void require_same_parse(std::string_view text) {
    if (!is_clean(text)) return;
    const auto plain = parse_plain(text);
    if (!plain) return;
    const TomlResult toml = parse_toml(text);
    fuzz::require(toml.error.empty(), "what is read as plain TOML is TOML");
    fuzz::require(*plain == toml.table, "plain TOML is read as toml++ reads it");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string text(data, data + size);
    require_same_parse(text);
    const Loaded loaded = check({{.path = "fuzz.toml", .layer = Layer::etc, .content = text}});
    fuzz::require_loaded(loaded);
    fuzz::require_printed(loaded);
    return 0;
}
