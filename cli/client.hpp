// SPDX-License-Identifier: MIT
// The CLI's side of the bus: the only files of the CLI that know there is one.
#pragma once

#include "access.hpp"
#include "answers.hpp"
#include "descriptor.hpp"
#include "dose.hpp"
#include "log.hpp"
#include "status.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::cli {

/// What a monitor is told, in the order in which it happened.
class Listener {
  public:
    virtual ~Listener() = default;
    /// Everything: at first, and each time the daemon is back.
    virtual void on_snapshot(const Status &status) = 0;
    virtual void on_added(const Output &output) = 0;
    virtual void on_removed(const Output &output) = 0;
    /// `changed` holds JSON keys (never empty). The meters in `after` are of now where `meters_wanted` is true, else
    /// nothing.
    virtual void on_changed(const Output &before, const Output &after,
                            const std::vector<std::string_view> &changed) = 0;
    /// State, reasons or posture.
    virtual void on_state(const Status &status) = 0;
    virtual void on_daemon_gone() = 0;
    /// The daemon was not there at the beginning and is waited for.
    virtual void on_waiting() = 0;
    virtual bool meters_wanted() const = 0;
};

/// What Output.Answer is told besides the load; what is not there is not said.
struct AnswerFacts {
    std::string model;
    std::optional<double> impedance_ohm;
    std::optional<double> sensitivity_db_per_volt;
};

/// A connection to the session bus, or the system bus. Everything may throw Failure (exit_unreachable where there is no bus, no daemon or
/// no answer in time; exit_not_allowed where it refuses; exit_failed where it answers with another error).
class BusClient {
  public:
    explicit BusClient(const Access &access);
    BusClient(const BusClient &) = delete;
    BusClient &operator=(const BusClient &) = delete;
    ~BusClient();

    /// Throws as every call does where no daemon runs, and starts none for it: who wants the end of protection wants no new daemon.
    void expect_running();

    /// Everything the daemon says, in one exchange: the root object's properties and GetManagedObjects, asked together.
    Status fetch();

    /// Output.Guard. `id`: of an output.
    void guard(const std::string &id, bool on);
    /// Output.Answer. `load` and facts as on the bus; exit_usage where the daemon finds that they make no sense.
    void answer(const std::string &id, const std::string &load, const AnswerFacts &facts);
    /// Output.Forget, or with an empty `id` Manager.ForgetAll.
    void forget(const std::string &id);
    /// Output.Override. `ceiling_dbfs` −150 to 0, `seconds` 1 to 86,400.
    void override_for(const std::string &id, double ceiling_dbfs, std::uint32_t seconds);
    /// Output.CancelOverride.
    void cancel_override(const std::string &id);
    /// Manager.Panic or Manager.Resume.
    void panic(bool on);
    /// Manager.Explain. `id`: of an output.
    Explained explain(const std::string &id);
    /// Manager.Checks.
    std::vector<Check> checks();
    /// Manager.Graph.
    Graph graph();
    /// Manager.Log; oldest first.
    std::vector<LogEntry> log(std::int64_t since_unix_ms, std::uint32_t most, const std::string &what, const std::string &subject);
    /// The properties of …SoundWarden1.Dose, its History by hours and by minutes (Unix seconds, as there), and the names of the outputs,
    /// asked together. exit_failed where the daemon is an older one that counts none.
    Dose dose(std::int64_t hours_since_s, std::int64_t minutes_since_s);
    /// Manager.Meters: the socket, which begins to bring packets (meter.hpp). `ids` empty: all active outputs; `interval_ms` 20 to
    /// 1000. exit_no_such where one of them is not there.
    Descriptor meters(const std::vector<std::string> &ids, std::uint32_t interval_ms);
    /// Output.Release, or with an empty `id` Manager.Release; returns when protection has ended.
    void release(const std::string &id);

    /// Begins to follow the daemon; `wait`: even where it is not there yet. The listener is called from dispatch().
    void follow(Listener &listener, bool wait);

    struct Wish {
        int descriptor = -1;
        short events = 0;                                  ///< as in poll(2)
        std::optional<std::chrono::microseconds> deadline; ///< on CLOCK_MONOTONIC
    };
    Wish wish() const;
    /// Takes all that has come; does not wait.
    void dispatch();

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace soundwarden::cli
