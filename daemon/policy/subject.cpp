// SPDX-License-Identifier: MIT
// Which entries and rules can speak for one output.
#include "policy/decide.hpp"
#include "speaks.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace soundwarden::policy {
namespace {

bool fits(const std::optional<Glob> &pattern, const std::string &text) { return !pattern || pattern->matches(text); }

bool fits(const Match &match, const SocketFacts &socket) {
    return (match.vendor_id.empty() || match.vendor_id == socket.vendor_id) &&
           (match.product_id.empty() || match.product_id == socket.product_id) && fits(match.node, socket.node_name) &&
           fits(match.device, socket.device_name) && fits(match.description, socket.device_description) && fits(match.api, socket.api) &&
           fits(match.bus, socket.bus) && fits(match.bus_path, socket.bus_path) && fits(match.card, socket.card_name) &&
           fits(match.driver, socket.driver) && fits(match.form_factor, socket.form_factor) && fits(match.route, socket.route_name) &&
           fits(match.route_description, socket.route_description) && fits(match.port_type, socket.port_type) &&
           fits(match.product, socket.product);
}

template <class T> void lay(const Maybe<T> &said, std::optional<T> &over) {
    if (said) over = said->value;
}

void lay(const OutputEntry &entry, Profile &over) {
    lay(entry.kind, over.kind);
    lay(entry.full_scale, over.full_scale);
    lay(entry.output_impedance, over.output_impedance);
    lay(entry.gain_after_dac, over.gain_after_dac);
    if (entry.shares) over.shares = entry.shares->value;
    lay(entry.mode, over.mode);
    lay(entry.release_ms, over.release_ms);
    lay(entry.hold_device, over.hold_device);
    lay(entry.passthrough, over.passthrough);
    over.places.push_back(entry.place);
}

bool in_sink(const std::vector<std::uint32_t> &channels, const SocketFacts &socket) {
    return std::all_of(channels.begin(), channels.end(), [&](std::uint32_t channel) { return channel >= 1 && channel <= socket.channels; });
}

/// `locked`: only those that are (not).
std::vector<const Rule *> those_that_speak(const std::vector<Rule> &rules, bool locked, const OutputFacts &facts, const OutputNames &names) {
    std::vector<const Rule *> found;
    for (const Rule &rule : rules)
        if (rule.locked == locked && speaks_for(rule.when, facts, names)) found.push_back(&rule);
    return found;
}

bool any_heeds_confidence(const std::vector<const Rule *> &rules) {
    return std::any_of(rules.begin(), rules.end(), [](const Rule *rule) { return rule->when.confidences != SetOf<Confidence>::all(); });
}

/// The entries that count, as they were read.
std::vector<const OutputEntry *> entries_for(const PolicySet &set, const SocketFacts &socket, bool only_root) {
    std::vector<const OutputEntry *> entries;
    for (const OutputEntry &entry : set.outputs)
        if ((!only_root || is_root_owned(entry.layer)) && fits(entry.match, socket)) entries.push_back(&entry);
    if (!only_root || set.trusted_outputs.empty()) return entries;
    for (const OutputEntry &entry : set.trusted_outputs)
        if (fits(entry.match, socket)) entries.push_back(&entry);
    std::stable_sort(entries.begin(), entries.end(),
                     [](const OutputEntry *a, const OutputEntry *b) { return a->place.file < b->place.file; });
    return entries;
}

/// Pro-audio channels are outputs by somebody's word. Safety: where root locks, root's word of it is not taken back by a file that
/// stands in place of root's.
std::vector<OutputEntry> groups_that_stay(const PolicySet &set, const SocketFacts &socket) {
    std::vector<OutputEntry> groups;
    if (!socket.pro_audio || set.locked.empty()) return groups;
    for (const OutputEntry &entry : set.trusted_outputs) {
        if (!fits(entry.match, socket)) continue;
        groups.emplace_back();
        groups.back().kind = entry.kind;
        groups.back().channels = entry.channels;
        groups.back().place = entry.place;
    }
    return groups;
}

/// Safety: where root locks, and says what all of a pro-audio sink is, nobody else cuts it into groups: what is in none is not guarded.
bool is_whole_by_root(const PolicySet &set, const SocketFacts &socket) {
    if (!socket.pro_audio || set.locked.empty()) return false;
    const std::vector<const OutputEntry *> roots = entries_for(set, socket, true);
    return std::any_of(roots.begin(), roots.end(), [](const OutputEntry *entry) { return entry->kind && !entry->channels; });
}

/// A union of patterns, less those with a "!" in front; with none but those, all are there to begin with. Without its "!", a pattern
/// fits an output by any of its names.
bool names_fit(const std::vector<Glob> &globs, const OutputNames &names) {
    bool only_negated = true;
    bool taken = false;
    for (const Glob &glob : globs) {
        const std::array fit{glob.matches(names.name), glob.matches(names.id), glob.matches(names.sink), glob.matches(names.device)};
        if (glob.negated() && std::find(fit.begin(), fit.end(), false) != fit.end()) return false;
        only_negated = only_negated && glob.negated();
        taken = taken || (!glob.negated() && std::find(fit.begin(), fit.end(), true) != fit.end());
    }
    return only_negated || taken;
}

} // namespace

bool speaks_for(const When &when, const OutputFacts &facts, const OutputNames &names) {
    if (!when.kinds.contains(facts.kind) || facts.channels < when.least_channels || facts.channels > when.most_channels) return false;
    return names_fit(when.outputs, names);
}

bool speaks_for(const When &when, Load load, Confidence confidence, const LoadFacts &facts) {
    if (!when.loads.contains(load) || !when.confidences.contains(confidence)) return false;
    if (!when.most_impedance) return true;
    return facts.model_from == ModelFrom::measured && facts.impedance && *facts.impedance <= *when.most_impedance;
}

std::vector<Profile> profiles_for(const PolicySet &set, const SocketFacts &socket, bool only_root) {
    std::vector<const OutputEntry *> matching;
    const std::vector<OutputEntry> kept = only_root ? std::vector<OutputEntry>{} : groups_that_stay(set, socket);
    for (const OutputEntry &entry : kept) matching.push_back(&entry);
    for (const OutputEntry *entry : entries_for(set, socket, only_root)) matching.push_back(entry);
    if (!only_root && is_whole_by_root(set, socket))
        std::erase_if(matching, [](const OutputEntry *entry) { return entry->channels && !is_root_owned(entry->layer); });
    std::vector<Profile> groups;
    for (const OutputEntry *entry : matching) {
        if (!socket.pro_audio || !entry->channels || !in_sink(entry->channels->value, socket)) continue;
        if (std::none_of(groups.begin(), groups.end(), [&](const Profile &group) { return group.channels == entry->channels->value; })) {
            groups.emplace_back();
            groups.back().channels = entry->channels->value;
        }
    }
    if (groups.empty()) groups.emplace_back();
    for (Profile &group : groups)
        for (const OutputEntry *entry : matching)
            if (!entry->channels || group.channels == entry->channels->value) lay(*entry, group);
    return groups;
}

OutputFacts with_profile(OutputFacts facts, const Profile &profile) {
    if (profile.kind) {
        facts.kind = *profile.kind;
        facts.pro_audio = false;
    }
    if (profile.channels) facts.channels = static_cast<std::uint32_t>(profile.channels->size());
    if (profile.full_scale) facts.full_scale = profile.full_scale;
    if (profile.output_impedance) facts.output_impedance = profile.output_impedance;
    if (profile.gain_after_dac) facts.gain_after_dac = profile.gain_after_dac;
    return facts;
}

Subject::Subject(std::shared_ptr<const PolicySet> set, OutputFacts facts, OutputFacts trusted, Volts class_full_scale, OutputNames names)
    : set_(std::move(set)), facts_(std::move(facts)), trusted_(std::move(trusted)), class_full_scale_(class_full_scale),
      names_(std::move(names)), rules_(those_that_speak(set_->rules, false, facts_, names_)),
      locked_(those_that_speak(set_->locked, true, facts_, names_)), trusted_locked_(those_that_speak(set_->locked, true, trusted_, names_)),
      heeds_confidence_(any_heeds_confidence(rules_) || any_heeds_confidence(locked_) || any_heeds_confidence(trusted_locked_)) {}

bool Subject::locked() const {
    const auto bounds = [](const Rule *rule) { return rule->gives.verdict != Verdict::allow || rule->gives.start_low || rule->gives.to_rating; };
    return std::any_of(locked_.begin(), locked_.end(), bounds) || std::any_of(trusted_locked_.begin(), trusted_locked_.end(), bounds);
}

} // namespace soundwarden::policy
