// SPDX-License-Identifier: MIT
#include "cue.hpp"

#include "dsp/cue.hpp"

#include <spa/param/audio/format-utils.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <stdexcept>

namespace soundwarden::pipewire_adapter {
namespace {

using namespace std::chrono_literals;

// A stream that the session manager has not linked by then comes too late to tell of anything.
constexpr auto longest = 3s;
// The data thread cannot wake us without a system call, so while a cue plays it is asked.
constexpr auto poll_every = 100ms;
// What was handed over last is still on its way through the graph.
constexpr auto lag = 200ms;
// What the server said to a node that it removes is still under way (0.3.65 leaks descriptors where a stream is destroyed at once).
constexpr auto under_way = 500ms;

constexpr std::uint32_t stride = sizeof(float);

pw_properties *properties_of(const std::string &guard) {
    return pw_properties_new(PW_KEY_MEDIA_TYPE, "Audio", PW_KEY_MEDIA_CATEGORY, "Playback", PW_KEY_MEDIA_ROLE, "Notification",
                             PW_KEY_NODE_NAME, "soundwarden.cue", PW_KEY_NODE_DESCRIPTION, "Soundwarden", "target.object", guard.c_str(),
                             // On another output it would tell of the wrong one.
                             "node.dont-fallback", "true", "node.dont-move", "true", PW_KEY_NODE_DONT_RECONNECT, "true",
                             "state.restore-props", "false", "state.restore-target", "false", nullptr);
}

} // namespace

Cue::Cue(pw_core *core, const std::string &guard, float peak) : samples_(dsp::cue_samples(peak)) {
    events_.version = PW_VERSION_STREAM_EVENTS;
    events_.process = [](void *self) noexcept { static_cast<Cue *>(self)->process(); };
    stream_.reset(pw_stream_new(core, "Soundwarden: sound is limited", properties_of(guard)));
    if (!stream_) throw std::runtime_error("PipeWire cannot make a stream");
    pw_stream_add_listener(stream_.get(), hook_.get(), &events_, this);
    std::array<std::uint8_t, 512> memory{};
    spa_pod_builder builder = SPA_POD_BUILDER_INIT(memory.data(), static_cast<std::uint32_t>(memory.size()));
    spa_audio_info_raw info{};
    info.format = SPA_AUDIO_FORMAT_F32;
    info.rate = dsp::cue_rate_hz;
    info.channels = 1;
    info.position[0] = SPA_AUDIO_CHANNEL_MONO;
    const spa_pod *params[] = {spa_format_audio_raw_build(&builder, SPA_PARAM_EnumFormat, &info)};
    const auto flags = static_cast<pw_stream_flags>(PW_STREAM_FLAG_AUTOCONNECT | PW_STREAM_FLAG_MAP_BUFFERS | PW_STREAM_FLAG_RT_PROCESS);
    const int result = pw_stream_connect(stream_.get(), PW_DIRECTION_OUTPUT, PW_ID_ANY, flags, params, 1);
    if (result < 0) throw std::runtime_error("PipeWire refuses a stream: " + std::string(spa_strerror(result)));
}

Cue::~Cue() {
    hook_.remove();
    // The data thread leaves the stream before this returns.
    if (stream_) pw_stream_disconnect(stream_.get());
}

void Cue::retire(pw_registry *registry) {
    const auto id = pw_stream_get_node_id(stream_.get());
    if (registry != nullptr && id != PW_ID_ANY) pw_registry_destroy(registry, id);
}

void Cue::process() noexcept {
    pw_buffer *buffer = pw_stream_dequeue_buffer(stream_.get());
    if (buffer == nullptr) return;
    spa_data &data = buffer->buffer->datas[0];
    auto *out = static_cast<float *>(data.data);
    if (out != nullptr) {
        std::size_t frames = data.maxsize / stride;
        if (buffer->requested > 0) frames = std::min<std::size_t>(frames, buffer->requested);
        const std::size_t copied = std::min(frames, samples_.size() - next_);
        std::copy_n(samples_.data() + next_, copied, out);
        std::fill_n(out + copied, frames - copied, 0.0F);
        next_ += copied;
        data.chunk->offset = 0;
        data.chunk->stride = static_cast<std::int32_t>(stride);
        data.chunk->size = static_cast<std::uint32_t>(frames * stride);
    }
    pw_stream_queue_buffer(stream_.get(), buffer);
    if (next_ == samples_.size()) played_.store(true, std::memory_order_release);
}

CuePlayer::CuePlayer(loop::Loop &loop) : loop_(loop), timer_(loop.timer([this] { look(); })) {}

void CuePlayer::play(pw_core *core, std::function<pw_registry *()> registry, const std::string &guard, float peak) {
    registry_ = std::move(registry);
    try {
        playing_.push_back({std::make_unique<Cue>(core, guard, peak), loop_.now() + longest, false});
    } catch (const std::exception &error) {
        spdlog::warn("the cue for {} cannot be played: {}", guard, error.what());
        return;
    }
    timer_->arm(loop_.now() + poll_every);
}

void CuePlayer::stop() {
    playing_.clear();
    timer_->arm(std::nullopt);
}

void CuePlayer::look() {
    const auto now = loop_.now();
    for (Playing &each : playing_) {
        if (each.retired) continue;
        if (each.cue->played()) each.until = std::min(each.until, now + lag);
        if (now < each.until) continue;
        each.cue->retire(registry_ ? registry_() : nullptr);
        each.retired = true;
        each.until = now + under_way;
    }
    std::erase_if(playing_, [&](const Playing &each) { return each.retired && now >= each.until; });
    if (!playing_.empty()) timer_->arm(now + poll_every);
}

} // namespace soundwarden::pipewire_adapter
