// SPDX-License-Identifier: MIT
#include "render/graph.hpp"

#include "client.hpp"
#include "deadline.hpp"
#include "failure.hpp"
#include "translate.hpp"
#include "verbs/verbs.hpp"

namespace soundwarden::cli {

int run_graph(const Global &global, bool dot) {
    if (dot && global.format != Format::text) throw Failure{exit_usage, tr("give either --dot or -o json, not both")};
    const Deadline deadline{2 * global.timeout};
    BusClient client{global};
    const Graph graph = client.graph();
    switch (global.format) {
    case Format::text: {
        const Status status = client.fetch();
        write_out(dot ? graph_dot(graph, status.outputs) : graph_text(graph, status.outputs, style_of_stdout(global.colour)));
        break;
    }
    case Format::json: write_out(graph_json(graph, JsonLayout::indented)); break;
    case Format::jsonl: write_out(graph_json(graph, JsonLayout::one_line)); break;
    }
    return exit_ok;
}

} // namespace soundwarden::cli
