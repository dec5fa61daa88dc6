// SPDX-License-Identifier: MIT
#include "orders.hpp"

#include "clamp.hpp"
#include "model/fault.hpp"
#include "policy/decide.hpp"
#include "report.hpp"
#include "wishes.hpp"

#include <algorithm>
#include <cmath>

namespace soundwarden::engine {
namespace {

// What hardware that does not measure takes; the policy's own value holds for it.
constexpr Duration usual_settle = std::chrono::milliseconds(300);
constexpr double slow_rise = 6.0;   // dB/s
constexpr double known_rise = 30.0; // dB/s, for what was certain a moment ago
constexpr Duration known_for = std::chrono::seconds(60);

double ceiling_db(const std::optional<Decibels> &ceiling) { return ceiling ? ceiling->value : open_db; }

/// What a software gain in the sink adds behind the guard, in dB; never negative.
double gain_behind(const SinkFacts &facts) {
    if (fault(Fault::gain_behind_ignored)) return 0.0;
    return facts.software_gain > 1.0 ? decibels(facts.software_gain).value : 0.0;
}

/// What the guard must not exceed so that the sink, its software gain included, does not exceed `at_sink`
/// (architecture.md, "Arithmetic").
float ceiling_before(const SinkFacts &facts, double at_sink) {
    const float ceiling = amplitude_toward_zero({at_sink - gain_behind(facts)});
    return fault(Fault::rounded_up) ? std::nextafter(ceiling, 2.0F * ceiling) : ceiling;
}

void publish(Sink &sink, Step &step, double ceiling) {
    Guard &guard = *sink.guard;
    guard.published = ceiling;
    guard.publish_at.reset();
    PublishCeiling effect{sink.facts.key, std::nullopt, ceiling == silence_db};
    if (ceiling != open_db && ceiling != silence_db) effect.ceiling = Decibels{ceiling};
    step.emit(effect);
}

/// Lowered before it is in force, raised after (the contract with the WirePlumber part).
void publish_before_order(Sink &sink, Step &step, double ceiling) {
    sink.guard->publish_at.reset();
    if (ceiling < sink.guard->published) publish(sink, step, ceiling);
}

/// What holds for every order alike: how its limiter works, and what the governor is to hold behind the sink's own gain.
void shape(Sink &sink, Guard &guard, const Rules &rules) {
    guard.order.governor = {guard.ear_limit - gain_behind(sink.facts)};
    const Output *active = sink.active();
    guard.order.mode = active != nullptr ? active->mode : rules.limiter_mode;
    guard.order.release_seconds = static_cast<float>((active != nullptr ? active->release_ms : rules.release_ms) / 1000.0);
}

void issue(Sink &sink, Step &step, double gain, double ceiling, double rise, double rescale_db) {
    Guard &guard = *sink.guard;
    guard.gain.order(gain, rise, rescale_db, step.now);
    guard.ceiling.order(ceiling, rise, 0.0, step.now);
    guard.rise = rise;
    guard.order.generation = ++sink.generation;
    guard.order.gain = amplitude_toward_zero({guard.gain.target()});
    guard.order.ceiling = ceiling_before(sink.facts, guard.ceiling.target());
    guard.order.rise_db_per_s = static_cast<float>(rise);
    guard.order.rescale = {rescale_db};
    shape(sink, guard, step.rules);
    clamp_sink(sink, step, guard.ceiling.target());
    step.emit(OrderGuard{sink.facts.key, guard.order});
}

/// `low`: once per socket and fingerprint in this run.
bool low_ramp_due(const Output &output, const Memory &memory) {
    return output.decision.start_low && !memory.ramped.contains({output.id, output.load()});
}

double rise_of(const Output &output, const Step &step) {
    if (output.classification.confidence != Confidence::certain) return slow_rise;
    const auto seen = step.memory.certain.find(output.id);
    const bool known = seen != step.memory.certain.end() && seen->second.load == output.load() &&
                       step.now - seen->second.at <= known_for;
    return known ? known_rise : slow_rise;
}

bool ready_to_settle(const Sink &sink, const Step &step) {
    if (!sink.guard || sink.guard->settled || sink.leaving != Leaving::no) return false;
    const bool settles = step.now < sink.guard->settle_until && !fault(Fault::rise_before_the_facts);
    if (settles || !sink.guard->linked || sink.active() == nullptr) return false;
    if (sink.route.fight_until || step.memory.panic) return false;
    if (!sink.pinned() || sink.route.reached) return true;
    return sink.exposed() ? !sink.route.pending : sink.route.held();
}

bool limit_stands(const Sink &sink) { return sink.limited || (sink.facts.left_limit && *sink.facts.left_limit < 1.0); }

/// The guard's gain goes down by what the sink's own limit takes, and only when that is in force the limit goes: what is heard
/// stays the same. True: none stands any more (or something could reach the sink past the guard: then it stays).
bool lift_left_limit(Sink &sink, Step &step) {
    if (sink.exposed() || !limit_stands(sink)) return true;
    Guard &guard = *sink.guard;
    if (!guard.limit_taken_over) {
        guard.limit_taken_over = true;
        clamp_to_settling(sink, step, rescale_between(sink.facts.left_limit.value_or(1.0), 1.0), Duration{0});
        return false;
    }
    if (!guard.order_in_force()) return false;
    sink.limited = false;
    guard.limit_lifted = true;
    step.emit(LimitSink{sink.facts.key, 1.0});
    return true;
}

/// Gain and ceiling that a decision comes to, dB.
struct Levels {
    double gain = 0.0;
    double ceiling = open_db;
};

Levels levels_of(const Decision &decision) {
    const double cap = decision.cap.value_or(Decibels{}).value;
    if (decision.verdict == Verdict::limit) return {cap, cap};
    if (decision.verdict == Verdict::block) return {silence_db, silence_db};
    return {};
}

/// Down to the decision at once; what rises waits until everything is in place.
void fall_to_decision(Sink &sink, Step &step) {
    const Output *output = sink.active();
    if (output == nullptr) return;
    Guard &guard = *sink.guard;
    const Levels levels = levels_of(output->decision);
    const double ceiling = std::min(guard.ceiling.target(), levels.ceiling);
    const double ear_limit = std::min(guard.ear_limit, output->decision.governor.value_or(Decibels{open_db}).value);
    if (ceiling == guard.ceiling.target() && levels.gain >= guard.gain.target() && ear_limit == guard.ear_limit) return;
    guard.ear_limit = ear_limit;
    publish_before_order(sink, step, ceiling);
    issue(sink, step, std::min(guard.gain.target(), levels.gain), ceiling, guard.rise, 0.0);
}

} // namespace

Duration settle_time(const Sink &sink, const Step &step) {
    Duration longest = step.rules.settle;
    for (const Output &output : sink.outputs)
        if (output.settle > usual_settle) longest = std::max(longest, output.settle);
    return longest;
}

double settling_level(const Sink &sink, const Memory &memory) {
    const std::optional<Decibels> ceiling = sink.strictest_settling_ceiling();
    const double level = ceiling.value_or(Decibels{}).value - policy::settling_margin.value;
    const Output *active = sink.active();
    return active != nullptr && low_ramp_due(*active, memory) ? std::min(level, policy::low_start.value) : level;
}

void make_guard(Sink &sink, Step &step, double volume, bool mute) {
    const double ceiling = step.memory.panic ? silence_db : ceiling_db(sink.strictest_settling_ceiling());
    Guard guard;
    // What stands inside the sink (route volume, left limit) still attenuates: no louder than it plays without us.
    const double settling = step.memory.panic ? silence_db : settling_level(sink, step.memory);
    const double gain = std::min(settling, rescale_between(1.0, volume));
    guard.gain = LevelBounds(gain);
    guard.ceiling = LevelBounds(ceiling);
    guard.published = ceiling;
    guard.volume = volume;
    guard.mute = mute;
    guard.settle_until = step.now + settle_time(sink, step);
    guard.order.generation = ++sink.generation;
    guard.order.gain = amplitude_toward_zero({gain});
    guard.order.ceiling = ceiling_before(sink.facts, ceiling);
    guard.order.rise_db_per_s = 0.0F;
    shape(sink, guard, step.rules);
    guard.channels = sink.guarded_channels();
    guard.description = guard_description(sink);
    guard.icon = guard_icon(sink);
    clamp_sink(sink, step, ceiling);
    const bool wanted = step.rules.hold_devices || std::any_of(sink.outputs.begin(), sink.outputs.end(),
                                                               [](const Output &output) { return output.hold_device; });
    const bool hold = wanted && sink.facts.api == "alsa";
    step.emit(MakeGuard{sink.facts.key, guard.order, volume, mute, guard.description, guard.icon, guard.channels, hold});
    sink.guard = guard;
    sink.make_again_at.reset();
    publish(sink, step, ceiling);
    step.report(Level::info, "guard", sink.facts.key,
                sink.guard->description + ": guard made, ceiling " + db_text(ceiling));
}

void clamp_to_settling(Sink &sink, Step &step, double rescale_db, Duration hold) {
    if (fault(Fault::edge_without_clamp)) return;
    Guard &guard = *sink.guard;
    note_certain(sink, step);
    const double ceiling = std::min(guard.ceiling.upper(step.now), ceiling_db(sink.strictest_settling_ceiling()));
    publish_before_order(sink, step, ceiling);
    issue(sink, step, settling_level(sink, step.memory), ceiling, 0.0, rescale_db);
    const Time until = step.now + hold;
    guard.settle_until = guard.settled ? until : std::max(guard.settle_until, until);
    guard.settled = false;
}

void try_settle(Sink &sink, Step &step) {
    if (!ready_to_settle(sink, step) || !lift_left_limit(sink, step) || fault(Fault::never_settles)) return;
    Guard &guard = *sink.guard;
    const Output &output = *sink.active();
    const Decision &decision = output.decision;
    const auto [gain, ceiling] = levels_of(decision);
    publish_before_order(sink, step, ceiling);
    const double rise = output.left_alone ? slow_rise : rise_of(output, step);
    guard.ear_limit = decision.governor.value_or(Decibels{open_db}).value;
    issue(sink, step, gain, ceiling, rise, 0.0);
    if (guard.published != ceiling) guard.publish_at = guard.ceiling.done();
    if (decision.start_low) step.memory.ramped.insert({output.id, output.load()});
    guard.certain.reset();
    if (output.classification.confidence == Confidence::certain) guard.certain = {output.id, output.load()};
    guard.settled = true;
    guard.opened = true;
    sink.route.first_sight = false;
    step.report(Level::info, "decision", sink.facts.key, decision_text(output));
}

void take_over_limit(Sink &sink, Step &step) {
    if (!sink.guard || sink.guard->settled || sink.guard->limit_lifted || sink.leaving != Leaving::no || step.memory.panic) return;
    lift_left_limit(sink, step);
}

void open_up(Sink &sink, Step &step) {
    if (!sink.guard || !sink.guard->settled) return; // on its way there
    sink.guard->settled = false;
    sink.guard->settle_until = step.now;
    if (!ready_to_settle(sink, step)) fall_to_decision(sink, step);
}

void follow_dose(Sink &sink, Step &step) {
    const Output *output = sink.active();
    if (!sink.guard || output == nullptr || sink.leaving != Leaving::no) return;
    Guard &guard = *sink.guard;
    const double wanted = output->decision.governor.value_or(Decibels{open_db}).value;
    // Until it has settled only what is stricter counts.
    const double ear_limit = guard.settled ? wanted : std::min(guard.ear_limit, wanted);
    if (ear_limit == guard.ear_limit) return;
    guard.ear_limit = ear_limit;
    issue(sink, step, guard.gain.target(), guard.ceiling.target(), guard.rise, 0.0);
}

void follow_software_gain(Sink &sink, Step &step) {
    Guard &guard = *sink.guard;
    if (ceiling_before(sink.facts, guard.ceiling.target()) == guard.order.ceiling) return;
    issue(sink, step, guard.gain.target(), guard.ceiling.target(), guard.rise, 0.0);
    if (guard.publish_at) guard.publish_at = guard.ceiling.done();
}

void publish_when_due(Sink &sink, Step &step) {
    if (!sink.guard || !sink.guard->publish_at || step.now < *sink.guard->publish_at) return;
    publish(sink, step, sink.guard->ceiling.target());
}

void note_certain(const Sink &sink, Step &step) {
    if (!sink.guard || !sink.guard->settled || !sink.guard->certain) return;
    const auto &[id, load] = *sink.guard->certain;
    if (step.now >= sink.guard->gain.done()) step.memory.certain[id] = {load, step.now};
}

void hold_silent(Sink &sink, Step &step) {
    publish_before_order(sink, step, silence_db);
    issue(sink, step, silence_db, silence_db, 0.0, 0.0);
    sink.guard->settled = false;
}

void open_again(Sink &sink, Step &step) {
    sink.guard->settled = false;
    sink.guard->settle_until = step.now;
}

void silence(Sink &sink, Step &step) {
    const double ceiling = sink.guard->ceiling.upper(step.now);
    issue(sink, step, silence_db, ceiling, 0.0, 0.0);
}

} // namespace soundwarden::engine
