// SPDX-License-Identifier: MIT
#include "client.hpp"
#include "deadline.hpp"
#include "render/json.hpp"
#include "render/text.hpp"
#include "verbs/verbs.hpp"

namespace soundwarden::cli {

int run_guard(const Global &global, const std::string &output, bool on) {
    const Deadline deadline{global.timeout};
    BusClient client{global.timeout};
    const std::string id = find_output(client.fetch(), output).id;
    client.guard(id, on);
    const Status status = client.fetch();
    const Output &now = find_output(status, id);
    switch (global.format) {
    case Format::text: write_out(guard_text(now, on)); break;
    case Format::json: write_out(show_json(status, now, JsonLayout::indented)); break;
    case Format::jsonl: write_out(show_json(status, now, JsonLayout::one_line)); break;
    }
    return exit_ok;
}

} // namespace soundwarden::cli
