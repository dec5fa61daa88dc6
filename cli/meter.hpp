// SPDX-License-Identifier: MIT
// Meters as Manager.Meters brings them, and as a display shows them. Units and meanings:
// dbus/org.soundwarden.SoundWarden1.Manager.xml.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::cli {

/// One output in a packet.
struct MeterReading {
    std::string id;
    std::string state;
    bool playing = false;
    std::optional<double> ceiling_dbfs;
    std::optional<double> peak_dbfs;
    std::optional<double> true_peak_dbfs;
    std::optional<double> gain_reduction_db; ///< >= 0
    std::optional<double> governor_db;       ///< <= 0
    std::optional<double> level_dba;
    bool operator==(const MeterReading &) const = default;
};

struct MeterPacket {
    std::int64_t monotonic_ms = 0;
    std::vector<MeterReading> outputs;
    std::optional<double> dose_percent;
    bool operator==(const MeterPacket &) const = default;
};

/// Throws Failure (exit_failed) where it is no packet. Keys that are not known are left out, and so may be any of those above.
MeterPacket parse_meter_packet(std::string_view text);

/// What two packets, one right after the other, come to: the later one, with the peaks and reductions of both.
MeterPacket together(const MeterPacket &earlier, MeterPacket later);

/// An output as a bar shows it.
struct MeterRow {
    MeterReading now;
    std::string name;
    std::optional<double> bar_dbfs;  ///< rises at once, falls by fall_db_per_s; nothing: silence
    std::optional<double> hold_dbfs; ///< the highest (true) peak, for hold_s; then where the bar is
};

/// Rows that move as people are used to from meters. Time is that of the packets.
class MeterBoard {
  public:
    static constexpr double fall_db_per_s = 20.0 / 1.7; ///< IEC 60268-10, type I
    static constexpr double hold_s = 2.0;
    static constexpr double lowest_dbfs = -100.0; ///< below that a bar has ended

    /// `names` by id; an output without one is called by its id.
    void take(const MeterPacket &packet, const std::map<std::string, std::string> &names);
    /// Nothing is known of any output.
    void clear();

    const std::vector<MeterRow> &rows() const { return rows_; }
    const std::optional<double> &dose_percent() const { return dose_percent_; }

  private:
    struct Held {
        std::int64_t at_ms = 0; ///< when the row was last told
        std::optional<double> bar_dbfs, hold_dbfs;
        std::int64_t hold_until_ms = 0;
    };
    void move(Held &held, const MeterReading &now, std::int64_t at_ms) const;

    std::vector<MeterRow> rows_;
    std::map<std::string, Held> held_;
    std::optional<double> dose_percent_;
};

} // namespace soundwarden::cli
