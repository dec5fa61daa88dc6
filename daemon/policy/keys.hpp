// SPDX-License-Identifier: MIT
// Every key that a policy file may have, with the ranges of those that are quantities. The reader, the printer and the
// messages all go by these tables.
#pragma once

#include "policy/quantity.hpp"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace soundwarden::policy {

/// Of a sink; channels are counted from 1.
inline constexpr std::uint32_t most_channels = 64;

/// The key with its unit in its name, which takes a plain number.
struct Twin {
    std::string_view key{};
    double multiply = 1.0; ///< to the base unit
    double divide = 1.0;
    bool per_milliwatt = false;
};

/// A key that takes a quantity; bounds in the base unit, both permitted.
struct QuantityKey {
    std::string_view key;
    Quantity what;
    double least;
    double most;
    std::array<Twin, 2> twins;
};

namespace keys {
inline constexpr QuantityKey cap{"cap", Quantity::gain, -150, 0, {Twin{"cap-db"}}};
inline constexpr QuantityKey target{"target", Quantity::spl, 40, 120, {Twin{"target-dba"}}};
inline constexpr QuantityKey below{"below", Quantity::gain, 0, 100, {Twin{"below-db"}}};
inline constexpr QuantityKey start_level{"start-level", Quantity::gain, -100, 0, {Twin{"start-level-db"}}};
inline constexpr QuantityKey override_max{"override-max", Quantity::gain, -150, 0, {Twin{"override-max-dbfs"}}};
inline constexpr QuantityKey override_for_max{
    "override-for-max", Quantity::time, 1, 86400, {Twin{"override-for-max-min", 60}}};
inline constexpr QuantityKey full_scale{"full-scale", Quantity::volts, 0.01, 200, {Twin{"full-scale-v"}}};
inline constexpr QuantityKey output_impedance{
    "output-impedance", Quantity::ohms, 0, 10000, {Twin{"output-impedance-ohm"}}};
inline constexpr QuantityKey gain_after_dac{"gain-after-dac", Quantity::gain, -100, 100, {Twin{"gain-after-dac-db"}}};
inline constexpr QuantityKey impedance{"impedance", Quantity::ohms, 0.1, 1e6, {Twin{"impedance-ohm"}}};
inline constexpr QuantityKey sensitivity{"sensitivity",
                                         Quantity::sensitivity,
                                         60,
                                         150,
                                         {Twin{"sensitivity-db-per-v"}, Twin{"sensitivity-db-per-mw", 1, 1, true}}};
inline constexpr QuantityKey rating{"rating", Quantity::watts, 0.1, 10000, {Twin{"rating-w"}}};
inline constexpr QuantityKey release{"release", Quantity::time, 0.001, 10, {Twin{"release-ms", 1, 1000}}};
inline constexpr QuantityKey settle{"settle", Quantity::time, 0.1, 10, {Twin{"settle-ms", 1, 1000}}};
inline constexpr QuantityKey unplug_hold{"unplug-hold", Quantity::time, 0.1, 10, {Twin{"unplug-hold-ms", 1, 1000}}};
inline constexpr QuantityKey orphan_silence{"orphan-silence", Quantity::time, 0, 600, {Twin{"orphan-silence-s"}}};
inline constexpr QuantityKey orphan_level{"orphan-level", Quantity::gain, -100, -10, {Twin{"orphan-level-db"}}};
inline constexpr QuantityKey dose_allowance{"dose-allowance", Quantity::dose, 0.01, 16, {Twin{"dose-allowance-pa2h"}}};
inline constexpr QuantityKey dose_notices{"dose-notices", Quantity::percent, 1, 10000, {}}; ///< each of a list
inline constexpr QuantityKey dose_soft_landing{"dose-soft-landing", Quantity::percent, 1, 10000, {Twin{"dose-soft-landing-percent"}}};
inline constexpr QuantityKey dose_stop{"dose-stop", Quantity::percent, 1, 10000, {Twin{"dose-stop-percent"}}};
inline constexpr QuantityKey dose_warn_above{"dose-warn-above", Quantity::spl, 80, 120, {Twin{"dose-warn-above-dba"}}};
} // namespace keys

/// A table of a policy file: how it is written, and its keys.
struct TableKeys {
    std::string_view header; ///< "[[rule]]"
    std::span<const std::string_view> keys;
};

namespace tables {
using Key = std::string_view;
inline constexpr std::array top_keys{Key("schema"), Key("settings"), Key("output"), Key("load"), Key("rule")};
inline constexpr std::array settings_keys{Key("posture"),
                                          Key("settle"),
                                          Key("settle-ms"),
                                          Key("unplug-hold"),
                                          Key("unplug-hold-ms"),
                                          Key("orphan-silence"),
                                          Key("orphan-silence-s"),
                                          Key("orphan-level"),
                                          Key("orphan-level-db"),
                                          Key("notifications"),
                                          Key("cue"),
                                          Key("dose-allowance"),
                                          Key("dose-allowance-pa2h"),
                                          Key("dose-notices"),
                                          Key("dose-soft-landing"),
                                          Key("dose-soft-landing-percent"),
                                          Key("dose-stop"),
                                          Key("dose-stop-percent"),
                                          Key("dose-warn-above"),
                                          Key("dose-warn-above-dba"),
                                          Key("mode"),
                                          Key("release"),
                                          Key("release-ms"),
                                          Key("locked")};
inline constexpr std::array output_keys{Key("name"),
                                        Key("match"),
                                        Key("kind"),
                                        Key("channels"),
                                        Key("full-scale"),
                                        Key("full-scale-v"),
                                        Key("output-impedance"),
                                        Key("output-impedance-ohm"),
                                        Key("gain-after-dac"),
                                        Key("gain-after-dac-db"),
                                        Key("shares"),
                                        Key("mode"),
                                        Key("release"),
                                        Key("release-ms"),
                                        Key("hold-device"),
                                        Key("passthrough"),
                                        Key("source")};
inline constexpr std::array match_keys{Key("node"),
                                       Key("device"),
                                       Key("description"),
                                       Key("api"),
                                       Key("bus"),
                                       Key("bus-path"),
                                       Key("card"),
                                       Key("driver"),
                                       Key("form-factor"),
                                       Key("route"),
                                       Key("route-description"),
                                       Key("port-type"),
                                       Key("product"),
                                       Key("vendor-id"),
                                       Key("product-id"),
                                       Key("usb")};
inline constexpr std::array load_keys{Key("name"),
                                      Key("kind"),
                                      Key("match"),
                                      Key("impedance"),
                                      Key("impedance-ohm"),
                                      Key("sensitivity"),
                                      Key("sensitivity-db-per-v"),
                                      Key("sensitivity-db-per-mw"),
                                      Key("rating"),
                                      Key("rating-w"),
                                      Key("source")};
inline constexpr std::array rule_keys{Key("name"),
                                      Key("when"),
                                      Key("verdict"),
                                      Key("cap"),
                                      Key("cap-db"),
                                      Key("target"),
                                      Key("target-dba"),
                                      Key("below"),
                                      Key("below-db"),
                                      Key("governor"),
                                      Key("to-rating"),
                                      Key("start-low"),
                                      Key("start-level"),
                                      Key("start-level-db"),
                                      Key("ask"),
                                      Key("reason"),
                                      Key("message"),
                                      Key("override-max"),
                                      Key("override-max-dbfs"),
                                      Key("override-for-max"),
                                      Key("override-for-max-min"),
                                      Key("locked")};
inline constexpr std::array when_keys{Key("kind"),   Key("load"),     Key("confidence"),
                                      Key("output"), Key("channels"), Key("impedance")};

inline constexpr TableKeys top{"the top of the file", top_keys};
inline constexpr TableKeys settings{"[settings]", settings_keys};
inline constexpr TableKeys output{"[[output]]", output_keys};
inline constexpr TableKeys match{"match", match_keys};
inline constexpr TableKeys load{"[[load]]", load_keys};
inline constexpr TableKeys rule{"[[rule]]", rule_keys};
inline constexpr TableKeys when{"when", when_keys};
} // namespace tables

} // namespace soundwarden::policy
