// SPDX-License-Identifier: MIT
#include "player.hpp"

#include "events.hpp"

#include <spa/param/audio/format-utils.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

namespace soundwarden::bench {

namespace {

constexpr std::uint32_t max_frames = 16'384;

constexpr std::array<std::uint32_t, 8> layout{SPA_AUDIO_CHANNEL_FL, SPA_AUDIO_CHANNEL_FR, SPA_AUDIO_CHANNEL_RL,
                                              SPA_AUDIO_CHANNEL_RR, SPA_AUDIO_CHANNEL_FC, SPA_AUDIO_CHANNEL_LFE,
                                              SPA_AUDIO_CHANNEL_SL, SPA_AUDIO_CHANNEL_SR};

/// Handed over to the stream.
pw_properties *make_properties(const PlayerOptions &options) {
    pw_properties *properties = pw_properties_new(
        PW_KEY_MEDIA_TYPE, "Audio", PW_KEY_MEDIA_CATEGORY, "Playback", PW_KEY_MEDIA_ROLE, "Music", PW_KEY_NODE_NAME,
        options.name.c_str(), PW_KEY_APP_NAME, options.name.c_str(),
        // The session manager must not apply a volume it remembers: the signal would not be exact any more.
        "state.restore-props", "false", "state.restore-target", "false", nullptr);
    if (!options.target.empty()) pw_properties_set(properties, "target.object", options.target.c_str());
    for (const auto &[key, value] : options.properties) pw_properties_set(properties, key.c_str(), value.c_str());
    return properties;
}

} // namespace

Player::Player(pw_main_loop *loop, const PlayerOptions &options, std::unique_ptr<Signal> signal, Recorder *recorder)
    : loop_(loop), options_(options), signal_(std::move(signal)), recorder_(recorder),
      interleaved_(std::size_t{max_frames} * options.channels) {
    clock_event_ = pw_loop_add_event(
        pw_main_loop_get_loop(loop_), [](void *self, std::uint64_t) { static_cast<Player *>(self)->clock_changed(); },
        this);
    connect();
}

Player::~Player() {
    closing_ = true;
    pw_stream_destroy(stream_); // process() may still run until this returns
    pw_loop_destroy_source(pw_main_loop_get_loop(loop_), clock_event_);
}

void Player::connect() {
    static const pw_stream_events events = [] {
        pw_stream_events table{};
        table.version = PW_VERSION_STREAM_EVENTS;
        table.state_changed = [](void *self, pw_stream_state, pw_stream_state state, const char *error) {
            static_cast<Player *>(self)->state_changed(state, error);
        };
        table.io_changed = [](void *self, std::uint32_t id, void *area, std::uint32_t) {
            if (id == SPA_IO_Position) static_cast<Player *>(self)->position_ = static_cast<spa_io_position *>(area);
        };
        table.param_changed = [](void *self, std::uint32_t id, const spa_pod *param) {
            static_cast<Player *>(self)->param_changed(id, param);
        };
        table.process = [](void *self) { static_cast<Player *>(self)->process(); };
        return table;
    }();
    stream_ = pw_stream_new_simple(pw_main_loop_get_loop(loop_), options_.name.c_str(), make_properties(options_),
                                   &events, this);
    if (stream_ == nullptr) throw std::runtime_error("cannot connect to PipeWire");

    std::array<std::uint8_t, 1024> memory;
    spa_pod_builder builder;
    spa_pod_builder_init(&builder, memory.data(), static_cast<std::uint32_t>(memory.size()));
    spa_audio_info_raw info{};
    info.format = SPA_AUDIO_FORMAT_F32P;
    info.rate = options_.rate;
    info.channels = options_.channels;
    for (std::uint32_t channel = 0; channel < info.channels; ++channel) info.position[channel] = layout[channel];
    if (info.channels == 1) info.position[0] = SPA_AUDIO_CHANNEL_MONO;
    const spa_pod *format = spa_format_audio_raw_build(&builder, SPA_PARAM_EnumFormat, &info);
    std::uint32_t flags = PW_STREAM_FLAG_MAP_BUFFERS | PW_STREAM_FLAG_RT_PROCESS;
    if (options_.autoconnect) flags |= PW_STREAM_FLAG_AUTOCONNECT;
    if (pw_stream_connect(stream_, PW_DIRECTION_OUTPUT, PW_ID_ANY, static_cast<pw_stream_flags>(flags), &format, 1) < 0)
        throw std::runtime_error("the stream could not be connected");
}

void Player::set_level(double dbfs) {
    level_.store(static_cast<float>(std::pow(10.0, dbfs / 20.0)), std::memory_order_relaxed);
}

/// An error is not the end: WirePlumber reports one to a stream for which it has no sink yet, and links it later.
void Player::state_changed(pw_stream_state state, const char *error) {
    if (closing_) return;
    nlohmann::json event{
        {"event", "state"}, {"state", pw_stream_state_as_string(state)}, {"id", pw_stream_get_node_id(stream_)}};
    if (error != nullptr) event["message"] = error;
    print_event(std::move(event));
    if (state == PW_STREAM_STATE_UNCONNECTED) pw_main_loop_quit(loop_);
}

void Player::param_changed(std::uint32_t id, const spa_pod *param) {
    if (id != SPA_PARAM_Format || param == nullptr) return;
    spa_audio_info_raw info{};
    if (spa_format_audio_raw_parse(param, &info) < 0) return;
    rate_.store(info.rate, std::memory_order_relaxed);
    print_event({{"event", "format"}, {"rate", info.rate}, {"channels", info.channels}});
}

/// Reports what drives the stream; on the main thread, after note_clock() saw a change, or at the end.
void Player::clock_changed() {
    if (finished_.load(std::memory_order_acquire)) {
        pw_main_loop_quit(loop_);
        return;
    }
    const spa_io_position *position = position_;
    if (position == nullptr) return;
    print_event({{"event", "clock"},
                 {"driver", std::string(position->clock.name)},
                 {"driver_id", position->clock.id},
                 {"quantum", position->clock.duration},
                 {"rate", position->clock.rate.denom}});
}

void Player::note_clock() noexcept {
    const spa_io_clock &clock = position_->clock;
    if (clock.id == seen_clock_ && clock.duration == seen_quantum_ && clock.rate.denom == seen_rate_) return;
    seen_clock_ = clock.id;
    seen_quantum_ = clock.duration;
    seen_rate_ = clock.rate.denom;
    pw_loop_signal_event(pw_main_loop_get_loop(loop_), clock_event_);
}

void Player::process() noexcept {
    pw_buffer *buffer = pw_stream_dequeue_buffer(stream_);
    if (buffer == nullptr) return;
    const std::uint32_t rate = rate_.load(std::memory_order_relaxed);
    std::uint64_t position = frames_;
    std::uint64_t wanted = buffer->requested;
    if (position_ != nullptr) {
        note_clock();
        position = position_->clock.position;
        if (wanted == 0) wanted = position_->clock.duration;
    }
    if (position != cycle_position_) cycle_offset_ = 0;
    cycle_position_ = position;
    position += cycle_offset_;

    const std::uint32_t channels = std::min(buffer->buffer->n_datas, options_.channels);
    std::uint64_t room = std::min<std::uint64_t>(max_frames, buffer->buffer->datas[0].maxsize / sizeof(float));
    if (wanted != 0) room = std::min(room, wanted);
    const auto frames = static_cast<std::uint32_t>(room);
    const float level = level_.load(std::memory_order_relaxed);
    const bool end =
        options_.seconds > 0 && static_cast<double>(frames_) >= options_.seconds * static_cast<double>(rate);
    const bool silent = end || muted_.load(std::memory_order_relaxed);
    for (std::uint32_t channel = 0; channel < channels; ++channel) {
        spa_data &data = buffer->buffer->datas[channel];
        const std::span samples{static_cast<float *>(data.data), frames};
        if (silent)
            std::fill(samples.begin(), samples.end(), 0.0F);
        else
            signal_->fill(samples, channel, position, rate);
        if (level != 1.0F && signal_->has_level())
            for (float &sample : samples) sample *= level;
        data.chunk->offset = 0;
        data.chunk->stride = sizeof(float);
        data.chunk->size = frames * static_cast<std::uint32_t>(sizeof(float));
    }
    signal_->advance(frames);
    if (recorder_ != nullptr && !end) record(buffer, frames, position);
    buffer->size = frames;
    cycle_offset_ += frames;
    frames_ += frames;
    pw_stream_queue_buffer(stream_, buffer);
    if (end && !finished_.exchange(true)) pw_loop_signal_event(pw_main_loop_get_loop(loop_), clock_event_);
}

void Player::record(const pw_buffer *buffer, std::uint32_t frames, std::uint64_t position) noexcept {
    const std::span samples{interleaved_.data(), std::size_t{frames} * options_.channels};
    for (std::uint32_t channel = 0; channel < options_.channels; ++channel) {
        const auto *data = static_cast<const float *>(buffer->buffer->datas[channel].data);
        for (std::uint32_t i = 0; i < frames; ++i) samples[std::size_t{i} * options_.channels + channel] = data[i];
    }
    RecordingCycle cycle;
    cycle.position = position;
    cycle.wall_ns = now_ns();
    cycle.frames = frames;
    cycle.sink_rate = rate_.load(std::memory_order_relaxed);
    if (position_ != nullptr) {
        cycle.clock_ns = static_cast<std::int64_t>(position_->clock.nsec);
        cycle.quantum = static_cast<std::uint32_t>(position_->clock.duration);
        cycle.graph_rate = position_->clock.rate.denom;
    }
    recorder_->push(cycle, samples);
}

} // namespace soundwarden::bench
