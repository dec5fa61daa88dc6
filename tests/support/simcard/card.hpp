// SPDX-License-Identifier: MIT
// A simulated card: the exported device and the sinks of its active profile. Exists as long as it is plugged in.
#pragma once

#include "sim_device.hpp"
#include "sink_node.hpp"

#include <nlohmann/json_fwd.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace soundwarden::bench {

struct CardConfig {
    std::string preset = "laptop";
    PresetOptions options;
    std::uint32_t channels = 2;
    std::vector<std::uint32_t> rates{48'000};
    SampleFormat format = SampleFormat::f32;
    double speed = 1.0;
    bool lockstep = true;
    Dict node_properties{}; ///< of its sink nodes, in place of the preset's
};

/// Recordings by path; they outlive the cards.
class Recordings {
  public:
    /// An empty directory: nothing is recorded.
    explicit Recordings(std::string directory) : directory_(std::move(directory)) {}

    /// The recording of sink `device` of `card`: DIRECTORY/CARD-DEVICE. Nullptr when nothing is recorded.
    Recorder *open(const std::string &card, int device, std::uint32_t channels);

  private:
    std::string directory_;
    RecorderWriter writer_;
    std::map<std::string, std::unique_ptr<Recorder>> recorders_;
};

class Card {
  public:
    /// Throws std::invalid_argument for an unknown preset, std::runtime_error when PipeWire refuses.
    Card(std::string name, const CardConfig &config, pw_context *context, pw_core *core, Recordings &recordings);
    ~Card();
    Card(const Card &) = delete;
    Card &operator=(const Card &) = delete;

    /// All of these print a "flip" event with the time just before the change is announced; false: no such thing.
    bool set_route(const std::string &route, Availability available);
    bool set_jack(const std::string &jack, bool in);
    bool set_profile(const std::string &profile);
    bool turn_knob(float volume);

    nlohmann::json statistics() const;

  private:
    void export_device();
    void add_sink(int device);
    Dict sink_properties(int device) const;
    std::int64_t route_count(int device) const;
    void report(nlohmann::json event) const;

    std::string name_;
    CardConfig config_;
    pw_context *context_;
    pw_core *core_;
    Recordings &recordings_;
    std::unique_ptr<SimDevice> device_;
    pw_proxy *proxy_ = nullptr;
    spa_hook listener_{};
    std::uint32_t device_id_ = SPA_ID_INVALID;
    std::vector<int> waiting_; ///< sinks asked for before the device had its id
    std::map<int, std::unique_ptr<SinkNode>> sinks_;
    std::map<int, Recorder *> recorders_;
};

} // namespace soundwarden::bench
