// SPDX-License-Identifier: MIT
#include "render/meter_lines.hpp"

#include "render/json_parts.hpp"
#include "render/sheet.hpp"
#include "translate.hpp"
#include "words.hpp"

namespace soundwarden::cli {
namespace {

std::string name_of(const MeterReading &reading, const std::map<std::string, std::string> &names) {
    const auto found = names.find(reading.id);
    return found == names.end() ? reading.id : found->second;
}

/// "peak -12.3 dBFS, limiter 0.0 dB, governor 0.0 dB, 84.2 dB(A) at the ear"
std::string levels(const MeterReading &reading) {
    if (!reading.playing) return tr("nothing plays");
    std::string text = reading.peak_dbfs ? filled(tr("peak {0}"), dbfs(*reading.peak_dbfs)) : tr("silence");
    if (reading.true_peak_dbfs) text += ", " + filled(tr("true peak {0}"), dbfs(*reading.true_peak_dbfs));
    if (reading.gain_reduction_db) text += ", " + filled(tr("limiter {0}"), db(-*reading.gain_reduction_db));
    if (reading.governor_db) text += ", " + filled(tr("governor {0}"), db(*reading.governor_db));
    if (reading.level_dba) text += ", " + filled(tr("{0} at the ear"), one_decimal(*reading.level_dba) + " dB(A)");
    return text;
}

} // namespace

std::string meter_text(const MeterPacket &packet, const std::map<std::string, std::string> &names, std::string_view time, const Style &style) {
    std::string text;
    for (const MeterReading &reading : packet.outputs) {
        text += painted(std::string{time}, Tone::dim, style) + "  " + printable(name_of(reading, names)) + ": " + levels(reading);
        if (reading.ceiling_dbfs) text += ", " + filled(tr("ceiling {0}"), dbfs(*reading.ceiling_dbfs));
        text += ", " + state_word(reading.state) + "\n";
    }
    return text;
}

std::string meter_json(const MeterPacket &packet, const std::map<std::string, std::string> &names, std::string_view time) {
    Json json;
    json["schema"] = json_schema;
    json["event"] = "meters";
    json["time"] = time;
    json["monotonic_ms"] = packet.monotonic_ms;
    json["outputs"] = Json::array();
    for (const MeterReading &reading : packet.outputs) {
        Json output;
        output["id"] = reading.id;
        output["name"] = name_of(reading, names);
        output["state"] = reading.state;
        output["ceiling_dbfs"] = level(reading.ceiling_dbfs);
        output["playing"] = reading.playing;
        output["peak_dbfs"] = level(reading.peak_dbfs);
        output["true_peak_dbfs"] = level(reading.true_peak_dbfs);
        output["gain_reduction_db"] = level(reading.gain_reduction_db);
        output["governor_db"] = level(reading.governor_db);
        output["level_dba"] = level(reading.level_dba);
        json["outputs"].push_back(std::move(output));
    }
    json["dose_percent"] = level(packet.dose_percent);
    return text_of(json, JsonLayout::one_line);
}

} // namespace soundwarden::cli
