// SPDX-License-Identifier: MIT
// What stands as text in properties and metadata, which any client may write. Pure; any thread.
#pragma once

#include <string>

namespace soundwarden::pipewire_adapter {

/// "0x1235" (1.x), "4661" (0.3.65 writes some in decimal) and "usb:1235" (Bluetooth) as "1235": four hexadecimal digits, lower case;
/// empty where it is none of them.
std::string hardware_id(const std::string &text);

/// The name in `{ "name": "alsa_output…" }`; empty where there is none.
std::string name_in_json(const std::string &value);

} // namespace soundwarden::pipewire_adapter
