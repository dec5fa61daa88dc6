// SPDX-License-Identifier: MIT
// Sentences that the command does not make itself, for catalogs to have them: reasons and checks of the daemon, why a rule matches, mistakes
// on the command line. On the bus, in JSON and in the log they are English.
#include "translate.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace soundwarden::cli {
namespace {

// The more special one of two that fit stands first.
constexpr std::array sentences{
    // Reasons (daemon/engine/view.cpp, daemon/daemon.cpp and the adapters).
    N_("nothing guards {0} since its release; take it back with: soundwarden guard OUTPUT on"),
    N_("no guard could be made for {0}; trying again"),
    N_("links lead past the guard into {0}; see pw-link -l, remove them"),
    N_("the volume of {0} cannot be held; close the program that keeps setting it"),
    N_("past PipeWire, where nothing limits it, plays {0}; close that program, or let it play through PipeWire (ALSA device \"default\")"),
    N_("another program changed the limits inside {0}; they were put back. Close the program that writes there"),
    N_("what is plugged in is known less well than it could be: the controls of {0} cannot be read; log in at this machine's own seat, or join the group audio"),
    N_("what is plugged in is known less well than it could be: the switches of {0} cannot be read; install the udev rule 70-soundwarden-jacks.rules and plug the "
       "card in again, or reboot"),
    N_("what is plugged in is known less well than it could be: the {0} of {1} cannot be read; see dmesg"),
    N_("no connection to PipeWire; systemctl --user start pipewire.service"),
    N_("PulseAudio has the sound cards, and what plays through it passes no guard; let PipeWire take its place: systemctl --user mask --now "
       "pulseaudio.socket pulseaudio.service"),
    N_("everything is silent since it was asked for; take it back with: soundwarden resume"),
    N_("no real-time priority: on a busy machine a link past the guard can be heard for some milliseconds before it is removed. Allow it: install rtkit, then "
       "systemctl --user restart pipewire soundwarden"),
    N_("links past a guard are not removed at once: the connection that watches them was ended; trying again. If it stays so: systemctl --user restart soundwarden"),
    N_("WirePlumber does not run Soundwarden's part: protection ends when the daemon does. Restart it: systemctl --user restart pipewire wireplumber"),
    N_("no session bus ({0}): protection goes on, but the soundwarden command cannot reach the daemon; check DBUS_SESSION_BUS_ADDRESS, or start the bus with: "
       "systemctl --user start dbus.socket"),
    N_("no system bus ({0}): protection goes on, but the soundwarden command cannot reach the daemon; start the bus with: systemctl start dbus.socket"),
    N_("sound cards that are plugged in later are not seen before they play: neither udev nor inotify is available; mend with: sudo sysctl "
       "fs.inotify.max_user_instances=512"),
    N_("what is plugged in cannot be read: {0}; this user is neither at the active seat nor in the group \"audio\"; mend with: sudo usermod --append --groups "
       "audio \"$USER\", then log in again"),
    N_("volumes, answers and what was heard are remembered only until the daemon ends, because {0} cannot be written ({1}); check space and permissions there"),
    N_("the state database could not be used ({0}) and was set aside as {1}; a new one was begun without {2}. What it no longer knows it will ask, or can be told: "
       "soundwarden answer OUTPUT LOAD"),
    N_("{0}; until they are mended the built-in rules hold, in posture strict. See: soundwarden policy check"),
    N_("{0}; what held before goes on until they are mended. See: soundwarden policy check"),
    // Checks (daemon/engine/checks.cpp): what they mean …
    N_("Nothing is guarded until it is back."),
    N_("When the daemon ends or crashes, what plays goes to the card past the guard; new cards are not held shut until they are judged."),
    N_("What plays there is not limited."),
    N_("What plays through it is not limited."),
    N_("What plays through these links is bounded inside the sink only."),
    N_("What that program plays is not limited by anything."),
    N_("What the files say is not in force."),
    N_("Nobody can ask the daemon or tell it anything; protection goes on."),
    N_("A link past a guard is heard for longer before it is removed."),
    N_("On a busy machine a link past the guard can be heard for some milliseconds."),
    N_("Nothing is limited there, as somebody wished."),
    N_("Nothing can be heard, as somebody wished."),
    N_("Another program keeps setting a volume that the guard holds; the slider may jump."),
    N_("The bound inside the sink was open for some milliseconds each time; the guard held."),
    N_("A plug may be noticed later, and less is known of what it is: the stricter rule holds."),
    N_("A plug may be noticed later: the stricter rule holds."),
    N_("The strictest rule holds until somebody says it; it may be quieter than it needs to be."),
    N_("It may get louder than its rule says, as somebody wished."),
    N_("What comes that way reaches the ear past every limit."),
    N_("What is linked past a guard is bounded by a volume of at most 18 dB less, until its link is removed."),
    N_("On a busy machine sound drops out, and a guard follows its orders later."),
    N_("After a crash nobody brings it back: sound stays silent, then quiet."),
    N_("Nothing is limited."),
    N_("Something in them may not mean what it looks like."),
    // … and what was found.
    N_("{0} is not guarded, and something for the ears may hang there"),
    N_("it is not known what hangs on {0}"),
    N_("{0} is left alone"),
    N_("{0} is under an override"),
    N_("'{0}' of {1} is on: a sidetone inside the card"),
    N_("'{0}' of {1} is on: a direct-monitor inside the card"),
    N_("'{0}' of {1} is on: a beep inside the card"),
    N_("no sidetone, direct monitor or beep is on that could be seen"),
    N_("{0} holds the ceiling inside the sink too"),
    N_("{0} cannot hold a ceiling inside a sink (1.4 can)"),
    N_("the guards run without real-time priority"),
    N_("the guards run with real-time priority"),
    N_("the service manager brings the daemon back"),
    N_("no service manager started the daemon"),
    N_("the posture is observe: the daemon only looks on"),
    N_("WirePlumber runs Soundwarden's part"),
    N_("{0} warnings about the policy files"),
    N_("the policy files are sound"),
    // Why a rule matches or not (daemon/policy/explain.cpp).
    N_("the output is none of: {0}"),
    N_("the output is {0}, not {1}"),
    N_("{0} channels, not between {1} and {2}"),
    N_("the load is {0}, not {1}"),
    N_("the confidence is {0}, not {1}"),
    N_("no such low impedance was measured"),
    N_("locked, and stricter"),
    N_("the last that matches"),
    N_("the last that matches; a locked one is stricter"),
    N_("locked: a bound"),
    N_("matches; one that is read later decides"),
    // Refusals (daemon/daemon.cpp, daemon/dbus/authority.cpp).
    N_("the daemon only observes: it was started with --observe, and guards nothing"),
    N_("the daemon is about to end"),
    N_("this output has gone"),
    N_("a locked rule of the administrator's holds it; soundwarden policy show tells which"),
    N_("its rule permits no override that loud; at most {0} dBFS, for {1} s"),
    N_("its rule permits no override that loud"),
    N_("its rule permits no override for that long; at most {0} dBFS, for {1} s"),
    N_("its rule permits no override for that long"),
    N_("that makes no sense here; see soundwarden(1)"),
    N_("this holds only until the daemon ends: {0}"),
    N_("this needs a password, and nobody could be asked for one (polkit action {0}); try again at a terminal or desktop of this machine"),
    N_("polkit does not permit you this (action {0})"),
    N_("polkit could not be asked whether you may: {0}"),
    N_("as many meters are open as there may be at once; close one of them first"),
    // What adds up to the level at full scale (daemon/policy/physics.cpp).
    N_("full scale {0} V"),
    N_("{0} ohm behind {1} ohm"),
    N_("a full-scale sine at the ear"),
    N_("sensitivity {0} dB SPL at 1 V"),
    N_("gain after the converter"),
    N_("class + 15 dB"),
    N_("class"),
    // Quantities (daemon/policy/quantity.cpp); the options are put in front of them.
    N_("{0}: this is empty; write it like {1}"),
    N_("{0}: {1} does not begin with a number; write it like {2}"),
    N_("{0}: {1} is a number out of all bounds; write it like {2}"),
    N_("{0}: {1} has no unit; write it like {2}"),
    N_("{0}: {1} has a comma in its number, which takes a point; write it like {2}"),
    N_("{0}: {1} has a point without a digit after it; write it like {2}"),
    N_("{0}: {1} is no unit for this; write it like {2}"),
    // The command line (CLI11).
    N_("The following argument was not expected: {0}"),
    N_("The following arguments were not expected: {0}"),
    N_("A subcommand is required"),
    N_("{0} is required"),
    N_("{0}: 1 required {1} missing"),
    N_("{0}: At least {1} required but received {2}"),
    N_("{0}: At Most {1} required but received {2}"),
    N_("Could not convert: {0} = {1}"),
    N_("{0}: Value {1} not in range {2} to {3}"),
    N_("{0}: Value {1} not in range [{2} - {3}]"),
};

/// Up to the next place like {0}, and its number; none: to the end.
struct Piece {
    std::string_view text;
    std::optional<std::size_t> place;
};

Piece take_piece(std::string_view &pattern) {
    const std::size_t at = pattern.find('{');
    if (at == std::string_view::npos) return {std::exchange(pattern, {}), std::nullopt};
    const Piece piece{pattern.substr(0, at), static_cast<std::size_t>(pattern[at + 1] - '0')};
    pattern.remove_prefix(at + 3);
    return piece;
}

/// What stands in the places, where the sentence is made like that.
std::optional<std::vector<std::string>> parts_of(std::string_view sentence, std::string_view pattern) {
    std::vector<std::string> parts;
    Piece piece = take_piece(pattern);
    if (!sentence.starts_with(piece.text)) return std::nullopt;
    sentence.remove_prefix(piece.text.size());
    while (piece.place) {
        const Piece after = take_piece(pattern);
        const bool last = !after.place;
        if (last && !sentence.ends_with(after.text)) return std::nullopt;
        const std::size_t end = last ? sentence.size() - after.text.size() : sentence.find(after.text);
        if (end == std::string_view::npos) return std::nullopt;
        parts.resize(std::max(parts.size(), *piece.place + 1));
        parts[*piece.place] = std::string{sentence.substr(0, end)};
        sentence.remove_prefix(end + after.text.size());
        piece = after;
    }
    return sentence.empty() ? std::optional{parts} : std::nullopt;
}

} // namespace

std::string said(std::string_view english) {
    for (const char *pattern : sentences)
        if (const auto parts = parts_of(english, pattern)) return fill_in(tr(pattern), *parts);
    return std::string{english};
}

} // namespace soundwarden::cli
