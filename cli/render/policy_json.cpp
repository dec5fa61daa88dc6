// SPDX-License-Identifier: MIT
#include "render/policy_json.hpp"

#include "model/names.hpp"
#include "policy/quantity.hpp"
#include "render/json_parts.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace soundwarden::cli {
namespace {

using policy::Severity;

Json value_or_null(std::uint32_t number) { return number > 0 ? Json(number) : Json(nullptr); }
template <class T>
Json unit(const std::optional<T> &value, double steps = 1000) {
    return value ? Json(rounded(value->value, steps)) : Json(nullptr);
}
Json level_of(const std::optional<Decibels> &value) { return unit(value, 100); }
double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

Json json_of(const RuleRef &rule) {
    return {{"name", rule.name},
            {"file", rule.file},
            {"line", value_or_null(rule.line)},
            {"column", value_or_null(rule.column)}};
}

// ---- check

Json json_of(const policy::Diagnostic &diagnostic) {
    Json json;
    json["severity"] = diagnostic.severity == Severity::error ? "error" : "warning";
    json["file"] = diagnostic.file;
    json["line"] = value_or_null(diagnostic.line);
    json["column"] = value_or_null(diagnostic.column);
    json["message"] = diagnostic.message;
    json["source"] = diagnostic.source.empty() ? Json(nullptr) : Json(diagnostic.source);
    return json;
}

// ---- show

/// Where something stands, as keys of its object.
void add_place(Json &json, const policy::PolicySet &set, const policy::Place &place) {
    json["file"] = place.file < set.files.size() ? set.files[place.file] : std::string{};
    json["line"] = value_or_null(place.line);
    json["column"] = value_or_null(place.column);
}

template <class E>
Json names_in(const policy::SetOf<E> &values) {
    if (values == policy::SetOf<E>::all()) return nullptr;
    Json names = Json::array();
    for (const auto &[value, name] : Names<E>::table)
        if (values.contains(value)) names.push_back(name);
    return names;
}

Json patterns(const std::vector<policy::Glob> &globs) {
    Json list = Json::array();
    for (const policy::Glob &glob : globs) list.push_back(glob.pattern());
    return list;
}

Json json_of(const policy::When &when) {
    Json json;
    json["kind"] = names_in(when.kinds);
    json["load"] = names_in(when.loads);
    json["confidence"] = names_in(when.confidences);
    json["output"] = when.outputs.empty() ? Json(nullptr) : patterns(when.outputs);
    json["least_channels"] = when.least_channels;
    json["most_channels"] = when.most_channels;
    json["most_impedance_ohm"] = unit(when.most_impedance);
    return json;
}

Json json_of(const policy::PolicySet &set, const policy::Rule &rule) {
    const policy::Gives &gives = rule.gives;
    Json json;
    json["name"] = rule.name;
    json["when"] = json_of(rule.when);
    json["verdict"] = name_of(gives.verdict);
    json["cap_dbfs"] = level_of(gives.cap);
    json["target_dba"] = level_of(gives.target);
    json["below_db"] = rounded(gives.below.value, 100);
    json["governor"] = gives.governor;
    json["to_rating"] = gives.to_rating;
    json["start_low"] = gives.start_low;
    json["start_level_db"] = level_of(gives.start_level);
    json["ask"] = gives.ask;
    json["reason"] = gives.reason;
    json["message"] = gives.message;
    json["override_max_dbfs"] = level_of(gives.override_max);
    json["override_for_max_s"] =
        gives.override_for_max ? Json(rounded(seconds(*gives.override_for_max), 1000)) : Json(nullptr);
    json["locked"] = rule.locked;
    add_place(json, set, rule.place);
    return json;
}

template <class T, class Make>
void add_maybe(Json &json, const char *key, const policy::Maybe<T> &value, Make make) {
    if (value) json[key] = make(value->value);
}

Json json_of(const policy::Match &match) {
    Json json = Json::object();
    const std::pair<const char *, const std::optional<policy::Glob> *> globs[] = {
        {"node", &match.node},
        {"device", &match.device},
        {"description", &match.description},
        {"api", &match.api},
        {"bus", &match.bus},
        {"bus_path", &match.bus_path},
        {"card", &match.card},
        {"driver", &match.driver},
        {"form_factor", &match.form_factor},
        {"route", &match.route},
        {"route_description", &match.route_description},
        {"port_type", &match.port_type},
        {"product", &match.product}};
    for (const auto &[key, glob] : globs)
        if (*glob) json[key] = (*glob)->pattern();
    if (!match.vendor_id.empty()) json["vendor_id"] = match.vendor_id;
    if (!match.product_id.empty()) json["product_id"] = match.product_id;
    return json;
}

Json json_of(const policy::PolicySet &set, const policy::OutputEntry &entry) {
    const auto as_is = [](const auto &value) { return Json(value); };
    const auto name = [](auto value) { return Json(name_of(value)); };
    const auto number = [](auto value) { return Json(rounded(value.value, 1000)); };
    Json json;
    json["name"] = entry.name;
    json["match"] = json_of(entry.match);
    add_maybe(json, "kind", entry.kind, name);
    add_maybe(json, "channels", entry.channels, as_is);
    add_maybe(json, "full_scale_volts", entry.full_scale, number);
    add_maybe(json, "output_impedance_ohm", entry.output_impedance, number);
    add_maybe(json, "gain_after_dac_db", entry.gain_after_dac, number);
    add_maybe(json, "shares", entry.shares, as_is);
    add_maybe(json, "mode", entry.mode, name);
    add_maybe(json, "release_ms", entry.release_ms, as_is);
    add_maybe(json, "hold_device", entry.hold_device, as_is);
    add_maybe(json, "passthrough", entry.passthrough,
              [](policy::Passthrough value) { return Json(value == policy::Passthrough::allow ? "allow" : "block"); });
    if (!entry.source.empty()) json["source"] = entry.source;
    add_place(json, set, entry.place);
    return json;
}

Json json_of(const policy::PolicySet &set, const policy::LoadModel &model) {
    Json json;
    json["name"] = model.name;
    json["kind"] = name_of(model.kind);
    json["match"] = patterns(model.match);
    json["impedance_ohm"] = unit(model.impedance);
    json["sensitivity_db_per_v"] = level_of(model.sensitivity_per_volt());
    json["rating_w"] = model.rating_watts ? Json(rounded(*model.rating_watts, 1000)) : Json(nullptr);
    if (!model.source.empty()) json["source"] = model.source;
    add_place(json, set, model.place);
    return json;
}

/// What files say, each value with its place; what none says is left out.
Json json_of(const policy::PolicySet &set, const policy::SettingValues &settings) {
    Json json = Json::object();
    const auto add = [&](const char *key, const auto &value, const auto &make) {
        if (!value) return;
        Json entry;
        entry["value"] = make(value->value);
        add_place(entry, set, value->place);
        json[key] = std::move(entry);
    };
    const auto as_is = [](auto value) { return Json(value); };
    const auto name = [](auto value) { return Json(name_of(value)); };
    const auto time = [](Duration value) { return Json(rounded(seconds(value), 1000)); };
    add("posture", settings.posture, name);
    add("settle_s", settings.settle, time);
    add("unplug_hold_s", settings.unplug_hold, time);
    add("orphan_silence_s", settings.orphan_silence, time);
    add("orphan_level_dbfs", settings.orphan_level, [](Decibels value) { return Json(rounded(value.value, 100)); });
    add("notifications", settings.notifications, as_is);
    add("cue", settings.cue, as_is);
    add("dose_allowance_pa2h", settings.dose_allowance, as_is);
    add("dose_notices_percent", settings.dose_notices, as_is);
    add("dose_soft_landing_percent", settings.dose_soft_landing, as_is);
    add("dose_stop_percent", settings.dose_stop, as_is);
    add("dose_warn_above_dba", settings.dose_warn_above, [](Decibels value) { return Json(rounded(value.value, 100)); });
    add("mode", settings.mode, name);
    add("release_ms", settings.release_ms, as_is);
    return json;
}

template <class List>
Json list_of(const policy::PolicySet &set, const List &parts) {
    Json list = Json::array();
    for (const auto &part : parts) list.push_back(json_of(set, part));
    return list;
}

// ---- test

Json json_of(const OutputFacts &facts, const Trial &trial) {
    Json json;
    json["kind"] = name_of(facts.kind);
    json["entry"] = trial.entry.empty() ? Json(nullptr) : Json(trial.entry);
    json["name"] = trial.name.empty() ? Json(nullptr) : Json(trial.name);
    json["channels"] = facts.channels;
    json["class"] = trial.socket_class;
    json["full_scale_volts"] = unit(facts.full_scale);
    json["output_impedance_ohm"] = unit(facts.output_impedance);
    json["gain_after_dac_db"] = level_of(facts.gain_after_dac);
    return json;
}

Json json_of(const Classification &classification) {
    const LoadFacts &facts = classification.facts;
    Json json;
    json["kind"] = name_of(classification.loads.front().load);
    json["model"] = facts.model.empty() ? Json(nullptr) : Json(facts.model);
    json["confidence"] = name_of(classification.confidence);
    json["impedance_ohm"] = unit(facts.impedance);
    json["sensitivity_db_per_v"] = level_of(facts.sensitivity);
    json["rating_w"] = facts.rating_watts ? Json(rounded(*facts.rating_watts, 1000)) : Json(nullptr);
    return json;
}

Json json_of(const policy::Considered &considered) {
    Json json = json_of(considered.rule);
    json["matched"] = considered.matched;
    json["decided"] = considered.decided;
    json["locked"] = considered.locked;
    json["why"] = considered.why;
    return json;
}

Json json_of(const policy::Addend &addend) {
    return {{"what", addend.what}, {"db", rounded(addend.db, 100)}, {"assumed", addend.assumed}};
}

template <class Parts>
Json list_of(const Parts &parts) {
    Json list = Json::array();
    for (const auto &part : parts) list.push_back(json_of(part));
    return list;
}

} // namespace

std::string check_json(const policy::Loaded &loaded, JsonLayout layout) {
    const auto errors = std::count_if(loaded.diagnostics.begin(), loaded.diagnostics.end(),
                                      [](const policy::Diagnostic &each) { return each.severity == Severity::error; });
    Json json;
    json["schema"] = json_schema;
    json["valid"] = errors == 0;
    json["errors"] = errors;
    json["warnings"] = static_cast<std::ptrdiff_t>(loaded.diagnostics.size()) - errors;
    json["diagnostics"] = list_of(loaded.diagnostics);
    return text_of(json, layout);
}

std::string policy_json(const policy::PolicySet &set, JsonLayout layout) {
    Json json;
    json["schema"] = json_schema;
    json["files"] = set.files;
    json["settings"] = json_of(set, set.settings);
    json["locked_settings"] = json_of(set, set.locked_settings);
    json["outputs"] = list_of(set, set.outputs);
    json["loads"] = list_of(set, set.loads);
    json["rules"] = list_of(set, set.rules);
    json["locked_rules"] = list_of(set, set.locked);
    return text_of(json, layout);
}

void add_explanation(Json &json, const policy::Explanation &explanation) {
    json["target_dba"] = level_of(explanation.target);
    json["spl_at_full_scale_db"] = level_of(explanation.spl);
    json["bounded_by"] = explanation.bounded_by.empty() ? Json(nullptr) : Json(explanation.bounded_by);
    json["sum"] = list_of(explanation.sum);
    json["rules"] = list_of(explanation.rules);
}

std::string trial_json(const TrialResult &result, JsonLayout layout) {
    const policy::Explanation &explanation = result.explanation;
    const Decision &decision = explanation.decision;
    Json json;
    json["schema"] = json_schema;
    json["verdict"] = name_of(decision.verdict);
    json["ceiling_dbfs"] = decision.verdict == Verdict::limit ? level_of(decision.cap) : Json(nullptr);
    json["ask"] = decision.ask;
    json["reason"] = decision.reason;
    json["message"] = decision.message;
    json["rule"] = json_of(decision.rule);
    json["assumed"] = decision.assumed;
    json["start_low"] = decision.start_low;
    json["start_level_db"] = level_of(decision.start_level);
    json["governor"] = decision.governor.has_value();
    json["governor_dbfs"] = level_of(decision.governor);
    json["locked"] = decision.locked;
    json["override_max_dbfs"] = rounded(decision.override_max.value, 100);
    json["override_for_max_s"] = rounded(seconds(decision.override_for_max), 1000);
    json["posture"] = name_of(result.posture);
    json["output"] = json_of(result.trial.output, result.trial);
    json["load"] = json_of(result.trial.classification);
    add_explanation(json, explanation);
    return text_of(json, layout);
}

} // namespace soundwarden::cli
