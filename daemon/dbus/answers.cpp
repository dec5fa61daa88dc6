// SPDX-License-Identifier: MIT
#include "published.hpp"

#include "utf8.hpp"

namespace soundwarden::dbus {

std::map<std::string, sdbus::Variant> fact_variants(const FactValues &facts) {
    std::map<std::string, sdbus::Variant> variants;
    for (const auto &[key, number] : facts.numbers) variants.emplace(key, sdbus::Variant{number});
    if (!facts.model.empty()) variants.emplace("load_model", sdbus::Variant{facts.model});
    return variants;
}

ExplainedValues explained_values(const Explained &explained) {
    std::vector<ExplainedRule> rules;
    for (const Explained::Rule &rule : explained.rules)
        rules.emplace_back(valid_utf8(rule.name), valid_utf8(rule.file), rule.line, rule.column, rule.matched, rule.decided, rule.locked,
                           valid_utf8(rule.why));
    std::vector<ExplainedAddend> sum;
    for (const Explained::Addend &addend : explained.sum) sum.emplace_back(valid_utf8(addend.what), addend.db, addend.assumed);

    std::map<std::string, sdbus::Variant> more;
    const auto add = [&](const char *key, const auto &value) { more.emplace(key, sdbus::Variant{value}); };
    add("verdict", explained.verdict);
    if (explained.cap_dbfs) add("cap_dbfs", *explained.cap_dbfs);
    if (explained.target_dba) add("target_dba", *explained.target_dba);
    if (explained.spl_db) add("spl_db", *explained.spl_db);
    if (!explained.bounded_by.empty()) add("bounded_by", explained.bounded_by);
    if (explained.below_db != 0.0) add("below_db", explained.below_db);
    return {explained.load, std::move(rules), std::move(sum), std::move(more)};
}

std::vector<CheckRow> check_rows(const std::vector<CheckLine> &checks) {
    std::vector<CheckRow> rows;
    for (const CheckLine &check : checks)
        rows.emplace_back(check.token, check.grade, valid_utf8(check.found), valid_utf8(check.means), valid_utf8(check.command));
    return rows;
}

GraphValues graph_values(const GraphPicture &picture) {
    std::vector<GraphNodeRow> nodes;
    for (const GraphPicture::Node &node : picture.nodes)
        nodes.emplace_back(node.id, valid_utf8(node.name), valid_utf8(node.title), node.role, valid_utf8(node.sink));
    std::vector<GraphLinkRow> links;
    for (const GraphPicture::Link &link : picture.links) links.emplace_back(link.from, link.to, link.past);
    return {std::move(nodes), std::move(links)};
}

} // namespace soundwarden::dbus
