// SPDX-License-Identifier: MIT
#include "dose/history.hpp"

#include <algorithm>

namespace soundwarden::dose {
namespace {

std::int64_t start_of(Span span, std::int64_t unix_s) {
    const std::int64_t length = seconds_of(span);
    return unix_s - (unix_s % length + length) % length;
}

/// `all` without `part`, which was added to it once. The loudest second is not to be told apart any more.
Exposure without(Exposure all, const Exposure &part) {
    all.pa2h = std::max(0.0, all.pa2h - part.pa2h);
    all.estimated_pa2h = std::max(0.0, all.estimated_pa2h - part.estimated_pa2h);
    all.seconds = std::max(0.0, all.seconds - part.seconds);
    constexpr double rounding_s = 1e-3;
    return all.seconds < rounding_s ? Exposure{} : all;
}

} // namespace

void History::put(Span span, const Slot &slot, const Exposure &exposure) {
    if (exposure == Exposure{}) of(span).erase(slot);
    else of(span)[slot] = exposure;
    changed_.insert({span, slot});
}

void History::take_over(const std::vector<Row> &rows) {
    for (const Row &row : rows) {
        const Slot slot{row.start_s, row.output};
        const auto [at, fresh] = of(row.span).try_emplace(slot, row.exposure);
        if (fresh) continue;
        at->second += row.exposure;
        changed_.insert({row.span, slot});
    }
}

void History::add(std::int64_t now_s, const OutputId &output, const Exposure &exposure) {
    if (exposure == Exposure{}) return;
    for (const Span span : {Span::minute, Span::hour}) {
        const Slot slot{start_of(span, now_s), output};
        of(span)[slot] += exposure;
        changed_.insert({span, slot});
    }
}

Exposure History::week(std::int64_t now_s) const {
    Exposure sum;
    for (auto row = minutes_.lower_bound({now_s - week_s + 1, {}}); row != minutes_.end(); ++row) sum += row->second;
    return sum;
}

void History::follow_clock(std::int64_t since_s, std::int64_t by_s, std::int64_t now_s) {
    const auto moved = [&](std::int64_t start) { return std::min(start >= since_s ? start + by_s : start, start_of(Span::minute, now_s)); };
    std::vector<std::pair<Slot, Exposure>> leaving;
    for (const auto &[slot, exposure] : minutes_)
        if (moved(slot.first) != slot.first) leaving.emplace_back(slot, exposure);
    for (const auto &[slot, exposure] : leaving) {
        const Slot hour{start_of(Span::hour, slot.first), slot.second};
        put(Span::minute, slot, {});
        if (const auto there = hours_.find(hour); there != hours_.end()) put(Span::hour, hour, without(there->second, exposure));
    }
    for (const auto &[slot, exposure] : leaving) add(moved(slot.first), slot.second, exposure);

    // Hours whose minutes are not kept any more.
    const std::int64_t this_hour = start_of(Span::hour, now_s);
    const auto ahead = hours_.lower_bound({this_hour + seconds_of(Span::hour), {}});
    const std::vector<std::pair<Slot, Exposure>> late(ahead, hours_.end());
    for (const auto &[slot, exposure] : late) {
        put(Span::hour, slot, {});
        Exposure sum = hours_[{this_hour, slot.second}];
        put(Span::hour, {this_hour, slot.second}, sum += exposure);
    }
}

void History::forget_old(std::int64_t now_s) {
    for (const Span span : {Span::minute, Span::hour}) {
        Rows &rows = of(span);
        const auto first_kept = rows.lower_bound({now_s - kept_for(span), {}});
        for (auto row = rows.begin(); row != first_kept; ++row) changed_.insert({span, row->first});
        rows.erase(rows.begin(), first_kept);
    }
}

std::int64_t History::newest_s() const {
    const std::int64_t minute = minutes_.empty() ? 0 : minutes_.rbegin()->first.first;
    return std::max(minute, hours_.empty() ? 0 : hours_.rbegin()->first.first);
}

std::vector<Row> History::rows(Span span, std::int64_t since_s) const {
    std::vector<Row> rows;
    const std::int64_t after = std::max<std::int64_t>(since_s, 0) - seconds_of(span) + 1; // those that end after it
    for (auto row = of(span).lower_bound({after, {}}); row != of(span).end(); ++row)
        rows.push_back({span, row->first.first, row->first.second, row->second});
    return rows;
}

std::vector<Row> History::unsaved() const {
    std::vector<Row> rows;
    for (const auto &[span, slot] : changed_) {
        const auto row = of(span).find(slot);
        rows.push_back({span, slot.first, slot.second, row == of(span).end() ? Exposure{} : row->second});
    }
    return rows;
}

} // namespace soundwarden::dose
