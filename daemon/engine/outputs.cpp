// SPDX-License-Identifier: MIT
#include "outputs.hpp"

#include "classify/classify.hpp"
#include "policy/policy.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

namespace soundwarden::engine {
namespace {

constexpr double largest_volume = 1000.0; // 60 dB: above anything a mixer offers

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

std::string raw_key(const SinkFacts &facts, const RouteFacts *route) {
    const std::string &device = facts.bus_path.empty() ? facts.device_name : facts.bus_path;
    if (device.empty()) return route == nullptr ? facts.key : facts.key + "/" + route->name;
    return device + "/" + (route == nullptr ? profile_part(facts.key) : route->name);
}

OutputId free_id(const std::string &raw, const SinkKey &sink, const std::set<OutputId> &taken) {
    const OutputId id = raw.empty() ? OutputId("output") : id_text(raw);
    if (!taken.contains(id)) return id;
    std::string salted = raw + "\n" + sink;
    OutputId longer = id + "_" + hash_text(salted);
    while (taken.contains(longer)) {
        salted += '\'';
        longer = id + "_" + hash_text(salted);
    }
    return longer;
}

classify::SocketFacts socket_of(const SinkFacts &facts, const RouteFacts *route) {
    classify::SocketFacts socket;
    socket.node_name = facts.key;
    socket.device_name = facts.device_name;
    socket.device_description = facts.device_description;
    socket.api = facts.api;
    socket.bus = facts.bus;
    socket.form_factor = facts.form_factor;
    socket.pro_audio = facts.pro_audio;
    socket.channels = facts.positions.empty() ? 2 : static_cast<std::uint32_t>(facts.positions.size());
    socket.outputs = std::max(1U, static_cast<std::uint32_t>(facts.routes.size()));
    if (route == nullptr) return socket;
    socket.route_name = route->name;
    socket.route_description = route->description;
    socket.port_type = route->port_type;
    socket.product = route->product;
    socket.availability = route->availability;
    return socket;
}

bool card_has_internal_speaker(const SinkFacts &facts) {
    return std::any_of(facts.routes.begin(), facts.routes.end(), [&](const RouteFacts &route) {
        return classify::is_internal_speaker(socket_of(facts, &route));
    });
}

Output describe_output(const SinkFacts &facts, const RouteFacts *route, bool internal_speaker, Posture posture) {
    classify::SocketFacts socket = socket_of(facts, route);
    socket.has_internal_speaker = internal_speaker;
    const classify::Description description = classify::describe(socket);
    const std::vector<WeightedLoad> priors = classify::plausible_loads(description.facts.kind);
    Output output;
    output.raw_key = raw_key(facts, route);
    output.name = facts.description.empty() ? facts.key : facts.description;
    if (route != nullptr) {
        output.name = route->description.empty() ? route->name : route->description;
        output.route = route->index;
        output.route_name = route->name;
        output.availability = route->availability;
    }
    output.facts = description.facts;
    output.class_full_scale = description.class_full_scale;
    output.classification = classify::classify(socket, description.facts.kind);
    output.decision = policy::decide(output.facts, output.class_full_scale, output.classification, posture);
    output.settling_ceiling = policy::settling_ceiling(output.facts, output.class_full_scale, priors, posture);
    if (facts.own_dsp) output.decision.reason = "own-dsp";
    output.needs_guard = !facts.own_dsp && policy::needs_guard(output.facts, priors, posture);
    return output;
}

} // namespace

SinkFacts sanitized(SinkFacts facts) {
    facts.software_gain = sane_volume(facts.software_gain);
    if (facts.active) facts.active->volume = sane_volume(facts.active->volume);
    if (facts.left_limit) facts.left_limit = sane_volume(*facts.left_limit);
    return facts;
}

std::vector<Output> describe_outputs(const SinkFacts &facts, const std::vector<Output> &before,
                                     const std::set<OutputId> &taken, Posture posture) {
    std::vector<Output> outputs;
    if (facts.routes.empty()) outputs.push_back(describe_output(facts, nullptr, false, posture));
    const bool internal_speaker = card_has_internal_speaker(facts);
    for (const RouteFacts &route : facts.routes)
        outputs.push_back(describe_output(facts, &route, internal_speaker, posture));

    std::set<OutputId> used = taken;
    std::vector<const Output *> unclaimed;
    for (const Output &old : before) unclaimed.push_back(&old);
    for (Output &output : outputs) {
        const auto same = std::find_if(unclaimed.begin(), unclaimed.end(), [&](const Output *old) {
            return old != nullptr && old->raw_key == output.raw_key;
        });
        if (same == unclaimed.end()) continue;
        output.id = (*same)->id;
        *same = nullptr;
        used.insert(output.id);
    }
    for (Output &output : outputs) {
        if (!output.id.empty()) continue;
        output.id = free_id(output.raw_key, facts.key, used);
        used.insert(output.id);
    }
    return outputs;
}

void leave_alone(Output &output) {
    output.left_alone = true;
    output.settling_ceiling.reset();
    output.decision = Decision{};
    output.decision.reason = "guard-off";
    output.decision.rule = {"guard-off", "user", 0};
}

const Output *Sink::active() const {
    if (facts.routes.empty()) return outputs.empty() ? nullptr : &outputs.front();
    if (!facts.active) return nullptr;
    for (const Output &output : outputs)
        if (output.route == facts.active->index) return &output;
    return nullptr;
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

std::optional<Decibels> Sink::strictest_settling_ceiling() const {
    std::optional<Decibels> lowest;
    const Output *now = active();
    for (const Output &output : outputs) {
        if (&output != now && output.availability == Availability::no) continue;
        if (output.settling_ceiling && (!lowest || *output.settling_ceiling < *lowest))
            lowest = output.settling_ceiling;
    }
    return lowest;
}

} // namespace soundwarden::engine
