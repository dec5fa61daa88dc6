// SPDX-License-Identifier: MIT
#include "graph_watch.hpp"

#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace soundwarden::demo {

namespace {

constexpr auto patience = bench::milliseconds{100}; // how long destroying this may take
constexpr const char *ceiling_key = "soundwarden.ceiling-db";

/// A number of dBFS, "block", or nothing for no ceiling.
nlohmann::ordered_json ceiling_value(const std::string &text) {
    if (text.empty()) return nullptr;
    char *end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (end == text.c_str() || *end != '\0') return text;
    return value;
}

} // namespace

GraphWatch::GraphWatch(const bench::Session &session, std::string sink, Timeline &timeline)
    : sink_(std::move(sink)), timeline_(timeline), probe_(session), thread_([this] { run(); }) {}

GraphWatch::~GraphWatch() {
    stop_ = true;
    thread_.join();
}

void GraphWatch::run() {
    while (!stop_ && probe_.connected())
        probe_.wait_until(
            [this](const bench::Graph &graph) {
                note(graph);
                return stop_.load();
            },
            patience);
}

GraphWatch::Seen GraphWatch::look(const bench::Graph &graph) const {
    Seen seen;
    for (const auto &[id, node] : graph.nodes) {
        if (bench::get(node.properties, "soundwarden.guards") != sink_) continue;
        seen.guard = node.name();
        seen.id = id;
        seen.ceiling = bench::get(node.properties, ceiling_key);
    }
    const bench::GraphNode *sink = graph.node(sink_);
    if (sink == nullptr) return seen;
    for (const bench::GraphLink &link : graph.links_into(sink->id)) {
        const auto from = graph.nodes.find(link.output_node);
        seen.into_sink.insert(from == graph.nodes.end() ? "?" : from->second.name());
    }
    seen.guarded = !seen.guard.empty() && seen.into_sink == std::set<std::string>{seen.guard + ".out"};
    return seen;
}

void GraphWatch::note(const bench::Graph &graph) {
    const std::int64_t now = bench::now_ns();
    const Seen before = std::exchange(seen_, look(graph));
    if (seen_ == before) return;
    if (before.id != seen_.id && before.id != 0) timeline_.add(now, "guard-gone", {{"node", before.guard}});
    if (before.id != seen_.id && seen_.id != 0) timeline_.add(now, "guard-made", {{"node", seen_.guard}});
    if (seen_.id != 0 && (before.id != seen_.id || before.ceiling != seen_.ceiling))
        timeline_.add(now, "ceiling", {{"dbfs", ceiling_value(seen_.ceiling)}});
    if (before.into_sink != seen_.into_sink || before.guarded != seen_.guarded)
        timeline_.add(now, "path", {{"guarded", seen_.guarded}, {"from", seen_.into_sink}});
}

void GraphWatch::wait_guarded() {
    if (!probe_.wait_until([this](const bench::Graph &graph) { return look(graph).guarded; }))
        throw std::runtime_error("the sound does not go through a guard");
}

void GraphWatch::wait_unguarded() {
    const bool done = probe_.wait_until([this](const bench::Graph &graph) {
        const Seen now = look(graph);
        return now.guard.empty() && !now.into_sink.empty();
    });
    if (!done) throw std::runtime_error("the sound does not come back without the daemon");
}

std::string GraphWatch::guard() const { return look(probe_.snapshot()).guard; }

} // namespace soundwarden::demo
