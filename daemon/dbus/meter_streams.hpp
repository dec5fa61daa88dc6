// SPDX-License-Identifier: MIT
// The sockets of Manager.Meters. Main thread; nothing here waits.
#pragma once

#include "bus/sdbus_compat.hpp"
#include "dbus/service.hpp"
#include "loop/loop.hpp"
#include "meter_readings.hpp"
#include "published.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace soundwarden::dbus {

/// Everybody's meters. A timer runs only while at least one is open; one whose client has gone is freed at once.
class MeterStreams {
  public:
    /// What the packets are made from; it outlives this and may change between any two of them.
    struct Around {
        loop::Loop &loop;
        MeterReadings &readings;
        const std::map<std::string, OutputValues> &outputs; ///< by id
        const dose::Now &dose;
        std::function<dose::Exposure()> dose_week; ///< may be empty: as in `dose`
    };
    MeterStreams(Around around, std::size_t most);
    MeterStreams(const MeterStreams &) = delete;
    MeterStreams &operator=(const MeterStreams &) = delete;
    ~MeterStreams();

    /// Manager.Meters. Throws sdbus::Error.
    sdbus::UnixFd open(const std::vector<std::string> &outputs, std::uint32_t interval_ms);

    std::size_t count() const { return streams_.size(); }

  private:
    struct Stream;

    void check(const std::vector<std::string> &outputs, std::uint32_t interval_ms) const;
    void tick();
    void read();
    void send(Stream &stream);
    std::string packet(const Stream &stream);
    double dose_percent();
    void arm();

    Around around_;
    std::size_t most_;
    std::list<Stream> streams_;
    std::unique_ptr<loop::Timer> timer_;
    double dose_percent_ = 0.0;
    std::optional<loop::Time> dose_read_;
};

} // namespace soundwarden::dbus
