// SPDX-License-Identifier: MIT
// The volume of the guard's node.
#include "volumes.hpp"

#include "model/fault.hpp"
#include "mute_first.hpp"
#include "policy/decide.hpp"

#include <algorithm>
#include <cmath>

namespace soundwarden::engine {
namespace {

constexpr double largest_guard_volume = 10.0;
constexpr Duration echo_time = std::chrono::milliseconds(250);

bool is_knob_with_route(const Sink &sink) { return !sink.pinned() && !sink.facts.routes.empty(); }

/// A sink without routes has a volume of its own that stays in the path: together they stay under the start level.
double start_volume(const Sink &sink, Decibels level) {
    const double start = amplitude(level);
    if (sink.pinned()) return start;
    return std::min(1.0, start / std::max(sink.facts.software_gain, start));
}

void remember_mute(const Sink &sink, Step &step, bool mute) {
    const Output *output = sink.active();
    if (output != nullptr) step.memory.mutes[output->volume_key()] = mute;
}

void remember_volume(const Sink &sink, Step &step, double volume) {
    const Output *output = sink.active();
    if (output == nullptr || is_knob_with_route(sink)) return;
    const VolumeKey key = output->volume_key();
    const auto known = step.memory.volumes.find(key);
    if (known != step.memory.volumes.end() && same_volume(known->second, volume)) return;
    step.memory.volumes[key] = volume;
    step.memory.unsaved[key] = step.now;
}

bool is_echo(Guard &guard, double volume, bool mute) {
    const auto own = std::find_if(guard.echoes.begin(), guard.echoes.end(), [&](const OwnVolume &sent) {
        return sent.mute == mute && same_volume(sent.volume, volume);
    });
    if (own == guard.echoes.end()) return false;
    guard.echoes.erase(guard.echoes.begin(), own + 1);
    return true;
}

/// Ours again: what came was set before ours, or restored by somebody who knows nothing of loads.
void assert_volume(Sink &sink, Step &step, Time since) {
    Guard &guard = *sink.guard;
    guard.echoes.push_back({guard.volume, guard.mute, since});
    step.emit(SetGuardVolume{sink.facts.key, guard.volume, guard.mute});
}

} // namespace

bool same_volume(double a, double b) { return std::fabs(a - b) <= 1e-4 * std::max({std::fabs(a), std::fabs(b), 1e-4}); }

double plug_volume(const Sink &sink, const Output &output, const Memory &memory) {
    if (is_knob_with_route(sink)) return 1.0;
    double volume = 1.0;
    const auto own = memory.own_volumes.find({sink.facts.key, output.route_name});
    if (sink.pinned() && own != memory.own_volumes.end()) volume = std::min(own->second, 1.0);
    auto chosen = memory.volumes.find(output.volume_key());
    if (fault(Fault::volumes_shared))
        chosen = std::max_element(memory.volumes.begin(), memory.volumes.end(), [](const auto &a, const auto &b) { return a.second < b.second; });
    if (chosen != memory.volumes.end()) volume = std::clamp(chosen->second, 0.0, largest_guard_volume);
    if (fault(Fault::start_level_ignored)) return volume;
    return output.decision.start_level ? std::min(volume, start_volume(sink, *output.decision.start_level)) : volume;
}

bool plug_mute(const Sink &sink, const Output &output, const Memory &memory) {
    const auto known = memory.mutes.find(output.volume_key());
    if (known != memory.mutes.end()) return known->second;
    return sink.pinned() && sink.route.first_sight && sink.facts.active && user_mute(sink);
}

void set_guard_volume(Sink &sink, Step &step, double volume, bool mute) {
    Guard &guard = *sink.guard;
    if (guard.volume == volume && guard.mute == mute) return;
    guard.volume = volume;
    guard.mute = mute;
    assert_volume(sink, step, step.now);
}

void heed_guard_volume(Sink &sink, const GuardVolume &event, Step &step) {
    Guard &guard = *sink.guard;
    const bool readable = std::isfinite(event.volume) && event.volume >= 0.0;
    const double volume = readable ? std::min(event.volume, largest_guard_volume) : guard.volume;
    while (!guard.echoes.empty() && step.now - guard.echoes.front().at > echo_time) guard.echoes.pop_front();
    const bool overtaken = !guard.echoes.empty();
    const Time since = overtaken ? guard.echoes.back().at : step.now;
    if (is_echo(guard, volume, event.mute)) return;
    if (same_volume(volume, guard.volume) && event.mute == guard.mute) return;
    // Until the first settling it is WirePlumber's stored volume of the node; with our own on its way it was set for
    // what was active before.
    if ((!guard.opened || overtaken || !readable) && guard.assertions.admit(step.now)) {
        assert_volume(sink, step, since);
        return;
    }
    if (event.mute != guard.mute) remember_mute(sink, step, event.mute);
    if (!same_volume(volume, guard.volume)) remember_volume(sink, step, volume);
    guard.volume = volume;
    guard.mute = event.mute;
}

void wish_volume(Sink &sink, Step &step, double volume) {
    set_guard_volume(sink, step, volume, sink.guard->mute);
    remember_volume(sink, step, volume);
}

void wish_mute(Sink &sink, Step &step, bool mute) {
    set_guard_volume(sink, step, sink.guard->volume, mute);
    remember_mute(sink, step, mute);
}

void save_volumes(Step &step, bool all) {
    for (auto it = step.memory.unsaved.begin(); it != step.memory.unsaved.end();) {
        if (!all && step.now < it->second + save_after) {
            ++it;
            continue;
        }
        step.emit(RememberVolume{it->first.first, it->first.second, step.memory.volumes[it->first]});
        it = step.memory.unsaved.erase(it);
    }
}

} // namespace soundwarden::engine
