// SPDX-License-Identifier: MIT
#include "scan.hpp"

#include <algorithm>
#include <array>

namespace soundwarden::policy {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

std::string_view without_blanks(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    return text;
}

/// A line that can be nothing but one of our headers, whatever bracket is still open.
bool is_our_header(std::string_view rest) {
    rest = without_blanks(rest);
    if (!rest.starts_with('[')) return false;
    const Header header = header_of(rest.substr(0, rest.find('\n')));
    constexpr std::array names{"settings", "output", "load", "rule"};
    return std::find(names.begin(), names.end(), header.name) != names.end();
}

} // namespace

Header header_of(std::string_view line) {
    Header header;
    line = without_blanks(line);
    if (line.starts_with('[')) line.remove_prefix(1);
    header.listed = line.starts_with('[');
    if (header.listed) line.remove_prefix(1);
    line = without_blanks(line);
    if (!line.empty() && (line.front() == '"' || line.front() == '\'')) {
        const std::size_t end = line.find(line.front(), 1);
        if (end == std::string_view::npos) return header;
        header.name = line.substr(1, end - 1);
        line.remove_prefix(end + 1);
    } else {
        const auto end = std::find_if_not(line.begin(), line.end(), is_bare);
        header.name.assign(line.begin(), end);
        line.remove_prefix(header.name.size());
    }
    header.dotted = without_blanks(line).starts_with('.');
    return header;
}

std::optional<Statement> Scanner::next() {
    if (at_ >= text_.size()) return std::nullopt;
    Statement statement;
    statement.begin = at_;
    statement.line = line_;
    const std::string_view rest = without_blanks(text_.substr(at_));
    const char first = rest.empty() ? '\n' : rest.front();
    if (first == '\n' || first == '\r' || first == '#') {
        at_ = end_of_line(at_);
    } else if (first == '[') {
        statement.kind = Statement::Kind::header;
        scan_header(statement);
    } else {
        statement.kind = Statement::Kind::pair;
        scan_pair(statement);
    }
    if (at_ < text_.size()) ++at_; // the newline
    statement.end = at_;
    const std::string_view body = text_.substr(statement.begin, statement.end - statement.begin);
    const auto newlines = static_cast<std::uint32_t>(std::count(body.begin(), body.end(), '\n'));
    statement.lines = std::max(newlines, 1U);
    line_ += newlines;
    return statement;
}

std::size_t Scanner::end_of_line(std::size_t at) const { return std::min(text_.find('\n', at), text_.size()); }

void Scanner::scan_header(Statement &statement) {
    const std::size_t end = end_of_line(at_);
    const std::string_view line = text_.substr(at_, end - at_);
    const std::string_view name = line.substr(0, line.find('#'));
    std::string_view key = without_blanks(without_blanks(line).substr(1));
    if (key.starts_with('[') && without_blanks(line).starts_with("[[")) key = without_blanks(key.substr(1));
    if (key.empty() || (!is_bare(key.front()) && key.front() != '"' && key.front() != '\'')) {
        statement.problem = Statement::Problem::no_header;
        statement.problem_at = at_ + (line.size() - without_blanks(line).size());
    }
    const bool quoted = name.find_first_of("\"'") != std::string_view::npos;
    const auto stray =
        std::find_if(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    if (!quoted && stray != name.end() && statement.problem == Statement::Problem::none) {
        statement.problem = Statement::Problem::stray;
        statement.problem_at = at_ + static_cast<std::size_t>(stray - name.begin());
    }
    statement.dotted = name.find('.') != std::string_view::npos;
    if (static_cast<std::size_t>(std::count(name.begin(), name.end(), '.')) >= most_key_parts) {
        statement.problem = Statement::Problem::deep_key;
        statement.problem_at = at_;
    }
    at_ = end;
}

void Scanner::scan_pair(Statement &statement) {
    std::size_t depth = 0;
    std::size_t open_at = 0;
    std::size_t dots = 0;
    bool in_key = true;
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (c == '\n') {
            if (depth == 0) return;
            if (is_our_header(text_.substr(at_ + 1))) break;
        }
        if (c == '"' || c == '\'') {
            at_ = after_text(at_, statement);
            continue;
        }
        if (c == '#') {
            at_ = end_of_line(at_);
            continue;
        }
        if (static_cast<unsigned char>(c) >= 0x80 && statement.problem == Statement::Problem::none) {
            statement.problem = Statement::Problem::stray;
            statement.problem_at = at_;
        }
        in_key = in_key && c != '=';
        statement.dotted = statement.dotted || (in_key && c == '.');
        if (c == '.' && ++dots >= most_key_parts && statement.problem == Statement::Problem::none) {
            statement.problem = Statement::Problem::deep_key;
            statement.problem_at = statement.begin;
        }
        if (c == '=' || c == ',' || c == '{' || c == '}' || c == '[' || c == ']' || c == '\n') dots = 0;
        if ((c == '[' || c == '{') && depth++ == 0) open_at = at_;
        if ((c == ']' || c == '}') && depth > 0) --depth;
        ++at_;
    }
    if (depth > 0 && statement.problem == Statement::Problem::none) {
        statement.problem = Statement::Problem::open_bracket;
        statement.problem_at = open_at;
    }
}

/// Behind the text that begins at a quote. One on a line ends with the line, closed or not.
std::size_t Scanner::after_text(std::size_t at, Statement &statement) {
    const char quote = text_[at];
    if (text_.substr(at).starts_with(std::string(3, quote))) return after_long_text(at, quote, statement);
    for (++at; at < text_.size() && text_[at] != '\n'; ++at) {
        if (text_[at] == quote) return at + 1;
        if (text_[at] == '\\' && quote == '"' && at + 1 < text_.size() && text_[at + 1] != '\n') ++at;
    }
    return at;
}

std::size_t Scanner::after_long_text(std::size_t at, char quote, Statement &statement) {
    bool &no_more = no_more_long_[quote == '"' ? 0 : 1];
    const std::string closing(3, quote);
    for (std::size_t i = at + 3; !no_more && i < text_.size(); ++i) {
        if (quote == '"' && text_[i] == '\\') {
            ++i;
        } else if (text_[i] == quote && text_.substr(i).starts_with(closing)) {
            // One or two quotes may stand right before the closing three.
            for (i += 3; i < text_.size() && text_[i] == quote;) ++i;
            return i;
        }
    }
    no_more = true;
    if (statement.problem == Statement::Problem::none) {
        statement.problem = Statement::Problem::open_text;
        statement.problem_at = at;
    }
    return end_of_line(at);
}

} // namespace soundwarden::policy
