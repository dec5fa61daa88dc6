// SPDX-License-Identifier: MIT
#include "engine/checks.hpp"

#include <algorithm>

namespace soundwarden::engine {
namespace {

/// What a reason of the snapshot's means. One that has no row here is a warning without a command: its sentence says what to do.
struct Meaning {
    std::string_view token;
    Grade grade;
    const char *means;
    const char *command;
};

constexpr const char *restart_wireplumber = "systemctl --user restart pipewire wireplumber";
constexpr const char *restart_daemon = "systemctl --user restart soundwarden";

constexpr std::array meanings{
    Meaning{"no-pipewire", Grade::fault, "Nothing is guarded until it is back.", "systemctl --user start pipewire.service"},
    Meaning{"pulseaudio", Grade::fault, "What plays through it is not limited.", "systemctl --user mask --now pulseaudio.socket pulseaudio.service"},
    Meaning{"no-wireplumber-part", Grade::fault,
            "When the daemon ends or crashes, what plays goes to the card past the guard; new cards are not held shut until they are judged.",
            restart_wireplumber},
    Meaning{"guard-failed", Grade::fault, "What plays there is not limited.", restart_daemon},
    Meaning{"foreign-link", Grade::fault, "What plays through these links is bounded inside the sink only.", "pw-link --list"},
    Meaning{"direct-alsa", Grade::fault, "What that program plays is not limited by anything.", "fuser -v /dev/snd/pcm*p"},
    Meaning{"policy-invalid", Grade::fault, "What the files say is not in force.", "soundwarden policy check"},
    Meaning{"no-bus", Grade::warning, "Nobody can ask the daemon or tell it anything; protection goes on.",
            "systemctl --user start dbus.socket"},
    Meaning{"no-link-warden", Grade::warning, "A link past a guard is heard for longer before it is removed.", restart_daemon},
    Meaning{"no-realtime", Grade::warning, "On a busy machine a link past the guard can be heard for some milliseconds.",
            "sudo apt-get install rtkit && systemctl --user restart pipewire soundwarden"},
    Meaning{"released", Grade::note, "Nothing is limited there, as somebody wished.", ""},
    Meaning{"panic", Grade::note, "Nothing can be heard, as somebody wished.", "soundwarden resume"},
    Meaning{"volume-contested", Grade::warning, "Another program keeps setting a volume that the guard holds; the slider may jump.", ""},
    Meaning{"sink-tampered", Grade::warning, "The bound inside the sink was open for some milliseconds each time; the guard held.", ""},
    Meaning{"sense-controls", Grade::warning, "A plug may be noticed later, and less is known of what it is: the stricter rule holds.",
            "sudo usermod -a -G audio \"$USER\""},
    Meaning{"sense-switches", Grade::warning, "A plug may be noticed later: the stricter rule holds.", "sudo udevadm trigger --subsystem-match=input"},
};

Check check_of(const Reason &reason) {
    const auto row = std::find_if(meanings.begin(), meanings.end(), [&](const Meaning &each) { return each.token == reason.token; });
    if (row == meanings.end()) return {reason.token, Grade::warning, reason.sentence, "", ""};
    return {reason.token, row->grade, reason.sentence, row->means, row->command};
}

void add_outputs(std::vector<Check> &checks, const std::vector<OutputView> &outputs) {
    for (const OutputView &output : outputs) {
        const std::string called = output.name + " (" + output.id + ")";
        const std::string &reason = output.decision.reason;
        if (output.state == OutputState::unprotected && output.active)
            checks.push_back({"unprotected", Grade::fault, called + " is not guarded, and something for the ears may hang there",
                              "What plays there is not limited.", "soundwarden answer " + output.id + " LOAD"});
        else if (output.decision.ask)
            checks.push_back({"question", Grade::note, "it is not known what hangs on " + called,
                              "The strictest rule holds until somebody says it; it may be quieter than it needs to be.",
                              "soundwarden answer " + output.id + " LOAD"});
        if (reason == "guard-off")
            checks.push_back({"guard-off", Grade::note, called + " is left alone", "Nothing is limited there, as somebody wished.",
                              "soundwarden guard " + output.id + " on"});
        if (reason == "override")
            checks.push_back({"override", Grade::note, called + " is under an override", "It may get louder than its rule says, as somebody wished.",
                              "soundwarden override " + output.id + " --cancel"});
    }
}

std::string quoted(const std::string &word) {
    std::string text = "'";
    for (const char c : word) text += c == '\'' ? std::string{"'\\''"} : std::string{c};
    return text + "'";
}

void add_side_paths(std::vector<Check> &checks, const std::vector<SidePathView> &paths) {
    bool any = false;
    for (const SidePathView &each : paths) {
        if (!each.path.on) continue;
        any = true;
        checks.push_back({"side-path", Grade::warning,
                          "'" + each.path.control + "' of " + each.card + " is on: a " + std::string{name_of(each.path.kind)} + " inside the card",
                          "What comes that way reaches the ear past every limit.",
                          "amixer -c " + std::to_string(each.number) + " cset name=" + quoted(each.path.control) + " off"});
    }
    if (!any) checks.push_back({"side-path", Grade::ok, "no sidetone, direct monitor or beep is on that could be seen", "", ""});
}

void add_pipewire(std::vector<Check> &checks, const Machine &machine) {
    if (machine.pipewire_version.empty()) return; // "no-pipewire" tells
    const std::string called = "PipeWire " + machine.pipewire_version;
    if (machine.holds_ceiling) {
        checks.push_back({"inside-sink", Grade::ok, called + " holds the ceiling inside the sink too", "", ""});
        return;
    }
    checks.push_back({"inside-sink", Grade::note, called + " cannot hold a ceiling inside a sink (1.4 can)",
                      "What is linked past a guard is bounded by a volume of at most 18 dB less, until its link is removed.", ""});
}

void add_process(std::vector<Check> &checks, const Machine &machine) {
    if (machine.data_threads > 0 && machine.realtime_threads < machine.data_threads)
        checks.push_back({"no-realtime-data", Grade::warning, "the guards run without real-time priority",
                          "On a busy machine sound drops out, and a guard follows its orders later.",
                          "sudo apt-get install rtkit && systemctl --user restart pipewire soundwarden"});
    else if (machine.data_threads > 0)
        checks.push_back({"no-realtime-data", Grade::ok, "the guards run with real-time priority", "", ""});
    if (machine.supervised) checks.push_back({"not-supervised", Grade::ok, "the service manager brings the daemon back", "", ""});
    else
        checks.push_back({"not-supervised", Grade::warning, "no service manager started the daemon",
                          "After a crash nobody brings it back: sound stays silent, then quiet.", "systemctl --user enable --now soundwarden"});
}

} // namespace

std::vector<Check> checks_of(const Snapshot &snapshot, Posture posture, const Machine &machine) {
    std::vector<Check> checks;
    for (const Reason &reason : snapshot.reasons) checks.push_back(check_of(reason));
    if (posture == Posture::observe)
        checks.push_back({"observe", Grade::fault, "the posture is observe: the daemon only looks on", "Nothing is limited.",
                          "soundwarden policy show"});
    add_outputs(checks, snapshot.outputs);
    add_side_paths(checks, snapshot.side_paths);
    add_pipewire(checks, machine);
    add_process(checks, machine);
    const auto told = [&](std::string_view token) {
        return std::any_of(snapshot.reasons.begin(), snapshot.reasons.end(), [&](const Reason &reason) { return reason.token == token; });
    };
    if (!machine.pipewire_version.empty() && !told("no-wireplumber-part"))
        checks.push_back({"no-wireplumber-part", Grade::ok, "WirePlumber runs Soundwarden's part", "", ""});
    if (machine.policy_warnings > 0 && !told("policy-invalid"))
        checks.push_back({"policy-warnings", Grade::note, std::to_string(machine.policy_warnings) + " warnings about the policy files",
                          "Something in them may not mean what it looks like.", "soundwarden policy check"});
    else if (!told("policy-invalid")) checks.push_back({"policy-invalid", Grade::ok, "the policy files are sound", "", ""});
    std::stable_sort(checks.begin(), checks.end(), [](const Check &a, const Check &b) { return a.grade < b.grade; });
    return checks;
}

} // namespace soundwarden::engine
