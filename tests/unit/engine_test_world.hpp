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
#include <functional>
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

RouteFacts route(std::uint32_t index, std::string name, std::string description, std::string port, Availability available);

/// The usual laptop: built-in speakers and a headphone socket on one sink.
SinkFacts laptop(double speaker_volume = 0.8);

inline const OutputId speaker_id = "pci_0000_00_1f_3_analog_output_speaker";
inline const OutputId headphones_id = "pci_0000_00_1f_3_analog_output_headphones";

class World {
  public:
    explicit World(std::optional<Posture> posture = std::nullopt) : engine(Settings{posture}) {}

    Engine engine;
    Time now{1h};
    std::map<SinkKey, SimSink> sinks;
    std::deque<Event> answers;
    Effects last; ///< of the last step
    Effects all;  ///< of every step
    bool answering = true;
    std::optional<int> exit_code;
    std::function<void(const Event &, const Effects &)> watch{}; ///< told of each step, before it is carried out

    /// One event; its effects are carried out at once, answers wait.
    const Effects &send(const Event &event);

    /// Delivers everything that waits, and what follows from it.
    void answer();

    /// Time goes by: timers at their time, answers at once.
    void run(Duration time);

    /// Only the clock and the guards' ramps move.
    void pass(Duration time);

    void add(SinkFacts facts);
    void change(const SinkKey &key);

    /// As a laptop's jack does it: availability first, the route a moment later with the volume WirePlumber has stored
    /// for it.
    void plug(double stored);
    void unplug(double stored);

    /// Another program, or WirePlumber, writes the active route.
    void write_route_from_outside(double volume);
    void move_slider(double volume, bool mute = false);

    SimSink &only() { return sinks.begin()->second; }
    SimGuard &guard() { return *only().guard; }

    /// What full scale would come to at the sink, dB, before the ceiling: volume × gain × route.
    double product(const SinkKey &key);

    OutputView view(const OutputId &id) const;

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

    std::vector<SinkKey> made_guards;

    void link(const SinkKey &key, bool linked);

  private:
    struct Carrier;
    void reply(Event event);
};

/// Effects as text, for messages and for comparing whole runs.
std::string text_of(const Effect &effect);

} // namespace soundwarden::engine::testing
