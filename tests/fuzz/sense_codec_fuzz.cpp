// SPDX-License-Identifier: MIT
// Texts about HDA codecs, whatever they are.
#include "codec_dump.hpp"
#include "sense_invariants.hpp"
#include "text.hpp"

#include <string>

namespace {

using namespace soundwarden;
using namespace soundwarden::sense;

void require_codec(const HdaCodec &codec) {
    fuzz::require_printable(codec.name, longest_name);
    fuzz::require(codec.pins.size() <= most_pins, "pins are bounded");
    for (const HdaPin &pin : codec.pins) {
        fuzz::require(name_of(pin.use) != "?" && name_of(pin.place) != "?", "a pin has a use and a place");
        fuzz::require(pin.use != JackUse::hdmi || pin.place == JackPlace::unknown, "displays have no place");
        fuzz::require(pin.use != JackUse::headset && pin.use != JackUse::headphones_or_microphone, "no pin is called so");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const fuzz::TimeBound bound;
    const std::string text(data, data + size);
    const HdaCodec codec = parse_codec_dump(text);
    require_codec(codec);
    fuzz::require(parse_codec_dump(text + "\n") == codec, "the last line's end counts for nothing");
    fuzz::require(parse_codec_dump(text + "\nNode 0x70 [Audio Output] wcaps 0x41d: Stereo\n  Pincap 0x00000010: OUT\n") == codec,
                  "only pins have pins' capabilities");
    return 0;
}
