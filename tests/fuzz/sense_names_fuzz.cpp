// SPDX-License-Identifier: MIT
// Names of controls, items and serial numbers, whatever they are: an answer for each, fit to show, whatever the case.
#include "jack_name.hpp"
#include "names.hpp"
#include "sense_invariants.hpp"
#include "text.hpp"
#include "usb_serial.hpp"

#include <algorithm>
#include <string>

namespace {

using namespace soundwarden;
using namespace soundwarden::sense;

std::string in_capitals(std::string text) {
    for (char &c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

void require_jack(const Jack &jack) {
    fuzz::require(!jack.name.empty(), "a jack has a name");
    fuzz::require_printable(jack.name, longest_name);
    fuzz::require(!jack.plugged, "a name does not say whether something is plugged in");
    fuzz::require(name_of(jack.use) != "?" && name_of(jack.place) != "?", "a jack has a use and a place");
    fuzz::require(jack.channels.empty() || jack.channels == "front" || jack.channels == "surround" || jack.channels == "clfe" ||
                      jack.channels == "side",
                  "channels have known names");
    fuzz::require(!jack.input || jack.channels.empty(), "inputs have no groups of channels");
    fuzz::require(jack.input || (jack.use != JackUse::microphone && jack.use != JackUse::line_in), "microphones and line-ins are inputs");
    fuzz::require(!jack.input || (jack.use != JackUse::line_out && jack.use != JackUse::headphones_or_microphone),
                  "what is an output too is no input");
}

void require_jacks(const std::string &control) {
    const auto jack = parse_jack(control, 3);
    if (!jack) return;
    require_jack(*jack);
    auto capital = parse_jack(in_capitals(control), 3);
    fuzz::require(capital.has_value(), "a jack is one in capitals");
    capital->name = jack->name;
    fuzz::require(*capital == *jack, "and the same one");
    // Of a longer one some words are gone.
    if (jack->name.size() + 4 < longest_name)
        fuzz::require(parse_jack(jack->name + (jack->phantom ? " Phantom Jack" : " Jack"), 3) == jack,
                      "what is kept of a name says the same");
}

void require_mode(const std::string &mode) {
    fuzz::require_printable(mode, longest_name);
    fuzz::require(
        std::all_of(mode.begin(), mode.end(), [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }),
        "a mode is lower case");
    fuzz::require(mode.empty() || (mode.front() != '_' && mode.back() != '_' && mode.find("__") == std::string::npos), "of whole words");
}

void require_controls(const std::string &control) {
    const std::string capital = in_capitals(control);
    fuzz::require(impedance_side(control) == impedance_side(capital), "impedances are known in capitals");
    fuzz::require(is_selected_mode(control) == is_selected_mode(capital), "modes too");
    fuzz::require(parse_declared(control) == parse_declared(capital), "output selectors too");
    fuzz::require(parse_side_path(control) == parse_side_path(capital), "side paths too");
    require_mode(mode_of_item(control));
    const std::string clean = clean_name(control);
    fuzz::require_printable(clean, longest_name);
    fuzz::require(clean_name(clean) == clean, "a clean name is clean");
}

/// Lines: serial number, vendor, product.
void require_serial(const std::string &text) {
    const std::size_t first = std::min(text.find('\n'), text.size());
    const std::string serial = text.substr(0, first);
    const std::string rest = text.substr(std::min(first + 1, text.size()));
    const std::size_t second = std::min(rest.find('\n'), rest.size());
    const std::string vendor = rest.substr(0, second);
    const std::string product = rest.substr(std::min(second + 1, rest.size()));
    const bool apart = tells_apart(serial, vendor, product);
    fuzz::require(apart == tells_apart(in_capitals(serial), in_capitals(vendor), in_capitals(product)), "case tells nothing apart");
    fuzz::require(!apart || (serial.size() >= 4 && serial.size() <= 126), "a serial number has a length");
    fuzz::require(!apart || tells_apart(serial, {}, {}), "names only take away");
    fuzz::require(!tells_apart(serial, serial, {}) && !tells_apart(serial, {}, serial), "a name is no serial number");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const fuzz::TimeBound bound;
    const std::string text(data, data + size);
    require_jacks(text);
    require_jacks(text + " Jack");
    require_jacks(text + " Phantom Jack");
    require_controls(text);
    require_serial(text);
    return 0;
}
