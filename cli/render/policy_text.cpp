// SPDX-License-Identifier: MIT
#include "render/policy_text.hpp"

#include "model/names.hpp"
#include "policy/physics.hpp"
#include "policy/quantity.hpp"
#include "render/sheet.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace soundwarden::cli {
namespace {

std::string counted(std::size_t number, const std::string &what) {
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::string padded(std::string text, std::size_t columns) {
    const std::size_t used = columns_of(text);
    return used < columns ? text + std::string(columns - used, ' ') : text;
}

std::string right_aligned(const std::string &text, std::size_t columns) {
    return text.size() < columns ? std::string(columns - text.size(), ' ') + text : text;
}

/// "10-matrix.toml:25:1".
std::string place_text(const RuleRef &rule) {
    std::string text = printable(rule.file);
    if (rule.line > 0) text += ":" + std::to_string(rule.line) + ":" + std::to_string(rule.column);
    return text;
}

// ---- test

Tone tone_of(Verdict verdict) {
    switch (verdict) {
    case Verdict::allow: return Tone::good;
    case Verdict::limit: return Tone::attention;
    case Verdict::block: return Tone::alarm;
    }
    return Tone::plain;
}

/// "limit, at most -9.4 dB; the user is asked".
std::string verdict_line(const Decision &decision, const Style &style) {
    std::string text = painted(std::string{name_of(decision.verdict)}, tone_of(decision.verdict), style);
    if (decision.verdict == Verdict::limit && decision.cap)
        text += ", cap " + painted(db(decision.cap->value), Tone::bold, style);
    if (decision.start_low) text += ", starting at " + db(policy::low_start.value);
    if (decision.ask) text += ", and the user is asked";
    return text;
}

/// "30 min", "45 s", "12 h".
std::string time_text(Duration duration) {
    const auto whole = [&](auto unit) { return duration % unit == Duration{0}; };
    if (whole(std::chrono::hours{1})) return std::to_string(duration / std::chrono::hours{1}) + " h";
    if (whole(std::chrono::minutes{1})) return std::to_string(duration / std::chrono::minutes{1}) + " min";
    return policy::quantity_text(policy::Quantity::time, std::chrono::duration<double>(duration).count());
}

/// What an override may give; empty: there is nothing above what is given already.
std::string override_text(const Decision &decision) {
    if (decision.verdict == Verdict::allow || decision.cap == Decibels{0.0}) return {};
    const bool louder =
        std::isfinite(decision.override_max.value) && (!decision.cap || decision.override_max > *decision.cap);
    if (!louder) return "none";
    return "to at most " + dbfs(decision.override_max.value) + ", for at most " + time_text(decision.override_for_max);
}

void add_facts(Sheet &sheet, const TrialResult &result) {
    const Decision &decision = result.explanation.decision;
    if (!decision.message.empty()) sheet.add("why", printable(decision.message));
    sheet.add("reason", printable(decision.reason));
    sheet.add("rule", printable(decision.rule.name) + " (" + place_text(decision.rule) + ")");
    if (decision.locked)
        sheet.add("locked", "by root: no answer, override or file of the user's goes beyond a locked rule",
                  Tone::attention);
    if (!decision.assumed.empty()) sheet.add("assumed", joined(decision.assumed), Tone::attention);
    if (decision.governor && result.explanation.target)
        sheet.add("governor", "holds the level at the ear to " + one_decimal(result.explanation.target->value) +
                                  " dB(A) over 30 s");
    if (decision.start_level)
        sheet.add("start level", "the volume after a plug is at most " + db(decision.start_level->value));
    if (const std::string text = override_text(decision); !text.empty()) sheet.add("override", text);
    if (result.posture != Posture::protect) sheet.add("posture", std::string{name_of(result.posture)});
}

/// A sum as one writes it by hand: signs, numbers below one another, what they are.
class Sum {
  public:
    explicit Sum(const Style &style) : style_(style) {}
    void add(char sign, double value, const std::string &what, bool assumed = false) {
        const std::string number = right_aligned(one_decimal(value), 7) + " dB";
        text_ += std::string{"  "} + sign + number + "  " + printable(what) +
                 (assumed ? painted("  (assumed)", Tone::attention, style_) : "") + "\n";
    }
    void add_signed(double value, const std::string &what, bool assumed) {
        add(text_.empty() ? ' ' : value < 0 ? '-' : '+', text_.empty() ? value : std::fabs(value), what, assumed);
    }
    void add_line(const std::string &line) { text_ += line; }
    std::string take() { return std::move(text_); }

  private:
    const Style &style_;
    std::string text_;
};

/// Two numbers that look the same when they are printed.
bool same(double a, double b) { return std::fabs(a - b) < 0.05; }

/// From one number of the sum to the next; nothing where they are the same.
double step(Sum &sum, double from, double to, const std::string &why) {
    if (!same(from, to)) sum.add(to < from ? '-' : '+', std::fabs(to - from), why);
    return to;
}

/// "Focusrite 2i2 (headphone-out), HD 600 (headphones)".
std::string title(const Trial &trial) {
    const std::string kind{name_of(trial.output.kind)};
    const std::string load{name_of(trial.classification.loads.front().load)};
    const std::string &model = trial.classification.facts.model;
    return (trial.entry.empty() ? kind : printable(trial.entry) + " (" + kind + ")") + ", " +
           (model.empty() ? load : printable(model) + " (" + load + ")");
}

} // namespace

std::string diagnostics_text(const std::vector<policy::Diagnostic> &diagnostics, const Style &style) {
    std::string text;
    for (const policy::Diagnostic &diagnostic : diagnostics) text += policy::text_of(diagnostic, style.colour);
    return text;
}

std::string check_text(const policy::Loaded &loaded, const Style &style) {
    const auto &diagnostics = loaded.diagnostics;
    const auto errors = static_cast<std::size_t>(
        std::count_if(diagnostics.begin(), diagnostics.end(),
                      [](const policy::Diagnostic &each) { return each.severity == policy::Severity::error; }));
    const std::size_t warnings = diagnostics.size() - errors;
    const std::string and_warnings = warnings == 0 ? std::string{} : ", " + counted(warnings, "warning");
    if (errors > 0 || !loaded.set)
        return painted("invalid:", Tone::alarm, style) + " " + counted(errors, "error") + and_warnings + "\n";
    const policy::PolicySet &set = *loaded.set;
    return painted("valid:", Tone::good, style) + " " + counted(set.files.size(), "file") + ", " +
           counted(set.rules.size(), "rule") + ", " + counted(set.outputs.size(), "output") + ", " +
           counted(set.loads.size(), "load") + and_warnings + "\n";
}

std::string sum_text(const policy::Explanation &explanation, const Style &style) {
    if (explanation.sum.empty() || !explanation.spl) return {};
    Sum sum{style};
    for (const policy::Addend &addend : explanation.sum) sum.add_signed(addend.db, addend.what, addend.assumed);
    sum.add('=', explanation.spl->value, "SPL of a full-scale sine at the load");
    std::string text = "\n" + painted("How loud full scale is", Tone::bold, style) + "\n" + sum.take();
    const std::optional<Decibels> &cap = explanation.decision.cap;
    if (!explanation.target || !cap) return text;

    Sum caps{style};
    const double crest = policy::programme_crest.value;
    caps.add(' ', explanation.target->value, "target, dB(A)");
    caps.add('+', crest, "crest: programme stands this far below a full-scale sine");
    caps.add('-', explanation.spl->value, "SPL of a full-scale sine at the load");
    double made = explanation.target->value + crest - explanation.spl->value;
    if (made > 0.0) made = step(caps, made, 0.0, "nothing is made louder");
    if (!explanation.bounded_by.empty())
        made = step(caps, made, cap->value + explanation.below.value,
                    "known by name only: at most its " + explanation.bounded_by);
    if (explanation.below.value > 0.0) made = step(caps, made, made - explanation.below.value, "the rule's 'below'");
    step(caps, made, cap->value, "the rule's own cap");
    caps.add('=', cap->value, "cap");
    return text + "\n" + painted("The cap", Tone::bold, style) + "\n" + caps.take();
}

std::string rules_text(const policy::Explanation &explanation, std::string_view kind, const Style &style) {
    if (explanation.rules.empty()) return {};
    const auto why = [](const policy::Considered &each) {
        const bool said = each.why.rfind("locked", 0) == 0;
        return (each.locked && !said ? "locked; " : "") + printable(each.why);
    };
    std::size_t name_width = 0;
    std::size_t why_width = 0;
    for (const policy::Considered &each : explanation.rules) {
        name_width = std::max(name_width, columns_of(printable(each.rule.name)));
        why_width = std::max(why_width, columns_of(why(each)));
    }
    std::string text = "\n" +
                       painted("Rules for " + printable(kind) + ", in order: the last that matches decides",
                               Tone::bold, style) +
                       "\n";
    // The place comes last: a path may be long.
    for (const policy::Considered &each : explanation.rules) {
        const std::string line = (each.decided ? "> " : "  ") + padded(each.matched ? "yes" : "no", 5) +
                                 padded(printable(each.rule.name), name_width + 2) + padded(why(each), why_width + 2) +
                                 place_text(each.rule);
        text += painted(line, each.decided ? Tone::bold : each.matched ? Tone::plain : Tone::dim, style) + "\n";
    }
    return text;
}

std::string trial_text(const TrialResult &result, const Style &style) {
    Sheet sheet{style};
    add_facts(sheet, result);
    return painted(title(result.trial) + ":", Tone::bold, style) + " " +
           verdict_line(result.explanation.decision, style) + "\n" + sheet.take() +
           sum_text(result.explanation, style) + rules_text(result.explanation, name_of(result.trial.output.kind), style);
}

} // namespace soundwarden::cli
