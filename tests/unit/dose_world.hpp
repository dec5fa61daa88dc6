// SPDX-License-Identifier: MIT
// Guards that play to ears, second by second, in virtual time.
#pragma once

#include "dose/keeper.hpp"

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace soundwarden::dose::testing {

inline constexpr std::int64_t day_s = 86'400;
/// Monday, 2026-11-23, 12:00 UTC.
inline constexpr std::int64_t monday_s = 1'795'435'200;

inline double db(double ratio) { return 10.0 * std::log10(ratio); }

struct World {
    Settings settings{};
    Keeper keeper;
    Moment now{1000.0, monday_s};
    std::vector<Notice> notices;
    std::vector<Source> sources{Source{"headphones", 1, 0.0, {0.0, 0.0}, Decibels{110.0}, false}};

    Source &source() { return sources.front(); }
    /// Energy of a tone, or of anything, at this A-weighted level: dB re a full-scale sine, channel by channel.
    void hear(double seconds, std::vector<double> levels_dbfs) {
        source().weighted_seconds += seconds;
        for (std::size_t c = 0; c < levels_dbfs.size(); ++c) source().energies[c] += 0.5 * std::pow(10.0, levels_dbfs[c] / 10.0) * seconds;
    }
    void pass(double seconds) {
        now.monotonic_s += seconds;
        now.unix_s = std::llround(static_cast<double>(now.unix_s) + seconds);
    }
    void tick() {
        for (auto &notice : keeper.tick(now, sources, settings)) notices.push_back(std::move(notice));
    }
    /// Both ears at `level` dB(A), a tick a second.
    void play(double seconds, double level) {
        for (double s = 0.0; s < seconds; s += 1.0) {
            pass(1.0);
            hear(1.0, {level - 110.0, level - 110.0});
            tick();
        }
    }
    /// The same for long times: a tick a minute, which a starved machine might give too.
    void play_minutes(double minutes, double level) {
        for (double m = 0.0; m < minutes; m += 1.0) {
            pass(60.0);
            hear(60.0, {level - 110.0, level - 110.0});
            tick();
        }
    }
    double percent() const { return keeper.now().percent(); }
    std::size_t count(Notice::Kind kind) const {
        std::size_t n = 0;
        for (const Notice &each : notices) n += each.kind == kind ? 1U : 0U;
        return n;
    }
};

} // namespace soundwarden::dose::testing
