// SPDX-License-Identifier: MIT
#include "desktop_words.hpp"

#include "utf8.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>

namespace soundwarden::dbus {
namespace {

using Kind = OutputNotice::Kind;

// ---- the words -------------------------------------------------------------------------------------------------------

constexpr std::array<Choice, 7> buttons{{
    {Load::headphones, "headphones", "Headphones"},
    {Load::in_ear, "in-ear", "Earphones (in-ear)"},
    {Load::active_speakers, "active-speakers", "Speakers"},
    {Load::passive_speakers, "passive-speakers", "Speakers without power"},
    {Load::line_input, "line-input", "Amplifier or mixer"},
    {Load::headphone_amplifier, "headphone-amplifier", "Headphone amplifier"},
    {Load::unknown, "unknown", "Not sure"},
}};
constexpr Choice change{std::nullopt, "change", "Change…"};
constexpr Choice more{std::nullopt, "more", "Other…"};
/// At the terminals of a power amplifier speakers are those without power of their own.
constexpr Choice plain_speakers{Load::passive_speakers, "passive-speakers", "Speakers"};
constexpr Choice powered_speakers{Load::active_speakers, "active-speakers", "Speakers with power"};

constexpr const char *question_title = "What is connected to {}?";
constexpr const char *plays_on = "Sound plays on at a safe level meanwhile.";
constexpr const char *is_off_meanwhile = "Sound is off meanwhile.";
constexpr const char *from_the_keyboard = "From the keyboard: {}";
constexpr const char *loads_to_name = " (or in-ear, active-speakers, passive-speakers, line-input, headphone-amplifier, unknown)";
constexpr const char *blocked_title = "Sound is off on {}";
constexpr const char *blocked_way_out = "All about it: {} For a while all the same, quietly: {}";
constexpr const char *limited_title = "Sound is limited on {}";
constexpr const char *limited_to = "It gets no louder than {}.";
constexpr const char *recalled_title = "{}: {}, as you said";
constexpr const char *recalled_body = "The slider goes as far as they permit; sound starts low.";
constexpr const char *recalled_way_out = "Take that back: {}";
constexpr const char *greeting_title = "Sound is kept at safe levels from now on";
constexpr const char *greeting_body = "Headphones start low when they are plugged in, and nothing gets louder than what is plugged in can take. "
                                      "To see it, run soundwarden in a terminal; soundwarden --help says what else it can do.";
constexpr const char *limited_way_out = "Why: {} Louder for a while: {}";

// ----------------------------------------------------------------------------------------------------------------------

constexpr std::size_t most_buttons = 3;
constexpr std::size_t longest_name = 80; // bytes

Choice button_for(Load load, OutputKind kind) {
    if (kind == OutputKind::speaker_out && load == Load::passive_speakers) return plain_speakers;
    if (kind == OutputKind::speaker_out && load == Load::active_speakers) return powered_speakers;
    return *std::find_if(buttons.begin(), buttons.end(), [&](const Choice &each) { return each.load == load; });
}

/// Of any load: not all have a button.
std::string label_of(Load load, OutputKind kind) {
    const bool known = std::any_of(buttons.begin(), buttons.end(), [&](const Choice &each) { return each.load == load; });
    return std::string{known ? button_for(load, kind).label : name_of(load)};
}

/// The likeliest first.
std::vector<Load> order_at(OutputKind kind) {
    using enum Load;
    switch (kind) {
    case OutputKind::line_out: return {active_speakers, line_input, headphones, in_ear, headphone_amplifier, passive_speakers, unknown};
    case OutputKind::speaker_out: return {passive_speakers, headphones, active_speakers, line_input, in_ear, headphone_amplifier, unknown};
    default: return {headphones, active_speakers, in_ear, line_input, headphone_amplifier, passive_speakers, unknown};
    }
}

std::string filled(std::string_view words, std::initializer_list<std::string> parts) {
    std::string out;
    auto part = parts.begin();
    while (!words.empty()) {
        const std::size_t gap = words.find("{}");
        out += words.substr(0, gap);
        if (gap == std::string_view::npos) break;
        if (part != parts.end()) out += *part++;
        words.remove_prefix(gap + 2);
    }
    return out;
}

/// One line, of a length that a title can have.
std::string title_name(std::string name) {
    for (char &c : name)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    if (name.size() > longest_name) {
        std::size_t end = longest_name;
        while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) --end; // not within a letter
        name.replace(end, std::string::npos, "…");
    }
    return name;
}

std::string command(const char *verb, const OutputNotice &notice, const std::string &rest = {}) {
    return std::string("soundwarden ") + verb + " " + notice.called + (rest.empty() ? "" : " " + rest);
}

std::string with_stop(const std::string &sentence) { return sentence + "."; }

std::string decibels_text(double db) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f dB", db);
    return text;
}

std::string sentences(std::initializer_list<std::string> parts) {
    std::string out;
    for (const std::string &part : parts)
        if (!part.empty()) out += (out.empty() ? "" : " ") + part;
    return out;
}

/// The word of a name that a shell takes as it is, where no other output's name has it too; else its id.
std::string called(const engine::OutputView &view, const engine::Snapshot &snapshot) {
    const bool plain = !view.name.empty() && std::all_of(view.name.begin(), view.name.end(), [](unsigned char c) { return c < 0x80 && std::isalnum(c) != 0; });
    const auto lower = [](std::string text) {
        for (char &c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        return text;
    };
    const std::string word = lower(view.name);
    const bool taken = std::any_of(snapshot.outputs.begin(), snapshot.outputs.end(), [&](const engine::OutputView &other) {
        return other.id != view.id && (lower(other.name).find(word) != std::string::npos || lower(other.id).find(word) != std::string::npos);
    });
    return plain && !taken ? view.name : view.id;
}

std::optional<Kind> kind_of(const engine::OutputView &view, bool panic) {
    if (view.question != 0) return Kind::question;
    if (panic || !view.active) return std::nullopt;
    if (view.state == engine::OutputState::blocked) return Kind::blocked;
    if (view.limited) return Kind::limited;
    return view.recalled != 0 ? std::optional(Kind::recalled) : std::nullopt;
}

} // namespace

std::vector<OutputNotice> notices_of(const engine::Snapshot &snapshot) {
    // Who asked for silence everywhere need not be told of it for each output.
    const bool panic = std::any_of(snapshot.reasons.begin(), snapshot.reasons.end(), [](const engine::Reason &reason) { return reason.token == "panic"; });
    std::vector<OutputNotice> notices;
    for (const engine::OutputView &view : snapshot.outputs) {
        const auto kind = kind_of(view, panic);
        if (!kind) continue;
        OutputNotice notice;
        notice.kind = *kind;
        notice.id = view.id;
        notice.name = valid_utf8(view.name);
        notice.called = called(view, snapshot);
        notice.output_kind = view.facts.kind;
        notice.question = *kind == Kind::recalled ? view.recalled : view.question;
        if (*kind == Kind::recalled && !view.classification.loads.empty()) notice.load = view.classification.loads.front().load;
        notice.jack_unsure = view.jack_unsure;
        notice.silent = view.decision.verdict == Verdict::block;
        if (view.decision.cap && (*kind == Kind::blocked || *kind == Kind::limited)) notice.cap_db = view.decision.cap->value;
        if (*kind == Kind::blocked || *kind == Kind::limited || notice.silent) notice.why = valid_utf8(view.decision.message);
        notices.push_back(std::move(notice));
    }
    return notices;
}

std::optional<OutputNotice> greeting(const engine::Snapshot &snapshot) {
    using State = engine::OutputState;
    const bool guards = std::any_of(snapshot.outputs.begin(), snapshot.outputs.end(), [](const engine::OutputView &view) {
        return view.active && (view.state == State::guarded || view.state == State::settling || view.state == State::blocked);
    });
    if (!guards) return std::nullopt;
    OutputNotice notice;
    notice.kind = Kind::greeting;
    return notice;
}

std::vector<Choice> choices(OutputKind kind, std::size_t step) {
    const std::vector<Load> order = order_at(kind);
    std::vector<Choice> shown;
    std::size_t next = step * (most_buttons - 1);
    if (next >= order.size() || (step > 0 && order.size() - next < most_buttons - 1)) return shown; // the step before had all that was left
    const bool last = order.size() - next <= most_buttons;
    for (const std::size_t end = last ? order.size() : next + most_buttons - 1; next < end; ++next) shown.push_back(button_for(order[next], kind));
    if (!last) shown.push_back(more);
    return shown;
}

std::vector<Choice> choices(const OutputNotice &notice, std::size_t step) {
    switch (notice.kind) {
    case Kind::question: return choices(notice.output_kind, step);
    case Kind::recalled: return step == 0 ? std::vector<Choice>{change} : choices(notice.output_kind, step - 1);
    case Kind::blocked:
    case Kind::limited:
    case Kind::greeting: break;
    }
    return {};
}

NotificationText text_of(const OutputNotice &notice, bool buttons_shown, std::size_t step) {
    const std::string name = title_name(notice.name.empty() ? notice.id : notice.name);
    switch (notice.kind == Kind::recalled && step > 0 ? Kind::question : notice.kind) {
    case Kind::recalled:
        return {filled(recalled_title, {name, label_of(notice.load, notice.output_kind)}),
                sentences({recalled_body, with_stop(filled(recalled_way_out, {command("forget", notice)}))})};
    case Kind::question: {
        const std::string answer = command("answer", notice, "headphones") + (buttons_shown ? "" : loads_to_name);
        return {filled(question_title, {name}), sentences({notice.silent ? notice.why : std::string(), notice.silent ? is_off_meanwhile : plays_on,
                                                           with_stop(filled(from_the_keyboard, {answer}))})};
    }
    case Kind::blocked:
        return {filled(blocked_title, {name}),
                sentences({notice.why, filled(blocked_way_out, {with_stop(command("explain", notice)), with_stop(command("override", notice, "--ceiling DB --for TIME"))})})};
    case Kind::limited:
        return {filled(limited_title, {name}),
                sentences({notice.cap_db ? filled(limited_to, {decibels_text(*notice.cap_db)}) : "", notice.why,
                           filled(limited_way_out, {with_stop(command("explain", notice)),
                                                    with_stop(command("override", notice, "--ceiling DB --for TIME"))})})};
    case Kind::greeting: return {greeting_title, greeting_body};
    }
    return {};
}

std::string_view icon_of(const OutputNotice &notice) {
    if (notice.kind == Kind::blocked) return "audio-volume-muted";
    return notice.output_kind == OutputKind::speaker_out || notice.output_kind == OutputKind::line_out ? "audio-card" : "audio-headphones";
}

} // namespace soundwarden::dbus
