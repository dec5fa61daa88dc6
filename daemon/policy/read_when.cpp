// SPDX-License-Identifier: MIT
#include "read_when.hpp"

#include "number_text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <charconv>

namespace soundwarden::policy {
namespace {

std::string_view without_spaces(std::string_view text) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text;
}

/// The enumerators that one pattern (without its "!") fits. None: reported.
template <class E>
SetOf<E> fitting(const Fields &fields, const Node &node, std::string_view pattern, std::string_view what) {
    SetOf<E> out;
    if (const auto exact = from_name<E>(pattern)) {
        out.insert(*exact);
        return out;
    }
    const Glob glob{std::string(pattern)};
    if (const std::string problem = glob.problem(); !problem.empty()) {
        fields.error(node, "the pattern " + in_quotes(pattern) + " " + problem);
        return out;
    }
    static constexpr auto names = names_of<E>();
    if (!pattern.starts_with('!'))
        for (const auto &[value, name] : Names<E>::table)
            if (glob.matches(name)) out.insert(value);
    if (!out.empty()) return out;
    if (fields.report().full()) {
        fields.error(node, {});
        return out;
    }
    const std::string hint = did_you_mean(pattern, names);
    fields.error(node, in_quotes(node.text) + " fits no known " + std::string(what) +
                           (hint.empty() ? "; known are " + listing(names) : hint));
    return out;
}

/// A union of patterns, less those with a "!" in front; with none but those, all are there to begin with.
template <class E>
SetOf<E> read_set(const Fields &fields, std::string_view key) {
    if (fields.find(key) == nullptr) return SetOf<E>::all();
    const std::vector<const Node *> nodes = fields.texts(key);
    SetOf<E> taken;
    SetOf<E> dropped;
    bool positive = false;
    bool fine = !nodes.empty();
    for (const Node *node : nodes) {
        const bool negated = node->text.starts_with('!');
        const SetOf<E> found = fitting<E>(fields, *node, std::string_view(node->text).substr(negated ? 1 : 0), key);
        fine = fine && !found.empty();
        positive = positive || !negated;
        SetOf<E> &into = negated ? dropped : taken;
        into.bits = static_cast<std::uint16_t>(into.bits | found.bits);
    }
    if (!positive) taken = SetOf<E>::all();
    taken.bits = static_cast<std::uint16_t>(taken.bits & ~dropped.bits);
    if (fine && taken.empty())
        fields.error(*fields.find(key),
                     "nothing is left of this: every " + std::string(key) + " that it names is taken away again");
    return taken;
}

struct Range {
    std::uint32_t least = 0;
    std::uint32_t most = most_channels;
};

std::optional<std::uint32_t> whole_number(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// "2", "> 2", ">= 2", "< 3", "<= 2", "3-8". Nothing: it is none of those.
std::optional<Range> channel_range(std::string_view text) {
    text = without_spaces(text);
    for (const std::string_view op : {"<=", ">=", "<", ">"}) {
        if (!text.starts_with(op)) continue;
        const auto number = whole_number(without_spaces(text.substr(op.size())));
        if (!number || *number > most_channels) return std::nullopt;
        if (op == "<=") return Range{0, *number};
        if (op == ">=") return Range{*number, most_channels};
        if (op == "<") return *number == 0 ? std::nullopt : std::optional(Range{0, *number - 1});
        return Range{*number + 1, most_channels};
    }
    const std::size_t dash = text.find('-');
    const auto least = whole_number(without_spaces(text.substr(0, dash)));
    const auto most = dash == std::string_view::npos ? least : whole_number(without_spaces(text.substr(dash + 1)));
    if (!least || !most) return std::nullopt;
    return Range{*least, *most};
}

void read_channels(const Fields &fields, When &when) {
    const Node *node = fields.find("channels");
    if (node == nullptr) return;
    std::optional<Range> range;
    if (node->type == Node::Type::integer) {
        if (node->number >= 1 && node->number <= most_channels)
            range = Range{static_cast<std::uint32_t>(node->number), static_cast<std::uint32_t>(node->number)};
    } else if (node->type == Node::Type::text) {
        range = channel_range(node->text);
    } else {
        return fields.wrong_type(*node, "a whole number, or a text like \"> 2\" or \"3-8\"");
    }
    if (!range || range->most == 0 || range->least > range->most || range->most > most_channels)
        return fields.error(
            *node, "\"channels\" takes a number from 1 to 64, or a text like \"2\", \"> 2\", \"<= 2\" or \"3-8\"");
    when.least_channels = range->least;
    when.most_channels = range->most;
}

void read_impedance(const Fields &fields, When &when) {
    const Node *node = fields.find("impedance");
    if (node == nullptr) return;
    constexpr std::string_view right = "; write it like \"<= 8 ohm\"";
    if (node->type != Node::Type::text) return fields.wrong_type(*node, "a text like \"<= 8 ohm\"");
    std::string_view text = without_spaces(node->text);
    if (!text.starts_with("<="))
        return fields.error(*node, "\"impedance\" in when takes a bound with <= and nothing else" + std::string(right));
    text = without_spaces(text.substr(2));
    const Parsed parsed = parse_quantity(Quantity::ohms, text);
    if (!parsed)
        return fields.error(*node, parsed.error.substr(0, parsed.error.rfind("; write it like")) + std::string(right));
    if (parsed.value < keys::impedance.least || parsed.value > keys::impedance.most)
        return fields.error(*node, "\"impedance\" must be from 0.1 ohm to 1000000 ohm, and this is " +
                                       visible(quantity_text(Quantity::ohms, parsed.value), 40));
    when.most_impedance = Ohms{parsed.value};
}

} // namespace

When read_when(const Node &table, Report &report, bool damaged) {
    const Fields fields(table, tables::when, report, damaged);
    When when;
    when.kinds = read_set<OutputKind>(fields, "kind");
    when.loads = read_set<Load>(fields, "load");
    when.confidences = read_set<Confidence>(fields, "confidence");
    when.outputs = fields.globs("output");
    read_channels(fields, when);
    read_impedance(fields, when);
    return when;
}

} // namespace soundwarden::policy
