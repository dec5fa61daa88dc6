// SPDX-License-Identifier: MIT
// The cap gain and the ceiling on their way to their targets: down fast, up slowly. Worked out once a sub-block.
#pragma once

#include "dsp/guard_targets.hpp"

namespace soundwarden::dsp {

/// Data thread; neither allocates nor throws.
class LevelRamps {
  public:
    /// Starts with the targets reached.
    explicit LevelRamps(const GuardTargets &initial) noexcept;

    /// New targets, for sub-blocks of `step_seconds` > 0.
    void take(const GuardTargets &targets, double step_seconds) noexcept;
    /// The same targets, for sub-blocks of another length.
    void retime(double step_seconds) noexcept;
    /// At once, and from the gain as it is; db <= 0.
    void rescale(double db) noexcept;
    /// For so long the targets were in force without audio: what was due to rise has risen.
    void idle(double seconds) noexcept;

    /// Nothing moves: the last sub-block's gain and ceiling serve all to come.
    bool resting() const noexcept;
    /// On to the next sub-block.
    void advance() noexcept;

    /// Of the sub-block: a straight line of gain, from in front of its first frame to its last. While both rise from the
    /// same value it never exceeds the ceiling.
    double gain_from() const noexcept { return from_; }
    double gain_to() const noexcept { return to_; }
    /// Of the sub-block; +infinity: none.
    double ceiling() const noexcept { return held_; }

  private:
    double raised(double now, double goal, double ratio) const noexcept;

    double goal_gain_;
    double goal_ceiling_;
    double fall_seconds_ = 0.0;
    double rise_db_per_s_ = 0.0;
    double gain_;           // at the end of this sub-block if it rises, at its beginning if it falls
    double ceiling_;        // for the next sub-block
    double from_;
    double to_;
    double held_;
    double step_seconds_ = 0.0; // of a sub-block
    double fall_step_ = 0.0; // per sub-block
    double rise_ratio_ = 1.0;
};

} // namespace soundwarden::dsp
