// SPDX-License-Identifier: MIT
// The one strict parser for numbers with units, as they stand in policy files and on the command line. Pure; any thread.
//
// A quantity is a decimal number ("-12", "1.4", "+3"; no exponent, no comma, no "inf"), optional blanks, and a unit in its
// usual spelling: nothing is guessed, and a number without its unit is an error.
#pragma once

#include "model/units.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace soundwarden::policy {

/// What a key takes.
enum class Quantity : std::uint8_t {
    gain,        ///< "-12 dB", "-12 dBFS": dB
    spl,         ///< "94 dB(A)", "94 dBA", "94 dB SPL": dB re 20 µPa
    sensitivity, ///< "116.5 dB SPL/V", "116.5 dB/V" or "97 dB SPL/mW", "97 dB/mW"
    volts,       ///< "1.4 V", "150 mV"
    ohms,        ///< "32 ohm", "32 Ω", "10 kohm"
    watts,       ///< "20 W", "500 mW"
    time,        ///< "50 ms", "5 s", "30 min", "2 h"
    dose,        ///< "1.6 Pa2h"
    percent,     ///< "80 %"
};

/// A sensitivity as it is stated: per volt, or per milliwatt and then in need of an impedance.
struct Sensitivity {
    Decibels value;
    bool per_milliwatt = false;
    bool operator==(const Sensitivity &) const = default;
};

/// The value in its base unit (dB, dB SPL, V, ohm, W, s, Pa²h, %), or why the text is none: a sentence that names what would be one.
struct Parsed {
    double value = 0.0;
    bool per_milliwatt = false; ///< of a sensitivity
    std::string error{};
    explicit operator bool() const { return error.empty(); }
};
Parsed parse_quantity(Quantity what, std::string_view text);

/// The same in its canonical spelling, shortest digits that give the same number: "-12 dB", "0.3 s".
std::string quantity_text(Quantity what, double value, bool per_milliwatt = false);

/// dB SPL at 1 V rms: that of a milliwatt + 10 log10(1000 / Z) (reference/sensing.md §3.4). impedance > 0.
Decibels per_volt(Decibels per_milliwatt, Ohms impedance);

} // namespace soundwarden::policy
