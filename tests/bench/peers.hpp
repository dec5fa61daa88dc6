// SPDX-License-Identifier: MIT
// Other limiters of this distribution, loaded at run time into this process, to be measured beside ours.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace soundwarden::bench {

/// Their ceiling, and what ours is set to beside them: -1 dBFS.
inline constexpr float peer_ceiling = 0.8912509F;

/// Longest block that a peer is told to expect, in frames.
inline constexpr std::uint32_t longest_peer_block = 8192;

/// One stereo limiter at work. Everything but `process` on one thread; destroying it frees the plugin.
class Peer {
  public:
    Peer() = default;
    Peer(const Peer &) = delete;
    Peer &operator=(const Peer &) = delete;
    virtual ~Peer() = default;

    /// Two channels of 1 to longest_peer_block frames each; in and out do not overlap.
    virtual void process(const float *const *in, float *const *out, std::uint32_t frames) = 0;

    /// As the plugin reports it, in frames; valid after the first `process`; 0 where it reports none.
    virtual std::uint32_t latency_frames() const = 0;
};

/// The control port `port` (LV2: its symbol; LADSPA: its name) is set to `value`, or, where `label` is not empty, to
/// the value that the plugin gives this label.
struct PeerControl {
    std::string_view port;
    float value;
    std::string_view label = {};
};

enum class PluginKind { lv2, ladspa };

/// A limiter and the settings it is measured with (reference/limiter.md §0).
struct PeerKind {
    std::string_view name;    ///< one word, for the command line and file names: "dpl-true-peak"
    std::string_view who;     ///< "x42 dpl"
    std::string_view mode;    ///< "true-peak"
    std::string_view package; ///< Debian's
    PluginKind kind;
    std::string_view plugin; ///< LV2: URI; LADSPA: file name
    unsigned long ladspa_id; ///< its unique id; 0 for LV2
    std::vector<PeerControl> controls;
    bool looks_between_samples; ///< oversamples, so it is set against our true-peak mode
};

std::span<const PeerKind> peer_kinds();

/// The one of that name, or nullptr.
const PeerKind *find_peer(std::string_view name);

struct LoadedPeer {
    std::unique_ptr<Peer> peer;
    std::string missing; ///< where there is none: who, the package to install, and what went wrong
};

/// A new instance, activated. The first call for an LV2 plugin reads the descriptions of all plugins of this machine.
LoadedPeer load_peer(const PeerKind &kind, std::uint32_t rate_hz);

} // namespace soundwarden::bench
