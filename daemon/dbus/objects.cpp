// SPDX-License-Identifier: MIT
#include "objects.hpp"

#include "guarded.hpp"

#include <limits>

namespace soundwarden::dbus {
namespace {

constexpr double nothing_plays = std::numeric_limits<double>::quiet_NaN();

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

void ManagerObject::Release(Reply &&reply) {
    guarded([&] { handlers_.release({}, std::move(reply)); });
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

void OutputObject::Guard(const bool &on) {
    guarded([&] { handlers_.guard(values_.id, on); });
}
void OutputObject::Release(Reply &&reply) {
    guarded([&] { handlers_.release(values_.id, std::move(reply)); });
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
