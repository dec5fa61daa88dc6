// SPDX-License-Identifier: MIT
#include "json.hpp"

#include <charconv>

namespace soundwarden::trace {
namespace {

constexpr std::string_view nan_with = "nan:";
// Whole numbers above this are not all doubles.
constexpr double most_exact = 9007199254740992.0;

template <class Bits> std::string hex(Bits bits) {
    std::string text;
    for (unsigned shift = 8 * sizeof bits; shift > 0; shift -= 4) text += "0123456789abcdef"[bits >> (shift - 4) & 15U];
    return text;
}

template <class Number, class Bits> std::string unusual_name(Number value) {
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    const auto bits = std::bit_cast<Bits>(value);
    return bits == std::bit_cast<Bits>(std::numeric_limits<Number>::quiet_NaN()) ? "nan" : std::string(nan_with) + hex(bits);
}

template <class Number, class Bits> std::optional<Number> unusual_value(std::string_view name) {
    if (name == "inf") return std::numeric_limits<Number>::infinity();
    if (name == "-inf") return -std::numeric_limits<Number>::infinity();
    if (name == "nan") return std::numeric_limits<Number>::quiet_NaN();
    if (!name.starts_with(nan_with) || name.size() != nan_with.size() + 2 * sizeof(Bits)) return std::nullopt;
    Bits bits = 0;
    const auto [end, error] = std::from_chars(name.data() + nan_with.size(), name.data() + name.size(), bits, 16);
    if (error != std::errc{} || end != name.data() + name.size()) return std::nullopt;
    const auto value = std::bit_cast<Number>(bits);
    return std::isnan(value) ? std::optional(value) : std::nullopt;
}

} // namespace

std::string name_of_unusual(double value) { return unusual_name<double, std::uint64_t>(value); }
std::string name_of_unusual(float value) { return unusual_name<float, std::uint32_t>(value); }
std::optional<double> unusual_double(std::string_view name) { return unusual_value<double, std::uint64_t>(name); }
std::optional<float> unusual_float(std::string_view name) { return unusual_value<float, std::uint32_t>(name); }

void Reading::fail(std::string what) {
    if (!failed()) what_ = std::move(what);
}

bool Reading::boolean(const Json &json) {
    if (json.is_boolean()) return json.get<bool>();
    fail("is neither true nor false");
    return false;
}

double Reading::real(const Json &json) {
    if (json.is_number_float()) return json.get<double>();
    if (json.is_number() && std::abs(json.get<double>()) <= most_exact) return json.get<double>();
    if (json.is_string())
        if (const auto unusual = unusual_double(json.get_ref<const std::string &>())) return *unusual;
    fail("is no number");
    return 0.0;
}

float Reading::single(const Json &json) {
    if (json.is_string()) {
        const auto unusual = unusual_float(json.get_ref<const std::string &>());
        if (!unusual) fail("is no number");
        return unusual.value_or(0.0F);
    }
    const double wide = real(json);
    // A double beyond the range of float has no value there.
    const bool in_range = std::abs(wide) <= static_cast<double>(std::numeric_limits<float>::max());
    const float narrow = in_range ? static_cast<float>(wide) : 0.0F;
    if (!failed() && static_cast<double>(narrow) != wide) fail("is not exactly a single-precision number");
    return narrow;
}

std::string Reading::text(const Json &json) {
    if (json.is_string()) return bytes_of(json.get_ref<const std::string &>());
    fail("is no text");
    return {};
}

PolicyPointer Reading::policy(const Json &json) {
    if (json.is_null()) return nullptr;
    policy::PolicySet unmade;
    if (!json.is_object() || !json.empty()) unmade.origin = std::make_shared<const policy::Origin>(object<policy::Origin>(json, {}));
    return std::make_shared<const policy::PolicySet>(std::move(unmade));
}

} // namespace soundwarden::trace
