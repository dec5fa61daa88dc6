// SPDX-License-Identifier: MIT
#include "log.hpp"

#include "client.hpp"
#include "deadline.hpp"
#include "failure.hpp"
#include "render/log_lines.hpp"
#include "suggest.hpp"
#include "translate.hpp"
#include "verbs/verbs.hpp"

#include <algorithm>

namespace soundwarden::cli {
namespace {

/// What the daemon logs. Others may join: this is only for a hint.
const std::vector<std::string> kinds{"answer", "contact", "decision", "degraded", "direct-alsa", "dose", "edge", "foreign-link", "guard", "limit", "log", "mute", "override",
                                     "panic", "pipewire", "policy", "release", "shutdown", "sink", "tampering", "volume"};

std::vector<LogEntry> entries_of(BusClient &client, const LogRequest &request) {
    if (request.output.empty()) return client.log(request.since_unix_ms, request.most, request.what, {});
    try {
        return client.log(request.since_unix_ms, request.most, request.what, find_output(client.fetch(), request.output).sink);
    } catch (const Failure &failure) {
        if (failure.code != exit_no_such) throw;
        // What has gone has a past all the same, under its sink's name.
        auto found = client.log(request.since_unix_ms, request.most, request.what, request.output);
        if (found.empty()) throw;
        return found;
    }
}

std::string nothing_text(const LogRequest &request) {
    const bool known = request.what.empty() || std::find(kinds.begin(), kinds.end(), request.what) != kinds.end();
    return filled(tr("Nothing like that is logged{0}."), known ? std::string{} : did_you_mean(request.what, kinds)) + "\n";
}

} // namespace

int run_log(const Global &global, const LogRequest &request) {
    const Deadline deadline{2 * global.timeout};
    BusClient client{global};
    const auto entries = entries_of(client, request);
    switch (global.format) {
    case Format::text: write_out(entries.empty() ? nothing_text(request) : log_text(entries, style_of_stdout(global.colour))); break;
    case Format::json: write_out(log_json(entries, JsonLayout::indented)); break;
    case Format::jsonl: write_out(log_json(entries, JsonLayout::one_line)); break;
    }
    return exit_ok;
}

} // namespace soundwarden::cli
