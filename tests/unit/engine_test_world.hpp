// SPDX-License-Identifier: MIT
// A small world around the engine for its tests: virtual time, a card whose routes keep volumes, and a guard that does
// with its orders what dsp/guard_processor.cpp does, in decibels. Answers (confirmations, read-backs, echoes) come when
// the test says so.
#pragma once

#include "engine/engine.hpp"
#include "model/units.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace soundwarden::engine::testing {

using namespace std::chrono_literals;

inline constexpr double dead = -400.0; // stands for silence, dB
inline constexpr double none = 400.0;  // stands for no ceiling

inline double to_db(double value) {
    if (std::isinf(value)) return none;
    return value <= 0.0 ? dead : std::max(dead, 20.0 * std::log10(value));
}

/// The guard's path as samples would meet it.
struct SimGuard {
    double gain = dead;
    double ceiling = dead;
    GuardOrder order;
    double volume = 1.0;
    bool mute = false;
    bool linked = false;
    bool opened = false; ///< was ordered to rise at least once
    std::optional<double> published;
    bool published_block = false;

    void take(const GuardOrder &next) {
        gain = std::max(dead, gain + next.rescale.value);
        order = next;
        opened = opened || next.rise_db_per_s > 0.0F;
        gain = std::min(gain, to_db(static_cast<double>(next.gain)));
        ceiling = std::min(ceiling, to_db(static_cast<double>(next.ceiling)));
    }
    void run(Duration time) {
        const double step = static_cast<double>(order.rise_db_per_s) * std::chrono::duration<double>(time).count();
        if (step <= 0.0) return;
        gain = rise(gain, to_db(static_cast<double>(order.gain)), step);
        ceiling = rise(ceiling, to_db(static_cast<double>(order.ceiling)), step);
        if (to_db(static_cast<double>(order.ceiling)) == none && ceiling >= 40.0) ceiling = none;
    }

  private:
    static double rise(double from, double to, double step) {
        return from >= to ? from : std::min(to, std::max(from, -60.0) + step);
    }
};

struct SimSink {
    SinkFacts facts;
    std::map<std::uint32_t, double> route_volumes; ///< what the card's routes stand at
    std::optional<SimGuard> guard;
};

inline RouteFacts route(std::uint32_t index, std::string name, std::string description, std::string port,
                        Availability available) {
    return {index, std::move(name), std::move(description), std::move(port), {}, available};
}

/// The usual laptop: built-in speakers and a headphone socket on one sink.
inline SinkFacts laptop(double speaker_volume = 0.8) {
    SinkFacts facts;
    facts.key = "alsa_output.pci-0000_00_1f.3.analog-stereo";
    facts.serial = 50;
    facts.description = "Built-in Audio Analog Stereo";
    facts.device_name = "alsa_card.pci-0000_00_1f.3";
    facts.device_description = "Built-in Audio";
    facts.bus_path = "pci-0000:00:1f.3";
    facts.api = "alsa";
    facts.bus = "pci";
    facts.form_factor = "internal";
    facts.positions = {"FL", "FR"};
    facts.rate_hz = 48000;
    facts.routes = {route(0, "analog-output-speaker", "Speaker", "speaker", Availability::unknown),
                    route(1, "analog-output-headphones", "Headphones", "headphones", Availability::no)};
    facts.active = RouteState{0, speaker_volume, false, false};
    return facts;
}

inline const OutputId speaker_id = "pci_0000_00_1f_3_analog_output_speaker";
inline const OutputId headphones_id = "pci_0000_00_1f_3_analog_output_headphones";

class World {
  public:
    explicit World(Posture posture = Posture::protect) : engine(Settings{posture}) {}

    Engine engine;
    Time now{1h};
    std::map<SinkKey, SimSink> sinks;
    std::deque<Event> answers;
    Effects last; ///< of the last step
    Effects all;  ///< of every step
    bool answering = true;
    std::optional<int> exit_code;

    /// One event; its effects are carried out at once, answers wait.
    const Effects &send(const Event &event) {
        last = engine.step(event, now);
        for (const Effect &effect : last) {
            all.push_back(effect);
            std::visit([&](const auto &known) { carry_out(known); }, effect);
        }
        return last;
    }

    /// Delivers everything that waits, and what follows from it.
    void answer() {
        for (int i = 0; i < 200 && !answers.empty(); ++i) {
            const Event event = answers.front();
            answers.pop_front();
            if (const auto *seen = std::get_if<SinkSeen>(&event)) {
                if (sinks.contains(seen->facts.key)) send(SinkSeen{sinks[seen->facts.key].facts});
            } else {
                send(event);
            }
        }
    }

    /// Time goes by: timers at their time, answers at once.
    void run(Duration time) {
        const Time end = now + time;
        answer();
        while (engine.deadline() && *engine.deadline() <= end) {
            pass(std::max(*engine.deadline() - now, Duration{0}));
            send(Tick{});
            answer();
        }
        pass(end - now);
    }

    /// Only the clock and the guards' ramps move.
    void pass(Duration time) {
        now += time;
        for (auto &[key, sink] : sinks)
            if (sink.guard) sink.guard->run(time);
    }

    void add(SinkFacts facts) {
        const SinkKey key = facts.key;
        if (facts.active) sinks[key].route_volumes[facts.active->index] = facts.active->volume;
        sinks[key].facts = std::move(facts);
        send(SinkSeen{sinks[key].facts});
    }
    void change(const SinkKey &key) { send(SinkSeen{sinks[key].facts}); }

    /// As a laptop's jack does it: availability first, the route a moment later with the volume WirePlumber has stored
    /// for it.
    void plug(double stored) {
        SinkFacts &facts = only().facts;
        facts.routes[1].availability = Availability::yes;
        facts.routes[0].availability = Availability::no;
        change(facts.key);
        pass(2ms);
        answer();
        facts.active = RouteState{1, stored, false, false};
        change(facts.key);
    }
    void unplug(double stored) {
        SinkFacts &facts = only().facts;
        facts.routes[1].availability = Availability::no;
        facts.routes[0].availability = Availability::unknown;
        change(facts.key);
        pass(2ms);
        answer();
        facts.active = RouteState{0, stored, false, false};
        change(facts.key);
    }

    /// Another program, or WirePlumber, writes the active route.
    void write_route_from_outside(double volume) {
        only().facts.active->volume = volume;
        change(only().facts.key);
    }
    void move_slider(double volume, bool mute = false) {
        only().guard->volume = volume;
        only().guard->mute = mute;
        send(GuardVolume{only().facts.key, volume, mute});
    }

    SimSink &only() { return sinks.begin()->second; }
    SimGuard &guard() { return *only().guard; }

    /// What full scale would come to at the sink, dB, before the ceiling: volume × gain × route.
    double product(const SinkKey &key) {
        const SimSink &sink = sinks[key];
        if (!sink.guard) return dead;
        const double route_volume = sink.facts.active ? sink.facts.active->volume : 1.0;
        return to_db(sink.guard->volume) + sink.guard->gain + to_db(route_volume);
    }

    OutputView view(const OutputId &id) const {
        for (const OutputView &output : engine.snapshot().outputs)
            if (output.id == id) return output;
        return {};
    }

    template <class T>
    static std::vector<T> of(const Effects &effects) {
        std::vector<T> found;
        for (const Effect &effect : effects)
            if (const T *wanted = std::get_if<T>(&effect)) found.push_back(*wanted);
        return found;
    }
    template <class T>
    std::vector<T> in_last() const {
        return of<T>(last);
    }
    template <class T>
    std::vector<T> in_all() const {
        return of<T>(all);
    }

  private:
    void carry_out(const MakeGuard &effect) {
        SimGuard made;
        made.gain = to_db(static_cast<double>(effect.order.gain));
        made.ceiling = to_db(static_cast<double>(effect.order.ceiling));
        made.order = effect.order;
        made.volume = effect.volume;
        made.mute = effect.mute;
        sinks[effect.sink].guard = made;
        reply(GuardTook{effect.sink, effect.order.generation});
        made_guards.push_back(effect.sink);
        if (answering) link(effect.sink, true);
    }
    void carry_out(const DropGuard &effect) {
        if (sinks.contains(effect.sink)) sinks[effect.sink].guard.reset();
    }
    void carry_out(const OrderGuard &effect) {
        if (!sinks[effect.sink].guard) return;
        sinks[effect.sink].guard->take(effect.order);
        reply(GuardTook{effect.sink, effect.order.generation});
    }
    void carry_out(const SetGuardVolume &effect) {
        if (!sinks[effect.sink].guard) return;
        sinks[effect.sink].guard->volume = effect.volume;
        sinks[effect.sink].guard->mute = effect.mute;
        reply(GuardVolume{effect.sink, effect.volume, effect.mute});
    }
    void carry_out(const WriteRoute &effect) {
        SimSink &sink = sinks[effect.sink];
        if (!answering || !sink.facts.active || sink.facts.active->index != effect.route) return;
        sink.facts.active->volume = effect.volume;
        if (effect.mute) sink.facts.active->mute = *effect.mute;
        reply(SinkSeen{sink.facts});
    }
    void carry_out(const MuteSink &effect) {
        SimSink &sink = sinks[effect.sink];
        if (sink.facts.active) sink.facts.active->mute = effect.mute;
        else sink.facts.node_mute = effect.mute;
        reply(SinkSeen{sink.facts});
    }
    void carry_out(const LowerSink &effect) {
        if (!answering) return;
        sinks[effect.sink].facts.software_gain = effect.volume;
        reply(SinkSeen{sinks[effect.sink].facts});
    }
    void carry_out(const LimitSink &effect) {
        if (!answering) return;
        SimSink &sink = sinks[effect.sink];
        sink.facts.left_limit.reset();
        if (effect.level < 1.0) sink.facts.left_limit = effect.level;
        reply(SinkSeen{sink.facts});
    }
    void carry_out(const PublishCeiling &effect) {
        SimSink &sink = sinks[effect.sink];
        if (!sink.guard) return;
        sink.guard->published_block = effect.blocked;
        sink.guard->published.reset();
        if (effect.ceiling) sink.guard->published = effect.ceiling->value;
    }
    void carry_out(const Finish &effect) { exit_code = effect.exit_code; }
    template <class Other>
    void carry_out(const Other &) {}

    void reply(Event event) {
        if (answering) answers.push_back(std::move(event));
    }

  public:
    std::vector<SinkKey> made_guards;

    void link(const SinkKey &key, bool linked) {
        if (sinks[key].guard) sinks[key].guard->linked = linked;
        answers.push_back(GuardLinked{key, linked});
    }
};

/// Effects as text, for messages and for comparing whole runs.
inline std::string text_of(const Effect &effect) {
    const auto number = [](double value) { return std::to_string(value); };
    struct Writer {
        decltype(number) &n;
        std::string order(const GuardOrder &o) const {
            return " #" + std::to_string(o.generation) + " gain " + n(to_db(static_cast<double>(o.gain))) +
                   " ceiling " + n(to_db(static_cast<double>(o.ceiling))) + " rise " +
                   n(static_cast<double>(o.rise_db_per_s)) + " rescale " + n(o.rescale.value);
        }
        std::string operator()(const MakeGuard &e) const {
            return "MakeGuard " + e.sink + order(e.order) + " volume " + n(e.volume) + (e.mute ? " muted " : " ") +
                   e.description;
        }
        std::string operator()(const DropGuard &e) const { return "DropGuard " + e.sink + (e.released ? " released" : ""); }
        std::string operator()(const LowerSink &e) const { return "LowerSink " + e.sink + " " + n(e.volume); }
        std::string operator()(const MuteSink &e) const { return "MuteSink " + e.sink + (e.mute ? " mute" : " unmute"); }
        std::string operator()(const RememberMute &e) const {
            return "RememberMute " + e.sink + (!e.mute ? " forget" : *e.mute ? " muted" : " unmuted");
        }
        std::string operator()(const RememberLeftAlone &e) const {
            return "RememberLeftAlone " + e.output + (e.left_alone ? " yes" : " no");
        }
        std::string operator()(const ReleaseFailed &e) const { return "ReleaseFailed " + e.sink + " " + e.sentence; }
        std::string operator()(const OrderGuard &e) const { return "OrderGuard " + e.sink + order(e.order); }
        std::string operator()(const SetGuardVolume &e) const {
            return "SetGuardVolume " + e.sink + " " + n(e.volume) + (e.mute ? " muted" : "");
        }
        std::string operator()(const NameGuard &e) const {
            return "NameGuard " + e.sink + " " + e.description + " " + e.icon;
        }
        std::string operator()(const PublishCeiling &e) const {
            return "PublishCeiling " + e.sink + " " + (e.blocked ? "block" : e.ceiling ? n(e.ceiling->value) : "none");
        }
        std::string operator()(const WriteRoute &e) const {
            return "WriteRoute " + e.sink + " " + std::to_string(e.route) + " " + n(e.volume) +
                   (e.mute ? (*e.mute ? " mute" : " unmute") : "");
        }
        std::string operator()(const DeclareSink &e) const { return "DeclareSink " + e.sink + (e.guarded ? " guarded" : " free"); }
        std::string operator()(const LimitSink &e) const { return "LimitSink " + e.sink + " " + n(e.level); }
        std::string operator()(const ClampSink &e) const {
            return "ClampSink " + e.sink + " " + n(static_cast<double>(e.ceiling));
        }
        std::string operator()(const RememberVolume &e) const {
            return "RememberVolume " + e.output + " " + std::string(name_of(e.load_class)) + " " + n(e.volume);
        }
        std::string operator()(const RememberMark &e) const {
            return "RememberMark " + e.sink + " " + e.route + " " + (e.volume ? n(*e.volume) : "forget");
        }
        std::string operator()(const Report &e) const { return "Report " + e.what + " " + e.sink + " " + e.text; }
        std::string operator()(const Finish &e) const { return "Finish " + std::to_string(e.exit_code); }
    };
    return std::visit(Writer{number}, effect);
}

} // namespace soundwarden::engine::testing
