// SPDX-License-Identifier: MIT
#include "bench/graph_probe.hpp"

#include "bench/clock.hpp"
#include "graph_mirror.hpp"
#include "graph_pods.hpp"

#include <pipewire/extensions/profiler.h>
#include <pipewire/impl.h>
#include <spa/param/props.h>
#include <spa/param/route.h>
#include <spa/pod/builder.h>
#include <spa/pod/iter.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <set>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace soundwarden::bench {

namespace {

/// A connected socket. Not by name: PIPEWIRE_REMOTE in the environment would win over PW_KEY_REMOTE_NAME.
int connect_socket(const std::string &path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) throw std::runtime_error(path + " is too long for a socket");
    std::memcpy(address.sun_path, path.c_str(), path.size());
    const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0 || connect(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0) {
        const std::string reason = std::strerror(errno);
        if (descriptor >= 0) close(descriptor);
        throw std::runtime_error(path + ": " + reason);
    }
    return descriptor;
}

/// pw_init() once; never pw_deinit(), other users in the process may go on.
void initialise() {
    static const bool done = [] {
        pw_init(nullptr, nullptr);
        return true;
    }();
    static_cast<void>(done);
}

void add_props(spa_pod_builder *builder, std::uint32_t id, const NodePropsChange &change) {
    spa_pod_frame object;
    spa_pod_builder_push_object(builder, &object, SPA_TYPE_OBJECT_Props, id);
    if (change.volume) {
        spa_pod_builder_prop(builder, SPA_PROP_volume, 0);
        spa_pod_builder_float(builder, *change.volume);
    }
    if (change.mute) {
        spa_pod_builder_prop(builder, SPA_PROP_mute, 0);
        spa_pod_builder_bool(builder, *change.mute);
    }
    if (!change.channel_volumes.empty()) {
        spa_pod_builder_prop(builder, SPA_PROP_channelVolumes, 0);
        spa_pod_builder_array(builder, sizeof(float), SPA_TYPE_Float,
                              static_cast<std::uint32_t>(change.channel_volumes.size()), change.channel_volumes.data());
    }
    if (!change.params.empty()) {
        spa_pod_frame pairs;
        spa_pod_builder_prop(builder, SPA_PROP_params, 0);
        spa_pod_builder_push_struct(builder, &pairs);
        for (const auto &[key, value] : change.params) {
            spa_pod_builder_string(builder, key.c_str());
            spa_pod_builder_string(builder, value.c_str());
        }
        spa_pod_builder_pop(builder, &pairs);
    }
    spa_pod_builder_pop(builder, &object);
}

} // namespace

/// The loop thread, the connection and the mirror. Public members are used with the loop locked.
class GraphProbe::Connection {
  public:
    explicit Connection(const std::string &remote) {
        initialise();
        const int descriptor = connect_socket(remote);
        loop_ = pw_thread_loop_new("graph-probe", nullptr);
        context_ = pw_context_new(pw_thread_loop_get_loop(loop_), pw_properties_new("module.rt", "false", nullptr), 0);
        // Not part of the client configuration: the profiler's side of the protocol.
        if (context_ != nullptr) pw_context_load_module(context_, PW_EXTENSION_MODULE_PROFILER, nullptr, nullptr);
        core_ = context_ == nullptr
                    ? nullptr
                    : pw_context_connect_fd(context_, descriptor,
                                            pw_properties_new(PW_KEY_APP_NAME, "soundwarden-probe", nullptr), 0);
        if (core_ == nullptr) {
            if (context_ != nullptr) pw_context_destroy(context_);
            pw_thread_loop_destroy(loop_);
            throw std::runtime_error(remote + ": no connection to PipeWire");
        }
        static const pw_core_events events = [] {
            pw_core_events table{};
            table.version = PW_VERSION_CORE_EVENTS;
            table.done = [](void *self, std::uint32_t id, int seq) {
                if (id == PW_ID_CORE) static_cast<Connection *>(self)->done(seq);
            };
            table.error = [](void *self, std::uint32_t id, int, int result, const char *) {
                if (id == PW_ID_CORE && result == -EPIPE) static_cast<Connection *>(self)->lost();
            };
            return table;
        }();
        pw_core_add_listener(core_, &listener_, &events, this);
        mirror_ = std::make_unique<GraphMirror>(core_, [this] { pw_thread_loop_signal(loop_, false); });
        pw_thread_loop_start(loop_);
    }

    ~Connection() {
        pw_thread_loop_stop(loop_);
        mirror_.reset();
        for (pw_proxy *proxy : kept_) pw_proxy_destroy(proxy);
        spa_hook_remove(&listener_);
        pw_core_disconnect(core_);
        pw_context_destroy(context_);
        pw_thread_loop_destroy(loop_);
    }
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    /// Runs `action` with the loop locked.
    template <class Action>
    auto locked(Action action) {
        pw_thread_loop_lock(loop_);
        struct Unlock {
            pw_thread_loop *loop;
            ~Unlock() { pw_thread_loop_unlock(loop); }
        } const unlock{loop_};
        return action();
    }

    /// With the loop locked: waits until `condition` holds, the connection is lost (false), or the time is up (false).
    template <class Condition>
    bool wait(Condition condition, milliseconds timeout) {
        const auto whole = scaled(timeout);
        timespec deadline{};
        pw_thread_loop_get_time(loop_, &deadline, (whole / 4).count() * 1'000'000);
        if (wait_before(condition, deadline)) return true;
        // A change of metadata may have been lost on the way.
        if (!lost_ && whole >= milliseconds{2000}) mirror_->reread_metadata();
        pw_thread_loop_get_time(loop_, &deadline, (whole * 3 / 4).count() * 1'000'000);
        return wait_before(condition, deadline);
    }

    /// With the loop locked: one round trip.
    bool round_trip() {
        const int seq = pw_core_sync(core_, PW_ID_CORE, 0);
        awaited_.insert(seq);
        const bool done = wait([&] { return !awaited_.contains(seq); }, default_timeout());
        awaited_.erase(seq);
        return done;
    }

    /// The proxy of something this probe made; it is destroyed with the connection.
    void keep(pw_proxy *proxy) { kept_.push_back(proxy); }

    bool is_lost() const { return lost_; }
    pw_core *core() { return core_; }
    pw_thread_loop *loop() { return loop_; }
    GraphMirror &mirror() { return *mirror_; }
    const Graph &graph() const { return mirror_->graph(); }

  private:
    template <class Condition>
    bool wait_before(Condition &condition, timespec &deadline) {
        while (!condition()) {
            if (lost_ || pw_thread_loop_timed_wait_full(loop_, &deadline) < 0) return !lost_ && condition();
        }
        return true;
    }
    void done(int seq) {
        mirror_->core_done(seq);
        awaited_.erase(seq);
        pw_thread_loop_signal(loop_, false);
    }
    void lost() {
        lost_ = true;
        pw_thread_loop_signal(loop_, false);
    }

    pw_thread_loop *loop_ = nullptr;
    pw_context *context_ = nullptr;
    pw_core *core_ = nullptr;
    spa_hook listener_{};
    std::unique_ptr<GraphMirror> mirror_;
    std::vector<pw_proxy *> kept_;
    std::set<int> awaited_; ///< round trips that somebody waits for
    bool lost_ = false;
};

GraphProbe::GraphProbe(const std::string &remote) : connection_(std::make_unique<Connection>(remote)) {
    // Globals; their infos; the parameters those announce.
    for (int i = 0; i < 3; ++i) sync();
}

GraphProbe::~GraphProbe() = default;

bool GraphProbe::connected() const {
    return connection_->locked([&] { return !connection_->is_lost(); });
}

Graph GraphProbe::snapshot() const {
    return connection_->locked([&] { return connection_->graph(); });
}

bool GraphProbe::wait_until(const std::function<bool(const Graph &)> &condition, milliseconds timeout) const {
    return connection_->locked(
        [&] { return connection_->wait([&] { return condition(connection_->graph()); }, timeout); });
}

GraphNode GraphProbe::wait_node(const std::string &name, milliseconds timeout) const {
    GraphNode found;
    const bool there = wait_until(
        [&](const Graph &graph) {
            const GraphNode *node = graph.node(name);
            if (node == nullptr || node->state.empty()) return false;
            found = *node;
            return true;
        },
        timeout);
    if (there) return found;
    std::string names;
    for (const auto &[id, node] : snapshot().nodes) names += ' ' + node.name();
    throw std::runtime_error("no node " + name + "; there are:" + names);
}

void GraphProbe::sync() const {
    if (!connection_->locked([&] { return connection_->round_trip(); }))
        throw std::runtime_error("PipeWire does not answer");
}

bool GraphProbe::set_node_props(std::uint32_t node, const NodePropsChange &change) {
    return connection_->locked([&] {
        pw_proxy *proxy = connection_->graph().nodes.contains(node) ? connection_->mirror().proxy(node) : nullptr;
        if (proxy == nullptr) return false;
        std::array<std::uint8_t, 8192> memory;
        spa_pod_builder builder;
        spa_pod_builder_init(&builder, memory.data(), static_cast<std::uint32_t>(memory.size()));
        add_props(&builder, SPA_PARAM_Props, change);
        pw_node_set_param(reinterpret_cast<pw_node *>(proxy), SPA_PARAM_Props, 0,
                          reinterpret_cast<const spa_pod *>(memory.data()));
        return true;
    });
}

bool GraphProbe::set_route(std::uint32_t device_id, int device, const NodePropsChange &change, bool save) {
    return connection_->locked([&] {
        const auto found = connection_->graph().devices.find(device_id);
        if (found == connection_->graph().devices.end()) return false;
        const GraphRoute *route = found->second.active_route(device);
        pw_proxy *proxy = connection_->mirror().proxy(device_id);
        if (route == nullptr || proxy == nullptr) return false;
        std::array<std::uint8_t, 8192> memory;
        spa_pod_builder builder;
        spa_pod_builder_init(&builder, memory.data(), static_cast<std::uint32_t>(memory.size()));
        spa_pod_frame object;
        spa_pod_builder_push_object(&builder, &object, SPA_TYPE_OBJECT_ParamRoute, SPA_PARAM_Route);
        spa_pod_builder_add(&builder, SPA_PARAM_ROUTE_index, SPA_POD_Int(route->index), SPA_PARAM_ROUTE_device,
                            SPA_POD_Int(device), 0);
        spa_pod_builder_prop(&builder, SPA_PARAM_ROUTE_props, 0);
        add_props(&builder, SPA_PARAM_Route, change);
        spa_pod_builder_prop(&builder, SPA_PARAM_ROUTE_save, 0);
        spa_pod_builder_bool(&builder, save);
        const auto *param = static_cast<const spa_pod *>(spa_pod_builder_pop(&builder, &object));
        pw_device_set_param(reinterpret_cast<pw_device *>(proxy), SPA_PARAM_Route, 0, param);
        return true;
    });
}

namespace {

/// Where a sink's volume is set: its device's route, or (device_id 0) its node.
struct VolumeTarget {
    std::uint32_t node = 0;
    std::uint32_t device_id = 0;
    int device = -1;
    std::size_t channels = 0;
};

std::optional<VolumeTarget> volume_target(const Graph &graph, const std::string &sink) {
    const GraphNode *node = graph.node(sink);
    if (node == nullptr) return std::nullopt;
    VolumeTarget target;
    target.node = node->id;
    target.channels = std::max<std::size_t>(1, node->props.channel_volumes.size());
    if (const GraphRoute *route = graph.route_of(*node)) {
        target.device_id = static_cast<std::uint32_t>(std::stoul(get(node->properties, "device.id")));
        target.device = route->device;
        target.channels = std::max<std::size_t>(1, route->channel_volumes.size());
    }
    return target;
}

} // namespace

bool GraphProbe::set_sink_volume(const std::string &sink, float volume) {
    const auto target = volume_target(snapshot(), sink);
    if (!target) return false;
    NodePropsChange change;
    change.channel_volumes.assign(target->channels, volume);
    return target->device_id == 0 ? set_node_props(target->node, change)
                                  : set_route(target->device_id, target->device, change);
}

bool GraphProbe::set_sink_mute(const std::string &sink, bool mute) {
    const auto target = volume_target(snapshot(), sink);
    if (!target) return false;
    NodePropsChange change;
    change.mute = mute;
    return target->device_id == 0 ? set_node_props(target->node, change)
                                  : set_route(target->device_id, target->device, change);
}

void GraphProbe::change_sink_volume(const std::string &sink, float volume) {
    const auto shows = [&](const Graph &graph) {
        const GraphNode *node = graph.node(sink);
        if (node == nullptr) return false;
        // 1.x keeps a volume written to a node that never had a format, but does not report it before it is used. The
        // route is reported at once; a node without one that does not play yet has to be trusted.
        if (const GraphRoute *route = graph.route_of(*node))
            return !route->channel_volumes.empty() && route->channel_volumes.front() == volume;
        return node->state != "running" ||
               (!node->props.channel_volumes.empty() && node->props.channel_volumes.front() == volume);
    };
    // The session manager's own write to a card that has just come can overtake one of ours: it is written again then.
    bool seen = false;
    for (const auto until = now_ns() + std::chrono::nanoseconds(default_timeout()).count(); !seen && now_ns() < until;) {
        if (!set_sink_volume(sink, volume)) throw std::runtime_error("no sink " + sink);
        sync();
        seen = wait_until(shows, milliseconds{500});
    }
    if (!seen) throw std::runtime_error("the volume of " + sink + " does not change");
}

bool GraphProbe::set_metadata(const std::string &object, std::uint32_t subject, const std::string &key,
                              const std::optional<std::string> &value, const std::string &type) {
    return connection_->locked([&] {
        for (const auto &[id, metadata] : connection_->graph().metadata) {
            if (metadata.name != object) continue;
            pw_metadata_set_property(reinterpret_cast<pw_metadata *>(connection_->mirror().proxy(id)), subject,
                                     key.c_str(), value ? type.c_str() : nullptr, value ? value->c_str() : nullptr);
            return true;
        }
        return false;
    });
}

void GraphProbe::reread_metadata() {
    connection_->locked([&] { connection_->mirror().reread_metadata(); });
}

bool GraphProbe::create_link(std::uint32_t output_port, std::uint32_t input_port, bool linger) {
    return connection_->locked([&] {
        const auto &ports = connection_->graph().ports;
        if (!ports.contains(output_port) || !ports.contains(input_port)) return false;
        pw_properties *properties = pw_properties_new(nullptr, nullptr);
        pw_properties_setf(properties, PW_KEY_LINK_OUTPUT_PORT, "%u", output_port);
        pw_properties_setf(properties, PW_KEY_LINK_INPUT_PORT, "%u", input_port);
        pw_properties_set(properties, PW_KEY_OBJECT_LINGER, linger ? "true" : "false");
        auto *proxy = static_cast<pw_proxy *>(pw_core_create_object(
            connection_->core(), "link-factory", PW_TYPE_INTERFACE_Link, PW_VERSION_LINK, &properties->dict, 0));
        pw_properties_free(properties);
        if (proxy == nullptr) return false;
        connection_->keep(proxy);
        return true;
    });
}

bool GraphProbe::destroy(std::uint32_t id) {
    return connection_->locked([&] { return pw_registry_destroy(connection_->mirror().registry(), id) >= 0; });
}

std::map<std::uint32_t, GraphDriver> GraphProbe::drivers(milliseconds timeout) {
    struct Listening {
        std::map<std::uint32_t, GraphDriver> drivers;
        int events = 0;
        pw_thread_loop *loop = nullptr;
    } listening;
    listening.loop = connection_->loop();
    static const pw_profiler_events events = [] {
        pw_profiler_events table{};
        table.version = PW_VERSION_PROFILER_EVENTS;
        table.profile = [](void *data, const spa_pod *pod) {
            auto *result = static_cast<Listening *>(data);
            for_each_member(pod, [&](const spa_pod *object) {
                if (auto driver = parse_driver(object)) result->drivers[driver->id] = std::move(*driver);
            });
            ++result->events;
            pw_thread_loop_signal(result->loop, false);
        };
        return table;
    }();
    connection_->locked([&] {
        const std::uint32_t id = connection_->mirror().global_of_type(PW_TYPE_INTERFACE_Profiler);
        if (id == SPA_ID_INVALID) return;
        auto *proxy = static_cast<pw_proxy *>(
            pw_registry_bind(connection_->mirror().registry(), id, PW_TYPE_INTERFACE_Profiler, PW_VERSION_PROFILER, 0));
        if (proxy == nullptr) return;
        spa_hook listener{};
        pw_proxy_add_object_listener(proxy, &listener, &events, &listening);
        connection_->wait([&] { return listening.events >= 2; }, timeout);
        spa_hook_remove(&listener);
        pw_proxy_destroy(proxy);
    });
    return listening.drivers;
}

} // namespace soundwarden::bench
