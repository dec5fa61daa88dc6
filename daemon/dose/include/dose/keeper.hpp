// SPDX-License-Identifier: MIT
// The hearing dose: reads the guards' meters once a second, counts what ears got, and says what follows from it. Pure: it is
// handed times and readings. One thread; throws nothing but std::bad_alloc.
#pragma once

#include "dose/exposure.hpp"
#include "dose/history.hpp"
#include "model/output.hpp"
#include "model/units.hpp"

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::dose {

/// What the policy says of it (soundwarden-policy(5), [settings]).
struct Settings {
    double allowance_pa2h = adult_allowance_pa2h; ///< of seven days, > 0
    std::vector<double> notices{50, 80, 100};     ///< per cent of it, rising; above the last one each further 100
    std::optional<double> soft_landing{};         ///< per cent from which levels fall to landing_level; nothing: never
    std::optional<double> stop{};                 ///< per cent from which they fall to stop_level; nothing: never
    Decibels warn_above{100.0};                   ///< a second louder than this is told at once, dB(A)
    bool operator==(const Settings &) const = default;
};

inline constexpr Decibels landing_level{80.0}; ///< dB(A) over 30 s
inline constexpr Decibels stop_level{55.0};    ///< likewise: quiet, never silent
/// Levels move this slowly to where the dose wants them, and back; a stop comes at once, by the governor's own pace.
inline constexpr double landing_db_per_minute = 1.0;
/// The dose has to fall so far below a threshold, per cent, before levels rise again.
inline constexpr double landing_hysteresis = 2.0;
inline constexpr Decibels usual_target{100.0};
inline constexpr std::int64_t between_warnings_s = 300; ///< of too loud seconds
inline constexpr std::int64_t save_every_s = 30;

/// The two clocks at one moment.
struct Moment {
    double monotonic_s = 0.0; ///< runs on while the machine sleeps, and is never set
    std::int64_t unix_s = 0;  ///< the wall clock
};

/// One guard's meter, and who hears it.
struct Source {
    OutputId output;
    std::uint64_t guard = 0;        ///< another number for each guard: its totals begin anew
    double weighted_seconds = 0.0;  ///< that the energies cover; only grows
    std::vector<double> energies{}; ///< A-weighted, by channel: square of full scale times seconds; only grow
    /// Of a full-scale sine at the ear, with every gain behind the meter, dB SPL; nothing: no ear hears it.
    std::optional<Decibels> spl_at_full_scale{};
    bool estimate = false; ///< something of that was assumed
    Decibels target{100.0}; ///< what the governor holds without a dose, dB(A)
};

struct Notice {
    enum class Kind : std::uint8_t {
        allowance, ///< `percent` of the week's allowance is used
        too_loud,  ///< `level` now, above Settings::warn_above
        landing,   ///< from now on levels fall to landing_level
        stop,      ///< from now on they are held at stop_level
    };
    Kind kind = Kind::allowance;
    double percent = 0.0; ///< of the allowance; for `allowance` the threshold that was reached
    /// dB(A) at the louder ear now; −infinity: nothing plays.
    Decibels level{-std::numeric_limits<double>::infinity()};
    OutputId output;
    bool estimate = false; ///< the levels rest on assumptions
    bool operator==(const Notice &) const = default;
};

/// How things stand, for people.
struct Now {
    double allowance_pa2h = adult_allowance_pa2h;
    Exposure week;                    ///< the last seven days
    std::optional<Decibels> level{};  ///< at the louder ear over the last second, dB(A); nothing: no ear hears anything
    bool level_estimate = false;      ///< something of that level was assumed
    std::optional<Decibels> limit{};  ///< what levels are held to because of the dose, dB(A)
    /// Of each output that an ear hears, at its louder ear over the last second, dB(A).
    std::map<OutputId, Decibels> levels{};
    double percent() const { return 100.0 * week.pa2h / allowance_pa2h; }
    bool operator==(const Now &) const = default;
};

class Keeper {
  public:
    /// What the database had. Before the first tick, or as soon as it can be read.
    void take_over(const std::vector<Row> &rows, std::int64_t unix_s);

    /// Once a second while something plays (also when that ends, and when settings change). What reached the ear since the tick before
    /// counts at `now`; a guard that is new counts from its next tick on, its beginning included where it began since the last tick.
    std::vector<Notice> tick(const Moment &now, const std::vector<Source> &sources, const Settings &settings);

    /// As of the last tick.
    const Now &now() const { return now_; }

    const History &history() const { return history_; }

    /// When there is something to be saved: from this monotonic time on, at least 30 s after the last time; nothing: all is.
    std::optional<double> save_due_s() const;
    /// What is to be written now, in place of what is stored in its slots; what is older than it is kept is taken away.
    std::vector<Row> to_save(const Moment &now);
    void saved() { history_.saved(); }

  private:
    struct Heard {
        double seconds = 0.0;
        std::vector<double> energies;
    };
    void follow_clock(const Moment &now);
    std::optional<Decibels> count(const Source &source, std::int64_t unix_s);
    void notice_allowance(const Settings &settings, const Notice &loudest, std::vector<Notice> &notices);
    void warn(const Moment &now, const Settings &settings, const Notice &loudest, std::vector<Notice> &notices);
    void land(const Moment &now, const Settings &settings, Decibels highest_target, const Notice &loudest, std::vector<Notice> &notices);

    History history_;
    std::map<std::uint64_t, Heard> heard_; // by guard
    Now now_;
    std::optional<Moment> last_;
    std::int64_t since_s_ = 0;             // wall clock of the first tick, as the clock stands now; a whole minute
    double told_percent_ = 0.0;            // the highest threshold that was told
    std::optional<double> warned_s_;       // monotonic
    std::optional<Decibels> limit_;        // where the landing is now
    std::optional<Decibels> goal_;         // where it goes
    std::optional<double> saved_s_;        // monotonic
    bool forgets_ = true;
};

} // namespace soundwarden::dose
