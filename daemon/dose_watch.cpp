// SPDX-License-Identifier: MIT
#include "dose_watch.hpp"

#include "host/clock.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace soundwarden {
namespace {

using namespace std::chrono_literals;

constexpr Duration between_ticks = 1s;
// Less is not heard.
constexpr Decibels limiter_acts_from{-1.0};

dose::Moment moment() { return {host::seconds_since_boot(), host::system_wall_clock() / 1000}; }

Duration duration_of(double seconds) { return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds)); }

} // namespace

DoseWatch::DoseWatch(Around around) : around_(std::move(around)), timer_(around_.loop.timer([this] { tick(); })) {}

void DoseWatch::take_over(host::Store &store) {
    store_ = &store;
    take_over_now();
    look();
}

/// A file that could not be read at the start counts as soon as it can: nothing of it is written over before.
bool DoseWatch::take_over_now() {
    if (taken_over_ || !store_->was_read()) return taken_over_;
    keeper_.take_over(store_->dose(), moment().unix_s);
    return taken_over_ = true;
}

void DoseWatch::follow(const policy::SettingValues &said) {
    dose::Settings settings;
    if (said.dose_allowance) settings.allowance_pa2h = said.dose_allowance->value;
    if (said.dose_notices) settings.notices = said.dose_notices->value;
    if (said.dose_soft_landing) settings.soft_landing = said.dose_soft_landing->value;
    if (said.dose_stop) settings.stop = said.dose_stop->value;
    if (said.dose_warn_above) settings.warn_above = said.dose_warn_above->value;
    settings_ = std::move(settings);
    notifications_ = !said.notifications || said.notifications->value;
    look();
}

void DoseWatch::look() { timer_->arm(around_.loop.now()); }

void DoseWatch::finish() {
    tick();
    timer_->arm(std::nullopt);
    save(moment(), true);
}

/// One for each guard, as the output that plays stands now.
std::vector<dose::Source> DoseWatch::sources() {
    std::vector<dose::Source> sources;
    Acting acting;
    for (const engine::OutputView &output : around_.engine.snapshot().outputs) {
        if (!output.active) continue;
        auto heard = around_.pipewire.heard(output.sink);
        if (!heard) continue;
        acting[output.sink] = {heard->guard, heard->reduction <= amplitude(limiter_acts_from)};
        dose::Source source{output.id, heard->guard, heard->weighted_seconds, std::move(heard->energies)};
        if (output.ear) {
            source.spl_at_full_scale = output.ear->spl_at_full_scale + decibels(heard->gain_behind);
            source.estimate = output.ear->estimate;
            source.target = output.ear->target;
        }
        sources.push_back(std::move(source));
    }
    tell_limits(std::move(acting));
    return sources;
}

/// What changed. The snapshot is not looked at any more: telling makes another one.
void DoseWatch::tell_limits(Acting acting) {
    for (const auto &[sink, now] : acting) {
        const auto before = limiting_.find(sink);
        const bool known = before != limiting_.end() && before->second == now;
        if (!known && (now.second || before != limiting_.end())) around_.tell(engine::LimiterActs{sink, now.second});
    }
    limiting_ = std::move(acting);
}

void DoseWatch::tick() {
    const dose::Moment now = moment();
    const auto notices = keeper_.tick(now, sources(), settings_);
    around_.bus.publish_dose(keeper_.now());
    if (std::exchange(told_limit_, keeper_.now().limit) != keeper_.now().limit) around_.tell(engine::DoseLimit{keeper_.now().limit});
    for (const dose::Notice &notice : notices) report(notice);
    save(now, false);
    const auto save_due = keeper_.save_due_s();
    if (around_.pipewire.playing()) timer_->arm(around_.loop.now() + between_ticks);
    else if (save_due) timer_->arm(around_.loop.now() + std::max(between_ticks, duration_of(*save_due - now.monotonic_s)));
}

void DoseWatch::report(const dose::Notice &notice) {
    const auto level = notice.kind == dose::Notice::Kind::allowance ? engine::Level::info : engine::Level::warning;
    around_.log({level, "dose", {}, around_.bus.notice(notice, notifications_)});
}

/// The store keeps what it cannot write, and writes it as soon as it can.
void DoseWatch::save(const dose::Moment &now, bool at_once) {
    const auto due = keeper_.save_due_s();
    if (store_ == nullptr || !due || (!at_once && now.monotonic_s < *due)) return;
    if (!taken_over_) store_->flush(); // opens it, where that is possible now
    const bool known = take_over_now();
    const auto rows = keeper_.to_save(now);
    if (!known) return; // they stay unsaved, and are tried again
    store_->put_dose(rows);
    keeper_.saved();
}

dose::Exposure DoseWatch::week() const { return keeper_.history().week(moment().unix_s); }

std::vector<dose::Row> DoseWatch::history(dose::Span span, std::int64_t since_s) const { return keeper_.history().rows(span, since_s); }

} // namespace soundwarden
