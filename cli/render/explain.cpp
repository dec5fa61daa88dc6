// SPDX-License-Identifier: MIT
#include "render/explain.hpp"

#include "model/names.hpp"
#include "render/json_parts.hpp"
#include "render/policy_json.hpp"
#include "render/policy_text.hpp"
#include "render/sheet.hpp"
#include "translate.hpp"
#include "words.hpp"

#include <cmath>

namespace soundwarden::cli {
namespace {

std::string verdict_of(const std::string &verdict, const std::optional<double> &cap) {
    return cap ? filled(tr("{0}, cap {1}"), verdict_word(verdict), db(*cap)) : verdict_word(verdict);
}

std::optional<double> cap_of(const Explained &explained) {
    const auto &cap = explained.explanation.decision.cap;
    return cap ? std::optional{cap->value} : std::nullopt;
}

/// What is in force is not what the rules say: an answer, an override, the user's wish.
bool differs(const Output &output, const Explained &explained) {
    const auto rules = cap_of(explained);
    if (output.verdict != name_of(explained.explanation.decision.verdict) || output.cap_dbfs.has_value() != rules.has_value()) return true;
    return rules && std::fabs(*rules - *output.cap_dbfs) > 0.005;
}

std::string load_line(const LoadShare &share) {
    return load_word(share.load) + " " + std::to_string(std::lround(share.probability * 100.0)) + " %";
}

} // namespace

std::string explain_text(const Output &output, const Explained &explained, const Style &style) {
    Sheet sheet{style};
    sheet.add(tr("id"), printable(output.id));
    sheet.add(tr("socket"), socket_word(output.kind));
    for (const LoadShare &share : output.loads) sheet.add(tr("attached"), load_line(share));
    sheet.add(tr("sure"), confidence_word(output.confidence));
    for (const Fact &fact : output.evidence) sheet.add(tr("evidence"), printable(fact.source) + ": " + printable(fact.text));
    sheet.add(tr("judged as"), filled(tr("{0}, of what may be attached the one whose rule asks for most"), load_word(explained.load)));
    sheet.add(tr("by the rules"), verdict_of(std::string{name_of(explained.explanation.decision.verdict)}, cap_of(explained)));
    sheet.add(tr("in force"), verdict_of(output.verdict, output.cap_dbfs) + (output.reason.empty() ? "" : ", " + printable(output.reason)),
              differs(output, explained) ? Tone::attention : Tone::plain);
    sheet.add(tr("state"), state_word(output.state));
    if (!output.assumed.empty()) sheet.add(tr("assumed"), joined(output.assumed), Tone::attention);
    return painted(printable(output.name), Tone::bold, style) + "\n" + sheet.take() + sum_text(explained.explanation, style) +
           rules_text(explained.explanation, output.kind, style);
}

std::string explain_json(const Output &output, const Explained &explained, JsonLayout layout) {
    Json json;
    json["schema"] = json_schema;
    json["output"] = json_of(output);
    json["load"] = explained.load;
    json["verdict"] = name_of(explained.explanation.decision.verdict);
    json["cap_dbfs"] = level(cap_of(explained));
    json["below_db"] = rounded(explained.explanation.below.value, 100);
    add_explanation(json, explained.explanation);
    return text_of(json, layout);
}

} // namespace soundwarden::cli
