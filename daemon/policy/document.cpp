// SPDX-License-Identifier: MIT
#include "document.hpp"

#include "clean.hpp"
#include "recover.hpp"
#include "scan.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace soundwarden::policy {

/// A section before it is parsed.
struct Document::Draft {
    Header header{};
    Part part{};
};

namespace {

/// More than any valid text of the largest size has.
constexpr std::size_t most_sections = 200'000;

/// Cuts a text at its headers. `[rule.when]` goes with the last `[[rule]]`, wherever it stands.
template <class Draft>
class Cutter {
  public:
    explicit Cutter(std::string_view text) : text_(text), drafts_(1) {
        begin_piece(0, 0, 1);
        Scanner scanner(text);
        while (const auto statement = scanner.next()) {
            if (statement->kind == Statement::Kind::header) enter(*statement);
            if (drafts_.size() > most_sections) break;
            mask_ = mask_ && statement->kind == Statement::Kind::blank;
            Part &part = drafts_[current_].part;
            const std::size_t begin = static_cast<std::size_t>(part.pieces.back().text.data() - text.data());
            part.pieces.back().text = text.substr(begin, statement->end - begin);
            part.dotted += statement->dotted ? 1 : 0;
            part.unclosed = part.unclosed || statement->problem != Statement::Problem::none;
        }
    }
    std::vector<Draft> take() { return std::move(drafts_); }
    bool mask() const { return mask_; }

  private:
    void begin_piece(std::size_t draft, std::size_t begin, std::uint32_t line) {
        drafts_[draft].part.pieces.push_back({text_.substr(begin, 0), line});
    }
    void enter(const Statement &statement) {
        Header header = header_of(text_.substr(statement.begin, statement.end - statement.begin));
        const auto last = last_of_.find(header.name);
        if (header.dotted && last != last_of_.end()) {
            if (last->second != current_) begin_piece(last->second, statement.begin, statement.line);
            current_ = last->second;
            return;
        }
        current_ = drafts_.size();
        last_of_[header.name] = current_;
        drafts_.push_back({std::move(header), {}});
        begin_piece(current_, statement.begin, statement.line);
    }

    std::string_view text_;
    std::vector<Draft> drafts_;
    std::unordered_map<std::string, std::size_t> last_of_{};
    std::size_t current_ = 0;
    bool mask_ = true;
};

/// The one table that a header's part has at its top.
Node take_table(Node &root, const Header &header) {
    for (Node &child : root.children) {
        if (child.key != header.name) continue;
        if (child.type == Node::Type::list && !child.children.empty()) return std::move(child.children.front());
        return std::move(child);
    }
    return {};
}

} // namespace

std::string_view type_name(Node::Type type) {
    switch (type) {
    case Node::Type::text: return "a text";
    case Node::Type::integer: return "a whole number";
    case Node::Type::real: return "a number";
    case Node::Type::boolean: return "true or false";
    case Node::Type::date: return "a date or time";
    case Node::Type::list: return "a list";
    case Node::Type::table: return "a table";
    }
    return "something else";
}

Document::Document(std::string_view content, Report &report) : report_(report) {
    const std::size_t before = report.errors();
    auto clean = clean_text(content, report);
    usable_ = clean.has_value();
    if (!usable_) return;
    cleaned_ = std::move(clean->changed);
    Cutter<Draft> cutter(clean->is_changed ? std::string_view(cleaned_) : clean->same);
    mask_ = cutter.mask() && report.errors() == before;
    drafts_ = cutter.take();
    if (drafts_.size() <= most_sections) return;
    report.error({}, "more than " + std::to_string(most_sections) + " tables: this is no policy");
    usable_ = false;
}

Document::~Document() = default;

Section Document::top() {
    Recovered parsed = parse_in_spite(drafts_.front().part, report_);
    return {.damaged = parsed.damaged, .table = std::move(parsed.table)};
}

std::optional<Section> Document::next() {
    while (next_ < drafts_.size()) {
        const Draft &draft = drafts_[next_++];
        Recovered parsed = parse_in_spite(draft.part, report_);
        Section section{draft.header.name, draft.header.listed, parsed.damaged};
        section.table = take_table(parsed.table, draft.header);
        section.at = section.table.at;
        // Of a header that says nothing, nothing is left.
        if (section.at.line > 0) return section;
    }
    return std::nullopt;
}

} // namespace soundwarden::policy
