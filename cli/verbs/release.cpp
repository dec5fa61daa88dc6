// SPDX-License-Identifier: MIT
#include "client.hpp"
#include "deadline.hpp"
#include "failure.hpp"
#include "orphans.hpp"
#include "render/json.hpp"
#include "render/text.hpp"
#include "verbs/verbs.hpp"

#include <algorithm>

namespace soundwarden::cli {
namespace {

/// The sinks that nothing guards afterwards.
std::vector<std::string> release_by_daemon(const std::string &output, const Access &access) {
    BusClient client{access};
    client.expect_running();
    const Status status = client.fetch();
    if (!output.empty()) {
        const Output &found = find_output(status, output);
        client.release(found.id);
        return {found.sink};
    }
    client.release("");
    std::vector<std::string> sinks;
    for (const Output &each : status.outputs)
        if (std::find(sinks.begin(), sinks.end(), each.sink) == sinks.end()) sinks.push_back(each.sink);
    return sinks;
}

} // namespace

int run_release(const Global &global, const std::string &output) {
    const Deadline deadline{global.timeout + change_timeout(global)};
    std::vector<std::string> sinks;
    bool by_daemon = true;
    try {
        sinks = release_by_daemon(output, global);
    } catch (const Failure &failure) {
        if (!failure.no_daemon) throw;
        by_daemon = false;
        sinks = release_orphans(output, global.timeout);
    }
    switch (global.format) {
    case Format::text: write_out(release_text(sinks, by_daemon)); break;
    case Format::json: write_out(release_json(sinks, JsonLayout::indented)); break;
    case Format::jsonl: write_out(release_json(sinks, JsonLayout::one_line)); break;
    }
    return exit_ok;
}

} // namespace soundwarden::cli
