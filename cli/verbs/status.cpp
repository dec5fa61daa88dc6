// SPDX-License-Identifier: MIT
#include "client.hpp"
#include "deadline.hpp"
#include "failure.hpp"
#include "orphans.hpp"
#include "translate.hpp"
#include "render/json.hpp"
#include "render/metrics.hpp"
#include "render/text.hpp"
#include "verbs/verbs.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace soundwarden::cli {
namespace {

/// Without a daemon it still can be said which sinks are kept shut because of that.
Status fetch(const Global &global) {
    try {
        return BusClient{global}.fetch();
    } catch (const Failure &failure) {
        if (!failure.no_daemon) throw;
        const std::string orphans = orphans_text(global.timeout / 2);
        if (orphans.empty()) throw;
        throw Failure{failure.code, failure.what() + ("\n" + tr("Without it:") + orphans)};
    }
}

} // namespace

int run_metrics(const Global &global) {
    const Deadline deadline{2 * global.timeout};
    std::optional<Status> status;
    std::optional<Dose> dose;
    std::optional<Failure> away;
    try {
        BusClient client{global};
        status = client.fetch();
        const std::int64_t now_s = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
        dose = client.dose(now_s, now_s);
    } catch (const Failure &failure) {
        if (!status) away = failure; // one that counts no dose is there all the same
    }
    write_out(metrics_text(status, dose));
    if (away) throw Failure{*away};
    return exit_ok;
}

int run_status(const Global &global, bool tell_by_exit_code) {
    const Deadline deadline{global.timeout};
    const Status status = fetch(global);
    // A reader that has gone has seen what it wanted: no error.
    switch (global.format) {
    case Format::text: write_out(status_text(status, style_of_stdout(global.colour))); break;
    case Format::json: write_out(status_json(status, JsonLayout::indented)); break;
    case Format::jsonl: write_out(status_json(status, JsonLayout::one_line)); break;
    }
    return tell_by_exit_code ? exit_code_of(status) : exit_ok;
}

} // namespace soundwarden::cli
