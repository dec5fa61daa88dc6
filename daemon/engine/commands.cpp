// SPDX-License-Identifier: MIT
// What people and policies ask for: wishes, overrides, panic, and other rules.
#include "hush.hpp"
#include "leave.hpp"
#include "model/fault.hpp"
#include "orders.hpp"
#include "outputs.hpp"
#include "policy/policy_set.hpp"
#include "report.hpp"
#include "state.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace soundwarden::engine {
namespace {

constexpr Duration shortest_override = std::chrono::seconds(1);

/// Whether sound would be another by it: names and places of rules are not.
bool same_effect(const Output &a, const Output &b) {
    const Decision &x = a.decision;
    const Decision &y = b.decision;
    return x.verdict == y.verdict && x.cap == y.cap && x.governor == y.governor && x.start_low == y.start_low &&
           a.settling_ceiling == b.settling_ceiling && a.mode == b.mode && a.release_ms == b.release_ms;
}

bool may_be_released(const Sink &sink) {
    return std::none_of(sink.outputs.begin(), sink.outputs.end(), [](const Output &output) { return output.locked; });
}

std::string span_text(Duration span) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(span).count()) + " s";
}

} // namespace

void Engine::State::handle(const GuardWish &event, Step &step) {
    if (refusal(event.output, !event.on) != Refusal::none) return;
    Sink *sink = find_by_output(event.output);
    const Before before(*sink);
    const bool changed = event.on ? memory.left_alone.erase(event.output) > 0 : memory.left_alone.insert(event.output).second;
    if (changed) {
        step.emit(RememberLeftAlone{event.output, !event.on});
        step.report(Level::warning, "guard", sink->facts.key,
                    event.output + (event.on ? ": guarded again, as asked" : ": left alone from now on, as asked"));
    }
    if (event.on) {
        memory.released.erase(sink->facts.key);
        if (sink->releasing) abandon_release(*sink, step);
    }
    describe(*sink);
    if (event.on) {
        follow_change(*sink, before, step);
    } else if (sink->leaving == Leaving::no) {
        declare(*sink, false, step);
        if (changed && before.active && before.active->id == event.output) open_up(*sink, step);
    }
}

void Engine::State::handle(const ReleaseWish &event, Step &step) {
    if (refusal(event.output, true) != Refusal::none) return;
    for (auto &[key, sink] : sinks) {
        if (!event.output.empty() && find_by_output(event.output) != &sink) continue;
        if (!sink.guard_wanted || sink.leaving != Leaving::no || !may_be_released(sink)) continue;
        if (memory.released.insert(key).second) step.report(Level::warning, "release", key, "asked for");
        declare(sink, false, step);
    }
}

Rules rules_of(std::shared_ptr<const policy::PolicySet> set, const Settings &settings, bool fail_safe) {
    const policy::SettingValues &said = set->settings;
    Rules rules;
    rules.posture = policy::effective_posture(*set, settings.posture);
    if (fail_safe && rules.posture != Posture::observe) rules.posture = Posture::strict;
    rules.hold_devices = settings.hold_devices;
    rules.ear_target = settings.ear_target;
    rules.limiter_mode = settings.limiter_mode.value_or(said.mode ? said.mode->value : LimiterMode::guard);
    rules.release_ms = settings.release_ms.value_or(said.release_ms ? said.release_ms->value : 50.0);
    rules.cue = !said.cue || said.cue->value;
    if (said.settle) rules.settle = said.settle->value;
    if (said.unplug_hold) rules.unplug_hold = said.unplug_hold->value;
    rules.set = std::move(set);
    return rules;
}

bool Engine::State::observing() const {
    // What was guarded before is let go first.
    return rules.posture == Posture::observe && std::none_of(sinks.begin(), sinks.end(), [](const auto &entry) {
               return entry.second.guard || entry.second.leaving != Leaving::no;
           });
}

const Output *Engine::State::find_output(const OutputId &id) const {
    for (const auto &[key, sink] : sinks)
        for (const Output &output : sink.outputs)
            if (output.id == id) return &output;
    return nullptr;
}

Refusal Engine::State::refusal(const OutputId &id, bool eases) const {
    if (rules.posture == Posture::observe) return Refusal::observing;
    if (leaving) return Refusal::ending;
    if (id.empty()) {
        const bool any = std::any_of(sinks.begin(), sinks.end(), [](const auto &entry) { return may_be_released(entry.second); });
        return eases && !sinks.empty() && !any ? Refusal::locked : Refusal::none;
    }
    const Output *output = find_output(id);
    if (output == nullptr) return Refusal::no_such_output;
    return eases && output->locked && !fault(Fault::refusals_forgotten) ? Refusal::locked : Refusal::none;
}

Refusal Engine::State::refusal(const OverrideWish &wish) const {
    if (const Refusal plain = refusal(wish.output, false); plain != Refusal::none) return plain;
    if (wish.output.empty()) return Refusal::no_such_output;
    if (!wish.ceiling) return Refusal::none;
    if (std::isnan(wish.ceiling->value) || wish.how_long < shortest_override) return Refusal::senseless;
    const Output *output = find_output(wish.output);
    if (*wish.ceiling > output->decision.override_max) return output->locked ? Refusal::locked : Refusal::too_loud;
    return wish.how_long > output->decision.override_for_max ? Refusal::too_long : Refusal::none;
}

void Engine::State::handle(const OverrideWish &event, Step &step) {
    if (refusal(event) != Refusal::none) return;
    const OutputId &id = event.output;
    if (event.ceiling) {
        memory.overrides[id] = {*event.ceiling, step.now + event.how_long, find_output(id)->load()};
        step.report(Level::warning, "override", find_by_output(id)->facts.key,
                    id + ": ceiling " + db_text(event.ceiling->value) + " for " + span_text(event.how_long) + ", as asked");
    } else if (memory.overrides.erase(id) > 0) {
        step.report(Level::info, "override", find_by_output(id)->facts.key, id + ": taken back");
    }
    follow_rules({id}, step);
}

/// An override ends with its time, and with what it was given for: what is plugged in next has to be asked for again.
void Engine::State::end_overrides(Step &step) {
    std::vector<OutputId> ended;
    for (const auto &[id, override] : memory.overrides) {
        const Output *output = find_output(id);
        const bool other = output != nullptr && output->load() != override.load;
        if (step.now >= override.until || other || output == nullptr) ended.push_back(id);
    }
    for (const OutputId &id : ended) {
        memory.overrides.erase(id);
        const Sink *sink = find_by_output(id);
        step.report(Level::info, "override", sink == nullptr ? SinkKey{} : sink->facts.key, id + ": over");
    }
    if (!ended.empty()) follow_rules(ended, step);
}

void Engine::State::handle(const DoseLimit &event, Step &step) {
    if (leaving || memory.dose_limit == event.level) return;
    memory.dose_limit = event.level;
    for (auto &[key, sink] : sinks) {
        if (sink.leaving != Leaving::no) continue;
        describe(sink);
        follow_dose(sink, step);
    }
}

void Engine::State::handle(const PanicWish &event, Step &step) {
    if (leaving || rules.posture == Posture::observe || memory.panic == event.on) return;
    set_panic(event.on, event.on ? "everything is silent, as asked" : "back to normal, as asked", step);
}

void Engine::State::set_panic(bool on, const std::string &text, Step &step) {
    memory.panic = on;
    step.emit(RememberPanic{on});
    step.report(Level::warning, "panic", {}, text);
    for (auto &[key, sink] : sinks) {
        if (on) hush(sink, step);
        else unhush(sink, step);
    }
}

void Engine::State::handle(const PartPresent &event, Step &step) {
    memory.part_present = event.present;
    if (event.present) tell_orphan_rules(step);
}

void Engine::State::tell_orphan_rules(Step &step) const {
    const policy::SettingValues &said = rules.set->settings;
    step.emit(OrphanRules{said.orphan_silence ? said.orphan_silence->value : usual_orphan_silence,
                          said.orphan_level ? said.orphan_level->value : usual_orphan_level});
}

void Engine::State::handle(const PolicyLoaded &event, Step &step) {
    if (event.set == nullptr) return;
    const Posture before = rules.posture;
    rules = rules_of(event.set, settings, event.fail_safe);
    fail_safe = event.fail_safe;
    // Who only observes takes no "resume": what was muted must not stay so.
    if (rules.posture == Posture::observe && memory.panic && !leaving) set_panic(false, "over, for nothing is guarded any more", step);
    step.observes = observing();
    if (rules.posture != before)
        step.report(Level::warning, "policy", {}, "posture " + std::string(name_of(before)) + " -> " + std::string(name_of(rules.posture)));
    if (leaving) return;
    tell_orphan_rules(step);
    if (rules.posture != before)
        for (auto &[key, sink] : sinks)
            if (sink.leaving == Leaving::no) declare(sink, true, step);
    follow_rules({}, step);
}

/// Other rules for what plays: down at once, up by the ramp. Nothing was plugged, so nothing settles anew.
void Engine::State::follow_rules(const std::vector<OutputId> &only, Step &step) {
    for (auto &[key, sink] : sinks) {
        const auto meant = [&](const Output &output) { return std::find(only.begin(), only.end(), output.id) != only.end(); };
        if (sink.leaving != Leaving::no || (!only.empty() && std::none_of(sink.outputs.begin(), sink.outputs.end(), meant))) continue;
        const Before before(sink);
        const std::optional<Output> &was = before.active;
        describe(sink);
        const Output *is = sink.active();
        const bool same = was && is != nullptr && was->id == is->id && was->load_class() == is->load_class();
        if (!same || !sink.guard) {
            follow_change(sink, before, step);
            continue;
        }
        declare(sink, false, step);
        if (sink.leaving != Leaving::no || follow_channels(sink, false, step) || same_effect(*was, *is)) continue;
        if (sink.guard->settled) open_up(sink, step);
        else clamp_to_settling(sink, step, 0.0, settle_time(sink, step));
    }
}

} // namespace soundwarden::engine
