// SPDX-License-Identifier: MIT
#include "trace/recorder.hpp"

#include "outputs.hpp"

#include <utility>

namespace soundwarden::trace {

Recorder::Recorder(std::optional<Pseudonyms> pseudonyms) : pseudonyms_(std::move(pseudonyms)) {}

std::string Recorder::header(const std::string &version, const engine::Settings &settings) const {
    return text_of(Line{Header{version, settings, pseudonyms_.has_value()}});
}

std::string Recorder::step(const engine::Engine &engine, const engine::Event &event, Time time, const engine::Effects &effects) {
    std::string lines = text_of(Line{EventLine{time, pseudonyms_ ? pseudonyms_->hidden(event) : event}});
    const std::string found = outputs(engine, time);
    if (pseudonyms_)
        if (KnownLine known{time, pseudonyms_->take_known()}; !known.known.empty()) lines += text_of(Line{std::move(known)});
    lines += found;
    if (effects.empty()) return lines;
    if (!pseudonyms_) return lines + text_of(Line{EffectsLine{time, effects}});
    EffectsLine hidden{time};
    for (const engine::Effect &effect : effects) hidden.effects.push_back(pseudonyms_->hidden(effect));
    return lines + text_of(Line{std::move(hidden)});
}

/// What the sinks' outputs are called is known only to the engine.
std::string Recorder::outputs(const engine::Engine &engine, Time time) {
    if (engine.revision() == std::exchange(revision_, engine.revision())) return {};
    auto now = outputs_by_sink(engine.snapshot());
    std::string lines;
    for (const auto &[sink, ids] : now) {
        const auto before = outputs_.find(sink);
        if (before != outputs_.end() && before->second == ids) continue;
        OutputsLine line{time, sink, ids};
        if (pseudonyms_) {
            for (const OutputId &id : ids) pseudonyms_->know_output(id);
            line.sink = pseudonyms_->hidden_sink(sink);
            for (OutputId &id : line.outputs) id = pseudonyms_->hidden_output(id);
        }
        lines += text_of(Line{std::move(line)});
    }
    outputs_ = std::move(now);
    return lines;
}

} // namespace soundwarden::trace
