// SPDX-License-Identifier: MIT
#include "client.hpp"
#include "deadline.hpp"
#include "render/json.hpp"
#include "render/text.hpp"
#include "verbs/verbs.hpp"

namespace soundwarden::cli {

int run_show(const Global &global, const std::string &output) {
    const Deadline deadline{global.timeout};
    const Status status = BusClient{global}.fetch();
    const Output &found = find_output(status, output);
    switch (global.format) {
    case Format::text: write_out(show_text(found, style_of_stdout(global.colour))); break;
    case Format::json: write_out(show_json(status, found, JsonLayout::indented)); break;
    case Format::jsonl: write_out(show_json(status, found, JsonLayout::one_line)); break;
    }
    return exit_ok;
}

} // namespace soundwarden::cli
