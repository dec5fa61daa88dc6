// SPDX-License-Identifier: MIT
#include "render/replay.hpp"

#include "render/json_parts.hpp"
#include "render/sheet.hpp"
#include "translate.hpp"
#include "words.hpp"

#include <cstdio>

namespace soundwarden::cli {
namespace {

constexpr std::size_t widest_kind = 9; // "decision "

std::string stamp(std::chrono::nanoseconds after) {
    char text[40];
    std::snprintf(text, sizeof text, "%12.6f s  ", std::chrono::duration<double>(after).count());
    return text;
}

Tone tone_of(engine::Level level) {
    switch (level) {
    case engine::Level::debug: return Tone::dim;
    case engine::Level::info: return Tone::plain;
    case engine::Level::warning: return Tone::attention;
    case engine::Level::error: return Tone::alarm;
    }
    return Tone::plain;
}

std::string kind_text(const std::string &kind) {
    const std::size_t columns = columns_of(kind);
    return kind + std::string(std::max(columns + 1, widest_kind) - columns, ' ');
}

std::string text_of_told(const engine::Report &report, const Style &style) {
    const std::string about = report.sink.empty() ? "" : printable(report.sink) + ": ";
    return kind_text(printable(report.what)) + painted(about + printable(report.text), tone_of(report.level), style);
}

Load load_of(const engine::OutputView &output) {
    return output.classification.loads.empty() ? Load::unknown : output.classification.loads.front().load;
}

std::string text_of_told(const engine::OutputView &output, const Style &style) {
    const Decision &decision = output.decision;
    std::string verdict = verdict_word(name_of(decision.verdict));
    if (decision.cap) verdict += " " + db(decision.cap->value);
    std::string text = printable(output.id) + ": " + painted(verdict, Tone::bold, style) + (output.active ? "" : ", " + tr("not in use"));
    text += "; " + filled(tr("load {0} ({1})"), load_word(name_of(load_of(output))), confidence_word(name_of(output.classification.confidence)));
    if (!decision.reason.empty()) text += "; " + printable(decision.reason);
    if (!decision.rule.name.empty()) text += ", " + filled(tr("rule {0} at {1}"), printable(decision.rule.name), printable(decision.rule.file) + ":" + std::to_string(decision.rule.line));
    return kind_text(tr("output")) + text;
}

Json json_of_told(const engine::Report &report) {
    return {{"event", "report"}, {"level", name_of(report.level)}, {"what", report.what}, {"sink", report.sink}, {"text", report.text}};
}

Json json_of_told(const engine::OutputView &output) {
    const Decision &decision = output.decision;
    const auto optional_level = [](const std::optional<Decibels> &value) { return value ? level(value->value) : Json(nullptr); };
    Json loads = Json::array();
    for (const WeightedLoad &each : output.classification.loads)
        loads.push_back({{"load", name_of(each.load)}, {"probability", rounded(each.probability, 1000)}});
    Json json{{"event", "decision"}, {"id", output.id}, {"name", output.name}, {"sink", output.sink}, {"kind", name_of(output.facts.kind)},
              {"active", output.active}};
    json["loads"] = std::move(loads);
    json["confidence"] = name_of(output.classification.confidence);
    json["verdict"] = name_of(decision.verdict);
    json["cap_dbfs"] = optional_level(decision.cap);
    json["governor_dbfs"] = optional_level(decision.governor);
    json["start_level_db"] = optional_level(decision.start_level);
    json["ask"] = decision.ask;
    json["reason"] = decision.reason;
    json["rule"] = {{"name", decision.rule.name}, {"file", decision.rule.file}, {"line", decision.rule.line}};
    json["assumed"] = decision.assumed;
    return json;
}

Json json_of(const Told &told) {
    Json json{{"schema", json_schema}, {"line", told.line}, {"after_ns", told.after.count()}};
    json.update(std::visit([](const auto &what) { return json_of_told(what); }, told.what));
    return json;
}

Json json_of(const trace::Replay &replay) {
    Json json{{"version", replay.header.version}, {"steps", replay.steps}, {"different", replay.different}};
    json["first"] = nullptr;
    if (replay.first) json["first"] = {{"line", replay.first->line}, {"recorded", replay.first->expected}, {"here", replay.first->got}};
    json["notices"] = replay.notices;
    return json;
}

std::string steps_text(std::size_t steps) { return trn("{0} step", "{0} steps", steps); }

} // namespace

std::string told_text(const Told &told, const Style &style) {
    return painted(stamp(told.after), Tone::dim, style) + std::visit([&](const auto &what) { return text_of_told(what, style); }, told.what) + "\n";
}

std::string outcome_text(const trace::Replay &replay, const Style &style) {
    if (replay.different == 0) return steps_text(replay.steps) + ": " + painted(tr("the same as recorded, bit for bit"), Tone::good, style) + "\n";
    return steps_text(replay.steps) + ": " + painted(filled(tr("{0} not as recorded"), replay.different), Tone::alarm, style) + "\n";
}

std::string replay_diagnostics(const trace::Replay &replay, std::string_view file) {
    const auto at = [&](std::size_t line) { return printable(file) + ":" + std::to_string(line) + ": "; };
    const auto told = [](const std::string &effect) { return effect.empty() ? tr("nothing") : printable(effect); };
    std::string text;
    if (replay.first)
        text += at(replay.first->line) + tr("error: the engine answers otherwise than it did") + "\n  " + filled(tr("recorded: {0}"), told(replay.first->expected)) + "\n  " +
                filled(tr("here:     {0}"), told(replay.first->got)) + "\n";
    for (const std::string &notice : replay.notices) text += filled(tr("{0}: note: {1}"), printable(file), printable(notice)) + "\n";
    if (replay.unreadable) text += at(replay.unreadable->line) + filled(tr("error: {0}"), printable(replay.unreadable->sentence)) + "\n";
    return text;
}

std::string told_line(const Told &told) { return text_of(json_of(told), JsonLayout::one_line); }

std::string outcome_line(const trace::Replay &replay) {
    Json json{{"schema", json_schema}, {"event", "end"}};
    json.update(json_of(replay));
    return text_of(json, JsonLayout::one_line);
}

std::string replay_json(const trace::Replay &replay, const std::vector<Told> &story) {
    Json json{{"schema", json_schema}};
    json.update(json_of(replay));
    json["story"] = Json::array();
    for (const Told &told : story) {
        Json each = json_of(told);
        each.erase("schema");
        json["story"].push_back(std::move(each));
    }
    return text_of(json, JsonLayout::indented);
}

} // namespace soundwarden::cli
