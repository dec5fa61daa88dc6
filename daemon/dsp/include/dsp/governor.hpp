// SPDX-License-Identifier: MIT
// The hand that turns a loud programme down slowly: the A-weighted level over 30 s is held to a target.
#pragma once

#include "dsp/a_weighting.hpp"
#include "model/units.hpp"

#include <array>
#include <cstdint>
#include <limits>

namespace soundwarden::dsp {

/// What the governor shall hold.
struct GovernorTarget {
    /// The highest A-weighted level over 30 s, in dBFS as level_dbfs() counts: the level in dB(A) SPL less the SPL of a
    /// full-scale sine. +infinity: no target.
    double level_dbfs = std::numeric_limits<double>::infinity();
    /// How fast the gain may fall until it is where this target wants it first; from then on it is 1 dB/s. >= 1;
    /// +infinity: within one sub-block.
    double fall_db_per_s = 1.0;
};

/// Slow gain in front of the limiter. It looks at the meter behind the limiter, second by second, and takes its own gain out
/// again, so that it knows the level before itself and, with the gain in force, the level that comes out: it goes where the
/// target is met and stays there, without swinging. Where the limiter works it hears what the limiter leaves.
///
/// The level of a channel is the energy mean over the last 30 s, or over what was heard so far where that is less; the
/// loudest channel counts. Each second counts at most as much as the third-loudest second of the 30: whatever is loud for
/// one second only, or across the border of two, therefore counts like ordinary programme, however loud it is, while
/// programme that stays loud counts in full from its third second on. (A limit relative to the median would bring the same
/// peace at the price of not noticing a louder programme for 15 s.) Before three seconds were heard there is no level, and
/// the gain stays as it is.
///
/// Built on the main thread; everything else on the data thread, real-time safe. What it does depends on the frames since
/// the construction, never on how they were cut into blocks, while no block exceeds `longest_block`.
class Governor {
  public:
    static constexpr std::uint32_t window_seconds = 30;
    static constexpr double fall_db_per_s = 1.0;
    static constexpr double rise_db_per_s = 0.5;
    static constexpr double lowest_gain_db = -100.0;
    static constexpr std::uint32_t longest_block = 8192;

    /// channels: 1 to 64, rate_hz: 8000 to 384000; clamped, both as given to the meter. The gain starts at 1.
    Governor(std::uint32_t channels, std::uint32_t rate_hz, const GovernorTarget &target) noexcept;

    /// Acts from the next sub-block on. A lower target pulls the gain down at `fall_db_per_s` of the target; a higher one,
    /// or none, lets it rise at 0.5 dB/s. A NaN level leaves the target as it was.
    void set_target(const GovernorTarget &target) noexcept;

    /// Multiplies its gain into those of the next `frames` frames (finite, >= 0). False: it is 1 throughout, nothing was
    /// touched. `meter` has heard what came of all earlier blocks, as many frames.
    bool multiply(float *gains, std::uint32_t frames, const AWeightedMeter &meter) noexcept;

    /// For a governor that has not begun: its gain stands there, 0..1, until three seconds were heard.
    void start_at(double gain) noexcept;

    /// For a governor that has not begun: its gain, its memory and its target are those of `before`, which was made for another
    /// rate perhaps. The second that `before` was in is forgotten. Data thread.
    void take_over(const Governor &before) noexcept;

    /// For so long there was no audio: silence was heard, and the gain did what it does in silence. Negative, NaN: nothing.
    void idle(double seconds) noexcept;

    /// The gain reached at the end of the sub-block under way, 0 < gain <= 1.
    double gain() const noexcept { return gain_; }

    /// The level that comes out with the gain in force, dBFS; −infinity before three seconds were heard.
    Decibels level() const noexcept { return level_dbfs(mean_square_ * gain_ * gain_); }

  private:
    using Values = std::array<double, ear_max_channels>;
    static constexpr std::uint32_t seconds_on_the_way = AWeightedMeter::kept_seconds;

    void begin_sub_block(const AWeightedMeter &meter) noexcept;
    void hear(const AWeightedMeter &meter, std::uint64_t second) noexcept;
    void push(const Values &mean_squares) noexcept;
    double channel_level(std::uint32_t channel) const noexcept;
    void aim() noexcept;
    void move(double sub_blocks) noexcept;

    std::uint32_t channels_;
    double sub_block_seconds_;
    std::uint32_t second_sub_blocks_;
    GovernorTarget target_;
    double fall_db_ = fall_db_per_s; // in force
    double gain_ = 1.0;
    double wanted_ = 1.0;

    std::array<Values, window_seconds> window_{}; // mean squares before the gain, by second and channel
    std::uint32_t window_at_ = 0;
    std::uint32_t heard_ = 0;       // seconds in the window
    double mean_square_ = 0.0;      // of the loudest channel over the window, before the gain
    double idle_rest_ = 0.0;        // seconds of silence that are not yet in the window

    std::array<double, seconds_on_the_way> gain_squares_{}; // sums over the sub-blocks of each second
    std::uint64_t second_ = 0;      // under way
    std::uint32_t in_second_ = 0;   // sub-blocks begun
    std::uint64_t next_ = 0;        // second to be heard
    std::uint64_t sub_blocks_ = 0;  // begun
    std::uint32_t position_ = 0;    // in the sub-block
    bool unity_ = true;             // this sub-block goes through untouched
    float from_ = 1.0F;             // its line of gain: from_ + step_ · frames
    float step_ = 0.0F;
};

} // namespace soundwarden::dsp
