// SPDX-License-Identifier: MIT
#include "read_file.hpp"

#include "utf8.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

namespace soundwarden::policy {
namespace {

/// How print() marks where the rules of another file begin: several files in one.
constexpr std::string_view part_mark = "#: from ";

/// Lines that begin with the mark.
std::vector<std::uint32_t> part_lines(std::string_view content) {
    std::vector<std::uint32_t> lines;
    std::size_t counted = 0;
    std::uint32_t line = 1;
    for (std::size_t at = content.find(part_mark); at != std::string_view::npos; at = content.find(part_mark, at + 1)) {
        if (at > 0 && content[at - 1] != '\n') continue;
        line += static_cast<std::uint32_t>(std::count(content.begin() + static_cast<std::ptrdiff_t>(counted),
                                                      content.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
        counted = at;
        lines.push_back(line);
    }
    return lines;
}

bool is_list_name(std::string_view name) { return name == "rule" || name == "output" || name == "load"; }

class Reader {
  public:
    Reader(const SourceText &text, Report &report)
        : layer_(text.layer), report_(report), parts_(part_lines(text.content)) {}

    FilePolicy read(Document &document) {
        const Section top = document.top();
        if (!read_schema(top)) return {};
        for (const Node &node : top.table.children) read_top(node, top.damaged);
        while (const auto section = document.next()) {
            if (const auto at = values_.find(section->name); at != values_.end())
                report_.error(section->at, "\"" + section->name + "\" is given its value on line " +
                                               std::to_string(at->second.line) +
                                               " already; TOML takes either that or headers");
            read_section(*section);
        }
        if (!has_schema_) report_.error({1, 1}, "this file has no schema; begin it with schema = 1");
        return std::move(policy_);
    }

  private:
    /// false: the file is for another program.
    bool read_schema(const Section &top) {
        const auto schema = std::find_if(top.table.children.begin(), top.table.children.end(),
                                         [](const Node &node) { return node.key == "schema"; });
        has_schema_ = schema != top.table.children.end() || top.damaged;
        if (schema == top.table.children.end()) return true;
        if (schema->type != Node::Type::integer) {
            report_.error(schema->at,
                          "\"schema\" takes the whole number 1, and this is " + std::string(type_name(schema->type)));
            return true;
        }
        if (schema->number == 1.0) return true;
        report_.error(schema->at, schema->number > 1.0
                                      ? "this file is written for a newer Soundwarden; this one reads schema = 1"
                                      : "there is no such schema; this Soundwarden reads schema = 1");
        return schema->number < 1.0;
    }

    /// What stands before the first header: `settings.posture = "strict"` and `rule = [{ … }]` are TOML too.
    void read_top(const Node &node, bool damaged) {
        if (node.key == "schema") return;
        const bool list_of_tables = node.type == Node::Type::list &&
                                    std::all_of(node.children.begin(), node.children.end(),
                                                [](const Node &child) { return child.type == Node::Type::table; });
        if (is_list_name(node.key) && list_of_tables) {
            values_[node.key] = node.key_at;
            for (const Node &child : node.children) read_section({node.key, true, damaged, child.at, child});
        } else if ((is_list_name(node.key) || node.key == "settings") && node.type == Node::Type::table) {
            values_[node.key] = node.key_at;
            read_section({node.key, false, damaged, node.key_at, node});
        } else if (is_list_name(node.key) || node.key == "settings") {
            report_.error(node.key_at, "\"" + node.key + "\" is a table; write " +
                                           (node.key == "settings" ? "[settings]" : "[[" + node.key + "]]") +
                                           " on a line of its own");
        } else {
            report_unknown(node, tables::top, report_);
        }
    }

    void read_section(const Section &section) {
        // Somewhere else than at the top it is reported as what does not belong there.
        has_schema_ = has_schema_ || section.name == "schema" ||
                      std::any_of(section.table.children.begin(), section.table.children.end(),
                                  [](const Node &node) { return node.key == "schema"; });
        if (section.name == "settings") return read_settings_once(section);
        if (!is_list_name(section.name)) return unknown(section);
        if (!section.listed)
            report_.error(section.at, "[" + section.name +
                                          "] has two brackets on each side, as there may be several: write [[" +
                                          section.name + "]]");
        if (section.name == "rule") return add_rule(section);
        if (section.name == "output") return add(policy_.outputs, read_output(section, report_, layer_), section);
        add(policy_.loads, read_load(section, report_, layer_), section);
    }

    /// What is not listed is not what it claims to be, and is reported as such already.
    template <class T>
    void add(std::vector<T> &into, std::optional<T> read, const Section &section) {
        if (read && section.listed) into.push_back(std::move(*read));
    }

    void unknown(const Section &section) {
        if (section.name == "schema")
            return report_.error(section.at, "\"schema\" is a number: begin the file with schema = 1");
        if (report_.full()) return report_.error(section.at, {});
        const std::string hint = did_you_mean(section.name, tables::top_keys);
        report_.error(section.at,
                      "unknown table \"" + visible(section.name) + "\"" +
                          (hint.empty() ? "; known are [settings], [[output]], [[load]] and [[rule]]" : hint));
    }

    void read_settings_once(const Section &section) {
        if (section.listed)
            report_.error(section.at,
                          "[[settings]] has one bracket on each side, as it stands but once: write [settings]");
        if (settings_at_.line > 0)
            report_.error(section.at, "[settings] stands on line " + std::to_string(settings_at_.line) +
                                          " already; put both into one");
        settings_at_ = section.at;
        read_settings(section, report_, layer_, policy_);
    }

    void add_rule(const Section &section) {
        auto rule = read_rule(section, report_, layer_);
        if (rule) {
            const auto part = std::upper_bound(parts_.begin(), parts_.end(), section.at.line) - parts_.begin();
            const auto [at, fresh] = names_.try_emplace(std::to_string(part) + "/" + rule->name, section.at.line);
            if (!fresh && !report_.full())
                report_.error(section.at, "a rule \"" + visible(rule->name) + "\" stands on line " +
                                              std::to_string(at->second) + " already; give each a name of its own");
            else if (!fresh)
                report_.error(section.at, {});
        }
        add(policy_.rules, std::move(rule), section);
    }

    Layer layer_;
    Report &report_;
    std::vector<std::uint32_t> parts_;
    FilePolicy policy_{};
    std::map<std::string, Spot> values_{};
    std::unordered_map<std::string, std::uint32_t> names_{};
    Spot settings_at_{};
    bool has_schema_ = false;
};

} // namespace

FilePolicy read_file(const SourceText &text, Report &report) {
    if (!text.problem.empty()) {
        report.error({}, "cannot be read: " + visible(text.problem, 200));
        return {};
    }
    Document document(text.content, report);
    if (!document.usable() || document.mask()) return {};
    return Reader(text, report).read(document);
}

} // namespace soundwarden::policy
