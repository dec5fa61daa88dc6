// SPDX-License-Identifier: MIT
#include "recover.hpp"

#include "plain_parse.hpp"
#include "scan.hpp"
#include "toml_parse.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace soundwarden::policy {
namespace {

constexpr int most_rounds = 10;

/// From lines of the joined text to lines of the file.
class LineMap {
  public:
    explicit LineMap(const std::vector<Piece> &pieces) {
        std::uint32_t line = 1;
        for (const Piece &piece : pieces) {
            stretches_.push_back({line, piece.line});
            line += static_cast<std::uint32_t>(std::count(piece.text.begin(), piece.text.end(), '\n'));
        }
    }
    Spot in_file(Spot spot) const {
        if (spot.line == 0) return spot;
        auto stretch =
            std::find_if(stretches_.rbegin(), stretches_.rend(), [&](const Stretch &s) { return s.line <= spot.line; });
        if (stretch == stretches_.rend()) return spot;
        return {spot.line - stretch->line + stretch->in_file, spot.column};
    }
    void move(Node &node) const {
        node.at = in_file(node.at);
        node.key_at = in_file(node.key_at);
        for (Node &child : node.children) move(child);
    }

  private:
    struct Stretch {
        std::uint32_t line, in_file;
    };
    std::vector<Stretch> stretches_{};
};

/// Statements of a text: their places only, the text may change as long as its lines do not.
std::vector<Statement> statements_of(std::string_view text) {
    std::vector<Statement> out;
    Scanner scanner(text);
    while (const auto statement = scanner.next()) out.push_back(*statement);
    return out;
}

void blank(std::string &text, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
        if (text[i] != '\n') text[i] = ' ';
}

/// A header that cannot be parsed becomes the one that was surely meant, so that what stands below it is still looked
/// at. One that says nothing goes, with all that stands below it.
void mend_header(std::string &text, const std::vector<Statement> &statements, std::size_t index) {
    const Statement &statement = statements[index];
    const std::size_t length = statement.end - statement.begin;
    const Header header = header_of(std::string_view(text).substr(statement.begin, length));
    std::string meant;
    if (header.name == "rule" || header.name == "output" || header.name == "load") meant = "[[" + header.name + "]]";
    if (header.name == "settings") meant = "[settings]";
    blank(text, statement.begin, statement.end);
    if (index == 0 && !header.dotted && !meant.empty() && meant.size() < length) {
        text.replace(statement.begin, meant.size(), meant);
        return;
    }
    for (std::size_t i = index + 1; i < statements.size() && statements[i].kind != Statement::Kind::header; ++i)
        blank(text, statements[i].begin, statements[i].end);
}

void take_out(std::string &text, const std::vector<Statement> &statements, std::size_t index) {
    if (statements[index].kind == Statement::Kind::header)
        mend_header(text, statements, index);
    else
        blank(text, statements[index].begin, statements[index].end);
}

Spot spot_at(std::string_view text, const Statement &statement, std::size_t at) {
    Spot spot{statement.line, 1};
    for (std::string_view rest = text.substr(statement.begin, at - statement.begin); !rest.empty();) {
        const Character character = first_character(rest);
        spot = character.code == '\n' ? Spot{spot.line + 1, 1} : Spot{spot.line, spot.column + 1};
        rest.remove_prefix(character.length);
    }
    return spot;
}

/// The place in the text of a spot in a statement, at most its end.
std::size_t place_of(std::string_view text, const Statement &statement, Spot spot) {
    std::size_t at = statement.begin;
    for (std::uint32_t line = statement.line; line < spot.line; ++line)
        at = std::min(text.find('\n', at), text.size() - 1) + 1;
    for (std::uint32_t column = 1; column < spot.column && at < statement.end && text[at] != '\n'; ++column)
        at += first_character(text.substr(at)).length;
    return std::min(at, statement.end);
}

std::string scan_message(Statement::Problem problem, std::string_view at) {
    switch (problem) {
    case Statement::Problem::open_text:
        return "the text that begins here is never closed; end it with " + std::string(3, at.front());
    case Statement::Problem::open_bracket:
        return "this " + std::string(1, at.front()) + " is never closed; add the " + (at.front() == '[' ? "]" : "}");
    case Statement::Problem::deep_key:
        return "a key of more than " + std::to_string(most_key_parts) + " parts; no key here has more than two";
    case Statement::Problem::no_header:
        return "this is no header of a table; write [[rule]] or the like on a line of its own";
    case Statement::Problem::stray:
    case Statement::Problem::none: break;
    }
    return {};
}

/// The statement that an error is in: of the blank ones behind it, none has ever one.
std::size_t guilty(const std::vector<Statement> &statements, std::uint32_t line) {
    std::size_t index = 0;
    for (std::size_t i = 0; i < statements.size() && statements[i].line <= line; ++i) index = i;
    while (index > 0 && statements[index].kind == Statement::Kind::blank && statements[index].line < line) --index;
    return index;
}

class Recovery {
  public:
    Recovery(const std::vector<Piece> &pieces, Report &report) : map_(pieces), report_(report) {
        for (const Piece &piece : pieces) text_ += piece.text;
        statements_ = statements_of(text_);
        open_.assign(statements_.size(), false);
    }

    /// What the scanner alone can tell; toml++ would say it elsewhere, or too late.
    bool take_out_unclosed() {
        bool found = false;
        for (std::size_t i = 0; i < statements_.size(); ++i) {
            const Statement &statement = statements_[i];
            if (statement.problem == Statement::Problem::none) continue;
            report_problem(statement);
            open_[i] = statement.problem == Statement::Problem::open_text;
            take_out(text_, statements_, i);
            found = true;
        }
        return found;
    }

    Recovered run() {
        Recovered out{.damaged = take_out_unclosed()};
        for (int round = 0; round < most_rounds; ++round) {
            TomlResult parsed = parse_toml(text_);
            if (parsed.error.empty()) {
                map_.move(parsed.table);
                out.table = std::move(parsed.table);
                return out;
            }
            out.damaged = true;
            if (!take_out_error(parsed)) return out;
        }
        return out;
    }

  private:
    void report_problem(const Statement &statement) {
        const std::string_view text = text_;
        SyntaxError error{statement.problem_at - statement.begin, {}};
        if (report_.full()) {
            // Counted only.
        } else if (statement.problem == Statement::Problem::stray) {
            error = stray_error(text.substr(statement.begin, statement.end - statement.begin), error.at);
        } else {
            error.message = scan_message(statement.problem, text.substr(statement.problem_at));
        }
        report_.error(map_.in_file(spot_at(text, statement, statement.begin + error.at)), error.message);
    }

    /// false: there is nothing to take out.
    bool take_out_error(const TomlResult &parsed) {
        if (statements_.empty()) return false;
        const std::size_t index = guilty(statements_, parsed.error_at.line);
        const Statement &statement = statements_[index];
        const std::string_view body = std::string_view(text_).substr(statement.begin, statement.end - statement.begin);
        const std::size_t at = place_of(text_, statement, parsed.error_at) - statement.begin;
        report_error(index, parsed.error_at, syntax_error(body, at, parsed.error));
        take_out(text_, statements_, index);
        return true;
    }

    /// One error a line is enough, and the further lines of a text that was not closed are none of their own.
    void report_error(std::size_t index, Spot toml_at, const SyntaxError &error) {
        const Statement &statement = statements_[index];
        open_[index] = error.kind == SyntaxError::Kind::open_text;
        if (error.kind == SyntaxError::Kind::no_statement && continues_open(index)) {
            open_[index] = true;
            return;
        }
        if (report_.has_error_on(map_.in_file(toml_at).line)) return;
        report_.error(map_.in_file(spot_at(text_, statement, statement.begin + error.at)), error.message);
    }
    bool continues_open(std::size_t index) const {
        while (index-- > 0) {
            if (open_[index]) return true;
            if (statements_[index].kind != Statement::Kind::blank) return false;
        }
        return false;
    }

    LineMap map_;
    Report &report_;
    std::string text_{};
    std::vector<Statement> statements_{};
    std::vector<bool> open_{}; // for each statement: a text that was begun in it was not closed
};

} // namespace

Recovered parse_in_spite(const Part &part, Report &report) {
    if (part.dotted > most_dotted) {
        report.error({part.pieces.front().line, 1},
                     "more than " + std::to_string(most_dotted) + " keys with points in one table: this is no policy");
        return {.damaged = true};
    }
    // Nearly always one piece without an error.
    if (part.pieces.size() == 1 && !part.unclosed) {
        const Piece &piece = part.pieces.front();
        if (auto plain = parse_plain(piece.text, piece.line)) return {std::move(*plain), false};
    }
    return Recovery(part.pieces, report).run();
}

} // namespace soundwarden::policy
