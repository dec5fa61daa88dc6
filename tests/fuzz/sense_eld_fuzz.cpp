// SPDX-License-Identifier: MIT
// What a display says of itself, whatever it is.
#include "eld.hpp"
#include "sense_invariants.hpp"

#include <vector>

namespace {

using namespace soundwarden;
using namespace soundwarden::sense;

void require_eld(const Eld &eld) {
    if (!eld.valid) {
        fuzz::require(eld == Eld{.pcm = 7, .index = 1}, "what is not valid says nothing");
        return;
    }
    fuzz::require_printable(eld.monitor, 16);
    fuzz::require(eld.maker.empty() || eld.maker.size() == 3, "a maker has three letters");
    for (const char letter : eld.maker) fuzz::require(letter >= 'A' && letter <= 'Z', "which are letters");
    fuzz::require(eld.product <= 0xFFFF && eld.channels <= 8, "numbers fit their bits");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const fuzz::TimeBound bound;
    const std::vector<std::uint8_t> bytes(data, data + size); // exactly as long, so that a byte behind the end is seen
    const Eld eld = parse_eld(bytes, 7, 1);
    require_eld(eld);
    if (!eld.valid) return 0;
    std::vector<std::uint8_t> longer = bytes;
    longer.resize(size + 128, 0xA5);
    fuzz::require(parse_eld(longer, 7, 1) == eld, "what lies behind it counts for nothing");
    return 0;
}
