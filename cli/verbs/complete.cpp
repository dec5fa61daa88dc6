// SPDX-License-Identifier: MIT
#include "client.hpp"
#include "deadline.hpp"
#include "failure.hpp"
#include "model/answer.hpp"
#include "terminal.hpp"
#include "translate.hpp"
#include "verbs/verbs.hpp"

#include <algorithm>

namespace soundwarden::cli {
namespace {

/// Nobody who presses a key waits longer.
constexpr std::chrono::milliseconds patience{500};

std::string outputs_text(const Global &global) {
    Access access = global;
    access.timeout = std::min(access.timeout, patience);
    const Deadline deadline{access.timeout};
    std::string text;
    for (const Output &output : BusClient{access}.fetch().outputs)
        text += printable(output.id) + "\t" + printable(output.name) + ", " + printable(output.kind) + "\n";
    return text;
}

std::string loads_text() {
    std::string text;
    for (const auto &[load, name] : Names<Load>::table)
        if (answerable(load)) text += std::string{name} + "\n";
    return text;
}

} // namespace

int run_complete(const Global &global, const std::string &what) {
    if (what == "loads") {
        write_out(loads_text());
        return exit_ok;
    }
    if (what != "outputs") throw Failure{exit_usage, "WHAT: " + tr("outputs or loads")};
    try {
        write_out(outputs_text(global));
    } catch (const Failure &) { // a shell that completes is told nothing
    }
    return exit_ok;
}

} // namespace soundwarden::cli
