// SPDX-License-Identifier: MIT
// One event at a time: who is concerned, what kind of edge it is, and what has come due.
#include "engine/engine.hpp"

#include "attention.hpp"
#include "clamp.hpp"
#include "hush.hpp"
#include "leave.hpp"
#include "contact.hpp"
#include "model/fault.hpp"
#include "mute_first.hpp"
#include "orders.hpp"
#include "outputs.hpp"
#include "policy/decide.hpp"
#include "report.hpp"
#include "state.hpp"
#include "view.hpp"
#include "volumes.hpp"
#include "wishes.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

namespace soundwarden::engine {
namespace {

constexpr Duration first_backoff = std::chrono::seconds(1);
constexpr Duration longest_backoff = std::chrono::seconds(30);
// A session manager that is started anew makes the links of a guard within that.
constexpr Duration linked_again_within = std::chrono::seconds(5);
// Of foreign links, for each sink.
constexpr Duration report_every = std::chrono::seconds(10);
constexpr std::size_t most_offenders = 16;
constexpr const char *all_others = "(others)";
// A rise that is under way goes on until the order is taken, and floats are rounded: the settling stays under the level from
// before the edge all the same.
constexpr double switch_margin_db = 1.0;

/// The pair goes only when all of the sink's outputs are left alone (product.md).
bool may_guard(const Sink &sink, const Memory &memory) {
    const bool locked = std::any_of(sink.outputs.begin(), sink.outputs.end(), [](const Output &output) { return output.locked; });
    if (locked) return true;
    return !memory.released.contains(sink.facts.key) &&
           std::any_of(sink.outputs.begin(), sink.outputs.end(),
                       [](const Output &output) { return !output.left_alone; });
}

/// An earlier run's death left a route of it at 1.0.
bool left_raised(const Sink &sink, const Memory &memory) {
    return !sink.guard && std::any_of(memory.marks.begin(), memory.marks.end(),
                                      [&](const auto &mark) { return mark.first.first == sink.facts.key; });
}

bool wants_guard(const Sink &sink) {
    return std::any_of(sink.outputs.begin(), sink.outputs.end(),
                       [](const Output &output) { return output.needs_guard; });
}

/// What the guard before put back and nobody has confirmed yet may be quieter than what the facts still show.
bool put_back_under_way(const Sink &sink) {
    const RouteFacts *route = sink.active_route();
    return route != nullptr && sink.route.state == RouteHold::State::put_back && sink.route.pending &&
           sink.route.put_back_at == std::pair(sink.facts.serial, route->index);
}

void start_guard(Sink &sink, Step &step) {
    mute_first(sink, step);
    if (!put_back_under_way(sink)) take_up_route(sink, step);
    const Output *active = sink.active();
    // Without an active route nothing plays; whatever comes first, it comes quietly.
    const double volume = active == nullptr ? amplitude(policy::start_level) : plug_volume(sink, *active, step.memory);
    make_guard(sink, step, volume, active != nullptr && plug_mute(sink, *active, step.memory));
    if (step.memory.panic) hush_besides(sink, step);
    lower_knob(sink, step);
}

/// What an event changed about a sink, as far as protection is concerned.
struct Change {
    bool remade = false;    ///< the node is another one under the same name
    bool switched = false;  ///< another output plays, or none, or the node is new
    bool reclassed = false; ///< the same output, another class of load: another volume
    bool plugged = false;   ///< something was plugged into the output that plays
    bool edge = false;      ///< any of these, or anything else that may change what is attached
    bool contact = false;   ///< a jack or a route's availability changed
    bool unplugged = false; ///< something that may be for the ears went away from the output that played
};

bool same_availability(const std::vector<RouteFacts> &a, const std::vector<RouteFacts> &b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const RouteFacts &x, const RouteFacts &y) {
        return x.index == y.index && x.name == y.name && x.availability == y.availability;
    });
}

/// What is plugged in where, by routes and jacks together.
bool same_plugs(const std::vector<Output> &a, const std::vector<Output> &b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Output &x, const Output &y) {
        return x.id == y.id && x.availability == y.availability && x.jacks == y.jacks;
    });
}

bool may_be_for_ears(const Output &output) {
    const LoadClass load_class = output.load_class();
    return output.decision.start_level && (load_class == LoadClass::ears || load_class == LoadClass::unknown);
}

Change change_of(const Before &before, const Sink &sink) {
    Change change;
    const Output *now = sink.active();
    const std::optional<Output> &was = before.active;
    change.remade = before.facts.serial != sink.facts.serial;
    change.switched =
        change.remade || was.has_value() != (now != nullptr) || (was && now != nullptr && was->id != now->id);
    change.contact = !same_plugs(before.outputs, sink.outputs);
    change.edge = change.switched || change.contact || !same_availability(before.facts.routes, sink.facts.routes);
    if (was && now != nullptr && was->id == now->id) {
        change.reclassed = was->load_class() != now->load_class();
        change.plugged = is_plug(was->availability, now->availability);
        change.edge = change.edge || change.reclassed || was->decision != now->decision ||
                      was->settling_ceiling != now->settling_ceiling;
    }
    if (!was || !may_be_for_ears(*was)) return change;
    for (const Output &output : sink.outputs)
        if (output.id == was->id && output.availability == Availability::no) change.unplugged = true;
    return change;
}

void report_edge(const Before &before, const Sink &sink, Step &step) {
    std::string text;
    for (const Output &output : sink.outputs)
        for (const Output &old : before.outputs)
            if (old.id == output.id && old.availability != output.availability)
                text += output.name + " available: " + std::string(name_of(old.availability)) + " -> " +
                        std::string(name_of(output.availability)) + "; ";
    const Output *now = sink.active();
    if (before.active && now != nullptr && before.active->id != now->id) text += before.active->name + " -> " + now->name + "; ";
    if (before.facts.serial != sink.facts.serial) text += "the sink was made anew; ";
    if (text.empty()) text = "new facts; ";
    if (sink.guard)
        text += "ceiling " + db_text(sink.guard->ceiling.upper(step.now)) + ", gain at most " +
                db_text(sink.guard->gain.upper(step.now));
    step.report(Level::info, "edge", sink.facts.key, text);
}

void name_guard(Sink &sink, Step &step) {
    const std::string description = guard_description(sink);
    const std::string icon = guard_icon(sink);
    if (description == sink.guard->description && icon == sink.guard->icon) return;
    sink.guard->description = description;
    sink.guard->icon = icon;
    step.emit(NameGuard{sink.facts.key, description, icon});
}

double route_volume(const std::optional<RouteState> &route) { return route ? std::min(route->volume, 1.0) : 1.0; }

/// Down first, then the volume of what plays now, then the route: all in the step of the edge.
/// Safety: volume × gain × route never rises here.
void pass_edge(Sink &sink, const SinkFacts &before, const Change &change, Step &step) {
    const Duration hold = hold_after_edge(sink, change.contact, change.unplugged ? step.rules.unplug_hold : settle_time(sink, step), step);
    const bool held =
        sink.route.state == RouteHold::State::raised && !sink.route.fight_until && !sink.exposed() && !change.remade;
    const double route_before = sink.route.lowest(route_volume(before.active));
    if (change.switched) take_up_route(sink, step);
    const Output *active = sink.active();
    const bool new_volume = active != nullptr && (change.switched || change.reclassed || change.plugged);
    double volume = new_volume ? plug_volume(sink, *active, step.memory) : sink.guard->volume;
    // Nobody who says what is plugged in means "louder".
    if (step.answering) volume = std::min(volume, sink.guard->volume);
    const bool mute = new_volume ? plug_mute(sink, *active, step.memory) : sink.guard->mute;
    const double path_before = sink.guard->volume * route_before;
    const double path_now = volume * (held ? 1.0 : route_volume(sink.facts.active));
    const double rescale = change.switched || new_volume ? rescale_between(path_before, path_now) - switch_margin_db : 0.0;
    clamp_to_settling(sink, step, rescale, hold);
    set_guard_volume(sink, step, volume, mute);
    if (change.switched && held) hold_route_at_once(sink, step);
    if (change.switched || change.plugged) lower_knob(sink, step);
    name_guard(sink, step);
}

} // namespace

Sink *Engine::State::find(const SinkKey &key) {
    const auto it = sinks.find(key);
    return it == sinks.end() ? nullptr : &it->second;
}

Sink *Engine::State::find_guarded(const SinkKey &key) {
    Sink *sink = find(key);
    return sink != nullptr && sink->guard ? sink : nullptr;
}

Sink *Engine::State::find_by_output(const OutputId &id) {
    for (auto &[key, sink] : sinks)
        for (const Output &output : sink.outputs)
            if (output.id == id) return &sink;
    return nullptr;
}

bool Engine::State::has_besides(const SinkKey &key, const OutputId &id) const {
    return std::any_of(sinks.begin(), sinks.end(), [&](const auto &entry) {
        const auto named = [&](const Output &output) { return output.id == id; };
        return entry.first != key && std::any_of(entry.second.outputs.begin(), entry.second.outputs.end(), named);
    });
}

void Engine::State::describe(Sink &sink) {
    sink.outputs = describe_outputs(sink.facts, sink.outputs, [&](const OutputId &id) { return has_besides(sink.facts.key, id); },
                                    {rules, card_of(sink.facts, cards), memory, now});
    for (Output &output : sink.outputs) {
        const auto override = memory.overrides.find(output.id);
        if (override != memory.overrides.end() && override->second.load == output.load()) {
            overrule(output, override->second.ceiling);
            output.needs_guard = !sink.facts.own_dsp;
        }
        if (memory.left_alone.contains(output.id) && !output.locked) leave_alone(output);
        else hold_dose(output, memory.dose_limit);
    }
    sink.guard_wanted = !sink.facts.own_dsp && (sink.guard_wanted || wants_guard(sink));
}

/// Guarded or free, as its outputs and the user's wishes have it. Where a guard stands the sink is free only after it.
void Engine::State::declare(Sink &sink, bool again, Step &step) {
    const bool encoded = std::all_of(sink.outputs.begin(), sink.outputs.end(), [](const Output &output) { return output.encoded || fault(Fault::encoded_admitted); });
    if (std::exchange(sink.encoded, encoded) != encoded || (again && !encoded)) step.emit(AdmitEncoded{sink.facts.key, encoded});
    const bool guarded = sink.guard_wanted && may_guard(sink, memory) && rules.posture != Posture::observe;
    const bool before = std::exchange(sink.declared, guarded);
    const bool in_front = before ? sink.guard || !sink.failure.empty() : left_raised(sink, memory);
    if (!guarded && in_front && !step.observing())
        begin_release(sink, step);
    else if (guarded != before || again)
        step.emit(DeclareSink{sink.facts.key, guarded && !fault(Fault::sinks_declared_free), guarded && rules.posture == Posture::strict});
}

void Engine::State::handle(const SinkSeen &event, Step &step) {
    SinkFacts facts = sanitized(event.facts);
    Sink *sink = find(facts.key);
    if (leaving || (sink != nullptr && sink->leaving != Leaving::no)) { // read-backs only: nothing new is begun any more
        if (sink != nullptr) sink->facts = std::move(facts);
    } else if (sink == nullptr) {
        add_sink(std::move(facts), step);
    } else {
        change_sink(*sink, std::move(facts), step);
    }
}

void Engine::State::add_sink(SinkFacts facts, Step &step) {
    const SinkKey key = facts.key;
    Sink &sink = sinks[key];
    sink.facts = std::move(facts);
    describe(sink);
    std::string text = sink.facts.description.empty() ? key : sink.facts.description;
    for (const Output &output : sink.outputs)
        text += "; " + output.id + " is " + std::string(name_of(output.facts.kind));
    step.report(Level::info, "sink", key, text);
    take_over_mute(sink, step);
    take_over_hush(sink, step);
    declare(sink, true, step);
    if (memory.panic) hush(sink, step);
    if (sink.declared && !step.observing()) start_guard(sink, step);
}

void Engine::State::change_sink(Sink &sink, SinkFacts facts, Step &step) {
    const Before before(sink);
    sink.facts = std::move(facts);
    describe(sink);
    follow_change(sink, before, step);
}

void Engine::State::follow_change(Sink &sink, const Before &before, Step &step) {
    const Change change = change_of(before, sink);
    if (change.remade) sink.clamp.reset();
    declare(sink, change.remade, step);
    if (sink.leaving != Leaving::no) return;
    if (!sink.guard) {
        if (change.edge) report_edge(before, sink, step);
        if (change.switched) follow_hush(sink, before.facts, step);
        // What failed failed at another node, which kept the limit; this one has none.
        if (sink.declared && !step.observing() && (!sink.make_again_at || change.remade)) start_guard(sink, step);
        return;
    }
    if (follow_channels(sink, change.switched, step)) {
        if (change.edge) report_edge(before, sink, step);
        if (change.switched) follow_hush(sink, before.facts, step);
        return;
    }
    if (change.edge) {
        pass_edge(sink, before.facts, change, step);
        if (!rattles(sink, step.now)) report_edge(before, sink, step);
    }
    follow_software_gain(sink, step);
    if (!change.switched && before.facts.active && sink.facts.active) heed_route(sink, *before.facts.active, step);
}

// It begins as one that was just plugged, and no louder than the one before.
bool Engine::State::follow_channels(Sink &sink, bool switched, Step &step) {
    if (sink.guard->channels == sink.guarded_channels() || fault(Fault::channels_of_before_kept)) return false;
    double volume = sink.guard->volume;
    bool mute = sink.guard->mute;
    if (const Output *active = sink.active(); switched && active != nullptr) {
        volume = std::min(volume, plug_volume(sink, *active, step.memory));
        mute = mute || plug_mute(sink, *active, step.memory);
    }
    sink.clamp.reset();
    make_guard(sink, step, volume, mute);
    if (memory.panic) hush_besides(sink, step);
    return true;
}

/// After a release that ended, one way or the other: rules and wishes may be others than when it began.
void Engine::State::take_up_again(Sink &sink, Step &step) {
    follow_change(sink, Before(sink), step);
}

void Engine::State::handle(const SinkGone &event, Step &step) {
    Sink *sink = find(event.sink);
    if (sink == nullptr) return;
    note_certain(*sink, step);
    // A failed pair may still stand, also one that failed during a release.
    if (sink->guard || sink->releasing || !sink->failure.empty()) step.emit(DropGuard{event.sink, sink->releasing});
    std::erase_if(memory.own_volumes, [&](const auto &entry) { return entry.first.first == event.sink; });
    sinks.erase(event.sink);
    step.report(Level::info, "sink", event.sink, "gone");
}

void Engine::State::handle(const GuardLinked &event, Step &step) {
    Sink *sink = find_guarded(event.sink);
    if (sink == nullptr || sink->guard->linked == event.linked) return;
    sink->guard->linked = event.linked;
    if (sink->leaving != Leaving::no) return;
    sink->guard->unlinked_at.reset();
    if (event.linked) {
        sink->failure.clear();
        sink->backoff = {};
    } else {
        sink->guard->unlinked_at = step.now;
    }
    clamp_to_settling(*sink, step, 0.0, settle_time(*sink, step));
    step.report(Level::info, "guard", event.sink, event.linked ? "linked" : "no longer linked");
}

void Engine::State::handle(const GuardFailed &event, Step &step) {
    Sink *sink = find(event.sink);
    if (sink == nullptr || leaving) return;
    if (sink->releasing) { // silent already: what it leaves is still turned down first
        sink->guard.reset();
        return;
    }
    sink->failure = event.reason.empty() ? "unknown" : event.reason;
    if (sink->guard) {
        note_certain(*sink, step);
        put_route_back(*sink, step);
        // Nothing in front any more: the sink itself keeps the ceiling. Where there was none, that of whatever may be plugged in meanwhile.
        const double level = sink->guard->published < 0.0 ? sink->guard->published : sink->strictest_settling_ceiling(true).value_or(Decibels{}).value;
        if (level < 0.0 && !fault(Fault::limit_gone_with_the_guard)) {
            sink->limited = true;
            step.emit(LimitSink{event.sink, static_cast<double>(amplitude_toward_zero({level}))});
        }
        sink->guard.reset();
    }
    if (sink->muted) sink->muted->until = step.now;
    sink->backoff = sink->backoff == Duration{} ? first_backoff : std::min(sink->backoff * 2, longest_backoff);
    sink->make_again_at = step.now + sink->backoff;
    step.report(Level::error, "guard", event.sink, "failed: " + sink->failure);
}

void Engine::State::handle(const GuardTook &event, Step &step) {
    (void)step;
    if (Sink *sink = find_guarded(event.sink)) sink->guard->taken = std::max(sink->guard->taken, event.generation);
}

void Engine::State::handle(const GuardVolume &event, Step &step) {
    Sink *sink = find_guarded(event.sink);
    if (sink == nullptr || leaving || sink->leaving != Leaving::no) return;
    const double before = sink->guard->volume;
    heed_guard_volume(*sink, event, step);
    // Who moves a volume is there to be asked, but for the session manager's at login.
    const Output *active = sink->active();
    if (sink->guard && sink->guard->volume != before && active != nullptr && step.now >= memory.login_until) memory.attended.insert(active->id);
}

void Engine::State::handle(const LimiterActs &event, Step &step) {
    (void)step;
    if (Sink *sink = find_guarded(event.sink)) sink->guard->limiter_acts = event.acts;
}

void Engine::State::handle(const SinkTampered &event, Step &step) {
    Sink *sink = find(event.sink);
    if (sink != nullptr && !leaving) heed_tampering(*sink, event.what, step);
}

void Engine::State::handle(const ForeignLink &event, Step &step) {
    Sink *sink = find(event.sink);
    if (sink == nullptr) return;
    Trespasses &seen = sink->trespasses;
    const bool room = seen.times.contains(event.offender) || seen.times.size() + 1 < most_offenders;
    std::uint32_t &times = seen.times[room ? event.offender : all_others];
    times += std::min(event.times, std::numeric_limits<std::uint32_t>::max() - times);
    seen.unreported += std::min(event.times, std::numeric_limits<std::uint32_t>::max() - seen.unreported);
    if (seen.reported && step.now - *seen.reported < report_every) return;
    step.report(Level::warning, "foreign-link", event.sink,
                "removed " + std::to_string(seen.unreported) + (seen.unreported == 1 ? " link" : " links") + " past the guard into " +
                    event.sink + ", last by " + event.offender);
    seen.unreported = 0;
    seen.reported = step.now;
}

void Engine::State::handle(const DirectUse &event, Step &step) {
    if (fault(Fault::direct_use_unseen)) return;
    if (event.program.empty()) memory.direct_uses.erase(event.pcm);
    else memory.direct_uses[event.pcm] = event.program;
    for (const auto &[key, sink] : sinks)
        if (sink.facts.pcm == event.pcm && sink.guard_wanted)
            step.report(event.program.empty() ? Level::info : Level::warning, "direct-alsa", key,
                        event.program.empty() ? "nobody plays to " + key + " past PipeWire any more"
                                              : event.program + " plays to " + key + " past PipeWire, where nothing limits it");
}

void Engine::State::handle(const Remembered &event, Step &step) {
    for (const RememberedVolume &known : event.volumes)
        if (known.volume >= 0.0) memory.volumes.insert({{known.output, known.load_class}, known.volume});
    for (const RememberedMark &mark : event.marks)
        if (mark.volume >= 0.0) memory.marks.insert({{mark.sink, mark.route}, mark.volume});
    for (const RememberedMute &left : event.mutes) memory.muted.insert({left.sink, left.mute});
    memory.left_alone.insert(event.left_alone.begin(), event.left_alone.end());
    for (const RememberedAnswer &known : event.answers)
        memory.answers.insert({known.output, {known.answer, step.now - known.age, known.plugs, 0}});
    memory.panic = memory.panic || event.panic;
    for (const RememberedMute &left : event.panicked) memory.panicked.insert({left.sink, left.mute});
}

void Engine::State::handle(const PipeWireLost &, Step &step) {
    if (!pipewire_lost) step.report(Level::error, "pipewire", {}, "connection lost");
    pipewire_lost = !fault(Fault::pipewire_loss_untold);
    sinks.clear();
    memory.own_volumes.clear();
}

void Engine::State::handle(const PipeWireBack &, Step &step) {
    if (pipewire_lost) step.report(Level::info, "pipewire", {}, "connected");
    pipewire_lost = false;
    memory.login_until = step.now + login_time;
}

void Engine::State::handle(const ShutDown &, Step &step) {
    if (leaving) {
        if (!finished) step.emit(Finish{0});
        finished = true;
        return;
    }
    leaving = true;
    save_volumes(step, true);
    for (auto &[key, sink] : sinks)
        if (sink.guard && !sink.releasing) begin_leaving(sink, step);
}

void Engine::State::handle(const Degraded &event, Step &step) {
    std::erase_if(faults, [&](const Reason &reason) { return reason.token == event.token; });
    if (event.sentence.empty() || fault(Fault::degradation_untold)) return;
    faults.push_back({event.token, event.sentence});
    step.report(Level::warning, "degraded", {}, event.token + ": " + event.sentence);
}

void Engine::State::run_due(Step &step) {
    end_overrides(step);
    for (auto &[key, sink] : sinks) {
        if (sink.leaving != Leaving::no) {
            go_on_leaving(sink, step);
            if (sink.leaving != Leaving::no) continue;
            if (leaving && sink.guard) begin_leaving(sink, step); // a release that was given up
            describe(sink); // only facts were taken in meanwhile
            if (!leaving) take_up_again(sink, step);
        }
        if (leaving) continue;
        // Somebody has taken its links away, and a session manager believes that they are there: it makes those of another pair.
        if (sink.guard && sink.guard->unlinked_at && step.now >= *sink.guard->unlinked_at + linked_again_within)
            handle(GuardFailed{key, "its links to the sink were removed"}, step);
        if (sink.make_again_at && step.now >= *sink.make_again_at) start_guard(sink, step);
        tend_route(sink, step);
        tend_mute(sink, step);
        take_over_limit(sink, step);
        try_settle(sink, step);
        publish_when_due(sink, step);
        forget_tampering(sink, step);
    }
    save_volumes(step, false);
    save_answers(step);
}

void Engine::State::draw_attention(Step &step) {
    const bool asking = !leaving && !memory.panic && rules.posture != Posture::observe;
    for (const auto &[key, sink] : sinks) {
        tend_questions(sink, asking && sink.leaving == Leaving::no, step);
        if (asking && sink.leaving == Leaving::no) tend_limiter(sink, step);
    }
    forget_questions(sinks, memory);
}

void Engine::State::finish_when_left(Step &step) {
    if (!leaving || finished) return;
    for (const auto &[key, sink] : sinks)
        if (sink.leaving != Leaving::no && sink.leaving != Leaving::gone) return;
    finished = true;
    step.emit(Finish{0});
}

Engine::Engine(Settings settings) : state_(std::make_unique<State>()) {
    state_->settings = settings;
    state_->rules = rules_of(policy::builtin(), settings, false);
}
Engine::Engine(Engine &&) noexcept = default;
Engine &Engine::operator=(Engine &&) noexcept = default;
Engine::~Engine() = default;

Effects Engine::step(const Event &event, Time now) {
    State &state = *state_;
    if (state.finished) return {};
    state.now = std::max(state.now, now);
    if (!std::exchange(state.begun, true)) state.memory.login_until = state.now + login_time;
    Step step{state.rules, state.memory, state.now, state.observing()};
    std::visit([&](const auto &known) { state.handle(known, step); }, event);
    state.run_due(step);
    state.draw_attention(step);
    state.finish_when_left(step);
    state.stale = true;
    return std::move(step.effects);
}

void Engine::State::refresh() {
    if (!std::exchange(stale, false)) return;
    Snapshot fresh = make_snapshot(sinks, memory, cards, faults, pipewire_lost, fail_safe);
    if (fresh == snapshot) return;
    snapshot = std::move(fresh);
    ++revision;
}

std::optional<Time> Engine::deadline() const {
    std::optional<Time> earliest;
    const auto want = [&](std::optional<Time> time) {
        if (time && (!earliest || *time < *earliest)) earliest = time;
    };
    const State &state = *state_;
    if (state.finished) return std::nullopt;
    for (const auto &[output, changed] : state.memory.unsaved) want(changed + save_after);
    for (const auto &[output, override] : state.memory.overrides) want(override.until);
    for (const auto &[key, sink] : state.sinks) {
        want(leaving_deadline(sink));
        if (state.leaving) continue;
        want(sink.make_again_at);
        if (sink.muted) want(sink.muted->until);
        want(tampering_deadline(sink));
        if (!sink.guard) continue;
        // Past its time a guard that waits for links or a read-back wakes with those.
        if (!sink.guard->settled && sink.guard->settle_until > state.now) want(sink.guard->settle_until);
        want(sink.guard->publish_at);
        if (sink.guard->unlinked_at) want(*sink.guard->unlinked_at + linked_again_within);
        want(sink.route.retry_at);
        want(sink.route.rewrite_at);
        want(sink.route.fight_until);
    }
    return earliest;
}

Refusal Engine::refusal(const OutputId &output, bool eases) const { return state_->refusal(output, eases); }

Refusal Engine::refusal(const OverrideWish &wish) const { return state_->refusal(wish); }

std::optional<policy::Explanation> Engine::explain(const OutputId &id) const {
    const Output *output = state_->find_output(id);
    if (output == nullptr || !output->ground) return std::nullopt;
    return policy::explain(output->ground->subject, output->classification, state_->rules.posture, state_->rules.ear_target);
}

Posture Engine::posture() const { return state_->rules.posture; }

bool Engine::releasing() const {
    return std::any_of(state_->sinks.begin(), state_->sinks.end(), [](const auto &entry) { return entry.second.releasing; });
}

const Snapshot &Engine::snapshot() const {
    state_->refresh();
    return state_->snapshot;
}

std::uint64_t Engine::revision() const {
    state_->refresh();
    return state_->revision;
}

} // namespace soundwarden::engine
