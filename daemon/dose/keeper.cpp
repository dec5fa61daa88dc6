// SPDX-License-Identifier: MIT
#include "dose/keeper.hpp"

#include "model/fault.hpp"

#include <algorithm>
#include <cmath>

namespace soundwarden::dose {
namespace {

constexpr double per_cent = 100.0;
constexpr double seconds_per_minute = 60.0;
/// The clocks drift apart, and both are read to the second.
constexpr std::int64_t least_jump_s = 60;
/// So much time without a second of sound is rather a wrong clock, by which nothing must be forgotten.
constexpr std::int64_t longest_silence_s = 60 * 86'400;
/// Of a limit that moves: a guard is not told more often than once in half a minute.
constexpr double limit_step_db = 0.5;

std::int64_t whole_minutes(std::int64_t seconds) { return seconds / 60 * 60; }

/// The highest threshold that `percent` has reached; 0: none.
double reached(const std::vector<double> &notices, double percent) {
    double highest = 0.0;
    for (const double each : notices)
        if (each <= percent) highest = std::max(highest, each);
    if (notices.empty()) return highest;
    const double last = *std::max_element(notices.begin(), notices.end());
    // 1e-9: what adds up to a threshold has reached it.
    const double further = std::floor((percent - last) / per_cent + 1e-9);
    return further >= 1.0 ? last + further * per_cent : highest;
}

/// Where the dose wants levels to be, dB(A); nothing: anywhere. What holds already is let go only some way below its threshold.
std::optional<Decibels> goal(const Settings &settings, double percent, std::optional<Decibels> before) {
    const auto holds = [&](std::optional<double> from, Decibels level) {
        const double slack = before && *before <= level ? landing_hysteresis : 0.0;
        return from && percent >= *from - slack;
    };
    if (fault(Fault::dose_ignored)) return std::nullopt;
    if (holds(settings.stop, stop_level)) return stop_level;
    if (holds(settings.soft_landing, landing_level)) return landing_level;
    return std::nullopt;
}

std::optional<Decibels> stepped(std::optional<Decibels> limit) {
    if (!limit) return limit;
    return Decibels{std::ceil(limit->value / limit_step_db - 1e-9) * limit_step_db};
}

} // namespace

void Keeper::take_over(const std::vector<Row> &rows, std::int64_t unix_s) {
    std::int64_t newest = rows.empty() ? unix_s : 0;
    for (const Row &row : rows) newest = std::max(newest, row.start_s);
    forgets_ = unix_s - newest < longest_silence_s;
    history_.take_over(rows);
    history_.follow_clock(unix_s + 1, 0, unix_s);
    now_.week = history_.week(unix_s);
}

/// Energy goes by the meter's own time; only the day it belongs to goes by the wall clock. What this run counted by a clock that was
/// wrong moves along with it.
void Keeper::follow_clock(const Moment &now) {
    if (!last_) {
        since_s_ = whole_minutes(now.unix_s);
        return;
    }
    const double expected = static_cast<double>(last_->unix_s) + (now.monotonic_s - last_->monotonic_s);
    const auto jump = static_cast<std::int64_t>(std::llround(static_cast<double>(now.unix_s) - expected));
    if (std::abs(jump) < least_jump_s || fault(Fault::clock_believed)) return;
    history_.follow_clock(since_s_, whole_minutes(jump), now.unix_s);
    since_s_ = std::min(since_s_ + whole_minutes(jump), whole_minutes(now.unix_s));
}

/// The level at the louder ear since the last reading; nothing where no ear heard anything.
std::optional<Decibels> Keeper::count(const Source &source, std::int64_t unix_s) {
    Heard &heard = heard_[source.guard];
    const double seconds = source.weighted_seconds - heard.seconds;
    heard.seconds = source.weighted_seconds;
    heard.energies.resize(source.energies.size());
    double most = 0.0; // the louder ear counts, never the mean
    for (std::size_t channel = 0; channel < source.energies.size(); ++channel) {
        most = std::max(most, source.energies[channel] - heard.energies[channel]);
        heard.energies[channel] = source.energies[channel];
    }
    if (!source.spl_at_full_scale || seconds <= 0.0 || most <= 0.0) return std::nullopt;
    // Twice the mean square: 0 dB is a full-scale sine.
    const Decibels level = Decibels{10.0 * std::log10(2.0 * most / seconds)} + *source.spl_at_full_scale;
    if (!std::isfinite(level.value)) return std::nullopt;
    if (level >= counted_from) {
        const double pa2h = exposure_pa2h(level, seconds);
        history_.add(unix_s, source.output, {pa2h, source.estimate ? pa2h : 0.0, seconds, level.value});
    }
    return level;
}

void Keeper::notice_allowance(const Settings &settings, const Notice &loudest, std::vector<Notice> &notices) {
    const double now = reached(settings.notices, now_.percent());
    if (!last_) told_percent_ = now; // it was told in the run before
    if (now > told_percent_) {
        Notice notice = loudest;
        notice.kind = Notice::Kind::allowance;
        notice.percent = now;
        notices.push_back(notice);
    }
    told_percent_ = std::max(now, std::min(told_percent_, reached(settings.notices, now_.percent() + landing_hysteresis)));
}

void Keeper::warn(const Moment &now, const Settings &settings, const Notice &loudest, std::vector<Notice> &notices) {
    if (!now_.level || *now_.level <= settings.warn_above) return;
    if (warned_s_ && now.monotonic_s - *warned_s_ < static_cast<double>(between_warnings_s)) return;
    warned_s_ = now.monotonic_s;
    Notice notice = loudest;
    notice.kind = Notice::Kind::too_loud;
    notices.push_back(notice);
}

/// Safety: down at once where it has to be (a stop, and the first moment of a run), up never faster than landing_db_per_minute.
void Keeper::land(const Moment &now, const Settings &settings, Decibels highest_target, const Notice &loudest, std::vector<Notice> &notices) {
    const std::optional<Decibels> wanted = goal(settings, now_.percent(), goal_);
    const double passed = last_ ? std::max(0.0, now.monotonic_s - last_->monotonic_s) / seconds_per_minute : 0.0;
    const Decibels way{passed * landing_db_per_minute};
    if (!wanted) {
        if (limit_) limit_ = *limit_ + way;
        if (limit_ && *limit_ >= highest_target) limit_.reset();
    } else if (!last_ || *wanted == stop_level) {
        limit_ = std::min(limit_.value_or(*wanted), *wanted);
    } else if (!limit_ || *limit_ > *wanted) {
        limit_ = std::max(*wanted, limit_.value_or(highest_target) - way);
    } else {
        limit_ = std::min(*wanted, *limit_ + way);
    }
    const bool lower = wanted && (!goal_ || *wanted < *goal_);
    goal_ = wanted;
    now_.limit = stepped(limit_);
    if (!lower || !last_) return;
    Notice notice = loudest;
    notice.kind = *wanted == stop_level ? Notice::Kind::stop : Notice::Kind::landing;
    notices.push_back(notice);
}

std::vector<Notice> Keeper::tick(const Moment &now, const std::vector<Source> &sources, const Settings &settings) {
    follow_clock(now);
    now_.allowance_pa2h = settings.allowance_pa2h;
    now_.level.reset();
    now_.levels.clear();
    Notice loudest;
    Decibels highest_target{0.0};
    for (const Source &source : sources) {
        if (source.spl_at_full_scale) highest_target = std::max(highest_target, source.target);
        const auto level = count(source, now.unix_s);
        if (level) now_.levels[source.output] = *level;
        if (!level || (now_.level && *level <= *now_.level)) continue;
        now_.level = level;
        loudest.level = *level;
        loudest.output = source.output;
        loudest.estimate = source.estimate;
    }
    std::erase_if(heard_, [&](const auto &heard) {
        return std::none_of(sources.begin(), sources.end(), [&](const Source &source) { return source.guard == heard.first; });
    });
    now_.week = history_.week(now.unix_s);
    loudest.percent = now_.percent();
    now_.level_estimate = now_.level && loudest.estimate;
    if (!now_.level) loudest.estimate = now_.week.estimated_pa2h > 0.0;
    std::vector<Notice> notices;
    notice_allowance(settings, loudest, notices);
    warn(now, settings, loudest, notices);
    land(now, settings, highest_target.value > 0.0 ? highest_target : usual_target, loudest, notices);
    last_ = now;
    return notices;
}

std::optional<double> Keeper::save_due_s() const {
    if (history_.all_saved()) return std::nullopt;
    return saved_s_ ? *saved_s_ + static_cast<double>(save_every_s) : 0.0;
}

std::vector<Row> Keeper::to_save(const Moment &now) {
    if (forgets_) history_.forget_old(now.unix_s);
    saved_s_ = now.monotonic_s;
    return history_.unsaved();
}

} // namespace soundwarden::dose
