// SPDX-License-Identifier: MIT
// "Did you mean". Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace soundwarden::policy {

/// The candidate that a word was surely meant to be, or nothing: by edit distance (a transposition counts one), without
/// regard to case, "_" and "-" and blanks being the same.
std::string_view closest(std::string_view word, std::span<const std::string_view> candidates);

/// "; did you mean \"limit\"?" or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

} // namespace soundwarden::policy
