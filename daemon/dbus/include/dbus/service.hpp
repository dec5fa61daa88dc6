// SPDX-License-Identifier: MIT
// The daemon on the bus: publishes what the engine's snapshot says. Main thread only; nothing here throws or waits, but
// for the calls named below that ask the bus daemon once.
#pragma once

#include "dbus/answers.hpp"
#include "dose/history.hpp"
#include "dose/keeper.hpp"
#include "engine/event.hpp"
#include "engine/snapshot.hpp"
#include "loop/loop.hpp"
#include "model/decision.hpp"
#include "model/load.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::dbus {

/// What a guard has measured since it was asked last.
struct Meter {
    double peak_dbfs = 0.0;         ///< highest sample handed to the sink; −infinity for digital silence
    double gain_reduction_db = 0.0; ///< the most there was, >= 0
    double governor_db = 0.0;       ///< the governor's gain now, <= 0
    std::optional<double> true_peak_dbfs{}; ///< as peak_dbfs, between the samples; nothing: it was not measured
};

enum class Started : std::uint8_t {
    ok,
    no_bus,     ///< the service goes on trying; everything else works without
    name_taken, ///< another daemon is there; nothing is retried
};

/// The policy in force, as the bus tells of it.
struct PolicyWords {
    struct Notice {
        std::string severity; ///< "error", "warning"
        std::string file;
        std::uint32_t line = 0;
        std::uint32_t column = 0;
        std::string message;
        bool operator==(const Notice &) const = default;
    };
    std::uint32_t generation = 0; ///< rises with each set that comes into force; 0: none has
    std::vector<Notice> notices;  ///< of the last reading
    bool operator==(const PolicyWords &) const = default;
};

/// What Manager.Log asks for, and an entry of its answer; as in the XML.
struct LogQuestion {
    std::int64_t since_unix_ms = 0;
    std::uint32_t most = 0; ///< 1 to 10,000
    std::string what;
    std::string subject;
};
struct LogLine {
    std::int64_t id = 0;
    std::int64_t unix_ms = 0;
    std::string level;
    std::string what;
    std::string subject;
    std::string text;
};

/// The objects of dbus/*.xml on the session bus, or the system bus.
///
/// Protection never depends on it: where there is no bus, or it goes away, the service says so through `on_bus`, keeps
/// the last snapshot, and comes back by itself with growing pauses. While the bus is fine it wakes nobody.
class Service {
  public:
    /// The meters of the guard in front of a sink; nothing where nothing plays or no guard is. Peaks begin anew with each call:
    /// the service is the only reader, and spreads what it reads. What it throws becomes a D-Bus error for the client that asked.
    using MeterSource = std::function<std::optional<Meter>(const engine::SinkKey &)>;
    /// Called from the loop, never from inside start() or publish(): a sentence (for people, with what to do) when the
    /// bus is lost or was there but would not have us; an empty one when all is well again. May call publish().
    using BusWatcher = std::function<void(const std::string &sentence)>;

    /// An error for the client: `org.soundwarden.SoundWarden1.Error.NotAllowed` or `….Failed`, and a sentence for people.
    struct Refused {
        bool allowed = true; ///< false: NotAllowed
        std::string sentence;
    };
    /// What clients ask for. Each answers at once: nothing, or why it is not done. May call publish() and released().
    struct Commands {
        std::function<std::optional<Refused>(const OutputId &output, bool on)> guard;
        /// Empty: all outputs. The client waits until released() says that it is done.
        std::function<std::optional<Refused>(const OutputId &output)> release;
        /// Reads the policy files anew. Failed: they have errors.
        std::function<std::optional<Refused>()> reload;
        /// `load` may be answered, and the facts are within the bounds of the XML; model_from is `user` where there are any.
        std::function<std::optional<Refused>(const OutputId &output, Load load, const LoadFacts &facts)> answer;
        /// Empty: all outputs.
        std::function<std::optional<Refused>(const OutputId &output)> forget;
        /// Bounds as in the XML; no ceiling: the override ends.
        std::function<std::optional<Refused>(const OutputId &output, std::optional<Decibels> ceiling, std::chrono::seconds how_long)> override_for;
        std::function<std::optional<Refused>(bool on)> panic;
        /// Oldest first.
        std::function<std::vector<LogLine>(const LogQuestion &question)> log;
        /// Nothing: there is no such output.
        std::function<std::optional<Explained>(const OutputId &output)> explain;
        std::function<std::vector<CheckLine>()> checks;
        std::function<GraphPicture()> graph;
        /// The greeting that greet() asked for was shown.
        std::function<void()> greeted;
        /// Rows that end after `since_s` (Unix seconds), oldest first.
        std::function<std::vector<dose::Row>(dose::Span span, std::int64_t since_s)> dose_history;
        /// What the last seven days come to at this moment: it gets less by itself. Without it: as published last.
        std::function<dose::Exposure()> dose_week;
    };

    struct Options {
        std::string version;
        bool system = false;                           ///< the system bus, where polkit says who may change something
        std::string address{};                         ///< of the bus; empty: the environment's
        std::chrono::milliseconds between_signals{50}; ///< per object, at least: at most 20 signals a second
        std::chrono::milliseconds first_retry{1000};   ///< after the bus is lost; doubles up to last_retry
        std::chrono::milliseconds last_retry{60000};
        std::chrono::milliseconds one_reading{50}; ///< so long properties of an output's meters are those of one reading
        std::size_t most_meters = 32; ///< sockets of Manager.Meters that may be open at once
        std::chrono::milliseconds headset_dialog{12000}; ///< how long a question waits for GNOME's own, where that may be asked too
    };

    struct Outcome {
        Started result = Started::ok;
        std::string sentence; ///< why not, for people; empty when ok
    };

    Service(loop::Loop &loop, Options options, MeterSource meters, BusWatcher on_bus, Commands commands = {});
    Service(const Service &) = delete;
    Service &operator=(const Service &) = delete;
    ~Service(); ///< leaves the bus: objects and name are gone

    /// Connects, publishes what there is, and only then takes the name. Asks the bus daemon and waits for its answer.
    Outcome start();

    /// Makes the bus say what the snapshot says, and asks and tells on the desktop; signals only what differs from what was last said. Cheap when nothing
    /// changed. Before start() it is only kept.
    void publish(const engine::Snapshot &snapshot, Posture posture);

    /// Whether publish() asks and tells on the desktop what the snapshot says; at first it does. What is shown is closed.
    void allow_notices(bool allowed);

    /// Shows a greeting on the desktop, once, as soon as something is guarded and somebody shows it: what this is, and how to see it.
    void greet();

    /// As publish(), for the policy. Kept from one call to the next.
    void publish_policy(const PolicyWords &policy);

    /// As publish(), for the hearing dose: kept from one call to the next, once a second while something plays. Only another
    /// allowance or limit is signalled.
    void publish_dose(const dose::Now &now);

    /// Tells of it once: by a signal and, where `on_desktop`, by a desktop notification, in place of the last one of its
    /// kind. Whether anybody listens makes no difference; without a bus it is told to nobody. Call it after the
    /// publish_dose() that it goes with.
    /// Gives what people are told, on a line.
    std::string notice(const dose::Notice &notice, bool on_desktop);

    /// Answers everybody who waits for a release; `failure` empty: it is done.
    void released(const std::string &failure);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace soundwarden::dbus
