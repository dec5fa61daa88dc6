// SPDX-License-Identifier: MIT
// The bench's two programs as objects: a simulated card (soundwarden-simcard) and a player (soundwarden-source).
#pragma once

#include "bench/recording.hpp"
#include "bench/session.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::bench {

/// A process that prints one JSON object a line and answers each command with "ok" or "error".
class EventProcess {
  public:
    using Event = nlohmann::json; ///< has "t_ns", "event" and "line" (its index, for `from`)
    using Wanted = std::function<bool(const Event &)>;

    explicit EventProcess(std::unique_ptr<Process> process) : process_(std::move(process)) {}

    Process &process() const { return *process_; }
    std::size_t mark() const { return process_->mark(); }

    /// The first event from line `from` on that is wanted. Throws std::runtime_error with all output when the (scaled)
    /// time runs out: a bench that does not work must not look like a result.
    Event wait_event(const Wanted &wanted, std::size_t from = 0, milliseconds timeout = default_timeout()) const;
    /// By the value of "event".
    Event wait_event(const std::string &name, std::size_t from = 0, milliseconds timeout = default_timeout()) const;
    /// Those already there.
    std::vector<Event> events(std::size_t from = 0) const;
    std::vector<Event> events(const std::string &name, std::size_t from = 0) const;

    /// Sends a command and waits until it is done. Returns the events printed on its behalf, before the "ok". Throws
    /// std::runtime_error for "error".
    std::vector<Event> command(const std::string &line) const;

  private:
    std::unique_ptr<Process> process_;
};

struct SimCardOptions {
    std::string preset = "laptop"; ///< see soundwarden-simcard --help; empty: no card yet
    std::string name{};            ///< default: the preset's name
    unsigned channels = 2;
    std::string rate = "48000"; ///< what the hardware can do: one rate or a list
    std::string format = "f32";
    double speed = 1.0; ///< 0: as fast as the graph can
    bool hardware_volume = false;
    bool no_routes = false;
    bool lockstep = true;
    bool record = true;
    std::vector<std::string> node_properties{}; ///< of its sink nodes: "KEY=VALUE"
};

/// Simulated cards in their own process. Killing it is what pulling all of them would be.
class SimCard : public EventProcess {
  public:
    /// Returns when the card's sink is in the graph and, if it has routes, WirePlumber has chosen one and restored its
    /// volume.
    explicit SimCard(const Session &session, const SimCardOptions &options = {});

    /// node.name of the card's (first) sink.
    const std::string &sink() const { return sink_; }

    /// Each returns the time just before the change was announced, CLOCK_MONOTONIC ns. `card` empty: the first card.
    std::int64_t jack(const std::string &name, bool in, const std::string &card = {});
    std::int64_t route(const std::string &name, const std::string &available, const std::string &card = {});
    std::int64_t profile(const std::string &name, const std::string &card = {});
    std::int64_t knob(double volume, const std::string &card = {});

    /// Waits until WirePlumber has made `route` (full name) the active one and restored its volume: a volume set before
    /// that would be overwritten. Events from line `from` on count. Returns the "set-route" that switched.
    Event wait_route(const std::string &route, std::size_t from = 0, const std::string &card = {}) const;

    /// Another card; settings as "channels=6" or "hw-volume". Returns its sink's node.name once it is in the graph.
    std::string add(const std::string &name, const std::string &preset, const std::vector<std::string> &settings = {});
    void add_again(const std::string &name);
    void remove(const std::string &name = {});

    /// Everything the sink has played by now. `card` and `device` (card.profile.device) as in the "sink-bound" event.
    Recording recording(const std::string &card = {}, int device = -1) const;

    /// Waits until the recording holds this many frames more than the sink has played by now: what is sent to the sink
    /// now, and a cycle or two of what follows, is in recording() then.
    void wait_frames(std::uint64_t frames, const std::string &card = {},
                     milliseconds timeout = default_timeout()) const;

    /// Waits until the sink plays something that is not silence after what it has played by now; the frame where that
    /// begins. A stream that is "streaming" is not heard at once: its links may still be made. The liveness check for
    /// every test that expects silence or a limit later.
    Recording::Frame wait_sound(const std::string &card = {}, milliseconds timeout = default_timeout()) const;

  private:
    std::int64_t flip(const std::string &command, const std::string &card);
    void wait_sink(const std::string &card, std::size_t from);
    void wait_restored(const Event &change) const;
    std::string recording_path(const std::string &card, int device) const;
    std::uint64_t frames_played(const std::string &path) const;

    std::string first_;
    std::string sink_;
};

struct SourceOptions {
    std::vector<std::string> signal{"tone", "997", "-6"}; ///< see soundwarden-source --help
    std::string target{};  ///< node name or serial; empty: wherever the session manager puts it
    unsigned channels = 0; ///< 0: 2, or the file's
    unsigned rate = 0;     ///< 0: the graph's
    double level_db = 0.0; ///< on top of the signal's own level; +20 is fine
    double seconds = 0.0;  ///< 0: until stop()
    std::string name = "soundwarden-source";
    std::vector<std::string> properties{}; ///< "KEY=VALUE"
    std::string tee{};                     ///< WAV file of what was played
    bool autoconnect = true;
};

class Source : public EventProcess {
  public:
    /// Does not wait: with a guard in front it may take its time, without a sink for ever.
    explicit Source(const Session &session, const SourceOptions &options = {});

    /// Waits until the stream is in the running graph (state "streaming").
    void wait_streaming(milliseconds timeout = default_timeout());
    /// Amplitude of the whole signal; returns the time of the change, from the next cycle on.
    std::int64_t level(double db);
    void stop();
};

} // namespace soundwarden::bench
