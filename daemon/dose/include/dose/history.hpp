// SPDX-License-Identifier: MIT
// What ears got, by minutes and hours: kept for 8 and 400 days. Pure; throws nothing but std::bad_alloc.
#pragma once

#include "dose/exposure.hpp"
#include "model/output.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

namespace soundwarden::dose {

enum class Span : std::uint8_t { minute, hour };
constexpr std::int64_t seconds_of(Span span) { return span == Span::minute ? 60 : 3600; }
/// How long rows are kept, seconds.
constexpr std::int64_t kept_for(Span span) { return (span == Span::minute ? 8 : 400) * std::int64_t{86'400}; }

/// When, in Unix seconds (a multiple of the span), and at which output.
using Slot = std::pair<std::int64_t, OutputId>;

struct Row {
    Span span = Span::minute;
    std::int64_t start_s = 0; ///< since 1970, UTC; a multiple of the span
    OutputId output;
    Exposure exposure;
    bool operator==(const Row &) const = default;
};

/// Rows of both spans: every second that is added counts in one of each.
class History {
  public:
    /// Takes over what was stored; where a slot has something already, both count. Nothing of it needs to be saved.
    void take_over(const std::vector<Row> &rows);

    /// `exposure` at an output at this moment (wall clock, Unix seconds).
    void add(std::int64_t now_s, const OutputId &output, const Exposure &exposure);

    /// Of the last seven days, minute by minute, all outputs together: one pair of ears wears one thing at a time. What lies ahead
    /// counts too: no clock that is set back makes an ear forget.
    Exposure week(std::int64_t now_s) const;

    /// The wall clock was set: what was added since `since_s` by the old clock moves by `by_s`. Rows that would lie ahead of `now_s`
    /// come to lie at `now_s`.
    void follow_clock(std::int64_t since_s, std::int64_t by_s, std::int64_t now_s);

    /// Takes away what is older than it is kept for.
    void forget_old(std::int64_t now_s);

    /// Start of the newest row; 0: there is none.
    std::int64_t newest_s() const;

    /// Rows from `since_s` on (those that end after it), in the order of time.
    std::vector<Row> rows(Span span, std::int64_t since_s) const;

    /// What changed since the last saved(): rows to be written in place of what is stored, with an empty exposure where a row has gone.
    std::vector<Row> unsaved() const;
    void saved() { changed_.clear(); }
    bool all_saved() const { return changed_.empty(); }

  private:
    using Rows = std::map<Slot, Exposure>;
    Rows &of(Span span) { return span == Span::minute ? minutes_ : hours_; }
    const Rows &of(Span span) const { return span == Span::minute ? minutes_ : hours_; }
    void put(Span span, const Slot &slot, const Exposure &exposure);

    Rows minutes_;
    Rows hours_;
    std::set<std::pair<Span, Slot>> changed_;
};

} // namespace soundwarden::dose
