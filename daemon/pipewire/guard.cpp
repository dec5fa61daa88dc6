// SPDX-License-Identifier: MIT
#include "guard.hpp"

#include "mirror.hpp"
#include "pods.hpp"

#include <spa/param/props.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <stdexcept>

namespace soundwarden::pipewire_adapter {
namespace {

std::uint64_t monotonic_nsec() {
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

// Until a format is agreed upon the sink's own rate is the best guess.
dsp::LimiterFormat format_for(const GuardSpec &spec) {
    return {.channels = static_cast<std::uint32_t>(spec.positions.size()),
            .rate_hz = spec.sink_rate_hz > 0 ? spec.sink_rate_hz : 48000,
            .mode = spec.order.mode};
}

dsp::GuardTargets targets_from(const engine::GuardOrder &order, std::uint64_t posts, double rescale_db, std::uint32_t sink_rate_hz,
                               float makeup) {
    dsp::GuardTargets targets;
    targets.generation = posts;
    targets.since_nsec = monotonic_nsec();
    targets.gain = order.gain;
    targets.ceiling = order.ceiling;
    targets.rise_db_per_s = order.rise_db_per_s;
    targets.rescale_db = rescale_db;
    targets.sink_rate_hz = sink_rate_hz;
    targets.makeup = makeup;
    targets.release_seconds = order.release_seconds;
    targets.governor_dbfs = order.governor.value;
    return targets;
}

std::string joined(const std::vector<std::string> &names) {
    std::string list = "[";
    for (const auto &name : names) list += " " + name;
    return list + " ]";
}

// What both streams carry. The group makes one driver run both; the link group tells the session manager that the pair is a
// filter whose ends it must not link to each other.
void set_common(pw_properties *properties, const GuardSpec &spec) {
    const std::string group = std::string(guard_prefix) + spec.sink;
    pw_properties_set(properties, PW_KEY_NODE_GROUP, group.c_str());
    pw_properties_set(properties, PW_KEY_NODE_LINK_GROUP, group.c_str());
    pw_properties_set(properties, PW_KEY_NODE_VIRTUAL, "true");
    pw_properties_set(properties, "audio.position", joined(spec.positions).c_str());
    pw_properties_setf(properties, "audio.channels", "%zu", spec.positions.size());
    // Ignored by WirePlumber 0.4.13 (reference: guard-pair.md §3): there the volume is written again after its late restore.
    pw_properties_set(properties, "state.restore-props", "false");
    pw_properties_set(properties, "state.restore-target", "false");
}

pw_properties *main_properties(const GuardSpec &spec) {
    const std::string name = std::string(guard_prefix) + spec.sink;
    pw_properties *properties =
        pw_properties_new(PW_KEY_MEDIA_CLASS, "Audio/Sink", PW_KEY_NODE_NAME, name.c_str(), PW_KEY_NODE_DESCRIPTION,
                          spec.description.c_str(), PW_KEY_DEVICE_ICON_NAME, spec.icon.c_str(), "soundwarden.guards",
                          spec.target.c_str(), "soundwarden.ceiling-db", "block", nullptr);
    set_common(properties, spec);
    // WirePlumber 0.4.13 suspends a node that was idle for five seconds without looking whether it is still there, and ends by that
    // (suspend-node.lua; mended in 0.5): a guard that goes shortly after the sound must not be one. The sink's own suspension stands.
    pw_properties_set(properties, "session.suspend-timeout-seconds", "0");
    // One more than the sink's own: with no default chosen by hand people land on the guard.
    pw_properties_setf(properties, PW_KEY_PRIORITY_SESSION, "%d", spec.priority + 1);
#if PW_CHECK_VERSION(1, 0, 0)
    // Only where nothing better leads to the guard: with our part a smart filter could be switched off by any client
    // (reference: wireplumber-part.md §2).
    pw_properties_set(properties, "filter.smart", spec.session_part ? "false" : "true");
    pw_properties_set(properties, "filter.smart.name", name.c_str());
    pw_properties_setf(properties, "filter.smart.target", "{ \"node.name\": \"%s\" }", spec.target.c_str());
#endif
    return properties;
}

pw_properties *out_properties(const GuardSpec &spec) {
    const std::string name = std::string(guard_prefix) + spec.sink + ".out";
    pw_properties *properties = pw_properties_new(
        PW_KEY_MEDIA_TYPE, "Audio", PW_KEY_MEDIA_CATEGORY, "Playback", PW_KEY_NODE_NAME, name.c_str(), PW_KEY_NODE_DESCRIPTION,
        (spec.description + " (guard output)").c_str(), PW_KEY_NODE_PASSIVE, spec.hold_device ? "false" : "true", PW_KEY_STREAM_DONT_REMIX, "true",
        "target.object", spec.target.c_str(), "channelmix.lock-volumes", "true", "node.dont-fallback", "true", "node.linger",
        "true", "node.dont-move", "true", nullptr);
#if !PW_CHECK_VERSION(1, 0, 0)
    // WirePlumber 0.4 does not see a guarded sink and would link this to another one: our part links it.
    if (spec.session_part) pw_properties_set(properties, PW_KEY_NODE_AUTOCONNECT, "false");
#endif
    set_common(properties, spec);
    return properties;
}

} // namespace

Guard::Guard(pw_core *core, const GuardSpec &spec, GuardEvents events)
    : tell_(std::move(events)), positions_(spec.positions), targets_(targets_from(spec.order, 1, 0.0, spec.sink_rate_hz, spec.makeup)),
      ordered_generation_(spec.order.generation), number_(spec.number),
      guarded_channels_(static_cast<std::uint32_t>(std::min(spec.channels.empty() ? spec.positions.size() : spec.channels.size(), std::size_t{dsp::max_channels}))), path_(format_for(spec), spec.channels, targets_, spec.governor_gain),
      wanted_volume_(spec.volume), wanted_mute_(spec.mute) {
    make_streams(core, spec);
    latency_.emplace(main_.get(), out_.get());
    // Playback first: it has to be there when capture triggers it.
    connect_stream(out_.get(), PW_DIRECTION_OUTPUT, PW_STREAM_FLAG_TRIGGER);
#if PW_CHECK_VERSION(1, 0, 0)
    // Its buffers are handled in the other stream's process; without this every second cycle is lost on 1.4.
    connect_stream(main_.get(), PW_DIRECTION_INPUT, PW_STREAM_FLAG_ASYNC);
#else
    connect_stream(main_.get(), PW_DIRECTION_INPUT, 0);
#endif
    apply_volume();
    latency_->set_own(path_.latency_frames());
}

Guard::~Guard() {
    main_hook_.remove();
    out_hook_.remove();
    // The data thread leaves a stream before its disconnection returns; it uses both, so neither may go before.
    pw_stream_disconnect(main_.get());
    pw_stream_disconnect(out_.get());
}

dsp::GuardMeter Guard::totals() const {
    dsp::GuardMeter meter = path_.meter();
    unread_reduction_ = std::min(meter.reduction, unread_reduction_);
    unread_.peak_in = meter.peak_in = std::max(meter.peak_in, unread_.peak_in);
    unread_.peak_out = meter.peak_out = std::max(meter.peak_out, unread_.peak_out);
    unread_.true_peak_out = meter.true_peak_out = std::max(meter.true_peak_out, unread_.true_peak_out);
    unread_.reduction = meter.reduction = std::min(meter.reduction, unread_.reduction);
    return meter;
}

float Guard::reduction_since() const {
    totals();
    return std::exchange(unread_reduction_, 1.0F);
}

dsp::GuardMeter Guard::meter() const {
    path_.watched();
    const dsp::GuardMeter meter = totals();
    unread_ = {};
    return meter;
}

void Guard::retire(pw_registry *registry) {
    retired_ = true;
    for (pw_stream *stream : {main_.get(), out_.get()})
        if (const auto id = pw_stream_get_node_id(stream); id != PW_ID_ANY) pw_registry_destroy(registry, id);
}

void Guard::make_streams(pw_core *core, const GuardSpec &spec) {
    main_events_.version = out_events_.version = PW_VERSION_STREAM_EVENTS;
    main_events_.process = [](void *self) noexcept {
        auto *guard = static_cast<Guard *>(self);
        SignalPath::on_capture(guard->main_.get(), guard->out_.get());
    };
    main_events_.state_changed = [](void *self, pw_stream_state, pw_stream_state state, const char *error) noexcept {
        contained("guard state", [&] {
            auto *guard = static_cast<Guard *>(self);
            guard->main_streaming_ = state == PW_STREAM_STATE_STREAMING;
            guard->state_changed(state, error);
        });
    };
    main_events_.param_changed = [](void *self, std::uint32_t id, const spa_pod *pod) noexcept {
        contained("guard volume", [&] {
            auto *guard = static_cast<Guard *>(self);
            if (id == SPA_PARAM_Latency && guard->latency_) guard->latency_->heard(SPA_DIRECTION_OUTPUT, pod);
            if (pod == nullptr) return;
            if (id == SPA_PARAM_Props) guard->on_main_props(pod);
            if (id == SPA_PARAM_Format) guard->follow_format(pod);
        });
    };
    // What we set ourselves comes back as a control only (1.4), what others set as a parameter.
    main_events_.control_info = [](void *self, std::uint32_t id, const pw_stream_control *control) noexcept {
        contained("guard volume", [&] { static_cast<Guard *>(self)->on_main_control(id, *control); });
    };
    out_events_.process = [](void *self) noexcept {
        auto *guard = static_cast<Guard *>(self);
        guard->path_.on_playback(guard->main_.get(), guard->out_.get());
    };
    out_events_.state_changed = [](void *self, pw_stream_state, pw_stream_state state, const char *error) noexcept {
        contained("guard state", [&] {
            auto *guard = static_cast<Guard *>(self);
            if (guard->streaming_ && state != PW_STREAM_STATE_STREAMING) guard->path_.stopped();
            const bool before = std::exchange(guard->streaming_, state == PW_STREAM_STATE_STREAMING);
            guard->state_changed(state, error);
            if (before != guard->streaming_ && !guard->retired_) guard->tell_.streaming();
        });
    };
    out_events_.param_changed = [](void *self, std::uint32_t id, const spa_pod *pod) noexcept {
        contained("guard output volume", [&] {
            auto *guard = static_cast<Guard *>(self);
            if (id == SPA_PARAM_Latency && guard->latency_) guard->latency_->heard(SPA_DIRECTION_INPUT, pod);
            if (id == SPA_PARAM_Props && pod != nullptr) guard->pin_out(pod);
        });
    };
    out_events_.io_changed = [](void *self, std::uint32_t id, void *area, std::uint32_t) noexcept {
        if (id == SPA_IO_Position) static_cast<Guard *>(self)->path_.set_position(static_cast<const spa_io_position *>(area));
    };
    // Session managers store volumes under the stream's name: one of its own for each guard.
    out_.reset(pw_stream_new(core, ("Soundwarden guard output for " + spec.sink).c_str(), out_properties(spec)));
    main_.reset(pw_stream_new(core, ("Soundwarden guard for " + spec.sink).c_str(), main_properties(spec)));
    if (!out_ || !main_) throw std::runtime_error("PipeWire cannot make a stream");
    pw_stream_add_listener(out_.get(), out_hook_.get(), &out_events_, this);
    pw_stream_add_listener(main_.get(), main_hook_.get(), &main_events_, this);
}

void Guard::connect_stream(pw_stream *stream, pw_direction direction, std::uint32_t extra_flags) {
    const auto format = stream_format(positions_);
    const spa_pod *params[] = {format.get()};
    const auto flags = static_cast<pw_stream_flags>(PW_STREAM_FLAG_AUTOCONNECT | PW_STREAM_FLAG_MAP_BUFFERS |
                                                    PW_STREAM_FLAG_RT_PROCESS | extra_flags);
    const int result = pw_stream_connect(stream, direction, PW_ID_ANY, flags, params, 1);
    if (result < 0) throw std::runtime_error("PipeWire refuses a stream: " + std::string(spa_strerror(result)));
}

void Guard::state_changed(pw_stream_state state, const char *error) {
    if (retired_) return;
    if (state == PW_STREAM_STATE_ERROR) tell_.failed(error != nullptr ? error : "unknown error");
    else if (state >= PW_STREAM_STATE_PAUSED && main_ && out_) {
        tell_.nodes(pw_stream_get_node_id(main_.get()), pw_stream_get_node_id(out_.get()));
        if (latency_) latency_->tell();
    }
}

void Guard::order(const engine::GuardOrder &order) {
    const double rescale_db = targets_.rescale_db + std::min(0.0, order.rescale.value);
    targets_ = targets_from(order, targets_.generation + 1, rescale_db, targets_.sink_rate_hz, targets_.makeup);
    ordered_generation_ = order.generation;
    path_.post(targets_);
    shape(order.mode, path_.format().rate_hz);
}

void Guard::set_sink_rate(std::uint32_t rate_hz) {
    if (rate_hz == targets_.sink_rate_hz) return;
    targets_.sink_rate_hz = rate_hz;
    ++targets_.generation; // the time of the order stays: its rise goes on
    path_.post(targets_);
}

void Guard::set_makeup(float factor) {
    if (factor == targets_.makeup) return;
    targets_.makeup = factor;
    ++targets_.generation;
    path_.post(targets_);
}

void Guard::play_cue(float peak) {
    // It joins the sound behind the volume, and belongs in front of it.
    if (wanted_mute_) return;
    std::vector<float> peaks = wanted_channels();
    for (float &channel : peaks) channel = peak * std::min(channel, 1.0F);
    path_.play_cue(peaks);
}

bool Guard::taken() const {
    const bool volume_holds = confirmed_;
    return volume_holds && (!streaming_ || path_.generation() == targets_.generation);
}

Standstill::Look Guard::look(bool data_thread_answers) const {
    return {.should_run = streaming_ && main_streaming_,
            .data_thread_answers = data_thread_answers,
            .driver_nsec = path_.driver_nsec(),
            .frames = totals().frames};
}

void Guard::follow_format(const spa_pod *pod) {
    if (const std::uint32_t rate_hz = parse_format_rate(pod); rate_hz > 0) shape(path_.format().mode, rate_hz);
}

void Guard::shape(LimiterMode mode, std::uint32_t rate_hz) {
    dsp::LimiterFormat format = path_.format();
    rate_hz = std::clamp(rate_hz, dsp::lowest_rate_hz, dsp::highest_rate_hz);
    if (format.mode == mode && format.rate_hz == rate_hz) return;
    format.mode = mode;
    format.rate_hz = rate_hz;
    format.detector = dsp::PeakDetector::true_peak;
    path_.rebuild(format);
    latency_->set_own(path_.latency_frames());
}

void Guard::set_volume(double volume, bool mute) {
    wanted_volume_ = volume;
    wanted_mute_ = mute;
    confirmed_ = shows_wanted();
    if (!confirmed_) apply_volume();
}

void Guard::insist() {
    if (confirmed_) return;
    const bool controls_known = !channel_volumes_.empty();
    apply_volume();
    if (!controls_known || confirmed_) return;
    // The node lives in this process: what was written is in force when the call returns. Not every write is told back
    // (0.3.65 keeps quiet where its own copy already showed the value); whoever changes it later is told.
    channel_volumes_ = wanted_channels();
    mute_ = wanted_mute_;
    confirmed_ = true;
}

bool Guard::shows_wanted() const {
    if (channel_volumes_.empty()) return false;
    const double volume = static_cast<double>(*std::max_element(channel_volumes_.begin(), channel_volumes_.end()));
    return std::fabs(volume - wanted_volume_) <= 1e-5 * std::max(1.0, wanted_volume_) && mute_ == wanted_mute_;
}

// The proportions between the channels are the user's balance.
std::vector<float> Guard::wanted_channels() const {
    std::vector<float> volumes = channel_volumes_;
    if (volumes.size() != positions_.size()) volumes.assign(positions_.size(), 1.0F);
    const float loudest = *std::max_element(volumes.begin(), volumes.end());
    for (float &channel : volumes)
        channel = loudest > 0.0F ? static_cast<float>(wanted_volume_ * static_cast<double>(channel) / static_cast<double>(loudest))
                                 : static_cast<float>(wanted_volume_);
    return volumes;
}

void Guard::apply_volume() {
    std::vector<float> volumes = wanted_channels();
#if PW_CHECK_VERSION(1, 0, 0)
    // A control is not known before the stream has told of it, some time after it was connected; the parameter is.
    const auto pod = props_user_volume(volumes, wanted_mute_);
    pw_stream_set_param(main_.get(), SPA_PARAM_Props, pod.get());
#else
    float mute = wanted_mute_ ? 1.0F : 0.0F;
    pw_stream_set_control(main_.get(), SPA_PROP_channelVolumes, static_cast<std::uint32_t>(volumes.size()), volumes.data(),
                          SPA_PROP_mute, 1U, &mute, 0);
#endif
}

void Guard::on_main_props(const spa_pod *pod) {
    const auto props = parse_props(pod);
    if (!props.channel_volumes.empty()) channel_volumes_ = props.channel_volumes;
    if (props.mute) mute_ = *props.mute;
    heed_main_volume();
}

void Guard::on_main_control(std::uint32_t id, const pw_stream_control &control) {
    if (id == SPA_PROP_channelVolumes) channel_volumes_.assign(control.values, control.values + control.n_values);
    else if (id == SPA_PROP_mute && control.n_values > 0) mute_ = control.values[0] >= 0.5F;
    else return;
    heed_main_volume();
}

void Guard::heed_main_volume() {
    if (channel_volumes_.empty() || retired_) return;
    if (shows_wanted()) {
        confirmed_ = true;
    } else if (!confirmed_) {
        // The birth volume of the node, or what a session manager restored. Written again from the loop, not from within
        // the event: a control that is set while it is being told keeps the older value in the library's copy (0.3.65).
        tell_.unsettled();
    } else {
        const double volume = static_cast<double>(*std::max_element(channel_volumes_.begin(), channel_volumes_.end()));
        wanted_volume_ = volume;
        wanted_mute_ = mute_;
        tell_.volume(volume, mute_);
    }
}

// The out stream's own volume multiplies behind the ceiling. From 0.3.76 on channelmix.lock-volumes holds it; where that key
// is unknown it is put back in the same dispatch that changed it.
void Guard::pin_out(const spa_pod *pod) {
    const auto props = parse_props(pod);
    bool moved = props.mute.value_or(false) || (props.volume && *props.volume != 1.0F);
    for (const float channel : props.channel_volumes) moved = moved || channel != 1.0F;
    if (!moved) return;
    std::vector<float> ones(positions_.size(), 1.0F);
    float one = 1.0F;
    float unmuted = 0.0F;
    pw_stream_set_control(out_.get(), SPA_PROP_channelVolumes, static_cast<std::uint32_t>(ones.size()), ones.data(),
                          SPA_PROP_volume, 1U, &one, SPA_PROP_mute, 1U, &unmuted, 0);
    spdlog::warn("volume behind the guard was changed by another program; put back to 1.0");
}

void Guard::rename(const std::string &description, const std::string &icon) {
    const std::array items{spa_dict_item{PW_KEY_NODE_DESCRIPTION, description.c_str()},
                           spa_dict_item{PW_KEY_DEVICE_ICON_NAME, icon.c_str()}};
    const spa_dict dict = SPA_DICT_INIT(items.data(), static_cast<std::uint32_t>(items.size()));
    pw_stream_update_properties(main_.get(), &dict);
}

void Guard::follow_session_part(bool present) {
    const spa_dict_item item{"filter.smart", present ? "false" : "true"};
    const spa_dict dict = SPA_DICT_INIT(&item, 1);
    pw_stream_update_properties(main_.get(), &dict);
}

void Guard::publish_ceiling(const std::string &text) {
    const spa_dict_item item{"soundwarden.ceiling-db", text.c_str()};
    const spa_dict dict = SPA_DICT_INIT(&item, 1);
    pw_stream_update_properties(main_.get(), &dict);
}

void Guard::publish_release() {
    const spa_dict_item item{"soundwarden.released", "true"};
    const spa_dict dict = SPA_DICT_INIT(&item, 1);
    pw_stream_update_properties(main_.get(), &dict);
}

} // namespace soundwarden::pipewire_adapter
