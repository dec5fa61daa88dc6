// SPDX-License-Identifier: MIT
// The engine's state, and who handles which event: engine.cpp what happens, commands.cpp what people and policies ask for.
#pragma once

#include "engine/engine.hpp"
#include "sink.hpp"
#include "step.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::engine {

inline constexpr Duration usual_orphan_silence = std::chrono::seconds(5);
inline constexpr Decibels usual_orphan_level{-30.0};

/// A sink as it was before something changed.
struct Before {
    explicit Before(const Sink &sink) : facts(sink.facts), outputs(sink.outputs) {
        if (const Output *now = sink.active()) active = *now;
    }
    SinkFacts facts;
    std::vector<Output> outputs;
    std::optional<Output> active;
};

/// What a policy and the command line say together. `fail_safe`: in posture strict.
Rules rules_of(std::shared_ptr<const policy::PolicySet> set, const Settings &settings, bool fail_safe);

struct Engine::State {
    Settings settings;
    Rules rules;
    bool fail_safe = false;
    Memory memory;
    std::map<SinkKey, Sink> sinks;
    std::map<std::uint32_t, CardFacts> cards;
    std::vector<Reason> faults;
    bool pipewire_lost = false;
    bool leaving = false;
    bool finished = false;
    bool begun = false; ///< a step was made
    Time now{};
    Snapshot snapshot; ///< as it was asked for last
    std::uint64_t revision = 0;
    bool stale = true; ///< something may have changed since

    void handle(const SinkSeen &event, Step &step);
    void handle(const SinkGone &event, Step &step);
    void handle(const GuardLinked &event, Step &step);
    void handle(const GuardFailed &event, Step &step);
    void handle(const GuardTook &event, Step &step);
    void handle(const GuardVolume &event, Step &step);
    void handle(const SinkTampered &event, Step &step);
    void handle(const ForeignLink &event, Step &step);
    void handle(const DirectUse &event, Step &step);
    void handle(const Remembered &event, Step &step);
    void handle(const PipeWireLost &event, Step &step);
    void handle(const PipeWireBack &event, Step &step);
    void handle(const Tick &, Step &) {}
    void handle(const ShutDown &event, Step &step);
    void handle(const Degraded &event, Step &step);
    void handle(const GuardWish &event, Step &step);
    void handle(const ReleaseWish &event, Step &step);
    void handle(const PartPresent &event, Step &step);
    void handle(const OverrideWish &event, Step &step);
    void handle(const PanicWish &event, Step &step);
    void handle(const PolicyLoaded &event, Step &step);
    void handle(const CardSensed &event, Step &step);
    void handle(const CardGone &event, Step &step);
    void handle(const AnswerWish &event, Step &step);
    void handle(const ForgetWish &event, Step &step);
    void handle(const DoseLimit &event, Step &step);
    void handle(const LimiterActs &event, Step &step);

    Sink *find(const SinkKey &key);
    Sink *find_guarded(const SinkKey &key);
    Sink *find_by_output(const OutputId &id);
    const Output *find_output(const OutputId &id) const;
    bool has_besides(const SinkKey &key, const OutputId &id) const;
    Refusal refusal(const OutputId &output, bool eases) const;
    Refusal refusal(const OverrideWish &wish) const;
    Refusal refusal(const AnswerWish &wish) const;
    Refusal refusal(const ForgetWish &wish) const;
    void refresh();
    void follow_card(std::uint32_t card, Step &step);
    void follow_answer(const OutputId &id, Step &step);
    void save_answers(Step &step);
    void describe(Sink &sink);
    void declare(Sink &sink, bool again, Step &step);
    bool observing() const;
    void set_panic(bool on, const std::string &text, Step &step);
    void follow_rules(const std::vector<OutputId> &only, Step &step);
    void end_overrides(Step &step);
    void tell_orphan_rules(Step &step) const;
    void add_sink(SinkFacts facts, Step &step);
    void change_sink(Sink &sink, SinkFacts facts, Step &step);
    void follow_change(Sink &sink, const Before &before, Step &step);
    /// Another pair where other channels are to be guarded than the one in front of the sink guards. False: they are the same.
    bool follow_channels(Sink &sink, bool switched, Step &step);
    void take_up_again(Sink &sink, Step &step);
    void run_due(Step &step);
    void draw_attention(Step &step);
    void finish_when_left(Step &step);
};

} // namespace soundwarden::engine
