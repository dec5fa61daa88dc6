// SPDX-License-Identifier: MIT
// [[output]], [[load]] and [settings].
#include "read_file.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <cmath>

namespace soundwarden::policy {
namespace {

/// "1235", "0x1235" -> "1235"; nothing: it is none.
std::optional<std::string> hexadecimal_id(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    if (text.size() != 4) return std::nullopt;
    std::string id(text);
    for (char &c : id) {
        if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
        if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) return std::nullopt;
    }
    return id;
}

std::string read_id(const Fields &fields, std::string_view key) {
    const Node *node = fields.find(key);
    if (node == nullptr) return {};
    if (node->is_number()) {
        fields.error(*node, in_quotes(key) + " is a text of four hexadecimal digits; write it in quotation marks");
        return {};
    }
    if (!fields.is_text(*node)) return {};
    if (auto id = hexadecimal_id(node->text)) return *id;
    fields.error(*node, in_quotes(node->text) + " is no " + std::string(key) +
                            "; write four hexadecimal digits, as lsusb shows them: \"1235\"");
    return {};
}

void read_usb(const Fields &fields, Match &match) {
    const Node *node = fields.find("usb");
    if (node == nullptr || !fields.is_text(*node)) return;
    for (const std::string_view key : {"bus", "vendor-id", "product-id"})
        if (const Node *other = fields.find(key))
            fields.report().error(other->key_at, in_quotes(key) + " is said by \"usb\" already; take one of them away");
    const std::string_view text = node->text;
    const std::size_t colon = text.find(':');
    const auto vendor = hexadecimal_id(text.substr(0, colon));
    const auto product = colon == std::string_view::npos ? std::nullopt : hexadecimal_id(text.substr(colon + 1));
    if (!vendor || !product)
        return fields.error(*node, in_quotes(text) + " is no USB identity; write it as lsusb shows it: \"1235:8210\"");
    match.bus = Glob("usb");
    match.vendor_id = *vendor;
    match.product_id = *product;
}

Match read_match(const Node &table, Report &report, bool damaged) {
    const Fields fields(table, tables::match, report, damaged);
    Match match;
    if (table.children.empty() && !damaged)
        report.error(table.at,
                     "an empty match would fit every output; name at least one thing, for example usb = \"1235:8210\"");
    match.node = fields.glob("node");
    match.device = fields.glob("device");
    match.description = fields.glob("description");
    match.api = fields.glob("api");
    match.bus = fields.glob("bus");
    match.bus_path = fields.glob("bus-path");
    match.card = fields.glob("card");
    match.driver = fields.glob("driver");
    match.form_factor = fields.glob("form-factor");
    match.route = fields.glob("route");
    match.route_description = fields.glob("route-description");
    match.port_type = fields.glob("port-type");
    match.product = fields.glob("product");
    match.vendor_id = read_id(fields, "vendor-id");
    match.product_id = read_id(fields, "product-id");
    read_usb(fields, match);
    return match;
}

Maybe<std::vector<std::uint32_t>> read_channels(const Fields &fields) {
    const Node *node = fields.find("channels");
    if (node == nullptr) return std::nullopt;
    if (node->type != Node::Type::list) {
        fields.wrong_type(*node, "a list of channel numbers, channels = [9, 10]");
        return std::nullopt;
    }
    if (node->children.empty()) fields.error(*node, "\"channels\" is an empty list; name at least one channel");
    std::vector<std::uint32_t> channels;
    for (const Node &child : node->children) {
        const bool fits = child.type == Node::Type::integer && child.number >= 1 && child.number <= most_channels;
        if (!fits) {
            fields.error(child, "a channel is a whole number from 1 to 64");
        } else if (!channels.empty() && static_cast<std::uint32_t>(child.number) <= channels.back()) {
            fields.error(child, "channels stand in rising order, each once");
        } else {
            channels.push_back(static_cast<std::uint32_t>(child.number));
        }
    }
    return Placed<std::vector<std::uint32_t>>{std::move(channels), fields.report().place(node->at)};
}

Maybe<std::vector<std::string>> read_shares(const Fields &fields) {
    const Node *node = fields.find("shares");
    if (node == nullptr) return std::nullopt;
    std::vector<std::string> names;
    for (const Node *name : fields.texts("shares")) names.push_back(name->text);
    return Placed<std::vector<std::string>>{std::move(names), fields.report().place(node->at)};
}

Maybe<double> read_release(const Fields &fields) {
    return placed<double>(fields.quantity(keys::release), fields.report(), milliseconds_of);
}

std::string read_source(const Fields &fields) { return fields.text("source", true).value_or(""); }

Maybe<Decibels> decibels(const Fields &fields, const QuantityKey &key) {
    return placed<Decibels>(fields.quantity(key), fields.report(), [](double value) { return Decibels{value}; });
}

Maybe<Duration> duration(const Fields &fields, const QuantityKey &key) {
    return placed<Duration>(fields.quantity(key), fields.report(), duration_of);
}

} // namespace

Duration duration_of(double seconds) { return Duration(std::llround(seconds * 1e9)); }

double milliseconds_of(double seconds) { return std::round(seconds * 1e9) / 1e6; }

std::optional<OutputEntry> read_output(const Section &section, Report &report, Layer layer) {
    const std::size_t before = report.errors();
    const Fields fields(section.table, tables::output, report, section.damaged);
    OutputEntry output;
    output.layer = layer;
    output.place = report.place(section.at);
    fields.require("name", "name = \"…\", as people would call this socket");
    if (const auto name = fields.text("name")) output.name = *name;
    if (const Node *match = fields.require("match", "match = { … }, which sockets it is about")) {
        if (match->type == Node::Type::table)
            output.match = read_match(*match, report, section.damaged);
        else
            fields.wrong_type(*match, "a table, match = { usb = \"1235:8210\" }");
    }
    output.kind = fields.choice<OutputKind>("kind");
    output.channels = read_channels(fields);
    output.full_scale =
        placed<Volts>(fields.quantity(keys::full_scale), report, [](double value) { return Volts{value}; });
    output.output_impedance =
        placed<Ohms>(fields.quantity(keys::output_impedance), report, [](double value) { return Ohms{value}; });
    output.gain_after_dac = decibels(fields, keys::gain_after_dac);
    output.shares = read_shares(fields);
    output.mode = fields.choice<LimiterMode>("mode");
    output.release_ms = read_release(fields);
    output.hold_device = fields.flag("hold-device");
    output.passthrough = fields.choice<Passthrough>("passthrough");
    output.source = read_source(fields);
    if (report.errors() != before || section.damaged) return std::nullopt;
    return output;
}

std::optional<LoadModel> read_load(const Section &section, Report &report, Layer layer) {
    const std::size_t before = report.errors();
    const Fields fields(section.table, tables::load, report, section.damaged);
    LoadModel load;
    load.layer = layer;
    load.place = report.place(section.at);
    fields.require("name", "name = \"…\", as its maker calls it");
    if (const auto name = fields.text("name")) load.name = *name;
    fields.require("kind", "kind = \"headphones\" or another load");
    if (const auto kind = fields.choice<Load>("kind")) {
        load.kind = kind->value;
        if (kind->value == Load::nothing || kind->value == Load::unknown)
            fields.error(*fields.find("kind"), "a model is of a known kind, for example \"headphones\" or \"in-ear\"");
    }
    load.match = fields.globs("match");
    if (const auto value = fields.quantity(keys::impedance)) load.impedance = Ohms{value->value};
    if (const auto value = fields.quantity(keys::sensitivity))
        load.sensitivity = Sensitivity{Decibels{value->value}, value->per_milliwatt};
    if (const auto value = fields.quantity(keys::rating)) load.rating_watts = value->value;
    load.source = read_source(fields);
    if (report.errors() != before || section.damaged) return std::nullopt;
    return load;
}

void read_settings(const Section &section, Report &report, Layer layer, FilePolicy &into) {
    const Fields fields(section.table, tables::settings, report, section.damaged);
    SettingValues &settings = into.settings;
    settings.posture = fields.choice<Posture>("posture");
    settings.settle = duration(fields, keys::settle);
    settings.unplug_hold = duration(fields, keys::unplug_hold);
    settings.orphan_silence = duration(fields, keys::orphan_silence);
    settings.orphan_level = decibels(fields, keys::orphan_level);
    settings.notifications = fields.flag("notifications");
    settings.cue = fields.flag("cue");
    settings.dose_allowance =
        placed<double>(fields.quantity(keys::dose_allowance), report, [](double value) { return value; });
    settings.dose_notices = fields.quantities(keys::dose_notices);
    settings.dose_soft_landing =
        placed<double>(fields.quantity(keys::dose_soft_landing), report, [](double value) { return value; });
    settings.dose_stop = placed<double>(fields.quantity(keys::dose_stop), report, [](double value) { return value; });
    settings.dose_warn_above = decibels(fields, keys::dose_warn_above);
    settings.mode = fields.choice<LimiterMode>("mode");
    settings.release_ms = read_release(fields);
    into.settings_locked = read_locked(fields, layer);
}

} // namespace soundwarden::policy
