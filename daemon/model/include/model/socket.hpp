// SPDX-License-Identifier: MIT
// Socket: one output as the graph and the kernel describe it. What classification and policy match on.
#pragma once

#include "model/output.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace soundwarden {

/// The sink, its card, and one route (empty texts for a sink without routes, and for what nobody tells).
struct SocketFacts {
    std::string node_name;
    std::string device_name; ///< empty: no device behind the sink
    std::string device_description;
    std::string api; ///< "alsa", "bluez5", "" (virtual)
    std::string bus; ///< "pci", "usb", …
    std::string bus_path;   ///< "pci-0000:00:1f.3", "usb-0:1:1.0"
    std::string vendor_id;  ///< "1235": four hexadecimal digits, lower case
    std::string product_id; ///< "8210": likewise
    std::string card_name;  ///< alsa.card_name: "Scarlett 2i2 USB"
    std::string driver;     ///< alsa.driver_name: "snd_hda_intel"
    std::string form_factor;
    std::string bluetooth_class{}; ///< class of device, "0x240404"
    std::string codec{};           ///< of a Bluetooth link
    std::optional<std::uint32_t> pcm_device{}; ///< of the ALSA card
    bool pro_audio = false;
    std::uint32_t channels = 2;
    bool has_internal_speaker = false; ///< some route of the same card is a built-in speaker
    std::uint32_t outputs = 1;         ///< routes that the sink can switch to

    std::string route_name;
    std::string route_description;
    std::string port_type;
    std::string availability_group{}; ///< routes of one group share a jack that cannot tell them apart
    std::string product; ///< of the display behind hdmi
    Availability availability = Availability::unknown;
    bool operator==(const SocketFacts &) const = default;
};

} // namespace soundwarden
