// SPDX-License-Identifier: MIT
#include "guard_meters.hpp"

namespace soundwarden::pipewire_adapter {

std::optional<Meter> measured(const Guard &guard) {
    if (!guard.streaming()) return std::nullopt;
    const auto meter = guard.meter();
    if (!(meter.peak_out > 0.0F)) return std::nullopt;
    Meter told{static_cast<double>(meter.peak_out), static_cast<double>(meter.reduction), static_cast<double>(meter.governor)};
    if (meter.true_peak_out >= meter.peak_out) told.true_peak = static_cast<double>(meter.true_peak_out);
    return told;
}

Heard heard_through(const Guard &guard, const SinkObject *node) {
    const dsp::GuardMeter meter = guard.totals();
    Heard heard{guard.number(), meter.weighted_seconds, {}, static_cast<double>(guard.reduction_since()), 1.0};
    heard.energies.assign(meter.weighted_energy.begin(), meter.weighted_energy.begin() + guard.guarded_channels());
    // Without the pad: that is made up for behind the meter, so that both together are nothing.
    if (node != nullptr) heard.gain_behind = node->software_gain();
    return heard;
}

} // namespace soundwarden::pipewire_adapter
