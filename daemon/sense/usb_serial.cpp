// SPDX-License-Identifier: MIT
#include "usb_serial.hpp"

#include <algorithm>
#include <cstddef>
#include <string>

namespace soundwarden::sense {
namespace {

constexpr std::size_t longest = 126; // characters of a USB string
constexpr std::size_t shortest = 4;
constexpr std::size_t longest_pattern = 4;

constexpr std::string_view words_for_none[] = {
    "na",           "none",          "null",         "nil",          "empty",           "unknown",    "undefined", "invalid", "default",
    "generic",      "notapplicable", "notspecified", "notavailable", "tobefilledbyoem", "oem",        "test",      "sample",  "demo",
    "serialnumber", "serialno",      "serialnum",    "serial",       "sernum",          "number",     "sn",        "no",      "usbaudio",
    "usb",          "audio",         "device",       "headset",      "speaker",         "microphone", "mic"};

/// Letters and digits in lower case.
std::string bare(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c >= 'A' && c <= 'Z') out += static_cast<char>(c - 'A' + 'a');
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
    }
    return out;
}

bool repeats(std::string_view text) {
    for (std::size_t length = 1; length <= longest_pattern && length * 2 <= text.size(); ++length)
        if (std::equal(text.begin() + static_cast<std::ptrdiff_t>(length), text.end(), text.begin())) return true;
    return false;
}

bool follows(char before, char after) {
    return after == before + 1 || (before == '9' && (after == '0' || after == 'a')) || (before == 'f' && after == '0');
}

bool counts(std::string_view text) {
    const auto up = [](char a, char b) { return !follows(a, b); };
    const auto down = [](char a, char b) { return !follows(b, a); };
    return std::adjacent_find(text.begin(), text.end(), up) == text.end() ||
           std::adjacent_find(text.begin(), text.end(), down) == text.end();
}

bool is_weak(std::string_view text) {
    const std::size_t zeros = std::min(text.find_first_not_of('0'), text.size());
    return text.size() - zeros < 3 || repeats(text) || counts(text);
}

/// YYYYMMDD, of the years in which there is USB.
bool begins_with_date(std::string_view text) {
    if (text.size() < 8 || !std::all_of(text.begin(), text.begin() + 8, [](char c) { return c >= '0' && c <= '9'; })) return false;
    const auto number = [&](std::size_t at, std::size_t length) {
        int value = 0;
        for (const char c : text.substr(at, length)) value = value * 10 + (c - '0');
        return value;
    };
    const int year = number(0, 4);
    const int month = number(4, 2);
    const int day = number(6, 2);
    return year >= 1996 && year <= 2039 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

/// `name` with nothing, or nothing of worth, behind it.
bool says_only(std::string_view serial, std::string_view name) {
    if (name.empty() || !serial.starts_with(name)) return false;
    serial.remove_prefix(name.size());
    return serial.empty() || is_weak(serial);
}

} // namespace

bool tells_apart(std::string_view serial, std::string_view vendor, std::string_view product) {
    const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
    if (serial.size() > longest || !std::all_of(serial.begin(), serial.end(), printable)) return false;
    const std::string own = bare(serial);
    if (own.size() < shortest || is_weak(own)) return false;
    const std::string maker = bare(vendor);
    const std::string model = bare(product);
    if (model.find(own) != std::string::npos || maker.find(own) != std::string::npos) return false;
    if (says_only(own, maker) || says_only(own, model) || says_only(own, maker + model)) return false;
    if (begins_with_date(own) && (own.size() == 8 || is_weak(own.substr(8)))) return false;
    return std::none_of(std::begin(words_for_none), std::end(words_for_none), [&](std::string_view word) { return says_only(own, word); });
}

} // namespace soundwarden::sense
