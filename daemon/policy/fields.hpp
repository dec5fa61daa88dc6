// SPDX-License-Identifier: MIT
// The values of one table, each read once, as what it must be. Everything that is wrong is reported; what is wrong
// counts as not there. Pure; one thread.
#pragma once

#include "document.hpp"
#include "keys.hpp"
#include "policy/rule.hpp"
#include "report.hpp"
#include "suggest.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace soundwarden::policy {

/// The names of an enumeration.
template <class E>
constexpr auto names_of() {
    std::array<std::string_view, Names<E>::table.size()> names{};
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = Names<E>::table[i].second;
    return names;
}

/// "guard, low, default" for messages.
std::string listing(std::span<const std::string_view> names);

/// A quantity in its base unit.
struct ReadQuantity {
    double value = 0.0;
    bool per_milliwatt = false;
    Spot at{};
};

class Fields {
  public:
    /// Reports the keys that the table must not have. damaged: nothing is said about missing ones.
    Fields(const Node &table, const TableKeys &known, Report &report, bool damaged);

    const Node *find(std::string_view key) const;
    /// The same; missing is an error. hint: what to write.
    const Node *require(std::string_view key, std::string_view hint) const;

    /// One line without control characters; not empty unless `may_be_empty`.
    std::optional<std::string> text(std::string_view key, bool may_be_empty = false) const;
    Maybe<bool> flag(std::string_view key) const;
    std::optional<ReadQuantity> quantity(const QuantityKey &key) const;
    /// One quantity or a list of them, rising.
    Maybe<std::vector<double>> quantities(const QuantityKey &key) const;
    template <class E>
    Maybe<E> choice(std::string_view key) const {
        static constexpr auto names = names_of<E>();
        const Node *node = find(key);
        if (node == nullptr || !is_text(*node)) return std::nullopt;
        if (const auto value = from_name<E>(node->text)) return Placed<E>{*value, report_.place(node->at)};
        no_such(*node, names);
        return std::nullopt;
    }

    /// A text, or a list of texts; each with its place. An empty list is an error.
    std::vector<const Node *> texts(std::string_view key) const;
    /// The same as patterns.
    std::vector<Glob> globs(std::string_view key) const;
    /// One pattern, which may be empty.
    std::optional<Glob> glob(std::string_view key) const;

    /// Whether a node is a text fit to be shown; reported otherwise.
    bool is_text(const Node &node, bool may_be_empty = false) const;
    void wrong_type(const Node &node, std::string_view wanted) const;
    void error(const Node &node, std::string message) const { report_.error(node.at, std::move(message)); }
    Report &report() const { return report_; }
    const Node &table() const { return table_; }
    bool damaged() const { return damaged_; }

  private:
    void no_such(const Node &node, std::span<const std::string_view> names) const;
    std::optional<ReadQuantity> parsed(const QuantityKey &key, const Node &node) const;
    std::optional<ReadQuantity> plain(const QuantityKey &key, const Twin &twin, const Node &node) const;
    std::optional<ReadQuantity> in_range(const QuantityKey &key, ReadQuantity read) const;

    const Node &table_;
    TableKeys known_;
    Report &report_;
    bool damaged_;
};

/// Says that a key is not known in a table, and where it belongs.
void report_unknown(const Node &node, const TableKeys &known, Report &report);

} // namespace soundwarden::policy
