// SPDX-License-Identifier: MIT
#include "told.hpp"

namespace soundwarden {
namespace {

std::optional<double> number(const std::optional<Decibels> &value) { return value ? std::optional{value->value} : std::nullopt; }

} // namespace

dbus::Explained told(const policy::Explanation &explanation) {
    dbus::Explained words;
    words.load = name_of(explanation.load);
    for (const policy::Considered &each : explanation.rules)
        words.rules.push_back(
            {each.rule.name, each.rule.file, each.rule.line, each.rule.column, each.matched, each.decided, each.locked, each.why});
    for (const policy::Addend &addend : explanation.sum) words.sum.push_back({addend.what, addend.db, addend.assumed});
    words.verdict = name_of(explanation.decision.verdict);
    words.cap_dbfs = number(explanation.decision.cap);
    words.target_dba = number(explanation.target);
    words.spl_db = number(explanation.spl);
    words.bounded_by = explanation.bounded_by;
    words.below_db = explanation.below.value;
    return words;
}

std::vector<dbus::CheckLine> told(const std::vector<engine::Check> &checks) {
    std::vector<dbus::CheckLine> lines;
    for (const engine::Check &check : checks)
        lines.push_back({check.token, std::string{name_of(check.grade)}, check.found, check.means, check.command});
    return lines;
}

dbus::GraphPicture told(const pipewire_adapter::GraphView &view) {
    dbus::GraphPicture picture;
    for (const auto &node : view.nodes) picture.nodes.push_back({node.id, node.name, node.title, std::string{name_of(node.role)}, node.sink});
    for (const auto &link : view.links) picture.links.push_back({link.from, link.to, link.past});
    return picture;
}

} // namespace soundwarden
