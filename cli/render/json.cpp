// SPDX-License-Identifier: MIT
#include "render/json.hpp"

#include "render/json_parts.hpp"

namespace soundwarden::cli {

Json json_of(const Output &output) {
    Json loads = Json::array();
    for (const auto &share : output.loads)
        loads.push_back({{"load", share.load}, {"probability", rounded(share.probability, 1000)}});
    Json evidence = Json::array();
    for (const auto &fact : output.evidence) evidence.push_back({{"source", fact.source}, {"text", fact.text}});
    Json offenders = Json::array();
    for (const auto &offender : output.offenders) offenders.push_back({{"name", offender.name}, {"times", offender.times}});
    Json json;
    json["id"] = output.id;
    json["name"] = output.name;
    json["sink"] = output.sink;
    json["kind"] = output.kind;
    json["active"] = output.active;
    json["availability"] = output.availability;
    json["loads"] = std::move(loads);
    json["confidence"] = output.confidence;
    json["verdict"] = output.verdict;
    json["reason"] = output.reason;
    json["cap_dbfs"] = level(output.cap_dbfs);
    json["ceiling_dbfs"] = level(output.ceiling_dbfs);
    json["state"] = output.state;
    json["peak_dbfs"] = level(output.peak_dbfs);
    json["gain_reduction_db"] = level(output.gain_reduction_db);
    json["volume"] = rounded(output.volume, 10000);
    json["mute"] = output.mute;
    json["offenders"] = std::move(offenders);
    json["start_level_db"] = level(output.start_level_db);
    json["governor"] = output.governor;
    json["ask"] = output.ask;
    json["full_scale_volts"] = output.full_scale_volts ? Json(rounded(*output.full_scale_volts, 1000)) : Json(nullptr);
    Json facts = Json::object();
    for (const auto &[key, number] : output.facts) facts[key] = rounded(number, 1000);
    if (!output.model.empty()) facts["load_model"] = output.model;
    json["facts"] = std::move(facts);
    json["rule"] = {{"name", output.rule.name}, {"file", output.rule.file}, {"line", output.rule.line}};
    json["assumed"] = output.assumed;
    json["evidence"] = std::move(evidence);
    return json;
}

namespace {

void add_daemon(Json &json, const Status &status) {
    Json reasons = Json::array();
    Json sentences = Json::array();
    for (const auto &reason : status.reasons) {
        reasons.push_back(reason.token);
        sentences.push_back(reason.sentence);
    }
    json["state"] = status.state;
    json["reasons"] = std::move(reasons);
    json["sentences"] = std::move(sentences);
    json["posture"] = status.posture;
    json["version"] = status.version;
}

Json event_of(std::string_view event, std::string_view time) {
    Json json;
    json["schema"] = json_schema;
    json["event"] = event;
    json["time"] = time;
    return json;
}

std::string document(const Status &status, const std::vector<Output> &outputs, JsonLayout layout) {
    Json json;
    json["schema"] = json_schema;
    add_daemon(json, status);
    json["outputs"] = Json::array();
    for (const auto &output : outputs) json["outputs"].push_back(json_of(output));
    return text_of(json, layout);
}

} // namespace

std::string status_json(const Status &status, JsonLayout layout) { return document(status, status.outputs, layout); }

std::string show_json(const Status &status, const Output &output, JsonLayout layout) {
    return document(status, {output}, layout);
}

std::string release_json(const std::vector<std::string> &sinks, JsonLayout layout) {
    Json json;
    json["schema"] = json_schema;
    json["released"] = sinks;
    return text_of(json, layout);
}

std::string snapshot_line(const Status &status, std::string_view time) {
    Json json = event_of("snapshot", time);
    add_daemon(json, status);
    json["outputs"] = Json::array();
    for (const auto &output : status.outputs) json["outputs"].push_back(json_of(output));
    return text_of(json, JsonLayout::one_line);
}

std::string state_line(const Status &status, std::string_view time) {
    Json json = event_of("state", time);
    add_daemon(json, status);
    return text_of(json, JsonLayout::one_line);
}

std::string output_line(std::string_view event, const Output &output, const std::vector<std::string_view> &changed,
                        std::string_view time) {
    Json json = event_of(event, time);
    if (!changed.empty()) json["changed"] = changed;
    json.update(json_of(output));
    return text_of(json, JsonLayout::one_line);
}

std::string bare_line(std::string_view event, std::string_view time) {
    return text_of(event_of(event, time), JsonLayout::one_line);
}

} // namespace soundwarden::cli
