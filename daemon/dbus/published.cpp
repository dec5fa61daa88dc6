// SPDX-License-Identifier: MIT
#include "published.hpp"

#include "utf8.hpp"

#include <algorithm>
#include <limits>

namespace soundwarden::dbus {
namespace {

constexpr double none = std::numeric_limits<double>::infinity();

FactValues fact_values(const OutputFacts &output, const LoadFacts &load) {
    FactValues facts;
    const auto add = [&](const char *key, const auto &fact) {
        if (fact) facts.numbers.emplace(key, fact->value);
    };
    add("output_impedance_ohm", output.output_impedance);
    add("gain_after_dac_db", output.gain_after_dac);
    add("load_impedance_ohm", load.impedance);
    add("load_sensitivity_db_per_v", load.sensitivity);
    if (load.rating_watts) facts.numbers.emplace("load_rating_w", *load.rating_watts);
    facts.model = valid_utf8(load.model);
    return facts;
}

double or_none(const std::optional<Decibels> &level) { return level ? level->value : none; }

} // namespace

ManagerValues manager_values(const engine::Snapshot &snapshot, Posture posture) {
    ManagerValues values;
    values.state = name_of(snapshot.state);
    for (const auto &reason : snapshot.reasons)
        values.reasons.emplace_back(valid_utf8(reason.token), valid_utf8(reason.sentence));
    values.posture = name_of(posture);
    return values;
}

PolicyValues policy_values(const PolicyWords &policy) {
    PolicyValues values;
    values.generation = policy.generation;
    for (const auto &notice : policy.notices)
        values.notices.emplace_back(notice.severity, valid_utf8(notice.file), notice.line, notice.column, valid_utf8(notice.message));
    return values;
}

std::vector<LogRow> log_rows(const std::vector<LogLine> &lines) {
    std::vector<LogRow> rows;
    rows.reserve(lines.size());
    for (const auto &line : lines)
        rows.emplace_back(line.id, line.unix_ms, valid_utf8(line.level), valid_utf8(line.what), valid_utf8(line.subject), valid_utf8(line.text));
    return rows;
}

OutputValues output_values(const engine::OutputView &view) {
    OutputValues values;
    values.id = view.id;
    values.name = valid_utf8(view.name);
    values.sink = valid_utf8(view.sink);
    values.sink_key = view.sink;
    values.kind = name_of(view.facts.kind);
    values.active = view.active;
    values.availability = name_of(view.availability);
    for (const auto &share : view.classification.loads)
        values.loads.emplace_back(std::string{name_of(share.load)}, share.probability);
    values.confidence = name_of(view.classification.confidence);
    for (const auto &fact : view.classification.evidence)
        values.evidence.emplace_back(valid_utf8(fact.source), valid_utf8(fact.text));
    values.verdict = name_of(view.decision.verdict);
    values.ceiling_dbfs = or_none(view.ceiling);
    values.cap_dbfs = or_none(view.decision.cap);
    values.state = name_of(view.state);
    values.reason = valid_utf8(view.decision.reason);
    values.rule =
        Rule{valid_utf8(view.decision.rule.name), valid_utf8(view.decision.rule.file), view.decision.rule.line};
    for (const auto &fact : view.decision.assumed) values.assumed.push_back(valid_utf8(fact));
    values.ask = view.decision.ask;
    values.governor = view.decision.governor.has_value();
    values.start_level_db = or_none(view.decision.start_level);
    values.full_scale_volts = view.facts.full_scale ? view.facts.full_scale->value : 0.0;
    values.facts = fact_values(view.facts, view.classification.facts);
    values.volume = view.volume;
    values.mute = view.mute;
    for (const auto &offender : view.offenders) values.offenders.emplace_back(valid_utf8(offender.name), offender.times);
    return values;
}

bool valid_id(const std::string &id) {
    return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

std::vector<bus::PropertyName> differences(const ManagerValues &before, const ManagerValues &after) {
    std::vector<bus::PropertyName> names;
    const auto compare = [&](const char *name, const auto &a, const auto &b) {
        if (!(a == b)) names.emplace_back(name);
    };
    compare("State", before.state, after.state);
    compare("Reasons", before.reasons, after.reasons);
    compare("Posture", before.posture, after.posture);
    compare("PolicyGeneration", before.policy.generation, after.policy.generation);
    compare("PolicyDiagnostics", before.policy.notices, after.policy.notices);
    return names;
}

std::vector<bus::PropertyName> differences(const OutputValues &before, const OutputValues &after) {
    std::vector<bus::PropertyName> names;
    const auto compare = [&](const char *name, const auto &a, const auto &b) {
        if (!(a == b)) names.emplace_back(name);
    };
    compare("Name", before.name, after.name);
    compare("Sink", before.sink, after.sink);
    compare("Kind", before.kind, after.kind);
    compare("Active", before.active, after.active);
    compare("Availability", before.availability, after.availability);
    compare("Loads", before.loads, after.loads);
    compare("Confidence", before.confidence, after.confidence);
    compare("Evidence", before.evidence, after.evidence);
    compare("Verdict", before.verdict, after.verdict);
    compare("CeilingDbfs", before.ceiling_dbfs, after.ceiling_dbfs);
    compare("CapDbfs", before.cap_dbfs, after.cap_dbfs);
    compare("State", before.state, after.state);
    compare("Reason", before.reason, after.reason);
    compare("Rule", before.rule, after.rule);
    compare("Assumed", before.assumed, after.assumed);
    compare("Ask", before.ask, after.ask);
    compare("Governor", before.governor, after.governor);
    compare("StartLevelDb", before.start_level_db, after.start_level_db);
    compare("FullScaleVolts", before.full_scale_volts, after.full_scale_volts);
    compare("Facts", before.facts, after.facts);
    compare("Volume", before.volume, after.volume);
    compare("Mute", before.mute, after.mute);
    compare("Offenders", before.offenders, after.offenders);
    return names;
}

} // namespace soundwarden::dbus
