// SPDX-License-Identifier: MIT
// Copies of what the PipeWire server knows of a device and of a sink node, kept current by its events. Main thread only.
#pragma once

#include "handles.hpp"
#include "pods.hpp"
#include "sink_clamp.hpp"
#include "sink_pad.hpp"

#include "engine/effect.hpp"

#include <pipewire/pipewire.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace soundwarden::pipewire_adapter {

using PropertyMap = std::map<std::string, std::string>;

/// Asks an object for parameters and collects the answers until the server says that all have come.
///
/// Subscribing is not enough: for an object that another client exports (every card that a session manager hosts) a
/// subscriber gets the first values only; later changes come as an info event with a flipped flag
/// (reference: simulated-card.md §2). So: on each info event ask again for what changed, and one core sync behind it.
class ParamReader {
  public:
    using Collect = std::function<void(std::uint32_t param, const spa_pod *pod)>;
    using Begin = std::function<void(std::uint32_t param)>;
    /// enumerate: asks the server, returns the request's sequence number.
    ParamReader(pw_core *core, std::vector<std::uint32_t> wanted, std::function<int(std::uint32_t)> enumerate)
        : core_(core), wanted_(std::move(wanted)), enumerate_(std::move(enumerate)) {}

    /// From an info event. True where something was asked for.
    bool info(const spa_param_info *params, std::uint32_t count, const Begin &begin);
    /// From a param event: is it an answer to the newest question?
    bool current(int seq, std::uint32_t param) const;
    /// An answer has come. Those of an object that another client exports can come behind the core's done, which says
    /// nothing of that client: it is waited for once more.
    void arrived();
    /// From the core's done event: true when everything asked for is there.
    bool done(int seq);

  private:
    pw_core *core_;
    std::vector<std::uint32_t> wanted_;
    std::function<int(std::uint32_t)> enumerate_;
    std::map<std::uint32_t, std::uint32_t> flags_;
    std::map<std::uint32_t, int> asked_;
    int sync_ = -1;
    bool waiting_ = false; // for the done of sync_
};

/// A sound card: its active profile, its routes, and the active route of each of its sinks.
class DeviceObject {
  public:
    DeviceObject(pw_core *core, pw_registry *registry, std::uint32_t id);
    DeviceObject(const DeviceObject &) = delete;
    DeviceObject &operator=(const DeviceObject &) = delete;

    bool done(int seq);
    bool ready() const { return ready_; }
    std::uint32_t id() const { return id_; }
    const std::string &property(const std::string &key) const;
    /// When its active routes were last told anew. A card writes them to its sinks' Props too.
    Time routes_told() const { return routes_told_; }

    /// Output routes that the sink with this card.profile.device reaches in the active profile.
    std::vector<engine::RouteFacts> routes_of(std::int32_t profile_device) const;
    const RouteValues *active_route_of(std::int32_t profile_device) const;
    void write_route(std::int32_t profile_device, const engine::WriteRoute &write);
    /// The active route's mute and nothing else. False: there is no active route.
    bool mute_route(std::int32_t profile_device, bool mute);

  private:
    static void on_info(void *self, const pw_device_info *info) noexcept;
    static void on_param(void *self, int seq, std::uint32_t id, std::uint32_t, std::uint32_t, const spa_pod *pod) noexcept;
    void info(const pw_device_info &info);
    void param(int seq, std::uint32_t id, const spa_pod *pod);

    struct Lists {
        std::vector<RouteValues> routes;  // EnumRoute
        std::vector<RouteValues> active;  // Route
        std::int32_t profile = -1;        // Profile
    };
    std::uint32_t id_;
    Bound<pw_device> proxy_;
    Hook hook_;
    pw_device_events events_{};
    ParamReader reader_;
    PropertyMap properties_;
    Time routes_told_{};
    Lists now_;
    Lists next_;
    bool ready_ = false;
};

/// A sink node that is not one of our guards.
class SinkObject {
  public:
    struct Events {
        std::function<void()> changed;
        std::function<void()> runs;  ///< it has begun to
        SinkClamp::Tell tampered;
        SinkPad::MakeUp make_up;
    };
    SinkObject(pw_core *core, pw_registry *registry, std::uint32_t id, SinkFeatures features, Events events);
    SinkObject(const SinkObject &) = delete;
    SinkObject &operator=(const SinkObject &) = delete;

    bool done(int seq);
    bool ready() const { return ready_; }
    std::uint32_t id() const { return id_; }
    const std::string &property(const std::string &key) const;
    std::uint32_t rate_hz() const { return rate_hz_; }
    /// volume × the largest of softVolumes and channelVolumes, each at most max-volume; a limit below 1 is kept apart (see
    /// left_limit). Which of the two lists is in force does not show.
    double software_gain() const;
    /// A limit below 1 that stands inside the sink (max-volume; on servers without it: volume).
    std::optional<double> left_limit() const;
    void limit(double level);
    bool mute() const { return props_.mute.value_or(false); }
    void mute(bool mute);
    /// All channels to this amplitude, `volume` heeded where it is above 1.
    void lower(double amplitude);
    void clamp(float ceiling, const std::vector<std::uint32_t> &only);
    /// It needs no guard: nothing of ours is to stand inside it.
    void release();
    /// Writes again what stands inside it. False where nothing does or it does not run.
    bool reassert();
    bool running() const { return running_; }
    /// Something of ours stands inside it.
    bool bounded() const { return clamp_.standing() || pad_.engaged(); }
    /// The factor by which its guard makes up for the pad.
    float makeup() const { return pad_.makeup(); }
    SinkClamp::Kept kept() const { return clamp_.kept(); }
    /// What stood in the node of this name before this one.
    void restore(const SinkClamp::Kept &kept);
    std::vector<std::string> positions() const;

  private:
    static void on_info(void *self, const pw_node_info *info) noexcept;
    static void on_param(void *self, int seq, std::uint32_t id, std::uint32_t, std::uint32_t, const spa_pod *pod) noexcept;
    void info(const pw_node_info &info);
    void param(int seq, std::uint32_t id, const spa_pod *pod);

    std::uint32_t id_;
    Bound<pw_node> proxy_;
    Hook hook_;
    pw_node_events events_{};
    ParamReader reader_;
    Events tell_;
    SinkFeatures features_;
    SinkClamp clamp_;
    SinkPad pad_; // where there is no max-volume
    PropertyMap properties_;
    PropsValues props_;
    std::vector<std::string> format_positions_;
    std::uint32_t rate_hz_ = 0;
    bool ready_ = false;
    bool running_ = false;
};

} // namespace soundwarden::pipewire_adapter
