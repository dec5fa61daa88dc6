// SPDX-License-Identifier: MIT
#include "local_checks.hpp"

#include "files/layers.hpp"
#include "policy/policy_set.hpp"
#include "subprocess.hpp"
#include "translate.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace soundwarden::cli {
namespace {

/// PulseAudio itself writes who it is; PipeWire's stand-in for it does not.
bool pulseaudio_runs() {
    const char *directory = std::getenv("XDG_RUNTIME_DIR");
    if (directory == nullptr) return false;
    std::ifstream file(std::filesystem::path(directory) / "pulse" / "pid");
    long pid = 0;
    if (!(file >> pid) || pid <= 0) return false;
    std::ifstream comm("/proc/" + std::to_string(pid) + "/comm");
    std::string name;
    return std::getline(comm, name) && name == "pulseaudio";
}

/// "enabled", "disabled", …; nothing where there is no service manager to ask, or no such unit.
std::optional<std::string> start_of_service(const Access &access) {
    try {
        const auto asked = run_program({"systemctl", access.system ? "--system" : "--user", "is-enabled", "soundwarden.service"}, access.timeout);
        if (!asked) return std::nullopt;
        const std::string word = asked->out.substr(0, asked->out.find('\n'));
        constexpr std::array known{"enabled", "enabled-runtime", "disabled", "masked", "masked-runtime"};
        return std::find(known.begin(), known.end(), word) == known.end() ? std::nullopt : std::optional{word};
    } catch (const std::system_error &) {
        return std::nullopt;
    }
}

/// Root has locked a rule on this machine: what people may hear is to be bounded whether they like it or not.
bool caps_are_locked() {
    const policy::Loaded loaded = policy::load(files::read_layers(files::machine_layers({})));
    return loaded.set && !loaded.set->locked.empty();
}

/// "active", "inactive", "failed", …; nothing where there is no service manager to ask, or the helper is not installed.
std::optional<std::string> state_of_hold(const Access &access) {
    try {
        // A unit that is not there is "inactive", too.
        const auto asked = run_program({"systemctl", "--system", "show", "--property=LoadState,ActiveState", "soundwarden-hold.service"}, access.timeout);
        if (!asked || asked->out.find("LoadState=loaded\n") == std::string::npos) return std::nullopt;
        constexpr std::string_view name = "ActiveState=";
        const auto at = asked->out.find(name);
        if (at == std::string::npos) return std::nullopt;
        const auto from = at + name.size();
        return asked->out.substr(from, asked->out.find('\n', from) - from);
    } catch (const std::system_error &) {
        return std::nullopt;
    }
}

void check_hold(const Access &access, std::vector<Check> &checks) {
    if (!caps_are_locked()) return;
    const auto state = state_of_hold(access); // nothing: it is not installed
    if (state && (*state == "active" || *state == "reloading")) {
        checks.push_back({"no-hold", "ok", tr("the volumes inside the sound cards are held and locked"), "", ""});
        return;
    }
    checks.push_back({"no-hold", "note", tr("the caps on this machine are locked, and the volumes inside its sound cards are not"),
                      tr("A cap resists mistakes, not somebody who means to get past it: who may log in can end the daemon and play straight to the card."),
                      state ? "sudo systemctl enable --now soundwarden-hold" : ""});
}

int rank_of(const Check &check) {
    constexpr std::array grades{"fault", "warning", "note", "ok"};
    const auto found = std::find(grades.begin(), grades.end(), check.grade);
    return found == grades.end() ? 0 : static_cast<int>(found - grades.begin());
}

} // namespace

std::vector<Check> local_checks(const Access &access) {
    std::vector<Check> checks;
    if (pulseaudio_runs())
        checks.push_back({"pulseaudio", "fault", tr("PulseAudio runs and has the sound cards to itself"),
                          tr("What plays through it goes past PipeWire, where nothing limits it."),
                          "systemctl --user mask --now pulseaudio.socket pulseaudio.service"});
    if (const auto start = start_of_service(access)) {
        if (start->starts_with("enabled")) checks.push_back({"not-enabled", "ok", tr("the service starts with the session"), "", ""});
        else
            checks.push_back({"not-enabled", "warning", filled(tr("the service does not start with the session: it is {0}"), *start),
                              tr("After the next login nothing is limited."),
                              systemctl(access, start->starts_with("masked") ? "unmask soundwarden" : "enable soundwarden")});
    }
    check_hold(access, checks);
    return checks;
}

void sort_checks(std::vector<Check> &checks) {
    std::stable_sort(checks.begin(), checks.end(), [](const Check &a, const Check &b) { return rank_of(a) < rank_of(b); });
}

} // namespace soundwarden::cli
