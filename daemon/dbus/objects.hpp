// SPDX-License-Identifier: MIT
// The objects on the bus: generated adaptors whose getters answer from the values last published.
#pragma once

#include "authority.hpp"
#include "dbus/service.hpp"
#include "published.hpp"

#include <manager_adaptor.hpp>
#include <output_adaptor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace soundwarden::dbus {

using Reply = sdbus::Result<>;

/// What the objects' methods lead to. `release` takes over the reply, which must not outlive the connection.
struct Handlers {
    /// Whether the caller may; `work` runs once that is known to be so, and what it throws goes to the caller.
    std::function<void(Intent intent, const bus::Caller &caller, Reply &&reply, std::function<void(Reply &reply)> work)> permitted;
    std::function<void(const OutputId &output, bool on)> guard; ///< throws sdbus::Error
    std::function<void(const OutputId &output, Reply &&reply)> release;
    std::function<void()> reload; ///< throws sdbus::Error
    std::function<void(const OutputId &output, Load load, const LoadFacts &facts)> answer; ///< throws sdbus::Error
    std::function<void(const OutputId &output)> forget; ///< empty: all; throws sdbus::Error
    std::function<void(const OutputId &output, std::optional<Decibels> ceiling, std::chrono::seconds how_long)> override_for; ///< throws sdbus::Error
    std::function<void(bool on)> panic; ///< throws sdbus::Error
    std::function<std::vector<LogLine>(const LogQuestion &question)> log;
    std::function<Explained(const OutputId &output)> explain; ///< throws sdbus::Error
    std::function<std::vector<CheckLine>()> checks;
    std::function<GraphPicture()> graph;
    std::function<std::vector<dose::Row>(dose::Span span, std::int64_t since_s)> dose_history;
    std::function<dose::Exposure()> dose_week; ///< may be empty
    std::function<sdbus::UnixFd(const std::vector<std::string> &outputs, std::uint32_t interval_ms)> meters; ///< throws sdbus::Error
};

/// The root object: Manager and ObjectManager.
class ManagerObject final : public sdbus::AdaptorInterfaces<org::soundwarden::SoundWarden1::Manager_adaptor,
                                                            sdbus::ObjectManager_adaptor, sdbus::Properties_adaptor> {
  public:
    ManagerObject(sdbus::IConnection &connection, const Handlers &handlers, std::string version, ManagerValues values);
    ManagerObject(const ManagerObject &) = delete;
    ManagerObject &operator=(const ManagerObject &) = delete;
    ~ManagerObject();

    const ManagerValues &values() const { return values_; }
    void set(ManagerValues values) { values_ = std::move(values); }
    /// Throws sdbus::Error.
    void announce(const std::vector<bus::PropertyName> &changed);

  private:
    void Release(Reply &&reply) override;
    std::string Version() override;
    std::string State() override;
    std::vector<StringPair> Reasons() override;
    std::string Posture() override;
    void Reload(Reply &&reply) override;
    void ForgetAll(Reply &&reply) override;
    void Panic(Reply &&reply) override;
    void Resume(Reply &&reply) override;
    std::vector<LogRow> Log(const std::int64_t &since_unix_ms, const std::uint32_t &most, const std::string &what,
                            const std::string &subject) override;
    ExplainedValues Explain(const std::string &output) override;
    std::vector<CheckRow> Checks() override;
    GraphValues Graph() override;
    sdbus::UnixFd Meters(const std::vector<std::string> &outputs, const std::uint32_t &interval_ms) override;
    std::uint32_t PolicyGeneration() override;
    std::vector<PolicyNotice> PolicyDiagnostics() override;

    void change(Intent intent, Reply &&reply, std::function<void()> work);

    const Handlers &handlers_;
    std::string version_;
    ManagerValues values_;
};

/// One output.
class OutputObject final : public sdbus::AdaptorInterfaces<org::soundwarden::SoundWarden1::Output_adaptor,
                                                           sdbus::ManagedObject_adaptor, sdbus::Properties_adaptor> {
  public:
    OutputObject(sdbus::IConnection &connection, const Handlers &handlers, const Service::MeterSource &meters, OutputValues values);
    OutputObject(const OutputObject &) = delete;
    OutputObject &operator=(const OutputObject &) = delete;
    ~OutputObject();

    const OutputValues &values() const { return values_; }
    void set(OutputValues values) { values_ = std::move(values); }
    /// Throws sdbus::Error.
    void announce(const std::vector<bus::PropertyName> &changed);

  private:
    void Guard(Reply &&reply, bool on) override;
    void Answer(Reply &&reply, std::string load, std::map<std::string, sdbus::Variant> facts) override;
    void Forget(Reply &&reply) override;
    void Override(Reply &&reply, double ceiling_dbfs, std::uint32_t seconds) override;
    void CancelOverride(Reply &&reply) override;
    void Release(Reply &&reply) override;
    std::string Id() override;
    std::string Name() override;
    std::string Sink() override;
    std::string Kind() override;
    bool Active() override;
    std::string Availability() override;
    std::vector<LoadShare> Loads() override;
    std::string Confidence() override;
    std::vector<StringPair> Evidence() override;
    std::string Verdict() override;
    double CeilingDbfs() override;
    double CapDbfs() override;
    std::string State() override;
    std::string Reason() override;
    dbus::Rule Rule() override;
    std::vector<std::string> Assumed() override;
    bool Ask() override;
    bool Governor() override;
    double StartLevelDb() override;
    double FullScaleVolts() override;
    std::map<std::string, sdbus::Variant> Facts() override;
    double Volume() override;
    bool Mute() override;
    std::vector<Offender> Offenders() override;
    double PeakDbfs() override;
    double GainReductionDb() override;

    std::optional<Meter> meter() const;
    void change(Intent intent, Reply &&reply, std::function<void()> work);

    const Handlers &handlers_;
    const Service::MeterSource &meters_;
    OutputValues values_;
};

} // namespace soundwarden::dbus
