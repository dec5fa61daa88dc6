// SPDX-License-Identifier: MIT
// Texts of devices and drivers: made fit to show, and taken apart into words. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::sense {

/// Bytes that are kept of a name. ALSA's own are shorter (44 with the end); a device's strings are up to 126 characters.
inline constexpr std::size_t longest_name = 128;

/// A stranger's text, fit to show: valid UTF-8 of at most that many bytes in which nothing acts on a terminal or hides. Control characters
/// and blanks in a row are one blank, with none at either end; invisible characters and direction marks are dropped; a broken byte is "?".
std::string clean_name(std::string_view text, std::size_t most_bytes = longest_name);

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

using Words = std::vector<std::string>;

/// The words of a name: runs of ASCII letters and digits, in lower case. Digits behind letters are a word of their own ("DP0", "IEC958");
/// other mixtures stay whole ("cs42l45").
Words name_words(std::string_view text);

/// Where the first of these words stands.
std::optional<std::size_t> first_of(const Words &words, std::initializer_list<std::string_view> any);
inline bool has(const Words &words, std::initializer_list<std::string_view> any) { return first_of(words, any).has_value(); }

/// A whole number in these digits and nothing else; nothing if it does not fit.
std::optional<std::uint32_t> number_in(std::string_view digits, int base = 10);

} // namespace soundwarden::sense
