// SPDX-License-Identifier: MIT
#include "fields.hpp"

#include "number_text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <cmath>

namespace soundwarden::policy {
namespace {

bool contains(std::span<const std::string_view> keys, std::string_view key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
}

/// "; it belongs into [settings]" for a key that another table has.
std::string home_of(std::string_view key, const TableKeys &here) {
    if (key == "schema") return "; it belongs to the top of the file, before the first [table]";
    for (const TableKeys *table :
         {&tables::when, &tables::rule, &tables::settings, &tables::output, &tables::match, &tables::load}) {
        if (table->header == here.header || !contains(table->keys, key)) continue;
        if (table == &tables::when && here.header == tables::rule.header)
            return "; it belongs into the rule's when = { … }";
        if (table == &tables::match && here.header == tables::output.header)
            return "; it belongs into the output's match = { … }";
        return "; it belongs into " + std::string(table->header);
    }
    return {};
}

bool is_printable_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

bool has_harmful(std::string_view text) {
    if (is_printable_ascii(text)) return false;
    while (!text.empty()) {
        const Character character = first_character(text);
        // Marks of direction that cannot hide anything are part of some languages.
        const bool mark = character.code == 0x200E || character.code == 0x200F || character.code == 0x200C ||
                          character.code == 0x200D;
        if (!character.valid || (is_harmful(character.code) && !mark)) return true;
        text.remove_prefix(character.length);
    }
    return false;
}

/// Times in the unit that people would say.
std::string spoken(Quantity what, double value, bool per_milliwatt) {
    if (what == Quantity::time && std::fmod(value, 3600) == 0.0 && value > 0) return number_text(value / 3600) + " h";
    if (what == Quantity::time && std::fmod(value, 60) == 0.0 && value > 0) return number_text(value / 60) + " min";
    if (what == Quantity::time && value < 1 && value > 0) return number_text(value * 1000) + " ms";
    return quantity_text(what, value, per_milliwatt);
}

} // namespace

std::string listing(std::span<const std::string_view> names) {
    std::string out;
    for (const std::string_view name : names) out += (out.empty() ? "" : ", ") + std::string(name);
    return out;
}

void report_unknown(const Node &node, const TableKeys &known, Report &report) {
    if (report.full()) return report.error(node.key_at, {});
    std::string hint = home_of(node.key, known);
    if (hint.empty()) hint = did_you_mean(node.key, known.keys);
    if (hint.empty()) hint = "; soundwarden-policy(5) lists all keys";
    report.error(node.key_at, "unknown key " + in_quotes(node.key) + " in " + std::string(known.header) + hint);
}

Fields::Fields(const Node &table, const TableKeys &known, Report &report, bool damaged)
    : table_(table), known_(known), report_(report), damaged_(damaged) {
    for (const Node &child : table.children)
        if (!contains(known.keys, child.key)) report_unknown(child, known, report);
}

const Node *Fields::find(std::string_view key) const {
    for (const Node &child : table_.children)
        if (child.key == key) return &child;
    return nullptr;
}

const Node *Fields::require(std::string_view key, std::string_view hint) const {
    const Node *node = find(key);
    if (node == nullptr && !damaged_)
        report_.error(table_.at,
                      std::string(known_.header) + " has no " + in_quotes(key) + "; add " + std::string(hint));
    return node;
}

void Fields::wrong_type(const Node &node, std::string_view wanted) const {
    report_.error(node.at, (node.key.empty() ? "this" : in_quotes(node.key)) + " takes " + std::string(wanted) +
                               ", and this is " + std::string(type_name(node.type)));
}

bool Fields::is_text(const Node &node, bool may_be_empty) const {
    if (node.type != Node::Type::text) {
        wrong_type(node, "a text");
        return false;
    }
    if (node.text.empty() && !may_be_empty) {
        error(node, (node.key.empty() ? "this text" : in_quotes(node.key)) + " must not be empty");
        return false;
    }
    if (has_harmful(node.text)) {
        error(node, (node.key.empty() ? "this text" : in_quotes(node.key)) +
                        " must be one line without control characters or invisible ones");
        return false;
    }
    return true;
}

std::optional<std::string> Fields::text(std::string_view key, bool may_be_empty) const {
    const Node *node = find(key);
    if (node == nullptr || !is_text(*node, may_be_empty)) return std::nullopt;
    return node->text;
}

Maybe<bool> Fields::flag(std::string_view key) const {
    const Node *node = find(key);
    if (node == nullptr) return std::nullopt;
    if (node->type != Node::Type::boolean) {
        wrong_type(*node, "true or false");
        return std::nullopt;
    }
    return Placed<bool>{node->boolean, report_.place(node->at)};
}

void Fields::no_such(const Node &node, std::span<const std::string_view> names) const {
    if (report_.full()) return error(node, {});
    const std::string hint = did_you_mean(node.text, names);
    error(node, in_quotes(node.text) + " is no " + visible(node.key) +
                    (hint.empty() ? "; known are " + listing(names) : hint));
}

std::vector<const Node *> Fields::texts(std::string_view key) const {
    std::vector<const Node *> out;
    const Node *node = find(key);
    if (node == nullptr) return out;
    if (node->type == Node::Type::list) {
        if (node->children.empty())
            error(*node, in_quotes(key) + " is an empty list, which fits nothing; take it away, or name something");
        for (const Node &child : node->children)
            if (is_text(child)) out.push_back(&child);
    } else if (node->type != Node::Type::text) {
        wrong_type(*node, "a text or a list of texts");
    } else if (is_text(*node)) {
        out.push_back(node);
    }
    return out;
}

std::vector<Glob> Fields::globs(std::string_view key) const {
    std::vector<Glob> out;
    for (const Node *node : texts(key)) {
        Glob glob(node->text);
        if (const std::string problem = glob.problem(); !problem.empty())
            error(*node, "the pattern " + in_quotes(node->text) + " " + problem);
        else
            out.push_back(std::move(glob));
    }
    return out;
}

std::optional<Glob> Fields::glob(std::string_view key) const {
    const Node *node = find(key);
    if (node == nullptr || !is_text(*node, true)) return std::nullopt;
    Glob glob(node->text);
    const std::string problem = glob.problem();
    if (problem.empty()) return glob;
    error(*node, "the pattern " + in_quotes(node->text) + " " + problem);
    return std::nullopt;
}

std::optional<ReadQuantity> Fields::quantity(const QuantityKey &key) const {
    const Node *node = find(key.key);
    const Twin *twin = nullptr;
    for (const Twin &candidate : key.twins) {
        if (candidate.key.empty()) continue;
        const Node *other = find(candidate.key);
        if (other == nullptr) continue;
        if (node != nullptr) {
            const Node *later = node->key_at < other->key_at ? other : node;
            const Node *earlier = later == node ? other : node;
            report_.error(later->key_at, in_quotes(later->key) + " says the same as " + in_quotes(earlier->key) +
                                             " on line " + std::to_string(earlier->key_at.line) +
                                             "; take one of them away");
            return std::nullopt;
        }
        node = other;
        twin = &candidate;
    }
    if (node == nullptr) return std::nullopt;
    return twin == nullptr ? parsed(key, *node) : plain(key, *twin, *node);
}

Maybe<std::vector<double>> Fields::quantities(const QuantityKey &key) const {
    const Node *node = find(key.key);
    std::vector<double> values;
    for (const Node *text : texts(key.key)) {
        const auto read = parsed(key, *text);
        if (!read) continue;
        if (!values.empty() && read->value <= values.back()) error(*text, in_quotes(key.key) + " stand in rising order, each once");
        values.push_back(read->value);
    }
    if (values.empty()) return std::nullopt;
    return Placed<std::vector<double>>{std::move(values), report_.place(node->at)};
}

std::optional<ReadQuantity> Fields::parsed(const QuantityKey &key, const Node &node) const {
    if (node.is_number()) {
        const std::string number = std::isfinite(node.number) ? number_text(node.number) : "0";
        error(node, in_quotes(node.key) + " needs a unit; write it like " + std::string(example_of(key.what)) +
                        ", or " + std::string(key.twins[0].key) + " = " + visible(number, 20));
        return std::nullopt;
    }
    if (!is_text(node, true)) return std::nullopt;
    const Parsed parsed = parse_quantity(key.what, node.text);
    if (!parsed) {
        error(node, parsed.error);
        return std::nullopt;
    }
    return in_range(key, {parsed.value, parsed.per_milliwatt, node.at});
}

std::optional<ReadQuantity> Fields::plain(const QuantityKey &key, const Twin &twin, const Node &node) const {
    if (!node.is_number()) {
        wrong_type(node, "a plain number (its unit is in its name)");
        return std::nullopt;
    }
    if (!std::isfinite(node.number)) {
        error(node, in_quotes(node.key) + " takes a number, and this is none");
        return std::nullopt;
    }
    return in_range(key, {node.number * twin.multiply / twin.divide + 0.0, twin.per_milliwatt, node.at});
}

std::optional<ReadQuantity> Fields::in_range(const QuantityKey &key, ReadQuantity read) const {
    if (read.value >= key.least && read.value <= key.most) return read;
    const auto text = [&](double value) { return visible(spoken(key.what, value, read.per_milliwatt), 40); };
    report_.error(read.at, in_quotes(key.key) + " must be from " + text(key.least) + " to " + text(key.most) +
                               ", and this is " + text(read.value));
    return std::nullopt;
}

} // namespace soundwarden::policy
