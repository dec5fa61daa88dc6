// SPDX-License-Identifier: MIT
#include "render/dose_json.hpp"

#include "render/json_parts.hpp"

#include <cmath>

namespace soundwarden::cli {
namespace {

/// A second of 65 dB(A), the least that counts, is 3.5e-7 Pa²h.
Json exposure_json(double pa2h) { return rounded(pa2h, 1e9); }

Json percent_json(const Dose &dose, double pa2h) { return rounded(percent_of_week(dose, pa2h), 1000); }

void add_exposure(Json &json, const Dose &dose, const dose::Exposure &exposure) {
    json["pa2h"] = exposure_json(exposure.pa2h);
    json["estimated_pa2h"] = exposure_json(exposure.estimated_pa2h);
    json["percent"] = percent_json(dose, exposure.pa2h);
    json["seconds"] = std::llround(exposure.seconds);
    json["loudest_dba"] = exposure.loudest_dba > 0.0 ? Json(rounded(exposure.loudest_dba, 100)) : Json(nullptr);
}

void add_summary(Json &json, const Dose &dose) {
    json["allowance_pa2h"] = exposure_json(dose.allowance_pa2h);
    json["week_pa2h"] = exposure_json(dose.week_pa2h);
    json["week_estimated_pa2h"] = exposure_json(dose.week_estimated_pa2h);
    json["week_percent"] = percent_json(dose, dose.week_pa2h);
    json["week_percent_least"] = percent_json(dose, dose.week_least_pa2h);
    json["week_percent_most"] = percent_json(dose, dose.week_most_pa2h);
    json["level_dba"] = level(dose.level_dba);
    json["level_estimated"] = dose.level_dba ? Json(dose.level_estimated) : Json(nullptr);
    const bool ends = dose.seconds_left && std::isfinite(*dose.seconds_left);
    json["seconds_left"] = ends ? Json(std::llround(*dose.seconds_left)) : Json(nullptr);
    json["limit_dba"] = level(dose.limit_dba);
}

void add_period(Json &json, const DoseReport &report) {
    Json &period = json["period"];
    period["since"] = report.since_s;
    period["until"] = report.now_s;
    add_exposure(period, report.dose, report.period);
    period["percent_per_week"] = rounded(percent_per_week(report), 1000);
}

void add_day(Json &json, const Dose &dose, const DoseDay &day) {
    json["date"] = day.date;
    json["start"] = day.start_s;
    add_exposure(json, dose, day.exposure);
}

void add_outputs(Json &json, const DoseReport &report) {
    json["outputs"] = Json::array();
    for (const DoseShare &share : report.outputs) {
        Json &output = json["outputs"].emplace_back(Json::object());
        output["id"] = share.output;
        output["name"] = share.name ? Json(*share.name) : Json(nullptr);
        add_exposure(output, report.dose, share.exposure);
    }
}

Json event(const char *name) {
    Json json;
    json["schema"] = json_schema;
    json["event"] = name;
    return json;
}

} // namespace

std::string dose_json(const DoseReport &report, JsonLayout layout) {
    if (layout == JsonLayout::one_line) {
        std::string lines;
        for (const DoseDay &day : report.days) {
            Json json = event("day");
            add_day(json, report.dose, day);
            lines += text_of(json, layout);
        }
        Json summary = event("summary");
        add_summary(summary, report.dose);
        add_period(summary, report);
        add_outputs(summary, report);
        return lines + text_of(summary, layout);
    }
    Json json;
    json["schema"] = json_schema;
    add_summary(json, report.dose);
    add_period(json, report);
    json["days"] = Json::array();
    for (const DoseDay &day : report.days) add_day(json["days"].emplace_back(Json::object()), report.dose, day);
    add_outputs(json, report);
    return text_of(json, layout);
}

} // namespace soundwarden::cli
