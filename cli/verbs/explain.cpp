// SPDX-License-Identifier: MIT
#include "render/explain.hpp"

#include "client.hpp"
#include "deadline.hpp"
#include "verbs/verbs.hpp"

namespace soundwarden::cli {

int run_explain(const Global &global, const std::string &output) {
    const Deadline deadline{2 * global.timeout};
    BusClient client{global};
    const Status status = client.fetch();
    const Output &found = find_output(status, output);
    const Explained explained = client.explain(found.id);
    switch (global.format) {
    case Format::text: write_out(explain_text(found, explained, style_of_stdout(global.colour))); break;
    case Format::json: write_out(explain_json(found, explained, JsonLayout::indented)); break;
    case Format::jsonl: write_out(explain_json(found, explained, JsonLayout::one_line)); break;
    }
    return exit_ok;
}

} // namespace soundwarden::cli
