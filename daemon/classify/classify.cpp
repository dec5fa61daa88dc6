// SPDX-License-Identifier: MIT
// Evidence of the load itself (reference/sensing.md §6.2: H1-H3, I3), and the priors per kind of socket.
#include "classify/classify.hpp"

#include "text.hpp"

#include <utility>

namespace soundwarden::classify {
namespace {

Classification certain(Load load, Observation why) { return {{{load, 1.0}}, Confidence::certain, {std::move(why)}}; }

/// What 15 decibans make of the priors: about 95 %, and nothing better is known of the rest.
Classification high(Load load, Observation why) {
    return {{{load, 0.95}, {Load::unknown, 0.05}}, Confidence::high, {std::move(why)}};
}

Classification nothing_known(std::vector<Observation> seen) {
    return {{{Load::unknown, 1.0}}, Confidence::low, std::move(seen)};
}

Observation form_factor(const SocketFacts &socket) { return {"device", "form-factor = " + socket.form_factor}; }

/// Many speakers and most earbuds call themselves a headset, so that word alone is weak.
Classification classify_bluetooth(const SocketFacts &socket) {
    const std::string factor = lower(socket.form_factor);
    if (factor == "headphone") return high(Load::headphones, form_factor(socket));
    if (is_any(factor, {"speaker", "hifi", "car", "portable"})) return high(Load::active_speakers, form_factor(socket));
    if (is_any(factor, {"headset", "hands-free"}))
        return {{{Load::headset, 0.6}, {Load::active_speakers, 0.2}, {Load::unknown, 0.2}},
                Confidence::low,
                {form_factor(socket)}};
    if (factor.empty()) return nothing_known({});
    return nothing_known({form_factor(socket)});
}

Classification classify_usb_fixed(const SocketFacts &socket) {
    const std::string factor = lower(socket.form_factor);
    if (is_any(factor, {"headset", "hands-free", "handset"})) return high(Load::headset, form_factor(socket));
    if (factor == "headphone") return high(Load::headphones, form_factor(socket));
    if (is_any(factor, {"speaker", "hifi", "car", "portable"})) return high(Load::active_speakers, form_factor(socket));
    return nothing_known({form_factor(socket)});
}

} // namespace

Classification classify(const SocketFacts &socket, OutputKind kind) {
    // Before the availability: built-in speakers count as "no" while something else is plugged, but they are not
    // unplugged.
    if (kind == OutputKind::internal_speaker)
        return certain(Load::internal_speaker, {"route", socket.route_name + " is built in"});
    if (!socket.route_name.empty() && socket.availability == Availability::no)
        return certain(Load::nothing, {"route", socket.route_name + " = no"});
    switch (kind) {
    case OutputKind::bluetooth: return classify_bluetooth(socket);
    case OutputKind::usb_fixed: return classify_usb_fixed(socket);
    case OutputKind::hdmi:
        if (!socket.product.empty()) return certain(Load::display, {"route", "display " + socket.product});
        break;
    default: break;
    }
    if (socket.route_name.empty()) return nothing_known({});
    return nothing_known({{"route", socket.route_name + " = " + std::string(name_of(socket.availability))}});
}

std::vector<WeightedLoad> plausible_loads(OutputKind kind) {
    switch (kind) {
    case OutputKind::headphone_out:
    case OutputKind::unknown:
        return {{Load::headphones, 0.45},      {Load::headset, 0.20},     {Load::in_ear, 0.20},
                {Load::active_speakers, 0.12}, {Load::line_input, 0.025}, {Load::passive_speakers, 0.005}};
    case OutputKind::line_out:
        return {{Load::active_speakers, 0.60}, {Load::headphones, 0.15},       {Load::line_input, 0.12},
                {Load::headset, 0.05},         {Load::passive_speakers, 0.05}, {Load::in_ear, 0.03}};
    // The source's {headphones} 40 and {both} 30 mean "something for the ears": shared out as at a headphone socket.
    case OutputKind::shared_out:
        return {{Load::headphones, 0.37}, {Load::active_speakers, 0.25}, {Load::in_ear, 0.17},
                {Load::headset, 0.16},    {Load::line_input, 0.04},      {Load::passive_speakers, 0.01}};
    case OutputKind::speaker_out:
        return {{Load::passive_speakers, 0.93}, {Load::line_input, 0.04}, {Load::headphones, 0.03}};
    case OutputKind::internal_speaker: return {{Load::internal_speaker, 1.0}};
    case OutputKind::hdmi:
    case OutputKind::spdif: return {{Load::display, 0.6}, {Load::unknown, 0.4}};
    case OutputKind::usb_fixed:
        return {{Load::headset, 0.45}, {Load::headphones, 0.25}, {Load::active_speakers, 0.25}, {Load::in_ear, 0.05}};
    // Earbuds are a common load here, and nothing tells them from other headphones.
    case OutputKind::bluetooth:
        return {{Load::headphones, 0.35}, {Load::active_speakers, 0.25}, {Load::in_ear, 0.20}, {Load::headset, 0.20}};
    case OutputKind::virtual_output: return {{Load::unknown, 1.0}};
    }
    return {{Load::unknown, 1.0}};
}

} // namespace soundwarden::classify
