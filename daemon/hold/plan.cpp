// SPDX-License-Identifier: MIT
#include "hold/plan.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace soundwarden::hold {
namespace {

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

/// Most drivers write it the first way.
bool is_master(const Element &element) { return element.name == "Master Playback Volume" || element.name == "Master Volume"; }

/// Whether an element carries the cap.
bool is_capped(const Element &element, const policy::HoldBounds &bounds, bool has_master) {
    if (bounds.elements.empty()) return !has_master || is_master(element);
    return std::any_of(bounds.elements.begin(), bounds.elements.end(), [&](const policy::Glob &glob) { return glob.matches(element.name); });
}

/// Without a scale: this part of the range, and never more than its loudest channel has now.
std::int64_t without_scale(Mixer &mixer, const Element &element, double percent) {
    const auto now = mixer.read(element);
    const std::int64_t highest = now ? (now.value->empty() ? element.minimum : *std::max_element(now.value->begin(), now.value->end())) : element.minimum;
    const double range = static_cast<double>(element.maximum - element.minimum);
    const auto part = element.minimum + static_cast<std::int64_t>(std::floor(range * percent / 100.0));
    return std::clamp(std::min(highest, part), element.minimum, element.maximum);
}

Held bound(Mixer &mixer, const Element &element, const policy::HoldBounds &bounds, bool capped) {
    const Decibels most = capped ? bounds.cap : Decibels{0.0};
    if (const auto value = mixer.at_most(element, most)) {
        const auto level = mixer.level(element, *value);
        return {element, *value, capped, true, level && *level > most};
    }
    return {element, without_scale(mixer, element, capped ? bounds.without_db : 100.0), capped, false, false};
}

} // namespace

bool is_playback_volume(std::string_view name) {
    if (!name.ends_with("Volume")) return false;
    constexpr std::array inward{"Capture", "Boost", "ADC"};
    return std::none_of(inward.begin(), inward.end(), [&](const char *word) { return has(name, word); });
}

std::vector<Held> plan(Mixer &mixer, const std::vector<Element> &elements, const policy::HoldBounds &bounds) {
    std::vector<Held> held;
    if (!bounds.hold) return held;
    const bool has_master = std::any_of(elements.begin(), elements.end(), is_master);
    for (const Element &element : elements)
        if (is_playback_volume(element.name)) held.push_back(bound(mixer, element, bounds, is_capped(element, bounds, has_master)));
    return held;
}

} // namespace soundwarden::hold
