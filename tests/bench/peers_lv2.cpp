// SPDX-License-Identifier: MIT
#include "peer_hosts.hpp"

#include <lilv/lilv.h>
#include <lv2/atom/atom.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/core/lv2.h>
#include <lv2/options/options.h>
#include <lv2/parameters/parameters.h>
#include <lv2/urid/urid.h>

#include <array>
#include <cmath>
#include <cstring>
#include <deque>
#include <mutex>
#include <optional>

namespace soundwarden::bench {
namespace {

struct NodeFree {
    void operator()(LilvNode *node) const { lilv_node_free(node); }
};
using Node = std::unique_ptr<LilvNode, NodeFree>;

// Numbers for URIs. LSP asks from threads of its own too.
class Urids {
  public:
    LV2_URID map(const char *uri) {
        const std::lock_guard lock(mutex_);
        for (std::size_t i = 0; i < uris_.size(); ++i)
            if (uris_[i] == uri) return static_cast<LV2_URID>(i + 1);
        uris_.emplace_back(uri);
        return static_cast<LV2_URID>(uris_.size());
    }
    const char *unmap(LV2_URID urid) {
        const std::lock_guard lock(mutex_);
        return urid == 0 || urid > uris_.size() ? nullptr : uris_[urid - 1].c_str();
    }

  private:
    std::mutex mutex_;
    std::deque<std::string> uris_; // what was handed out stays where it is
};

// What the plugins may ask of a host, and the descriptions of all plugins; alive until the program ends.
class Host {
  public:
    static Host &get() {
        static Host host;
        return host;
    }
    Host(const Host &) = delete;
    Host &operator=(const Host &) = delete;

    LilvWorld *world() { return world_; }
    LV2_URID urid(const char *uri) { return urids_.map(uri); }
    const LV2_Feature *const *features_for(std::uint32_t rate_hz) {
        rate_ = static_cast<float>(rate_hz);
        return features_.data();
    }

  private:
    Host() : world_(lilv_world_new()) { lilv_world_load_all(world_); }
    ~Host() { lilv_world_free(world_); }

    LV2_Options_Option option(const char *key, const char *type, std::uint32_t size, const void *value) {
        return {LV2_OPTIONS_INSTANCE, 0, urid(key), size, urid(type), value};
    }

    static LV2_URID map(LV2_URID_Map_Handle self, const char *uri) {
        return static_cast<Host *>(self)->urids_.map(uri);
    }
    static const char *unmap(LV2_URID_Unmap_Handle self, LV2_URID urid) {
        return static_cast<Host *>(self)->urids_.unmap(urid);
    }

    LilvWorld *world_;
    Urids urids_;
    std::int32_t shortest_ = 1;
    std::int32_t longest_ = static_cast<std::int32_t>(longest_peer_block);
    float rate_ = 48000.0F;
    LV2_URID_Map map_{this, map};
    LV2_URID_Unmap unmap_{this, unmap};
    std::array<LV2_Options_Option, 4> options_{
        option(LV2_BUF_SIZE__minBlockLength, LV2_ATOM__Int, sizeof shortest_, &shortest_),
        option(LV2_BUF_SIZE__maxBlockLength, LV2_ATOM__Int, sizeof longest_, &longest_),
        option(LV2_PARAMETERS__sampleRate, LV2_ATOM__Float, sizeof rate_, &rate_),
        {LV2_OPTIONS_INSTANCE, 0, 0, 0, 0, nullptr}};
    LV2_Feature map_feature_{LV2_URID__map, &map_};
    LV2_Feature unmap_feature_{LV2_URID__unmap, &unmap_};
    LV2_Feature options_feature_{LV2_OPTIONS__options, options_.data()};
    LV2_Feature bounded_feature_{LV2_BUF_SIZE__boundedBlockLength, nullptr};
    std::array<const LV2_Feature *, 5> features_{&map_feature_, &unmap_feature_, &options_feature_, &bounded_feature_,
                                                 nullptr};
};

// The memory behind an atom port: an empty sequence, and room for what a plugin may write.
struct AtomBuffer {
    static constexpr std::size_t room = 65536;
    bool is_input;
    std::vector<std::uint64_t> memory = std::vector<std::uint64_t>(room / sizeof(std::uint64_t));

    void empty(LV2_URID sequence, LV2_URID chunk) {
        LV2_Atom_Sequence nothing{};
        nothing.atom.type = is_input ? sequence : chunk;
        nothing.atom.size =
            is_input ? sizeof(LV2_Atom_Sequence_Body) : static_cast<std::uint32_t>(room - sizeof(LV2_Atom));
        std::memcpy(memory.data(), &nothing, sizeof nothing);
    }
};

class Lv2Peer : public Peer {
  public:
    Lv2Peer(const LilvPlugin *plugin, LilvInstance *instance)
        : plugin_(plugin), instance_(instance), values_(lilv_plugin_get_num_ports(plugin)),
          sequence_(Host::get().urid(LV2_ATOM__Sequence)), chunk_(Host::get().urid(LV2_ATOM__Chunk)) {}

    ~Lv2Peer() override {
        if (active_) lilv_instance_deactivate(instance_);
        lilv_instance_free(instance_);
    }

    // What is wrong with the ports or controls, or nothing.
    std::string start(const std::vector<PeerControl> &controls) {
        connect_all();
        if (inputs_.size() != 2 || outputs_.size() != 2) return "it is not a stereo plugin";
        for (const PeerControl &control : controls)
            if (!set(control)) return "it has no control \"" + std::string(control.port) + "\" of that kind";
        if (lilv_plugin_has_latency(plugin_)) latency_ = &values_[lilv_plugin_get_latency_port_index(plugin_)];
        lilv_instance_activate(instance_);
        active_ = true;
        return {};
    }

    void process(const float *const *in, float *const *out, std::uint32_t frames) override {
        for (std::size_t c = 0; c < 2; ++c) {
            lilv_instance_connect_port(instance_, inputs_[c], const_cast<float *>(in[c]));
            lilv_instance_connect_port(instance_, outputs_[c], out[c]);
        }
        for (AtomBuffer &atom : atoms_) atom.empty(sequence_, chunk_);
        lilv_instance_run(instance_, frames);
    }

    std::uint32_t latency_frames() const override {
        return latency_ == nullptr ? 0U : static_cast<std::uint32_t>(std::lround(*latency_));
    }

  private:
    void connect_all() {
        LilvWorld *world = Host::get().world();
        const Node audio(lilv_new_uri(world, LV2_CORE__AudioPort));
        const Node control(lilv_new_uri(world, LV2_CORE__ControlPort));
        const Node input(lilv_new_uri(world, LV2_CORE__InputPort));
        const Node atom(lilv_new_uri(world, LV2_ATOM__AtomPort));
        lilv_plugin_get_port_ranges_float(plugin_, nullptr, nullptr, values_.data());
        for (std::uint32_t i = 0; i < values_.size(); ++i) {
            const LilvPort *port = lilv_plugin_get_port_by_index(plugin_, i);
            const bool is_input = lilv_port_is_a(plugin_, port, input.get());
            if (lilv_port_is_a(plugin_, port, audio.get())) {
                (is_input ? inputs_ : outputs_).push_back(i);
            } else if (lilv_port_is_a(plugin_, port, control.get())) {
                if (std::isnan(values_[i])) values_[i] = 0.0F;
                lilv_instance_connect_port(instance_, i, &values_[i]);
            } else if (lilv_port_is_a(plugin_, port, atom.get())) {
                atoms_.push_back({is_input});
                lilv_instance_connect_port(instance_, i, atoms_.back().memory.data());
            }
        }
    }

    bool set(const PeerControl &control) {
        const Node symbol(lilv_new_string(Host::get().world(), std::string(control.port).c_str()));
        const LilvPort *port = lilv_plugin_get_port_by_symbol(plugin_, symbol.get());
        if (port == nullptr) return false;
        const std::optional<float> value = control.label.empty() ? control.value : value_of(port, control.label);
        if (value) values_[lilv_port_get_index(plugin_, port)] = *value;
        return value.has_value();
    }

    std::optional<float> value_of(const LilvPort *port, std::string_view label) const {
        std::optional<float> value;
        LilvScalePoints *points = lilv_port_get_scale_points(plugin_, port);
        LILV_FOREACH(scale_points, i, points) {
            const LilvScalePoint *point = lilv_scale_points_get(points, i);
            if (lilv_node_as_string(lilv_scale_point_get_label(point)) == label)
                value = lilv_node_as_float(lilv_scale_point_get_value(point));
        }
        lilv_scale_points_free(points);
        return value;
    }

    const LilvPlugin *plugin_;
    LilvInstance *instance_;
    std::vector<float> values_; // of every port; those of control ports are used
    std::deque<AtomBuffer> atoms_;
    std::vector<std::uint32_t> inputs_;
    std::vector<std::uint32_t> outputs_;
    LV2_URID sequence_;
    LV2_URID chunk_;
    const float *latency_ = nullptr;
    bool active_ = false;
};

} // namespace

LoadedPeer load_lv2(const PeerKind &kind, std::uint32_t rate_hz) {
    Host &host = Host::get();
    const Node uri(lilv_new_uri(host.world(), std::string(kind.plugin).c_str()));
    const LilvPlugin *plugin = lilv_plugins_get_by_uri(lilv_world_get_all_plugins(host.world()), uri.get());
    if (plugin == nullptr) return {nullptr, "no plugin " + std::string(kind.plugin)};
    LilvInstance *instance = lilv_plugin_instantiate(plugin, rate_hz, host.features_for(rate_hz));
    if (instance == nullptr) return {nullptr, "it would not start at " + std::to_string(rate_hz) + " Hz"};
    auto peer = std::make_unique<Lv2Peer>(plugin, instance);
    if (std::string wrong = peer->start(kind.controls); !wrong.empty()) return {nullptr, wrong};
    return {std::move(peer), {}};
}

} // namespace soundwarden::bench
