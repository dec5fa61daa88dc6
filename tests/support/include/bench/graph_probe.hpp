// SPDX-License-Identifier: MIT
// A PipeWire client inside the test: sees the whole graph, waits for what should become true in it, and does what
// desktop tools do to it. Several may exist in one process, each in another session.
#pragma once

#include "bench/clock.hpp"
#include "bench/graph.hpp"
#include "bench/session.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace soundwarden::bench {

/// What to write to a node's Props; only what is set is sent.
struct NodePropsChange {
    std::optional<float> volume{};
    std::optional<bool> mute{};
    std::vector<float> channel_volumes{};
    std::vector<std::pair<std::string, std::string>> params{}; ///< extra parameters; values as text
};

class GraphProbe {
  public:
    /// Connects to the session's PipeWire and returns when the initial graph is complete. Throws std::runtime_error.
    explicit GraphProbe(const Session &session) : GraphProbe(session.remote()) {}
    /// `remote`: absolute path of a PipeWire socket.
    explicit GraphProbe(const std::string &remote);
    ~GraphProbe();
    GraphProbe(const GraphProbe &) = delete;
    GraphProbe &operator=(const GraphProbe &) = delete;

    // All methods may be called from any thread but PipeWire's own.

    /// False when the connection is lost; a probe does not reconnect, make a new one.
    bool connected() const;
    Graph snapshot() const;
    /// Waits until `condition` holds; it is asked after every change of the graph. False: it did not within the
    /// (scaled) time-out, or the connection was lost. The graph must not be kept beyond the call.
    bool wait_until(const std::function<bool(const Graph &)> &condition,
                    milliseconds timeout = default_timeout()) const;
    /// Until a node of that name is there; its values. Throws std::runtime_error with the names that are.
    GraphNode wait_node(const std::string &name, milliseconds timeout = default_timeout()) const;
    /// One round trip: everything sent before has been handled by the daemon.
    void sync() const;

    /// These return false when the object is not there. They do not wait for the effect: wait_until() does.
    bool set_node_props(std::uint32_t node, const NodePropsChange &change);
    /// The active Route of the card's sink `device`, as wpctl does it (save=true); only what is set is sent.
    bool set_route(std::uint32_t device_id, int device, const NodePropsChange &change, bool save = true);
    /// What the volume keys do to a sink: through its device's route where it has one, else on the node. Linear, one
    /// value for all channels.
    bool set_sink_volume(const std::string &sink, float volume);
    bool set_sink_mute(const std::string &sink, bool mute);
    /// set_sink_volume() and wait until it is in force (reported by the route; by the node where it has none and
    /// plays). Throws std::runtime_error.
    void change_sink_volume(const std::string &sink, float volume);
    /// `value` nullopt removes the key.
    bool set_metadata(const std::string &object, std::uint32_t subject, const std::string &key,
                      const std::optional<std::string> &value, const std::string &type = "Spa:String:JSON");
    /// Reads all metadata anew. wait_until() does so when it waits long: the server drops changes of metadata for those who listen
    /// while somebody else begins to.
    void reread_metadata();
    /// As pw-link: one link, kept until destroy() or the end of this probe's connection unless `linger`.
    bool create_link(std::uint32_t output_port, std::uint32_t input_port, bool linger = true);
    bool destroy(std::uint32_t id);

    /// The drivers that ran a cycle while this listened to the profiler, by node id; waits for a first one.
    std::map<std::uint32_t, GraphDriver> drivers(milliseconds timeout = milliseconds{3000});

  private:
    class Connection;
    std::unique_ptr<Connection> connection_;
};

} // namespace soundwarden::bench
