// SPDX-License-Identifier: MIT
#include "meter_readings.hpp"

#include <algorithm>
#include <utility>

namespace soundwarden::dbus {
namespace {

std::optional<double> higher(const std::optional<double> &a, const std::optional<double> &b) {
    return a && b ? std::optional{std::max(*a, *b)} : a ? a : b;
}

} // namespace

Meter together(const Meter &earlier, const Meter &later) {
    return {std::max(earlier.peak_dbfs, later.peak_dbfs), std::max(earlier.gain_reduction_db, later.gain_reduction_db),
            later.governor_db, higher(earlier.true_peak_dbfs, later.true_peak_dbfs)};
}

void MeterReadings::read(const engine::SinkKey &sink) {
    const auto meter = source_ ? source_(sink) : std::nullopt;
    if (!meter) return;
    auto &unasked = kept_[sink].unasked;
    unasked = unasked ? together(*unasked, *meter) : *meter;
    if (on_reading) on_reading(sink, *meter);
}

std::optional<Meter> MeterReadings::of_now(const engine::SinkKey &sink) {
    const auto now = loop_.now();
    if (const auto known = kept_.find(sink); known != kept_.end() && now < known->second.until) return known->second.told;
    read(sink);
    Kept &kept = kept_[sink];
    kept.told = std::exchange(kept.unasked, std::nullopt);
    kept.until = now + one_reading_;
    return kept.told;
}

void MeterReadings::keep_only(const std::map<std::string, OutputValues> &outputs) {
    std::erase_if(kept_, [&](const auto &kept) {
        return std::none_of(outputs.begin(), outputs.end(), [&](const auto &output) { return output.second.sink_key == kept.first; });
    });
}

} // namespace soundwarden::dbus
