// SPDX-License-Identifier: MIT
// Keeps a Graph in step with a PipeWire daemon: binds every object, follows its info, asks again for parameters whose
// flags changed. Everything runs on the probe's loop thread, with the loop locked.
#pragma once

#include "bench/graph.hpp"

#include <pipewire/extensions/metadata.h>
#include <pipewire/pipewire.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace soundwarden::bench {

class GraphMirror {
  public:
    /// `changed` is called after every change of the graph.
    GraphMirror(pw_core *core, std::function<void()> changed);
    ~GraphMirror();
    GraphMirror(const GraphMirror &) = delete;
    GraphMirror &operator=(const GraphMirror &) = delete;

    const Graph &graph() const { return graph_; }
    pw_registry *registry() { return registry_; }
    /// Nullptr when the object is not (or no longer) there.
    pw_proxy *proxy(std::uint32_t id);
    /// Id of the global whose type is `type`; SPA_ID_INVALID: none.
    std::uint32_t global_of_type(std::string_view type) const;
    /// To be called for each "done" of the core: complete lists of parameters replace the old ones.
    void core_done(int seq);
    /// Reads every metadata object anew; what is read replaces the old once it is complete. While one client binds a metadata
    /// object the server drops its changes for all who have bound it before (PipeWire 0.3.65 to 1.5, module-metadata/metadata.c:
    /// metadata_property): what was lost so never comes again by itself.
    void reread_metadata();

  private:
    /// A bound object. The listeners get it as their data; the maps of graph_ are looked up by id.
    struct Bound {
        GraphMirror *mirror = nullptr;
        std::uint32_t id = 0;
        pw_proxy *proxy = nullptr;
        spa_hook proxy_listener{};
        spa_hook listener{};
        std::map<std::uint32_t, std::uint32_t> param_flags; ///< as last seen
        /// The newest request for each parameter, and what has come for it. Results of older requests are dropped.
        struct Request {
            int seq = -1;
            int sync = -1;
            std::vector<GraphRoute> routes;
            std::vector<GraphProfile> profiles;
        };
        std::map<std::uint32_t, Request> requests;
        /// Of a metadata object that is read anew: what has come, and the sync that ends it.
        struct Reading {
            decltype(GraphMetadata::values) values;
            int sync = -1;
        };
        std::optional<Reading> reading;
        ~Bound();
    };

    void add_global(std::uint32_t id, const char *type, const spa_dict *properties);
    void remove_global(std::uint32_t id);
    template <class Events>
    Bound &bind(std::uint32_t id, const char *type, std::uint32_t version, const Events &events);
    void request_changed(Bound &bound, const spa_param_info *params, std::uint32_t count);
    void node_info(Bound &bound, const pw_node_info *info);
    void device_info(Bound &bound, const pw_device_info *info);
    void link_info(Bound &bound, const pw_link_info *info);
    void node_param(Bound &bound, std::uint32_t id, const spa_pod *param);
    void device_param(Bound &bound, int seq, std::uint32_t id, const spa_pod *param);
    int metadata_property(Bound &bound, std::uint32_t subject, const char *key, const char *value);

    static const pw_registry_events registry_events;
    static const pw_node_events node_events;
    static const pw_device_events device_events;
    static const pw_link_events link_events;
    static const pw_metadata_events metadata_events;

    pw_core *core_;
    std::function<void()> changed_;
    pw_registry *registry_ = nullptr;
    spa_hook registry_listener_{};
    Graph graph_;
    std::map<std::uint32_t, std::string> types_;
    std::map<std::uint32_t, std::unique_ptr<Bound>> bound_;
};

} // namespace soundwarden::bench
