// SPDX-License-Identifier: MIT
#include "view.hpp"

#include "attention.hpp"
#include "model/fault.hpp"
#include "outputs.hpp"
#include "volumes.hpp"

#include <algorithm>

namespace soundwarden::engine {
namespace {

OutputState state_of(const Sink &sink, const Output &output, bool active) {
    const Verdict verdict = output.decision.verdict;
    if (output.facts.pro_audio && !output.left_alone) return OutputState::unprotected;
    if (!sink.guard)
        return verdict == Verdict::allow && sink.failure.empty() ? OutputState::free : OutputState::unprotected;
    if (active && !sink.guard->settled) return OutputState::settling;
    switch (verdict) {
    case Verdict::allow: return OutputState::free;
    case Verdict::limit: return OutputState::guarded;
    case Verdict::block: return OutputState::blocked;
    }
    return OutputState::unprotected;
}

/// What is in force: while it rises, the lower value it rises from (that is what was published).
std::optional<Decibels> ceiling_of(const Guard &guard, const Output &output) {
    if (guard.settled && output.decision.verdict != Verdict::limit) return std::nullopt;
    if (guard.published == open_db || guard.published == silence_db) return std::nullopt;
    return Decibels{guard.published};
}

OutputView view_of(const Sink &sink, const Output &output, const Memory &memory) {
    const Output *active = sink.active();
    OutputView view;
    view.id = output.id;
    view.name = output.name;
    view.sink = sink.facts.key;
    view.active = &output == active;
    view.availability = output.availability;
    view.facts = output.facts;
    view.classification = output.classification;
    view.decision = output.decision;
    view.ear = output.ear;
    view.state = state_of(sink, output, view.active);
    for (const auto &[name, times] : sink.trespasses.times) view.offenders.push_back({name, times});
    if (!sink.guard) return view;
    if (!view.active) {
        view.volume = plug_volume(sink, output, memory);
        return view;
    }
    if (memory.panic) view.state = OutputState::blocked;
    view.question = question_of(output, memory);
    view.recalled = recalled_at(output, memory);
    view.jack_unsure = output.facts.kind == OutputKind::headphone_out && !output.fingerprint.microphone;
    view.limited = !memory.panic && output.decision.verdict == Verdict::limit && newly_limited(output, memory);
    view.ceiling = ceiling_of(*sink.guard, output);
    view.volume = sink.guard->volume;
    view.mute = sink.guard->mute;
    return view;
}

std::string join(const std::vector<std::string> &names) {
    std::string out;
    for (const std::string &name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
}

void add_reasons_of_sinks(std::vector<Reason> &reasons, const std::map<SinkKey, Sink> &sinks, const Memory &memory) {
    std::vector<std::string> released;
    std::vector<std::string> failed;
    std::vector<std::string> foreign;
    std::vector<std::string> contested;
    std::vector<std::string> tampered;
    std::vector<std::string> direct;
    for (const auto &[key, sink] : sinks) {
        if (memory.released.contains(key) && !sink.releasing) released.push_back(key);
        if (!sink.failure.empty()) failed.push_back(key + " (" + sink.failure + ")");
        if (sink.guard && sink.guard->linked && sink.facts.foreign_links > 0) foreign.push_back(key);
        if (sink.guard && (sink.route.fight_until || sink.route.reached)) contested.push_back(key);
        if (const auto use = sink.facts.pcm ? memory.direct_uses.find(*sink.facts.pcm) : memory.direct_uses.end();
            use != memory.direct_uses.end() && sink.guard_wanted)
            direct.push_back(use->second + " to " + key);
        if (sink.tampering.shown > 0) tampered.push_back(key + " (" + std::to_string(sink.tampering.shown) + " times)");
    }
    if (!released.empty())
        reasons.push_back({"released", "nothing guards " + join(released) +
                                           " since its release; take it back with: soundwarden guard OUTPUT on"});
    if (!failed.empty())
        reasons.push_back({"guard-failed", "no guard could be made for " + join(failed) + "; trying again"});
    if (!foreign.empty())
        reasons.push_back(
            {"foreign-link", "links lead past the guard into " + join(foreign) + "; see pw-link -l, remove them"});
    if (!contested.empty())
        reasons.push_back({"volume-contested", "the volume of " + join(contested) +
                                                   " cannot be held; close the program that keeps setting it"});
    if (!direct.empty())
        reasons.push_back({"direct-alsa", "past PipeWire, where nothing limits it, plays " + join(direct) +
                                              "; close that program, or let it play through PipeWire (ALSA device \"default\")"});
    if (!tampered.empty())
        reasons.push_back({"sink-tampered", "another program changed the limits inside " + join(tampered) +
                                                "; they were put back. Close the program that writes there"});
}

/// What mends a source that cannot be read.
const char *mending(const std::string &source) {
    if (source == "controls") return "log in at this machine's own seat, or join the group audio";
    if (source == "switches") return "install the udev rule 70-soundwarden-jacks.rules and plug the card in again, or reboot";
    return "see dmesg";
}

/// Another sound server has the cards, and PipeWire none: nothing that can be heard passes here. Puts the reason first.
bool elsewhere(const std::map<SinkKey, Sink> &sinks, std::vector<Reason> &reasons) {
    const auto reason = std::find_if(reasons.begin(), reasons.end(), [](const Reason &each) { return each.token == "pulseaudio"; });
    const bool cards = std::any_of(sinks.begin(), sinks.end(), [](const auto &entry) { return entry.second.facts.api == "alsa"; });
    if (reason == reasons.end() || cards || fault(Fault::pulseaudio_untold)) return false;
    std::rotate(reasons.begin(), reason, reason + 1);
    return true;
}

/// Cards that something may be guarded on, and what cannot be read of them: the sources, each with all its places.
void add_reasons_of_cards(std::vector<Reason> &reasons, const std::map<SinkKey, Sink> &sinks, const std::map<std::uint32_t, CardFacts> &cards) {
    std::map<std::string, std::vector<std::string>> unread;
    for (const auto &numbered : cards) {
        const CardFacts &card = numbered.second;
        const bool guarded = std::any_of(sinks.begin(), sinks.end(), [&](const auto &entry) {
            return entry.second.guard_wanted && card_of(entry.second.facts, cards) == &card;
        });
        if (!guarded) continue;
        for (const SenseTrouble &trouble : card.troubles)
            unread[trouble.source].push_back(card.name + " (" + trouble.path + ": " + trouble.why + ")");
    }
    for (const auto &[source, places] : unread)
        reasons.push_back({"sense-" + source, "what is plugged in is known less well than it could be: the " + source + " of " + join(places) +
                                                  " cannot be read; " + mending(source)});
}

} // namespace

Snapshot make_snapshot(const std::map<SinkKey, Sink> &sinks, const Memory &memory, const std::map<std::uint32_t, CardFacts> &cards,
                       const std::vector<Reason> &faults, bool pipewire_lost, bool fail_safe) {
    Snapshot snapshot;
    if (pipewire_lost)
        snapshot.reasons.push_back(
            {"no-pipewire", "no connection to PipeWire; systemctl --user start pipewire.service"});
    snapshot.reasons.insert(snapshot.reasons.end(), faults.begin(), faults.end());
    if (memory.panic)
        snapshot.reasons.push_back({"panic", "everything is silent since it was asked for; take it back with: soundwarden resume"});
    add_reasons_of_sinks(snapshot.reasons, sinks, memory);
    add_reasons_of_cards(snapshot.reasons, sinks, cards);
    for (const auto &[number, card] : cards)
        for (const SidePath &path : card.side_paths) snapshot.side_paths.push_back({card.name, number, path});
    snapshot.state = snapshot.reasons.empty() ? RunState::running : RunState::degraded;
    if (fail_safe) snapshot.state = RunState::fail_safe;
    if (pipewire_lost || elsewhere(sinks, snapshot.reasons)) snapshot.state = RunState::not_protecting;
    for (const auto &[key, sink] : sinks) {
        const auto first = static_cast<std::ptrdiff_t>(snapshot.outputs.size());
        for (const Output &output : sink.outputs) snapshot.outputs.push_back(view_of(sink, output, memory));
        std::stable_partition(snapshot.outputs.begin() + first, snapshot.outputs.end(),
                              [](const OutputView &view) { return view.active; });
    }
    return snapshot;
}

} // namespace soundwarden::engine
