// SPDX-License-Identifier: MIT
// Enumerations and their names: one table for both directions.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace soundwarden {

/// Specialised beside each enumeration: `static constexpr std::array<std::pair<E, std::string_view>, N> table`.
template <class E> struct Names;

/// The name of an enumerator as it stands in JSON, on D-Bus, in policies and in text.
template <class E> constexpr std::string_view name_of(E value) {
    for (const auto &[key, name] : Names<E>::table)
        if (key == value) return name;
    return "?";
}

/// The enumerator with that exact name, or nothing.
template <class E> constexpr std::optional<E> from_name(std::string_view text) {
    for (const auto &[key, name] : Names<E>::table)
        if (name == text) return key;
    return std::nullopt;
}

} // namespace soundwarden
