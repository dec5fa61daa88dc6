// SPDX-License-Identifier: MIT
// What outlives a sink within one run: the user's volumes, route marks, and what was certain a moment ago.
#pragma once

#include "engine/event.hpp"
#include "model/answer.hpp"
#include "model/load.hpp"
#include "model/output.hpp"
#include "model/units.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace soundwarden::engine {

/// Volumes belong to (output, class of load); they never cross from one to another.
using VolumeKey = std::pair<OutputId, LoadClass>;
using RouteKey = std::pair<SinkKey, std::string>;

/// What somebody said hangs on an output.
struct KnownAnswer {
    Answer answer;
    Time given{};
    std::uint32_t plugs = 0;   ///< how often something was plugged in since
    std::uint64_t session = 0; ///< Memory::sessions when it was given; 0: in an earlier run
};

struct Memory {
    struct Seen {
        Load load = Load::unknown;
        Time at{};
    };

    std::map<VolumeKey, double> volumes;    ///< amplitude, 0 to 10: the last one the user chose
    std::map<VolumeKey, bool> mutes;        ///< of this run
    std::map<VolumeKey, Time> unsaved;      ///< volumes not yet handed to the store, with the time of the last change
    std::map<RouteKey, double> own_volumes; ///< U: a route's volume before us, amplitude, 0 to 1
    std::map<RouteKey, double> marks;       ///< routes that were written to 1.0, with U
    std::map<OutputId, Seen> certain;       ///< outputs that played at their full level with a certain load
    std::set<OutputId> left_alone;          ///< `guard OUTPUT off`; outlives the run
    std::set<SinkKey> released;             ///< `release`, in this run
    std::map<SinkKey, bool> muted;          ///< by us, with the user's own mute; outlives the run
    struct Override {
        Decibels ceiling;
        Time until{};
        Load load = Load::unknown; ///< what it was given for
    };
    std::map<OutputId, Override> overrides; ///< of this run
    std::optional<Decibels> dose_limit{};   ///< DoseLimit::level
    std::map<OutputId, KnownAnswer> answers; ///< outlive the run
    std::set<OutputId> changed_answers;      ///< not yet handed to the store
    std::set<OutputId> expired_answers;      ///< among these: too old, or used too often
    /// Counts, from 1, how often something may have been plugged into an output: what was said before counts as memory.
    std::map<OutputId, std::uint64_t> sessions;
    struct Question {
        std::uint32_t number = 0; ///< OutputView::question
        Fingerprint fingerprint{}; ///< of what it is about
        Time since{};
    };
    std::map<OutputId, Question> questions; ///< that are open
    std::uint32_t last_question = 0;
    std::map<OutputId, std::vector<Fingerprint>> asked; ///< what was asked about in this run
    Time login_until{};            ///< what is found before was there before the daemon, as far as anybody can tell
    std::set<OutputId> attended;   ///< outputs that somebody plugged something into, or moved the volume of, in this run
    /// Outputs whose limiter took something away in this run, with Memory::sessions of the first time.
    std::map<OutputId, std::uint64_t> limited;
    bool panic = false;                     ///< outlives the run
    std::map<SinkKey, bool> panicked;       ///< sinks without a guard, muted for the panic, with the user's own mute; outlives the run
    std::map<PcmAddress, std::string> direct_uses; ///< programs that play past PipeWire
    bool part_present = true;               ///< until the adapter says otherwise
    std::set<std::pair<OutputId, Load>> ramped; ///< (socket, fingerprint) whose hidden `low` ramp is done
};

} // namespace soundwarden::engine
