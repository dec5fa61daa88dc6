// SPDX-License-Identifier: MIT
// The registry mirror: devices, profiles, routes, sinks, links and the default sink, told to the engine as facts.
#pragma once

#include "guard_nodes.hpp"
#include "main_loop.hpp"
#include "metadata.hpp"
#include "objects.hpp"
#include "reply_watch.hpp"
#include "session_part.hpp"

#include "engine/effect.hpp"
#include "engine/event.hpp"
#include "pipewire_adapter/graph_view.hpp"

#include <pipewire/pipewire.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace soundwarden::pipewire_adapter {

/// One connection's view of the server. Dies with the connection. Main thread only.
class Mirror {
  public:
    Mirror(MainLoop &loop, pw_core *core, SessionPart &part, std::function<void(engine::Event)> tell);
    Mirror(const Mirror &) = delete;
    Mirror &operator=(const Mirror &) = delete;
    ~Mirror();

    /// From the core's done event.
    void done(int seq);

    pw_registry *registry() const { return registry_.get(); }

    /// The guard in front of a sink (or none): its links are not foreign.
    void set_guard(const engine::SinkKey &sink, const GuardNodes &nodes);
    void drop_guard(const engine::SinkKey &sink);

    /// While the warden watches, a foreign link that comes while the guard is linked is told only when it has lived for
    /// `warden_time`: what is gone by then changed nothing.
    void rely_on_warden(bool watching) { warden_ = watching; }

    void write_route(const engine::WriteRoute &write);
    void limit_sink(const engine::SinkKey &sink, double level);
    void mute_sink(const engine::SinkKey &sink, bool mute);
    void lower_sink(const engine::SinkKey &sink, double volume);
    void clamp_sink(const engine::SinkKey &sink, float ceiling, const std::vector<std::uint32_t> &only);
    /// It needs no guard: nothing of ours is to stand inside it.
    void release_sink(const engine::SinkKey &sink);
    /// Writes again what stands inside the sinks that run. False where there is none.
    bool reassert_sinks();
    /// Called when a sink has begun to run.
    void on_running(std::function<void()> runs) { sink_runs_ = std::move(runs); }
    /// Called when the server does not read from this connection any more.
    void on_deaf(std::function<void()> deaf) { deaf_ = std::move(deaf); }
    /// Called when a guard's node has gone from the server, and the connection that owns it has not told so within a second: nothing
    /// that is said there is heard any more.
    void on_guard_lost(std::function<void()> lost) { guard_lost_ = std::move(lost); }
    /// Called when the guard of a sink has to make up for the pad inside it by another factor.
    void on_makeup(std::function<void(const engine::SinkKey &sink, float factor)> make_up) { make_up_ = std::move(make_up); }
    /// From the core's info, before any sink is known.
    void server_version(const std::string &version);
    const ServerView &server() const { return server_; }
    /// Adapter::graph().
    GraphView graph() const;
    /// Layout, rate, priority of a live sink; nullptr where it has gone.
    const SinkObject *sink(const engine::SinkKey &key) const;

    /// The `default` metadata: what is the default sink, what the user configured; empty where nothing is.
    const std::string &default_sink() const { return default_sink_; }
    const std::string &configured_sink() const { return configured_sink_; }
    /// nothing: remove the key.
    void configure_default(const std::optional<std::string> &node_name);
    /// Reads all metadata again in half a second: on PipeWire 0.3.65 a change passes everybody by while some client binds them.
    void reread_soon();
    /// Called when either changes.
    void on_default(std::function<void()> changed) { default_changed_ = std::move(changed); }

  private:
    struct Link {
        std::uint32_t out_node = 0;
        std::uint32_t in_node = 0;
        loop::Time counts_from{}; // as a foreign one
    };
    struct NodeWords {
        std::string name, title;
    };
    struct SinkEntry {
        std::unique_ptr<SinkObject> object;
        engine::SinkKey key;       // empty until told
        engine::SinkFacts told;
        bool linked_told = false;
    };
    static void on_global(void *self, std::uint32_t id, std::uint32_t, const char *type, std::uint32_t, const spa_dict *props) noexcept;
    static void on_global_remove(void *self, std::uint32_t id) noexcept;
    void global(std::uint32_t id, std::string_view type, const spa_dict &props);
    void global_remove(std::uint32_t id);
    void look_for_lost_guards();
    void heard_default(const std::string &key, const std::string &value);
    void tell_sink(SinkEntry &entry);
    void tell_links(SinkEntry &entry);
    void tell_tampering(const SinkEntry &entry, engine::Tamper what);
    void tell_makeup(const SinkEntry &entry, float factor);
    std::optional<engine::SinkFacts> facts_of(const SinkEntry &entry) const;
    engine::SinkKey key_for(const SinkEntry &entry) const;
    SinkEntry *entry_of(const engine::SinkKey &key);
    const DeviceObject *device_of(const SinkObject &sink) const;
    std::uint32_t foreign_links(const SinkEntry &entry) const;
    loop::Time counts_from(std::uint32_t in_node);
    void tell_survivors();
    void reread_metadata();

    MainLoop &loop_;
    std::unique_ptr<loop::Timer> survivors_;
    std::unique_ptr<loop::Timer> reread_;
    std::unique_ptr<loop::Timer> vanished_timer_;
    bool survivors_due_ = false;
    bool reread_due_ = false;
    bool reread_again_ = false; ///< something happened since that was due
    bool warden_ = false;
    pw_core *core_;
    SessionPart &part_;
    std::function<void(engine::Event)> tell_;
    std::function<void()> default_changed_;
    std::function<void()> sink_runs_ = [] {};
    std::function<void()> deaf_ = [] {};
    std::function<void()> guard_lost_ = [] {};
    std::function<void(const engine::SinkKey &, float)> make_up_;
    ReplyWatch replies_;
    Bound<pw_registry> registry_;
    pw_registry_events registry_events_{};
    Hook registry_hook_;
    std::unique_ptr<Metadata> defaults_;
    std::string default_sink_;
    std::string configured_sink_;
    std::map<std::uint32_t, std::unique_ptr<DeviceObject>> devices_;
    std::map<std::uint32_t, SinkEntry> sinks_;
    std::map<std::uint32_t, Link> links_;
    std::map<std::uint32_t, NodeWords> nodes_; // all that can play or be played to
    KnownGuards guards_;
    SinkFeatures features_;
    ServerView server_;
    std::map<std::string, SinkClamp::Kept> kept_; // by node.name, of sinks that went
};

/// The node name of a guard's main node, and what it has in common with every node of ours.
inline constexpr std::string_view guard_prefix = "soundwarden.";

} // namespace soundwarden::pipewire_adapter
