// SPDX-License-Identifier: MIT
#include "render/checks.hpp"

#include "client.hpp"
#include "deadline.hpp"
#include "failure.hpp"
#include "local_checks.hpp"
#include "orphans.hpp"
#include "translate.hpp"
#include "verbs/verbs.hpp"
#include "version.hpp"

#include <algorithm>

namespace soundwarden::cli {
namespace {

/// What the daemon sees; without it, that it is away. `code`: what the command ends with.
std::vector<Check> checks_of_daemon(const Global &global, ExitCode &code) {
    try {
        BusClient client{global};
        auto checks = client.checks();
        const Status status = client.fetch();
        if (status.version != SOUNDWARDEN_VERSION)
            checks.push_back({"version", "warning", filled(tr("the daemon is {0}, this command {1}"), status.version, SOUNDWARDEN_VERSION),
                              tr("One of the two was updated; what they tell each other may be incomplete."), systemctl(global, "restart soundwarden")});
        return checks;
    } catch (const Failure &failure) {
        if (failure.code != exit_unreachable) throw;
        code = exit_unreachable;
        std::string found = failure.what();
        if (const std::string orphans = orphans_text(global.timeout / 2); !orphans.empty()) found += tr("; without it:") + orphans;
        std::replace(found.begin(), found.end(), '\n', ' ');
        return {{"no-daemon", "fault", found, tr("Nothing is limited but what the session manager holds shut."), systemctl(global, "enable --now soundwarden")}};
    }
}

} // namespace

int run_doctor(const Global &global) {
    const Deadline deadline{4 * global.timeout};
    ExitCode code = exit_ok;
    auto checks = checks_of_daemon(global, code);
    for (auto &check : local_checks(global)) {
        const bool told = std::any_of(checks.begin(), checks.end(), [&](const Check &each) { return each.token == check.token; });
        if (!told) checks.push_back(std::move(check));
    }
    sort_checks(checks);
    switch (global.format) {
    case Format::text: write_out(checks_text(checks, style_of_stdout(global.colour))); break;
    case Format::json: write_out(checks_json(checks, JsonLayout::indented)); break;
    case Format::jsonl: write_out(checks_json(checks, JsonLayout::one_line)); break;
    }
    return code;
}

} // namespace soundwarden::cli
