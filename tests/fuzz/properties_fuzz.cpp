// SPDX-License-Identifier: MIT
// Texts in properties and metadata, whatever they are.
#include "pods.hpp"
#include "property_text.hpp"
#include "sense_invariants.hpp"

#include <algorithm>
#include <spa/param/audio/raw.h>
#include <cstdint>
#include <string>

namespace {

using namespace soundwarden::pipewire_adapter;

void require_hardware_id(const std::string &id) {
    if (id.empty()) return;
    fuzz::require(id.size() == 4, "an identifier has four digits");
    fuzz::require(std::all_of(id.begin(), id.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }),
                  "which are hexadecimal ones");
    fuzz::require(hardware_id("0x" + id) == id && hardware_id("usb:" + id) == id, "and mean the same again");
}

void require_positions(const std::vector<std::string> &names) {
    fuzz::require(names.size() <= SPA_AUDIO_MAX_CHANNELS, "channels are bounded");
    std::string list;
    for (const std::string &name : names) list += " " + name;
    fuzz::require(split_positions("[" + list + " ]") == names, "channels are the same again");
    for (const std::string &name : names) channel_id(name);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const fuzz::TimeBound bound;
    const std::string text(data, data + size);
    fuzz::require(name_in_json(text).size() <= 3 * text.size(), "a name comes from what is there");
    require_hardware_id(hardware_id(text));
    require_positions(split_positions(text));
    return 0;
}
