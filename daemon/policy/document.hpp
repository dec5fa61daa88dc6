// SPDX-License-Identifier: MIT
// One policy text as TOML: its values with their places, before anybody asks what they mean. Every syntax error of the
// text is found: each `[[rule]]` is parsed apart, and one that does not parse is parsed again without the statement
// that is wrong. Pure; any thread.
#pragma once

#include "report.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::policy {

/// A value of TOML, and the key that it has in its table.
struct Node {
    enum class Type : std::uint8_t { text, integer, real, boolean, date, list, table };
    Type type = Type::table;
    bool boolean = false;
    Spot key_at{};
    Spot at{};
    double number = 0.0; ///< of an integer or a real
    std::string key{};
    std::string text{};
    std::vector<Node> children{}; ///< of a list or a table, in the order of the text

    bool operator==(const Node &) const = default;
    bool is_number() const { return type == Type::integer || type == Type::real; }
};

/// "a text", "a whole number", … for messages.
std::string_view type_name(Node::Type type);

/// `[NAME]` or `[[NAME]]` with what stands below it.
struct Section {
    std::string name{};
    bool listed = false;  ///< written with two brackets
    bool damaged = false; ///< something of it could not be parsed, so nothing can be said about what is missing
    Spot at{};
    Node table{};
};

/// A text cut into its sections. They are parsed one at a time, so that ten thousand rules are never in memory as
/// values.
class Document {
  public:
    /// Keeps a view of the content, and reports to `report` until it ends.
    Document(std::string_view content, Report &report);
    ~Document();
    Document(const Document &) = delete;
    Document &operator=(const Document &) = delete;

    bool usable() const { return usable_; } ///< false: no text that could be parsed; why is reported
    bool mask() const { return mask_; }     ///< empty, or comments only
    /// What stands before the first header. To be asked once.
    Section top();
    /// The next section; nothing at the end.
    std::optional<Section> next();

  private:
    struct Draft;
    Report &report_;
    std::string cleaned_{};
    std::vector<Draft> drafts_;
    std::size_t next_ = 1;
    bool usable_ = true;
    bool mask_ = false;
};

inline constexpr std::size_t largest_text = std::size_t{4} << 20U; // bytes

} // namespace soundwarden::policy
