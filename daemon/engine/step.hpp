// SPDX-License-Identifier: MIT
// What every part of one engine step works with.
#pragma once

#include "engine/effect.hpp"
#include "engine/engine.hpp"
#include "memory.hpp"
#include "model/decision.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace soundwarden::engine {

/// What the policy and the command line say together.
struct Rules {
    std::shared_ptr<const policy::PolicySet> set;
    Posture posture = Posture::protect;
    bool hold_devices = false;
    std::optional<Decibels> ear_target{};
    LimiterMode limiter_mode = LimiterMode::guard;
    double release_ms = 50.0;
    Duration settle = std::chrono::milliseconds(300);
    bool cue = true; ///< a sound tells of the first limit
    /// After something for the ears went away: plug chatter must not blast the speakers (product.md, "Moments").
    Duration unplug_hold = std::chrono::milliseconds(500);
};

struct Step {
    const Rules &rules;
    Memory &memory;
    Time now;
    bool observes = false;
    bool answering = false; ///< somebody has just said what is plugged in, or took that back
    Effects effects{};

    bool observing() const { return observes; }

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
