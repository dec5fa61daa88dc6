// SPDX-License-Identifier: MIT
// Values of listed structs: compared bit for bit, and every string in them.
#pragma once

#include "effect_fields.hpp"
#include "event_fields.hpp"

#include <bit>
#include <memory>
#include <optional>
#include <vector>

namespace soundwarden::trace {

template <class T>
concept Unit = std::same_as<T, Decibels> || std::same_as<T, Volts> || std::same_as<T, Ohms>;
template <class T>
concept Enumeration = std::is_enum_v<T>;

using PolicyPointer = std::shared_ptr<const policy::PolicySet>;

// The overloads know of one another.
template <class T> bool same(const std::optional<T> &a, const std::optional<T> &b);
template <class T> bool same(const std::vector<T> &a, const std::vector<T> &b);
template <Listed T> bool same(const T &a, const T &b);

/// Whether both are the same bit for bit: −0 is not 0, and a NaN is the NaN with the same bits.
inline bool same(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }
inline bool same(float a, float b) { return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); }
inline bool same(const std::string &a, const std::string &b) { return a == b; }
inline bool same(Duration a, Duration b) { return a == b; }
template <Unit T> bool same(T a, T b) { return same(a.value, b.value); }
template <Enumeration T> bool same(T a, T b) { return a == b; }
template <std::integral T> bool same(T a, T b) { return a == b; }
/// Policies are the same where they came to be in the same way.
inline bool same(const PolicyPointer &a, const PolicyPointer &b) {
    if (a == nullptr || b == nullptr) return a == b;
    if (a->origin == nullptr || b->origin == nullptr) return a->origin == b->origin;
    return same(*a->origin, *b->origin);
}
template <class T> bool same(const std::optional<T> &a, const std::optional<T> &b) { return a.has_value() == b.has_value() && (!a || same(*a, *b)); }
template <class T> bool same(const std::vector<T> &a, const std::vector<T> &b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const T &x, const T &y) { return same(x, y); });
}
template <Listed T> bool same(const T &a, const T &b) {
    bool all = true;
    for_each_field<T>([&](const auto &each) { all = all && same(a.*each.member, b.*each.member); });
    return all;
}
inline bool same(const engine::Event &a, const engine::Event &b) {
    return a.index() == b.index() &&
           std::visit([&](const auto &known) { return same(known, *std::get_if<std::decay_t<decltype(known)>>(&b)); }, a);
}
inline bool same(const engine::Effect &a, const engine::Effect &b) {
    return a.index() == b.index() &&
           std::visit([&](const auto &known) { return same(known, *std::get_if<std::decay_t<decltype(known)>>(&b)); }, a);
}

template <class T, class Change> void change_strings(T &value, Meaning meaning, const Change &change);

/// Calls `change` (string &, Meaning) for every string in it, those of policy texts too.
template <Listed T, class Change> void change_strings(T &value, const Change &change) {
    for_each_field<T>([&](const auto &each) { change_strings(value.*each.member, each.meaning, change); });
}
template <class Change> void change_strings(engine::Event &event, const Change &change) {
    std::visit([&](auto &known) { change_strings(known, change); }, event);
}
template <class Change> void change_strings(engine::Effect &effect, const Change &change) {
    std::visit([&](auto &known) { change_strings(known, change); }, effect);
}

namespace detail {
template <class T> constexpr bool is_list = false;
template <class T> constexpr bool is_list<std::vector<T>> = true;
template <class T> constexpr bool is_optional = false;
template <class T> constexpr bool is_optional<std::optional<T>> = true;
} // namespace detail

template <class T, class Change> void change_strings(T &value, [[maybe_unused]] Meaning meaning, const Change &change) {
    if constexpr (std::is_same_v<T, std::string>) {
        change(value, meaning);
    } else if constexpr (detail::is_list<T>) {
        for (auto &each : value) change_strings(each, meaning, change);
    } else if constexpr (detail::is_optional<T>) {
        if (value) change_strings(*value, meaning, change);
    } else if constexpr (std::is_same_v<T, PolicyPointer>) {
        if (value == nullptr || value->origin == nullptr) return;
        policy::Origin origin = *value->origin;
        change_strings(origin, change);
        policy::PolicySet unmade;
        unmade.origin = std::make_shared<const policy::Origin>(std::move(origin));
        value = std::make_shared<const policy::PolicySet>(std::move(unmade));
    } else if constexpr (Listed<T>) {
        change_strings(value, change);
    }
}

} // namespace soundwarden::trace
