// SPDX-License-Identifier: MIT
// One list of fields for each struct that a trace holds: for writing, for reading, for comparing bit for bit, and for what has to be
// hidden. A field that is in no list, or twice in one, does not compile; nor does a struct without a list.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace soundwarden::trace {

/// What a string is, where that matters for hiding who a device belongs to.
enum class Meaning : std::uint8_t {
    text,   ///< anything else; it may hold names of sinks and outputs
    sink,   ///< engine::SinkKey
    output, ///< OutputId
    serial, ///< a serial number, whatever it looks like
};

template <class T, class M> struct Field {
    std::string_view name; ///< in JSON: the member's, with "-" for "_"
    M T::*member;
    Meaning meaning = Meaning::text;
};

/// `name`s that say what they are must not be forgotten to be hidden as that, and some belong to the line itself.
template <class T, class M> consteval Field<T, M> field(std::string_view name, M T::*member) {
    for (const std::string_view taken : {"t", "event", "effect"})
        if (name == taken) throw "this name is taken by the line itself";
    if (std::is_same_v<M, std::string> && (name == "sink" || name == "output")) throw "use sink_field() or output_field()";
    return {name, member};
}
template <class T, class M> consteval Field<T, M> sink_field(std::string_view name, M T::*member) { return {name, member, Meaning::sink}; }
template <class T, class M> consteval Field<T, M> output_field(std::string_view name, M T::*member) { return {name, member, Meaning::output}; }
template <class T, class M> consteval Field<T, M> serial_field(std::string_view name, M T::*member) { return {name, member, Meaning::serial}; }

/// Specialised for each struct: `static constexpr auto list = fields(field("name", &T::name), …)`, and for events and effects
/// `static constexpr std::string_view name`.
template <class T> struct Fields;

template <class T>
concept Listed = requires { Fields<std::remove_cv_t<T>>::list; };

template <class... F> consteval auto fields(F... each) { return std::tuple{each...}; }

/// For the structs that hold a whole picture; a number that is not here gets its line.
template <std::size_t N, class T> constexpr void require_many_members([[maybe_unused]] T &value) {
    if constexpr (N == 13) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m] = value; }
    else if constexpr (N == 14) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n] = value; }
    else if constexpr (N == 15) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = value; }
    else if constexpr (N == 16) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = value; }
    else if constexpr (N == 17) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q] = value; }
    else if constexpr (N == 18) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r] = value; }
    else if constexpr (N == 19) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s] = value; }
    else if constexpr (N == 20) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t] = value; }
    else if constexpr (N == 21) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u] = value; }
    else if constexpr (N == 22) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v] = value; }
    else if constexpr (N == 23) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w] = value; }
    else if constexpr (N == 24) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x] = value; }
    else if constexpr (N == 25) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y] = value; }
    else if constexpr (N == 26) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z] = value; }
    else if constexpr (N == 27) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a1] = value; }
    else if constexpr (N == 28) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a1, a2] = value; }
    else if constexpr (N == 29) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a1, a2, a3] = value; }
    else if constexpr (N == 30) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a1, a2, a3, a4] = value; }
    else if constexpr (N == 31) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a1, a2, a3, a4, a5] = value; }
    else if constexpr (N == 32) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a1, a2, a3, a4, a5, a6] = value; }
    else if constexpr (N == 33) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a1, a2, a3, a4, a5, a6, a7] = value; }
    else if constexpr (N == 34) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a1, a2, a3, a4, a5, a6, a7, a8] = value; }
    else if constexpr (N == 35) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a1, a2, a3, a4, a5, a6, a7, a8, a9] = value; }
    else if constexpr (N == 36) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10] = value; }
    else if constexpr (N == 37) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11] = value; }
    else if constexpr (N == 38) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12] = value; }
    else if constexpr (N == 39) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13] = value; }
    else if constexpr (N == 40) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x, y, z, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14] = value; }
    else { static_assert(N == 0, "require_many_members() has no line for so many fields: add one"); }
}

/// Compiles only where T, an aggregate, has exactly N members.
template <std::size_t N, class T> constexpr void require_members([[maybe_unused]] T &value) {
    if constexpr (N == 0) { static_assert(std::is_empty_v<T>, "this struct has fields that are not listed"); }
    else if constexpr (N == 1) { [[maybe_unused]] auto &[a] = value; }
    else if constexpr (N == 2) { [[maybe_unused]] auto &[a, b] = value; }
    else if constexpr (N == 3) { [[maybe_unused]] auto &[a, b, c] = value; }
    else if constexpr (N == 4) { [[maybe_unused]] auto &[a, b, c, d] = value; }
    else if constexpr (N == 5) { [[maybe_unused]] auto &[a, b, c, d, e] = value; }
    else if constexpr (N == 6) { [[maybe_unused]] auto &[a, b, c, d, e, f] = value; }
    else if constexpr (N == 7) { [[maybe_unused]] auto &[a, b, c, d, e, f, g] = value; }
    else if constexpr (N == 8) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h] = value; }
    else if constexpr (N == 9) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i] = value; }
    else if constexpr (N == 10) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j] = value; }
    else if constexpr (N == 11) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k] = value; }
    else if constexpr (N == 12) { [[maybe_unused]] auto &[a, b, c, d, e, f, g, h, i, j, k, l] = value; }
    else { require_many_members<N>(value); }
}

template <class T> constexpr std::size_t field_count = std::tuple_size_v<decltype(Fields<T>::list)>;

namespace detail {
template <class A, class B> constexpr bool is_same_field([[maybe_unused]] const A &a, [[maybe_unused]] const B &b) {
    if (a.name == b.name) return true;
    if constexpr (std::is_same_v<decltype(a.member), decltype(b.member)>) return a.member == b.member;
    else return false;
}
template <class F> constexpr int times_listed(const F &one, const auto &...all) { return (0 + ... + (is_same_field(one, all) ? 1 : 0)); }
template <class T> constexpr bool all_different() {
    return std::apply([](const auto &...each) { return (... && (times_listed(each, each...) == 1)); }, Fields<T>::list);
}
} // namespace detail

/// Calls `visit` with each field of the list, in its order. Here every list is checked to be whole.
template <Listed T, class Visit> constexpr void for_each_field(Visit visit) {
    static_assert(std::is_aggregate_v<T>);
    static_assert(detail::all_different<T>(), "a field or a name is listed twice");
    static_assert(requires(T &value) { require_members<field_count<T>>(value); });
    [[maybe_unused]] constexpr auto whole = &require_members<field_count<T>, T>;
    std::apply([&](const auto &...each) { (visit(each), ...); }, Fields<T>::list);
}

} // namespace soundwarden::trace
