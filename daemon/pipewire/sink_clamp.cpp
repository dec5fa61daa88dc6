// SPDX-License-Identifier: MIT
#include "sink_clamp.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <utility>

namespace soundwarden::pipewire_adapter {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t usual_nodes = 16;
constexpr std::size_t longest_graph = 4095; // audioconvert.c, parse_prop_params: char value[4096]
constexpr float usual_max_volume = 10.0F;   // audioconvert.c, DEFAULT_MAX_VOLUME
constexpr float unity = 1.0F;
constexpr float unbound = 1e6F; // 120 dB over full scale: a channel that is nobody's to bound
// A node that another client exports (every card's) answers after our core sync is done, so events are told apart by time:
// what comes this soon after a write of ours is its echo, and the first one is for much longer.
constexpr auto echo_time = 100ms;
constexpr auto late_echo_time = 2s;
constexpr auto lower_every = 100ms; // two programs that both insist must not write for ever

float loudest(const std::vector<float> &volumes) {
    return volumes.empty() ? 0.0F : *std::max_element(volumes.begin(), volumes.end());
}

bool too_loud(const PropsValues &props) {
    return props.volume.value_or(0.0F) > unity || loudest(props.channel_volumes) > unity;
}

bool same(const PropsValues &a, const PropsValues &b) {
    return a.volume == b.volume && a.mute == b.mute && a.channel_volumes == b.channel_volumes &&
           a.soft_volumes == b.soft_volumes && a.max_volume == b.max_volume;
}

} // namespace

SinkFeatures features_of(const std::string &server_version) {
    int major = 0;
    int minor = 0;
    int micro = 0;
    if (std::sscanf(server_version.c_str(), "%d.%d.%d", &major, &minor, &micro) != 3) return {};
    const std::array version{major, minor, micro};
    return {version >= std::array{0, 3, 72}, version >= std::array{1, 4, 0}};
}

std::string clamp_graph(float ceiling, std::size_t channels, const std::vector<std::uint32_t> &only) {
    if (std::isinf(ceiling)) return "";
    std::string nodes;
    std::string inputs;
    std::string outputs;
    for (std::size_t i = 0; i < std::max(channels, usual_nodes); ++i) {
        const bool bound = only.empty() || std::find(only.begin(), only.end(), i + 1) != only.end();
        const float most = bound ? ceiling : unbound;
        nodes += fmt::format("{{type=builtin name=c{} label=clamp control={{Min={:.9g} Max={:.9g}}}}}", i, -most, most);
        inputs += fmt::format("\"c{}:In\" ", i);
        outputs += fmt::format("\"c{}:Out\" ", i);
    }
    std::string graph = "{nodes=[" + nodes + "] inputs=[" + inputs + "] outputs=[" + outputs + "]}";
    return graph.size() > longest_graph ? "" : graph;
}

float printed_root(double level) {
    double millionths = std::floor(std::sqrt(level) * 1e6);
    const auto root = [&] { return static_cast<float>(millionths * 1e-6); };
    while (millionths > 0.0 && static_cast<double>(root() * root()) > level) millionths -= 1.0;
    return root();
}

bool SinkClamp::standing() const { return !std::isinf(graph_) || (max_ && *max_ <= unity); }

void SinkClamp::clamp(float ceiling, std::size_t channels, const std::vector<std::uint32_t> &only, Time now) {
    other_channels_ = only != only_;
    channels_ = channels;
    only_ = only;
    ceiling_ = ceiling;
    std::optional<float> max = max_;
    // A limit that stands, ours or an earlier run's, goes when the guard has taken it over, not now.
    const bool limited = max ? *max < unity : seen_ && seen_->max_volume && *seen_->max_volume < unity;
    if (!limited && (max || !std::isinf(ceiling))) max = std::isinf(ceiling) ? usual_max_volume : unity;
    apply(ceiling, max, now);
}

void SinkClamp::limit(double level, Time now) {
    if (level < 1.0) apply(unity, printed_root(level), now);
    else apply(ceiling_, std::isinf(ceiling_) ? usual_max_volume : unity, now);
}

void SinkClamp::release(float usual, Time now) {
    const bool left = seen_ && seen_->max_volume && *seen_->max_volume <= unity && *seen_->max_volume < usual;
    if (!standing() && !left) return;
    ceiling_ = std::numeric_limits<float>::infinity();
    graph_ = 0.0F; // whatever stands there
    apply(ceiling_, usual, now);
}

/// The limit that stands with no guard in front is for every channel.
std::string SinkClamp::graph_for(float graph, std::optional<float> max_volume) const {
    const bool limiting = max_volume && *max_volume < unity;
    return clamp_graph(graph, channels_, limiting ? std::vector<std::uint32_t>{} : only_);
}

// What gets stricter comes first: the clamp and the gain behind it are never both open.
void SinkClamp::apply(float graph, std::optional<float> max_volume, Time now) {
    SinkWrite clamp;
    SinkWrite gain;
    if (features_.filter_graph && (std::exchange(other_channels_, false) || graph != graph_)) clamp.graph = graph_for(graph, max_volume);
    if (max_volume && max_volume != max_) gain.max_volume = max_volume;
    const bool stricter = graph <= graph_;
    graph_ = graph;
    max_ = max_volume;
    for (const SinkWrite *write : {stricter ? &clamp : &gain, stricter ? &gain : &clamp})
        if (write->graph || write->max_volume) send(*write, now);
}

void SinkClamp::restore(const Kept &kept, Time now) {
    channels_ = kept.channels;
    only_ = kept.only;
    ceiling_ = kept.ceiling;
    apply(kept.ceiling, kept.max_volume, now);
}

void SinkClamp::reassert(Time now) {
    SinkWrite write;
    if (features_.filter_graph) write.graph = graph_for(graph_, max_);
    write.max_volume = max_;
    send(write, now);
}

void SinkClamp::send(const SinkWrite &write, Time now) {
    awaited_ = true;
    written_ = now;
    write_(write);
}

bool SinkClamp::own_event(Time now) {
    const bool first = std::exchange(awaited_, false);
    return now - written_ < (first ? Duration(late_echo_time) : Duration(echo_time));
}

void SinkClamp::noticed(Time now) {
    if (!standing() || own_event(now)) return;
    reassert(now);
    suspicious_ = true;
}

void SinkClamp::read(const PropsValues &props, Time now) {
    const std::optional<PropsValues> before = std::exchange(seen_, props);
    const bool suspicious = std::exchange(suspicious_, false);
    if (!standing() || !before || !features_.max_volume) return;
    // What was read while a write of ours was under way may be from before it.
    const bool raised = !awaited_ && max_ && props.max_volume && *props.max_volume > *max_ * 1.000001F;
    if (too_loud(props)) {
        if (!too_loud(*before)) tell_(engine::Tamper::volume);
        lower_volumes(props, now);
    } else if (raised && now - lowered_ >= lower_every) {
        lowered_ = now;
        tell_(engine::Tamper::limit);
        reassert(now);
    } else if (suspicious && same(props, *before)) {
        tell_(engine::Tamper::unseen);
    }
}

void SinkClamp::lower_volumes(const PropsValues &props, Time now) {
    if (now - lowered_ < lower_every) return;
    lowered_ = now;
    SinkWrite write;
    if (props.volume.value_or(0.0F) > unity) write.volume = unity;
    if (loudest(props.channel_volumes) > unity) {
        write.channel_volumes = props.channel_volumes;
        for (float &channel : write.channel_volumes) channel = std::min(channel, unity);
    }
    send(write, now);
}

} // namespace soundwarden::pipewire_adapter
