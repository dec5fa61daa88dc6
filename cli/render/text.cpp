// SPDX-License-Identifier: MIT
#include "render/text.hpp"

#include "render/dose_words.hpp"
#include "render/sheet.hpp"
#include "translate.hpp"
#include "words.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <map>
#include <optional>

namespace soundwarden::cli {
namespace {

Tone tone_of_verdict(const Output &output) {
    if (output.state == "unprotected" || output.state == "orphaned") return Tone::alarm;
    if (output.verdict == "block") return Tone::alarm;
    return output.verdict == "allow" || output.verdict == "limit" ? Tone::plain : Tone::attention;
}

Tone tone_of_state(std::string_view state) {
    if (state == "running") return Tone::good;
    return state == "not-protecting" ? Tone::alarm : Tone::attention;
}

// ---- numbers and words
// -----------------------------------------------------------------------------------------------

std::string yes_or_no(bool yes) { return yes ? tr("yes") : tr("no"); }

std::string percent(double share) { return std::to_string(std::lround(share * 100)) + " %"; }

/// As the desktop's slider shows it: the cube root of the amplitude.
std::string slider(double amplitude) { return percent(std::cbrt(std::max(0.0, amplitude))); }

std::string load_text(const LoadShare &share) {
    const bool alone = share.probability > 0.995;
    return load_word(share.load) + (alone ? "" : " " + percent(share.probability));
}

std::string attached(const Output &output) {
    const std::string sure = " (" + confidence_word(output.confidence) + ")";
    return (output.loads.empty() ? load_word("unknown") : load_text(output.loads.front())) + sure;
}

std::string verdict_text(const Output &output) {
    std::string text = output.state == "unprotected" || output.state == "orphaned" ? state_word(output.state) : verdict_word(output.verdict);
    if (output.ask) text += " ?";
    return text;
}

/// "limit, cap -9.4 dB".
std::string verdict_and_cap(const Output &output) {
    return output.cap_dbfs ? filled(tr("{0}, cap {1}"), verdict_text(output), db(*output.cap_dbfs)) : verdict_text(output);
}

std::string cap_text(const Output &output) { return output.cap_dbfs ? db(*output.cap_dbfs) : "-"; }

std::string levels(const Output &output) {
    if (!output.peak_dbfs) return output.gain_reduction_db ? tr("silence") : tr("nothing plays");
    constexpr double shown_from_db = 0.05; // rounds to 0.1
    const double reduction = output.gain_reduction_db.value_or(0.0);
    if (reduction < shown_from_db) return filled(tr("peak {0}"), dbfs(*output.peak_dbfs));
    return filled(tr("peak {0}, reduced {1}"), one_decimal(*output.peak_dbfs), db(reduction));
}

std::string now_text(const Output &output) {
    if (!output.active) return output.availability == "no" ? tr("not plugged in") : tr("not in use");
    if (output.state == "blocked") return tr("silenced");
    if (output.state == "settling")
        return output.ceiling_dbfs ? filled(tr("settling, max {0}"), dbfs(*output.ceiling_dbfs)) : tr("settling");
    return output.mute ? tr("muted") : levels(output);
}

// ---- status
// ----------------------------------------------------------------------------------------------------------

std::string reasons_text(const Status &status) {
    std::string text;
    for (const auto &reason : status.reasons) {
        if (!text.empty()) text += "; ";
        text += printable(said(reason.sentence));
    }
    return text;
}

std::string posture_text(const Status &status) { return filled(tr("(posture {0})"), printable(status.posture)); }

std::string first_line(const Status &status, const Style &style) {
    const bool observing = status.posture == "observe";
    if (status.state == "not-protecting") {
        const std::string why = status.reasons.empty() ? tr("no reason was given; see: systemctl --user status soundwarden")
                                                       : printable(said(status.reasons.front().sentence));
        return painted(tr("not protecting:"), Tone::alarm, style) + " " + why + "\n";
    }
    std::string text = painted(observing ? tr("observing only") : tr("protecting"),
                               observing ? Tone::attention : tone_of_state(status.state), style);
    if (observing) text += tr(": reports, changes nothing");
    if (status.state != "running") text += ", " + painted(daemon_state_word(status.state), tone_of_state(status.state), style);
    if (status.posture != "protect" && !observing) text += " " + posture_text(status);
    return text + "\n";
}

std::string links_past(const Output &output, const Offender &offender) {
    return trn("{0} link past the guard into {1}, by {2}", "{0} links past the guard into {1}, by {2}", offender.times, printable(output.name),
               printable(offender.name));
}

/// What is degraded, with what mends it, and what nothing guards: a line each.
std::string reason_lines(const Status &status, const Style &style) {
    std::string text;
    // The first one of these stands in the first line.
    const std::size_t from = status.state == "not-protecting" ? 1 : 0;
    for (std::size_t at = from; at < status.reasons.size(); ++at)
        text += painted(daemon_state_word(status.state) + ":", tone_of_state(status.state), style) + " " +
                printable(said(status.reasons[at].sentence)) + " [" + printable(status.reasons[at].token) + "]\n";
    for (const Output &output : status.outputs)
        for (const auto &offender : output.active ? output.offenders : std::vector<Offender>{})
            text += painted(tr("removed:"), Tone::attention, style) + " " + links_past(output, offender) + "\n";
    for (const Output &output : status.outputs)
        if (output.state == "unprotected")
            text += painted(tr("unprotected:"), Tone::alarm, style) + " " +
                    filled(tr("{0}: something for the ears may be plugged in there, and nothing limits it"), printable(output.name)) + "\n";
    return text;
}

constexpr std::size_t column_count = 6;
enum Column : std::size_t { col_name, col_kind, col_attached, col_verdict, col_cap, col_now };
constexpr std::array<const char *, column_count> headings{N_("OUTPUT"), N_("SOCKET"), N_("ATTACHED"), N_("VERDICT"), N_("CAP"), N_("NOW")};
constexpr std::size_t narrowest = 10; ///< no text column is squeezed below this

struct Row {
    std::array<std::string, column_count> cells;
    std::array<Tone, column_count> tones{};
};

Row row_of(const Output &output, bool ambiguous_name) {
    Row row;
    row.cells[col_name] = printable(output.name) + (ambiguous_name ? " (" + printable(output.id) + ")" : "");
    row.cells[col_kind] = socket_word(output.kind);
    row.cells[col_attached] = attached(output);
    row.cells[col_verdict] = verdict_text(output);
    row.cells[col_cap] = cap_text(output);
    row.cells[col_now] = now_text(output);
    if (!output.active) row.tones.fill(Tone::dim);
    if (const Tone tone = tone_of_verdict(output);
        tone != Tone::plain && (output.active || output.state == "unprotected"))
        row.tones[col_verdict] = tone;
    if (limiting(output)) row.tones[col_now] = Tone::attention;
    return row;
}

std::size_t total(const std::array<std::size_t, column_count> &widths) {
    std::size_t sum = column_gap * (column_count - 1);
    for (const std::size_t width : widths) sum += width;
    return sum;
}

/// Some lines per output where the terminal is too narrow for columns.
std::string stacked(const std::vector<Row> &rows, const Style &style) {
    std::string text;
    const auto add = [&](const std::string &line, Tone tone) {
        text += painted(shortened(line, style.width.value_or(line.size())), tone, style) + "\n";
    };
    for (const Row &row : rows) {
        const bool capped = row.cells[col_cap] != "-";
        add(row.cells[col_name], Tone::bold);
        add("  " + row.cells[col_kind] + ": " + row.cells[col_attached], row.tones[col_attached]);
        add("  " + (capped ? filled(tr("{0}, cap {1}"), row.cells[col_verdict], row.cells[col_cap]) : row.cells[col_verdict]), row.tones[col_verdict]);
        add("  " + row.cells[col_now], row.tones[col_now]);
    }
    return text;
}

std::string table(const std::vector<Row> &rows, const Style &style) {
    std::array<std::size_t, column_count> widths{};
    std::array<std::string, column_count> titles;
    for (std::size_t at = 0; at < column_count; ++at) titles[at] = tr(headings[at]);
    for (std::size_t at = 0; at < column_count; ++at) widths[at] = columns_of(titles[at]);
    for (const Row &row : rows)
        for (std::size_t at = 0; at < column_count; ++at) widths[at] = std::max(widths[at], columns_of(row.cells[at]));
    if (style.width) {
        for (const Column column : {col_attached, col_name, col_kind}) {
            const std::size_t over = total(widths) > *style.width ? total(widths) - *style.width : 0;
            const std::size_t spare = widths[column] > narrowest ? widths[column] - narrowest : 0;
            widths[column] -= std::min(over, spare);
        }
        if (total(widths) > *style.width) return stacked(rows, style);
    }
    const auto line = [&](const auto &cells, const auto &tones) {
        std::string text;
        for (std::size_t at = 0; at < column_count; ++at) {
            const std::string cell = shortened(cells[at], widths[at]);
            text += painted(cell, tones[at], style);
            if (at + 1 < column_count) text += std::string(widths[at] - columns_of(cell) + column_gap, ' ');
        }
        return text + "\n";
    };
    std::array<Tone, column_count> heading_tones{};
    heading_tones.fill(Tone::bold);
    std::string text = line(titles, heading_tones);
    for (const Row &row : rows) text += line(row.cells, row.tones);
    return text;
}

// ---- show
// ------------------------------------------------------------------------------------------------------------

std::string rule_text(const Rule &rule) {
    std::string text = printable(rule.name) + " (" + printable(rule.file);
    if (rule.line > 0) text += ":" + std::to_string(rule.line);
    return text + ")";
}

std::string use_text(const Output &output) {
    if (output.availability == "yes") return output.active ? tr("yes, something is plugged in") : tr("no, something is plugged in");
    if (output.availability == "no") return output.active ? tr("yes, nothing is plugged in") : tr("no, nothing is plugged in");
    return yes_or_no(output.active);
}

std::string volume_text(const Output &output) {
    std::string text = slider(output.volume);
    if (output.volume > 0) text += " (" + db(20 * std::log10(output.volume)) + ")";
    return output.mute ? filled(tr("{0}, muted"), text) : text;
}

// ---- monitor
// ---------------------------------------------------------------------------------------------------------

/// How a key reads in a line of the monitor, or nothing where only its name is worth saying.
std::optional<std::string> value_text(std::string_view key, const Output &output) {
    if (key == "name") return printable(output.name);
    if (key == "kind") return socket_word(output.kind);
    if (key == "active") return yes_or_no(output.active);
    if (key == "availability") return printable(word("availability", output.availability));
    if (key == "loads") return output.loads.empty() ? load_word("unknown") : load_text(output.loads.front());
    if (key == "confidence") return confidence_word(output.confidence);
    if (key == "verdict") return verdict_word(output.verdict);
    if (key == "state") return state_word(output.state);
    if (key == "cap_dbfs") return output.cap_dbfs ? db(*output.cap_dbfs) : tr("none");
    if (key == "ceiling_dbfs") return output.ceiling_dbfs ? dbfs(*output.ceiling_dbfs) : tr("none");
    if (key == "volume") return slider(output.volume);
    if (key == "mute") return yes_or_no(output.mute);
    if (key == "ask") return yes_or_no(output.ask);
    if (key == "reason") return printable(output.reason);
    return std::nullopt;
}

std::string label_of(std::string_view key) {
    static const std::map<std::string_view, const char *> labels{{"name", N_("name")},
                                                                 {"sink", N_("sink")},
                                                                 {"kind", N_("kind")},
                                                                 {"active", N_("in use")},
                                                                 {"availability", N_("plugged in")},
                                                                 {"loads", N_("attached")},
                                                                 {"confidence", N_("sure")},
                                                                 {"evidence", N_("evidence")},
                                                                 {"verdict", N_("verdict")},
                                                                 {"cap_dbfs", N_("cap")},
                                                                 {"ceiling_dbfs", N_("ceiling")},
                                                                 {"state", N_("state")},
                                                                 {"reason", N_("reason")},
                                                                 {"rule", N_("rule")},
                                                                 {"assumed", N_("assumed")},
                                                                 {"governor", N_("governor")},
                                                                 {"start_level_db", N_("start level")},
                                                                 {"full_scale_volts", N_("full scale")},
                                                                 {"volume", N_("volume")},
                                                                 {"mute", N_("mute")},
                                                                 {"offenders", N_("offenders")},
                                                                 {"ask", N_("question")}};
    const auto found = labels.find(key);
    return found == labels.end() ? std::string{key} : tr(found->second);
}

std::string take_back_text(const std::string &command) { return filled(tr("Take that back with: {0}"), command) + "\n"; }

std::string now_sentence_of(const Output &output) { return filled(tr("Now: {0}."), verdict_and_cap(output)) + "\n"; }

std::string stamped(std::string_view time, const std::string &text, const Style &style) {
    return painted(std::string{time}, Tone::dim, style) + "  " + text + "\n";
}

} // namespace

std::string status_text(const Status &status, const Style &style) {
    std::string text = first_line(status, style);
    if (status.outputs.empty()) {
        if (status.state != "not-protecting") text += tr("no outputs") + "\n";
    } else {
        std::map<std::string_view, int> names;
        for (const Output &output : status.outputs) ++names[output.name];
        std::vector<Row> rows;
        for (const Output &output : status.outputs) rows.push_back(row_of(output, names[output.name] > 1));
        text += "\n" + table(rows, style);
    }
    if (const std::string reasons = reason_lines(status, style); !reasons.empty()) text += "\n" + reasons;
    return text;
}

std::string show_text(const Output &output, const Style &style) {
    Sheet sheet{style};
    sheet.add(tr("id"), printable(output.id));
    sheet.add(tr("sink"), printable(output.sink));
    sheet.add(tr("socket"), socket_word(output.kind));
    sheet.add(tr("in use"), use_text(output));
    for (const auto &share : output.loads) sheet.add(tr("attached"), load_text(share));
    sheet.add(tr("sure"), confidence_word(output.confidence));
    for (const auto &fact : output.evidence)
        sheet.add(tr("evidence"), printable(fact.source) + ": " + printable(fact.text));
    sheet.add(tr("verdict"), verdict_text(output) + (output.reason.empty() ? "" : ", " + printable(output.reason)),
              tone_of_verdict(output));
    sheet.add(tr("rule"), rule_text(output.rule));
    if (!output.assumed.empty()) sheet.add(tr("assumed"), joined(output.assumed));
    sheet.add(tr("cap"), output.cap_dbfs ? db(*output.cap_dbfs) : tr("none"));
    sheet.add(tr("ceiling now"), output.ceiling_dbfs ? dbfs(*output.ceiling_dbfs) : "none");
    if (output.governor) sheet.add(tr("governor"), tr("holds the level at the ear to the target"));
    if (output.start_level_db) sheet.add(tr("start level"), filled(tr("at most {0}"), db(*output.start_level_db)));
    if (output.full_scale_volts) {
        std::array<char, 64> volts{};
        std::snprintf(volts.data(), volts.size(), "%.3g V rms", *output.full_scale_volts);
        sheet.add(tr("full scale"), volts.data());
    }
    for (const auto &[key, number] : output.facts) sheet.add(tr("known"), printable(key) + " " + one_decimal(number));
    if (!output.model.empty()) sheet.add(tr("known"), "load_model " + printable(output.model));
    sheet.add(tr("volume"), volume_text(output));
    sheet.add(tr("state"), state_word(output.state));
    for (const auto &offender : output.offenders)
        sheet.add(tr("removed"), std::to_string(offender.times) + " x " + printable(offender.name), Tone::attention);
    sheet.add(tr("now"), now_text(output), limiting(output) ? Tone::attention : Tone::plain);
    return painted(printable(output.name), Tone::bold, style) + "\n" + sheet.take();
}

std::string guard_text(const Output &output, bool on) {
    const std::string name = printable(output.name);
    if (on) return filled(tr("{0} is guarded again."), name) + "\n";
    return filled(tr("{0} is left alone from now on: nothing limits it, also after a restart."), name) + "\n" +
           take_back_text("soundwarden guard " + printable(output.id) + " on");
}

std::string override_text(const Output &output, double ceiling_dbfs, std::uint32_t seconds) {
    const std::string time = seconds < 60 ? std::to_string(seconds) + " s" : duration_text(static_cast<double>(seconds));
    return filled(tr("{0} may reach {1} for {2}, or until something else is plugged in."), printable(output.name), dbfs(ceiling_dbfs), time) + "\n" +
           take_back_text("soundwarden override " + printable(output.id) + " --cancel");
}

std::string cancel_text(const Output &output) {
    return filled(tr("{0}: no override any more."), printable(output.name)) + "\n" + now_sentence_of(output);
}

std::string panic_text(bool on) {
    if (!on) return tr("Back to normal: sound comes up again.") + "\n";
    return tr("Everything is silent, also after a restart.") + "\n" + take_back_text("soundwarden resume");
}

std::string answer_text(const Output &output, std::string_view load) {
    const std::string name = printable(output.name);
    const std::string text = load == "unknown" ? filled(tr("{0}: you are not sure; it stays as careful as it was, and is not asked again for now."), name)
                                               : filled(tr("{0}: {1}, as you say."), name, load_word(load));
    return text + "\n" + now_sentence_of(output) + take_back_text("soundwarden forget " + printable(output.id));
}

std::string forget_text(const Output &output) {
    return filled(tr("{0}: what was answered is forgotten."), printable(output.name)) + "\n" +
           filled(tr("Now: {0}."), attached(output) + ", " + verdict_and_cap(output)) + "\n";
}

std::string release_text(const std::vector<std::string> &sinks, bool by_daemon) {
    if (sinks.empty()) return tr("Nothing is guarded.") + "\n";
    std::string text;
    for (const auto &sink : sinks) text += filled(tr("{0} is released: nothing limits it. Its volume was left low."), printable(sink)) + "\n";
    if (by_daemon) text += tr("It is guarded again when the daemon starts anew, or with: soundwarden guard OUTPUT on") + "\n";
    return text;
}

std::string added_text(const Output &output, std::string_view time, const Style &style) {
    return stamped(time,
                   filled(tr("{0}: new: {1}"), printable(output.name), socket_word(output.kind) + ", " + attached(output) + ", " + verdict_and_cap(output)), style);
}

std::string removed_text(const Output &output, std::string_view time, const Style &style) {
    return stamped(time, filled(tr("{0}: gone"), printable(output.name)), style);
}

std::string changed_text(const Output &before, const Output &after, const std::vector<std::string_view> &changed,
                         std::string_view time, const Style &style) {
    std::string text;
    for (const auto key : changed) {
        const auto from = value_text(key, before);
        const auto to = value_text(key, after);
        std::string part = label_of(key);
        if (from && to && from != to)
            part += " " + *from + " -> " + *to;
        else if (!to)
            part = filled(tr("{0} changed"), part);
        else
            continue; // a difference below what is shown
        text += (text.empty() ? "" : ", ") + part;
    }
    if (text.empty()) return {};
    const Tone tone =
        std::find(changed.begin(), changed.end(), "state") == changed.end() ? Tone::plain : tone_of_verdict(after);
    return stamped(time, printable(after.name) + ": " + painted(text, tone, style), style);
}

std::string state_text(const Status &status, std::string_view time, const Style &style) {
    std::string text = painted(daemon_state_word(status.state), tone_of_state(status.state), style);
    if (status.posture != "protect") text += " " + posture_text(status);
    if (const std::string why = reasons_text(status); !why.empty()) text += ": " + why;
    return stamped(time, filled(tr("daemon: {0}"), text), style);
}

std::string note_text(std::string_view note, std::string_view time, const Style &style) {
    return stamped(time, std::string{note}, style);
}

} // namespace soundwarden::cli
