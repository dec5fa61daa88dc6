// SPDX-License-Identifier: MIT
#include "policy/hold.hpp"

#include "fields.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace soundwarden::policy {
namespace {

constexpr std::array top_keys{std::string_view("schema"), std::string_view("cap"), std::string_view("cap-db"), std::string_view("without-db"),
                              std::string_view("without-db-percent"), std::string_view("elements"), std::string_view("card")};
constexpr std::array card_keys{std::string_view("match"), std::string_view("hold"), std::string_view("cap"), std::string_view("cap-db"),
                               std::string_view("without-db"), std::string_view("without-db-percent"), std::string_view("elements")};
constexpr TableKeys top{"the top of the file", top_keys};
constexpr TableKeys card{"[[card]]", card_keys};
constexpr QuantityKey without_db{"without-db", Quantity::percent, 0, 100, {Twin{"without-db-percent"}}};

void read_schema(const Fields &fields) {
    const Node *schema = fields.find("schema");
    if (schema == nullptr) {
        if (!fields.damaged()) fields.report().error({1, 1}, "this file has no schema; begin it with schema = 1");
    } else if (schema->type != Node::Type::integer || schema->number != 1.0) {
        fields.error(*schema, "this Soundwarden reads schema = 1");
    }
}

HoldBounds read_bounds(const Fields &fields, HoldBounds bounds) {
    if (const auto cap = fields.quantity(keys::cap)) bounds.cap = {cap->value};
    if (const auto part = fields.quantity(without_db)) bounds.without_db = part->value;
    if (fields.find("elements") != nullptr) bounds.elements = fields.globs("elements");
    return bounds;
}

void read_card(const Node &table, bool damaged, Report &report, Hold &into) {
    const Fields fields(table, card, report, damaged);
    HoldBounds bounds = read_bounds(fields, into.usual);
    if (const auto flag = fields.flag("hold")) bounds.hold = flag->value;
    if (fields.require("match", "match = \"*\", or a part of the card's name in /proc/asound/cards: match = \"*Scarlett*\"") == nullptr) return;
    if (auto match = fields.glob("match")) into.cards.push_back({std::move(*match), std::move(bounds)});
}

void read(Document &document, Report &report, Hold &hold) {
    const Section first = document.top();
    const Fields fields(first.table, top, report, first.damaged);
    read_schema(fields);
    hold.usual = read_bounds(fields, hold.usual);
    if (const Node *list = fields.find("card")) report.error(list->key_at, "\"card\" is a table; write [[card]] on a line of its own");
    while (const auto section = document.next()) {
        if (section->name != "card") report.error(section->at, "unknown table " + in_quotes(section->name) + "; known is [[card]]");
        else if (!section->listed) report.error(section->at, "[card] has two brackets on each side, as there may be several: write [[card]]");
        else read_card(section->table, section->damaged, report, hold);
    }
}

} // namespace

const HoldBounds &Hold::bounds_of(const std::vector<std::string> &names) const {
    const auto fits = [&](const HoldCard &entry) {
        return std::any_of(names.begin(), names.end(), [&](const std::string &name) { return entry.match.matches(name); });
    };
    const auto found = std::find_if(cards.begin(), cards.end(), fits);
    return found == cards.end() ? usual : found->bounds;
}

LoadedHold read_hold(const SourceText &text) {
    Report report(text, 0);
    LoadedHold loaded;
    Hold hold;
    if (!text.problem.empty()) {
        report.error({}, "cannot be read: " + visible(text.problem, 200));
    } else {
        Document document(text.content, report);
        // An empty file is the usual bounds, like none.
        if (document.usable() && !document.mask()) read(document, report, hold);
    }
    if (report.errors() == 0) loaded.hold = std::move(hold);
    loaded.diagnostics = report.take();
    return loaded;
}

} // namespace soundwarden::policy
