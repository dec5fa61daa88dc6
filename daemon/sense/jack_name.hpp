// SPDX-License-Identifier: MIT
// Names of jack controls. Pure; any thread; throws nothing but std::bad_alloc.
#pragma once

#include "model/card.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace soundwarden::sense {

/// What the name of a "… Jack" control says: HDA's, ASoC's and USB's names, read as words, never compared (reference/sensing.md §1.1).
/// `plugged` stays nothing. Nothing at all where the name's last word is not "Jack" ("Headphone Jack Mode" is another control), and for
/// emu10k1's selector "… Analog/Digital Output Jack". The control must be of interface CARD and a boolean: its name cannot tell.
///
/// - A headset's microphone ("Headset Mic", "Headset - Input") is {headset, input}; its earpieces or the whole ("Headset") are
///   {headset, not input}.
/// - A hole that is an output too ("Headphone Mic") does not count as input.
/// - "Front" before the use is a place, behind it a group of channels: "Front Headphone Front".
/// - "Line", "Aux" and "CD" without a direction are inputs, as HDA names them; "Line - Output" is a line-out.
std::optional<Jack> parse_jack(std::string_view control_name, std::uint32_t index);

} // namespace soundwarden::sense
