// SPDX-License-Identifier: MIT
#include "names.hpp"

#include "text.hpp"

#include <algorithm>

namespace soundwarden::sense {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

bool ends_with(const Words &words, std::string_view last) { return !words.empty() && words.back() == last; }

bool has_in_row(const Words &words, std::string_view first, std::string_view second) {
    return std::adjacent_find(words.begin(), words.end(),
                              [&](const std::string &a, const std::string &b) { return a == first && b == second; }) != words.end();
}

/// "Output", "Output Playback Enum".
bool are_words(Words words, std::initializer_list<std::string_view> wanted) {
    if (ends_with(words, "enum")) words.pop_back();
    if (ends_with(words, "playback")) words.pop_back();
    return std::equal(words.begin(), words.end(), wanted.begin(), wanted.end());
}

SidePathPart part_of(const Words &words) {
    if (ends_with(words, "switch")) return SidePathPart::toggle;
    if (ends_with(words, "volume")) return SidePathPart::volume;
    return SidePathPart::choice;
}

bool is_sidetone(const Words &words) {
    return (has(words, {"sidetone"}) || has_in_row(words, "side", "tone")) && !has(words, {"hpf", "lpf", "filter", "boost", "invert"});
}

bool is_input_monitor(const Words &words) {
    if (has(words, {"direct"}) && has(words, {"monitor", "monitoring"})) return true;
    if (has_in_row(words, "monitor", "mix") || has_in_row(words, "monitor", "mixer")) return true;
    return has_in_row(words, "monitor", "playback") &&
           !has(words, {"master", "main", "output", "out", "speaker", "headphone", "headphones"});
}

/// A microphone that is heard: analog codecs' loopback, and what many headsets call their sidetone.
bool is_heard_microphone(const Words &words) { return has_in_row(words, "mic", "playback") && part_of(words) != SidePathPart::choice; }

bool is_direct_monitor(const Words &words) {
    return is_input_monitor(words) || is_heard_microphone(words) || are_words(words, {"loopback", "mixing"});
}

bool is_beep(const Words &words) {
    if (has_in_row(words, "pc", "speaker")) return part_of(words) != SidePathPart::choice;
    // Not what it is made of ("Beep Frequency"), nor the mixer of what is recorded.
    const bool leads_out = part_of(words) != SidePathPart::choice || ends_with(words, "beep") || ends_with(words, "pcbeep");
    return has(words, {"beep", "pcbeep"}) && !has(words, {"recmix"}) && leads_out;
}

} // namespace

std::optional<Side> impedance_side(std::string_view control_name) {
    Words words = name_words(control_name);
    if (!ends_with(words, "impedance")) return std::nullopt;
    words.pop_back();
    if (has(words, {"hphl", "hpl", "hpoutl"})) return Side::left;
    if (has(words, {"hphr", "hpr", "hpoutr"})) return Side::right;
    if (!has(words, {"hph", "hp", "hpout", "headphone", "headphones"})) return std::nullopt;
    if (has(words, {"l", "left"})) return Side::left;
    if (has(words, {"r", "right"})) return Side::right;
    return std::nullopt;
}

bool is_selected_mode(std::string_view control_name) {
    const Words words = name_words(control_name);
    return words.size() > 2 && words[words.size() - 2] == "selected" && words.back() == "mode";
}

std::string mode_of_item(std::string_view item) {
    std::string mode;
    char before = ' ';
    for (const char c : item) {
        const bool counts = is_upper(c) || is_lower(c) || is_digit(c);
        const bool begins = counts && !mode.empty() && (before == ' ' || (is_lower(before) && is_upper(c)));
        if (mode.size() + (counts ? 1U : 0U) + (begins ? 1U : 0U) > longest_name) break;
        if (begins) mode += '_';
        if (counts) mode += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
        before = counts ? c : ' ';
    }
    return mode;
}

std::optional<Declared> parse_declared(std::string_view control_name) {
    const Words words = name_words(control_name);
    if (are_words(words, {"analog", "output"})) return Declared::output;
    if (are_words(words, {"headphones", "impedance"}) && ends_with(words, "enum")) return Declared::impedance;
    return std::nullopt;
}

std::optional<SidePathControl> parse_side_path(std::string_view control_name) {
    const Words words = name_words(control_name);
    if (has(words, {"capture"}) && !has(words, {"playback"})) return std::nullopt;
    if (is_sidetone(words)) return SidePathControl{SidePathKind::sidetone, part_of(words)};
    if (is_direct_monitor(words)) return SidePathControl{SidePathKind::direct_monitor, part_of(words)};
    if (is_beep(words)) return SidePathControl{SidePathKind::beep, part_of(words)};
    return std::nullopt;
}

} // namespace soundwarden::sense
