// SPDX-License-Identifier: MIT
// What stands inside a raw sink against everybody (layer 4 of architecture.md): a clamp in front of its volume, and a bound on
// that volume. Decides what is to be written and when again; knows no PipeWire object. Main thread only.
#pragma once

#include "pods.hpp"

#include "engine/event.hpp"
#include "model/units.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace soundwarden::pipewire_adapter {

/// What the running server's sinks can do.
struct SinkFeatures {
    bool max_volume = false;   ///< channelmix.max-volume: 0.3.72
    bool filter_graph = false; ///< audioconvert.filter-graph: 1.4
};

/// From the version the server tells ("1.4.2"); what cannot be read can do nothing.
SinkFeatures features_of(const std::string &server_version);

/// One write to a sink's Props: what is set is sent.
struct SinkWrite {
    std::optional<std::string> graph{}; ///< audioconvert.filter-graph.0; empty text: none
    std::optional<float> max_volume{};
    std::optional<float> volume{};
    std::vector<float> channel_volumes{};
};

/// A filter graph that lets no sample of any channel beyond ±ceiling; empty for +infinity, and where so many channels do not fit
/// into the 4096 bytes that audioconvert reads (a longer text would silence the sink). Surplus nodes do no harm, missing ones
/// silence their channel: never fewer than 16 (reference: wireplumber-part.md §4). Nine digits give back the same float.
/// `only`: channels from 1 that are bound; empty: all.
std::string clamp_graph(float ceiling, std::size_t channels, const std::vector<std::uint32_t> &only = {});

/// The largest number of six decimals whose square is not above `level`: audioconvert prints what it is given into a text
/// with "%f" and reads that again, which rounds upward as often as not.
float printed_root(double level);

class SinkClamp {
  public:
    using Write = std::function<void(const SinkWrite &)>;
    using Tell = std::function<void(engine::Tamper)>;
    /// `tell`: another program changed what stands here. It has been written again by then.
    SinkClamp(SinkFeatures features, Write write, Tell tell)
        : features_(features), write_(std::move(write)), tell_(std::move(tell)) {}

    /// The bound for samples before the volume (amplitude; +infinity: none). With a bound the volume is held at 1 or less.
    /// `only`: as for clamp_graph().
    void clamp(float ceiling, std::size_t channels, const std::vector<std::uint32_t> &only, Time now);
    /// The bound for when no guard is in front: as a gain, so that full scale comes out at `level` undistorted, and any sum of
    /// streams no higher. 1.0 takes it away.
    void limit(double level, Time now);
    /// The sink needs no guard: takes away what this run or an earlier one left. `usual` is the max-volume its own properties
    /// give it.
    void release(float usual, Time now);
    /// Everything again. There are changes that give no event, and lists that are stale.
    void reassert(Time now);

    /// Another node under the same name: what stood in the last one stands here before anything is known of it.
    struct Kept {
        float ceiling = std::numeric_limits<float>::infinity();
        std::optional<float> max_volume;
        std::size_t channels = 0;
        std::vector<std::uint32_t> only{};
    };
    Kept kept() const { return {graph_, max_, channels_, only_}; }
    void restore(const Kept &kept, Time now);

    /// The sink's Props changed, by whomever.
    void noticed(Time now);
    /// All of its Props have been read.
    void read(const PropsValues &props, Time now);

    /// Something stands here that is to be written again.
    bool standing() const;

  private:
    void apply(float graph, std::optional<float> max_volume, Time now);
    std::string graph_for(float graph, std::optional<float> max_volume) const;
    void send(const SinkWrite &write, Time now);
    bool own_event(Time now);
    void lower_volumes(const PropsValues &props, Time now);

    SinkFeatures features_;
    Write write_;
    Tell tell_;
    float ceiling_ = std::numeric_limits<float>::infinity(); // of the guard
    float graph_ = std::numeric_limits<float>::infinity();   // written last
    std::optional<float> max_;                               // written last; nothing: not ours yet
    std::size_t channels_ = 0;
    std::vector<std::uint32_t> only_;
    bool other_channels_ = false; // than those that graph_ was written for
    std::optional<PropsValues> seen_;
    bool suspicious_ = false; // an event that was none of ours is to be explained
    bool awaited_ = false;    // the first event after our last write
    Time written_{};
    Time lowered_{};
};

} // namespace soundwarden::pipewire_adapter
