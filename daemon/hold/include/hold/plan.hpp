// SPDX-License-Identifier: MIT
// Which of a card's elements are held, and at what. Asks the mixer for scales and values, changes nothing. One thread.
#pragma once

#include "hold/mixer.hpp"
#include "policy/hold.hpp"

#include <string_view>
#include <vector>

namespace soundwarden::hold {

/// One element, and the most that each of its channels may stand at.
struct Held {
    Element element;
    std::int64_t most = 0;
    bool capped = false; ///< it carries the cap; the others are kept from amplifying
    bool scaled = false; ///< `most` comes from the element's own scale
    bool above = false;  ///< even its lowest value is above the bound, by its scale
};

/// A volume on the way to an ear: its name ends with "Volume", and it is none of a microphone's gain.
bool is_playback_volume(std::string_view name);

/// The bounds that make up the promise: the cap for the elements that carry it; every other playback volume stays at 0 dB or
/// below, and where it has no scale at what it stands at now.
std::vector<Held> plan(Mixer &mixer, const std::vector<Element> &elements, const policy::HoldBounds &bounds);

} // namespace soundwarden::hold
