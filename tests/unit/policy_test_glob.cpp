// SPDX-License-Identifier: MIT
// Patterns, against what they promise and against a naive reference.
#include "policy/glob.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace soundwarden::policy {
namespace {

TEST(Glob, OperatorsDoWhatIsWritten) {
    const struct {
        const char *pattern, *text;
        bool fits;
    } table[] = {
        {"abc", "abc", true},
        {"abc", "ABC", true},
        {"abc", "abcd", false},
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "anything", true},
        {"a*c", "ac", true},
        {"a*c", "abbbc", true},
        {"a*c", "abbb", false},
        {"*b*", "abc", true},
        {"a?c", "abc", true},
        {"a?c", "ac", false},
        {"a?c", "a\u00E4c", true},
        {"[a-c]x", "bx", true},
        {"[a-c]x", "Bx", true},
        {"[A-C]x", "bx", true},
        {"[a-c]x", "dx", false},
        {"[!a-c]x", "dx", true},
        {"[!a-c]x", "bx", false},
        {"[]]", "]", true},
        {"[!]]", "a", true},
        {"[!]]", "]", false},
        {"[a", "[a", true},
        {"[a-]", "-", true},
        {"\\*", "*", true},
        {"\\*", "a", false},
        {"[\\]]", "]", true},
        {"!abc", "abc", false},
        {"!abc", "abd", true},
        {"\\!abc", "!abc", true},
        {"!!abc", "!abc", false},
        {"*speaker*", "Active-Speakers", true},
        {"[\u00E0-\u00FF]", "\u00E4", true},
        {"\u00C4", "\u00E4", false},
        {"a\\", "a\\", true},
    };
    for (const auto &row : table)
        EXPECT_EQ(Glob(row.pattern).matches(row.text), row.fits) << row.pattern << " on " << row.text;
}

TEST(Glob, ProblemsAreWhatNobodyMeant) {
    for (const char *fine : {"", "*", "a[bc]d", "[]]", "[!]]", "\\[", "!x", "[a-]", "[a\\]b]"})
        EXPECT_EQ(Glob(fine).problem(), "") << fine;
    for (const char *wrong : {"[", "a[b", "[]", "[!]", "a\\", "[z-a]", "[\\]"})
        EXPECT_NE(Glob(wrong).problem(), "") << wrong;
}

/// Straight from the definition, by recursion, without any cleverness; for ASCII.
bool naive(std::string_view pattern, std::string_view text) {
    const auto lower = [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); };
    const auto upper = [](char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c); };
    if (pattern.empty()) return text.empty();
    if (pattern[0] == '*') {
        for (std::size_t i = 0; i <= text.size(); ++i)
            if (naive(pattern.substr(1), text.substr(i))) return true;
        return false;
    }
    if (text.empty()) return false;
    if (pattern[0] == '?') return naive(pattern.substr(1), text.substr(1));
    if (pattern[0] == '[') {
        std::size_t i = 1;
        const bool negated = i < pattern.size() && pattern[i] == '!';
        if (negated) ++i;
        bool found = false;
        bool closed = false;
        for (const std::size_t first = i; i < pattern.size();) {
            if (pattern[i] == ']' && i != first) {
                closed = true;
                break;
            }
            const auto literal = [&] {
                if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
                return pattern[i++];
            };
            const char from = literal();
            char to = from;
            if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
                ++i;
                to = literal();
            }
            for (const char c : {lower(text[0]), upper(text[0])}) found = found || (c >= from && c <= to);
        }
        if (closed) return found != negated && naive(pattern.substr(i + 1), text.substr(1));
    }
    if (pattern[0] == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
    return lower(pattern[0]) == lower(text[0]) && naive(pattern.substr(1), text.substr(1));
}

TEST(Glob, AgreesWithTheDefinitionOnRandomPatterns) {
    std::mt19937 random(7);
    const std::string pattern_letters = "aAbB-]c*?*[!\\x";
    const std::string text_letters = "aAbBc-]x[!\\*";
    std::size_t fitted = 0;
    for (int i = 0; i < 200000; ++i) {
        std::string pattern(random() % 9, ' ');
        std::string text(random() % 7, ' ');
        for (char &c : pattern) c = pattern_letters[random() % pattern_letters.size()];
        for (char &c : text) c = text_letters[random() % text_letters.size()];
        const bool negated = pattern.starts_with('!');
        const bool expected = naive(std::string_view(pattern).substr(negated ? 1 : 0), text) != negated;
        ASSERT_EQ(Glob(pattern).matches(text), expected) << pattern << " on " << text;
        fitted += expected ? 1 : 0;
    }
    EXPECT_GT(fitted, 1000U);
}

TEST(Glob, HostilePatternsTakeNoMoreThanTheirProduct) {
    // Each of these takes hours where a `*` is tried by recursion, or a `[` looks for its end again and again.
    std::string stars;
    for (int i = 0; i < 500; ++i) stars += "*a";
    const std::string text(20000, 'a');
    EXPECT_FALSE(Glob(stars + "b").matches(text));
    EXPECT_TRUE(Glob(stars).matches(text));
    EXPECT_FALSE(Glob("*" + std::string(4000, '[') + "x").matches(std::string(20000, '[')));
    EXPECT_FALSE(Glob("*" + std::string(4000, '[') + "\\]").matches(std::string(20000, '[')));
}

} // namespace
} // namespace soundwarden::policy
