// SPDX-License-Identifier: MIT
// Random values of everything that a trace holds, from fixed seeds; unusual numbers and bytes that are no UTF-8 among them.
#pragma once

#include "json.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <random>

namespace soundwarden::trace::testing {

class RandomValues {
  public:
    explicit RandomValues(std::uint64_t seed) : random_(seed) {}

    std::uint64_t bits() { return random_(); }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(random_() % n); }

    template <class T> T value() {
        if constexpr (std::is_same_v<T, bool>) return below(2) == 0;
        else if constexpr (std::integral<T>) return whole<T>();
        else if constexpr (std::is_same_v<T, double>) return real<double, std::uint64_t>();
        else if constexpr (std::is_same_v<T, float>) return real<float, std::uint32_t>();
        else if constexpr (std::is_same_v<T, std::string>) return text();
        else if constexpr (std::is_same_v<T, Duration>) return Duration{whole<Duration::rep>()};
        else if constexpr (Unit<T>) return T{value<double>()};
        else if constexpr (Enumeration<T>) return Names<T>::table[below(Names<T>::table.size())].first;
        else if constexpr (std::is_same_v<T, PolicyPointer>) return policy();
        else if constexpr (detail::is_optional<T>) return below(3) == 0 ? T{} : T{value<typename T::value_type>()};
        else if constexpr (detail::is_list<T>) {
            T list;
            for (std::size_t i = below(4); i > 0; --i) list.push_back(value<typename T::value_type>());
            return list;
        } else {
            T made{};
            for_each_field<T>([&](const auto &each) { made.*each.member = value<std::decay_t<decltype(made.*each.member)>>(); });
            return made;
        }
    }

    /// Any alternative of the variant.
    template <class Variant> Variant any() { return alternative<Variant>(below(std::variant_size_v<Variant>)); }
    template <class Variant, std::size_t i = 0> Variant alternative(std::size_t index) {
        if constexpr (i + 1 == std::variant_size_v<Variant>) return value<std::variant_alternative_t<i, Variant>>();
        else if (index == i) return value<std::variant_alternative_t<i, Variant>>();
        else return alternative<Variant, i + 1>(index);
    }

  private:
    template <class T> T whole() {
        switch (below(4)) {
        case 0: return std::numeric_limits<T>::max();
        case 1: return std::numeric_limits<T>::min();
        case 2: return static_cast<T>(below(100));
        default: return static_cast<T>(bits());
        }
    }
    template <class T, class Bits> T real() {
        using Limits = std::numeric_limits<T>;
        constexpr std::array special{T{0},           -T{0},        T{1},          static_cast<T>(0.1),          Limits::infinity(), -Limits::infinity(),
                                     Limits::max(),  Limits::min(), Limits::denorm_min(), Limits::quiet_NaN(), -Limits::quiet_NaN(), Limits::lowest()};
        if (below(3) == 0) return special[below(special.size())];
        if (below(2) == 0) return static_cast<T>(static_cast<double>(bits() % 2'000'001) / 1e4 - 100.0);
        const auto any = std::bit_cast<T>(static_cast<Bits>(bits())); // NaN with any payload among them
        return any;
    }
    std::string text() {
        static constexpr std::array<std::string_view, 21> pieces{"a",         "Headphones", "\"",       "\\",     "\n",         std::string_view("\0", 1), "\x7F",
                                           "\xFF",      "\xC3",       "\xA9",     "ä",      "\xED\xA0\x80", "\xF4\x8F\xBF\xBF", "\xF4\x8F\xBC\x80",
                                           "\xF4\x90\x80\x80", "\xE2\x80\xAE", "😀",   "\x01", "alsa_output.pci-0000_00_1f.3", " ",   "\xF4\x8F"};
        std::string made;
        for (std::size_t i = below(5); i > 0; --i) made += pieces[below(pieces.size())];
        return made;
    }
    PolicyPointer policy() {
        if (below(4) == 0) return nullptr;
        policy::PolicySet set;
        if (below(4) != 0) set.origin = std::make_shared<const policy::Origin>(value<policy::Origin>());
        return std::make_shared<const policy::PolicySet>(std::move(set));
    }

    std::mt19937_64 random_;
};

} // namespace soundwarden::trace::testing
