// SPDX-License-Identifier: MIT
#include "render/policy_text.hpp"

#include "model/names.hpp"
#include "policy/physics.hpp"
#include "policy/quantity.hpp"
#include "render/sheet.hpp"
#include "translate.hpp"
#include "words.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace soundwarden::cli {
namespace {

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
    std::string text = painted(verdict_word(name_of(decision.verdict)), tone_of(decision.verdict), style);
    if (decision.verdict == Verdict::limit && decision.cap)
        text = filled(tr("{0}, cap {1}"), text, painted(db(decision.cap->value), Tone::bold, style));
    if (decision.start_low) text = filled(tr("{0}, starting at {1}"), text, db(policy::low_start.value));
    if (decision.ask) text = filled(tr("{0}, and the user is asked"), text);
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
    if (!louder) return tr("none");
    return filled(tr("to at most {0}, for at most {1}"), dbfs(decision.override_max.value), time_text(decision.override_for_max));
}

void add_facts(Sheet &sheet, const TrialResult &result) {
    const Decision &decision = result.explanation.decision;
    if (!decision.message.empty()) sheet.add(tr("why"), printable(decision.message));
    sheet.add(tr("reason"), printable(decision.reason));
    sheet.add(tr("rule"), printable(decision.rule.name) + " (" + place_text(decision.rule) + ")");
    if (decision.locked)
        sheet.add(tr("locked"), tr("by root: no answer, override or file of the user's goes beyond a locked rule"), Tone::attention);
    if (!decision.assumed.empty()) sheet.add(tr("assumed"), joined(decision.assumed), Tone::attention);
    if (decision.governor && result.explanation.target)
        sheet.add(tr("governor"), filled(tr("holds the level at the ear to {0} over 30 s"), one_decimal(result.explanation.target->value) + " dB(A)"));
    if (decision.start_level)
        sheet.add(tr("start level"), filled(tr("the volume after a plug is at most {0}"), db(decision.start_level->value)));
    if (const std::string text = override_text(decision); !text.empty()) sheet.add(tr("override"), text);
    if (result.posture != Posture::protect) sheet.add(tr("posture"), std::string{name_of(result.posture)});
}

/// A sum as one writes it by hand: signs, numbers below one another, what they are.
class Sum {
  public:
    explicit Sum(const Style &style) : style_(style) {}
    void add(char sign, double value, const std::string &what, bool assumed = false) {
        const std::string number = right_aligned(one_decimal(value), 7) + " dB";
        text_ += std::string{"  "} + sign + number + "  " + printable(said(what)) +
                 (assumed ? painted("  " + tr("(assumed)"), Tone::attention, style_) : "") + "\n";
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
    const std::string and_warnings = warnings == 0 ? std::string{} : ", " + trn("{0} warning", "{0} warnings", warnings);
    if (errors > 0 || !loaded.set)
        return painted(tr("invalid:"), Tone::alarm, style) + " " + trn("{0} error", "{0} errors", errors) + and_warnings + "\n";
    const policy::PolicySet &set = *loaded.set;
    return painted(tr("valid:"), Tone::good, style) + " " + trn("{0} file", "{0} files", set.files.size()) + ", " +
           trn("{0} rule", "{0} rules", set.rules.size()) + ", " + trn("{0} output", "{0} outputs", set.outputs.size()) + ", " +
           trn("{0} load", "{0} loads", set.loads.size()) + and_warnings + "\n";
}

std::string sum_text(const policy::Explanation &explanation, const Style &style) {
    if (explanation.sum.empty() || !explanation.spl) return {};
    Sum sum{style};
    for (const policy::Addend &addend : explanation.sum) sum.add_signed(addend.db, addend.what, addend.assumed);
    sum.add('=', explanation.spl->value, tr("SPL of a full-scale sine at the load"));
    std::string text = "\n" + painted(tr("How loud full scale is"), Tone::bold, style) + "\n" + sum.take();
    const std::optional<Decibels> &cap = explanation.decision.cap;
    if (!explanation.target || !cap) return text;

    Sum caps{style};
    const double crest = policy::programme_crest.value;
    caps.add(' ', explanation.target->value, tr("target, dB(A)"));
    caps.add('+', crest, tr("crest: programme stands this far below a full-scale sine"));
    caps.add('-', explanation.spl->value, tr("SPL of a full-scale sine at the load"));
    double made = explanation.target->value + crest - explanation.spl->value;
    if (made > 0.0) made = step(caps, made, 0.0, tr("nothing is made louder"));
    if (!explanation.bounded_by.empty())
        made = step(caps, made, cap->value + explanation.below.value,
                    filled(tr("known by name only: at most its {0}"), said(explanation.bounded_by)));
    if (explanation.below.value > 0.0) made = step(caps, made, made - explanation.below.value, tr("the rule's 'below'"));
    step(caps, made, cap->value, tr("the rule's own cap"));
    caps.add('=', cap->value, tr("cap"));
    return text + "\n" + painted(tr("The cap"), Tone::bold, style) + "\n" + caps.take();
}

std::string rules_text(const policy::Explanation &explanation, std::string_view kind, const Style &style) {
    if (explanation.rules.empty()) return {};
    const auto why = [](const policy::Considered &each) {
        const bool told = each.why.rfind("locked", 0) == 0;
        const std::string text = printable(said(each.why));
        return each.locked && !told ? filled(tr("locked; {0}"), text) : text;
    };
    std::size_t name_width = 0;
    std::size_t why_width = 0;
    for (const policy::Considered &each : explanation.rules) {
        name_width = std::max(name_width, columns_of(printable(each.rule.name)));
        why_width = std::max(why_width, columns_of(why(each)));
    }
    std::string text = "\n" +
                       painted(filled(tr("Rules for {0}, in order: the last that matches decides"), printable(kind)), Tone::bold, style) +
                       "\n";
    // The place comes last: a path may be long.
    for (const policy::Considered &each : explanation.rules) {
        const std::string line = (each.decided ? "> " : "  ") + padded(each.matched ? tr("yes") : tr("no"), 5) +
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
