// SPDX-License-Identifier: MIT
// What the main thread knows of a level that the data thread moves: bounds, in dB. −infinity is silence, +infinity no
// ceiling.
#pragma once

#include "model/units.hpp"

#include <algorithm>
#include <limits>

namespace soundwarden::engine {

inline constexpr double silence_db = -std::numeric_limits<double>::infinity();
inline constexpr double open_db = std::numeric_limits<double>::infinity();

class LevelBounds {
  public:
    explicit LevelBounds(double db = silence_db) : low_(db), high_(db), target_(db) {}

    /// The order as the data thread takes it: a shift (<= 0) at once, falls at once, rises at rate (dB/s; 0: none).
    void order(double target, double rate, double shift, Time now) {
        const double high = std::min(upper(now) + shift, target);
        const double low = std::min(lower(now) + shift, target);
        high_ = high;
        low_ = low;
        rate_ = rate;
        target_ = rate > 0.0 ? target : high;
        since_ = now;
    }

    /// Never above this now.
    double upper(Time now) const { return risen(high_, now - since_); }

    /// Never below this now.
    double lower(Time now) const { return risen(low_, now - since_ - slack); }

    /// When the target is reached for certain.
    Time done() const {
        if (rate_ <= 0.0 || low_ >= target_) return since_;
        const double way = std::min(target_, ceiling_gone_db) - start_of(low_);
        return since_ +
               std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::max(0.0, way) / rate_)) + slack;
    }

    double target() const { return target_; }

  private:
    static double start_of(double db) { return std::max(db, floor_db); }
    double risen(double from, Duration time) const {
        if (rate_ <= 0.0 || from >= target_ || time <= Duration{0}) return from;
        const double now = start_of(from) + rate_ * std::chrono::duration<double>(time).count();
        return target_ == open_db && now >= ceiling_gone_db ? open_db : std::min(target_, now);
    }

    // As the data thread does it (dsp/guard_processor.cpp): a rise starts at −60 dB at the latest, and a ceiling 40 dB up is none.
    static constexpr double floor_db = -60.0;
    static constexpr double ceiling_gone_db = 40.0;
    // An order is taken at the next cycle; the longest usual one is 170 ms (8192 frames at 48 kHz).
    static constexpr Duration slack = std::chrono::milliseconds(200);

    double low_;
    double high_;
    double target_;
    double rate_ = 0.0;
    Time since_{};
};

} // namespace soundwarden::engine
