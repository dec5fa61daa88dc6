// SPDX-License-Identifier: MIT
// The hearing dose on the bus: dbus/org.soundwarden.SoundWarden1.Dose.xml.
#pragma once

#include "bus/names.hpp"
#include "bus/sdbus_compat.hpp"
#include "dose/history.hpp"
#include "dose/keeper.hpp"
#include "dose_notice.hpp"
#include "objects.hpp"

#include <dose_adaptor.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace soundwarden::dbus {

using DoseRow = sdbus::Struct<std::int64_t, std::string, double, double, double, double>;
using DoseRange = sdbus::Struct<double, double>;

/// As the bus carries them; of more than 20,000 the newest. They come in the order of time.
std::vector<DoseRow> dose_rows(const std::vector<dose::Row> &rows);

/// Seconds until the allowance is used up if it goes on like this: 0 where it is already, +infinity where it never is,
/// NaN where nothing plays.
double time_left_s(const dose::Now &now);

/// Names of the announced properties in which the two differ.
std::vector<bus::PropertyName> differences(const dose::Now &before, const dose::Now &after);

/// One for the whole daemon, there from its start to its end.
class DoseObject final : public sdbus::AdaptorInterfaces<org::soundwarden::SoundWarden1::Dose_adaptor,
                                                         sdbus::ManagedObject_adaptor, sdbus::Properties_adaptor> {
  public:
    DoseObject(sdbus::IConnection &connection, const Handlers &handlers, dose::Now now);
    DoseObject(const DoseObject &) = delete;
    DoseObject &operator=(const DoseObject &) = delete;
    ~DoseObject();

    const dose::Now &values() const { return now_; }
    void set(const dose::Now &now) { now_ = now; }
    /// Throws sdbus::Error.
    void announce(const std::vector<bus::PropertyName> &changed);
    /// The signal Notice. Throws sdbus::Error.
    void tell(const dose::Notice &notice, const NoticeText &text);

  private:
    std::vector<DoseRow> History(const std::string &span, const std::int64_t &since_s) override;
    double Allowance() override;
    double Week() override;
    double WeekEstimated() override;
    DoseRange WeekRange() override;
    double Level() override;
    bool LevelEstimated() override;
    double TimeLeft() override;
    double Limit() override;

    dose::Now now() const;

    const Handlers &handlers_;
    dose::Now now_;
};

} // namespace soundwarden::dbus
