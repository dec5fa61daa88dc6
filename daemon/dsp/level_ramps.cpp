// SPDX-License-Identifier: MIT
#include "level_ramps.hpp"

#include "model/fault.hpp"

#include <algorithm>
#include <cmath>

namespace soundwarden::dsp {
namespace {

// A rising ceiling is taken away for good from here on: 40 dB above full scale no converter can tell it from none.
constexpr double open_ceiling = 100.0;

// Where a rise begins at the latest (−60 dB): below it nothing is heard, and a multiplication cannot leave zero.
constexpr double rise_floor = 0.001;

double ratio_of(double db) noexcept { return std::pow(10.0, db / 20.0); }

} // namespace

LevelRamps::LevelRamps(const GuardTargets &initial) noexcept
    : goal_gain_(static_cast<double>(initial.gain)), goal_ceiling_(static_cast<double>(initial.ceiling)), gain_(goal_gain_),
      ceiling_(goal_ceiling_), from_(goal_gain_), to_(goal_gain_), held_(goal_ceiling_) {}

double LevelRamps::raised(double now, double goal, double ratio) const noexcept {
    if (fault(Fault::rise_without_ramp)) return goal;
    return std::min(goal, std::max(now, rise_floor) * ratio);
}

void LevelRamps::take(const GuardTargets &targets, double step_seconds) noexcept {
    goal_gain_ = static_cast<double>(targets.gain);
    goal_ceiling_ = static_cast<double>(targets.ceiling);
    fall_seconds_ = static_cast<double>(targets.fall_seconds);
    rise_db_per_s_ = static_cast<double>(targets.rise_db_per_s);
    ceiling_ = std::min(ceiling_, goal_ceiling_);
    // What was planned for a rise and has not been heard is not where a fall begins.
    gain_ = to_;
    fall_step_ = gain_ > goal_gain_ ? (gain_ - goal_gain_) / std::max(1.0, fall_seconds_ / step_seconds) : 0.0;
    step_seconds_ = step_seconds;
    rise_ratio_ = ratio_of(rise_db_per_s_ * step_seconds);
}

void LevelRamps::retime(double step_seconds) noexcept {
    if (step_seconds_ > 0.0) fall_step_ *= step_seconds / step_seconds_; // a fall under way keeps its speed
    step_seconds_ = step_seconds;
    rise_ratio_ = ratio_of(rise_db_per_s_ * step_seconds);
}

void LevelRamps::rescale(double db) noexcept {
    const double ratio = ratio_of(std::min(0.0, db));
    gain_ *= ratio;
    from_ *= ratio;
    to_ *= ratio;
}

void LevelRamps::idle(double seconds) noexcept {
    if (rise_db_per_s_ <= 0.0 || !(seconds > 0.0)) return;
    const double ratio = ratio_of(rise_db_per_s_ * seconds);
    if (gain_ < goal_gain_) gain_ = raised(gain_, goal_gain_, ratio);
    if (ceiling_ < goal_ceiling_) ceiling_ = raised(ceiling_, goal_ceiling_, ratio);
    from_ = to_ = gain_;
    held_ = ceiling_;
}

bool LevelRamps::resting() const noexcept {
    const bool rising = rise_db_per_s_ > 0.0;
    if (from_ != to_ || to_ != gain_ || held_ != ceiling_) return false;
    if (gain_ > goal_gain_ || ceiling_ > goal_ceiling_) return false;
    return !rising || (gain_ == goal_gain_ && ceiling_ == goal_ceiling_);
}

void LevelRamps::advance() noexcept {
    const bool rising = rise_db_per_s_ > 0.0;
    held_ = ceiling_;
    if (rising && ceiling_ < goal_ceiling_) {
        ceiling_ = raised(ceiling_, goal_ceiling_, rise_ratio_);
        if (std::isinf(goal_ceiling_) && ceiling_ >= open_ceiling) ceiling_ = goal_ceiling_;
    }
    from_ = to_;
    if (gain_ > goal_gain_) to_ = gain_ = std::max(goal_gain_, gain_ - fall_step_);
    else {
        // One sub-block behind, so that the line ends where the ceiling stands.
        to_ = gain_;
        if (rising && gain_ < goal_gain_) gain_ = raised(gain_, goal_gain_, rise_ratio_);
    }
}

} // namespace soundwarden::dsp
