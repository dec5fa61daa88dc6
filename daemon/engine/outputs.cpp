// SPDX-License-Identifier: MIT
#include "outputs.hpp"

#include "attention.hpp"
#include "classify/classify.hpp"
#include "model/fault.hpp"
#include "policy/decide.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

namespace soundwarden::engine {
namespace {

constexpr double largest_volume = 1000.0; // 60 dB: above anything a mixer offers
// An answer that eases is asked for again after this (reference/sensing.md §6.4).
constexpr Duration answer_holds = std::chrono::hours(24 * 90);
constexpr std::uint32_t answer_plugs = 30;

/// A volume out of reach counts as the loudest: what cannot be read is not assumed to be quiet.
double sane_volume(double volume) {
    if (std::isnan(volume)) return 1.0;
    return std::clamp(volume, 0.0, largest_volume);
}

std::string id_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        out += upper ? static_cast<char>(c - 'A' + 'a') : (plain ? c : '_');
    }
    return out;
}

/// FNV-1a, 32 bits, as eight hex digits.
std::string hash_text(std::string_view text) {
    std::uint32_t hash = 2166136261U;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    std::string out;
    for (int shift = 28; shift >= 0; shift -= 4) out += "0123456789abcdef"[(hash >> shift) & 15U];
    return out;
}

/// "analog-stereo" of "alsa_output.pci-0000_00_1f.3.analog-stereo".
std::string profile_part(const SinkKey &node_name) {
    const std::size_t dot = node_name.rfind('.');
    return dot == std::string::npos ? node_name : node_name.substr(dot + 1);
}

/// What the card is known by: a USB device's true serial number follows it to another port, anything else stays with the place it
/// is plugged in at. Never ALSA's or PipeWire's numbers; device.name, which counts duplicates up in the order of plugging, only where
/// there is nothing else.
std::string device_key(const SinkFacts &facts, const CardFacts *card) {
    if (card != nullptr && !card->usb_serial.empty())
        return "usb-" + card->vendor_id + "-" + card->product_id + "-" + card->usb_serial;
    return facts.bus_path.empty() ? facts.device_name : facts.bus_path;
}

std::string raw_key(const SinkFacts &facts, const CardFacts *card, const RouteFacts *route) {
    const std::string device = device_key(facts, card);
    if (device.empty()) return route == nullptr ? facts.key : facts.key + "/" + route->name;
    return device + "/" + (route == nullptr ? profile_part(facts.key) : route->name);
}

/// `salt`: what tells it from another one with the same key.
template <class Taken> OutputId free_id(const std::string &raw, const std::string &salt, const Taken &taken) {
    const OutputId id = raw.empty() ? OutputId("output") : id_text(raw);
    if (!taken(id)) return id;
    std::string salted = raw + "\n" + salt;
    OutputId longer = id + "_" + hash_text(salted);
    while (taken(longer)) {
        salted += '\'';
        longer = id + "_" + hash_text(salted);
    }
    return longer;
}

SocketFacts socket_of(const SinkFacts &facts, const RouteFacts *route) {
    SocketFacts socket;
    socket.node_name = facts.key;
    socket.device_name = facts.device_name;
    socket.device_description = facts.device_description;
    socket.api = facts.api;
    socket.bus = facts.bus;
    socket.bus_path = facts.bus_path;
    socket.vendor_id = facts.vendor_id;
    socket.product_id = facts.product_id;
    socket.card_name = facts.card_name;
    socket.driver = facts.driver;
    socket.form_factor = facts.form_factor;
    socket.bluetooth_class = facts.bluetooth_class;
    socket.codec = facts.codec;
    if (facts.pcm) socket.pcm_device = facts.pcm->device;
    socket.pro_audio = facts.pro_audio;
    socket.channels = facts.positions.empty() ? 2 : static_cast<std::uint32_t>(facts.positions.size());
    socket.outputs = std::max(1U, static_cast<std::uint32_t>(facts.routes.size()));
    if (route == nullptr) return socket;
    socket.route_name = route->name;
    socket.route_description = route->description;
    socket.port_type = route->port_type;
    socket.product = route->product;
    socket.availability_group = route->availability_group;
    socket.availability = route->availability;
    return socket;
}

bool card_has_internal_speaker(const SinkFacts &facts) {
    return std::any_of(facts.routes.begin(), facts.routes.end(), [&](const RouteFacts &route) {
        return classify::is_internal_speaker(socket_of(facts, &route));
    });
}

/// An output with its name, and what it is made of; not yet judged.
struct Found {
    Output output;
    SocketFacts socket;
    policy::Profile profile;
    const Output *before = nullptr; ///< the same one, as it was
};

std::string range_text(const std::vector<std::uint32_t> &channels) {
    std::string text;
    for (std::size_t i = 0; i < channels.size(); ++i) {
        std::size_t last = i;
        while (last + 1 < channels.size() && channels[last + 1] == channels[last] + 1) ++last;
        text += (text.empty() ? "" : ",") + std::to_string(channels[i]);
        if (last > i) text += "-" + std::to_string(channels[last]);
        i = last;
    }
    return text;
}

SocketFacts without_plug(SocketFacts socket) {
    socket.availability = Availability::unknown;
    return socket;
}

/// What the policy says of this socket. Only for another policy or other facts it is looked up again: what is plugged in changes often.
std::vector<policy::Profile> profiles_of(const SocketFacts &socket, const std::vector<Output> &before, const Rules &rules) {
    std::vector<policy::Profile> known;
    const SocketFacts same = without_plug(socket);
    for (const Output &old : before)
        if (old.ground && old.ground->set == rules.set && old.ground->socket == same) known.push_back(old.ground->profile);
    return known.empty() ? policy::profiles_for(*rules.set, socket) : known;
}

void find_outputs(const SinkFacts &facts, const RouteFacts *route, bool internal_speaker, const std::vector<Output> &before, const Known &known,
                  std::vector<Found> &found) {
    SocketFacts socket = socket_of(facts, route);
    socket.has_internal_speaker = internal_speaker;
    for (const policy::Profile &profile : profiles_of(socket, before, known.rules)) {
        Output output;
        output.raw_key = raw_key(facts, known.card, route);
        output.name = facts.description.empty() ? facts.key : facts.description;
        if (route != nullptr) {
            output.name = route->description.empty() ? route->name : route->description;
            output.route = route->index;
            output.route_name = route->name;
        }
        output.availability = classify::plugged(socket, known.card);
        output.jacks = classify::jack_state(socket, known.card);
        output.fingerprint = classify::fingerprint(socket, known.card);
        output.settle = classify::settle_time(socket, known.card);
        if (profile.channels) {
            output.channels = *profile.channels;
            output.raw_key += "/" + range_text(output.channels);
            output.name += " " + range_text(output.channels);
        }
        found.push_back({std::move(output), socket, profile});
    }
}

/// The profile of the same channels, as far as it is not the user's own word; of a group that only the user knows, what holds for
/// the whole sink.
policy::Profile trusted_profile(const Found &found, const Rules &rules) {
    std::vector<policy::Profile> all = policy::profiles_for(*rules.set, found.socket, true);
    const auto same = std::find_if(all.begin(), all.end(), [&](const auto &each) { return each.channels == found.profile.channels; });
    if (same != all.end()) return std::move(*same);
    SocketFacts whole = found.socket;
    whole.pro_audio = false; // without groups
    return std::move(policy::profiles_for(*rules.set, whole, true).front());
}

const KnownAnswer *answer_for(const Output &output, const Memory &memory) {
    const auto answer = memory.answers.find(output.id);
    return answer == memory.answers.end() ? nullptr : &answer->second;
}

/// How much a decision lets through: dB, +infinity for all.
double room(const Decision &decision) {
    if (decision.verdict == Verdict::block) return silence_db;
    return decision.verdict == Verdict::limit ? decision.cap.value_or(Decibels{}).value : open_db;
}

/// What an answer does to a decision besides its load. One that eases, and that nothing measured bears out, only widens how far the
/// slider may go: every plug starts as it would without it (product.md, "On the desktop").
void heed_answer(Output &output, const Answer &answer, const Decision &without) {
    const Classification &seen = output.classification;
    Decision &decision = output.decision;
    output.eased = seen.answered && room(decision) > room(without);
    // "Not sure" only ends the question, as long as nothing else seems to hang there.
    if (answer.load == Load::unknown && answer.fingerprint == output.fingerprint) decision.ask = false;
    if (!seen.answered) return;
    decision.ask = seen.ask_again;
    const bool starts_low = room(decision) >= room(without) && anonymous(output);
    if (starts_low && without.start_level) decision.start_level = std::min(decision.start_level.value_or(Decibels{}), *without.start_level);
}

/// What the answer says, with what the policy knows of a model that it names.
Answer with_model(Answer answer, const policy::PolicySet &set) {
    const policy::LoadModel *model = answer.facts.model.empty() ? nullptr : set.find_load(answer.facts.model);
    if (model == nullptr) return answer;
    LoadFacts &facts = answer.facts;
    if (!facts.impedance) facts.impedance = model->impedance;
    if (!facts.sensitivity) facts.sensitivity = model->sensitivity_per_volt();
    if (!facts.rating_watts) facts.rating_watts = model->rating_watts;
    return answer;
}

std::optional<classify::Called> model_called(const SinkFacts &facts, const policy::PolicySet &set) {
    const policy::LoadModel *model = set.load_called(facts.device_description);
    if (model == nullptr) return std::nullopt;
    return classify::Called{model->kind, {model->impedance, model->sensitivity_per_volt(), model->rating_watts, model->name, ModelFrom::pattern}};
}

std::shared_ptr<const Ground> make_ground(const Found &found, const SinkFacts &facts, const classify::Description &seen, const Rules &rules) {
    const OutputFacts of_output = policy::with_profile(seen.facts, found.profile);
    const OutputFacts trusted = policy::with_profile(seen.facts, trusted_profile(found, rules));
    const policy::OutputNames names{found.output.name, found.output.id, facts.key, facts.device_description};
    auto ground = std::make_shared<Ground>(Ground{rules.set, rules.posture, without_plug(found.socket), seen, found.profile, names, trusted.kind,
                                                  policy::Subject(rules.set, of_output, trusted, seen.class_full_scale, names)});
    ground->called = model_called(facts, *rules.set);
    std::vector<WeightedLoad> priors = classify::plausible_loads(of_output.kind);
    if (ground->subject.locked() && trusted.kind != of_output.kind) {
        const std::vector<WeightedLoad> there = classify::plausible_loads(trusted.kind);
        priors.insert(priors.end(), there.begin(), there.end());
    }
    ground->settling_ceiling = policy::settling_ceiling(ground->subject, priors, rules.posture);
    ground->needs_guard = policy::needs_guard(ground->subject, priors, rules.posture);
    return ground;
}

std::shared_ptr<const Ground> ground_of(const Found &found, const SinkFacts &facts, const Known &known) {
    const classify::Description seen = classify::describe(found.socket, known.card);
    const std::shared_ptr<const Ground> old = found.before == nullptr ? nullptr : found.before->ground;
    const bool holds = old && old->set == known.rules.set && old->posture == known.rules.posture && old->seen == seen &&
                       old->profile == found.profile && old->names.name == found.output.name && old->names.id == found.output.id &&
                       old->socket == without_plug(found.socket);
    return holds ? old : make_ground(found, facts, seen, known.rules);
}

/// Sockets that something for the ears hangs on where nobody knows what.
bool ears_likely(OutputKind kind) {
    return kind == OutputKind::headphone_out || kind == OutputKind::shared_out || kind == OutputKind::usb_fixed || kind == OutputKind::bluetooth;
}

std::optional<Ear> ear_at(const Output &output, const Ground &ground) {
    const Load load = output.classification.loads.front().load;
    const bool known = class_of(load) == LoadClass::ears;
    if (!known && !(load == Load::unknown && ears_likely(output.facts.kind))) return std::nullopt;
    const policy::SplSum sum = policy::spl_at_full_scale(output.facts, ground.seen.class_full_scale, load,
                                                         known ? output.classification.facts : LoadFacts{}, policy::Detail::total);
    Ear ear{sum.total, !known || !sum.assumed.empty()};
    if (output.decision.governor) ear.target = *output.decision.governor + sum.total;
    return ear;
}

/// Who the output is stands; what it is, what may hang on it, and what it may get.
void judge(Found &found, const SinkFacts &facts, const Known &known) {
    Output &output = found.output;
    const Rules &rules = known.rules;
    if (!output.ground) output.ground = ground_of(found, facts, known);
    const Ground &ground = *output.ground;
    output.facts = ground.subject.facts();
    output.class_full_scale = ground.seen.class_full_scale;
    output.mode = found.profile.mode.value_or(rules.limiter_mode);
    output.release_ms = found.profile.release_ms.value_or(rules.release_ms);
    output.hold_device = found.profile.hold_device.value_or(false);
    output.encoded = found.profile.passthrough != policy::Passthrough::block;
    output.locked = ground.subject.locked();
    output.settling_ceiling = ground.settling_ceiling;
    output.needs_guard = !facts.own_dsp && ground.needs_guard;
    const KnownAnswer *known_answer = answer_for(output, known.memory);
    const std::optional<Answer> answer = known_answer == nullptr ? std::nullopt : std::optional(with_model(known_answer->answer, *rules.set));
    const classify::Called *called = ground.called ? &*ground.called : nullptr;
    const classify::Given without{known.card, nullptr, false, called};
    const classify::Given given{known.card, answer ? &*answer : nullptr, answer && known_answer->session == known.memory.sessions[output.id], called};
    output.classification = classify::classify(found.socket, output.facts.kind, given);
    // What may hang on a socket that the user calls something else; only locked rules look there.
    if (output.locked && ground.trusted_kind != output.facts.kind)
        output.classification.unanswered = classify::classify(found.socket, ground.trusted_kind, without).loads;
    output.decision = policy::decide(ground.subject, output.classification, rules.posture, rules.ear_target);
    if (answer) {
        const Classification unanswered = classify::classify(found.socket, output.facts.kind, without);
        heed_answer(output, *answer, policy::decide(ground.subject, unanswered, rules.posture, rules.ear_target));
    }
    output.asks = output.decision.ask && !facts.own_dsp &&
                  policy::answer_matters(ground.subject, output.classification, classify::plausible_loads(output.facts.kind), rules.posture);
    output.ear = ear_at(output, ground);
    if (!output.channels.empty()) output.decision.start_level.reset(); // nothing is ever seen to be plugged there
    if (facts.own_dsp) output.decision.reason = "own-dsp";
}

/// Something was plugged in, or may have been: answers are memory from here on.
void begin_session(const OutputId &id, Availability now, Memory &memory) {
    ++memory.sessions[id];
    const auto answer = memory.answers.find(id);
    if (answer == memory.answers.end() || now == Availability::no) return;
    ++answer->second.plugs;
    memory.changed_answers.insert(id);
}

/// Whether an answer that eases is so old, or has been used so often, that it has to be asked for again.
bool outlived(const Output &output, const Known &known) {
    const auto answer = known.memory.answers.find(output.id);
    if (!output.eased || !anonymous(output) || answer == known.memory.answers.end() || output.availability == Availability::no) return false;
    return known.now - answer->second.given > answer_holds || answer->second.plugs > answer_plugs;
}

bool stricter(const Output &a, const Output &b) {
    const Decision &x = a.decision;
    const Decision &y = b.decision;
    if (x.verdict != y.verdict) return x.verdict > y.verdict;
    if (x.cap != y.cap) return x.cap.value_or(Decibels{}) < y.cap.value_or(Decibels{});
    return x.governor.value_or(Decibels{open_db}) < y.governor.value_or(Decibels{open_db});
}

} // namespace

SinkFacts sanitized(SinkFacts facts) {
    facts.software_gain = sane_volume(facts.software_gain);
    if (facts.active) facts.active->volume = sane_volume(facts.active->volume);
    if (facts.left_limit) facts.left_limit = sane_volume(*facts.left_limit);
    return facts;
}

bool is_plug(Availability before, Availability now) {
    return now != before && now != Availability::no && !(before == Availability::yes && now == Availability::unknown);
}

const CardFacts *card_of(const SinkFacts &facts, const std::map<std::uint32_t, CardFacts> &cards) {
    if (!facts.pcm) return nullptr;
    const auto card = cards.find(facts.pcm->card);
    if (card == cards.end()) return nullptr;
    const std::string &place = card->second.bus_path;
    return place.empty() || facts.bus_path.empty() || place == facts.bus_path ? &card->second : nullptr;
}

std::vector<Output> describe_outputs(const SinkFacts &facts, const std::vector<Output> &before,
                                     const std::function<bool(const OutputId &)> &taken, const Known &known) {
    std::vector<Found> found;
    if (facts.routes.empty()) find_outputs(facts, nullptr, false, before, known, found);
    const bool internal_speaker = card_has_internal_speaker(facts);
    for (const RouteFacts &route : facts.routes) find_outputs(facts, &route, internal_speaker, before, known, found);

    std::set<OutputId> used;
    std::vector<const Output *> unclaimed;
    for (const Output &old : before) unclaimed.push_back(&old);
    for (Found &each : found) {
        const auto same = std::find_if(unclaimed.begin(), unclaimed.end(), [&](const Output *old) {
            return old != nullptr && old->raw_key == each.output.raw_key;
        });
        if (same == unclaimed.end()) continue;
        each.output.id = (*same)->id;
        each.before = std::exchange(*same, nullptr);
        used.insert(each.output.id);
    }
    const std::string salt = facts.bus_path.empty() ? facts.key : facts.bus_path + "\n" + profile_part(facts.key);
    std::vector<Output> outputs;
    for (Found &each : found) {
        Output &output = each.output;
        if (output.id.empty()) output.id = free_id(output.raw_key, salt, [&](const OutputId &id) { return used.contains(id) || taken(id); });
        used.insert(output.id);
        const bool plugged = each.before == nullptr || is_plug(each.before->availability, output.availability);
        if (plugged) {
            begin_session(output.id, output.availability, known.memory);
            note_plug(output, each.before, known.memory, known.now);
        }
        judge(each, facts, known);
        if (plugged && outlived(output, known)) {
            known.memory.answers.erase(output.id);
            known.memory.changed_answers.insert(output.id);
            known.memory.expired_answers.insert(output.id);
            judge(each, facts, known);
        }
        outputs.push_back(std::move(output));
    }
    return outputs;
}

void leave_alone(Output &output) {
    output.left_alone = true;
    output.settling_ceiling.reset();
    output.decision = Decision{};
    output.decision.reason = "guard-off";
    output.decision.rule = {"guard-off", "user", 0, 0};
}

void hold_dose(Output &output, std::optional<Decibels> limit) {
    Decision &decision = output.decision;
    if (!limit || !output.ear || decision.verdict == Verdict::block) return;
    const Decibels held = *limit - output.ear->spl_at_full_scale;
    decision.governor = std::min(decision.governor.value_or(held), held);
}

void overrule(Output &output, Decibels ceiling) {
    Decision &decision = output.decision;
    const Decibels highest = fault(Fault::override_unbounded) ? ceiling : std::min({ceiling, decision.override_max, Decibels{0.0}});
    // Louder for a while is meant for the ear too.
    if (decision.governor && !output.locked) decision.governor = *decision.governor + policy::override_room;
    decision.verdict = Verdict::limit;
    decision.cap = highest;
    decision.reason = "override";
    decision.message = "Somebody asked for it, for a while.";
}

const Output *Sink::active() const {
    if (facts.routes.empty()) {
        const auto least = std::min_element(outputs.begin(), outputs.end(), stricter);
        return least == outputs.end() ? nullptr : &*least;
    }
    if (!facts.active) return nullptr;
    for (const Output &output : outputs)
        if (output.route == facts.active->index) return &output;
    return nullptr;
}

std::vector<std::uint32_t> Sink::guarded_channels() const {
    std::set<std::uint32_t> channels;
    for (const Output &output : outputs) channels.insert(output.channels.begin(), output.channels.end());
    return {channels.begin(), channels.end()};
}

const RouteFacts *Sink::active_route() const {
    if (!facts.active) return nullptr;
    for (const RouteFacts &candidate : facts.routes)
        if (candidate.index == facts.active->index) return &candidate;
    return nullptr;
}

bool Sink::pinned() const {
    if (facts.api != "alsa" || facts.routes.empty()) return false;
    return std::none_of(outputs.begin(), outputs.end(),
                        [](const Output &output) { return output.facts.kind == OutputKind::usb_fixed; });
}

std::optional<Decibels> Sink::strictest_settling_ceiling(bool of_all) const {
    std::optional<Decibels> lowest;
    const Output *now = active();
    for (const Output &output : outputs) {
        if (!of_all && &output != now && output.availability == Availability::no) continue;
        if (output.settling_ceiling && (!lowest || *output.settling_ceiling < *lowest))
            lowest = output.settling_ceiling;
    }
    return lowest;
}

bool anonymous(const Output &output) {
    const OutputKind kind = output.facts.kind;
    if (kind == OutputKind::bluetooth || kind == OutputKind::usb_fixed) return false;
    return output.fingerprint.line != true && !output.fingerprint.ohms_bucket && output.fingerprint.product.empty();
}

} // namespace soundwarden::engine
