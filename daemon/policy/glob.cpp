// SPDX-License-Identifier: MIT
#include "policy/glob.hpp"

#include "utf8.hpp"

#include <utility>

namespace soundwarden::policy {
namespace {

char32_t lower(char32_t c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; }
char32_t upper(char32_t c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; }

/// Takes the next character off a text that is not empty.
char32_t take_character(std::string_view &text) {
    const Character character = first_character(text);
    text.remove_prefix(character.length);
    // Broken bytes are no characters, and equal nothing but themselves.
    return character.valid ? character.code : 0x110000 + character.code;
}

/// The same of a pattern, where a `\\` makes the next character mean itself.
char32_t take_literal(std::string_view &pattern) {
    if (pattern.front() == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
    return take_character(pattern);
}

/// Where the set that begins with `[` ends (the place of its `]`); npos: nowhere, so the `[` means itself.
std::size_t end_of_set(std::string_view pattern) {
    std::size_t at = pattern.substr(1).starts_with('!') ? 2 : 1;
    const std::size_t first = at;
    for (; at < pattern.size(); ++at) {
        if (pattern[at] == '\\') {
            ++at;
        } else if (pattern[at] == ']' && at != first) {
            return at;
        }
    }
    return std::string_view::npos;
}

/// set: what stands between the brackets.
bool set_contains(std::string_view set, char32_t c) {
    const bool negated = set.starts_with('!');
    if (negated) set.remove_prefix(1);
    bool found = false;
    while (!set.empty()) {
        const char32_t first = take_literal(set);
        char32_t last = first;
        if (set.size() > 1 && set.front() == '-') {
            set.remove_prefix(1);
            last = take_literal(set);
        }
        const auto within = [&](char32_t x) { return x >= first && x <= last; };
        found = found || within(lower(c)) || within(upper(c));
    }
    return found != negated;
}

/// What is wrong with a range in the set; empty: nothing.
std::string problem_of_set(std::string_view set) {
    if (set.starts_with('!')) set.remove_prefix(1);
    while (!set.empty()) {
        const char32_t first = take_literal(set);
        if (set.size() < 2 || set.front() != '-') continue;
        set.remove_prefix(1);
        if (take_literal(set) < first) return "has a range that runs backwards; write it as [a-z]";
    }
    return {};
}

/// What follows the last `]` that can end a set: no `[` there needs to look for its end.
std::size_t length_after_last_set(std::string_view pattern) {
    std::size_t after = pattern.size();
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] == '\\')
            ++at;
        else if (pattern[at] == ']')
            after = pattern.size() - at - 1;
    }
    return after;
}

/// Takes one element off the pattern (no `*`) and tells whether it fits the character.
bool take_and_fit(std::string_view &pattern, std::size_t after_last_set, char32_t c) {
    if (pattern.front() == '?') {
        pattern.remove_prefix(1);
        return true;
    }
    if (pattern.front() == '[' && pattern.size() > after_last_set) {
        if (const std::size_t end = end_of_set(pattern); end != std::string_view::npos) {
            const std::string_view set = pattern.substr(1, end - 1);
            pattern.remove_prefix(end + 1);
            return set_contains(set, c);
        }
    }
    return lower(take_literal(pattern)) == lower(c);
}

/// A `*` that turns out too short is tried one character longer; only the last `*` ever needs that.
bool fits(std::string_view pattern, std::string_view text) {
    std::string_view after_star;
    std::string_view resume;
    bool starred = false;
    const std::size_t after_last_set = length_after_last_set(pattern);
    while (true) {
        if (!pattern.empty() && pattern.front() == '*') {
            pattern.remove_prefix(1);
            after_star = pattern;
            resume = text;
            starred = true;
            if (pattern.empty()) return true;
            continue;
        }
        if (text.empty() && pattern.empty()) return true;
        if (!text.empty() && !pattern.empty()) {
            std::string_view rest = text;
            const char32_t c = take_character(rest);
            if (take_and_fit(pattern, after_last_set, c)) {
                text = rest;
                continue;
            }
        }
        if (!starred || resume.empty()) return false;
        resume.remove_prefix(first_character(resume).length);
        pattern = after_star;
        text = resume;
    }
}

} // namespace

Glob::Glob(std::string pattern) : pattern_(std::move(pattern)) {}

bool Glob::matches(std::string_view text) const {
    std::string_view pattern = pattern_;
    if (negated()) pattern.remove_prefix(1);
    return fits(pattern, text) != negated();
}

std::string Glob::problem() const {
    for (std::size_t at = 0; at < pattern_.size(); ++at) {
        const std::string_view rest = std::string_view(pattern_).substr(at);
        if (rest.front() == '\\') {
            if (rest.size() == 1)
                return "ends in \"\\\", which needs a character after it; write \"\\\\\" for one that means itself";
            ++at;
        } else if (rest.front() == '[') {
            const std::size_t end = end_of_set(rest);
            if (end == std::string_view::npos)
                return "has a \"[\" without its \"]\"; write \"\\[\" for one that means itself";
            if (std::string problem = problem_of_set(rest.substr(1, end - 1)); !problem.empty()) return problem;
            at += end;
        }
    }
    return {};
}

} // namespace soundwarden::policy
