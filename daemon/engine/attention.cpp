// SPDX-License-Identifier: MIT
#include "attention.hpp"

#include "outputs.hpp"
#include "report.hpp"

#include <algorithm>
#include <set>

namespace soundwarden::engine {
namespace {

constexpr Duration time_to_read = std::chrono::seconds(3);

/// Whether the answer would matter to somebody who is there. Of a sink only what plays is asked about.
bool worth_asking(const Sink &sink, const Output &output, const Memory &memory) {
    return &output == sink.active() && output.asks && !output.left_alone && output.availability != Availability::no &&
           memory.attended.contains(output.id);
}

} // namespace

// Not at login: what was plugged in before is not asked about until somebody plugs it in anew or moves its volume (product.md, "On the
// desktop"). A socket that was seen empty is different at any time.
void note_plug(const Output &output, const Output *before, Memory &memory, Time now) {
    if (output.availability == Availability::no) return;
    const bool was_empty = before != nullptr && before->availability == Availability::no;
    if (was_empty || now >= memory.login_until) memory.attended.insert(output.id);
}

void tend_questions(const Sink &sink, bool asking, Step &step) {
    Memory &memory = step.memory;
    for (const Output &output : sink.outputs) {
        const auto open = memory.questions.find(output.id);
        if (!asking || !worth_asking(sink, output, memory)) {
            if (open == memory.questions.end()) continue;
            // Pulled out again before anybody can have read it: that was no question.
            if (output.availability == Availability::no && step.now - open->second.since < time_to_read)
                std::erase(memory.asked[output.id], open->second.fingerprint);
            memory.questions.erase(open);
            continue;
        }
        if (open != memory.questions.end() && open->second.fingerprint == output.fingerprint) continue;
        if (open != memory.questions.end()) memory.questions.erase(open);
        if (!sink.guard || !sink.guard->settled) continue;
        auto &asked = memory.asked[output.id];
        if (std::find(asked.begin(), asked.end(), output.fingerprint) != asked.end()) continue;
        asked.push_back(output.fingerprint);
        memory.questions[output.id] = {++memory.last_question, output.fingerprint, step.now};
    }
}

void forget_questions(const std::map<SinkKey, Sink> &sinks, Memory &memory) {
    if (memory.questions.empty()) return;
    std::set<OutputId> there;
    for (const auto &[key, sink] : sinks)
        for (const Output &output : sink.outputs) there.insert(output.id);
    std::erase_if(memory.questions, [&](const auto &question) { return !there.contains(question.first); });
}

std::uint32_t question_of(const Output &output, const Memory &memory) {
    const auto open = memory.questions.find(output.id);
    return open == memory.questions.end() ? 0 : open->second.number;
}

// What permits is taken up again at each plug, with the volume of the strictest load; people may take it back (product.md, "On the desktop").
std::uint32_t recalled_at(const Output &output, const Memory &memory) {
    const auto answer = memory.answers.find(output.id);
    const auto session = memory.sessions.find(output.id);
    if (!output.eased || !anonymous(output) || output.availability == Availability::no || !memory.attended.contains(output.id)) return 0;
    if (answer == memory.answers.end() || session == memory.sessions.end() || answer->second.session == session->second) return 0;
    return static_cast<std::uint32_t>(session->second);
}

void tend_limiter(const Sink &sink, Step &step) {
    const Output *output = sink.active();
    if (!sink.guard || !sink.guard->settled || !sink.guard->limiter_acts || output == nullptr || step.memory.panic) return;
    const Decision &decision = output->decision;
    if (decision.verdict != Verdict::limit || step.memory.limited.contains(output->id)) return;
    step.memory.limited[output->id] = step.memory.sessions[output->id];
    step.report(Level::info, "limit", sink.facts.key, output->name + ": held to " + db_text(decision.cap.value_or(Decibels{}).value));
    if (!step.rules.cue) return;
    step.emit(PlayCue{sink.facts.key, amplitude_toward_zero(std::min(cue_peak, decision.cap.value_or(cue_peak)))});
}

bool newly_limited(const Output &output, const Memory &memory) {
    const auto limited = memory.limited.find(output.id);
    const auto session = memory.sessions.find(output.id);
    return limited != memory.limited.end() && session != memory.sessions.end() && limited->second == session->second;
}

} // namespace soundwarden::engine
