// SPDX-License-Identifier: MIT
#include "guard_meters.hpp"

#include <chrono>

namespace soundwarden::pipewire_adapter {

using namespace std::chrono_literals;
namespace {
// A reading takes the peaks along; whoever asks in the meantime is told the same.
constexpr auto one_reading = 50ms;
} // namespace

std::optional<Meter> MeterReadings::read(const engine::SinkKey &sink, const Guard &guard, Time now) {
    auto &[until, reading] = readings_[sink];
    if (now < until) return reading;
    until = now + one_reading;
    const auto meter = guard.meter();
    reading.reset();
    if (meter.peak_out > 0.0F) reading = Meter{static_cast<double>(meter.peak_out), static_cast<double>(meter.reduction)};
    return reading;
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
