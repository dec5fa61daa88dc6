// SPDX-License-Identifier: MIT
// Parameters of nodes and devices, whatever they are: any client of PipeWire may export one. As the protocol hands them over, a pod
// lies wholly in its message; nothing else of it is checked.
#include "pods.hpp"
#include "sense_invariants.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <spa/param/audio/raw.h>

namespace {

using namespace soundwarden::pipewire_adapter;

void require_props(const PropsValues &values) {
    fuzz::require(values.channel_volumes.size() <= SPA_AUDIO_MAX_CHANNELS, "volumes are bounded");
    fuzz::require(values.soft_volumes.size() <= SPA_AUDIO_MAX_CHANNELS, "soft volumes too");
}

void require_route(const RouteValues &route) {
    fuzz::require(route.devices.size() <= 64 && route.profiles.size() <= 64, "a route's lists are bounded");
    fuzz::require(route.channel_volumes.size() <= SPA_AUDIO_MAX_CHANNELS, "its volumes too");
    fuzz::require(route.state.has_value() || route.channel_volumes.empty(), "only an active route has volumes");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const fuzz::TimeBound bound;
    if (size < sizeof(spa_pod)) return 0;
    // As long as it is and no longer, so that a byte behind the end is seen.
    const std::unique_ptr<std::uint8_t[]> bytes(new std::uint8_t[size]);
    std::memcpy(bytes.get(), data, size);
    auto *pod = reinterpret_cast<spa_pod *>(bytes.get());
    pod->size = std::min(pod->size, static_cast<std::uint32_t>(size - sizeof(spa_pod)));
    require_props(parse_props(pod));
    if (const auto route = parse_route(pod)) require_route(*route);
    parse_profile_index(pod);
    parse_format_rate(pod);
    fuzz::require(parse_format_positions(pod).size() <= SPA_AUDIO_MAX_CHANNELS, "channels are bounded");
    return 0;
}
