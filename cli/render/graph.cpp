// SPDX-License-Identifier: MIT
#include "render/graph.hpp"

#include "render/json_parts.hpp"
#include "render/sheet.hpp"
#include "translate.hpp"
#include "words.hpp"

#include <algorithm>
#include <set>

namespace soundwarden::cli {
namespace {

/// What plays through a sink now: "Headphones, max -9.4 dBFS".
std::string playing_text(const std::string &sink, const std::vector<Output> &outputs) {
    for (const Output &output : outputs) {
        if (output.sink != sink || !output.active) continue;
        const std::string text = output.name + ", " + state_word(output.state);
        return output.ceiling_dbfs ? filled(tr("{0}, at most {1}"), text, dbfs(*output.ceiling_dbfs)) : text;
    }
    return tr("no output in use");
}

std::string called(const Graph::Node &node) {
    const std::string name = node.title.empty() ? node.name : node.title;
    return printable(name.empty() ? tr("node") : name) + " (" + std::to_string(node.id) + ")";
}

const Graph::Node *find(const Graph &graph, const std::string &sink, std::string_view role) {
    const auto found = std::find_if(graph.nodes.begin(), graph.nodes.end(),
                                    [&](const Graph::Node &node) { return node.sink == sink && node.role == role; });
    return found == graph.nodes.end() ? nullptr : &*found;
}

bool linked(const Graph &graph, const Graph::Node &from, const Graph::Node *to) {
    return to != nullptr && std::any_of(graph.links.begin(), graph.links.end(),
                                        [&](const Graph::Link &link) { return link.from == from.id && link.to == to->id; });
}

std::vector<std::string> sinks_of(const Graph &graph) {
    std::vector<std::string> sinks;
    for (const Graph::Node &node : graph.nodes)
        if (node.role == "sink") sinks.push_back(node.sink);
    return sinks;
}

/// In double quotes, as DOT has them.
std::string quoted(const std::string &text) {
    std::string result = "\"";
    for (const char c : printable(text)) {
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result + "\"";
}

} // namespace

std::string graph_text(const Graph &graph, const std::vector<Output> &outputs, const Style &style) {
    const std::string arrow = style.utf8 ? " \u2192 " : " -> ";
    std::string text;
    for (const std::string &sink : sinks_of(graph)) {
        text += (text.empty() ? "" : "\n") + painted(printable(sink), Tone::bold, style) + "  " + printable(playing_text(sink, outputs)) + "\n";
        const auto *guard = find(graph, sink, "guard");
        const auto *out = find(graph, sink, "out");
        const auto *end = find(graph, sink, "sink");
        const std::string way = tr("guard") + arrow + (out != nullptr && linked(graph, *out, end) ? tr("sink") : tr("(not linked to the sink yet)"));
        bool any = false;
        for (const Graph::Node &node : graph.nodes) {
            if (node.sink != sink || node.role != "stream") continue;
            any = true;
            if (linked(graph, node, guard)) text += "  " + called(node) + arrow + way + "\n";
            if (linked(graph, node, end)) text += painted("  " + called(node) + arrow + tr("sink, past the guard"), Tone::alarm, style) + "\n";
        }
        if (!any) text += "  " + tr("nothing plays") + arrow + way + "\n";
    }
    return text.empty() ? tr("Nothing is guarded.") + "\n" : text;
}

std::string graph_dot(const Graph &graph, const std::vector<Output> &outputs) {
    std::string text = "digraph soundwarden {\n  rankdir=LR;\n  node [shape=box];\n";
    std::set<std::uint32_t> told;
    for (const Graph::Node &node : graph.nodes) {
        if (!told.insert(node.id).second) continue;
        const bool ours = node.role == "guard" || node.role == "out"; // whose title is that of the output when it was made
        const std::string more = node.role == "sink" ? ": " + playing_text(node.sink, outputs) : std::string{};
        const std::string label = ours ? "Soundwarden, " + node.role + " (" + std::to_string(node.id) + ")" : called(node) + more;
        text += "  n" + std::to_string(node.id) + " [label=" + quoted(label) + (ours ? ", style=filled" : "") + "];\n";
    }
    for (const Graph::Link &link : graph.links)
        text += "  n" + std::to_string(link.from) + " -> n" + std::to_string(link.to) + (link.past ? " [color=red, label=\"past the guard\"]" : "") + ";\n";
    return text + "}\n";
}

std::string graph_json(const Graph &graph, JsonLayout layout) {
    Json json;
    json["schema"] = json_schema;
    json["nodes"] = Json::array();
    for (const Graph::Node &node : graph.nodes)
        json["nodes"].push_back({{"id", node.id}, {"name", node.name}, {"title", node.title}, {"role", node.role}, {"sink", node.sink}});
    json["links"] = Json::array();
    for (const Graph::Link &link : graph.links) json["links"].push_back({{"from", link.from}, {"to", link.to}, {"past", link.past}});
    return text_of(json, layout);
}

} // namespace soundwarden::cli
