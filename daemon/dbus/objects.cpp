// SPDX-License-Identifier: MIT
#include "objects.hpp"

#include "answer_facts.hpp"
#include "guarded.hpp"

#include <limits>

namespace soundwarden::dbus {
namespace {

constexpr std::uint32_t most_log_rows = 10'000; ///< with entries of usual length two megabytes of message
// Bounds of policy files (override-max, override-for-max).
constexpr double lowest_override_dbfs = -150.0;
constexpr std::uint32_t longest_override_s = 86'400;
constexpr double nothing_plays = std::numeric_limits<double>::quiet_NaN();

/// `work`, and then the answer that it is done.
std::function<void(Reply &)> done_after(std::function<void()> work) {
    return [work = std::move(work)](Reply &reply) {
        work();
        reply.returnResults();
    };
}

} // namespace

ManagerObject::ManagerObject(sdbus::IConnection &connection, const Handlers &handlers, std::string version,
                             ManagerValues values)
    : AdaptorInterfaces(connection, sdbus::ObjectPath{bus::root_path}), handlers_(handlers), version_(std::move(version)),
      values_(std::move(values)) {
    registerAdaptor();
}

ManagerObject::~ManagerObject() { unregisterAdaptor(); }

void ManagerObject::announce(const std::vector<bus::PropertyName> &changed) {
    emitPropertiesChangedSignal(bus::manager_interface, changed);
}

void ManagerObject::change(Intent intent, Reply &&reply, std::function<void()> work) {
    handlers_.permitted(intent, bus::caller_of(getObject()), std::move(reply), done_after(std::move(work)));
}

void ManagerObject::Release(Reply &&reply) {
    guarded([&] {
        handlers_.permitted(Intent::release, bus::caller_of(getObject()), std::move(reply),
                            [&handlers = handlers_](Reply &kept) { handlers.release({}, std::move(kept)); });
    });
}
std::string ManagerObject::Version() {
    return guarded([&] { return version_; });
}
std::string ManagerObject::State() {
    return guarded([&] { return values_.state; });
}
std::vector<StringPair> ManagerObject::Reasons() {
    return guarded([&] { return values_.reasons; });
}
std::string ManagerObject::Posture() {
    return guarded([&] { return values_.posture; });
}

void ManagerObject::Reload(Reply &&reply) {
    guarded([&] { change(Intent::reload, std::move(reply), handlers_.reload); });
}
void ManagerObject::ForgetAll(Reply &&reply) {
    guarded([&] { change(Intent::answer, std::move(reply), [&handlers = handlers_] { handlers.forget({}); }); });
}
void ManagerObject::Panic(Reply &&reply) {
    guarded([&] { change(Intent::panic, std::move(reply), [&handlers = handlers_] { handlers.panic(true); }); });
}
void ManagerObject::Resume(Reply &&reply) {
    guarded([&] { change(Intent::panic, std::move(reply), [&handlers = handlers_] { handlers.panic(false); }); });
}
std::vector<LogRow> ManagerObject::Log(const std::int64_t &since_unix_ms, const std::uint32_t &most, const std::string &what,
                                       const std::string &subject) {
    return guarded([&] {
        const std::uint32_t rows = most == 0 || most > most_log_rows ? most_log_rows : most;
        return log_rows(handlers_.log({since_unix_ms, rows, what, subject}));
    });
}
ExplainedValues ManagerObject::Explain(const std::string &output) {
    return guarded([&] { return explained_values(handlers_.explain(output)); });
}
std::vector<CheckRow> ManagerObject::Checks() {
    return guarded([&] { return check_rows(handlers_.checks()); });
}
GraphValues ManagerObject::Graph() {
    return guarded([&] { return graph_values(handlers_.graph()); });
}
sdbus::UnixFd ManagerObject::Meters(const std::vector<std::string> &outputs, const std::uint32_t &interval_ms) {
    return guarded([&] { return handlers_.meters(outputs, interval_ms); });
}
std::uint32_t ManagerObject::PolicyGeneration() {
    return guarded([&] { return values_.policy.generation; });
}
std::vector<PolicyNotice> ManagerObject::PolicyDiagnostics() {
    return guarded([&] { return values_.policy.notices; });
}

OutputObject::OutputObject(sdbus::IConnection &connection, const Handlers &handlers, const Service::MeterSource &meters,
                           OutputValues values)
    : AdaptorInterfaces(connection, sdbus::ObjectPath{bus::output_path_prefix + values.id}), handlers_(handlers), meters_(meters),
      values_(std::move(values)) {
    registerAdaptor();
}

OutputObject::~OutputObject() { unregisterAdaptor(); }

void OutputObject::announce(const std::vector<bus::PropertyName> &changed) {
    emitPropertiesChangedSignal(bus::output_interface, changed);
}

std::optional<Meter> OutputObject::meter() const {
    return values_.active && meters_ ? meters_(values_.sink_key) : std::nullopt;
}

// While polkit is asked the output may go: what is done then knows its id only.
void OutputObject::change(Intent intent, Reply &&reply, std::function<void()> work) {
    handlers_.permitted(intent, bus::caller_of(getObject()), std::move(reply), done_after(std::move(work)));
}

void OutputObject::Guard(Reply &&reply, bool on) {
    guarded([&] { change(Intent::release, std::move(reply), [&handlers = handlers_, id = values_.id, on] { handlers.guard(id, on); }); });
}
void OutputObject::Answer(Reply &&reply, std::string load, std::map<std::string, sdbus::Variant> facts) {
    guarded([&] {
        change(Intent::answer, std::move(reply),
               [&handlers = handlers_, id = values_.id, said = answered_load(load), known = answered_facts(facts)] { handlers.answer(id, said, known); });
    });
}
void OutputObject::Override(Reply &&reply, double ceiling_dbfs, std::uint32_t seconds) {
    guarded([&] {
        if (!(ceiling_dbfs >= lowest_override_dbfs && ceiling_dbfs <= 0.0))
            throw sdbus::Error{bus::ErrorName{bus::error::invalid_argument}, "ceiling_dbfs has to be a level from -150 to 0 dBFS"};
        if (seconds == 0 || seconds > longest_override_s)
            throw sdbus::Error{bus::ErrorName{bus::error::invalid_argument}, "seconds has to be a time from 1 to 86,400 s"};
        change(Intent::override_for, std::move(reply), [&handlers = handlers_, id = values_.id, ceiling_dbfs, seconds] {
            handlers.override_for(id, Decibels{ceiling_dbfs}, std::chrono::seconds{seconds});
        });
    });
}
void OutputObject::CancelOverride(Reply &&reply) {
    guarded([&] {
        change(Intent::override_for, std::move(reply), [&handlers = handlers_, id = values_.id] { handlers.override_for(id, std::nullopt, {}); });
    });
}
void OutputObject::Forget(Reply &&reply) {
    guarded([&] { change(Intent::answer, std::move(reply), [&handlers = handlers_, id = values_.id] { handlers.forget(id); }); });
}
void OutputObject::Release(Reply &&reply) {
    guarded([&] {
        handlers_.permitted(Intent::release, bus::caller_of(getObject()), std::move(reply),
                            [&handlers = handlers_, id = values_.id](Reply &kept) { handlers.release(id, std::move(kept)); });
    });
}
std::string OutputObject::Id() {
    return guarded([&] { return values_.id; });
}
std::string OutputObject::Name() {
    return guarded([&] { return values_.name; });
}
std::string OutputObject::Sink() {
    return guarded([&] { return values_.sink; });
}
std::string OutputObject::Kind() {
    return guarded([&] { return values_.kind; });
}
bool OutputObject::Active() {
    return guarded([&] { return values_.active; });
}
std::string OutputObject::Availability() {
    return guarded([&] { return values_.availability; });
}
std::vector<LoadShare> OutputObject::Loads() {
    return guarded([&] { return values_.loads; });
}
std::string OutputObject::Confidence() {
    return guarded([&] { return values_.confidence; });
}
std::vector<StringPair> OutputObject::Evidence() {
    return guarded([&] { return values_.evidence; });
}
std::string OutputObject::Verdict() {
    return guarded([&] { return values_.verdict; });
}
double OutputObject::CeilingDbfs() {
    return guarded([&] { return values_.ceiling_dbfs; });
}
double OutputObject::CapDbfs() {
    return guarded([&] { return values_.cap_dbfs; });
}
std::string OutputObject::State() {
    return guarded([&] { return values_.state; });
}
std::string OutputObject::Reason() {
    return guarded([&] { return values_.reason; });
}
Rule OutputObject::Rule() {
    return guarded([&] { return values_.rule; });
}
std::vector<std::string> OutputObject::Assumed() {
    return guarded([&] { return values_.assumed; });
}
bool OutputObject::Ask() {
    return guarded([&] { return values_.ask; });
}
bool OutputObject::Governor() {
    return guarded([&] { return values_.governor; });
}
double OutputObject::StartLevelDb() {
    return guarded([&] { return values_.start_level_db; });
}
double OutputObject::FullScaleVolts() {
    return guarded([&] { return values_.full_scale_volts; });
}
std::map<std::string, sdbus::Variant> OutputObject::Facts() {
    return guarded([&] { return fact_variants(values_.facts); });
}
double OutputObject::Volume() {
    return guarded([&] { return values_.volume; });
}
bool OutputObject::Mute() {
    return guarded([&] { return values_.mute; });
}
std::vector<Offender> OutputObject::Offenders() {
    return guarded([&] { return values_.offenders; });
}

double OutputObject::PeakDbfs() {
    return guarded([&] {
        const auto now = meter();
        return now ? now->peak_dbfs : nothing_plays;
    });
}

double OutputObject::GainReductionDb() {
    return guarded([&] {
        const auto now = meter();
        return now ? now->gain_reduction_db : nothing_plays;
    });
}

} // namespace soundwarden::dbus
