// SPDX-License-Identifier: MIT
// The objects on the bus: generated adaptors whose getters answer from the values last published.
#pragma once

#include "dbus/service.hpp"
#include "published.hpp"

#include <manager_adaptor.hpp>
#include <output_adaptor.hpp>

#include <string>
#include <utility>
#include <vector>

namespace soundwarden::dbus {

/// The root object: Manager and ObjectManager.
class ManagerObject final : public sdbus::AdaptorInterfaces<org::soundwarden::SoundWarden1::Manager_adaptor,
                                                            sdbus::ObjectManager_adaptor, sdbus::Properties_adaptor> {
  public:
    ManagerObject(sdbus::IConnection &connection, std::string version, ManagerValues values);
    ManagerObject(const ManagerObject &) = delete;
    ManagerObject &operator=(const ManagerObject &) = delete;
    ~ManagerObject();

    const ManagerValues &values() const { return values_; }
    void set(ManagerValues values) { values_ = std::move(values); }
    /// Throws sdbus::Error.
    void announce(const std::vector<bus::PropertyName> &changed);

  private:
    std::string Version() override;
    std::string State() override;
    std::vector<StringPair> Reasons() override;
    std::string Posture() override;

    std::string version_;
    ManagerValues values_;
};

/// One output.
class OutputObject final : public sdbus::AdaptorInterfaces<org::soundwarden::SoundWarden1::Output_adaptor,
                                                           sdbus::ManagedObject_adaptor, sdbus::Properties_adaptor> {
  public:
    OutputObject(sdbus::IConnection &connection, const Service::MeterSource &meters, OutputValues values);
    OutputObject(const OutputObject &) = delete;
    OutputObject &operator=(const OutputObject &) = delete;
    ~OutputObject();

    const OutputValues &values() const { return values_; }
    void set(OutputValues values) { values_ = std::move(values); }
    /// Throws sdbus::Error.
    void announce(const std::vector<bus::PropertyName> &changed);

  private:
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
    double Volume() override;
    bool Mute() override;
    double PeakDbfs() override;
    double GainReductionDb() override;

    std::optional<Meter> meter() const;

    const Service::MeterSource &meters_;
    OutputValues values_;
};

} // namespace soundwarden::dbus
