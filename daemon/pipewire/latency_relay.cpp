// SPDX-License-Identifier: MIT
#include "latency_relay.hpp"

#include <pipewire/version.h>
#include <spa/param/param.h>
#include <spa/pod/builder.h>

#include <array>

namespace soundwarden::pipewire_adapter {

void LatencyRelay::heard(spa_direction direction, const spa_pod *pod) {
    spa_latency_info info = SPA_LATENCY_INFO(direction);
    if (pod != nullptr && (spa_latency_parse(pod, &info) < 0 || info.direction != direction)) return;
    (info.direction == SPA_DIRECTION_INPUT ? behind_ : in_front_) = info;
    pass_on(info);
}

void LatencyRelay::set_own(std::uint32_t frames) {
    own_frames_ = frames;
#if PW_CHECK_VERSION(1, 0, 0)
    std::array<std::uint8_t, 512> memory{};
    spa_pod_builder builder = SPA_POD_BUILDER_INIT(memory.data(), static_cast<std::uint32_t>(memory.size()));
    spa_process_latency_info info{};
    info.rate = static_cast<decltype(info.rate)>(frames);
    const spa_pod *params[] = {spa_process_latency_build(&builder, SPA_PARAM_ProcessLatency, &info)};
    pw_stream_update_params(main_, params, 1);
#endif
    tell();
}

void LatencyRelay::tell() {
    pass_on(behind_);
    pass_on(in_front_);
}

void LatencyRelay::pass_on(const spa_latency_info &info) {
    // A stream that is told one direction tells the other again, from within the call (1.x).
    if (passing_) return;
    passing_ = true;
    spa_latency_info whole = info;
    whole.min_rate += static_cast<decltype(whole.min_rate)>(own_frames_);
    whole.max_rate += static_cast<decltype(whole.max_rate)>(own_frames_);
    std::array<std::uint8_t, 512> memory{};
    spa_pod_builder builder = SPA_POD_BUILDER_INIT(memory.data(), static_cast<std::uint32_t>(memory.size()));
    const spa_pod *params[] = {spa_latency_build(&builder, SPA_PARAM_Latency, &whole)};
    pw_stream_update_params(info.direction == SPA_DIRECTION_INPUT ? main_ : out_, params, 1);
    passing_ = false;
}

} // namespace soundwarden::pipewire_adapter
