// SPDX-License-Identifier: MIT
#include "place.hpp"

#include "files.hpp"
#include "text.hpp"
#include "usb_descriptors.hpp"
#include "usb_serial.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <system_error>

namespace soundwarden::sense {
namespace {

namespace fs = std::filesystem;

fs::path sound_class(const Places &places, std::uint32_t card) { return places.sys / "class/sound" / ("card" + std::to_string(card)); }
fs::path proc_of(const Places &places, std::uint32_t card) { return places.proc / "asound" / ("card" + std::to_string(card)); }
fs::path input_class(const Places &places, std::uint32_t event) {
    return places.sys / "class/input" / ("event" + std::to_string(event)) / "device";
}

/// Without links; empty: not there.
fs::path resolved(const fs::path &path) {
    std::error_code error;
    auto real = fs::canonical(path, error);
    return error ? fs::path() : real;
}

bool is_hex(std::string_view text, std::size_t digits) {
    return text.size() == digits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

/// The parents of a place in sysfs, itself first; never beyond the root of the tree.
std::vector<fs::path> upwards(const Places &places, const fs::path &from) {
    constexpr std::size_t deepest = 64;
    const fs::path root = resolved(places.sys);
    std::vector<fs::path> chain;
    for (fs::path at = from; !at.empty() && at != root && at != at.parent_path() && chain.size() < deepest; at = at.parent_path())
        chain.push_back(at);
    return chain;
}

/// The usb_device that a card is an interface of.
fs::path usb_device(const Places &places, std::uint32_t card) {
    for (const fs::path &at : upwards(places, resolved(sound_class(places, card))))
        if (is_hex(read_line(at / "idVendor"), 4) && is_hex(read_line(at / "idProduct"), 4)) return at;
    return {};
}

/// " 0 [PCH            ]: HDA-Intel - HDA Intel PCH": what the control interface would say, readable by everybody.
void add_from_card_list(const Places &places, CardFacts &facts) {
    const auto list = read_file(places.proc / "asound/cards");
    if (!list) return;
    std::string_view text = *list.value;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const auto open = line.find('[');
        const auto close = line.find("]: ");
        const auto start = line.find_first_not_of(' ');
        if (open == line.npos || close == line.npos || start == line.npos || start > open) continue;
        const auto number = line.substr(start, open - start);
        if (number_after(number.substr(0, number.find(' ')), "") != facts.card) continue;
        const std::string_view rest = line.substr(close + 3);
        const auto dash = rest.find(" - ");
        facts.driver = clean_name(rest.substr(0, dash));
        if (dash != rest.npos) facts.name = clean_name(rest.substr(dash + 3));
        return;
    }
}

/// As the drivers write it: "USB1235:8210", "HDA:10ec0295,10280924,00100002" for each codec, with a space between.
std::string components_from_files(const Places &places, std::uint32_t card) {
    if (const std::string usb = read_line(proc_of(places, card) / "usbid"); usb.size() == 9 && usb[4] == ':') return "USB" + usb;
    std::string components;
    for (const std::string &name : names_in(sound_class(places, card))) {
        if (!name.starts_with("hwC" + std::to_string(card) + "D")) continue;
        std::string codec;
        for (const char *part : {"vendor_id", "subsystem_id", "revision_id"}) {
            std::string number = read_line(sound_class(places, card) / name / part);
            if (!number.starts_with("0x")) continue;
            number.erase(0, 2);
            codec += (codec.empty() ? "HDA:" : ",") + std::string(number.size() < 8 ? 8 - number.size() : 0, '0') + number;
        }
        if (!codec.empty()) components += (components.empty() ? "" : " ") + codec;
    }
    return components;
}

void add_usb(const fs::path &device, CardFacts &facts) {
    facts.vendor_id = read_line(device / "idVendor");
    facts.product_id = read_line(device / "idProduct");
    std::string serial = read_line(device / "serial");
    if (tells_apart(serial, read_line(device / "manufacturer"), read_line(device / "product")) &&
        tells_apart(serial, facts.vendor_id, facts.product_id))
        facts.usb_serial = std::move(serial);
    const fs::path file = device / "descriptors";
    const auto bytes = read_file(file);
    if (!bytes) {
        facts.troubles.push_back({"descriptors", file.string(), std::generic_category().message(bytes.error)});
        return;
    }
    const std::vector<std::uint8_t> raw(bytes.value->begin(), bytes.value->end());
    std::optional<std::uint8_t> configuration;
    if (const auto value = number_in(read_line(device / "bConfigurationValue")); value && *value <= 0xff)
        configuration = static_cast<std::uint8_t>(*value);
    facts.terminals = parse_usb_descriptors(raw, configuration);
}

} // namespace

std::vector<std::uint32_t> cards_at(const Places &places) {
    constexpr std::uint32_t most = 256;
    std::set<std::uint32_t> cards;
    for (const std::string &name : names_in(places.sys / "class/sound"))
        if (const auto card = number_after(name, "card"); card && *card < most) cards.insert(*card);
    for (const std::string &name : names_in(places.dev / "snd"))
        if (const auto card = number_after(name, "controlC"); card && *card < most) cards.insert(*card);
    return {cards.begin(), cards.end()};
}

CardPlace place_of_card(const Places &places, std::uint32_t card) {
    CardPlace place{resolved(sound_class(places, card))};
    struct stat status {};
    if (!place.device.empty() && stat(place.device.c_str(), &status) == 0) place.inode = status.st_ino;
    return place;
}

CardFacts standing_facts(const Places &places, std::uint32_t card, const DeviceMonitor *monitor) {
    CardFacts facts;
    facts.card = card;
    facts.id = read_line(sound_class(places, card) / "id");
    if (facts.id.empty()) facts.id = read_line(proc_of(places, card) / "id");
    add_from_card_list(places, facts);
    facts.components = components_from_files(places, card);
    const fs::path itself = resolved(sound_class(places, card));
    if (monitor != nullptr && !itself.empty()) facts.bus_path = clean_name(monitor->property(itself, "ID_PATH"));
    if (const fs::path device = usb_device(places, card); !device.empty()) add_usb(device, facts);
    return facts;
}

std::vector<CodecDump> codec_dumps(const Places &places, std::uint32_t card) {
    constexpr std::size_t most = 16; // addresses of a link
    std::vector<CodecDump> dumps;
    for (const std::string &name : names_in(proc_of(places, card)))
        if (const auto address = number_after(name, "codec#"); address && dumps.size() < most)
            dumps.push_back({*address, proc_of(places, card) / name});
    return dumps;
}

std::optional<std::uint32_t> card_of_input(const Places &places, std::uint32_t event) {
    for (const fs::path &at : upwards(places, resolved(input_class(places, event))))
        if (const auto card = number_after(at.filename().string(), "card"); card && at.parent_path().filename() == "sound") return card;
    return std::nullopt;
}

bool is_jack_input(const Places &places, std::uint32_t event) {
    const fs::path device = input_class(places, event);
    // To the letter: what is only like it is somebody else's.
    if (const auto phys = read_file(device / "phys"); !phys || *phys.value != "ALSA\n") return false;
    return read_line(device / "capabilities/sw").find_first_not_of("0 ") != std::string::npos;
}

bool analog_accessory(const Places &places) {
    const fs::path ports = places.sys / "class/typec";
    const auto names = names_in(ports);
    return std::any_of(names.begin(), names.end(), [&](const std::string &name) {
        return name.ends_with("-partner") && read_line(ports / name / "accessory_mode") == "analog_audio";
    });
}

bool portable_machine(const Places &places) {
    // Portable, laptop, notebook, hand-held, sub-notebook; tablet, convertible, detachable.
    static constexpr std::array<std::uint32_t, 8> portable{8, 9, 10, 11, 14, 30, 31, 32};
    const auto type = number_after(read_line(places.sys / "class/dmi/id/chassis_type"), "");
    return type && std::find(portable.begin(), portable.end(), *type) != portable.end();
}

} // namespace soundwarden::sense
