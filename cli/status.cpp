// SPDX-License-Identifier: MIT
#include "status.hpp"

#include "failure.hpp"
#include "lower.hpp"
#include "translate.hpp"

#include <algorithm>
#include <tuple>

namespace soundwarden::cli {
namespace {

constexpr double limiting_above_db = 0.1;

std::string list_of(const std::vector<const Output *> &outputs) {
    std::string text;
    for (const Output *output : outputs) text += "\n  " + output->id + "  (" + output->name + ")";
    return text;
}

} // namespace

void sort_outputs(std::vector<Output> &outputs) {
    std::stable_sort(outputs.begin(), outputs.end(), [](const Output &a, const Output &b) {
        return std::tuple(std::string_view{a.sink}, !a.active, std::string_view{a.id}) <
               std::tuple(std::string_view{b.sink}, !b.active, std::string_view{b.id});
    });
}

std::vector<std::string_view> changes(const Output &before, const Output &after) {
    std::vector<std::string_view> keys;
    const auto compare = [&](std::string_view key, auto member) {
        if (!(before.*member == after.*member)) keys.push_back(key);
    };
    compare("name", &Output::name);
    compare("sink", &Output::sink);
    compare("kind", &Output::kind);
    compare("active", &Output::active);
    compare("availability", &Output::availability);
    compare("loads", &Output::loads);
    compare("confidence", &Output::confidence);
    compare("evidence", &Output::evidence);
    compare("verdict", &Output::verdict);
    compare("ceiling_dbfs", &Output::ceiling_dbfs);
    compare("cap_dbfs", &Output::cap_dbfs);
    compare("state", &Output::state);
    compare("reason", &Output::reason);
    compare("rule", &Output::rule);
    compare("assumed", &Output::assumed);
    compare("ask", &Output::ask);
    compare("governor", &Output::governor);
    compare("start_level_db", &Output::start_level_db);
    compare("full_scale_volts", &Output::full_scale_volts);
    if (before.facts != after.facts || before.model != after.model) keys.push_back("facts");
    compare("volume", &Output::volume);
    compare("mute", &Output::mute);
    compare("offenders", &Output::offenders);
    return keys;
}

bool limiting(const Output &output) {
    return output.active && output.gain_reduction_db.value_or(0.0) > limiting_above_db;
}

ExitCode exit_code_of(const Status &status) {
    const auto any = [&](auto &&test) { return std::any_of(status.outputs.begin(), status.outputs.end(), test); };
    if (any([](const Output &output) { return output.active && output.state == "blocked"; })) return exit_blocked;
    // A state that this CLI does not know is not "running" either.
    if (status.state != "running") return exit_degraded;
    if (any([](const Output &output) { return output.state == "unprotected" || output.state == "orphaned"; }))
        return exit_degraded;
    return any(limiting) ? exit_limiting : exit_ok;
}

const Output &find_output(const Status &status, std::string_view text) {
    const std::string wanted = lower(text);
    std::vector<const Output *> exact, partial, all;
    for (const Output &output : status.outputs) {
        all.push_back(&output);
        if (output.id == text) return output;
        if (lower(output.name) == wanted) exact.push_back(&output);
        if (lower(output.name).find(wanted) != std::string::npos || lower(output.id).find(wanted) != std::string::npos)
            partial.push_back(&output);
    }
    const auto &candidates = exact.empty() ? partial : exact;
    if (candidates.size() == 1 && !wanted.empty()) return *candidates.front();
    if (all.empty()) throw Failure{exit_no_such, filled(tr("no output '{0}': there are no outputs"), text)};
    if (candidates.empty() || wanted.empty()) throw Failure{exit_no_such, filled(tr("no output '{0}'; there are:{1}"), text, list_of(all))};
    throw Failure{exit_no_such, filled(tr("'{0}' fits more than one output; say which:{1}"), text, list_of(candidates))};
}

} // namespace soundwarden::cli
