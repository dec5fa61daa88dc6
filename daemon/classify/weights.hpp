// SPDX-License-Identifier: MIT
// How much each piece of evidence weighs: the table of reference/sensing.md §6.2, row by row. Why it is read as it is:
// docs/decisions/009-what-the-classifier-counts.md.
#pragma once

#include "model/classification.hpp"
#include "model/load.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace soundwarden::classify {

/// The rows of the table below, in its order.
enum class Row : std::uint8_t {
    unplugged,
    display,
    built_in,
    shorted,
    ohms_of_a_speaker,
    ohms_of_an_in_ear,
    ohms_of_headphones,
    ohms_of_high_headphones,
    ohms_of_a_line,
    measured_line,
    measured_low,
    answer_now,
    answer_same,
    answer_other,
    microphone,
    buttons,
    no_microphone,
    label_line,
    label_headphones,
    headphone_driver,
    at_hand,
    at_the_back,
    own_headset,
    own_headphones,
    own_speaker,
    terminal_ears,
    terminal_speaker,
    terminal_line,
    class_headphone,
    class_speaker,
    class_headset,
    class_hands_free,
    name_headphones,
    name_headset,
    name_in_ear,
    name_speaker,
    surround,
    declared_headphones,
};

/// What a row adds to the odds of each load, in decibans: +10 makes them ten times as large. `line`: line inputs, and headphone
/// amplifiers, whose input is one.
struct Decibans {
    double headphones = 0.0;
    double headset = 0.0;
    double in_ear = 0.0;
    double active_speakers = 0.0;
    double passive_speakers = 0.0;
    double line = 0.0;
    constexpr double of(Load load) const {
        switch (load) {
        case Load::headphones: return headphones;
        case Load::headset: return headset;
        case Load::in_ear: return in_ear;
        case Load::active_speakers: return active_speakers;
        case Load::passive_speakers: return passive_speakers;
        case Load::line_input:
        case Load::headphone_amplifier: return line;
        case Load::nothing:
        case Load::internal_speaker:
        case Load::display:
        case Load::unknown: return 0.0;
        }
        return 0.0;
    }
};

/// What a row can do.
enum class Force : std::uint8_t {
    decides, ///< a hard fact: the load is certain, and nothing is weighed
    speaks,  ///< of the load: with it, all that is known is weighed
    leans,   ///< of the socket only: counts where another row has spoken
};

struct Weight {
    Row row;
    std::string_view id; ///< in the reference's table
    std::string_view what;
    std::string_view source; ///< section of reference/sensing.md
    Force force = Force::speaks;
    Decibans adds{};
    Confidence at_most = Confidence::high; ///< what it says can never be surer
};

inline constexpr Weight weights[] = {
    // Hard facts.
    {Row::unplugged, "H1", "nothing is plugged in", "§6.2", Force::decides},
    {Row::display, "H2", "a display that names itself", "§6.2, §1.1 (ELD)", Force::decides},
    {Row::built_in, "H3", "the machine's own loudspeaker", "§6.2, §4.4", Force::decides},
    {Row::shorted, "H4", "under 2 ohm: a short circuit", "§6.2, §6.5", Force::decides},

    // Measured ohms. What the reference leaves unsaid follows from the table of loads: nothing for the ears has less than 8 ohm, and
    // lines and powered speakers have 10 kohm and more (§3.1). 1 to 5 kohm say nothing and have no row.
    {Row::ohms_of_a_speaker, "H4", "2 to 8 ohm", "§6.2, §3.1", Force::speaks,
     {.headphones = -20, .headset = -20, .in_ear = -15, .active_speakers = -20, .passive_speakers = 15, .line = -20}},
    {Row::ohms_of_an_in_ear, "H4", "8 to 12 ohm", "§6.2, §3.1", Force::speaks, {.in_ear = 5, .active_speakers = -20, .line = -20}},
    {Row::ohms_of_headphones, "H4", "12 to 150 ohm", "§6.2", Force::speaks, {.headphones = 20, .headset = 20, .in_ear = 20}},
    {Row::ohms_of_high_headphones, "H4", "150 to 1000 ohm", "§6.2", Force::speaks, {.headphones = 20}},
    {Row::ohms_of_a_line, "H4", "5 kohm and more, or an open cable", "§6.2, §2", Force::speaks, {.active_speakers = 20, .line = 20}},

    // What the driver measured without telling ohms. The second row is the same test with the other result.
    {Row::measured_line, "H5", "measured: high impedance", "§6.2, §2", Force::speaks,
     {.headphones = -15, .headset = -15, .in_ear = -15, .active_speakers = 15, .passive_speakers = -15, .line = 15}},
    {Row::measured_low, "H5", "measured: no high impedance", "§2", Force::speaks, {.active_speakers = -15, .line = -15}},

    // Answers: they add to the load that was named.
    {Row::answer_now, "U3", "told of this plug", "§6.2", Force::decides},
    {Row::answer_same, "U1", "told before, and the same is measured", "§6.2", Force::speaks},
    {Row::answer_other, "U2", "told before of something that measured otherwise", "§6.2", Force::leans},

    {Row::microphone, "M1", "a microphone on the plug", "§6.2", Force::speaks,
     {.headphones = -15, .headset = 15, .in_ear = -15, .active_speakers = -15, .passive_speakers = -15, .line = -15}},
    {Row::buttons, "M2", "media buttons on the cable", "§6.2", Force::speaks, {.headset = 20}},
    {Row::no_microphone, "M3", "no microphone on the plug", "§6.2", Force::leans, {.headset = -10}},

    // Labels: of the socket.
    {Row::label_line, "D1", "a jack called a line output", "§6.2", Force::leans, {.active_speakers = 3, .line = 3}},
    {Row::label_headphones, "D1", "a jack called headphones", "§6.2", Force::leans, {.headphones = 3, .headset = 3}},
    {Row::headphone_driver, "D2", "a line output with a headphone driver", "§6.2, §1.4", Force::leans, {.headphones = 3}},
    {Row::at_hand, "D3", "at the front, or a portable machine", "§6.2", Force::leans, {.headphones = 5}},
    {Row::at_the_back, "D3", "at the back", "§6.2", Force::leans, {.active_speakers = 6}},

    // A device that plays through itself and says what it is: the upper end of I1. Devices known by their ids are in the policies.
    {Row::own_headset, "I1", "a headset with a converter of its own", "§6.2", Force::speaks, {.headset = 15}},
    {Row::own_headphones, "I1", "headphones with a converter of their own", "§6.2", Force::speaks, {.headphones = 15}},
    {Row::own_speaker, "I1", "a loudspeaker with a converter of its own", "§6.2", Force::speaks, {.active_speakers = 15}},

    {Row::terminal_ears, "I2", "a terminal for headphones or a headset", "§6.2, §1.4", Force::speaks, {.headphones = 10, .headset = 10}},
    {Row::terminal_speaker, "I2", "a terminal for a desktop or room loudspeaker", "§6.2, §1.4", Force::speaks, {.active_speakers = 10}},
    // A line connector is a socket, not what hangs on it.
    {Row::terminal_line, "I2", "a line connector", "§6.2, §1.4", Force::leans, {.line = 10}},

    // Bluetooth's class of device. Most loudspeakers and many earbuds call themselves a headset (§4.2).
    {Row::class_headphone, "I3", "class headphone", "§6.2, §4.2", Force::speaks, {.headphones = 15}},
    {Row::class_speaker, "I3", "class loudspeaker, hi-fi, portable or car", "§6.2, §4.2", Force::speaks, {.active_speakers = 12}},
    {Row::class_headset, "I3", "class headset", "§6.2, §4.2", Force::speaks, {.headphones = 6, .headset = 6}, Confidence::low},
    {Row::class_hands_free, "I3", "class hands-free", "§6.2, §4.2", Force::speaks, {.headphones = 3, .headset = 3}, Confidence::low},

    {Row::name_headphones, "I4", "calls itself headphones", "§6.2", Force::speaks, {.headphones = 6}},
    {Row::name_headset, "I4", "calls itself a headset", "§6.2", Force::speaks, {.headset = 6}},
    {Row::name_in_ear, "I4", "calls itself in-ear", "§6.2", Force::speaks, {.in_ear = 6}},
    {Row::name_speaker, "I4", "calls itself a loudspeaker", "§6.2", Force::speaks, {.active_speakers = 6}},

    {Row::surround, "C1", "a surround profile", "§6.2", Force::speaks, {.active_speakers = 12, .line = 12}},
    {Row::declared_headphones, "X1", "the card was told: headphones", "§6.2, §2", Force::speaks, {.headphones = 12}},
};

constexpr const Weight &weight_of(Row row) { return weights[static_cast<std::size_t>(row)]; }

constexpr bool rows_are_in_order() {
    for (std::size_t i = 0; i < std::size(weights); ++i)
        if (static_cast<std::size_t>(weights[i].row) != i) return false;
    return true;
}
static_assert(rows_are_in_order());
static_assert(std::size(weights) == static_cast<std::size_t>(Row::declared_headphones) + 1);

inline constexpr double answer_same_decibans = 20.0;
inline constexpr double answer_other_decibans = 5.0;

/// The least prior of a load that was named at this socket before: it is no rarity there. With the priors alone a named line input
/// would stay beside 19 % of headphones, and no such answer would ever count.
inline constexpr double named_load_prior = 0.10;

/// An open extension cable measures like a line until headphones are plugged into its far end, which nobody sees (§2, §6.3): until somebody
/// has said what it is, headphones stay more probable than posture protect overlooks (product.md: 15 %)…
inline constexpr double open_cable_floor = 0.16;
/// …and as probable as §6.2 has it (H5) from then on: posture strict (2 %) goes on counting them.
inline constexpr double told_cable_floor = 0.03;

/// Loads less probable than this are left out.
inline constexpr double least_probability = 0.001;

inline constexpr double high_from = 0.95;
inline constexpr double medium_from = 0.80;

} // namespace soundwarden::classify
