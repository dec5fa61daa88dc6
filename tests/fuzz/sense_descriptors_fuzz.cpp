// SPDX-License-Identifier: MIT
// USB descriptors, whatever they are.
#include "sense_invariants.hpp"
#include "usb_descriptors.hpp"

#include <algorithm>
#include <vector>

namespace {

using namespace soundwarden;
using namespace soundwarden::sense;

void require_terminals(const std::vector<UsbTerminal> &terminals) {
    fuzz::require(terminals.size() <= most_terminals, "terminals are bounded");
    for (auto terminal = terminals.begin(); terminal != terminals.end(); ++terminal) {
        fuzz::require(terminal->type <= 0xFFFF && terminal->id <= 0xFF, "numbers fit their bytes");
        fuzz::require(!terminal->output || terminal->type >> 8 != 1, "a stream to the host is no output");
        fuzz::require(std::find(terminals.begin(), terminal, *terminal) == terminal, "each is told once");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const fuzz::TimeBound bound;
    const std::vector<std::uint8_t> bytes(data, data + size); // exactly as long, so that a byte behind the end is seen
    const auto all = parse_usb_descriptors(bytes);
    require_terminals(all);
    for (std::uint8_t configuration = 0; configuration < 3; ++configuration) {
        const auto some = parse_usb_descriptors(bytes, configuration);
        require_terminals(some);
        if (all.size() == most_terminals) continue;
        for (const UsbTerminal &terminal : some)
            fuzz::require(std::find(all.begin(), all.end(), terminal) != all.end(), "a configuration has nothing that the device has not");
    }
    std::vector<std::uint8_t> longer = bytes;
    longer.push_back(0);
    longer.push_back(0);
    // A descriptor that was cut may have become whole with them.
    fuzz::require(parse_usb_descriptors(longer).size() <= all.size() + 2, "no length, no more terminals");
    return 0;
}
