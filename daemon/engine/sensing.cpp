// SPDX-License-Identifier: MIT
// What is sensed of cards, and what people say is plugged in.
#include "outputs.hpp"
#include "report.hpp"
#include "state.hpp"

#include <cmath>
#include <utility>

namespace soundwarden::engine {
namespace {

// What a headphone can have, with room: reference/sensing.md §3.1.
constexpr Ohms least_impedance{0.1};
constexpr Ohms most_impedance{100'000.0};
constexpr Decibels least_sensitivity{40.0};
constexpr Decibels most_sensitivity{160.0};

bool sensible(const LoadFacts &facts) {
    if (facts.impedance && !(*facts.impedance >= least_impedance && *facts.impedance <= most_impedance)) return false;
    return !facts.sensitivity || (*facts.sensitivity >= least_sensitivity && *facts.sensitivity <= most_sensitivity);
}

} // namespace

void Engine::State::handle(const CardSensed &event, Step &step) {
    cards[event.facts.card] = event.facts;
    follow_card(event.facts.card, step);
}

void Engine::State::handle(const CardGone &event, Step &step) {
    if (cards.erase(event.card) > 0) follow_card(event.card, step);
}

/// Its sinks in the same step: an edge clamps before anything else is looked at.
void Engine::State::follow_card(std::uint32_t card, Step &step) {
    if (leaving) return;
    for (auto &[key, sink] : sinks) {
        if (!sink.facts.pcm || sink.facts.pcm->card != card || sink.leaving != Leaving::no) continue;
        const Before before(sink);
        describe(sink);
        follow_change(sink, before, step);
    }
}

Refusal Engine::State::refusal(const AnswerWish &wish) const {
    if (leaving) return Refusal::ending;
    if (find_output(wish.output) == nullptr) return Refusal::no_such_output;
    return answerable(wish.load) && sensible(wish.facts) ? Refusal::none : Refusal::senseless;
}

Refusal Engine::State::refusal(const ForgetWish &wish) const {
    if (leaving) return Refusal::ending;
    // What is not there now may have been answered for before.
    const bool known = wish.output.empty() || find_output(wish.output) != nullptr || memory.answers.contains(wish.output);
    return known ? Refusal::none : Refusal::no_such_output;
}

void Engine::State::handle(const AnswerWish &event, Step &step) {
    if (refusal(event) != Refusal::none) return;
    const Output &output = *find_output(event.output);
    Answer answer{event.load, event.facts, output.fingerprint};
    if (!answer.facts.model.empty() || answer.facts.impedance || answer.facts.sensitivity) answer.facts.model_from = ModelFrom::user;
    memory.answers[event.output] = {answer, step.now, 0, memory.sessions[event.output]};
    step.effects.push_back(RememberAnswer{event.output, answer, Duration{}, 0});
    step.report(Level::info, "answer", find_by_output(event.output)->facts.key,
                output.name + ": " + std::string(name_of(event.load)) + (event.facts.model.empty() ? "" : ", " + event.facts.model) +
                    ", somebody said");
    follow_answer(event.output, step);
}

void Engine::State::handle(const ForgetWish &event, Step &step) {
    if (refusal(event) != Refusal::none) return;
    std::vector<OutputId> forgotten;
    for (const auto &[id, answer] : memory.answers)
        if (event.output.empty() || id == event.output) forgotten.push_back(id);
    // What the store could not read yet is forgotten with the rest.
    if (event.output.empty()) step.effects.push_back(RememberAnswer{{}, std::nullopt, Duration{}, 0});
    for (const OutputId &id : forgotten) {
        memory.answers.erase(id);
        if (!event.output.empty()) step.effects.push_back(RememberAnswer{id, std::nullopt, Duration{}, 0});
        const Sink *sink = find_by_output(id);
        step.report(Level::info, "answer", sink == nullptr ? SinkKey{} : sink->facts.key, id + ": forgotten, as asked");
        if (sink != nullptr) follow_answer(id, step);
    }
}

/// Nothing was plugged: down at once, up by the ramp, and never by more volume.
void Engine::State::follow_answer(const OutputId &id, Step &step) {
    if (leaving) return;
    step.answering = true;
    follow_rules({id}, step);
    step.answering = false;
}

void Engine::State::save_answers(Step &step) {
    for (const OutputId &id : std::exchange(memory.changed_answers, {})) {
        const auto known = memory.answers.find(id);
        if (known == memory.answers.end()) step.effects.push_back(RememberAnswer{id, std::nullopt, Duration{}, 0});
        else step.effects.push_back(RememberAnswer{id, known->second.answer, step.now - known->second.given, known->second.plugs});
    }
    for (const OutputId &id : std::exchange(memory.expired_answers, {}))
        step.report(Level::info, "answer", {}, id + ": what was said of it is too old, or was used too often; it will be asked again");
}

Refusal Engine::refusal(const AnswerWish &wish) const { return state_->refusal(wish); }

Refusal Engine::refusal(const ForgetWish &wish) const { return state_->refusal(wish); }

} // namespace soundwarden::engine
