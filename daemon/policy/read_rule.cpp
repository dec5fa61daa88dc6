// SPDX-License-Identifier: MIT
#include "read_file.hpp"
#include "read_when.hpp"
#include "utf8.hpp"

#include <algorithm>

namespace soundwarden::policy {
namespace {

constexpr std::size_t longest_reason = 64;
constexpr std::size_t longest_message = 500; // characters

/// A key that only one verdict has.
struct VerdictKey {
    std::string_view key;
    Verdict verdict;
};
constexpr std::array verdict_keys{
    VerdictKey{"cap", Verdict::limit},       VerdictKey{"cap-db", Verdict::limit},
    VerdictKey{"target", Verdict::limit},    VerdictKey{"target-dba", Verdict::limit},
    VerdictKey{"below", Verdict::limit},     VerdictKey{"below-db", Verdict::limit},
    VerdictKey{"governor", Verdict::limit},  VerdictKey{"to-rating", Verdict::allow},
    VerdictKey{"start-low", Verdict::allow},
};

void refuse_keys_of_others(const Fields &fields, Verdict verdict) {
    for (const VerdictKey &only : verdict_keys) {
        if (only.verdict == verdict) continue;
        if (const Node *node = fields.find(only.key))
            fields.report().error(node->key_at, "\"" + std::string(only.key) + "\" goes with verdict \"" +
                                                    std::string(name_of(only.verdict)) +
                                                    "\" only, and this rule has \"" + std::string(name_of(verdict)) +
                                                    "\"; take it away");
    }
}

std::string default_reason(Verdict verdict) {
    switch (verdict) {
    case Verdict::allow: return "allowed";
    case Verdict::limit: return "limited";
    case Verdict::block: return "blocked";
    }
    return {};
}

std::optional<Decibels> decibels_of(const std::optional<ReadQuantity> &read) {
    return read ? std::optional(Decibels{read->value}) : std::nullopt;
}

bool is_there(const Fields &fields, const QuantityKey &key) {
    return fields.find(key.key) != nullptr || std::any_of(key.twins.begin(), key.twins.end(), [&](const Twin &twin) {
               return !twin.key.empty() && fields.find(twin.key) != nullptr;
           });
}

/// Whether an unknown key was surely meant to be a cap or a target: then it is not missing.
bool has_misspelt_limit(const Fields &fields) {
    return std::any_of(fields.table().children.begin(), fields.table().children.end(), [](const Node &node) {
        const std::string_view meant = closest(node.key, tables::rule_keys);
        return meant != node.key && (meant == "cap" || meant == "cap-db" || meant == "target" || meant == "target-dba");
    });
}

void read_limit(const Fields &fields, const Node &verdict, Gives &gives) {
    gives.cap = decibels_of(fields.quantity(keys::cap));
    gives.target = decibels_of(fields.quantity(keys::target));
    const bool has_target = is_there(fields, keys::target);
    if (!is_there(fields, keys::cap) && !has_target && !fields.damaged() && !has_misspelt_limit(fields))
        fields.error(verdict, "a limit needs a \"cap\" (cap = \"-12 dB\") or a \"target\" (target = \"94 dB(A)\")");
    if (is_there(fields, keys::below) && !has_target && !fields.damaged())
        fields.error(*fields.find(fields.find("below") != nullptr ? "below" : "below-db"),
                     "\"below\" lowers the cap that a \"target\" makes, and this rule has no \"target\"");
    if (const auto below = fields.quantity(keys::below)) gives.below = Decibels{below->value};
    const auto governor = fields.flag("governor");
    gives.governor = governor ? governor->value : has_target;
    if (gives.governor && !has_target && !fields.damaged())
        fields.error(*fields.find("governor"),
                     "a governor holds a \"target\", and this rule has none; add target = \"94 dB(A)\"");
}

std::string read_reason(const Fields &fields, Verdict verdict) {
    const auto reason = fields.text("reason");
    if (!reason) return default_reason(verdict);
    const bool token = reason->size() <= longest_reason && std::all_of(reason->begin(), reason->end(), [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                       });
    if (!token)
        fields.error(
            *fields.find("reason"),
            "\"reason\" is a token of at most 64 characters a-z, 0-9 and \"-\"; a sentence for people is \"message\"");
    return *reason;
}

std::string read_message(const Fields &fields) {
    const auto message = fields.text("message", true);
    if (!message) return {};
    const auto length = std::count_if(message->begin(), message->end(),
                                      [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    if (static_cast<std::size_t>(length) > longest_message)
        fields.error(*fields.find("message"),
                     "\"message\" has " + std::to_string(length) + " characters; at most 500 fit where it is shown");
    return *message;
}

Gives read_gives(const Fields &fields) {
    Gives gives;
    const Node *node = fields.require("verdict", "verdict = \"allow\", \"limit\" or \"block\"");
    const auto verdict = fields.choice<Verdict>("verdict");
    if (verdict) {
        gives.verdict = verdict->value;
        refuse_keys_of_others(fields, verdict->value);
    }
    if (verdict && verdict->value == Verdict::limit) read_limit(fields, *node, gives);
    if (const auto value = fields.flag("to-rating")) gives.to_rating = value->value;
    if (const auto value = fields.flag("start-low")) gives.start_low = value->value;
    gives.start_level = decibels_of(fields.quantity(keys::start_level));
    if (const auto value = fields.flag("ask")) gives.ask = value->value;
    gives.reason = read_reason(fields, gives.verdict);
    gives.message = read_message(fields);
    gives.override_max = decibels_of(fields.quantity(keys::override_max));
    if (const auto value = fields.quantity(keys::override_for_max)) gives.override_for_max = duration_of(value->value);
    return gives;
}

} // namespace

bool read_locked(const Fields &fields, Layer layer) {
    const auto locked = fields.flag("locked");
    if (!locked || !locked->value || is_root_owned(layer)) return locked && locked->value && is_root_owned(layer);
    fields.report().warning(fields.find("locked")->at,
                            "\"locked\" binds only in files of root's (/etc, /run, /usr); here it has no effect");
    return false;
}

std::optional<Rule> read_rule(const Section &section, Report &report, Layer layer) {
    const std::size_t before = report.errors();
    const Fields fields(section.table, tables::rule, report, section.damaged);
    Rule rule;
    rule.place = report.place(section.at);
    fields.require("name", "name = \"…\", by which explain and the log call it");
    if (const auto name = fields.text("name")) rule.name = *name;
    if (const Node *when = fields.find("when")) {
        if (when->type == Node::Type::table)
            rule.when = read_when(*when, report, section.damaged);
        else
            fields.wrong_type(*when, "a table, when = { load = \"headphones\" }");
    }
    rule.gives = read_gives(fields);
    rule.locked = read_locked(fields, layer);
    if (report.errors() != before || section.damaged) return std::nullopt;
    return rule;
}

} // namespace soundwarden::policy
