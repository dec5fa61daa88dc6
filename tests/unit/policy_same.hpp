// SPDX-License-Identifier: MIT
// Whether two policies say the same, wherever it stands.
#pragma once

#include "policy/policy_set.hpp"

#include <string>

namespace soundwarden::policy {

template <class T>
bool same_value(const Maybe<T> &a, const Maybe<T> &b) {
    return a.has_value() == b.has_value() && (!a || a->value == b->value);
}

inline bool same(const Rule &a, const Rule &b) {
    return a.name == b.name && a.when == b.when && a.gives == b.gives && a.locked == b.locked;
}

inline bool same(const OutputEntry &a, const OutputEntry &b) {
    return a.name == b.name && a.match == b.match && same_value(a.kind, b.kind) && same_value(a.channels, b.channels) &&
           same_value(a.full_scale, b.full_scale) && same_value(a.output_impedance, b.output_impedance) &&
           same_value(a.gain_after_dac, b.gain_after_dac) && same_value(a.shares, b.shares) &&
           same_value(a.mode, b.mode) && same_value(a.release_ms, b.release_ms) &&
           same_value(a.hold_device, b.hold_device) && same_value(a.passthrough, b.passthrough) && a.source == b.source;
}

inline bool same(const LoadModel &a, const LoadModel &b) {
    return a.name == b.name && a.kind == b.kind && a.match == b.match && a.impedance == b.impedance &&
           a.sensitivity == b.sensitivity && a.rating_watts == b.rating_watts && a.source == b.source;
}

inline bool same(const SettingValues &a, const SettingValues &b) {
    return same_value(a.posture, b.posture) && same_value(a.settle, b.settle) &&
           same_value(a.unplug_hold, b.unplug_hold) && same_value(a.orphan_silence, b.orphan_silence) &&
           same_value(a.orphan_level, b.orphan_level) && same_value(a.notifications, b.notifications) &&
           same_value(a.cue, b.cue) &&
           same_value(a.dose_allowance, b.dose_allowance) && same_value(a.dose_notices, b.dose_notices) &&
           same_value(a.dose_soft_landing, b.dose_soft_landing) && same_value(a.dose_stop, b.dose_stop) &&
           same_value(a.dose_warn_above, b.dose_warn_above) && same_value(a.mode, b.mode) &&
           same_value(a.release_ms, b.release_ms);
}

/// What differs first, in words; empty: nothing.
inline std::string difference(const PolicySet &a, const PolicySet &b) {
    if (a.rules.size() != b.rules.size()) return "number of rules";
    if (a.outputs.size() != b.outputs.size()) return "number of outputs";
    if (a.loads.size() != b.loads.size()) return "number of loads";
    for (std::size_t i = 0; i < a.rules.size(); ++i)
        if (!same(a.rules[i], b.rules[i])) return "rule " + a.rules[i].name;
    for (std::size_t i = 0; i < a.outputs.size(); ++i)
        if (!same(a.outputs[i], b.outputs[i])) return "output " + a.outputs[i].name;
    for (std::size_t i = 0; i < a.loads.size(); ++i)
        if (!same(a.loads[i], b.loads[i])) return "load " + a.loads[i].name;
    return same(a.settings, b.settings) ? "" : "settings";
}

} // namespace soundwarden::policy
