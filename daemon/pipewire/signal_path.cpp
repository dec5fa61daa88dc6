// SPDX-License-Identifier: MIT
#include "signal_path.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace soundwarden::pipewire_adapter {
namespace {

// A pause longer than this between two cycles is one in which nothing played; a shorter one is a machine that was too busy,
// and no time in which a rise goes on unheard.
constexpr std::uint64_t pause_nsec = 1'000'000'000;

// What a stop of the stream itself counts as, however short: no time for a rise, but one at which the delay line is emptied.
constexpr double shortest_pause_seconds = 1e-9;

// Longer than the longest interval of those who look all the time.
constexpr double watched_for_seconds = 2.0;

pw_buffer *newest(pw_stream *stream) noexcept {
    pw_buffer *last = nullptr;
    while (pw_buffer *buffer = pw_stream_dequeue_buffer(stream)) {
        if (last != nullptr) pw_stream_queue_buffer(stream, last);
        last = buffer;
    }
    return last;
}

// The samples of one channel of a captured buffer, and how many there are.
const float *samples(const spa_data &data, std::uint32_t &frames) noexcept {
    const std::uint32_t offset = std::min(data.chunk->offset, data.maxsize);
    const std::uint32_t size = std::min(data.chunk->size, data.maxsize - offset);
    frames = std::min(frames, static_cast<std::uint32_t>(size / sizeof(float)));
    return data.data == nullptr ? nullptr : reinterpret_cast<const float *>(static_cast<const std::uint8_t *>(data.data) + offset);
}

std::vector<std::uint32_t> all_but(const std::vector<std::uint32_t> &group, std::uint32_t channels) {
    std::vector<std::uint32_t> rest;
    for (std::uint32_t c = 0; c < channels; ++c)
        if (std::find(group.begin(), group.end(), c) == group.end()) rest.push_back(c);
    return rest;
}

std::vector<std::uint32_t> group_or_all(const std::vector<std::uint32_t> &group, std::uint32_t channels) {
    std::vector<std::uint32_t> known;
    for (const std::uint32_t channel : group)
        if (channel < channels) known.push_back(channel);
    return known.empty() ? all_but({}, channels) : known;
}

dsp::LimiterFormat with_channels(dsp::LimiterFormat format, std::size_t channels) {
    format.channels = static_cast<std::uint32_t>(channels);
    return format;
}

/// Nothing is asked of these samples but that they be finite, and of the same cycle as the others.
dsp::GuardTargets open_targets(dsp::GuardTargets targets) noexcept {
    targets.gain = 1.0F;
    targets.ceiling = dsp::no_ceiling;
    targets.rescale_db = 0.0;
    targets.governor_dbfs = std::numeric_limits<double>::infinity();
    return targets;
}

} // namespace

SignalPath::Group::Group(std::vector<std::uint32_t> the_channels, const dsp::LimiterFormat &format, const dsp::GuardTargets &initial,
                         double governor_gain)
    : channels(std::move(the_channels)), processor(with_channels(format, channels.size()), initial, governor_gain) {}

void SignalPath::Group::process(const float *const *in, float *const *out, std::uint32_t frames, const Cycle &cycle,
                                const dsp::GuardTargets &targets, bool true_peaks) noexcept {
    std::array<const float *, dsp::max_channels> source{};
    std::array<float *, dsp::max_channels> target{};
    for (std::size_t c = 0; c < channels.size(); ++c) {
        source[c] = in[channels[c]];
        target[c] = out[channels[c]];
    }
    processor.process(source.data(), target.data(), frames, cycle.rate_hz, targets, cycle.idle_seconds, true_peaks);
}

SignalPath::SignalPath(const dsp::LimiterFormat &format, const std::vector<std::uint32_t> &group, const dsp::GuardTargets &initial,
                       double governor_gain)
    : guarded_(group_or_all(group, std::min(format.channels, dsp::max_channels)), format, initial, governor_gain), targets_(initial), meters_(guarded_.processor.meter()),
      governor_gain_(guarded_.processor.meter().governor), channels_(std::min(format.channels, dsp::max_channels)) {
    auto rest = all_but(guarded_.channels, channels_);
    if (!rest.empty()) free_.emplace(std::move(rest), format, open_targets(initial), 1.0);
}

dsp::GuardMeter SignalPath::meter() noexcept {
    guarded_.processor.collect();
    if (free_) free_->processor.collect();
    return meters_.read();
}

void SignalPath::play_cue(const std::vector<float> &peaks) {
    std::vector<float> guarded;
    for (const std::uint32_t channel : guarded_.channels) guarded.push_back(channel < peaks.size() ? peaks[channel] : 0.0F);
    guarded_.processor.play_cue(std::move(guarded));
}

void SignalPath::rebuild(const dsp::LimiterFormat &format) {
    guarded_.processor.rebuild(format);
    if (free_) free_->processor.rebuild(format);
}

void SignalPath::on_capture(pw_stream *capture, pw_stream *playback) noexcept {
    if (pw_stream_trigger_process(playback) >= 0) return;
    if (pw_buffer *buffer = newest(capture)) pw_stream_queue_buffer(capture, buffer);
}

void SignalPath::on_playback(pw_stream *capture, pw_stream *playback) noexcept {
    pw_buffer *in = newest(capture);
    pw_buffer *out = pw_stream_dequeue_buffer(playback);
    if (out != nullptr) run(in, out);
    if (in != nullptr) pw_stream_queue_buffer(capture, in);
    if (out != nullptr) pw_stream_queue_buffer(playback, out);
}

std::uint64_t SignalPath::driver_nsec() const noexcept {
    const spa_io_position *position = position_.load(std::memory_order_acquire);
    return position == nullptr ? 0 : position->clock.nsec;
}

bool SignalPath::true_peaks_wanted(std::uint32_t frames, std::uint32_t rate_hz) noexcept {
    if (watched_.exchange(false, std::memory_order_relaxed)) watched_seconds_ = watched_for_seconds;
    if (watched_seconds_ <= 0.0) return false;
    watched_seconds_ -= static_cast<double>(frames) / static_cast<double>(std::max(rate_hz, dsp::lowest_rate_hz));
    return true;
}

// The graph's clock is CLOCK_MONOTONIC at the start of the cycle.
SignalPath::Cycle SignalPath::follow_clock(const dsp::GuardTargets &targets) noexcept {
    const spa_io_position *position = position_.load(std::memory_order_acquire);
    if (position == nullptr) return {};
    const auto &clock = position->clock;
    Cycle cycle{clock.rate.denom, 0.0};
    const std::uint64_t since = std::max(expected_nsec_, targets.since_nsec);
    if (clock.nsec > expected_nsec_ + pause_nsec && clock.nsec > since)
        cycle.idle_seconds = static_cast<double>(clock.nsec - since) * 1e-9;
    expected_nsec_ = clock.nsec + (clock.rate.denom == 0 ? 0 : clock.duration * 1'000'000'000ULL / clock.rate.denom);
    return cycle;
}

void SignalPath::run(const pw_buffer *in, pw_buffer *out) noexcept {
    const dsp::GuardTargets &targets = targets_.read();
    Cycle cycle = follow_clock(targets);
    if (stopped_.exchange(false, std::memory_order_acq_rel)) cycle.idle_seconds = std::max(cycle.idle_seconds, shortest_pause_seconds);
    const std::uint32_t planes = std::min({channels_, out->buffer->n_datas, dsp::max_channels});
    std::array<const float *, dsp::max_channels> source{};
    std::array<float *, dsp::max_channels> target{};
    std::uint32_t frames = UINT32_MAX;
    for (std::uint32_t c = 0; c < planes; ++c) {
        const spa_data &plane = out->buffer->datas[c];
        target[c] = static_cast<float *>(plane.data);
        frames = std::min(frames, static_cast<std::uint32_t>(plane.maxsize / sizeof(float)));
        if (in != nullptr && c < in->buffer->n_datas) source[c] = samples(in->buffer->datas[c], frames);
    }
    // Without input the cycle is silence of the length that was asked for.
    if (in == nullptr) frames = std::min(frames, static_cast<std::uint32_t>(out->requested));
    if (planes == 0) frames = 0;
    if (!meters_.unread()) guarded_.processor.forget_peaks();
    guarded_.process(source.data(), target.data(), frames, cycle, targets, true_peaks_wanted(frames, cycle.rate_hz));
    if (free_) free_->process(source.data(), target.data(), frames, cycle, open_targets(targets));
    meters_.write(guarded_.processor.meter());
    governor_gain_.store(guarded_.processor.meter().governor, std::memory_order_relaxed);
    generation_.store(guarded_.processor.meter().generation, std::memory_order_release);
    for (std::uint32_t c = 0; c < out->buffer->n_datas; ++c) {
        spa_chunk *chunk = out->buffer->datas[c].chunk;
        chunk->offset = 0;
        chunk->size = c < planes ? static_cast<std::uint32_t>(frames * sizeof(float)) : 0;
        chunk->stride = sizeof(float);
    }
    out->size = frames;
}

} // namespace soundwarden::pipewire_adapter
