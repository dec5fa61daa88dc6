// SPDX-License-Identifier: MIT
// What holds of every policy that was loaded.
#pragma once

#include "policy/policy_set.hpp"
#include "policy_same.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace fuzz {

using namespace soundwarden;
using namespace soundwarden::policy;

inline void require(bool holds, const char *what) {
    if (holds) return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

/// Valid UTF-8 that does nothing to a terminal.
inline void require_harmless(std::string_view text) {
    while (!text.empty()) {
        const Character character = first_character(text);
        require(character.valid && !is_harmful(character.code), "what is shown does nothing to a terminal");
        text.remove_prefix(character.length);
    }
}

inline void require_loaded(const Loaded &loaded) {
    require((loaded.set == nullptr) == has_errors(loaded.diagnostics),
            "there is a set if and only if there are no errors");
    for (const Diagnostic &diagnostic : loaded.diagnostics) {
        require(!diagnostic.message.empty() && !diagnostic.file.empty(), "a diagnostic says something, of a file");
        require((diagnostic.line == 0) == (diagnostic.column == 0), "a line has a column");
        require_harmless(diagnostic.message);
        require_harmless(diagnostic.file);
        require_harmless(diagnostic.source);
        const auto characters = std::count_if(diagnostic.source.begin(), diagnostic.source.end(),
                                              [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
        require(characters <= 162, "a line is cut");
        require(diagnostic.source.empty() || diagnostic.source_column >= 1, "a caret points at something");
        require(diagnostic.source_column <= 170, "a caret is near what it points at");
    }
    if (!loaded.set) return;
    for (const Rule &rule : loaded.set->rules) {
        require(!rule.when.kinds.empty() && !rule.when.loads.empty() && !rule.when.confidences.empty(),
                "a rule speaks of something");
        require(rule.gives.verdict != Verdict::limit || rule.gives.cap || rule.gives.target, "a limit limits");
        require(rule.place.file < loaded.set->files.size() && rule.place.line > 0 && rule.place.column > 0,
                "a rule has a place");
    }
}

inline void require_printed(const Loaded &loaded) {
    if (!loaded.set) return;
    const Loaded again = check({{.path = "printed.toml", .layer = Layer::etc, .content = print(*loaded.set)}});
    require(again.set != nullptr, "what is printed can be read");
    require(difference(*again.set, *loaded.set).empty(), "and is the same");
}

} // namespace fuzz
