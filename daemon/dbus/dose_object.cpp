// SPDX-License-Identifier: MIT
#include "dose_object.hpp"

#include "dose/exposure.hpp"
#include "guarded.hpp"
#include "utf8.hpp"

#include <cstddef>
#include <limits>
#include <optional>

namespace soundwarden::dbus {
namespace {

constexpr std::size_t most_rows = 20'000; ///< 400 days of hours at two outputs, day and night: two megabytes of message
constexpr double no_level = std::numeric_limits<double>::quiet_NaN();
constexpr double not_held = std::numeric_limits<double>::infinity();

double limit_dba(const dose::Now &now) { return now.limit ? now.limit->value : not_held; }

dose::Span span_of(const std::string &word) {
    if (word == "minute") return dose::Span::minute;
    if (word == "hour") return dose::Span::hour;
    throw sdbus::Error{bus::ErrorName{bus::error::invalid_argument}, "the span is \"minute\" or \"hour\""};
}

} // namespace

std::vector<DoseRow> dose_rows(const std::vector<dose::Row> &rows) {
    std::vector<DoseRow> answer;
    const std::size_t first = rows.size() > most_rows ? rows.size() - most_rows : 0;
    answer.reserve(rows.size() - first);
    for (std::size_t at = first; at < rows.size(); ++at) {
        const auto &[span, start_s, output, exposure] = rows[at];
        answer.emplace_back(start_s, valid_utf8(output), exposure.pa2h, exposure.estimated_pa2h, exposure.seconds,
                            exposure.loudest_dba);
    }
    return answer;
}

double time_left_s(const dose::Now &now) {
    if (!now.level) return no_level;
    const double left_pa2h = now.allowance_pa2h - now.week.pa2h;
    return left_pa2h > 0.0 ? dose::seconds_until(left_pa2h, *now.level) : 0.0;
}

std::vector<bus::PropertyName> differences(const dose::Now &before, const dose::Now &after) {
    std::vector<bus::PropertyName> names;
    const auto compare = [&](const char *name, double a, double b) {
        if (a != b) names.emplace_back(name);
    };
    compare("Allowance", before.allowance_pa2h, after.allowance_pa2h);
    compare("Limit", limit_dba(before), limit_dba(after));
    return names;
}

DoseObject::DoseObject(sdbus::IConnection &connection, const Handlers &handlers, dose::Now now)
    : AdaptorInterfaces(connection, sdbus::ObjectPath{bus::dose_path}), handlers_(handlers), now_(std::move(now)) {
    registerAdaptor();
}

DoseObject::~DoseObject() { unregisterAdaptor(); }

void DoseObject::announce(const std::vector<bus::PropertyName> &changed) {
    emitPropertiesChangedSignal(bus::dose_interface, changed);
}

void DoseObject::tell(const dose::Notice &notice, const NoticeText &text) {
    const auto level = level_of(notice);
    emitNotice(std::string{word_of(notice.kind)}, notice.percent, level ? level->value : no_level,
               valid_utf8(notice.output), line_of(text));
}

dose::Now DoseObject::now() const {
    dose::Now now = now_;
    if (handlers_.dose_week) now.week = handlers_.dose_week();
    return now;
}

std::vector<DoseRow> DoseObject::History(const std::string &span, const std::int64_t &since_s) {
    return guarded([&] { return dose_rows(handlers_.dose_history(span_of(span), since_s)); });
}
double DoseObject::Allowance() {
    return guarded([&] { return now_.allowance_pa2h; });
}
double DoseObject::Week() {
    return guarded([&] { return now().week.pa2h; });
}
double DoseObject::WeekEstimated() {
    return guarded([&] { return now().week.estimated_pa2h; });
}
DoseRange DoseObject::WeekRange() {
    return guarded([&] {
        const dose::Exposure week = now().week;
        return DoseRange{dose::least_pa2h(week), dose::most_pa2h(week)};
    });
}
double DoseObject::Level() {
    return guarded([&] { return now_.level ? now_.level->value : no_level; });
}
bool DoseObject::LevelEstimated() {
    return guarded([&] { return now_.level_estimate; });
}
double DoseObject::TimeLeft() {
    return guarded([&] { return time_left_s(now()); });
}
double DoseObject::Limit() {
    return guarded([&] { return limit_dba(now_); });
}

} // namespace soundwarden::dbus
