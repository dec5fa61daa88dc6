// SPDX-License-Identifier: MIT
#include "plain_parse.hpp"

#include "scan.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

namespace soundwarden::policy {
namespace {

constexpr int most_depth = 4;
constexpr std::size_t most_digits = 15; // every such number is exact in a double, and in range

class Plain {
  public:
    Plain(std::string_view text, std::uint32_t line) : text_(text), line_(line) {}

    std::optional<Node> parse() {
        Node root;
        root.at = spot();
        Node *table = &root;
        while (at_ < text_.size()) {
            blanks();
            if (!ends_line()) {
                const bool fits =
                    peek() == '[' ? table == &root && root.children.empty() && header(root, table) : pair(*table);
                if (!fits) return std::nullopt;
            }
            if (!end_of_line()) return std::nullopt;
        }
        return root;
    }

  private:
    char peek() const { return at_ < text_.size() ? text_[at_] : '\n'; }
    bool ends_line() const { return peek() == '\n' || peek() == '#' || peek() == '\r'; }
    void blanks() {
        while (peek() == ' ' || peek() == '\t') ++at_;
    }
    bool take(char c) {
        if (at_ >= text_.size() || text_[at_] != c) return false;
        ++at_;
        return true;
    }

    /// Columns are characters; they are counted on from the last place that was asked for.
    Spot spot() {
        for (; counted_ < at_; ++counted_)
            if ((static_cast<unsigned char>(text_[counted_]) & 0xC0U) != 0x80U) ++column_;
        return {line_, column_};
    }

    /// Blanks, a comment, and the end of the line.
    bool end_of_line() {
        blanks();
        if (peek() == '#') at_ = std::min(text_.find('\n', at_), text_.size());
        if (at_ < text_.size() && text_[at_] == '\r') ++at_;
        if (at_ >= text_.size()) return at_ == 0 || text_[at_ - 1] != '\r';
        if (text_[at_] != '\n') return false;
        counted_ = ++at_;
        column_ = 1;
        ++line_;
        return true;
    }

    bool key(Node &node) {
        node.key_at = spot();
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_bare(text_[at_])) ++at_;
        node.key.assign(text_.substr(begin, at_ - begin));
        return at_ > begin;
    }

    /// `[name]` or `[[name]]`; its table becomes the current one.
    bool header(Node &root, Node *&table) {
        const Spot at = spot();
        take('[');
        const bool listed = take('[');
        blanks();
        Node node;
        if (!key(node)) return false;
        blanks();
        if (!take(']') || (listed && !take(']'))) return false;
        node.at = at;
        node.type = listed ? Node::Type::list : Node::Type::table;
        if (listed) node.children.emplace_back().at = at;
        table = &root.children.emplace_back(std::move(node));
        if (listed) table = &table->children.front();
        return true;
    }

    bool pair(Node &table, int depth = 0) {
        Node node;
        if (!key(node)) return false;
        for (const Node &other : table.children)
            if (other.key == node.key) return false;
        // A table with very many keys is not what this is for: looking each up among all takes too long.
        if (table.children.size() > 64) return false;
        blanks();
        if (!take('=')) return false;
        blanks();
        if (!value(node, depth)) return false;
        table.children.push_back(std::move(node));
        return true;
    }

    bool value(Node &node, int depth) {
        node.at = spot();
        switch (peek()) {
        case '"':
        case '\'': return text(node);
        case '[': return depth < most_depth && list(node, depth);
        case '{': return depth < most_depth && table(node, depth);
        case 't': return word(node, "true", true);
        case 'f': return word(node, "false", false);
        default: return number(node);
        }
    }

    bool text(Node &node) {
        const char quote = text_[at_];
        const std::size_t begin = ++at_;
        while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n' && text_[at_] != '\\') ++at_;
        node.type = Node::Type::text;
        node.text.assign(text_.substr(begin, at_ - begin));
        if (!take(quote)) return false;
        return peek() != quote && node.text.find('\r') == std::string::npos; // no """
    }

    bool word(Node &node, std::string_view word, bool means) {
        if (!text_.substr(at_).starts_with(word)) return false;
        at_ += word.size();
        node.type = Node::Type::boolean;
        node.boolean = means;
        return ends_value();
    }

    bool number(Node &node) {
        const std::size_t begin = at_;
        take('-');
        const std::size_t digits = at_;
        while (is_digit(peek())) ++at_;
        if (at_ == digits || (text_[digits] == '0' && at_ > digits + 1)) return false;
        node.type = Node::Type::integer;
        if (peek() == '.') {
            node.type = Node::Type::real;
            const std::size_t point = at_++;
            while (is_digit(peek())) ++at_;
            if (at_ == point + 1) return false;
        }
        if (at_ - digits > most_digits || !ends_value()) return false;
        std::from_chars(text_.data() + begin, text_.data() + at_, node.number);
        // An integer knows no −0.
        if (node.type == Node::Type::integer) node.number += 0.0;
        return true;
    }

    bool ends_value() const {
        return ends_line() || peek() == ' ' || peek() == '\t' || peek() == ',' || peek() == ']' || peek() == '}';
    }

    bool list(Node &node, int depth) {
        node.type = Node::Type::list;
        take('[');
        while (true) {
            blanks();
            if (take(']')) return true;
            Node child;
            if (!value(child, depth + 1)) return false;
            node.children.push_back(std::move(child));
            blanks();
            if (!take(',') && peek() != ']') return false;
        }
    }

    bool table(Node &node, int depth) {
        node.type = Node::Type::table;
        take('{');
        blanks();
        if (take('}')) return true;
        while (true) {
            blanks();
            if (!pair(node, depth + 1)) return false;
            blanks();
            if (take('}')) return true;
            if (!take(',')) return false;
        }
    }

    std::string_view text_;
    std::uint32_t line_;
    std::size_t at_ = 0;
    std::size_t counted_ = 0;
    std::uint32_t column_ = 1;
};

} // namespace

std::optional<Node> parse_plain(std::string_view text, std::uint32_t line) { return Plain(text, line).parse(); }

} // namespace soundwarden::policy
