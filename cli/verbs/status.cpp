// SPDX-License-Identifier: MIT
#include "client.hpp"
#include "deadline.hpp"
#include "render/json.hpp"
#include "render/text.hpp"
#include "verbs/verbs.hpp"

namespace soundwarden::cli {

int run_status(const Global &global, bool tell_by_exit_code) {
    const Deadline deadline{global.timeout};
    const Status status = BusClient{global.timeout}.fetch();
    // A reader that has gone has seen what it wanted: no error.
    switch (global.format) {
    case Format::text: write_out(status_text(status, style_of_stdout(global.colour))); break;
    case Format::json: write_out(status_json(status, JsonLayout::indented)); break;
    case Format::jsonl: write_out(status_json(status, JsonLayout::one_line)); break;
    }
    return tell_by_exit_code ? exit_code_of(status) : exit_ok;
}

} // namespace soundwarden::cli
