// SPDX-License-Identifier: MIT
// A private session with a simulated card, the real daemon in front of it, and the questions the tests ask of them.
#pragma once

#include "bench/graph_probe.hpp"
#include "bench/programs.hpp"
#include "bench/recording.hpp"
#include "bench/session.hpp"

#include "model/units.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace soundwarden::integration {

/// What the built-in rules give on a laptop's headphone socket (product.md, "Default caps", voltage method of EN 50332-2:
/// full-scale programme, −10 dB rms, at 150 mV; 1.4 V): the load is unknown, so the headphone cap once settled; while
/// settling in-ears, 8 dB lower, are plausible.
inline const Decibels headphone_cap = decibels(0.150 / (1.4 * amplitude({-10.0}))); // −9.40 dB
inline const Decibels settling_ceiling = headphone_cap - Decibels{8.0};
inline constexpr double slow_rise_db_per_s = 6.0;

/// A position of the slider (0.3 = 30 %) as amplitude: desktops use the cube.
constexpr double slider(double position) { return position * position * position; }

/// Properties of a sink that takes no filter graph: a control without the daemon's clamp (PipeWire 1.4 and newer).
inline std::vector<std::string> takes_no_clamp() { return {"audioconvert.filter-graph.disable=true"}; }

std::string program(const char *variable); ///< from the environment; throws where it is not set
bool nightly();

/// soundwardend in a session. It is ended with SIGTERM where it still runs.
class Daemon {
  public:
    explicit Daemon(const bench::Session &session, std::vector<std::string> options = {});

    bench::Process &process() { return *process_; }
    /// The next report of this kind ("decision: Headphones", "edge:", "guard: linked") from line `from` on; when it was said.
    /// Throws with the daemon's output where it does not come.
    std::int64_t wait_report(const std::string &pattern, std::size_t from = 0);
    std::size_t mark() const { return process_->mark(); }

  private:
    std::unique_ptr<bench::Process> process_;
};

/// Session + card + daemon + probe, settled on the card's first output.
struct Guarded {
    /// Without `with_daemon` it is what a machine without Soundwarden does.
    explicit Guarded(const bench::SimCardOptions &card_options = {}, const bench::SessionOptions &session_options = {},
                     bool with_daemon = true);

    std::string guard_name(const std::string &sink = {}) const;
    /// Moves the user's slider: the volume of the guard's node (amplitude), and waits until the node shows it.
    void set_user_volume(double amplitude);
    double user_volume();
    /// Plugs the headphones in or out and waits for the decision; when the jack moved.
    std::int64_t plug(bool in);
    /// Waits until the sink's output has reached `level` (amplitude) in the last 20 ms: sound is there, the ramp is over.
    void wait_level(double level);

    bench::Session session;
    bench::SimCard card;
    bench::GraphProbe probe;
    std::unique_ptr<Daemon> daemon;
};

/// Cuts the link warden's connection, and again whenever it has a new one: what happens without it.
class WithoutWarden {
  public:
    explicit WithoutWarden(const bench::Session &session);
    ~WithoutWarden();
    WithoutWarden(const WithoutWarden &) = delete;
    WithoutWarden &operator=(const WithoutWarden &) = delete;

  private:
    bench::GraphProbe probe_;
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

/// The first frame from which on nothing is above `level` until `end`.
bench::Recording::Frame quiet_from(const bench::Recording &recording, float level, bench::Recording::Frame from,
                                   bench::Recording::Frame end);

} // namespace soundwarden::integration
