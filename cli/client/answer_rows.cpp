// SPDX-License-Identifier: MIT
#include "client/answer_rows.hpp"

#include "model/names.hpp"

#include <optional>

namespace soundwarden::cli {
namespace {

template <class T>
std::optional<T> at(const std::map<std::string, sdbus::Variant> &values, const char *key) {
    const auto found = values.find(key);
    return found == values.end() ? std::nullopt : std::optional{found->second.get<T>()};
}

std::optional<Decibels> decibels_at(const std::map<std::string, sdbus::Variant> &values, const char *key) {
    const auto number = at<double>(values, key);
    return number ? std::optional{Decibels{*number}} : std::nullopt;
}

} // namespace

Explained explained_of(const ExplainedRows &rows) {
    const auto &[load, rules, sum, more] = rows;
    Explained explained;
    explained.load = load;
    policy::Explanation &to = explained.explanation;
    for (const ExplainedRow &row : rules)
        to.rules.push_back({{std::get<0>(row), std::get<1>(row), std::get<2>(row), std::get<3>(row)}, std::get<4>(row), std::get<5>(row),
                            std::get<6>(row), std::get<7>(row)});
    for (const AddendRow &row : sum) to.sum.push_back({std::get<0>(row), std::get<1>(row), std::get<2>(row)});
    // A verdict that this command does not know is a newer daemon's: the strictest that it does know.
    to.decision.verdict = from_name<Verdict>(at<std::string>(more, "verdict").value_or("")).value_or(Verdict::block);
    to.decision.cap = decibels_at(more, "cap_dbfs");
    to.target = decibels_at(more, "target_dba");
    to.spl = decibels_at(more, "spl_db");
    to.bounded_by = at<std::string>(more, "bounded_by").value_or("");
    to.below = decibels_at(more, "below_db").value_or(Decibels{0.0});
    return explained;
}

std::vector<Check> checks_of(const std::vector<CheckRow> &rows) {
    std::vector<Check> checks;
    for (const CheckRow &row : rows)
        checks.push_back({std::get<0>(row), std::get<1>(row), std::get<2>(row), std::get<3>(row), std::get<4>(row)});
    return checks;
}

Graph graph_of(const std::tuple<std::vector<GraphNodeRow>, std::vector<GraphLinkRow>> &rows) {
    Graph graph;
    for (const GraphNodeRow &row : std::get<0>(rows))
        graph.nodes.push_back({std::get<0>(row), std::get<1>(row), std::get<2>(row), std::get<3>(row), std::get<4>(row)});
    for (const GraphLinkRow &row : std::get<1>(rows)) graph.links.push_back({std::get<0>(row), std::get<1>(row), std::get<2>(row)});
    return graph;
}

} // namespace soundwarden::cli
