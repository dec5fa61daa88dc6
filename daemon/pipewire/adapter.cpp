// SPDX-License-Identifier: MIT
#include "adapter_impl.hpp"

#include "guard_meters.hpp"

#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

namespace soundwarden::pipewire_adapter {
namespace {

using namespace std::chrono_literals;

// How often a running data thread is asked whether it has taken an order. Only while one is outstanding.
constexpr auto take_poll = 2ms;
// Changes inside a sink that give no event stand no longer than this, while it runs.
constexpr auto reassert_every = 5s;
constexpr auto standstill_every = 1s;
constexpr auto first_retry = 100ms;
constexpr auto last_retry = 2s;
// A warden that lost its connection alone: with PipeWire gone ours goes in the same moment.
constexpr auto warden_retry = 200ms;
constexpr auto answered_within = 10s;

} // namespace

Adapter::Impl::Impl(std::shared_ptr<MainLoop> loop, std::function<void(engine::Event)> tell, std::function<void()> on_playing)
    : loop_(std::move(loop)), tell_(std::move(tell)), on_playing_(std::move(on_playing)) {
    took_timer_ = loop_->timer([this] { tell_taken(); });
    retry_timer_ = loop_->timer([this] { retry(); });
    reassert_timer_ = loop_->timer([this] {
        reasserting_ = mirror_ && mirror_->reassert_sinks();
        if (reasserting_) reassert_timer_->arm(loop_->now() + reassert_every);
    });
    warden_timer_ = loop_->timer([this] { replace_warden(); });
    standstill_timer_ = loop_->timer([this] { look_for_standstill(); });
    retry_after_ = first_retry;
    core_events_.version = PW_VERSION_CORE_EVENTS;
    core_events_.info = [](void *self, const pw_core_info *info) noexcept {
        contained("core info", [&] {
            auto *impl = static_cast<Impl *>(self);
            if (impl->mirror_ && info->version != nullptr) impl->mirror_->server_version(info->version);
        });
    };
    core_events_.done = [](void *self, std::uint32_t id, int seq) noexcept {
        contained("core done", [&] {
            auto *impl = static_cast<Impl *>(self);
            if (id == PW_ID_CORE && impl->asked_ == seq) impl->asked_.reset();
            if (id != PW_ID_CORE || !impl->mirror_) return;
            impl->removed(seq);
            impl->mirror_->done(seq);
            if (impl->part_->done(seq) && impl->guards_known_) impl->part_known();
        });
    };
    core_events_.error = guards_core_events_.error = [](void *self, std::uint32_t id, int, int res, const char *message) noexcept {
        contained("core error", [&] { static_cast<Impl *>(self)->core_error(id, res, message); });
    };
    guards_core_events_.version = PW_VERSION_CORE_EVENTS;
    guards_core_events_.done = [](void *self, std::uint32_t id, int seq) noexcept {
        contained("guards' core done", [&] {
            auto *impl = static_cast<Impl *>(self);
            if (id != PW_ID_CORE) return;
            if (impl->guards_asked_ == seq) impl->guards_asked_.reset();
            impl->ended_.erase(seq);
            impl->released(seq);
            if (seq != impl->guards_sync_ || std::exchange(impl->guards_known_, true)) return;
            if (impl->part_->known()) impl->part_known();
        });
    };
}

ConnectOutcome Adapter::Impl::connect() {
    try {
        return try_to_connect();
    } catch (const std::runtime_error &error) { // a loop that takes no more timers or descriptors
        disconnect();
        return {Connected::no_server, fmt::format("the connection to PipeWire cannot be made: {}", error.what())};
    }
}

ConnectOutcome Adapter::Impl::try_to_connect() {
    context_.reset(pw_context_new(loop_->raw(), pw_properties_new(PW_KEY_CONFIG_NAME, client_config(), "context.num-data-loops", "1", nullptr), 0));
    if (!context_ && (errno == EMFILE || errno == ENFILE || errno == ENOMEM))
        return {Connected::no_server, fmt::format("the connection to PipeWire cannot be made: {}", std::strerror(errno))};
    if (!context_)
        return {Connected::bad_installation,
                fmt::format("PipeWire's client configuration {} cannot be loaded ({}). Install PipeWire (Debian: pipewire-bin)",
                            client_config(), std::strerror(errno))};
    port_marks_.emplace(context_.get());
    core_ = connect_core();
    guards_core_ = core_ ? connect_core() : CorePtr{};
    if (!guards_core_) {
        const std::string why = std::strerror(errno);
        core_.reset();
        context_.reset();
        return {Connected::no_server,
                fmt::format("no PipeWire to connect to ({}). Start it with: systemctl --user start pipewire", why)};
    }
    pw_core_add_listener(core_.get(), core_hook_.get(), &core_events_, this);
    pw_core_add_listener(guards_core_.get(), guards_core_hook_.get(), &guards_core_events_, this);
    part_ = std::make_unique<SessionPart>(core_.get(), [this](bool present) { part_changed(present); });
    mirror_ = std::make_unique<Mirror>(*loop_, core_.get(), *part_, [this](engine::Event event) { on_event(std::move(event)); });
    mirror_->on_running([this] { watch_insides(); });
    mirror_->on_deaf([this] { connection_lost("PipeWire does not answer this connection any more; connecting again"); });
    mirror_->on_guard_lost([this] { connection_lost("PipeWire has lost a guard; connecting again"); });
    mirror_->on_makeup([this](const engine::SinkKey &sink, float factor) {
        if (auto *pair = guard(sink)) pair->set_makeup(factor);
    });
    part_->ask();
    guards_sync_ = pw_core_sync(guards_core_.get(), PW_ID_CORE, 0);
    default_route_ = std::make_unique<DefaultRoute>(*mirror_);
    mirror_->on_default([this] { default_route_->default_changed(); });
    return {};
}

CorePtr Adapter::Impl::connect_core() {
    return CorePtr(pw_context_connect(
        context_.get(), pw_properties_new(PW_KEY_APP_NAME, "Soundwarden", PW_KEY_APP_ID, "org.soundwarden.SoundWarden1", nullptr), 0));
}

void Adapter::Impl::disconnect() {
    warden_.reset();
    warden_timer_->arm(std::nullopt);
    watched_.clear();
    guards_.clear();
    retired_.clear();
    ended_.clear();
    released_.clear();
    early_.clear();
    told_taken_.clear();
    default_route_.reset();
    hiding_.reset();
    mirror_.reset();
    part_.reset();
    core_hook_.remove();
    guards_core_hook_.remove();
    guards_known_ = false;
    asked_.reset();
    guards_asked_.reset();
    guards_core_.reset();
    core_.reset();
    context_.reset();
    progress_.forget();
    guards_progress_.forget();
}

void Adapter::Impl::core_error(std::uint32_t id, int result, const char *message) {
    if (id != PW_ID_CORE || result != -EPIPE) {
        // A question that an object cannot answer, an object that went away meanwhile: nothing is wrong.
        spdlog::debug("PipeWire: object {}: {} ({})", id, message, spa_strerror(result));
        return;
    }
    connection_lost("PipeWire is gone; waiting for it to come back");
}

void Adapter::Impl::connection_lost(const char *sentence) {
    if (std::exchange(lost_, true)) return;
    spdlog::warn("{}", sentence);
    // Not here: this runs inside the connection that is to be taken down.
    retry_after_ = first_retry;
    retry_timer_->arm(loop_->now());
}

// Asked as often as the service manager is told of life. A connection that has lost its place among the messages says nothing by itself: it
// waits for the rest of one that will never come, and its guards are dead.
void Adapter::Impl::ask_connections() {
    if (!core_ || lost_) return;
    if (asked_ || guards_asked_) {
        if (loop_->now() - asked_at_ > answered_within) connection_lost("PipeWire does not answer a connection any more; connecting again");
        return;
    }
    asked_ = pw_core_sync(core_.get(), PW_ID_CORE, 0);
    guards_asked_ = pw_core_sync(guards_core_.get(), PW_ID_CORE, 0);
    asked_at_ = loop_->now();
}

void Adapter::Impl::retry() {
    if (core_) {
        disconnect();
        tell_(engine::PipeWireLost{});
    }
    if (const auto outcome = connect(); outcome.result != Connected::ok) {
        spdlog::debug("{}", outcome.sentence);
        retry_timer_->arm(loop_->now() + retry_after_);
        retry_after_ = std::min<std::chrono::milliseconds>(retry_after_ * 2, last_retry);
        return;
    }
    lost_ = false;
    spdlog::info("PipeWire is back");
    tell_(engine::PipeWireBack{});
}

void Adapter::Impl::on_event(engine::Event event) {
    if (const auto *seen = std::get_if<engine::SinkSeen>(&event)) {
        if (auto *pair = guard(seen->facts.key)) pair->set_sink_rate(seen->facts.rate_hz);
    } else if (const auto *linked = std::get_if<engine::GuardLinked>(&event); linked != nullptr && linked->linked && default_route_) {
        default_route_->guard_linked(linked->sink);
    }
    if (part_->known() && guards_known_) tell_(std::move(event));
    else early_.push_back(std::move(event));
}

Guard *Adapter::Impl::guard(const engine::SinkKey &sink) {
    const auto it = guards_.find(sink);
    return it == guards_.end() ? nullptr : it->second.get();
}

GuardEvents Adapter::Impl::events_for(const engine::SinkKey &sink) {
    GuardEvents events;
    events.nodes = [this, sink](std::uint32_t main_id, std::uint32_t out_id) {
        const auto *pair = guard(sink);
        if (pair != nullptr && mirror_) mirror_->set_guard(sink, {main_id, out_id, pair->channels()});
    };
    events.volume = [this, sink](double volume, bool mute) { tell_(engine::GuardVolume{sink, volume, mute}); };
    events.unsettled = [this] { took_timer_->arm(loop_->now() + take_poll); };
    events.streaming = [this] {
        standstill_timer_->arm(loop_->now() + standstill_every);
        on_playing_();
    };
    events.failed = [this, sink](std::string reason) { fail(sink, std::move(reason)); };
    return events;
}

// Nothing in front of the sink any more: the sound goes on, under the limit that the engine leaves inside it.
void Adapter::Impl::fail(const engine::SinkKey &sink, std::string reason) {
    unwatch(sink);
    tell_(engine::GuardFailed{sink, std::move(reason)});
}

void Adapter::Impl::start_warden() {
    if (warden_ || !core_) return;
    WardenEvents events;
    events.watching = [this] {
        if (mirror_) mirror_->rely_on_warden(true);
        warden_missing_ = false;
        tell_(engine::Degraded{"no-link-warden", ""});
    };
    events.realtime = [this](bool granted) {
        tell_(engine::Degraded{"no-realtime",
                               granted ? ""
                                       : "no real-time priority: on a busy machine a link past the guard can be heard for some "
                                         "milliseconds before it is removed. Allow it: install rtkit, then systemctl --user "
                                         "restart pipewire soundwarden"});
    };
    events.trespass = [this](const Trespass &trespass, std::uint32_t times) {
        tell_(engine::ForeignLink{trespass.guard.substr(guard_prefix.size()), trespass.offender, times});
    };
    events.ended = [this] {
        if (mirror_) mirror_->rely_on_warden(false);
        warden_timer_->arm(loop_->now() + (warden_missing_ ? std::chrono::milliseconds(last_retry) : warden_retry));
    };
    try {
        warden_ = std::make_unique<Warden>(*loop_, context_.get(), std::move(events));
        order_warden();
    } catch (const std::exception &error) {
        spdlog::error("link warden: {}", error.what());
        warden_timer_->arm(loop_->now() + last_retry);
    }
}

void Adapter::Impl::replace_warden() {
    warden_.reset();
    if (lost_) return;
    if (!std::exchange(warden_missing_, true))
        tell_(engine::Degraded{"no-link-warden", "links past a guard are not removed at once: the connection that watches them was "
                                             "ended; trying again. If it stays so: systemctl --user restart soundwarden"});
    start_warden();
}

void Adapter::Impl::watch(const engine::SinkKey &sink, const std::string &target) {
    watched_[sink] = target;
    order_warden();
}

void Adapter::Impl::unwatch(const engine::SinkKey &sink) {
    if (watched_.erase(sink) != 0) order_warden();
}

void Adapter::Impl::order_warden() {
    if (!warden_) return;
    WatchOrders orders;
    orders.daemon = pw_proxy_get_bound_id(reinterpret_cast<pw_proxy *>(pw_core_get_client(guards_core_.get())));
    orders.session_part = part_->present();
    for (const auto &[sink, target] : watched_) orders.sinks.push_back({target, std::string(guard_prefix) + sink});
    warden_->order(std::move(orders));
}

void Adapter::Impl::tell_part() {
    // Without it a killed daemon's streams go back to the raw sink, and what others link to it is removed late.
    tell_(engine::PartPresent{part_->present()});
    tell_(engine::Degraded{"no-wireplumber-part",
                           part_->present() ? ""
                                            : "WirePlumber does not run Soundwarden's part: protection ends when the daemon does. "
                                              "Restart it: systemctl --user restart pipewire wireplumber"});
}

void Adapter::Impl::lead_people() {
#if PW_CHECK_VERSION(1, 0, 0)
    default_route_->enable(part_->present());
#else
    default_route_->enable(true);
#endif
}

void Adapter::Impl::part_known() {
    lead_people();
    tell_part();
    for (auto &event : std::exchange(early_, {})) tell_(std::move(event));
}

void Adapter::Impl::part_changed(bool present) {
#if PW_CHECK_VERSION(1, 0, 0)
    for (const auto &[sink, pair] : guards_) pair->follow_session_part(present);
#else
    // Who links the pair's output is settled when it is made.
    std::vector<engine::SinkKey> sinks;
    for (const auto &[sink, pair] : guards_) sinks.push_back(sink);
    for (const auto &sink : sinks)
        fail(sink, present ? "WirePlumber's part has come" : "WirePlumber's part has gone");
#endif
    order_warden();
    if (!part_->known()) return;
    lead_people();
    tell_part();
}

void Adapter::Impl::operator()(const engine::DeclareSink &effect) {
    const auto *sink = mirror_ ? mirror_->sink(effect.sink) : nullptr;
    if (sink == nullptr) return;
    part_->declare(sink->property(PW_KEY_NODE_NAME), sink->property(PW_KEY_OBJECT_SERIAL), effect.guarded);
    if (effect.hidden && !hiding_) hiding_ = std::make_unique<Hiding>(core_.get());
    if (hiding_ && effect.hidden) hiding_->hide(sink->property(PW_KEY_NODE_NAME));
    else if (hiding_) hiding_->show(sink->property(PW_KEY_NODE_NAME));
    if (effect.guarded) start_warden();
    else mirror_->release_sink(effect.sink);
}

void Adapter::Impl::operator()(const engine::MakeGuard &effect) {
    const auto *sink = mirror_ ? mirror_->sink(effect.sink) : nullptr;
    if (sink == nullptr) {
        tell_(engine::GuardFailed{effect.sink, "the sink has gone"});
        return;
    }
    GuardSpec spec;
    spec.sink = effect.sink;
    spec.target = sink->property(PW_KEY_NODE_NAME);
    spec.positions = sink->positions();
    if (spec.positions.empty()) spec.positions = {"FL", "FR"};
    spec.sink_rate_hz = sink->rate_hz();
    spec.makeup = sink->makeup();
    spec.priority = std::atoi(sink->property(PW_KEY_PRIORITY_SESSION).c_str());
    spec.description = effect.description;
    spec.icon = effect.icon;
    spec.session_part = part_->present();
    spec.order = effect.order;
    spec.volume = effect.volume;
    spec.mute = effect.mute;
    for (const std::uint32_t channel : effect.channels) spec.channels.push_back(channel - 1);
    spec.hold_device = effect.hold_device;
    spec.number = ++guards_made_;
    if (const auto it = guards_.find(effect.sink); it != guards_.end()) governors_[effect.sink] = it->second->governor_gain();
    if (const auto it = governors_.find(effect.sink); it != governors_.end()) spec.governor_gain = it->second;
    watch(effect.sink, spec.target);
    auto before = guards_.extract(effect.sink); // with other channels, or one that failed
    if (before) mirror_->drop_guard(effect.sink);
    told_taken_.erase(effect.sink); // its generations are its own
    try {
        guards_.emplace(effect.sink, std::make_unique<Guard>(guards_core_.get(), spec, events_for(effect.sink)));
    } catch (const std::exception &error) {
        if (before) retire(effect.sink, std::move(before.mapped()));
        fail(effect.sink, error.what());
        return;
    }
    if (before) retire(effect.sink, std::move(before.mapped()));
    took_timer_->arm(loop_->now());
}

void Adapter::Impl::operator()(const engine::DropGuard &effect) {
    unwatch(effect.sink);
    if (mirror_) mirror_->drop_guard(effect.sink);
    told_taken_.erase(effect.sink);
    auto node = guards_.extract(effect.sink);
    if (node) governors_[effect.sink] = node.mapped()->governor_gain();
    if (!node || !mirror_) {
        if (default_route_) default_route_->guard_gone(effect.sink);
    } else if (effect.released) {
        node.mapped()->publish_release();
        released_[pw_core_sync(guards_core_.get(), PW_ID_CORE, 0)] = {effect.sink, std::move(node.mapped())};
    } else {
        retire(effect.sink, std::move(node.mapped()));
    }
}

/// What the session manager's part must know of the release has reached it before the node goes.
void Adapter::Impl::released(int seq) {
    auto node = released_.extract(seq);
    if (node) retire(node.mapped().first, std::move(node.mapped().second));
}

/// The server has removed the nodes; what it said to them is still under way on the other connection.
void Adapter::Impl::removed(int seq) {
    if (auto node = retired_.extract(seq)) ended_[pw_core_sync(guards_core_.get(), PW_ID_CORE, 0)] = std::move(node.mapped());
}

void Adapter::Impl::retire(const engine::SinkKey &sink, std::unique_ptr<Guard> pair) {
    // A guard made meanwhile keeps the default.
    if (!guards_.contains(sink)) default_route_->guard_gone(sink);
    pair->retire(mirror_->registry());
    retired_[pw_core_sync(core_.get(), PW_ID_CORE, 0)] = std::move(pair);
}

void Adapter::Impl::operator()(const engine::OrderGuard &effect) {
    if (auto *pair = guard(effect.sink)) {
        pair->order(effect.order);
        took_timer_->arm(loop_->now());
    }
}

void Adapter::Impl::operator()(const engine::SetGuardVolume &effect) {
    if (auto *pair = guard(effect.sink)) pair->set_volume(effect.volume, effect.mute);
}

void Adapter::Impl::operator()(const engine::NameGuard &effect) {
    if (auto *pair = guard(effect.sink)) pair->rename(effect.description, effect.icon);
}

void Adapter::Impl::operator()(const engine::PublishCeiling &effect) {
    auto *pair = guard(effect.sink);
    if (pair == nullptr) return;
    if (effect.blocked) pair->publish_ceiling("block");
    else pair->publish_ceiling(effect.ceiling ? fmt::format("{:.4f}", effect.ceiling->value) : "none");
}

void Adapter::Impl::operator()(const engine::WriteRoute &effect) {
    if (mirror_) mirror_->write_route(effect);
}

void Adapter::Impl::operator()(const engine::LimitSink &effect) {
    if (mirror_) mirror_->limit_sink(effect.sink, effect.level);
}

void Adapter::Impl::operator()(const engine::MuteSink &effect) {
    if (mirror_) mirror_->mute_sink(effect.sink, effect.mute);
}

void Adapter::Impl::operator()(const engine::LowerSink &effect) {
    if (mirror_) mirror_->lower_sink(effect.sink, effect.volume);
}

void Adapter::Impl::operator()(const engine::ClampSink &effect) {
    if (mirror_) mirror_->clamp_sink(effect.sink, effect.ceiling, effect.channels);
    watch_insides();
}

void Adapter::Impl::operator()(const engine::OrphanRules &effect) {
    if (!part_) return;
    part_->say("orphan-silence-ms", fmt::format("{}", std::chrono::duration_cast<std::chrono::milliseconds>(effect.silence).count()));
    part_->say("orphan-level-db", fmt::format("{:.4f}", effect.level.value));
}

void Adapter::Impl::operator()(const engine::AdmitEncoded &effect) {
    if (part_) part_->say("encoded." + effect.sink, effect.admitted ? "yes" : "no");
}

void Adapter::Impl::operator()(const engine::PlayCue &effect) {
    if (auto *pair = guard(effect.sink)) pair->play_cue(effect.peak);
}

void Adapter::Impl::watch_insides() {
    if (std::exchange(reasserting_, true)) return;
    reassert_timer_->arm(loop_->now() + reassert_every);
}

// Nobody else would: to the server the pair is a client that is late, and to the watchdog the thread is well.
void Adapter::Impl::look_for_standstill() {
    const bool answers = guards_progress_.look(context_.get());
    std::vector<engine::SinkKey> standing;
    for (const auto &[sink, pair] : guards_)
        if (standstills_[sink].look(pair->look(answers))) standing.push_back(sink);
    for (const auto &sink : standing) fail(sink, "its sink plays, but nothing comes through the guard; making it anew");
    if (playing()) standstill_timer_->arm(loop_->now() + standstill_every);
}

// The data thread cannot wake us without a system call, so while an order is outstanding it is asked.
void Adapter::Impl::tell_taken() {
    std::vector<engine::GuardTook> taken;
    bool outstanding = false;
    for (const auto &[sink, pair] : guards_) {
        const auto it = told_taken_.find(sink);
        if (it != told_taken_.end() && it->second == pair->ordered_generation()) {
            pair->insist();
            continue;
        }
        if (!pair->taken()) {
            pair->insist();
            outstanding = true;
            continue;
        }
        told_taken_[sink] = pair->ordered_generation();
        taken.push_back({sink, pair->ordered_generation()});
    }
    if (outstanding) took_timer_->arm(loop_->now() + take_poll);
    for (auto &event : taken) tell_(std::move(event));
}

std::optional<Meter> Adapter::Impl::meter(const engine::SinkKey &sink) const {
    const auto it = guards_.find(sink);
    return it == guards_.end() ? std::nullopt : measured(*it->second);
}

std::optional<Heard> Adapter::Impl::heard(const engine::SinkKey &sink) const {
    const auto it = guards_.find(sink);
    return it == guards_.end() ? std::nullopt : std::optional{heard_through(*it->second, mirror_ ? mirror_->sink(sink) : nullptr)};
}

bool Adapter::Impl::playing() const {
    return std::any_of(guards_.begin(), guards_.end(), [](const auto &guard) { return guard.second->streaming(); });
}

Adapter::Adapter(std::shared_ptr<MainLoop> loop, std::function<void(engine::Event)> tell, std::function<void()> on_playing)
    : impl_(std::make_unique<Impl>(std::move(loop), std::move(tell), std::move(on_playing))) {}

Adapter::~Adapter() = default;

ConnectOutcome Adapter::connect() { return impl_->connect(); }

void Adapter::apply(const engine::Effect &effect) { std::visit(*impl_, effect); }

std::optional<Meter> Adapter::meter(const engine::SinkKey &sink) const { return impl_->meter(sink); }

std::optional<Heard> Adapter::heard(const engine::SinkKey &sink) const { return impl_->heard(sink); }

bool Adapter::playing() const { return impl_->playing(); }

GraphView Adapter::graph() const { return impl_->graph(); }

ServerView Adapter::server() const { return impl_->server(); }

bool Adapter::progressed() { return impl_->progressed(); }

} // namespace soundwarden::pipewire_adapter
