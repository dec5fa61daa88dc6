// SPDX-License-Identifier: MIT
// The simulated sink's driver timing and its process(): everything that runs on the data thread.
#include "sim_sink.hpp"

#include "bench/clock.hpp"

#include <pipewire/version.h>
#include <spa/node/utils.h>
#include <spa/param/audio/raw.h>
#include <spa/utils/result.h>

#include <algorithm>
#include <cstring>

namespace soundwarden::bench {

namespace {

constexpr std::uint64_t second_ns = 1'000'000'000;
constexpr std::uint64_t lockstep_poll_ns = 100'000;
constexpr std::uint32_t lockstep_polls = 10'000; // 1 s
constexpr std::uint32_t first_cycle_polls = 500; // 50 ms: it may never be complete, the links are being made
constexpr std::uint64_t longest_backlog_ns = 100'000'000;
constexpr std::uint64_t free_run_rescue_ns = 50'000'000; // begins a cycle that process() did not
constexpr std::uint64_t free_run_idle_frames = 16'384;   // this much silence ends the hurry

std::uint64_t monotonic_ns() noexcept { return static_cast<std::uint64_t>(now_ns()); }

} // namespace

SimSink::SimSink(spa_loop *loop, spa_system *system, Config config, Recorder *recorder)
    : config_(std::move(config)), recorder_(recorder), loop_(loop), system_(system),
      scratch_(std::size_t{max_frames} * config_.positions.size()) {
    for (auto &gain : gain_) gain.store(1.0F, std::memory_order_relaxed);
    spa_hook_list_init(&hooks_);
    node_.iface = spa_interface{SPA_TYPE_INTERFACE_Node, SPA_VERSION_NODE, {&methods, this}};

    node_info_.max_input_ports = 1;
    node_info_.flags = SPA_NODE_FLAG_RT;
    node_params_[0] = spa_param_info{SPA_PARAM_IO, SPA_PARAM_INFO_READ, 0, 0, {}};
    node_info_.params = node_params_.data();
    node_info_.n_params = static_cast<std::uint32_t>(node_params_.size());

    port_info_.flags = SPA_PORT_FLAG_NO_REF | SPA_PORT_FLAG_LIVE | SPA_PORT_FLAG_PHYSICAL | SPA_PORT_FLAG_TERMINAL;
    port_params_[0] = spa_param_info{SPA_PARAM_EnumFormat, SPA_PARAM_INFO_READ, 0, 0, {}};
    port_params_[1] = spa_param_info{SPA_PARAM_Format, SPA_PARAM_INFO_WRITE, 0, 0, {}};
    port_params_[2] = spa_param_info{SPA_PARAM_IO, SPA_PARAM_INFO_READ, 0, 0, {}};
    port_params_[3] = spa_param_info{SPA_PARAM_Buffers, 0, 0, 0, {}};
    port_info_.params = port_params_.data();
    port_info_.n_params = static_cast<std::uint32_t>(port_params_.size());

    timer_.func = [](spa_source *source) { static_cast<SimSink *>(source->data)->on_timeout(); };
    timer_.data = this;
    timer_.mask = SPA_IO_IN;
    timer_.fd = spa_system_timerfd_create(system_, CLOCK_MONOTONIC, SPA_FD_CLOEXEC | SPA_FD_NONBLOCK);
    spa_loop_add_source(loop_, &timer_);
}

SimSink::~SimSink() {
    // A source of the data loop may only be removed by that loop's own thread.
    const auto remove = [](spa_loop *loop, bool, std::uint32_t, const void *, std::size_t, void *self) -> int {
        auto *sink = static_cast<SimSink *>(self);
        sink->arm(0);
        spa_loop_remove_source(loop, &sink->timer_);
        return 0;
    };
    const spa_invoke_func_t function = remove;
    spa_loop_invoke(loop_, function, 0, nullptr, 0, true, this);
    spa_system_close(system_, timer_.fd);
}

void SimSink::set_hardware_gain(std::span<const float> gain) {
    for (std::size_t channel = 0; channel < gain.size() && channel < gain_.size(); ++channel)
        gain_[channel].store(gain[channel], std::memory_order_relaxed);
}

void SimSink::restart() {
    const auto call = [](spa_loop *, bool, std::uint32_t, const void *, std::size_t, void *self) -> int {
        static_cast<SimSink *>(self)->restart_timer();
        return 0;
    };
    const spa_invoke_func_t function = call;
    spa_loop_invoke(loop_, function, 0, nullptr, 0, true, this);
}

bool SimSink::is_following() const {
    return position_ != nullptr && clock_ != nullptr && position_->clock.id != clock_->id;
}

int SimSink::start() {
    following_ = is_following();
    started_ = true;
    restart();
    return 0;
}

int SimSink::stop() {
    if (!started_) return 0;
    started_ = false;
    restart();
    return 0;
}

void SimSink::restart_timer() noexcept {
    finish_cycle();
    first_ = true;
    waits_ = 0;
    silent_frames_ = 0;
    next_ns_ = monotonic_ns();
    arm(following_ || !started_ ? 0 : next_ns_);
}

/// 0 disarms.
void SimSink::arm(std::uint64_t at_ns) noexcept {
    itimerspec spec{};
    spec.it_value.tv_sec = static_cast<std::time_t>(at_ns / second_ns);
    spec.it_value.tv_nsec = static_cast<long>(at_ns % second_ns);
    spa_system_timerfd_settime(system_, timer_.fd, SPA_FD_TIMER_ABSTIME, &spec, nullptr);
}

void SimSink::on_timeout() noexcept {
    std::uint64_t expirations = 0;
    if (spa_system_timerfd_read(system_, timer_.fd, &expirations) < 0) return;
    if (!started_ || following_) return;
    const bool unfinished = in_cycle_ && !complete_;
    const bool beginning = (cycle_.flags & cycle_flag::run_start) != 0;
    const std::uint32_t patience = beginning ? first_cycle_polls : lockstep_polls;
    const bool writer_behind = config_.speed <= 0 && recorder_ != nullptr && !recorder_->has_room(max_frames);
    if (((config_.lockstep && unfinished) || writer_behind) && waits_ < patience) {
        ++waits_;
        arm(monotonic_ns() + lockstep_poll_ns);
        return;
    }
    if (waits_ > 0 || unfinished) late_.fetch_add(1, std::memory_order_relaxed);
    waits_ = 0;
    finish_cycle();
    const std::uint64_t nominal_ns = advance_clock();
    begin_cycle();
    arm(config_.speed > 0 ? next_ns_ : nominal_ns + free_run_rescue_ns);
    spa_node_call_ready(&callbacks_, SPA_STATUS_NEED_DATA);
}

/// Writes the clock for the cycle that begins now. Returns its nominal start and sets next_ns_.
std::uint64_t SimSink::advance_clock() noexcept {
    std::uint64_t duration = 1024;
    std::uint32_t rate = 48'000;
    if (position_ != nullptr) {
#if PW_CHECK_VERSION(1, 0, 0)
        // The driver adopts what the graph wants.
        duration = position_->clock.target_duration;
        rate = position_->clock.target_rate.denom;
#else
        // The core has already written it.
        duration = position_->clock.duration;
        rate = position_->clock.rate.denom;
#endif
    }
    if (rate == 0) rate = 48'000;
    const std::uint64_t period = duration * second_ns / rate;
    std::uint64_t nominal = next_ns_;
    if (config_.speed > 0) {
        // After a stall no burst of cycles to catch up: hardware would have started anew as well.
        const std::uint64_t now = monotonic_ns();
        if (now > nominal + longest_backlog_ns) nominal = now;
        next_ns_ = nominal + static_cast<std::uint64_t>(static_cast<double>(period) / config_.speed);
    } else {
        nominal = monotonic_ns();
        next_ns_ = nominal + period;
    }
    // An own counter: 0.3.65 has overwritten clock->duration, from which the position would be continued.
    frames_driven_ += last_duration_;
    last_duration_ = duration;
    if (clock_ != nullptr) {
        clock_->nsec = nominal;
        clock_->rate = spa_fraction{1, rate};
        clock_->position = frames_driven_;
        clock_->duration = duration;
        clock_->delay = 0;
        clock_->rate_diff = config_.speed > 0 ? config_.speed : 1.0;
        clock_->next_nsec = next_ns_;
    }
    return nominal;
}

void SimSink::begin_cycle() noexcept {
    cycle_ = RecordingCycle{};
    if (position_ != nullptr) {
        cycle_.position = position_->clock.position;
        cycle_.clock_ns = static_cast<std::int64_t>(position_->clock.nsec);
        cycle_.quantum = static_cast<std::uint32_t>(position_->clock.duration);
        cycle_.graph_rate = position_->clock.rate.denom;
    }
    cycle_.sink_rate = rate_;
    cycle_.flags = (first_ ? cycle_flag::run_start : 0U) | (following_ ? cycle_flag::following : 0U);
    first_ = false;
    in_cycle_ = true;
    got_data_ = false;
    complete_ = false;
}

/// A cycle that ends without data was a gap.
void SimSink::finish_cycle() noexcept {
    if (!in_cycle_) return;
    in_cycle_ = false;
    if (got_data_) return;
    cycle_.frames = 0;
    cycle_.wall_ns = now_ns();
    cycle_.flags |= cycle_flag::gap;
    if (recorder_ != nullptr) recorder_->push(cycle_, {});
}

int SimSink::process() noexcept {
    if (io_ == nullptr) return -EIO;
    if (following_) {
        finish_cycle();
        begin_cycle();
    }
    int result = SPA_STATUS_HAVE_DATA;
    if (io_->status != SPA_STATUS_HAVE_DATA) {
        result = io_->status;
    } else if (io_->buffer_id >= buffer_count_) {
        result = io_->status = -EINVAL;
    } else {
        const spa_data &data = buffers_[io_->buffer_id]->datas[0];
        const std::uint32_t offset = std::min(data.chunk->offset, data.maxsize);
        const std::uint32_t size = std::min(data.maxsize - offset, data.chunk->size);
        if (!got_data_) take(static_cast<const std::byte *>(data.data) + offset, size);
        got_data_ = true;
        io_->status = SPA_STATUS_OK;
    }
    complete_ = true;
    if (config_.speed <= 0 && !following_ && in_cycle_)
        arm(silent_frames_ < free_run_idle_frames ? 1 : next_ns_); // at once, or at a normal pace while nothing plays
    return result;
}

/// Plays a block: converts it to float, lets the simulated mixer act on it, records it.
void SimSink::take(const void *data, std::uint32_t bytes) noexcept {
    const std::uint32_t frames = std::min(bytes / frame_bytes(), max_frames);
    const std::span samples{scratch_.data(), std::size_t{frames} * channels()};
    switch (config_.format) {
    case SampleFormat::f32: std::memcpy(samples.data(), data, samples.size_bytes()); break;
    case SampleFormat::s16: {
        const auto *in = static_cast<const std::int16_t *>(data);
        std::transform(in, in + samples.size(), samples.begin(),
                       [](std::int16_t value) { return static_cast<float>(value) / 32'768.0F; });
        break;
    }
    case SampleFormat::s32: {
        const auto *in = static_cast<const std::int32_t *>(data);
        std::transform(in, in + samples.size(), samples.begin(),
                       [](std::int32_t value) { return static_cast<float>(value) / 2'147'483'648.0F; });
        break;
    }
    }
    apply_hardware_gain(samples);
    const bool silent = std::all_of(samples.begin(), samples.end(), [](float value) { return value == 0.0F; });
    silent_frames_ = silent ? silent_frames_ + frames : 0;
    cycle_.frames = frames;
    cycle_.wall_ns = now_ns();
    if (recorder_ != nullptr) recorder_->push(cycle_, samples);
}

void SimSink::apply_hardware_gain(std::span<float> samples) noexcept {
    cycle_.hardware_gain = gain_[0].load(std::memory_order_relaxed);
    for (std::uint32_t channel = 0; channel < channels(); ++channel) {
        const float gain = gain_[channel].load(std::memory_order_relaxed);
        if (gain == 1.0F) continue;
        for (std::size_t i = channel; i < samples.size(); i += channels()) samples[i] *= gain;
    }
}

} // namespace soundwarden::bench
