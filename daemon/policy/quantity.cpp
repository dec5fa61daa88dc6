// SPDX-License-Identifier: MIT
#include "policy/quantity.hpp"

#include "number_text.hpp"
#include "scan.hpp"
#include "utf8.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <span>

namespace soundwarden::policy {
namespace {

struct Unit {
    std::string_view name;
    double multiply = 1.0;
    double divide = 1.0; // exact where a multiplication by 0.001 is not
    bool per_milliwatt = false;
};

constexpr std::array gain_units{Unit{"dB"}, Unit{"dBFS"}};
constexpr std::array spl_units{Unit{"dB(A)"}, Unit{"dBA"}, Unit{"dB SPL"}};
constexpr std::array sensitivity_units{Unit{"dB SPL/V"}, Unit{"dB/V"}, Unit{"dB SPL/mW", 1.0, 1.0, true},
                                       Unit{"dB/mW", 1.0, 1.0, true}};
constexpr std::array volt_units{Unit{"V"}, Unit{"mV", 1.0, 1000.0}};
// The Greek letter, and the sign that looks like it.
constexpr std::array ohm_units{Unit{"ohm"},
                               Unit{"Ohm"},
                               Unit{"\u03A9"},
                               Unit{"\u2126"},
                               Unit{"kohm", 1000.0},
                               Unit{"k\u03A9", 1000.0},
                               Unit{"k\u2126", 1000.0}};
constexpr std::array watt_units{Unit{"W"}, Unit{"mW", 1.0, 1000.0}};
constexpr std::array time_units{Unit{"s"}, Unit{"ms", 1.0, 1000.0}, Unit{"min", 60.0}, Unit{"h", 3600.0}};
constexpr std::array dose_units{Unit{"Pa2h"}, Unit{"Pa\u00B2h"}};
constexpr std::array percent_units{Unit{"%"}};

struct Kind {
    std::span<const Unit> units;
    const char *example;
};

Kind kind_of(Quantity what) {
    switch (what) {
    case Quantity::gain: return {gain_units, "\"-12 dB\""};
    case Quantity::spl: return {spl_units, "\"94 dB(A)\""};
    case Quantity::sensitivity: return {sensitivity_units, "\"116.5 dB SPL/V\" or \"97 dB SPL/mW\""};
    case Quantity::volts: return {volt_units, "\"1.4 V\" or \"150 mV\""};
    case Quantity::ohms: return {ohm_units, "\"32 ohm\" or \"10 kohm\""};
    case Quantity::watts: return {watt_units, "\"20 W\" or \"500 mW\""};
    case Quantity::time: return {time_units, "\"50 ms\", \"5 s\" or \"30 min\""};
    case Quantity::dose: return {dose_units, "\"1.6 Pa2h\""};
    case Quantity::percent: return {percent_units, "\"80 %\""};
    }
    return {gain_units, ""};
}

Parsed wrong(Quantity what, std::string why) {
    return {.error = std::move(why) + "; write it like " + kind_of(what).example};
}

/// Takes "-12.5" off the text, the sign as a plain one; empty: there is none.
std::string take_number(std::string_view &text) {
    std::string number;
    for (const std::string_view minus : {"-", "\u2212"})
        if (text.starts_with(minus)) {
            number = "-";
            text.remove_prefix(minus.size());
            break;
        }
    if (number.empty() && text.starts_with('+')) text.remove_prefix(1);
    const auto take_digits = [&] {
        const std::size_t before = number.size();
        while (!text.empty() && is_digit(text.front())) {
            number += text.front();
            text.remove_prefix(1);
        }
        return number.size() > before;
    };
    if (!take_digits()) return {};
    if (text.size() > 1 && text.front() == '.' && is_digit(text[1])) {
        number += '.';
        text.remove_prefix(1);
        take_digits();
    }
    return number;
}

/// Why what follows the number is no unit.
std::string why_no_unit(std::string_view rest, std::string_view text) {
    if (rest.empty()) return in_quotes(text) + " has no unit";
    if (rest.front() == ',') return in_quotes(text) + " has a comma in its number, which takes a point";
    if (rest.front() == '.') return in_quotes(text) + " has a point without a digit after it";
    return in_quotes(rest) + " is no unit for this";
}

} // namespace

Parsed parse_quantity(Quantity what, std::string_view text) {
    std::string_view rest = text;
    const std::string number = take_number(rest);
    if (number.empty())
        return wrong(what, text.empty() ? "this is empty" : in_quotes(text) + " does not begin with a number");
    Parsed parsed;
    const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), parsed.value);
    if (code != std::errc{} || !std::isfinite(parsed.value))
        return wrong(what, in_quotes(text) + " is a number out of all bounds");
    while (rest.starts_with(' ')) rest.remove_prefix(1);
    for (const Unit &unit : kind_of(what).units)
        if (rest == unit.name) {
            // Not −0: it would be printed as one.
            parsed.value = parsed.value * unit.multiply / unit.divide + 0.0;
            parsed.per_milliwatt = unit.per_milliwatt;
            return parsed;
        }
    return wrong(what, why_no_unit(rest, text));
}

std::string number_text(double value) {
    std::array<char, 400> digits{}; // the longest of a double has 327
    const auto [end, code] =
        std::to_chars(digits.data(), digits.data() + digits.size(), value + 0.0, std::chars_format::fixed);
    return code == std::errc{} ? std::string(digits.data(), end) : "0";
}

std::string_view example_of(Quantity what) { return kind_of(what).example; }

std::string quantity_text(Quantity what, double value, bool per_milliwatt) {
    const std::string_view unit =
        what == Quantity::sensitivity && per_milliwatt ? "dB SPL/mW" : kind_of(what).units.front().name;
    return number_text(value) + " " + std::string(unit);
}

Decibels per_volt(Decibels per_milliwatt, Ohms impedance) {
    return per_milliwatt + Decibels{10.0 * std::log10(1000.0 / impedance.value)};
}

} // namespace soundwarden::policy
