// SPDX-License-Identifier: MIT
// From what is sensed of a socket to what the socket is and what may be plugged into it. Pure; any thread; throws nothing but
// std::bad_alloc. Sources: reference/sensing.md §1.7, §4, §6.2, §6.3.
#pragma once

#include "model/answer.hpp"
#include "model/card.hpp"
#include "model/classification.hpp"
#include "model/output.hpp"
#include "model/socket.hpp"
#include "model/units.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace soundwarden::classify {

/// What the socket is, and the full-scale voltage of its class where the socket's own is not known.
struct Description {
    OutputFacts facts;
    Volts class_full_scale{2.0};
    bool operator==(const Description &) const = default;
};

/// Full-scale voltages by class (product.md, "Default caps").
inline constexpr Volts dongle_full_scale{1.0};
inline constexpr Volts laptop_full_scale{1.4};
inline constexpr Volts desktop_full_scale{2.0};
inline constexpr Volts unknown_full_scale{2.0};
inline constexpr Volts interface_full_scale{4.0};

/// Whether a route of this card is the machine's own loudspeaker (what SocketFacts::has_internal_speaker is made of).
bool is_internal_speaker(const SocketFacts &socket);

/// A model of a load that a device's own name looks like: `[[load]]` with `match` in a policy.
struct Called {
    Load kind = Load::unknown;
    LoadFacts facts{}; ///< with its model; ModelFrom::pattern
    bool operator==(const Called &) const = default;
};

/// What there is besides PipeWire's word. Nothing is owned; null: nothing is known.
struct Given {
    const CardFacts *card = nullptr;
    const Answer *answer = nullptr;
    bool fresh = false; ///< the answer was given while what hangs there now was plugged in
    const Called *called = nullptr; ///< counts for devices that are their own load: Bluetooth, and converters of their own
};

/// The socket's kind, facts and class. Labels are evidence for the socket, never for the load.
Description describe(const SocketFacts &socket, const CardFacts *card = nullptr);

/// Whether something is plugged in, by all sources together: `no` only where one says so and none says otherwise.
Availability plugged(const SocketFacts &socket, const CardFacts *card);

/// The state of everything on the card that says what hangs on this socket: another text is an edge. Never shown.
std::string jack_state(const SocketFacts &socket, const CardFacts *card);

/// What the hardware tells of the load now, for an answer to be remembered with.
Fingerprint fingerprint(const SocketFacts &socket, const CardFacts *card);
/// Which range a measured impedance is in: bounds at 8, 12, 24, 50, 150, 400, 1000, 5000 ohm (reference/sensing.md §6.4). 0 to 8.
std::uint32_t ohms_bucket(Ohms ohms);

/// How long after an edge the facts keep coming in (reference/sensing.md §6.3): 300 ms, 1.5 s for codecs that measure and for
/// unknown ones that may, 3.5 s for Qualcomm's WCD, which changes its mind for 3 s.
Duration settle_time(const SocketFacts &socket, const CardFacts *card);

/// The loads behind the socket as far as there is evidence of the *load*; {unknown: 1} with low confidence where there is none.
Classification classify(const SocketFacts &socket, OutputKind kind, const Given &given = {});

/// Loads that may turn up at this kind of socket before anything is known, with their prior probabilities.
std::vector<WeightedLoad> plausible_loads(OutputKind kind);

} // namespace soundwarden::classify
