// SPDX-License-Identifier: MIT
#include "trace/replay.hpp"

#include "outputs.hpp"
#include "policy/policy_set.hpp"
#include "renaming.hpp"
#include "values.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace soundwarden::trace {
namespace {

// A renamed output can make another one's name free: it all comes to rest after as many rounds as names depend on one another.
constexpr int most_rounds = 8;
constexpr std::size_t suffix_length = 8;

/// Lines of a text; one without an end is told apart.
class Lines {
  public:
    explicit Lines(std::string_view text) : rest_(text) {}

    bool next() {
        if (rest_.empty()) return false;
        const std::size_t end = rest_.find('\n');
        whole_ = end != rest_.npos;
        line_ = rest_.substr(0, end);
        rest_.remove_prefix(whole_ ? end + 1 : rest_.size());
        ++number_;
        return true;
    }
    std::string_view line() const { return line_; }
    std::size_t number() const { return number_; }
    bool whole() const { return whole_; }
    bool last() const { return rest_.empty(); }

  private:
    std::string_view rest_;
    std::string_view line_{};
    std::size_t number_ = 0;
    bool whole_ = true;
};

std::string sentence_of(const Problem &problem) { return (problem.field.empty() ? "" : problem.field + ": ") + problem.what; }

/// One step as it was recorded.
struct RecordedStep {
    std::size_t line = 0;
    Time time{};
    engine::Event event;
    std::vector<OutputsLine> outputs{};
    std::optional<std::pair<std::size_t, EffectsLine>> effects{}; ///< with its line
};

/// Ids that end otherwise only because of a name that was taken.
bool differ_in_suffix(const OutputId &a, const OutputId &b) {
    if (a.size() != b.size() || a.size() <= suffix_length + 1) return false;
    const std::size_t stem = a.size() - suffix_length;
    return a[stem - 1] == '_' && a.compare(0, stem, b, 0, stem) == 0;
}

/// May have such a suffix.
bool may_be_suffixed(const OutputId &id) {
    if (id.size() <= suffix_length + 1 || id[id.size() - suffix_length - 1] != '_') return false;
    return id.find('_', id.size() - suffix_length) == id.npos;
}

/// What effects are compared within: a sink, else an output, else all that name neither.
std::string group_of(const engine::Effect &effect) {
    std::string group;
    engine::Effect copy = effect;
    change_strings(copy, [&](const std::string &text, Meaning meaning) {
        if (group.empty() && (meaning == Meaning::sink || meaning == Meaning::output)) group = text;
    });
    return group;
}

using Groups = std::map<std::string, std::vector<const engine::Effect *>>;
Groups grouped(const engine::Effects &effects, bool by_sink) {
    Groups groups;
    for (const engine::Effect &effect : effects) groups[by_sink ? group_of(effect) : std::string{}].push_back(&effect);
    return groups;
}

/// The first effect that is not the same; nothing: all are.
std::optional<Difference> difference_of(const engine::Effects &expected, const engine::Effects &got, bool by_sink) {
    const Groups wanted = grouped(expected, by_sink);
    Groups given = grouped(got, by_sink);
    for (const auto &[group, effects] : wanted) {
        const auto &others = given[group];
        for (std::size_t i = 0; i < effects.size(); ++i) {
            if (i < others.size() && same(*effects[i], *others[i])) continue;
            return Difference{0, text_of(*effects[i]), i < others.size() ? text_of(*others[i]) : std::string{}};
        }
    }
    for (const auto &[group, effects] : given) {
        const auto there = wanted.find(group);
        const std::size_t known = there == wanted.end() ? 0 : there->second.size();
        if (effects.size() > known) return Difference{0, {}, text_of(*effects[known])};
    }
    return std::nullopt;
}

/// What names of the trace mean here.
struct Names {
    Renaming aliases{}; ///< what was recorded before it was known
    Renaming ids{};     ///< of outputs that are called otherwise here

    bool empty() const { return aliases.empty() && ids.empty(); }
    std::string applied(const std::string &text) const { return ids.applied(aliases.applied(text)); }
};

/// One run over the whole trace.
class Player {
  public:
    Player(std::string_view text, Names &names, const Watch *watch) : lines_(text), names_(names), watch_(watch) {}

    Replay play() {
        if (!read_header()) return std::move(result_);
        while (lines_.next() && !result_.unreadable)
            if (!take_line()) break;
        if (step_ && !result_.unreadable) finish_step(true);
        return std::move(result_);
    }
    bool learned() const { return learned_; }

  private:
    void unreadable(std::size_t line, std::string sentence) {
        if (!result_.unreadable) result_.unreadable = Unreadable{line, std::move(sentence)};
    }

    bool read_header() {
        if (!lines_.next()) return unreadable(1, "is empty: no trace"), false;
        auto parsed = parse_line(lines_.line());
        if (const auto *problem = std::get_if<Problem>(&parsed)) return unreadable(1, "is no trace: " + sentence_of(*problem)), false;
        auto *header = std::get_if<Header>(&std::get<Line>(parsed));
        if (header == nullptr) return unreadable(1, "is no trace: the first line has no \"soundwarden-trace\""), false;
        result_.header = *header;
        engine_.emplace(header->settings);
        return true;
    }

    /// False: the end.
    bool take_line() {
        auto parsed = parse_line(lines_.line());
        if (const auto *problem = std::get_if<Problem>(&parsed)) {
            if (lines_.whole()) {
                unreadable(lines_.number(), sentence_of(*problem));
            } else {
                torn_ = true;
                result_.notices.push_back("the last line is torn, and left out: the recording ended in the middle of it");
            }
            return false;
        }
        std::visit([this](auto &line) { take(line); }, std::get<Line>(parsed));
        return true;
    }

    void take(Header &) { unreadable(lines_.number(), "a second header; is this more than one trace?"); }
    void take(EventLine &line) {
        if (step_) finish_step(false);
        step_ = RecordedStep{lines_.number(), line.time, std::move(line.event)};
    }
    void take(KnownLine &) {} // read before
    void take(OutputsLine &line) {
        if (!step_) return unreadable(lines_.number(), "outputs before any event");
        step_->outputs.push_back(std::move(line));
    }
    void take(EffectsLine &line) {
        if (!step_ || step_->effects) return unreadable(lines_.number(), "effects without an event");
        step_->effects.emplace(lines_.number(), std::move(line));
    }

    template <class T> void rename(T &value) const {
        if (names_.empty()) return;
        change_strings(value, [this](std::string &text, Meaning) { text = names_.applied(text); });
    }

    /// Policies are recorded as texts.
    bool make_policy(engine::Event &event) {
        auto *loaded = std::get_if<engine::PolicyLoaded>(&event);
        if (loaded == nullptr || loaded->set == nullptr) return true;
        const auto origin = loaded->set->origin;
        loaded->set = origin == nullptr ? nullptr : policy::make_again(*origin, *policy_);
        if (loaded->set == nullptr) return false;
        policy_ = loaded->set;
        return true;
    }

    void finish_step(bool at_end) {
        RecordedStep recorded = std::move(*step_);
        step_.reset();
        rename(recorded.event);
        if (!make_policy(recorded.event)) return unreadable(recorded.line, "set: no policy can be made of these texts");
        ReplayedStep step{recorded.line, recorded.time, std::move(recorded.event)};
        step.effects = engine_->step(step.event, step.time);
        ++result_.steps;
        compare(recorded, step, at_end);
        if (watch_ != nullptr && *watch_) (*watch_)(step, *engine_);
    }

    void compare(RecordedStep &recorded, const ReplayedStep &step, bool at_end) {
        std::optional<Difference> difference = compare_outputs(recorded);
        engine::Effects expected;
        if (recorded.effects) expected = std::move(recorded.effects->second.effects);
        for (engine::Effect &effect : expected) rename(effect);
        if (!difference) difference = difference_of(expected, step.effects, result_.header.hashed);
        if (!difference) return;
        if (at_end && !recorded.effects) { // whoever recorded it may have been killed between the two lines
            if (!torn_) result_.notices.push_back("the recording ended in the middle of a step, which was not compared");
            return;
        }
        ++result_.different;
        if (result_.first) return;
        difference->line = recorded.effects ? recorded.effects->first : recorded.line;
        result_.first = std::move(difference);
    }

    std::optional<Difference> compare_outputs(const RecordedStep &recorded) {
        if (recorded.outputs.empty()) return std::nullopt;
        auto here = outputs_by_sink(engine_->snapshot());
        std::optional<Difference> difference;
        for (OutputsLine line : recorded.outputs) {
            line.sink = names_.applied(line.sink);
            const std::vector<OutputId> &ids = here[line.sink];
            for (std::size_t i = 0; i < line.outputs.size() && i < ids.size(); ++i)
                if (result_.header.hashed && differ_in_suffix(line.outputs[i], ids[i]) && names_.ids.add(line.outputs[i], ids[i])) learned_ = true;
            for (OutputId &id : line.outputs) id = names_.applied(id);
            OutputsLine got{line.time, line.sink, ids};
            if (line.outputs != ids && !difference) difference = Difference{0, text_of(Line{line}), text_of(Line{got})};
        }
        return difference;
    }

    Lines lines_;
    Names &names_;
    const Watch *watch_;
    std::optional<engine::Engine> engine_{};
    std::shared_ptr<const policy::PolicySet> policy_ = policy::builtin();
    std::optional<RecordedStep> step_{};
    Replay result_{};
    bool learned_ = false;
    bool torn_ = false;
};

/// What has to be known before the first step.
struct Foreseen {
    Names names{};
    bool suffixes = false; ///< an output may be called otherwise here
};

Foreseen foresee(std::string_view text) {
    Foreseen foreseen;
    for (Lines lines(text); lines.next();) {
        const bool known = lines.line().find("\"known\":") != std::string_view::npos;
        if (!known && lines.line().find("\"outputs\":") == std::string_view::npos) continue;
        const auto parsed = parse_line(lines.line());
        const auto *line = std::get_if<Line>(&parsed);
        if (line == nullptr) continue;
        if (const auto *names = std::get_if<KnownLine>(line))
            for (const Alias &each : names->known) foreseen.names.aliases.add(each.alias, each.name);
        if (const auto *outputs = std::get_if<OutputsLine>(line))
            foreseen.suffixes = foreseen.suffixes || std::any_of(outputs->outputs.begin(), outputs->outputs.end(), may_be_suffixed);
    }
    return foreseen;
}

} // namespace

Replay replay(std::string_view text, const Watch &watch) {
    Foreseen foreseen = foresee(text);
    bool learned = foreseen.suffixes;
    for (int round = 0; round < most_rounds && learned; ++round) {
        Player player(text, foreseen.names, nullptr);
        player.play();
        learned = player.learned();
    }
    return Player(text, foreseen.names, &watch).play();
}

} // namespace soundwarden::trace
