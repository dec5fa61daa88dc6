// SPDX-License-Identifier: MIT
// What the warden knows of the graph, and which links it must not let live. No PipeWire call in it; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace soundwarden::pipewire_adapter {

/// A guarded sink by names: they hold before an id is known and after a node was made anew.
struct WatchedSink {
    std::string sink;  ///< node.name of the raw sink
    std::string guard; ///< node.name of the guard's main node; its out node has ".out" behind it
};

struct WatchOrders {
    std::uint32_t daemon = UINT32_MAX; ///< id of the client that the guards belong to
    bool session_part = false;         ///< our part in the session manager leads its own links to the guard
    std::vector<WatchedSink> sinks;
};

/// A link that was not allowed to live.
struct Trespass {
    std::string guard;    ///< WatchedSink::guard
    std::string offender; ///< the playing node's name, and who linked it where that was another program
};

/// Knows nodes, ports and links as a registry tells them, in the registry's order (a node before its ports, those
/// before their links). Says what is to be done through LinkWatch::Hands, from within the call that made it necessary.
class LinkWatch {
  public:
    struct Hands {
        std::function<void(std::uint32_t link)> destroy;
        std::function<void(std::uint32_t output_port, std::uint32_t input_port)> make;
        std::function<void(Trespass)> tell;
        /// judge_waiting() is wanted after this many milliseconds.
        std::function<void(unsigned ms)> wake;
    };
    explicit LinkWatch(Hands hands) : hands_(std::move(hands)) {}

    struct Node {
        std::uint32_t client = UINT32_MAX;
        std::string name;
        std::string media_class;
    };
    struct Port {
        std::uint32_t node = UINT32_MAX;
        std::string index;   ///< port.id: its number in the node and direction
        std::string channel; ///< audio.channel; may be empty
        bool input = false;
        bool monitor = false;
    };
    struct Link {
        std::uint32_t output_node = UINT32_MAX, output_port = UINT32_MAX;
        std::uint32_t input_node = UINT32_MAX, input_port = UINT32_MAX;
        std::uint32_t client = UINT32_MAX; ///< who made it; nobody where it lingers
    };

    void add_client(std::uint32_t id, std::string name) { clients_[id] = std::move(name); }
    void add_node(std::uint32_t id, Node node) { nodes_[id] = std::move(node); }
    void add_port(std::uint32_t id, Port port);
    void add_link(std::uint32_t id, const Link &link);
    void remove(std::uint32_t id);
    /// A link asked for by Hands::make was made, or refused.
    void answered(std::uint32_t output_port, std::uint32_t input_port) { asked_.erase({output_port, input_port}); }

    /// What is watched from now on; links that are there already are judged too.
    void order(WatchOrders orders);
    /// The registry has told everything that was there: what comes from now on came past a guard.
    void complete() { complete_ = true; }
    /// The streams that were given time to be led to their guard by others.
    void judge_waiting();

  private:
    /// A port that lost its link to a guarded sink and is not on the guard yet.
    struct Homeless {
        std::uint32_t output_port = UINT32_MAX;
        std::string guard;
        std::string index, channel; ///< of the sink's port
        bool patient = false;       ///< others may be about to link it
    };

    bool judge(std::uint32_t id, const Link &link, bool report);
    bool is_offence(const Link &link, const WatchedSink &watched) const;
    bool is_session_managers(const Link &link) const;
    bool is_out_of(const Node &node, const std::string &sink) const;
    const WatchedSink *guarded_by(const Node &sink) const;
    const WatchedSink *guard_of_out(const Node &node) const;
    void expel(std::uint32_t id, const Link &link, const WatchedSink &watched, bool report);
    void lead_home(const Link &link, const WatchedSink &watched);
    bool try_home(const Homeless &homeless);
    void try_all();
    std::string offender(const Link &link) const;

    Hands hands_;
    bool complete_ = false;
    WatchOrders orders_;
    std::map<std::uint32_t, std::string> clients_;
    std::map<std::uint32_t, Node> nodes_;
    std::map<std::uint32_t, Port> ports_;
    std::map<std::uint32_t, Link> links_;
    std::vector<Homeless> homeless_;
    std::set<std::pair<std::uint32_t, std::uint32_t>> asked_; ///< links of ours that the registry has not shown yet
};

} // namespace soundwarden::pipewire_adapter
