// SPDX-License-Identifier: MIT
// An outside observer of the session's PipeWire graph: notes in the timeline what guards one sink, with which published
// ceiling, and what is linked into it.
#pragma once

#include "bench/graph_probe.hpp"
#include "timeline.hpp"

#include <atomic>
#include <optional>
#include <set>
#include <string>
#include <thread>

namespace soundwarden::demo {

class GraphWatch {
public:
    /// Watches until it is destroyed. `timeline` must outlive it.
    GraphWatch(const bench::Session &session, std::string sink, Timeline &timeline);
    ~GraphWatch();
    GraphWatch(const GraphWatch &) = delete;
    GraphWatch &operator=(const GraphWatch &) = delete;

    /// To act on the graph and to wait for it; from any thread.
    bench::GraphProbe &probe() { return probe_; }

    /// Until everything that plays goes through a guard. Throws std::runtime_error.
    void wait_guarded();
    /// Until there is no guard and something plays all the same. Throws std::runtime_error.
    void wait_unguarded();
    /// node.name of the guard in front of the sink; empty: none.
    std::string guard() const;

private:
    struct Seen {
        std::string guard;      ///< node.name of its main node
        std::uint32_t id = 0;   ///< of that node
        std::string ceiling;    ///< soundwarden.ceiling-db, as published
        std::set<std::string> into_sink; ///< names of the nodes linked to the sink
        bool guarded = false;   ///< of those there is only the guard
        bool operator==(const Seen &) const = default;
    };

    void run();
    void note(const bench::Graph &graph);
    Seen look(const bench::Graph &graph) const;

    std::string sink_;
    Timeline &timeline_;
    bench::GraphProbe probe_;
    Seen seen_; ///< the watching thread's
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

} // namespace soundwarden::demo
