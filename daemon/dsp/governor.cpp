// SPDX-License-Identifier: MIT
#include "dsp/governor.hpp"

#include "model/fault.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace soundwarden::dsp {
namespace {

constexpr double lowest_gain = 1e-5; // Governor::lowest_gain_db

// A second is heard when the longest block that can have begun in it is through the meter.
constexpr std::uint32_t delay_sub_blocks = Governor::longest_block / ear_sub_block;

constexpr std::uint32_t seconds_that_count_in_full = 3;

// Slope of a gain, relative to itself, per second.
constexpr double slope(double db_per_s) noexcept { return db_per_s * std::numbers::ln10 / 20.0; }

} // namespace

Governor::Governor(std::uint32_t channels, std::uint32_t rate_hz, const GovernorTarget &target) noexcept
    : channels_(std::clamp(channels, 1U, ear_max_channels)) {
    const std::uint32_t rate = std::clamp(rate_hz, ear_lowest_rate_hz, ear_highest_rate_hz);
    sub_block_seconds_ = static_cast<double>(ear_sub_block) / static_cast<double>(rate);
    second_sub_blocks_ = ear_second_frames(rate) / ear_sub_block;
    set_target(target);
}

void Governor::set_target(const GovernorTarget &target) noexcept {
    if (std::isnan(target.level_dbfs)) return;
    target_ = target;
    fall_db_ = std::isnan(target.fall_db_per_s) ? fall_db_per_s : std::max(fall_db_per_s, target.fall_db_per_s);
    aim();
}

bool Governor::multiply(float *gains, std::uint32_t frames, const AWeightedMeter &meter) noexcept {
    bool touched = false;
    for (std::uint32_t done = 0; done < frames;) {
        if (position_ == 0) begin_sub_block(meter);
        const std::uint32_t count = std::min(frames - done, ear_sub_block - position_);
        if (!unity_) {
            // Signed, because baseline x86 converts no unsigned vectors; and copies, because a member could be one of the gains.
            const auto first = static_cast<std::int32_t>(position_) + 1;
            const auto frames_left = static_cast<std::int32_t>(count);
            const float from = from_;
            const float step = step_;
            float *to = gains + done;
            for (std::int32_t i = 0; i < frames_left; ++i) to[i] *= from + step * static_cast<float>(first + i);
        }
        touched = touched || !unity_;
        done += count;
        position_ = (position_ + count) % ear_sub_block;
    }
    return touched;
}

void Governor::start_at(double gain) noexcept {
    if (gain >= lowest_gain && gain <= 1.0) gain_ = wanted_ = gain;
}

void Governor::take_over(const Governor &before) noexcept {
    target_ = before.target_;
    fall_db_ = before.fall_db_;
    gain_ = before.gain_;
    wanted_ = before.wanted_;
    window_ = before.window_;
    window_at_ = before.window_at_;
    heard_ = before.heard_;
    mean_square_ = before.mean_square_;
    idle_rest_ = before.idle_rest_;
}

void Governor::begin_sub_block(const AWeightedMeter &meter) noexcept {
    if (sub_blocks_ >= (next_ + 1) * second_sub_blocks_ + delay_sub_blocks && meter.seconds() > next_) hear(meter, next_++);
    const double before = gain_;
    move(1.0);
    // Rounded toward zero like every gain of the guard. The difference of two floats so near each other is exact, and so is
    // its 64th part: the ramp ends on the very gain the next one starts from.
    const float from = toward_zero(before);
    const float to = toward_zero(gain_);
    unity_ = from == 1.0F && to == 1.0F;
    from_ = from;
    step_ = (to - from) / static_cast<float>(ear_sub_block);
    gain_squares_[second_ % seconds_on_the_way] += gain_ * gain_;
    ++sub_blocks_;
    if (++in_second_ < second_sub_blocks_) return;
    in_second_ = 0;
    ++second_;
    gain_squares_[second_ % seconds_on_the_way] = 0.0;
}

void Governor::hear(const AWeightedMeter &meter, std::uint64_t second) noexcept {
    const double gain_square = gain_squares_[second % seconds_on_the_way] / static_cast<double>(second_sub_blocks_);
    Values mean_squares{};
    for (std::uint32_t c = 0; c < std::min(channels_, meter.channels()); ++c)
        mean_squares[c] = meter.mean_square(second, c) / gain_square;
    push(mean_squares);
}

void Governor::push(const Values &mean_squares) noexcept {
    window_[window_at_] = mean_squares;
    window_at_ = (window_at_ + 1) % window_seconds;
    heard_ = std::min(heard_ + 1, window_seconds);
    mean_square_ = 0.0;
    if (heard_ < seconds_that_count_in_full) return;
    for (std::uint32_t c = 0; c < channels_; ++c) mean_square_ = std::max(mean_square_, channel_level(c));
    aim();
}

double Governor::channel_level(std::uint32_t channel) const noexcept {
    std::array<double, seconds_that_count_in_full> loudest{}; // falling
    for (std::uint32_t second = 0; second < heard_; ++second) {
        double value = window_[second][channel];
        for (double &place : loudest)
            if (value > place) std::swap(value, place);
    }
    double sum = 0.0;
    for (std::uint32_t second = 0; second < heard_; ++second) sum += std::min(window_[second][channel], loudest.back());
    return sum / static_cast<double>(heard_);
}

void Governor::aim() noexcept {
    // With nothing heard yet a gain that is below 1 has no reason to move.
    if (heard_ < seconds_that_count_in_full || fault(Fault::governor_deaf)) return;
    const double allowed = mean_square_at({target_.level_dbfs});
    wanted_ = mean_square_ <= allowed ? 1.0 : std::max(lowest_gain, std::sqrt(allowed / mean_square_));
}

void Governor::move(double sub_blocks) noexcept {
    // The steps are such that the linear ramp keeps to the speed at its lower end, where it is steepest in decibels.
    const double seconds = sub_block_seconds_;
    const auto steps = [&](double ratio) { return sub_blocks == 1.0 ? ratio : std::pow(ratio, sub_blocks); };
    if (gain_ > wanted_) {
        gain_ = std::max(wanted_, gain_ / steps(1.0 + slope(fall_db_) * seconds));
    } else if (gain_ < wanted_) {
        gain_ = std::min(wanted_, gain_ * steps(1.0 + slope(rise_db_per_s) * seconds));
    }
    if (gain_ <= wanted_) fall_db_ = fall_db_per_s;
}

void Governor::idle(double seconds) noexcept {
    if (!(seconds > 0.0)) return;
    // After this the window is silent and every gain is back at 1, whatever it was.
    constexpr double forgotten = window_seconds - lowest_gain_db / rise_db_per_s + 1.0;
    double left = std::min(seconds, forgotten) + idle_rest_;
    idle_rest_ = 0.0;
    for (std::uint32_t silent = 0; left >= 1.0 && silent < window_seconds; ++silent, left -= 1.0) {
        push(Values{});
        move(1.0 / sub_block_seconds_);
    }
    if (left >= 1.0) move(left / sub_block_seconds_);
    else idle_rest_ = left;
}

} // namespace soundwarden::dsp
