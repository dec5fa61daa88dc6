// SPDX-License-Identifier: MIT
#include "meter_packet.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace soundwarden::dbus {
namespace {

using Json = nlohmann::ordered_json;

Json number(std::optional<double> value) {
    // + 0.0: never "-0.0"
    return value && std::isfinite(*value) ? Json(std::round(*value * 100.0) / 100.0 + 0.0) : Json(nullptr);
}

Json json_of(const MeteredOutput &metered) {
    const auto &[output, meter, level_dba] = metered;
    Json json;
    json["id"] = output->id;
    json["state"] = output->state;
    json["ceiling_dbfs"] = number(output->ceiling_dbfs);
    json["playing"] = meter.has_value();
    json["peak_dbfs"] = number(meter ? std::optional{meter->peak_dbfs} : std::nullopt);
    json["true_peak_dbfs"] = number(meter ? meter->true_peak_dbfs : std::nullopt);
    json["gain_reduction_db"] = number(meter ? std::optional{meter->gain_reduction_db} : std::nullopt);
    json["governor_db"] = number(meter ? std::optional{meter->governor_db} : std::nullopt);
    json["level_dba"] = number(meter ? level_dba : std::nullopt);
    return json;
}

} // namespace

std::string meter_packet(std::int64_t monotonic_ms, const std::vector<MeteredOutput> &outputs, double dose_percent) {
    Json json;
    json["monotonic_ms"] = monotonic_ms;
    json["outputs"] = Json::array();
    for (const MeteredOutput &each : outputs) json["outputs"].push_back(json_of(each));
    json["dose_percent"] = number(dose_percent);
    return json.dump();
}

} // namespace soundwarden::dbus
