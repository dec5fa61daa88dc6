// SPDX-License-Identifier: MIT
// The part's metadata object is PipeWire's; its own tool is asked, so that the command needs no PipeWire library.
#include "orphans.hpp"

#include "failure.hpp"
#include "subprocess.hpp"
#include "translate.hpp"

#include <system_error>
#include <thread>

namespace soundwarden::cli {
namespace {

constexpr std::chrono::milliseconds between_questions{20};

std::string pw_metadata(std::vector<std::string> arguments, std::chrono::steady_clock::time_point deadline) {
    arguments.insert(arguments.begin(), {"pw-metadata", "-n", "soundwarden"});
    std::optional<ProgramResult> result;
    try {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        result = run_program(arguments, std::max(left, between_questions));
    } catch (const std::system_error &error) {
        throw Failure{exit_failed, filled(tr("no daemon runs, and PipeWire's tool pw-metadata, which would do without it, cannot be started ({0}). Install it "
                                             "(Debian: pipewire-bin), or start the daemon: systemctl --user start soundwarden"),
                                          error.code().message())};
    }
    if (!result) throw Failure{exit_unreachable, tr("no daemon runs, and PipeWire does not answer in time")};
    if (result->exit_code != 0)
        throw Failure{exit_unreachable, filled(tr("no daemon runs, and PipeWire cannot be reached: {0}"), result->err.substr(0, result->err.find('\n')))};
    return result->out;
}

std::map<std::string, std::string> phases(std::chrono::steady_clock::time_point deadline) { return phases_in(pw_metadata({"0"}, deadline)); }

bool is_orphan(const std::string &phase) { return phase == "silent" || phase == "quiet" || phase == "held"; }

std::vector<std::string> chosen(const std::map<std::string, std::string> &all, const std::string &text) {
    std::vector<std::string> names;
    std::string list;
    for (const auto &[name, phase] : all) {
        if (phase == "free") continue;
        list += "\n  " + name + "  (" + phase + ")";
        if (name == text) return {name};
        if (name.find(text) != std::string::npos) names.push_back(name);
    }
    if (text.empty() || names.size() == 1) return names;
    if (list.empty()) throw Failure{exit_no_such, tr("no daemon runs, and no sink is guarded")};
    throw Failure{exit_no_such, filled(tr("no daemon runs; '{0}' has to be part of the name of one of these sinks:{1}"), text, list)};
}

void release(const std::string &sink, std::chrono::steady_clock::time_point deadline) {
    pw_metadata({"0", "release", sink}, deadline);
    while (phases(deadline).contains(sink)) {
        if (std::chrono::steady_clock::now() >= deadline)
            throw Failure{exit_failed, filled(tr("WirePlumber's part of Soundwarden does not release {0}; restart it: systemctl --user restart wireplumber"), sink)};
        std::this_thread::sleep_for(between_questions);
    }
}

} // namespace

std::map<std::string, std::string> phases_in(std::string_view listing) {
    constexpr std::string_view before_name = "key:'sink.";
    constexpr std::string_view before_phase = "' value:'";
    constexpr std::string_view after = "' type:'";
    std::map<std::string, std::string> found;
    while (!listing.empty()) {
        const auto end = std::min(listing.find('\n'), listing.size());
        const auto line = listing.substr(0, end);
        listing.remove_prefix(std::min(end + 1, listing.size()));
        const auto name = line.find(before_name);
        const auto phase = line.rfind(before_phase);
        const auto type = line.rfind(after);
        if (name == line.npos || phase == line.npos || type == line.npos) continue;
        const auto name_from = name + before_name.size();
        const auto phase_from = phase + before_phase.size();
        if (phase < name_from || type < phase_from) continue;
        found.insert_or_assign(std::string{line.substr(name_from, phase - name_from)},
                               std::string{line.substr(phase_from, type - phase_from)});
    }
    return found;
}

std::string orphans_text(std::chrono::milliseconds timeout) {
    std::map<std::string, std::string> all;
    try {
        all = phases(std::chrono::steady_clock::now() + timeout);
    } catch (const Failure &) { // this is an addition to what is being said already
        return {};
    }
    std::string text;
    for (const auto &[name, phase] : all) {
        if (phase == "silent") text += "\n  " + filled(tr("{0}: its guard is gone, nothing may play to it"), name);
        else if (phase == "held") text += "\n  " + filled(tr("{0}: new, nothing may play to it yet"), name);
        else if (phase == "quiet") text += "\n  " + filled(tr("{0}: its guard is gone, it plays quietly"), name);
    }
    return text;
}

std::vector<std::string> release_orphans(const std::string &text, std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    const auto all = phases(deadline);
    const auto names = chosen(all, text);
    for (const auto &name : names)
        if (!is_orphan(all.at(name)))
            throw Failure{exit_unreachable, filled(tr("a daemon that does not answer on this session bus guards {0}; end it first: systemctl --user stop soundwarden"), name)};
    for (const auto &name : names) release(name, deadline);
    return names;
}

} // namespace soundwarden::cli
