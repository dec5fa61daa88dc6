// SPDX-License-Identifier: MIT
// From what PipeWire says of a socket to what the socket is and what may be plugged into it. Pure; any thread; throws
// nothing but std::bad_alloc. Built in until sensing and policy files bring better evidence. Sources:
// reference/sensing.md §4, §6.2.
#pragma once

#include "model/classification.hpp"
#include "model/output.hpp"
#include "model/units.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace soundwarden::classify {

/// One output as the graph describes it: the sink, its card, and one route (empty texts for a sink without routes).
struct SocketFacts {
    std::string node_name;
    std::string device_name; ///< empty: no device behind the sink
    std::string device_description;
    std::string api; ///< "alsa", "bluez5", "" (virtual)
    std::string bus; ///< "pci", "usb", …
    std::string form_factor;
    bool pro_audio = false;
    std::uint32_t channels = 2;
    bool has_internal_speaker = false; ///< some route of the same card is a built-in speaker
    std::uint32_t outputs = 1;         ///< routes that the sink can switch to

    std::string route_name;
    std::string route_description;
    std::string port_type;
    std::string product; ///< of the display behind hdmi
    Availability availability = Availability::unknown;
};

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

/// The socket's kind, facts and class. Labels are evidence for the socket, never for the load.
Description describe(const SocketFacts &socket);

/// The loads behind the socket as far as there is evidence of the *load*; {unknown: 1} with low confidence where there
/// is none.
Classification classify(const SocketFacts &socket, OutputKind kind);

/// Loads that may turn up at this kind of socket before anything is known, with their prior probabilities.
std::vector<WeightedLoad> plausible_loads(OutputKind kind);

} // namespace soundwarden::classify
