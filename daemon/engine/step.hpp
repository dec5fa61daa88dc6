// SPDX-License-Identifier: MIT
// What every part of one engine step works with.
#pragma once

#include "engine/effect.hpp"
#include "engine/engine.hpp"
#include "memory.hpp"

#include <string>
#include <utility>

namespace soundwarden::engine {

struct Step {
    const Settings &settings;
    Memory &memory;
    Time now;
    Effects effects{};

    bool observing() const { return settings.posture == Posture::observe; }

    /// In posture observe nothing but reports leaves the engine.
    void emit(Effect effect) {
        if (!observing() || std::holds_alternative<Report>(effect) || std::holds_alternative<Finish>(effect))
            effects.push_back(std::move(effect));
    }
    void report(Level level, const char *what, const SinkKey &sink, std::string text) {
        effects.push_back(Report{level, what, sink, std::move(text)});
    }
};

} // namespace soundwarden::engine
