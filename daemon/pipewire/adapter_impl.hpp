// SPDX-License-Identifier: MIT
// What the adapter holds. Main thread only.
#pragma once

#include "pipewire_adapter/adapter.hpp"

#include "default_route.hpp"
#include "guard.hpp"
#include "handles.hpp"
#include "hiding.hpp"
#include "main_loop.hpp"
#include "mirror.hpp"
#include "port_marks.hpp"
#include "progress.hpp"
#include "session_part.hpp"
#include "standstill.hpp"
#include "warden.hpp"

#include <pipewire/pipewire.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace soundwarden::pipewire_adapter {

class Adapter::Impl {
  public:
    Impl(std::shared_ptr<MainLoop> loop, std::function<void(engine::Event)> tell, std::function<void()> on_playing);
    ~Impl() { disconnect(); }
    Impl(const Impl &) = delete;
    Impl &operator=(const Impl &) = delete;

    ConnectOutcome connect();
    void operator()(const engine::DeclareSink &effect);
    void operator()(const engine::MakeGuard &effect);
    void operator()(const engine::DropGuard &effect);
    void operator()(const engine::OrderGuard &effect);
    void operator()(const engine::SetGuardVolume &effect);
    void operator()(const engine::NameGuard &effect);
    void operator()(const engine::PublishCeiling &effect);
    void operator()(const engine::WriteRoute &effect);
    void operator()(const engine::LimitSink &effect);
    void operator()(const engine::LowerSink &effect);
    void operator()(const engine::MuteSink &effect);
    void operator()(const engine::ClampSink &effect);
    void operator()(const engine::OrphanRules &effect);
    void operator()(const engine::AdmitEncoded &effect);
    void operator()(const engine::PlayCue &effect);
    template <class Other> void operator()(const Other &) {} // not PipeWire's business

    std::optional<Meter> meter(const engine::SinkKey &sink) const;
    std::optional<Heard> heard(const engine::SinkKey &sink) const;
    bool playing() const;
    GraphView graph() const { return mirror_ ? mirror_->graph() : GraphView{}; }
    bool progressed() {
        ask_connections();
        return progress_.look(context_.get());
    }
    ServerView server() const { return mirror_ ? mirror_->server() : ServerView{}; }

  private:
    void core_error(std::uint32_t id, int result, const char *message);
    void connection_lost(const char *sentence);
    void ask_connections();
    ConnectOutcome try_to_connect();
    void disconnect();
    void retry();
    void on_event(engine::Event event);
    void watch_insides();
    void look_for_standstill();
    void tell_taken();
    void tell_part();
    void part_known();
    CorePtr connect_core();
    void released(int seq);
    void removed(int seq);
    void retire(const engine::SinkKey &sink, std::unique_ptr<Guard> pair);
    void lead_people();
    void part_changed(bool present);
    void start_warden();
    void replace_warden();
    void watch(const engine::SinkKey &sink, const std::string &target);
    void unwatch(const engine::SinkKey &sink);
    void order_warden();
    void fail(const engine::SinkKey &sink, std::string reason);
    GuardEvents events_for(const engine::SinkKey &sink);
    Guard *guard(const engine::SinkKey &sink);

    std::shared_ptr<MainLoop> loop_;
    std::function<void(engine::Event)> tell_;
    std::function<void()> on_playing_;
    std::unique_ptr<loop::Timer> took_timer_;
    std::unique_ptr<loop::Timer> retry_timer_;
    std::unique_ptr<loop::Timer> reassert_timer_;
    bool reasserting_ = false; // the timer runs
    std::unique_ptr<loop::Timer> standstill_timer_; // runs while a guard plays
    std::map<engine::SinkKey, Standstill> standstills_;
    std::unique_ptr<loop::Timer> warden_timer_;
    std::chrono::milliseconds retry_after_{};
    bool lost_ = false;
    Progress progress_;        // outlives the context's thread
    Progress guards_progress_; // another, as each counts the answers to its own questions
    ContextPtr context_;
    std::optional<PortMarks> port_marks_;
    // Two connections: the server reads nothing from a client while it waits for the owner of an object that this client has written
    // to (a node, a device) or bound (metadata). One that also owns nodes is waited for itself, by a session manager that is
    // not read meanwhile: neither would ever be read again. So the one that owns the guards asks nothing of anybody.
    CorePtr core_;
    pw_core_events core_events_{};
    Hook core_hook_;
    CorePtr guards_core_;
    pw_core_events guards_core_events_{};
    Hook guards_core_hook_;
    int guards_sync_ = -1;      // its first one
    bool guards_known_ = false; // this connection's client has its id
    // What was asked of both last, for its own sake, and not answered yet.
    std::optional<int> asked_;
    std::optional<int> guards_asked_;
    loop::Time asked_at_{};
    std::unique_ptr<SessionPart> part_;
    std::unique_ptr<Mirror> mirror_;
    std::unique_ptr<DefaultRoute> default_route_;
    std::unique_ptr<Hiding> hiding_; // posture strict
    std::unique_ptr<Warden> warden_; // dies before the context that made its thread
    bool warden_missing_ = false;
    std::map<engine::SinkKey, std::string> watched_; // and its node.name
    std::map<engine::SinkKey, std::unique_ptr<Guard>> guards_;
    std::map<engine::SinkKey, double> governors_; // where those of guards that went stood
    std::uint64_t guards_made_ = 0;
    std::vector<engine::Event> early_; // seen before it is known who leads to the guards
    std::map<int, std::unique_ptr<Guard>> retired_; // by the sync after which the server has removed their nodes
    std::map<int, std::unique_ptr<Guard>> ended_;   // by the sync, on their own connection, that ends them
    std::map<int, std::pair<engine::SinkKey, std::unique_ptr<Guard>>> released_; // by the sync there after which they go
    std::map<engine::SinkKey, std::uint64_t> told_taken_; // last generation told
};

} // namespace soundwarden::pipewire_adapter
