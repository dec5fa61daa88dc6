// SPDX-License-Identifier: MIT
#include "meter.hpp"

#include "failure.hpp"
#include "translate.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace soundwarden::cli {
namespace {

using Packet = nlohmann::json;

std::optional<double> number(const Packet &json, const char *key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_number() ? std::optional{found->get<double>()} : std::nullopt;
}

MeterReading reading_of(const Packet &json) {
    MeterReading reading;
    reading.id = json.value("id", "");
    reading.state = json.value("state", "");
    reading.playing = json.value("playing", false);
    reading.ceiling_dbfs = number(json, "ceiling_dbfs");
    reading.peak_dbfs = number(json, "peak_dbfs");
    reading.true_peak_dbfs = number(json, "true_peak_dbfs");
    reading.gain_reduction_db = number(json, "gain_reduction_db");
    reading.governor_db = number(json, "governor_db");
    reading.level_dba = number(json, "level_dba");
    return reading;
}

std::optional<double> higher(const std::optional<double> &a, const std::optional<double> &b) { return std::max(a, b); } // nothing is lowest

} // namespace

MeterPacket parse_meter_packet(std::string_view text) {
    try {
        const Packet json = Packet::parse(text);
        MeterPacket packet;
        packet.monotonic_ms = json.at("monotonic_ms").get<std::int64_t>();
        packet.dose_percent = number(json, "dose_percent");
        for (const Packet &output : json.at("outputs")) packet.outputs.push_back(reading_of(output));
        return packet;
    } catch (const Packet::exception &error) {
        throw Failure{exit_failed, filled(tr("the daemon's meters cannot be read: {0}"), error.what())};
    }
}

MeterPacket together(const MeterPacket &earlier, MeterPacket later) {
    for (MeterReading &now : later.outputs) {
        const auto before = std::find_if(earlier.outputs.begin(), earlier.outputs.end(), [&](const MeterReading &each) { return each.id == now.id; });
        if (before == earlier.outputs.end() || !before->playing) continue;
        now.peak_dbfs = higher(before->peak_dbfs, now.peak_dbfs);
        now.true_peak_dbfs = higher(before->true_peak_dbfs, now.true_peak_dbfs);
        now.gain_reduction_db = higher(before->gain_reduction_db, now.gain_reduction_db);
        if (now.playing) continue;
        now.governor_db = before->governor_db;
        now.level_dba = before->level_dba;
        now.playing = true; // within this time it did
    }
    return later;
}

void MeterBoard::move(Held &held, const MeterReading &now, std::int64_t at_ms) const {
    const double passed_s = static_cast<double>(std::max<std::int64_t>(0, at_ms - held.at_ms)) / 1000.0;
    if (held.bar_dbfs) held.bar_dbfs = *held.bar_dbfs - passed_s * fall_db_per_s;
    if (held.bar_dbfs && *held.bar_dbfs < lowest_dbfs) held.bar_dbfs.reset();
    held.bar_dbfs = higher(held.bar_dbfs, now.peak_dbfs);
    const auto peak = higher(now.true_peak_dbfs, now.peak_dbfs);
    if (peak >= held.hold_dbfs && peak) {
        held.hold_dbfs = peak;
        held.hold_until_ms = at_ms + static_cast<std::int64_t>(hold_s * 1000.0);
    } else if (at_ms >= held.hold_until_ms) {
        held.hold_dbfs = held.bar_dbfs;
    }
    held.at_ms = at_ms;
}

void MeterBoard::take(const MeterPacket &packet, const std::map<std::string, std::string> &names) {
    std::map<std::string, Held> held;
    rows_.clear();
    for (const MeterReading &now : packet.outputs) {
        Held &row = held[now.id] = std::exchange(held_[now.id], {});
        move(row, now, packet.monotonic_ms);
        const auto name = names.find(now.id);
        rows_.push_back({now, name == names.end() ? now.id : name->second, row.bar_dbfs, row.hold_dbfs});
    }
    held_ = std::move(held);
    dose_percent_ = packet.dose_percent;
}

void MeterBoard::clear() {
    rows_.clear();
    held_.clear();
    dose_percent_.reset();
}

} // namespace soundwarden::cli
