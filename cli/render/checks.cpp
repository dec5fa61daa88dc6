// SPDX-License-Identifier: MIT
#include "render/checks.hpp"

#include "render/json_parts.hpp"
#include "render/sheet.hpp"
#include "translate.hpp"

#include <algorithm>

namespace soundwarden::cli {
namespace {

Tone tone_of_grade(const std::string &grade) {
    if (grade == "ok") return Tone::good;
    if (grade == "note") return Tone::plain;
    return grade == "warning" ? Tone::attention : Tone::alarm; // one that is not known counts as a fault
}

constexpr std::size_t grade_columns = 9;

std::string line_of(const Check &check, const Style &style) {
    const std::string grade = printable(word("check", check.grade));
    const std::size_t columns = columns_of(grade);
    const std::string gap(columns < grade_columns ? grade_columns - columns : 1, ' ');
    const std::string indent(grade_columns, ' ');
    std::string text = painted(grade, tone_of_grade(check.grade), style) + gap + printable(said(check.found)) + " [" + printable(check.token) + "]\n";
    if (!check.means.empty()) text += indent + printable(said(check.means)) + "\n";
    if (!check.command.empty()) text += indent + "-> " + painted(printable(check.command), Tone::bold, style) + "\n";
    return text;
}

std::size_t count(const std::vector<Check> &checks, std::string_view grade) {
    return static_cast<std::size_t>(std::count_if(checks.begin(), checks.end(), [&](const Check &check) { return check.grade == grade; }));
}

} // namespace

std::string checks_text(const std::vector<Check> &checks, const Style &style) {
    std::string text;
    for (const Check &check : checks) text += line_of(check, style);
    const auto fine = count(checks, "ok"), notes = count(checks, "note"), warnings = count(checks, "warning");
    const auto faults = checks.size() - fine - notes - warnings;
    const std::string summary = faults + warnings == 0 ? tr("Nothing weakens protection here")
                                                       : trn("{0} fault", "{0} faults", faults) + ", " + trn("{0} warning", "{0} warnings", warnings);
    return text + "\n" + painted(summary, faults > 0 ? Tone::alarm : warnings > 0 ? Tone::attention : Tone::good, style) + "; " +
           trn("{0} note", "{0} notes", notes) + ", " + filled(tr("{0} in order."), fine) + "\n";
}

std::string checks_json(const std::vector<Check> &checks, JsonLayout layout) {
    Json json;
    json["schema"] = json_schema;
    json["faults"] = checks.size() - count(checks, "ok") - count(checks, "note") - count(checks, "warning");
    json["warnings"] = count(checks, "warning");
    json["checks"] = Json::array();
    for (const Check &check : checks) {
        Json each;
        each["token"] = check.token;
        each["grade"] = check.grade;
        each["found"] = check.found;
        each["means"] = check.means.empty() ? Json(nullptr) : Json(check.means);
        each["command"] = check.command.empty() ? Json(nullptr) : Json(check.command);
        json["checks"].push_back(std::move(each));
    }
    return text_of(json, layout);
}

} // namespace soundwarden::cli
